"""Ruled lines -> the grids they make, and the cells of each.

A grid is found in the frame of its own lines, so that one that was printed or
stuck onto the sheet a few degrees askew has the same cells as a level one.
Cells that are not parted by a line are one cell: it spans rows or columns.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.line_segments import Direction
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.layout.line_segments import Rule

_MAX_DOUBLE_LINE_GAP_HEIGHTS = 0.5
"""Lines closer than this many character heights are one: a double line, or one that wavers.  No cell is as narrow."""
_MIN_LINE_COVERAGE_SHARE = 0.5
"""A line parts two cells if it runs along this part of their common side: noise may have taken the rest."""
_MAX_SLOPE_DIFFERENCE = 0.02
"""Slope of a grid's line against that of the others, at most, and two pixels at its ends: a stroke leans more."""
_MIN_CLOSED_SIDES = 3
"""Sides of a cell with a line, at least: the fourth may be lost, or may not have been printed."""
_MIN_ROW_TABLE_LINES = 3
"""So many level lines of one length, one below another, are a table without columns."""
_MAX_END_DIFFERENCE_HEIGHTS = 1.0
"""Character heights by which the ends of such lines may differ."""
_MAX_ROW_HEIGHT_RATIO = 1.6
"""The widest of its rows is at most this many times as high as the lowest."""
_MIN_SQUARED_PAPER_ROWS_AND_COLUMNS = 12
"""Squared paper has at least so many rows and columns, ..."""
_MAX_SQUARE_SIDE_DIFFERENCE_SHARE = 0.15
"""... as wide as high up to this part of it ..."""
_MIN_SQUARE_SHARE = 0.9
"""... for so many of them."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table, a box of a strip, or a frame by itself."""

    row: int
    """From 1."""
    column: int
    """From 1; 0 in a table that has rows but no columns."""
    corners: tuple[Point, Point, Point, Point]
    """(x, y) on the middle of the lines: top left, top right, bottom right, bottom left; pixels of the straightened
    page."""
    row_span: int = 1
    """Rows it spans."""
    column_span: int = 1
    """Columns it spans."""

    @property
    def box(self) -> Box:
        """Around the corners."""
        xs, ys = zip(*self.corners, strict=True)
        x, y = math.floor(min(xs)), math.floor(min(ys))
        return Box(x, y, max(math.ceil(max(xs)) - x, 1), max(math.ceil(max(ys)) - y, 1))

    @property
    def width(self) -> float:
        """Mean length of the upper and the lower side, pixels."""
        a, b, c, d = self.corners
        return (math.dist(a, b) + math.dist(c, d)) / 2

    @property
    def height(self) -> float:
        """Mean length of the left and the right side, pixels."""
        a, b, c, d = self.corners
        return (math.dist(a, d) + math.dist(b, c)) / 2


@dataclass(frozen=True, slots=True)
class Table:
    """Cells in rows and columns."""

    row_count: int
    column_count: int
    """0 if there are only level lines."""
    cells: tuple[Cell, ...]
    """Row by row, each from left to right."""

    @property
    def box(self) -> Box:
        """Around all cells."""
        return Box.around(cell.box for cell in self.cells)


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A table, and which of the rules it is made of."""

    table: Table
    rule_indices: tuple[int, ...]


def find_tables(rules: Sequence[Rule], corner_tolerance: float, character_height: float) -> tuple[RuledTable, ...]:
    """Tables, frames (one cell) and strips of boxes (one row) alike.

    Args:
        rules: of the page.
        corner_tolerance: pixels by which two lines that meet may miss each other.
        character_height: of a character, pixels.

    Returns:
        From top to bottom.
    """
    grids = [
        grid
        for members in _group_connected_rules(rules, corner_tolerance)
        if (grid := _build_table(rules, members, character_height)) is not None
    ]
    used = {index for grid in grids for index in grid.rule_indices}
    grids.extend(_find_row_tables(rules, [i for i in range(len(rules)) if i not in used], character_height))
    return tuple(sorted(grids, key=lambda grid: (grid.table.box.y, grid.table.box.x)))


def is_squared_paper(table: Table) -> bool:
    """Whether it is paper to write on across its lines, not into its cells: squares from its first column on.

    In a table that is for names, and wider.
    """
    if min(table.row_count, table.column_count) < _MIN_SQUARED_PAPER_ROWS_AND_COLUMNS:
        return False
    alone = [cell for cell in table.cells if cell.row_span == cell.column_span == 1]
    widths: list[list[float]] = [[] for _ in range(table.column_count)]
    heights: list[list[float]] = [[] for _ in range(table.row_count)]
    for cell in alone:
        widths[cell.column - 1].append(cell.width)
        heights[cell.row - 1].append(cell.height)
    if not widths[0]:
        return False
    across, down = (np.array([np.median(side) for side in sides if side]) for sides in (widths, heights))
    pitch = float(np.median(across))
    regular = np.abs(np.concatenate([across, down]) - pitch) <= _MAX_SQUARE_SIDE_DIFFERENCE_SHARE * pitch
    return bool(across[0] <= (1 + _MAX_SQUARE_SIDE_DIFFERENCE_SHARE) * pitch and regular.mean() >= _MIN_SQUARE_SHARE)


def _group_connected_rules(rules: Sequence[Rule], reach: float) -> list[list[int]]:
    """Sets of rules that meet, directly or by others."""
    leader = np.arange(len(rules))
    level = [i for i, rule in enumerate(rules) if rule.direction is Direction.HORIZONTAL]
    for index, upright in enumerate(rules):
        if upright.direction is Direction.HORIZONTAL:
            continue
        for other in level:
            y = rules[other].across_at(upright.across_at((upright.begin + upright.end) / 2))
            x = upright.across_at(y)
            meets = (
                rules[other].begin - reach <= x <= rules[other].end + reach
                and upright.begin - reach <= y <= upright.end + reach
            )
            if meets:
                leader[leader == leader[other]] = leader[index]
    return [np.flatnonzero(leader == first).tolist() for first in np.unique(leader)]


@dataclass(frozen=True, slots=True, eq=False)
class _TableLine:
    """A line of the grid: rules at one place, in the grid's own frame."""

    position: float
    spans: NDArray[np.float64]
    """Shape (N, 2): from where to where its rules run."""

    def covers(self, begin: float, end: float) -> bool:
        shared = np.minimum(self.spans[:, 1], end) - np.maximum(self.spans[:, 0], begin)
        return float(np.maximum(shared, 0).sum()) >= _MIN_LINE_COVERAGE_SHARE * (end - begin)


