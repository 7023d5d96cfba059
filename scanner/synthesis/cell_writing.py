"""Handwritten numbers with signs, raised points and fractions, and how people fit them into cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import page_content, writing
from scanner.synthesis.page_content import InkLayer, PageContent, PageNumber, PixelClass

if TYPE_CHECKING:
    from scanner.synthesis.page_content import RowAndColumn
    from scanner.synthesis.writing import Hand
    from scanner.types import Box

    Generator = np.random.Generator

_FRACTIONS = {"½": ("1", "2"), "¼": ("1", "4"), "¾": ("3", "4")}
_ALWAYS_APART = "·:½¼¾"
"""Characters that are drawn here wherever they stand; points and minus signs only before a number."""
_POINTS = ".·"
_WIDE_POINT_SHARE = 0.35
"""Share of habits with a gap on either side of a point that is wider than between digits; a choice."""
_MAX_OVERFLOW = 1.45
"""Maximum width of a number relative to its cell; what is wider is not written.  A choice: wider ones hide others."""
_MIN_DIGIT_PIXELS = 8.0
"""Height below which digits in cells are not written: smaller ones are not digits any more, but specks."""
_MEAN_ADVANCE_HEIGHTS = 0.75
"""Mean distance from one digit to the next, in digit heights, to tell before writing whether a number will fit."""


@dataclass(frozen=True, slots=True)
class CellHabit:
    """How somebody writes numbers into cells.  Heights and offsets are shares of the cell's height."""

    height: float
    """Height of digits; above 1 they cross the rules."""
    align: float
    """0 = at the left edge, 0.5 = in the middle, 1 = at the right edge."""
    align_jitter: float
    """Standard deviation of that."""
    baseline: float
    """Height of the baseline above the lower edge."""
    baseline_jitter: float
    """Standard deviation of that."""
    smallest: float
    """Size to which a number too wide is squeezed, relative to the usual one; what is still too wide overflows."""
    point_gap: float = 0.0
    """Additional gap on either side of a point, in digit heights."""


def random_cell_habit(rng: Generator) -> CellHabit:
    """Draw a habit at random: small in the middle, on the rule, filling the cell, or larger than it."""
    height = float(np.clip(rng.lognormal(np.log(0.62), 0.28), 0.3, 1.25))
    # Some write on the rule, as on lined paper.
    on_rule = rng.random() < 0.25
    baseline = float(rng.uniform(-0.05, 0.08)) if on_rule else (1 - height) * float(rng.uniform(0.2, 0.6))
    aligns = [rng.uniform(0.05, 0.3), rng.uniform(0.4, 0.6), rng.uniform(0.75, 1.0)]
    return CellHabit(
        height=height,
        align=float(rng.choice(aligns, p=[0.25, 0.5, 0.25])),
        align_jitter=float(rng.uniform(0.03, 0.14)),
        baseline=baseline,
        baseline_jitter=float(rng.uniform(0.03, 0.11)),
        smallest=float(rng.uniform(0.55, 0.95)),
        point_gap=random_point_gap(rng),
    )


def random_point_gap(rng: Generator) -> float:
    """The gap that somebody leaves on either side of a point beyond the usual one, in digit heights; mostly none."""
    return float(rng.uniform(0.1, 0.7) if rng.random() < _WIDE_POINT_SHARE else 0.0)


def write_number(
    text: str,
    start: tuple[int, int],
    hand: Hand,
    rng: Generator,
    row_and_column: RowAndColumn | None = None,
    point_gap: float = 0.0,
) -> PageContent:
    """Write a text of digits as :func:`scanner.synthesis.writing.write_characters` does, with more signs.

    Args:
        text: digits and the signs of ``write_characters``; besides, ``·`` is a raised point, ``:`` a colon, ``½ ¼ ¾``
            are written as small digits over each other, and a minus or point at the start is part of the number.
        start: (x, y) of the start of the baseline.
        hand: who writes.
        rng: source of the differences between instances.
        row_and_column: position of the numbers in a table.
        point_gap: additional gap on either side of points, in digit heights.

    Returns:
        The writing, with its numbers.  In the text of a number a raised point is a point.
    """
    split = _split_pieces(text, _POINTS if point_gap else "")
    if split == [text] and len(text) > 0 and text[0].isdigit():
        return writing.write_characters(text, start, hand, rng, row_and_column)
    x = start[0]
    contents: list[PageContent] = []
    number: list[tuple[str, PageContent]] = []
    for piece in split:
        part = _write_piece(piece, start[1], hand, rng, row_and_column)
        left, right = ink_extent(part)
        beside = round(point_gap * float(rng.uniform(0.7, 1.3)) * hand.height) if piece in _POINTS else 0
        x += beside if number else 0
        part = page_content.move_content(part, x - left, 0)
        x += right - left + beside
        x += round(hand.height * max(float(rng.normal(hand.writer.spacing, hand.writer.spacing_jitter)), 0.05))
        if part.numbers or piece in {"-", ".", "·"}:
            number.append((piece, part))
        else:
            contents += [_join_parts(number, row_and_column), part]
            number = []
    return page_content.merge_contents([*contents, _join_parts(number, row_and_column)])


