"""Typeset text with its printed numbers: lines, paragraphs, lists, formulas, foreign script."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import fonts, page_content, wording
from scanner.synthesis.page_content import InkElement, InkLayer, InkStyle, PageContent, PageNumber, PixelClass
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    Generator = np.random.Generator

NUMBER_PATTERN = re.compile(r"\d+(?:[.,]\d+)*")
"""Pattern of a number in a text: digits, with points and commas between them."""

_TOKEN_PATTERN = re.compile(r"\d+(?:[.,]\d+)*|[^\d\s]+(?: [^\d\s]+)*|\s+")
_LEADING_RANGE_EMS = (1.08, 1.5)
"""Smallest and largest distance of baselines, in ems."""


@dataclass(frozen=True, slots=True)
class TextStyle:
    """Font, size and ink of a text."""

    font_path: Path
    size: int
    """Pixels per em."""
    ink: InkStyle

    @property
    def leading(self) -> int:
        """Usual distance of baselines, pixels."""
        return round(1.25 * self.size)


@dataclass(frozen=True, slots=True)
class Block:
    """Content that fills a column from the top down."""

    content: PageContent
    bottom: int
    """y below the content, where the next block may begin."""


def text_width(text: str, text_style: TextStyle) -> int:
    """Width of a line of text, pixels."""
    return int(np.ceil(fonts.open_font(text_style.font_path, text_style.size).getlength(text)))


def typeset_line(text: str, start: tuple[int, int], text_style: TextStyle) -> PageContent:
    """Typeset a line of text from ``start``, (x, y) of its baseline, without spaces at either end."""
    elements: list[InkElement] = []
    numbers: list[PageNumber] = []
    x = float(start[0])
    for token in _TOKEN_PATTERN.findall(text.strip()):
        if token.isspace():
            x += fonts.open_font(text_style.font_path, text_style.size).getlength(token)
            continue
        coverage, left, top, advance = fonts.render_text(token, text_style.font_path, text_style.size)
        is_number = token[0].isdigit()
        label = PixelClass.PRINTED_DIGIT if is_number else PixelClass.PRINT
        element = InkElement(coverage, round(x) + left, start[1] + top, label, InkLayer.PRINT, text_style.ink)
        elements.append(element)
        if is_number:
            numbers.append(PageNumber(token, page_content.find_outline(coverage, element.left, element.top), "printed"))
        x += advance
    return PageContent(tuple(elements), tuple(numbers))


def typeset_line_in_box(text: str, box: Box, text_style: TextStyle, align: float = 0.0) -> PageContent:
    """Typeset a line of text in the middle of a box; ``align`` 0 is flush left, 0.5 centred, 1 flush right."""
    x = box.x + round((box.width - text_width(text, text_style)) * align)
    return typeset_line(text, (x, round(box.y + box.height / 2 + 0.35 * text_style.size)), text_style)


def shorten_to_width(text: str, max_width: int, text_style: TextStyle) -> str:
    """Leave out words at the end of a text until it fits; the first word always stays."""
    words = text.split()
    while len(words) > 1 and text_width(" ".join(words), text_style) > max_width:
        words.pop()
    return " ".join(words)


def typeset_paragraph(words: Sequence[str], column: Box, text_style: TextStyle, rng: Generator) -> Block:
    """Typeset words in a column, flush left or justified; words that do not fit are left out."""
    leading = round(text_style.size * rng.uniform(*_LEADING_RANGE_EMS))
    space = text_width(" ", text_style) or round(0.3 * text_style.size)
    justified = rng.random() < 0.5
    rows = _break_into_lines(words, column.width, space, text_style, round(rng.choice([0.0, 1.5]) * text_style.size))
    y, contents = column.y + text_style.size, []
    for index, (indent, row) in enumerate(rows):
        if y > column.bottom:
            break
        gap = float(space)
        slack = column.width - indent - sum(text_width(word, text_style) for word in row)
        if justified and index < len(rows) - 1 and len(row) > 1:
            gap = slack / (len(row) - 1)
            x = float(column.x + indent)
            for word in row:
                contents.append(typeset_line(word, (round(x), y), text_style))
                x += text_width(word, text_style) + gap
        else:
            contents.append(typeset_line(" ".join(row), (column.x + indent, y), text_style))
        y += leading
    return Block(page_content.merge_contents(contents), min(y - leading + round(0.4 * text_style.size), column.bottom))


def typeset_questions(column: Box, text_style: TextStyle, bold: TextStyle, rng: Generator) -> Block:
    """Typeset numbered questions with room for answers, some with the marks in brackets."""
    label_format = wording.choose(rng, ("{}.", "{})", "Q{}", "({})", "{}"))
    room = float(rng.uniform(0, 6))
    number, y = int(rng.integers(1, 9)), column.y
    contents = []
    while y < column.bottom - 3 * text_style.size:
        label = label_format.format(number)
        contents.append(typeset_line(label, (column.x, y + text_style.size), bold))
        words = wording.random_running_words(rng, int(rng.integers(4, 24)), 0.08)
        if rng.random() < 0.4:
            words.append(f"[{rng.integers(1, 21)} marks]")
        if rng.random() < 0.3:
            words += wording.random_formula(rng).split()
        inset = round(2.2 * text_style.size)
        block = typeset_paragraph(words, _column_below(column, y, inset), text_style, rng)
        contents.append(block.content)
        y, number = block.bottom + round((0.8 + room) * text_style.size), number + 1
        if rng.random() < 0.15:
            break
    return Block(page_content.merge_contents(contents), min(y, column.bottom))


def typeset_bullets(column: Box, text_style: TextStyle, rng: Generator) -> Block:
    """Typeset a bulleted list."""
    bullet = wording.choose(rng, ("-", "*", "o", "+"))
    y, contents = column.y, []
    for _ in range(int(rng.integers(2, 6))):
        if y > column.bottom - 2 * text_style.size:
            break
        words = wording.random_running_words(rng, int(rng.integers(4, 20)), 0.06)
        contents.append(typeset_line(bullet, (column.x + text_style.size, y + text_style.size), text_style))
        block = typeset_paragraph(words, _column_below(column, y, 2 * text_style.size), text_style, rng)
        contents.append(block.content)
        y = block.bottom + round(0.4 * text_style.size)
    return Block(page_content.merge_contents(contents), min(y, column.bottom))


def typeset_formulas(column: Box, text_style: TextStyle, rng: Generator) -> Block:
    """Typeset a few equations or a matrix, centred in the column."""
    y, contents = column.y, []
    if rng.random() < 0.5:
        return _typeset_matrix(column, text_style, rng)
    for _ in range(int(rng.integers(1, 4))):
        y += round(1.8 * text_style.size)
        text = wording.random_formula(rng)
        contents.append(
            typeset_line(text, (column.x + max((column.width - text_width(text, text_style)) // 2, 0), y), text_style)
        )
    return Block(page_content.merge_contents(contents), y + text_style.size)


def _typeset_matrix(column: Box, text_style: TextStyle, rng: Generator) -> Block:
    rows, columns = int(rng.integers(2, 5)), int(rng.integers(2, 5))
    step, pitch = round(1.35 * text_style.size), round(2.6 * text_style.size)
    left, top = column.x + max((column.width - columns * pitch) // 2, 0), column.y + text_style.size
    contents = [
        typeset_line(
            "A = ", (left - round(2.4 * text_style.size), top + rows * step // 2 + text_style.size // 3), text_style
        )
    ]
    for row in range(rows):
        for index in range(columns):
            text = str(int(rng.integers(-30, 70)))
            box = Box(left + index * pitch, top + row * step, pitch, step)
            contents.append(typeset_line_in_box(text, box, text_style, 0.5))
    hook, thickness = round(0.3 * text_style.size), max(text_style.size / 16, 1)
    for x, direction in ((left, 1), (left + columns * pitch, -1)):
        corners = [
            (x + direction * hook, top),
            (x, top),
            (x, top + rows * step),
            (x + direction * hook, top + rows * step),
        ]
        contents.append(
            page_content.draw_stroke(
                np.array(corners, np.float64), thickness, text_style.ink, PixelClass.PRINT, InkLayer.PRINT
            )
        )
    return Block(page_content.merge_contents(contents), top + rows * step + text_style.size)


def draw_foreign_script(rng: Generator, count: int, start: tuple[int, int], text_style: TextStyle) -> PageContent:
    """Draw ``count`` signs of an invented script from ``start``, (x, y) of their baseline.

    Each is a few horizontal, vertical and slanting strokes in a square, as in East Asian scripts.
    """
    side, thickness = 0.92 * text_style.size, max(text_style.size * float(rng.uniform(0.04, 0.1)), 0.7)
    contents = []
    for index in range(count):
        left, top = start[0] + index * text_style.size, start[1] - 0.85 * text_style.size
        for _ in range(int(rng.integers(3, 11))):
            begin, length = rng.uniform(0.05, 0.8, 2), float(rng.uniform(0.2, 0.9))
            angle = float(rng.choice([0.0, 0.0, 0.5, 0.5, 0.28, 0.72])) * np.pi + float(rng.normal(0, 0.03))
            end = np.clip(begin + length * np.array([np.cos(angle), np.sin(angle)]), 0.02, 0.98)
            path = np.stack([begin, end]) * side + (left, top)
            contents.append(page_content.draw_stroke(path, thickness, text_style.ink, PixelClass.PRINT, InkLayer.PRINT))
    return page_content.merge_contents(contents)


def turn_quarter_left(content: PageContent, pivot: tuple[int, int]) -> PageContent:
    """Turn content a quarter turn to the left about ``pivot``, so that its text runs up the page."""
    px, py = pivot
    elements = tuple(
        replace(
            element,
            coverage=np.ascontiguousarray(np.rot90(element.coverage)),
            left=px + (element.top - py),
            top=py - (element.left - px) - element.coverage.shape[1],
        )
        for element in content.elements
    )
    numbers = tuple(
        page_content.map_number(
            number, lambda points: np.stack([px + points[:, 1] - py, py - 1 - (points[:, 0] - px)], axis=1)
        )
        for number in content.numbers
    )
    return PageContent(elements, numbers)


def _break_into_lines(
    words: Sequence[str], room: int, space: int, text_style: TextStyle, indent: int
) -> list[tuple[int, list[str]]]:
    """Break words into lines; each line with its indent."""
    rows: list[tuple[int, list[str]]] = []
    row: list[str] = []
    used = indent
    for word in words:
        word_width = text_width(word, text_style)
        if row and used + word_width > room:
            rows.append((indent if not rows else 0, row))
            row, used = [], 0
        row.append(word)
        used += word_width + space
    if row:
        rows.append((indent if not rows else 0, row))
    return rows


def _column_below(column: Box, y: int, inset: int) -> Box:
    """The part of a column below ``y``, ``inset`` pixels narrower on the left."""
    return Box(column.x + inset, y, max(column.width - inset, 1), max(column.bottom - y, 1))