def _build_table(rules: Sequence[Rule], members: Sequence[int], height: float) -> RuledTable | None:
    level, upright = (
        [rules[i] for i in members if rules[i].direction is direction]
        for direction in (Direction.HORIZONTAL, Direction.VERTICAL)
    )
    if not level or not upright or len(members) < _MIN_CLOSED_SIDES:
        return None
    a, b = _median_slope(level), _median_slope(upright)
    level, upright = (
        [rule for rule in some if abs(rule.slope - slope) <= _MAX_SLOPE_DIFFERENCE + 2 / rule.length]
        for some, slope in ((level, a), (upright, b))
    )
    tolerance = _MAX_DOUBLE_LINE_GAP_HEIGHTS * height

    def own(point: Point) -> Point:
        x, y = point
        return (x - b * y) / (1 - a * b), (y - a * x) / (1 - a * b)

    row_lines, column_lines = (
        _merge_into_lines(
            [tuple(own(point)[axis] for point in rule.endpoints for axis in axes) for rule in some], tolerance
        )
        for some, axes in ((level, (1, 0)), (upright, (0, 1)))
    )
    row_lines, column_lines = (
        _remove_lines_ending_between(row_lines, column_lines, tolerance),
        _remove_lines_ending_between(column_lines, row_lines, tolerance),
    )
    column_lines = _add_lost_sides(column_lines, row_lines, tolerance)
    row_lines = _add_lost_sides(row_lines, column_lines, tolerance)
    if len(row_lines) < 2 or len(column_lines) < 2:
        return None
    cells = []
    for top, left, bottom, right in _find_cells(row_lines, column_lines):
        (u1, u2), (v1, v2) = (
            (column_lines[left].position, column_lines[right].position),
            (row_lines[top].position, row_lines[bottom].position),
        )
        corners = [(u + b * v, v + a * u) for u, v in ((u1, v1), (u2, v1), (u2, v2), (u1, v2))]
        place = (corners[0], corners[1], corners[2], corners[3])
        cells.append(Cell(top + 1, left + 1, place, bottom - top, right - left))
    if not cells:
        return None
    return RuledTable(Table(len(row_lines) - 1, len(column_lines) - 1, tuple(cells)), tuple(members))


def _median_slope(rules: Sequence[Rule]) -> float:
    """Median by length."""
    slopes, lengths = np.array([(rule.slope, rule.length) for rule in rules]).T
    order = np.argsort(slopes)
    return float(slopes[order][np.searchsorted(np.cumsum(lengths[order]), lengths.sum() / 2)])


def _merge_into_lines(ends: Sequence[tuple[float, ...]], tolerance: float) -> list[_TableLine]:
    """Rules, each (across, along) at its beginning and at its end, put together to lines by where they are across."""
    places = sorted(((first + last) / 2, begin, end) for first, begin, last, end in ends)
    lines: list[_TableLine] = []
    start = 0
    for index in range(1, len(places) + 1):
        if index == len(places) or places[index][0] - places[index - 1][0] > tolerance:
            at, begin, end = np.array(places[start:index]).T
            lines.append(_TableLine(float(np.average(at, weights=end - begin)), np.stack([begin, end], axis=1)))
            start = index
    return lines


