"""Find the tables that ruled lines make, and their cells.

A table is found in the coordinates of its own lines: one that was printed or glued onto the sheet a few degrees skewed
has the same cells as a straight one.  Neighbouring cells without a line between them are one cell that spans rows or
columns.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.linked_groups import group_roots
from scanner.layout.line_segments import Direction
from scanner.layout.table_lines import (
    MIN_LINE_COVERAGE_SHARE,
    add_lost_sides,
    merge_into_lines,
    remove_lines_ending_between,
)
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.layout.line_segments import Rule
    from scanner.layout.table_lines import TableLine

_MAX_DOUBLE_LINE_GAP_HEIGHTS = 0.5
"""Maximum distance, character heights, between lines that count as one, double or wavering: no cell is as narrow.  A
choice."""
_MAX_SLOPE_DIFFERENCE = 0.02
"""Maximum difference between the slope of a line and the median of its table, on top of two pixels at its ends: a
stroke leans more.  A choice."""
_MIN_CLOSED_SIDES = 3
"""Minimum number of sides of a cell with a line: the fourth may be lost or not printed.  A choice."""
_MIN_ROW_TABLE_LINES = 3
"""Minimum number of horizontal lines of one length, below each other, of a table without columns.  A choice."""
_MAX_END_DIFFERENCE_HEIGHTS = 1.0
"""Maximum difference, character heights, between the ends of the lines of a table without columns.  A choice."""
_MAX_ROW_HEIGHT_RATIO = 1.6
"""Maximum height of the highest row of a table without columns, relative to the lowest.  A choice."""
_MIN_SQUARED_PAPER_ROWS_AND_COLUMNS = 12
"""Minimum number of rows, and of columns, of squared paper.  A choice."""
_MAX_SQUARE_SIDE_DIFFERENCE_SHARE = 0.15
"""Maximum difference of rows and columns of squared paper from their pitch, relative to it.  A choice."""
_MIN_SQUARE_SHARE = 0.9
"""Minimum share of the rows and columns of squared paper that have that pitch.  A choice."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table, a cell of a comb field, or a separate frame."""

    row: int
    """From 1."""
    column: int
    """From 1; 0 in a table that has rows but no columns."""
    corners: tuple[Point, Point, Point, Point]
    """(x, y) on the middle of the lines: top left, top right, bottom right, bottom left; pixels of the rectified
    page."""
    row_span: int = 1
    """Number of rows it spans."""
    column_span: int = 1
    """Number of columns it spans."""

    @property
    def box(self) -> Box:
        """Box around the corners."""
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
    """0 if there are only horizontal lines."""
    cells: tuple[Cell, ...]
    """Row by row, each from left to right."""

    @property
    def box(self) -> Box:
        """Box around all cells."""
        return Box.around(cell.box for cell in self.cells)


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A table and the rules it is made of."""

    table: Table
    rule_indices: tuple[int, ...]
    """Indices into the rules of the page."""


def find_tables(rules: Sequence[Rule], corner_tolerance: float, character_height: float) -> tuple[RuledTable, ...]:
    """Find tables, frames (one cell) and rows of boxes (one row) alike.

    Args:
        rules: rules of the page.
        corner_tolerance: maximum distance, pixels, by which two lines that meet may miss each other.
        character_height: character height, pixels.

    Returns:
        From top to bottom.
    """
    tables = [
        table
        for members in group_connected_rules(rules, corner_tolerance)
        if (table := _build_table(rules, members, character_height)) is not None
    ]
    used = {index for table in tables for index in table.rule_indices}
    tables.extend(_find_row_tables(rules, [i for i in range(len(rules)) if i not in used], character_height))
    return tuple(sorted(tables, key=lambda ruled: (ruled.table.box.y, ruled.table.box.x)))


def is_squared_paper(table: Table) -> bool:
    """Whether a table is squared paper, which people write across instead of into its cells.

    Even the first column has squares: in a table that one is for names, and wider.
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


def group_connected_rules(rules: Sequence[Rule], reach: float) -> list[list[int]]:
    """Group rules that meet directly or through others.

    Args:
        rules: rules of the page.
        reach: maximum distance, pixels, by which two lines that meet may miss each other.

    Returns:
        Indices of the rules of each group, ascending.
    """
    horizontal = [i for i, rule in enumerate(rules) if rule.direction is Direction.HORIZONTAL]
    meetings = []
    for index, vertical in enumerate(rules):
        if vertical.direction is Direction.HORIZONTAL:
            continue
        for other in horizontal:
            y = rules[other].across_at(vertical.across_at((vertical.begin + vertical.end) / 2))
            x = vertical.across_at(y)
            meets = (
                rules[other].begin - reach <= x <= rules[other].end + reach
                and vertical.begin - reach <= y <= vertical.end + reach
            )
            if meets:
                meetings.append((index, other))
    roots = group_roots(len(rules), *np.array(meetings, np.int64).reshape(-1, 2).T)
    return [np.flatnonzero(roots == root).tolist() for root in np.unique(roots)]


