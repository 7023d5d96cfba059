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

from scanner.segments import Direction
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.segments import Rule

_ONE_LINE = 0.5
"""Lines closer than this many character heights are one: a double line, or one that wavers.  No cell is as narrow."""
_PRESENT = 0.5
"""A line parts two cells if it runs along this part of their common side: noise may have taken the rest."""
_ASKEW = 0.02
"""Slope of a grid's line against that of the others, at most, and two pixels at its ends: a stroke leans more."""
_CLOSED_SIDES = 3
"""Sides of a cell with a line, at least: the fourth may be lost, or may not have been printed."""
_LINES_OF_A_LOG = 3
"""So many level lines of one length, one below another, are a table without columns."""
_SAME_END = 1.0
"""Character heights by which the ends of such lines may differ."""
_REGULAR = 1.6
"""The widest of its rows is at most this many times as high as the lowest."""
_SQUARES = 12
"""Squared paper has at least so many rows and columns, ..."""
_SQUARE = 0.15
"""... as wide as high up to this part of it ..."""
_MOSTLY = 0.9
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
    rows: int = 1
    """Rows it spans."""
    columns: int = 1
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

    rows: int
    columns: int
    """0 if there are only level lines."""
    cells: tuple[Cell, ...]
    """Row by row, each from left to right."""

    @property
    def box(self) -> Box:
        """Around all cells."""
        return Box.around(cell.box for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, and which of the rules it is made of."""

    table: Table
    rules: tuple[int, ...]


def find_grids(rules: Sequence[Rule], reach: float, height: float) -> tuple[Grid, ...]:
    """Tables, frames (one cell) and strips of boxes (one row) alike.

    Args:
        rules: of the page.
        reach: pixels by which two lines that meet may miss each other.
        height: of a character, pixels.

    Returns:
        From top to bottom.
    """
    grids = [grid for members in _connected(rules, reach) if (grid := _grid(rules, members, height)) is not None]
    used = {index for grid in grids for index in grid.rules}
    grids.extend(_logs(rules, [i for i in range(len(rules)) if i not in used], height))
    return tuple(sorted(grids, key=lambda grid: (grid.table.box.y, grid.table.box.x)))


def is_squared_paper(table: Table) -> bool:
    """Whether it is paper to write on across its lines, not into its cells: squares from its first column on.

    In a table that is for names, and wider.
    """
    if min(table.rows, table.columns) < _SQUARES:
        return False
    alone = [cell for cell in table.cells if cell.rows == cell.columns == 1]
    widths: list[list[float]] = [[] for _ in range(table.columns)]
    heights: list[list[float]] = [[] for _ in range(table.rows)]
    for cell in alone:
        widths[cell.column - 1].append(cell.width)
        heights[cell.row - 1].append(cell.height)
    if not widths[0]:
        return False
    across, down = (np.array([np.median(side) for side in sides if side]) for sides in (widths, heights))
    pitch = float(np.median(across))
    regular = np.abs(np.concatenate([across, down]) - pitch) <= _SQUARE * pitch
    return bool(across[0] <= (1 + _SQUARE) * pitch and regular.mean() >= _MOSTLY)


def _connected(rules: Sequence[Rule], reach: float) -> list[list[int]]:
    """Sets of rules that meet, directly or by others."""
    leader = np.arange(len(rules))
    level = [i for i, rule in enumerate(rules) if rule.direction is Direction.LEVEL]
    for index, upright in enumerate(rules):
        if upright.direction is Direction.LEVEL:
            continue
        for other in level:
            y = rules[other].at(upright.at((upright.begin + upright.end) / 2))
            x = upright.at(y)
            meets = (
                rules[other].begin - reach <= x <= rules[other].end + reach
                and upright.begin - reach <= y <= upright.end + reach
            )
            if meets:
                leader[leader == leader[other]] = leader[index]
    return [np.flatnonzero(leader == first).tolist() for first in np.unique(leader)]


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A line of the grid: rules at one place, in the grid's own frame."""

    at: float
    spans: NDArray[np.float64]
    """Shape (N, 2): from where to where its rules run."""

    def covers(self, begin: float, end: float) -> bool:
        shared = np.minimum(self.spans[:, 1], end) - np.maximum(self.spans[:, 0], begin)
        return float(np.maximum(shared, 0).sum()) >= _PRESENT * (end - begin)


def _grid(rules: Sequence[Rule], members: Sequence[int], height: float) -> Grid | None:
    level, upright = (
        [rules[i] for i in members if rules[i].direction is direction]
        for direction in (Direction.LEVEL, Direction.UPRIGHT)
    )
    if not level or not upright or len(members) < _CLOSED_SIDES:
        return None
    a, b = _slope(level), _slope(upright)
    level, upright = (
        [rule for rule in some if abs(rule.slope - slope) <= _ASKEW + 2 / rule.length]
        for some, slope in ((level, a), (upright, b))
    )
    tolerance = _ONE_LINE * height

    def own(point: Point) -> Point:
        x, y = point
        return (x - b * y) / (1 - a * b), (y - a * x) / (1 - a * b)

    row_lines, column_lines = (
        _lines([tuple(own(point)[axis] for point in rule.points for axis in axes) for rule in some], tolerance)
        for some, axes in ((level, (1, 0)), (upright, (0, 1)))
    )
    row_lines, column_lines = (
        _ending_on(row_lines, column_lines, tolerance),
        _ending_on(column_lines, row_lines, tolerance),
    )
    column_lines = _with_lost_sides(column_lines, row_lines, tolerance)
    row_lines = _with_lost_sides(row_lines, column_lines, tolerance)
    if len(row_lines) < 2 or len(column_lines) < 2:
        return None
    cells = []
    for top, left, bottom, right in _cells(row_lines, column_lines):
        (u1, u2), (v1, v2) = (column_lines[left].at, column_lines[right].at), (row_lines[top].at, row_lines[bottom].at)
        corners = [(u + b * v, v + a * u) for u, v in ((u1, v1), (u2, v1), (u2, v2), (u1, v2))]
        place = (corners[0], corners[1], corners[2], corners[3])
        cells.append(Cell(top + 1, left + 1, place, bottom - top, right - left))
    if not cells:
        return None
    return Grid(Table(len(row_lines) - 1, len(column_lines) - 1, tuple(cells)), tuple(members))


def _slope(rules: Sequence[Rule]) -> float:
    """Median by length."""
    slopes, lengths = np.array([(rule.slope, rule.length) for rule in rules]).T
    order = np.argsort(slopes)
    return float(slopes[order][np.searchsorted(np.cumsum(lengths[order]), lengths.sum() / 2)])


def _lines(ends: Sequence[tuple[float, ...]], tolerance: float) -> list[_Line]:
    """Rules, each (across, along) at its beginning and at its end, put together to lines by where they are across."""
    places = sorted(((first + last) / 2, begin, end) for first, begin, last, end in ends)
    lines: list[_Line] = []
    start = 0
    for index in range(1, len(places) + 1):
        if index == len(places) or places[index][0] - places[index - 1][0] > tolerance:
            at, begin, end = np.array(places[start:index]).T
            lines.append(_Line(float(np.average(at, weights=end - begin)), np.stack([begin, end], axis=1)))
            start = index
    return lines


def _ending_on(lines: list[_Line], across: list[_Line], tolerance: float) -> list[_Line]:
    """Without those that end between two lines across: long strokes of the pen, and underlines in a cell."""
    if not across:
        return lines
    at = np.array([line.at for line in across])

    def ends(place: float) -> bool:
        return place < at[0] or place > at[-1] or float(np.abs(at - place).min()) <= tolerance

    return [line for line in lines if ends(float(line.spans.min())) and ends(float(line.spans.max()))]


def _with_lost_sides(lines: list[_Line], across: list[_Line], tolerance: float) -> list[_Line]:
    """The lines, and the lost sides: where the lines across go on beyond the outermost, all to one place."""
    if len(across) < 2 or not lines:
        return lines
    begins = sorted(float(line.spans[:, 0].min()) for line in across)
    ends = sorted((float(line.spans[:, 1].max()) for line in across), reverse=True)
    whole = np.array([[min(line.at for line in across), max(line.at for line in across)]])
    if lines[0].at - begins[0] > 2 * tolerance and begins[1] - begins[0] <= tolerance:
        lines = [_Line((begins[0] + begins[1]) / 2, whole), *lines]
    if ends[0] - lines[-1].at > 2 * tolerance and ends[0] - ends[1] <= tolerance:
        lines = [*lines, _Line((ends[0] + ends[1]) / 2, whole)]
    return lines


def _cells(row_lines: Sequence[_Line], column_lines: Sequence[_Line]) -> list[tuple[int, int, int, int]]:
    """Cells as (first row line, first column line, last row line, last column line), row by row."""
    rows, columns = len(row_lines) - 1, len(column_lines) - 1
    down = [(a.at, b.at) for a, b in itertools.pairwise(row_lines)]
    along = [(a.at, b.at) for a, b in itertools.pairwise(column_lines)]
    above = np.array([[line.covers(*span) for span in along] for line in row_lines])
    before = np.array([[line.covers(*span) for line in column_lines] for span in down])
    owner = np.arange(rows * columns).reshape(rows, columns)
    for row, column in itertools.product(range(rows), range(columns)):
        if row and not above[row, column]:
            owner[owner == owner[row - 1, column]] = owner[row, column]
        if column and not before[row, column]:
            owner[owner == owner[row, column - 1]] = owner[row, column]
    found = []
    for top, left, bottom, right in _rectangles(owner):
        sides = (
            above[top, left:right].mean(),
            above[bottom, left:right].mean(),
            before[top:bottom, left].mean(),
            before[top:bottom, right].mean(),
        )
        if sum(side >= _PRESENT for side in sides) >= _CLOSED_SIDES:
            found.append((top, left, bottom, right))
    return sorted(found)


def _rectangles(owner: NDArray[np.int64]) -> Iterable[tuple[int, int, int, int]]:
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


def _logs(rules: Sequence[Rule], free: Sequence[int], height: float) -> list[Grid]:
    """Tables of level lines alone."""
    level = sorted((i for i in free if rules[i].direction is Direction.LEVEL), key=lambda i: rules[i].at_begin)
    stacks: list[list[int]] = []
    for index in level:
        rule = rules[index]
        for stack in stacks:
            above = rules[stack[-1]]
            ends = max(abs(above.begin - rule.begin), abs(above.end - rule.end))
            if ends <= _SAME_END * height and rule.at_begin - above.at_begin > _ONE_LINE * height:
                stack.append(index)
                break
        else:
            stacks.append([index])
    grids = []
    for stack in stacks:
        gaps = [rules[b].at_begin - rules[a].at_begin for a, b in itertools.pairwise(stack)]
        if len(stack) >= _LINES_OF_A_LOG and max(gaps) <= _REGULAR * min(gaps):
            bands = enumerate(itertools.pairwise([rules[index].points for index in stack]), 1)
            cells = tuple(Cell(row, 0, (*above, below[1], below[0])) for row, (above, below) in bands)
            grids.append(Grid(Table(len(cells), 0, cells), tuple(stack)))
    return grids