def _remove_lines_ending_between(
    lines: list[_TableLine], across: list[_TableLine], tolerance: float
) -> list[_TableLine]:
    """Without those that end between two lines across: long strokes of the pen, and underlines in a cell."""
    if not across:
        return lines
    at = np.array([line.position for line in across])

    def ends(place: float) -> bool:
        return place < at[0] or place > at[-1] or float(np.abs(at - place).min()) <= tolerance

    return [line for line in lines if ends(float(line.spans.min())) and ends(float(line.spans.max()))]


def _add_lost_sides(lines: list[_TableLine], across: list[_TableLine], tolerance: float) -> list[_TableLine]:
    """The lines, and the lost sides: where the lines across go on beyond the outermost, all to one place."""
    if len(across) < 2 or not lines:
        return lines
    begins = sorted(float(line.spans[:, 0].min()) for line in across)
    ends = sorted((float(line.spans[:, 1].max()) for line in across), reverse=True)
    whole = np.array([[min(line.position for line in across), max(line.position for line in across)]])
    if lines[0].position - begins[0] > 2 * tolerance and begins[1] - begins[0] <= tolerance:
        lines = [_TableLine((begins[0] + begins[1]) / 2, whole), *lines]
    if ends[0] - lines[-1].position > 2 * tolerance and ends[0] - ends[1] <= tolerance:
        lines = [*lines, _TableLine((ends[0] + ends[1]) / 2, whole)]
    return lines


def _find_cells(row_lines: Sequence[_TableLine], column_lines: Sequence[_TableLine]) -> list[tuple[int, int, int, int]]:
    """Cells as (first row line, first column line, last row line, last column line), row by row."""
    rows, columns = len(row_lines) - 1, len(column_lines) - 1
    down = [(a.position, b.position) for a, b in itertools.pairwise(row_lines)]
    along = [(a.position, b.position) for a, b in itertools.pairwise(column_lines)]
    above = np.array([[line.covers(*span) for span in along] for line in row_lines])
    before = np.array([[line.covers(*span) for line in column_lines] for span in down])
    owner = np.arange(rows * columns).reshape(rows, columns)
    for row, column in itertools.product(range(rows), range(columns)):
        if row and not above[row, column]:
            owner[owner == owner[row - 1, column]] = owner[row, column]
        if column and not before[row, column]:
            owner[owner == owner[row, column - 1]] = owner[row, column]
    found = []
    for top, left, bottom, right in _merge_into_rectangles(owner):
        sides = (
            above[top, left:right].mean(),
            above[bottom, left:right].mean(),
            before[top:bottom, left].mean(),
            before[top:bottom, right].mean(),
        )
        if sum(side >= _MIN_LINE_COVERAGE_SHARE for side in sides) >= _MIN_CLOSED_SIDES:
            found.append((top, left, bottom, right))
    return sorted(found)


def _merge_into_rectangles(owner: NDArray[np.int64]) -> Iterable[tuple[int, int, int, int]]:
    """What belongs to one owner, made rectangular: owners that a rectangle reaches into become one."""
    found = True
    while found:
        found = False
        boxes = []
        for value in np.unique(owner):
            rows, columns = np.nonzero(owner == value)
            top, left, bottom, right = int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1
            boxes.append((top, left, bottom, right))
            inside = np.unique(owner[top:bottom, left:right])
            if len(inside) > 1:
                owner[np.isin(owner, inside)] = value
                found = True
                break
    return boxes


def _find_row_tables(rules: Sequence[Rule], free: Sequence[int], height: float) -> list[RuledTable]:
    """Tables of level lines alone."""
    level = sorted(
        (i for i in free if rules[i].direction is Direction.HORIZONTAL), key=lambda i: rules[i].across_at_begin
    )
    stacks: list[list[int]] = []
    for index in level:
        rule = rules[index]
        for stack in stacks:
            above = rules[stack[-1]]
            ends = max(abs(above.begin - rule.begin), abs(above.end - rule.end))
            if (
                ends <= _MAX_END_DIFFERENCE_HEIGHTS * height
                and rule.across_at_begin - above.across_at_begin > _MAX_DOUBLE_LINE_GAP_HEIGHTS * height
            ):
                stack.append(index)
                break
        else:
            stacks.append([index])
    grids = []
    for stack in stacks:
        gaps = [rules[b].across_at_begin - rules[a].across_at_begin for a, b in itertools.pairwise(stack)]
        if len(stack) >= _MIN_ROW_TABLE_LINES and max(gaps) <= _MAX_ROW_HEIGHT_RATIO * min(gaps):
            bands = enumerate(itertools.pairwise([rules[index].endpoints for index in stack]), 1)
            cells = tuple(Cell(row, 0, (*above, below[1], below[0])) for row, (above, below) in bands)
            grids.append(RuledTable(Table(len(cells), 0, cells), tuple(stack)))
    return grids
