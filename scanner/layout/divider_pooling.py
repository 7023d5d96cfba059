"""Decide column by column, not row by row, whether the numbers of a table run across a ruled line.

Whether the cells on both sides of a line hold one number, as those of a comb field do, or two, is a property of the
table: it is the same in all its rows.  The page network sees each row alone, and doubts some.  So what it sees where
numbers stand close to the same line is averaged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.linked_groups import group_roots
from scanner.layout.number_finder import MIN_CORE_PROBABILITY, NumberRegion, join_regions
from scanner.layout.page_network import CORE_STRIDE, OUTPUT_STRIDE
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.layout.page_network import NumberCoreMap
    from scanner.types import Image

_MIN_ROW_OVERLAP_SHARE = 0.5
"""Minimum vertical overlap of two numbers in a row, relative to the lower one.  A choice."""
_MIN_HEIGHT_RATIO = 0.6
"""Minimum height of the lower of two parts of a number, relative to the higher one.  A choice: no 1 is so
much higher than a 0."""
_MAX_GAP_HEIGHTS = 2.5
"""Maximum gap between two parts of a number in a comb field, in heights of the higher one.  A choice: cells are up to
twice as wide as digits are high."""
_LINE_HEIGHTS = 1.4
"""Length on which a line is looked for, in heights of a number: strokes of a 1 cover less of it."""
_MIN_LINE_DARKNESS = 10
"""Minimum darkness of a line relative to the paper on both sides, 0-255.  A choice: many are printed pale."""
_MIN_LINE_COVERAGE = 0.8
"""Minimum share of its length on which a line is as dark.  A choice: dotted ones are blurred to lines by most scans."""
_LINE_REACH_STROKES = 1.0
"""Distance of the paper that a line is compared with from its middle, in stroke widths: rules are no thicker than twice
the pen.  A choice."""
_MIN_LINE_REACH_PIXELS = 3
"""Least of that distance: the scan blurs a line that much."""
_MAX_OFFSET_HEIGHTS = 0.4
"""Maximum offset of a line from row to row, in heights of a number.  A choice: columns are wider than a digit."""
_MAX_ROW_DISTANCE_HEIGHTS = 12.0
"""Maximum distance of the rows of a table, in heights of a number.  A choice: a cell may have a line for the number in
words below it."""
_BAND_HEIGHTS = 0.25
"""Half of the height of the band in which a core may cross a line, in heights of the number: cores are half as high as
numbers."""


@dataclass(frozen=True, slots=True)
class _Crossing:
    """A place where a number may run across a ruled line."""

    x: float
    y: float
    height: float
    """Height of the number, pixels."""
    probability: float
    """Probability that a core runs across it."""
    left: int
    """Index of the region on its left, or across it."""
    right: int
    """Index of the region on its right; the same if one runs across it."""


def pool_dividers(
    regions: Sequence[NumberRegion], cores: NumberCoreMap, flat: Image, stroke_width: float
) -> tuple[NumberRegion, ...]:
    """Join the regions across the lines that numbers run across, and cut them at those that they do not.

    Args:
        regions: numbers of the page, each seen alone.
        cores: what the page network says about the page.
        flat: darkness of the rectified page relative to the paper, shape (height, width).
        stroke_width: of the page, pixels.

    Returns:
        The regions, by the top of their boxes.
    """
    if len(regions) < 2:
        return tuple(regions)
    across: list[_Crossing] = []
    apart: list[_Crossing] = []
    shared: set[int] = set()
    reach = max(round(_LINE_REACH_STROKES * stroke_width), _MIN_LINE_REACH_PIXELS)
    for members in _group_by_column(_find_crossings(regions, cores, flat, reach)):
        if np.mean([crossing.probability for crossing in members]) < MIN_CORE_PROBABILITY:
            apart += members
            continue
        across += members
        if len(members) > 1:
            shared.update(index for crossing in members for index in (crossing.left, crossing.right))
    marked = [replace(region, crosses_lines=index in shared) for index, region in enumerate(regions)]
    return _join_and_cut(marked, across, apart)


def _join_and_cut(
    regions: Sequence[NumberRegion], across: Sequence[_Crossing], apart: Sequence[_Crossing]
) -> tuple[NumberRegion, ...]:
    cuts: list[list[float]] = [[] for _ in regions]
    for crossing in apart:
        if crossing.left == crossing.right:
            cuts[crossing.left].append(crossing.x)
    parts_of = [_cut(region, sorted(xs)) for region, xs in zip(regions, cuts, strict=True)]
    parts = [part for of_region in parts_of for part in of_region]
    behind = np.cumsum([len(of_region) for of_region in parts_of])
    first = behind - [len(of_region) for of_region in parts_of]
    links = [(behind[each.left] - 1, first[each.right]) for each in across if each.left != each.right]
    roots = group_roots(len(parts), *np.array(links, np.int64).reshape(-1, 2).T)
    groups = [[parts[index] for index in np.flatnonzero(roots == root)] for root in np.unique(roots)]
    return tuple(sorted((join_regions(group) for group in groups), key=lambda region: (region.box.y, region.box.x)))


def _find_crossings(regions: Sequence[NumberRegion], cores: NumberCoreMap, flat: Image, reach: int) -> list[_Crossing]:
    """Where a line stands between two digits of a region, or between a region and the next one in its row."""
    boxes = np.array([(one.box.x, one.box.y, one.box.right, one.box.bottom) for one in regions], np.float64)
    left, top, right, bottom = boxes.T
    height = bottom - top
    found = []
    for index, region in enumerate(regions):
        for first, last in pairwise(region.digit_columns):
            if (x := _find_line(flat, first, last, region.box, reach)) is not None:
                found.append(_crossing(x, region.box, cores, index, index))
        overlap = np.minimum(bottom, bottom[index]) - np.maximum(top, top[index])
        least, highest = np.minimum(height, height[index]), np.maximum(height, height[index])
        gap = left - right[index]
        ahead = (overlap >= _MIN_ROW_OVERLAP_SHARE * least) & (least >= _MIN_HEIGHT_RATIO * highest)
        ahead &= (left > left[index]) & (gap >= -highest / 2) & (gap <= _MAX_GAP_HEIGHTS * highest)
        if not ahead.any():
            continue
        other = int(np.where(ahead, left, np.inf).argmin())
        both = Box.around([region.box, regions[other].box])
        first = max(region.digit_columns, default=region.box.center[0])
        last = min(regions[other].digit_columns, default=regions[other].box.center[0])
        if (x := _find_line(flat, first, last, both, reach)) is not None:
            found.append(_crossing(x, both, cores, index, other))
    return found


def _find_line(flat: Image, first: float, last: float, row: Box, reach: int) -> float | None:
    """The column of the clearest vertical line between two digits of a row; None if there is none.

    It is compared with the paper ``reach`` pixels beside it.
    """
    half = round(_LINE_HEIGHTS * row.height / 2)
    middle = round(row.center[1])
    rows = slice(max(middle - half, 0), middle + half)
    begin = max(round(first), 0)
    window = flat[rows, max(begin - reach, 0) : round(last) + reach].astype(np.int16)
    width = window.shape[1] - 2 * reach
    if width < 1 or begin < reach:
        return None
    beside = np.maximum(window[:, :width], window[:, -width:])
    lines = window[:, reach:][:, :width] - beside >= _MIN_LINE_DARKNESS
    # A line that leans goes from column to column.
    lines[:, 1:] |= lines[:, :-1]
    coverage = lines.mean(axis=0)
    best = int(coverage.argmax())
    return begin + best if coverage[best] >= _MIN_LINE_COVERAGE else None


def _crossing(x: float, row: Box, cores: NumberCoreMap, left: int, right: int) -> _Crossing:
    across, down = (side * OUTPUT_STRIDE / CORE_STRIDE for side in cores.cells_per_page_pixel)
    y = row.y + row.height / 2
    reach = _BAND_HEIGHTS * row.height
    rows, columns = cores.probabilities.shape
    column = min(max(int(x * across), 0), columns - 1)
    first = min(max(int((y - reach) * down), 0), rows - 1)
    last = min(max(int((y + reach) * down), first), rows - 1)
    probability = float(cores.probabilities[first : last + 1, column].max())
    return _Crossing(x, y, row.height, probability, left, right)


def _group_by_column(crossings: Sequence[_Crossing]) -> list[list[_Crossing]]:
    """Groups of crossings of the same line, or of lines below each other."""
    if not crossings:
        return []
    x, y, height = np.array([(one.x, one.y, one.height) for one in crossings]).T
    least = np.minimum(height, height[:, None])
    linked = np.abs(x - x[:, None]) <= _MAX_OFFSET_HEIGHTS * least
    linked &= np.abs(y - y[:, None]) <= _MAX_ROW_DISTANCE_HEIGHTS * least
    roots = group_roots(len(crossings), *np.nonzero(linked))
    return [[crossings[index] for index in np.flatnonzero(roots == root).tolist()] for root in np.unique(roots)]


def _cut(region: NumberRegion, xs: Sequence[float]) -> list[NumberRegion]:
    """The parts of a region between the lines that it is cut at; the whole if one of them is without digits."""
    edges = [region.box.x, *(round(x) for x in xs), region.box.right]
    parts = []
    for first, last in pairwise(edges):
        columns = tuple(column for column in region.digit_columns if first <= column < last)
        if not columns or last <= first:
            return [region]
        box = Box(first, region.box.y, last - first, region.box.height)
        parts.append(replace(region, box=box, slope=0.0, digit_columns=columns))
    return parts
