"""Make regions whole: join those that are parted in a comb field or at the point of a number, and add outer digits.

A point leaves a gap in a number, and a raised one looks like a sign between two.  So the page network now and then sees
two numbers.  But no number of digits begins or ends with a point close to the digits of another.  And its cores end a
quarter of a height before the number does, so that a thin 1 at the end is easily left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.ink_classes import DIGIT_CLASSES
from scanner.layout.number_finder import join_regions
from scanner.numbers.region_ink import region_text_lines
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from scanner.layout.cell_assignment import CellAssignment
    from scanner.layout.comb_fields import CombField
    from scanner.layout.number_finder import NumberRegion
    from scanner.numbers.text_lines import TextLine

_MAX_POINT_SIZE_HEIGHTS = 0.3
"""Maximum width and height of a point, in heights of the number."""
_MIN_POINT_INK_SQUARED_STROKES = 0.3
"""Minimum ink of a point, squared stroke widths: less is a speck."""
_MAX_DIGIT_GAP_HEIGHTS = 0.55
"""Maximum gap between a point and the digits on either side, in heights of the number.  A sign of multiplication
stands further apart."""
_MAX_DIGIT_GAP_IN_CELL_HEIGHTS = 0.8
"""The same in a form cell, which seldom holds two numbers.  Everywhere, it would join two of 485 numbers of registers
to the next."""
_MIN_ROW_OVERLAP_SHARE = 0.5
"""Minimum vertical overlap of the parts of a number, relative to the lower one."""
_MIN_HEIGHT_RATIO = 0.6
"""Minimum height of the lower part of a number, relative to the higher one."""
_ROWS_BEYOND_HEIGHTS = 0.2
"""How far above and below the digits the middle of a point may be, in heights of the number."""
_MIN_OUTER_DIGIT_SHARE = 0.6
"""Minimum share of the ink of a digit left out that the page network takes for a digit, printed or not.  A choice: more
than not."""
_OUTER_DIGIT_HEIGHT_RANGE = (0.65, 1.4)
"""Minimum and maximum height of a digit left out, in heights of the region's digits."""
_MAX_OUTER_GAP_HEIGHTS = 0.45
"""Maximum gap between a digit left out and the next one, in heights of the digits.  A choice: numbers side by side
stand further apart."""
_MIN_WIDTH_ACROSS_CELLS = 1.4
"""Minimum width of a number that runs across a divider of a comb field, in widths of its cells.  A choice: a digit that
fills its cell has one."""
_MIN_SPACED_DIGITS = 3
"""Minimum number of digits that show how far apart the digits of a number stand.  A choice."""
_MAX_SPACED_GAP_SHARE = 1.1
"""Maximum gap between a digit left out and the next one, relative to the widest between the other digits.  A choice."""
_MAX_SPACED_GAP_HEIGHTS = 0.9
"""Maximum of that gap, in heights of the digits.  A choice: signs stand further apart."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The digits of a region, without its points."""

    box: Box
    widest_gap: int
    """Widest gap between two of its digits, pixels; 0 if it has fewer than ``_MIN_SPACED_DIGITS``."""
    cell: int
    """Index of the form cell of its digits, -1 for none."""


def join_in_comb_fields(regions: Sequence[NumberRegion], combs: Sequence[CombField]) -> tuple[NumberRegion, ...]:
    """Join the regions in each comb field: it is drawn for one number.

    What looks like one may be a row of a table with a number in each cell.  It is one if a number runs across a
    divider.

    Args:
        regions: numbers of the page.
        combs: comb fields of the page.
    """
    joined: list[NumberRegion] = []
    free = list(regions)
    for comb in combs:
        width = float(np.median([cell.width for cell in comb.cells]))
        inside = [region for region in free if comb.box.includes(region.box.center)]
        if inside and max(region.box.width for region in inside) > _MIN_WIDTH_ACROSS_CELLS * width:
            joined.append(replace(join_regions(inside), crosses_lines=True))
            free = [region for region in free if not comb.box.includes(region.box.center)]
    return tuple(sorted([*free, *joined], key=lambda region: (region.box.y, region.box.x)))


def join_at_points(regions: Sequence[NumberRegion], inked: CellAssignment) -> tuple[NumberRegion, ...]:
    """Join regions with a point between them.

    Args:
        regions: numbers of the page.
        inked: components of the rectified page without rules, by cell: parts in two cells are two numbers.

    Returns:
        The regions, by the top of their boxes.
    """
    lines, _ = region_text_lines(regions, inked.ink)
    parts = {index: part for index, line in enumerate(lines) if (part := _part_of(line, inked)) is not None}
    points = _point_middles(inked)
    following: dict[int, int] = {}
    followers: set[int] = set()
    for left, nearby in _parts_behind(parts).items():
        candidates = [
            right
            for right in nearby
            if right not in followers and _has_point_between(parts[left], parts[right], points)
        ]
        if candidates:
            following[left] = min(candidates, key=lambda right: regions[right].box.x)
            followers.add(following[left])
    chains = [_chain(index, following) for index in range(len(regions)) if index not in followers]
    joined = [join_regions([regions[index] for index in chain]) for chain in chains]
    return tuple(sorted(joined, key=lambda region: (region.box.y, region.box.x)))