def _build_table(rules: Sequence[Rule], members: Sequence[int], height: float) -> RuledTable | None:
    horizontal, vertical = (
        [rules[i] for i in members if rules[i].direction is direction]
        for direction in (Direction.HORIZONTAL, Direction.VERTICAL)
    )
    if not horizontal or not vertical or len(members) < _MIN_CLOSED_SIDES:
        return None
    a, b = _median_slope(horizontal), _median_slope(vertical)
    horizontal, vertical = (
        [rule for rule in lines if abs(rule.slope - slope) <= _MAX_SLOPE_DIFFERENCE + 2 / rule.length]
        for lines, slope in ((horizontal, a), (vertical, b))
    )
    tolerance = _MAX_DOUBLE_LINE_GAP_HEIGHTS * height

    def to_table(point: Point) -> Point:
        x, y = point
        return (x - b * y) / (1 - a * b), (y - a * x) / (1 - a * b)

    row_lines, column_lines = (
        merge_into_lines(
            [tuple(to_table(point)[axis] for point in rule.endpoints for axis in axes) for rule in lines], tolerance
        )
        for lines, axes in ((horizontal, (1, 0)), (vertical, (0, 1)))
    )
    row_lines, column_lines = (
        remove_lines_ending_between(row_lines, column_lines, tolerance),
        remove_lines_ending_between(column_lines, row_lines, tolerance),
    )
    column_lines = add_lost_sides(column_lines, row_lines, tolerance)
    row_lines = add_lost_sides(row_lines, column_lines, tolerance)
    if len(row_lines) < 2 or len(column_lines) < 2:
        return None
    cells = []
    for top, left, bottom, right in _find_cells(row_lines, column_lines):
        (u1, u2), (v1, v2) = (
            (column_lines[left].position, column_lines[right].position),
            (row_lines[top].position, row_lines[bottom].position),
        )
        corners = [(u + b * v, v + a * u) for u, v in ((u1, v1), (u2, v1), (u2, v2), (u1, v2))]
        top_left, top_right, bottom_right, bottom_left = corners
        cells.append(
            Cell(top + 1, left + 1, (top_left, top_right, bottom_right, bottom_left), bottom - top, right - left)
        )
    if not cells:
        return None
    return RuledTable(Table(len(row_lines) - 1, len(column_lines) - 1, tuple(cells)), tuple(members))


def _median_slope(rules: Sequence[Rule]) -> float:
    """Median slope, weighted by length."""
    slopes, lengths = np.array([(rule.slope, rule.length) for rule in rules]).T
    order = np.argsort(slopes)
    return float(slopes[order][np.searchsorted(np.cumsum(lengths[order]), lengths.sum() / 2)])


def _find_cells(row_lines: Sequence[TableLine], column_lines: Sequence[TableLine]) -> list[tuple[int, int, int, int]]:
    """Cells as (first row line, first column line, last row line, last column line), row by row."""
    rows, columns = len(row_lines) - 1, len(column_lines) - 1
    down = [(a.position, b.position) for a, b in itertools.pairwise(row_lines)]
    along = [(a.position, b.position) for a, b in itertools.pairwise(column_lines)]
    above = np.array([[line.covers(*span) for span in along] for line in row_lines])
    before = np.array([[line.covers(*span) for line in column_lines] for span in down])
    squares = np.arange(rows * columns).reshape(rows, columns)
    open_above, open_before = ~above[1:-1], ~before[:, 1:-1]
    merged = group_roots(
        rows * columns,
        np.concatenate([squares[:-1][open_above], squares[:, :-1][open_before]]),
        np.concatenate([squares[1:][open_above], squares[:, 1:][open_before]]),
    )
    cells = []
    for top, left, bottom, right in _merge_into_rectangles(merged.reshape(rows, columns)):
        sides = (
            above[top, left:right].mean(),
            above[bottom, left:right].mean(),
            before[top:bottom, left].mean(),
            before[top:bottom, right].mean(),
        )
        if sum(side >= MIN_LINE_COVERAGE_SHARE for side in sides) >= _MIN_CLOSED_SIDES:
            cells.append((top, left, bottom, right))
    return sorted(cells)


def _merge_into_rectangles(owner: NDArray[np.int64]) -> Iterable[tuple[int, int, int, int]]:
    """Rectangles around the squares of each owner; owners whose rectangles overlap become one.

    ``owner`` has the owner of each square, shape (rows, columns); it is changed in place.
    """
    changed = True
    while changed:
        changed = False
        boxes = []
        for value in np.unique(owner):
            rows, columns = np.nonzero(owner == value)
            top, left, bottom, right = int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1
            boxes.append((top, left, bottom, right))
            inside = np.unique(owner[top:bottom, left:right])
            if len(inside) > 1:
                owner[np.isin(owner, inside)] = value
                changed = True
                break
    return boxes


def _find_row_tables(rules: Sequence[Rule], free: Sequence[int], height: float) -> list[RuledTable]:
    """Tables of horizontal lines alone."""
    horizontal = sorted(
        (i for i in free if rules[i].direction is Direction.HORIZONTAL), key=lambda i: rules[i].across_at_begin
    )
    stacks: list[list[int]] = []
    for index in horizontal:
        rule = rules[index]
        for stack in stacks:
            above = rules[stack[-1]]
            difference = max(abs(above.begin - rule.begin), abs(above.end - rule.end))
            if (
                difference <= _MAX_END_DIFFERENCE_HEIGHTS * height
                and rule.across_at_begin - above.across_at_begin > _MAX_DOUBLE_LINE_GAP_HEIGHTS * height
            ):
                stack.append(index)
                break
        else:
            stacks.append([index])
    tables = []
    for stack in stacks:
        gaps = [rules[b].across_at_begin - rules[a].across_at_begin for a, b in itertools.pairwise(stack)]
        if len(stack) >= _MIN_ROW_TABLE_LINES and max(gaps) <= _MAX_ROW_HEIGHT_RATIO * min(gaps):
            bands = enumerate(itertools.pairwise([rules[index].endpoints for index in stack]), 1)
            cells = tuple(Cell(row, 0, (*above, below[1], below[0])) for row, (above, below) in bands)
            tables.append(RuledTable(Table(len(cells), 0, cells), tuple(stack)))
    return tables
