"""What stands in the cells of tables beside numbers and words: dashes, dittos, bubbles, crosses, shading, tallies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import marks, page_content, printed, wording, writing
from scanner.synthesis.page_content import InkElement, InkLayer, InkStyle, PageContent, PixelClass
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.synthesis.page_style import PageStyle
    from scanner.synthesis.printed import TextStyle
    from scanner.synthesis.writing import Hand

    Generator = np.random.Generator
    CellMark = Callable[[Generator, Hand, Box], PageContent]

_MIN_TYPE_PIXELS = 6
"""Size of the smallest type, pixels: smaller letters are specks."""


def inner_box(cell: Box, width: float, height: float, rng: Generator) -> Box:
    """A box of these shares of a cell, near its middle."""
    size = max(round(width * cell.width), 3), max(round(height * cell.height), 3)
    x, y = (np.array([cell.width, cell.height]) - size) * np.clip(rng.normal(0.5, 0.12, 2), 0, 1)
    return Box(cell.x + round(float(x)), cell.y + round(float(y)), *size)


def draw_dash_in_cell(rng: Generator, hand: Hand, cell: Box) -> PageContent:
    """Draw a dash, short or all across the cell."""
    width = float(rng.uniform(0.3, 0.9))
    return marks.draw_dash(inner_box(cell, width, 0.3, rng), hand, rng)


def draw_cross_in_cell(rng: Generator, hand: Hand, cell: Box) -> PageContent:
    """Draw an X as large as a digit."""
    side = 0.6 * min(cell.width, cell.height)
    return marks.draw_cross(inner_box(cell, side / cell.width, side / cell.height, rng), hand, rng)


def draw_slash_in_cell(rng: Generator, hand: Hand, cell: Box) -> PageContent:
    """Draw a slanting line through the cell."""
    box = inner_box(cell, float(rng.uniform(0.4, 0.9)), 0.9, rng)
    return marks.draw_line((box.x, box.bottom), (box.right, box.y), hand, rng)


def draw_ditto_in_cell(rng: Generator, hand: Hand, cell: Box) -> PageContent:
    """Draw ditto marks: two short strokes."""
    height = 0.35 * hand.height
    x, y = cell.center[0] + float(rng.normal(0, 0.1)) * cell.width, cell.center[1] - 0.1 * cell.height
    gap, lean = float(rng.uniform(0.16, 0.4)) * hand.height, float(rng.uniform(-0.1, 0.35)) * height
    strokes = [
        marks.draw_line((x + shift + lean, y), (x + shift, y + height), hand, rng) for shift in (-gap / 2, gap / 2)
    ]
    return page_content.merge_contents(strokes)


def draw_zigzag_in_cell(rng: Generator, hand: Hand, cell: Box) -> PageContent:
    """Draw a wavy line across the cell, so that nothing can be added."""
    count = int(rng.integers(4, 9))
    across = np.linspace(0.05, 0.95, count) * cell.width + cell.x
    down = cell.center[1] + np.where(np.arange(count) % 2, 0.2, -0.2) * cell.height
    return marks.draw_pen_line(np.stack([across, down], axis=1), hand)


EMPTY_MARKS: tuple[CellMark, ...] = (
    draw_dash_in_cell,
    draw_dash_in_cell,
    draw_cross_in_cell,
    draw_slash_in_cell,
    draw_ditto_in_cell,
    draw_zigzag_in_cell,
)
"""Marks that people put into cells where there is no number."""


def draw_correction_patch(rng: Generator, box: Box) -> PageContent:
    """Paint correction fluid over what is printed in and around a box; writing goes on top of it."""
    reach = max(round(0.25 * box.height), 2)
    height, width = box.height + 2 * reach, box.width + 2 * reach
    coverage = np.zeros((height, width), np.uint8)
    level = int(rng.integers(225, 256))
    for _ in range(3):
        y = round(float(rng.uniform(0.3, 0.7)) * height)
        ends = (round(0.5 * reach), y), (width - round(0.5 * reach), y + round(float(rng.normal(0, 0.1)) * height))
        cv2.line(coverage, *ends, 255, max(round(0.6 * height), 1), cv2.LINE_AA)
    ink = InkStyle((level, level, level), float(rng.uniform(0.8, 1.0)))
    element = InkElement(coverage, box.x - reach, box.y - reach, PixelClass.PAPER, InkLayer.STAMP, ink)
    return PageContent((element,))


def draw_highlight(rng: Generator, box: Box) -> PageContent:
    """Draw over a box with a highlighter, through which ink and print are seen unchanged."""
    coverage = np.zeros((box.height + 4, box.width + box.height), np.uint8)
    y = coverage.shape[0] // 2
    ends = (
        (box.height // 4, y),
        (coverage.shape[1] - box.height // 4, y + round(float(rng.normal(0, 0.05)) * box.height)),
    )
    cv2.line(coverage, *ends, 255, max(round(float(rng.uniform(0.6, 1.1)) * box.height), 1), cv2.LINE_AA)
    colour = ((90, 245, 250), (130, 240, 160), (190, 160, 250), (240, 220, 140))[int(rng.integers(4))]
    ink = InkStyle(colour, float(rng.uniform(0.4, 0.9)))
    left = box.x - box.height // 2
    return PageContent((InkElement(coverage, left, box.y - 2, PixelClass.PAPER, InkLayer.BACKGROUND, ink),))


def cross_cell(rng: Generator, hand: Hand, cell: Box) -> PageContent:
    """Cross the whole cell from corner to corner."""
    inset = max(round(0.04 * min(cell.width, cell.height)), 1)
    box = Box(cell.x + inset, cell.y + inset, max(cell.width - 2 * inset, 3), max(cell.height - 2 * inset, 3))
    return marks.draw_cross(box, hand, rng)


def shade_cell(rng: Generator, page_style: PageStyle, cell: Box) -> PageContent:
    """Print a cell that is not to be filled in: grey, black, or hatched."""
    kind = rng.random()
    if kind < 0.6:
        level = int(rng.integers(120, 225)) if kind < 0.45 else int(rng.integers(0, 50))
        return page_content.fill_box(cell, InkStyle((level, level, level), 0.95), PixelClass.MARK)
    coverage = np.zeros((cell.height, cell.width), np.uint8)
    step = max(page_style.mm_to_pixels(float(rng.uniform(0.8, 2.0))), 3)
    for offset in range(-cell.height, cell.width, step):
        cv2.line(coverage, (offset, cell.height), (offset + cell.height, 0), 255, 1, cv2.LINE_AA)
    return PageContent((InkElement(coverage, cell.x, cell.y, PixelClass.MARK, InkLayer.PRINT, page_style.rule_ink),))


@dataclass(frozen=True, slots=True)
class BubbleStyle:
    """What the bubbles of a column look like."""

    labels: str
    """What stands in each; blanks for nothing."""
    radius_share: float
    """Radius relative to the distance from one to the next; they touch at a half."""
    are_round: bool
    rule_ink: InkStyle
    rule_width: float
    """Thickness of their outlines, pixels."""
    text_style: TextStyle
    """Type of the labels; its size is set by the bubbles."""
    label_share: float
    """Size of the labels relative to the bubbles."""


def random_bubble_style(rng: Generator, page_style: PageStyle) -> BubbleStyle:
    """Draw what the bubbles of a column look like: apart or touching, dark or as pale as on forms for machines."""
    paleness = float(rng.uniform(0.3, 0.8) if rng.random() < 0.5 else 1.0)
    outline, label = (
        replace(ink, opacity=paleness * ink.opacity) for ink in (page_style.rule_ink, page_style.body.ink)
    )
    return BubbleStyle(
        labels=random_bubble_labels(rng),
        radius_share=float(rng.uniform(0.3, 0.52)),
        are_round=bool(rng.random() < 0.75),
        rule_ink=outline,
        rule_width=page_style.rule_width * float(rng.uniform(0.6, 1.0)),
        text_style=replace(page_style.body, ink=label),
        label_share=float(rng.uniform(0.45, 0.8)),
    )


def draw_bubbles(rng: Generator, page_style: PageStyle, hand: Hand, cell: Box, bubbles: BubbleStyle) -> PageContent:
    """Draw a row of printed bubbles, most with one that is filled, scribbled, ticked or crossed."""
    pitch = min(cell.width / len(bubbles.labels), cell.height, page_style.mm_to_pixels(6.0))
    radius = max(min(bubbles.radius_share * pitch, 0.45 * cell.height), 2.0)
    left = cell.x + (cell.width - pitch * len(bubbles.labels)) / 2
    size = max(round(bubbles.label_share * 2 * radius), _MIN_TYPE_PIXELS)
    chosen = int(rng.integers(len(bubbles.labels))) if rng.random() < 0.85 else -1
    contents = []
    for index, label in enumerate(bubbles.labels):
        x, y = left + (index + 0.5) * pitch, cell.center[1]
        box = Box(round(x - radius), round(y - radius), max(round(2 * radius), 3), max(round(2 * radius), 3))
        if bubbles.are_round:
            angles = np.linspace(0, 2 * np.pi, 20)
            path = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1)
            contents.append(
                page_content.draw_stroke(path, bubbles.rule_width, bubbles.rule_ink, PixelClass.RULE, InkLayer.PRINT)
            )
        else:
            contents.append(page_content.draw_form_frame(box, bubbles.rule_width, bubbles.rule_ink))
        if label != " " and size <= 2 * radius:
            fitting = replace(bubbles.text_style, size=size)
            contents.append(printed.typeset_line_in_box(label, box, fitting, 0.5))
        if index == chosen:
            contents.append(fill_bubble(rng, hand, box))
    return page_content.merge_contents(contents)


def fill_bubble(rng: Generator, hand: Hand, box: Box) -> PageContent:
    """Fill a bubble: blacken it, scribble over it, tick or cross it."""
    pen = writing.resize_hand(hand, box.height)
    kind = rng.random()
    if kind < 0.5:
        coverage = np.zeros((box.height + 4, box.width + 4), np.uint8)
        center = round((box.width + 4) / 2 + rng.normal(0, 0.6)), round((box.height + 4) / 2 + rng.normal(0, 0.6))
        axes = max(round(box.width * rng.uniform(0.35, 0.55)), 1), max(round(box.height * rng.uniform(0.35, 0.55)), 1)
        cv2.ellipse(coverage, center, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
        return PageContent(
            (InkElement(coverage, box.x - 2, box.y - 2, PixelClass.MARK, InkLayer.HAND_MARKS, hand.ink),)
        )
    if kind < 0.8:
        return marks.draw_scribble(box, pen, rng)
    return marks.draw_tick(box, pen, rng) if kind < 0.9 else marks.draw_cross(box, pen, rng)


def draw_tallies_in_cell(rng: Generator, hand: Hand, cell: Box) -> PageContent:
    """Draw tally strokes in groups of five, or boxes with a diagonal."""
    pen = writing.resize_hand(hand, float(rng.uniform(0.45, 0.75)) * cell.height)
    most = max(min(int(cell.width / (0.42 * pen.height)) - 2, 24), 1)
    at = (cell.x + cell.width // 20, cell.bottom - cell.height // 5)
    return marks.draw_tally_marks(int(rng.integers(1, most + 1)), at, pen, rng)


def random_bubble_labels(rng: Generator) -> str:
    """Labels of a row of bubbles; blanks for none."""
    kind = rng.random()
    if kind < 0.25:
        return wording.random_letters(rng, int(rng.integers(2, 7))).upper()
    return wording.choose(rng, ("  ", "   ", "     ", "ABCD", "ABCDE", "MF", "MF", "YN", "12345", "0123456789"))