def add_outer_digits(
    regions: Sequence[NumberRegion], inked: CellAssignment, class_shares: NDArray[np.float64]
) -> tuple[NumberRegion, ...]:
    """Extend regions to the digit beside them that is in no region, if there is one at either end.

    Args:
        regions: numbers of the page.
        inked: components of the rectified page without rules, by cell.
        class_shares: ink classes of each component, shape (components, ink classes).
    """
    lines, region_of = region_text_lines(regions, inked.ink)
    digit_shares = class_shares[:, DIGIT_CLASSES].sum(axis=1)
    free = np.flatnonzero((region_of < 0) & (digit_shares >= _MIN_OUTER_DIGIT_SHARE))
    extended = []
    for region, line in zip(regions, lines, strict=True):
        part = _part_of(line, inked)
        outer = [] if part is None else _outer_digits(part, free, inked)
        box = Box.around([region.box, *outer])
        columns = sorted([*region.digit_columns, *(digit.center[0] for digit in outer)])
        extended.append(replace(region, box=box, digit_columns=tuple(columns)) if outer else region)
    return tuple(extended)


def _outer_digits(part: _Part, free: NDArray[np.int64], inked: CellAssignment) -> list[Box]:
    """Boxes of the nearest digits among free components at the left and the right of a part, none or one of each."""
    box = part.box
    x, y, width, height = inked.components.boxes[free].astype(np.float64).T
    least, most = _OUTER_DIGIT_HEIGHT_RANGE
    level = np.minimum(y + height, box.bottom) - np.maximum(y, box.y) >= _MIN_ROW_OVERLAP_SHARE * height
    fits = level & (height >= least * box.height) & (height <= most * box.height)
    fits &= inked.form_cell_of_component[free] == part.cell
    furthest = max(
        _MAX_OUTER_GAP_HEIGHTS * box.height,
        min(_MAX_SPACED_GAP_SHARE * part.widest_gap, _MAX_SPACED_GAP_HEIGHTS * box.height),
    )
    found = []
    for gaps in (box.x - (x + width), x - box.right):
        near = np.flatnonzero(fits & (gaps >= 0) & (gaps <= furthest))
        if near.size:
            found.append(inked.components.box(int(free[near[gaps[near].argmin()]])))
    return found


def _part_of(line: TextLine, inked: CellAssignment) -> _Part | None:
    """The digits of a region; None if it has none."""
    members = np.array(line.component_indices, np.int64)
    boxes = inked.components.boxes[members]
    digits = members[boxes[:, 2:].max(axis=1, initial=0) > _MAX_POINT_SIZE_HEIGHTS * line.character_height]
    if not digits.size:
        return None
    cells, counts = np.unique(inked.form_cell_of_component[digits], return_counts=True)
    box = Box.around(inked.components.box(int(index)) for index in digits)
    return _Part(box, _widest_gap(inked.components.boxes[digits]), int(cells[counts.argmax()]))


def _widest_gap(boxes: NDArray[np.int32]) -> int:
    x, _, width, _ = boxes[np.argsort(boxes[:, 0])].T
    gaps = x[1:] - np.maximum.accumulate(x + width)[:-1]
    gaps = gaps[gaps > 0]
    return int(gaps.max()) if len(gaps) >= _MIN_SPACED_DIGITS - 1 else 0


def _point_middles(inked: CellAssignment) -> NDArray[np.float64]:
    """Middle and size of each component with the ink of a point at least, shape (N, 3): x, y, larger side."""
    components = inked.components
    boxes = components.boxes[components.areas >= _MIN_POINT_INK_SQUARED_STROKES * inked.ink.stroke_width**2]
    x, y, width, height = boxes.astype(np.float64).T
    return np.stack([x + width / 2, y + height / 2, np.maximum(width, height)], axis=1)


def _parts_behind(parts: Mapping[int, _Part]) -> dict[int, list[int]]:
    """The parts that stand in the row of each part and near behind it: of hundreds, few do."""
    indices = np.array(list(parts), np.int64)
    boxes = [(part.box.x, part.box.y, part.box.right, part.box.bottom) for part in parts.values()]
    left, top, right, bottom = np.array(boxes, np.float64).reshape(-1, 4).T
    height = bottom - top
    behind = {}
    for place, index in enumerate(parts):
        gap = left - right[place]
        near = (gap > 0) & (gap <= 2 * _MAX_DIGIT_GAP_IN_CELL_HEIGHTS * np.maximum(height, height[place]))
        near &= np.minimum(bottom, bottom[place]) > np.maximum(top, top[place])
        behind[index] = indices[near].tolist()
    return behind


def _has_point_between(left: _Part, right: _Part, points: NDArray[np.float64]) -> bool:
    """Whether a point stands between two parts that are as close, high and level as those of one number."""
    a, b = left.box, right.box
    height = float(max(a.height, b.height))
    overlap = min(a.bottom, b.bottom) - max(a.y, b.y)
    reach = height * (_MAX_DIGIT_GAP_HEIGHTS if left.cell < 0 else _MAX_DIGIT_GAP_IN_CELL_HEIGHTS)
    if (
        left.cell != right.cell
        or min(a.height, b.height) < _MIN_HEIGHT_RATIO * height
        or overlap < _MIN_ROW_OVERLAP_SHARE * min(a.height, b.height)
        or not 0 < b.x - a.right <= 2 * reach
    ):
        return False
    x, y, size = points.T
    beyond = _ROWS_BEYOND_HEIGHTS * height
    is_point = (size <= _MAX_POINT_SIZE_HEIGHTS * height) & (x > a.right) & (x < b.x)
    is_point &= (y > min(a.y, b.y) - beyond) & (y < max(a.bottom, b.bottom) + beyond)
    return bool((is_point & (x - a.right <= reach) & (b.x - x <= reach)).any())


def _chain(first: int, following: Mapping[int, int]) -> list[int]:
    chain = [first]
    while chain[-1] in following:
        chain.append(following[chain[-1]])
    return chain
