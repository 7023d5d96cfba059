"""Find the cells that are printed on a form to write in: pieces of paper with ruled lines on all sides.

They are looked for as paper, not as lines: a line may be broken, or hidden by writing, and its box is closed all the
same if the gaps are.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.background import page_brightness
from scanner.layout.line_segments import Direction
from scanner.layout.pale_rules import find_pale_rules
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.line_segments import Rule
    from scanner.types import Image

SHORT_SIDE_HEIGHTS, LONG_SIDE_HEIGHTS = 1.0, 1.7
"""Minimum length, character heights, of a straight piece of ink that may be part of a side: the shorter one is that of
a box to tick, the longer one leaves out most strokes of digits."""
_MAX_GAP_HEIGHTS = 0.7
"""Maximum gap in a side, character heights."""
_CORNER_REACH_HEIGHTS = 0.15
"""By how much sides are made longer at both ends, character heights, so that corners are closed."""
_MIN_REACH_PIXELS = 3
"""The same at least, pixels: lines of a photograph that meet miss each other by that, however small it is."""
_MAX_SOLID_BRIGHTNESS_SHARE = 0.4
"""Maximum brightness, relative to the paper of the page, of what is solid: a black bar is no paper, but its inside is
lighter than nothing around it."""
_MIN_THIN_LINE_DARKNESS = 24
"""Minimum darkness of a line, of 255, that is thin and straight: the ink threshold, which keeps noise out, is above the
hairlines of many forms."""
_MAX_THIN_LINE_STROKES = 1.5
"""Maximum thickness of such a line, stroke widths: a watermark is wider."""
_MIN_SIDE_HEIGHTS = 0.7
"""Minimum width and height of a cell, character heights: narrower ones are between double lines, or in letters."""
_MIN_STRIP_HEIGHTS = 1.0
"""Minimum height, character heights, of a cell that is much wider than high: a lower one parts two rows."""
_STRIP_ASPECT = 4.0
"""Minimum width of such a cell, in its heights."""
_MIN_RECTANGULARITY = 0.85
"""Minimum area of a cell, relative to the box around it."""
_MAX_PAGE_SHARE = 0.6
"""Maximum area of a cell, relative to the page: a larger one is a frame around everything."""


@dataclass(frozen=True, slots=True, eq=False)
class PrintedLines:
    """What may be sides of cells, each of shape (H, W): 255 there, else 0."""

    horizontal: Image
    vertical: Image


def find_printed_cells(lines: PrintedLines, character_height: float) -> tuple[Box, ...]:
    """Find the rectangles of paper with lines on all sides, those that hold no others.

    Args:
        lines: lines of the page.
        character_height: pixels.

    Returns:
        The paper within the lines, from top to bottom.
    """
    if character_height <= 0:
        return ()
    walls = np.asarray(cv2.max(lines.horizontal, lines.vertical), np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        np.asarray(cv2.bitwise_not(walls), np.uint8), connectivity=4, ltype=cv2.CV_32S
    )
    height, width = labels.shape
    least = _MIN_SIDE_HEIGHTS * character_height
    left, top, across, down, area = stats.T
    possible = (
        (np.minimum(across, down) >= least)
        & (area <= _MAX_PAGE_SHARE * height * width)
        & (left > 0)
        & (top > 0)
        & (left + across < width)
        & (top + down < height)
    )
    boxes = []
    for label in np.flatnonzero(possible[1:]) + 1:
        x, y, w, h, _ = stats[label].tolist()
        box = _rectangle_of(np.asarray(labels[y : y + h, x : x + w] == label, np.uint8), x, y)
        if box is not None and not _is_gap(box, character_height):
            boxes.append(box)
    return tuple(sorted(_innermost(boxes), key=lambda box: (box.y, box.x)))


def merge_cells(cells: Sequence[Box], others: Sequence[Box]) -> tuple[Box, ...]:
    """Add to cells those of others that overlap none of them.

    Args:
        cells: cells among long lines, which few strokes cut in two.
        others: cells among shorter ones too.

    Returns:
        From top to bottom.
    """
    if not cells:
        return tuple(others)
    x, y, width, height = np.array(cells).T
    free = [
        box
        for box in others
        if not ((x < box.right) & (box.x < x + width) & (y < box.bottom) & (box.y < y + height)).any()
    ]
    return tuple(sorted([*cells, *free], key=lambda box: (box.y, box.x)))


def _is_gap(box: Box, character_height: float) -> bool:
    """Whether a rectangle is too low or too narrow to write in."""
    least = _MIN_STRIP_HEIGHTS if box.width > _STRIP_ASPECT * box.height else _MIN_SIDE_HEIGHTS
    return box.height < least * character_height or box.width < _MIN_SIDE_HEIGHTS * character_height


def find_printed_lines(
    gray: Image, flat: Image, ink: MeasuredInk, rules: Sequence[Rule], min_length_heights: float = SHORT_SIDE_HEIGHTS
) -> PrintedLines:
    """Find all that may be a side of a cell.

    Args:
        gray: level page, shape (H, W), dark ink on light paper.
        flat: its darkness relative to the paper, 0 = paper.
        ink: its ink, with its rules.
        rules: its rules.
        min_length_heights: minimum length, character heights, of a straight piece of ink.
    """
    solid = cv2.threshold(gray, _MAX_SOLID_BRIGHTNESS_SHARE * page_brightness(gray), 255, cv2.THRESH_BINARY_INV)[1]
    mask = cv2.max(cv2.max(ink.mask, find_pale_rules(flat, ink)), solid)
    thickest = max(round(_MAX_THIN_LINE_STROKES * ink.stroke_width), 2)
    length, gap, reach = (
        max(round(heights * ink.character_height), _MIN_REACH_PIXELS)
        for heights in (min_length_heights, _MAX_GAP_HEIGHTS, _CORNER_REACH_HEIGHTS)
    )
    found = []
    for direction, across in itertools.permutations((Direction.HORIZONTAL, Direction.VERTICAL)):
        thin = cv2.morphologyEx(flat, cv2.MORPH_TOPHAT, _bar(thickest + 1, across))
        dark = cv2.max(mask, cv2.threshold(thin, _MIN_THIN_LINE_DARKNESS - 1, 255, cv2.THRESH_BINARY)[1])
        lines = cv2.morphologyEx(dark, cv2.MORPH_OPEN, _bar(length, direction))
        for rule in rules:
            if rule.direction is direction:
                (x1, y1), (x2, y2) = rule.endpoints
                thickness = max(round(rule.thickness), 1)
                cv2.line(lines, (round(x1), round(y1)), (round(x2), round(y2)), 255, thickness)
        lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, _bar(gap, direction))
        found.append(np.asarray(cv2.dilate(lines, _bar(2 * reach + 1, direction)), np.uint8))
    return PrintedLines(*found)


def _bar(length: int, direction: Direction) -> Image:
    return np.ones((1, length) if direction is Direction.HORIZONTAL else (length, 1), np.uint8)


def _rectangle_of(region: Image, x: int, y: int) -> Box | None:
    """The rectangle that a region of paper is, its mask given from (x, y) on; None if it is none.

    Its sides are where half of them are: writing across a line makes a notch.
    """
    filled = np.zeros_like(region)
    contours = cv2.findContours(region, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    left, right = _typical_ends(filled)
    top, bottom = _typical_ends(filled.T)
    if right <= left or bottom <= top:
        return None
    inside = int(np.count_nonzero(filled[top:bottom, left:right]))
    if inside < _MIN_RECTANGULARITY * max((right - left) * (bottom - top), int(np.count_nonzero(filled))):
        return None
    return Box(x + left, y + top, right - left, bottom - top)


def _typical_ends(filled: NDArray[np.uint8]) -> tuple[int, int]:
    """Median of where the rows of a region begin, and of where they end."""
    rows = filled[filled.any(axis=1)]
    first = np.argmax(rows, axis=1)
    last = rows.shape[1] - np.argmax(rows[:, ::-1], axis=1)
    return round(float(np.median(first))), round(float(np.median(last)))


def _innermost(boxes: Sequence[Box]) -> list[Box]:
    """Those that hold no others."""
    if not boxes:
        return []
    x, y, width, height = np.array(boxes).T
    middle_x, middle_y = x + width / 2, y + height / 2
    kept = []
    for index, box in enumerate(boxes):
        within = (middle_x > box.x) & (middle_x < box.right) & (middle_y > box.y) & (middle_y < box.bottom)
        within &= (width < box.width) & (height <= box.height) | (width <= box.width) & (height < box.height)
        within[index] = False
        if not within.any():
            kept.append(box)
    return kept