def write_number_in_cell(
    text: str, cell: Box, hand: Hand, rng: Generator, habit: CellHabit, row_and_column: RowAndColumn | None = None
) -> PageContent:
    """Write a text of digits in a cell as ``habit`` says; nothing if it would be far too wide."""
    height = habit.height * cell.height * float(np.exp(rng.normal(0, 0.05)))
    expected = _MEAN_ADVANCE_HEIGHTS * hand.writer.aspect * len(text) * height
    height *= max(min(0.95 * cell.width / expected, 1.0), habit.smallest)
    height = max(height, min(_MIN_DIGIT_PIXELS, 0.9 * cell.height), 5.0)
    content = write_number(text, (0, 0), writing.resize_hand(hand, height), rng, row_and_column, habit.point_gap)
    left, right = ink_extent(content)
    if right - left > _MAX_OVERFLOW * cell.width:
        return PageContent()
    align = habit.align + float(rng.normal(0, habit.align_jitter))
    slack = cell.width - (right - left)
    x = cell.x + round(slack * min(max(align, 0.02), 0.98)) - left
    y = cell.bottom - round(cell.height * (habit.baseline + float(rng.normal(0, habit.baseline_jitter))))
    return page_content.move_content(content, x, y)


def combine_numbers(text: str, numbers: tuple[PageNumber, ...], row_and_column: RowAndColumn | None) -> PageNumber:
    """Combine handwritten numbers into one with this text."""
    points = np.concatenate([number.outline for number in numbers])
    hull = cv2.convexHull(points.astype(np.float32)).reshape(-1, 2)
    return PageNumber(
        text,
        np.asarray(hull, np.float64),
        "handwritten",
        row_and_column=row_and_column,
        digit_boxes=tuple(box for number in numbers for box in number.digit_boxes),
    )


def draw_dot(center: tuple[float, float], hand: Hand, rng: Generator, pixel_class: PixelClass) -> PageContent:
    """Draw a point by hand."""
    width = hand.writer.pen_width * hand.height * float(rng.uniform(1.0, 1.7))
    path = np.array(center) + rng.normal(0, 0.02 * hand.height, (2, 2)) + [(0, 0), (0.04 * hand.height, 0)]
    layer = InkLayer.DIGITS if pixel_class is PixelClass.DIGIT else InkLayer.WORDS
    return page_content.draw_stroke(path, max(width, 1.0), hand.ink, pixel_class, layer)


def ink_extent(content: PageContent) -> tuple[int, int]:
    """Left end and end on the right of the ink of a content, which must have an element."""
    lefts, rights = [], []
    for element in content.elements:
        columns = np.flatnonzero(element.coverage.max(axis=0) > 30)
        first, last = (int(columns[0]), int(columns[-1])) if columns.size else (0, element.coverage.shape[1] - 1)
        lefts.append(element.left + first)
        rights.append(element.left + last + 1)
    return min(lefts), max(rights)


def _split_pieces(text: str, apart: str = "") -> list[str]:
    """Split a text into signs that are drawn here and the rest, which has the points and dashes within numbers.

    Args:
        text: the text.
        apart: signs that are split off within numbers too.
    """
    split: list[str] = []
    plain = ""
    for index, character in enumerate(text):
        before = text[index - 1] if index else ""
        after = text[index + 1 : index + 2]
        leading = character in "-." and not before.isdigit() and (after.isdigit() or after in {"½", "¼", "¾", "·", "."})
        within = character in apart and before.isdigit() and after.isdigit()
        if leading or within or character in _ALWAYS_APART:
            split += [plain, character] if plain else [character]
            plain = ""
        else:
            plain += character
    return [*split, plain] if plain else split


def _write_piece(
    piece: str, baseline: int, hand: Hand, rng: Generator, row_and_column: RowAndColumn | None
) -> PageContent:
    """Write a piece of a text near x = 0."""
    if piece in {".", "·"}:
        height = 0.03 if piece == "." else float(rng.uniform(0.3, 0.6))
        return draw_dot((0, baseline - height * hand.height), hand, rng, PixelClass.DIGIT)
    if piece == ":":
        points = [(0.0, baseline - share * hand.height) for share in (0.15, float(rng.uniform(0.5, 0.75)))]
        return page_content.merge_contents(draw_dot(point, hand, rng, PixelClass.WRITING) for point in points)
    if piece in _FRACTIONS:
        return _write_fraction(piece, baseline, hand, rng, row_and_column)
    if piece == "-":
        sign = writing.write_characters(piece, (0, baseline), hand, rng)
        element = replace(sign.elements[0], pixel_class=PixelClass.DIGIT, layer=InkLayer.DIGITS)
        # Written alone, a sign would stand on the baseline.
        outline = page_content.find_outline(element.coverage, element.left, element.top)
        middle = round(baseline - hand.height * float(rng.uniform(0.38, 0.6)) - outline[:, 1].mean())
        return PageContent((replace(element, top=element.top + middle),))
    return writing.write_characters(piece, (0, baseline), hand, rng, row_and_column)


def _write_fraction(
    piece: str, baseline: int, hand: Hand, rng: Generator, row_and_column: RowAndColumn | None
) -> PageContent:
    """Write one digit over another, parted by a level or a slanting line."""
    upper, lower = _FRACTIONS[piece]
    small = writing.resize_hand(hand, 0.5 * hand.height)
    slanting = rng.random() < 0.4
    shift = round(0.55 * small.height) if slanting else 0
    above = writing.write_characters(upper, (0, round(baseline - 0.62 * hand.height)), small, rng)
    below = writing.write_characters(lower, (shift, round(baseline + 0.08 * hand.height)), small, rng)
    low, high = ink_extent(above + below)
    tilt = hand.height * (0.5 if slanting else float(rng.normal(0.03, 0.04)))
    middle = baseline - 0.53 * hand.height
    line = np.array([(low, middle + tilt / 2), (high, middle - tilt / 2)])
    bar = page_content.draw_stroke(
        line, hand.writer.pen_width * hand.height, hand.ink, PixelClass.DIGIT, InkLayer.DIGITS
    )
    merged = above + below + bar
    return PageContent(merged.elements, (combine_numbers(piece, merged.numbers, row_and_column),))


def _join_parts(parts: list[tuple[str, PageContent]], row_and_column: RowAndColumn | None) -> PageContent:
    """Join the parts of a number; signs without digits stay without a number."""
    content = page_content.merge_contents(part for _, part in parts)
    if not content.numbers:
        return PageContent(tuple(replace(element, pixel_class=PixelClass.WRITING) for element in content.elements))
    if len(parts) == 1:
        return content
    text = ""
    numbers: list[PageNumber] = []
    for piece, part in parts:
        text += "".join(number.text for number in part.numbers) or piece
        outlines = [page_content.find_outline(e.coverage, e.left, e.top) for e in part.elements]
        numbers += part.numbers or (PageNumber(piece, np.concatenate(outlines), "handwritten"),)
    return PageContent(content.elements, (combine_numbers(text.replace("·", "."), tuple(numbers), row_and_column),))


def write_spaced_digits(digits: str, start: tuple[int, int], hand: Hand, rng: Generator, gap: float) -> PageContent:
    """Write a number with its digits ``gap`` digit heights apart, from ``start``, (x, y) of the baseline."""
    x, written = float(start[0]), []
    for digit in digits:
        part = writing.write_characters(digit, (0, start[1] + round(rng.normal(0, 0.03) * hand.height)), hand, rng)
        left, right = ink_extent(part)
        written.append(page_content.move_content(part, round(x) - left, 0))
        x += right - left + hand.height * max(gap + float(rng.normal(0, 0.12 * gap)), 0.02)
    merged = page_content.merge_contents(written)
    return PageContent(merged.elements, (combine_numbers(digits, merged.numbers, None),))
