"""Which numbers belong to which table: pieces of one table are joined, and numbers beyond its last line are in it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.linked_groups import group_roots
from scanner.layout.line_segments import Direction
from scanner.layout.tables import group_connected_rules
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.layout.cell_assignment import FormCell
    from scanner.layout.line_segments import Rule
    from scanner.layout.tables import Cell, Point

_MIN_OVERLAP_SHARE = 0.3
"""Minimum share of the smaller of two tables that lies in the other, if they are one.  A choice."""
_MAX_GAP_HEIGHTS = 2.0
"""Maximum distance of two pieces of one table, heights of a number.  A choice: one lost row."""
_MAX_EDGE_OFFSET_HEIGHTS = 0.75
"""Maximum offset, heights of a number, of an edge that goes on in the next piece.  A choice."""
_MIN_COMMON_EDGES = 3
"""Minimum number of edges that go on in the next piece.  A choice: two tables may share both sides."""
_MIN_COMMON_EDGE_SHARE = 0.6
"""Minimum share of the edges of the piece with fewer that go on in the other.  A choice."""
_MAX_BEYOND_CELLS = 1.6
"""Maximum distance of a number from one of a table whose last line is lost, in heights or widths of its cells, or in
distances of its numbers if those are less.  A choice: one that is next to it."""
_MIN_OTHERS_BEYOND = 2
"""Minimum number of other numbers in the same row or column beyond the last line.  A choice: a sum or a note stands
alone."""

_MIN_LINE_HEIGHTS = 2.0
"""Minimum length of a line that shows how far a table reaches, heights of a number.  A choice: strokes are shorter."""
_MIN_SHARED_SHARE = 0.5
"""Minimum overlap of two numbers in one column, or row, relative to the smaller.  A choice."""
_MIN_INKED_SHARE = 0.5
"""Minimum length of the ruled lines in a table, relative to the sides of its cells.  With less, they are pale ones,
which only tables know.  A choice."""
_MIN_FRAME_RULES = 3
"""Minimum number of rules in each direction, of those that meet in a table.  A choice."""
_MAX_UNRULED_COLUMN_HEIGHTS = 15.0
"""Maximum distance of columns of a table without lines, heights of a number.  A choice."""
_MAX_UNRULED_ROW_HEIGHTS = 3.0
"""Maximum distance of its rows.  A choice."""


@dataclass(frozen=True, slots=True)
class NumberTable:
    """A table and the numbers in it."""

    number: int
    """Number of the table, from 1; the least of its pieces."""
    members: tuple[int, ...]
    """Indices of its numbers."""
    cells: tuple[Cell, ...]
    """Cells of all its pieces."""
    box: Box
    """Box around its cells and numbers, pixels of the rectified page."""

    def line_ends(self, rules: Sequence[Rule], direction: Direction) -> NDArray[np.float64]:
        """Ends of the ruled lines of one direction in the table, or of the sides of its cells if those are too pale.

        Args:
            rules: all ruled lines of the page.
            direction: of the lines.

        Returns:
            Shape (N, 2, 2), (x, y), pixels of the rectified page.
        """
        ends = _as_array(rule.endpoints for rule in rules if rule.direction is direction)
        middle = ends.mean(axis=1)
        box = self.box
        ends = ends[((middle >= (box.x, box.y)) & (middle <= (box.right, box.bottom))).all(axis=1)]
        corners = ((0, 1), (3, 2)) if direction is Direction.HORIZONTAL else ((0, 3), (1, 2))
        sides = _as_array((cell.corners[a], cell.corners[b]) for cell in self.cells for a, b in corners)
        # Most sides are those of two cells.
        return sides if _total_length(ends) < _MIN_INKED_SHARE * _total_length(sides) / 2 else ends


def find_ruled_tables(
    boxes: Sequence[Box], cells: Sequence[FormCell | None], form_cells: Sequence[FormCell], rules: Sequence[Rule]
) -> tuple[NumberTable, ...]:
    """Find the tables that have numbers.

    Args:
        boxes: boxes of the numbers, pixels of the rectified page.
        cells: the table cell in which each stands; None if it is in none.
        form_cells: all cells of the page.
        rules: all ruled lines of the page.
    """
    of_table: dict[int, list[Cell]] = {}
    for form_cell in form_cells:
        if form_cell.table:
            of_table.setdefault(form_cell.table, []).append(form_cell.cell)
    if not of_table or not boxes:
        return ()
    ends = _as_array(rule.endpoints for rule in rules)
    numbers = sorted(of_table)
    height = float(np.median([box.height for box in boxes]))
    pieces = [_Piece.of_cells(of_table[number]).grown(ends, height) for number in numbers]
    links = [
        (first, second)
        for first, second in itertools.combinations(range(len(pieces)), 2)
        if pieces[first].continues_in(pieces[second], height)
    ]
    roots = group_roots(len(pieces), *np.array(links, np.int64).reshape(-1, 2).T)
    owner = np.array([0 if cell is None else 1 + roots[numbers.index(cell.table)] for cell in cells])
    tables = []
    for root in np.unique(roots).tolist():
        joined = [cell for index in np.flatnonzero(roots == root) for cell in pieces[index].cells]
        owner = _add_numbers_beyond(owner, root + 1, boxes, _Piece.of_cells(joined).grown(ends, height))
        members = tuple(np.flatnonzero(owner == root + 1).tolist())
        if members:
            around = Box.around([*(cell.box for cell in joined), *(boxes[index] for index in members)])
            tables.append(NumberTable(numbers[root], members, tuple(joined), around))
    return tuple(tables)


def find_possible_tables(
    boxes: Sequence[Box], free: Sequence[int], rules: Sequence[Rule], last_number: int
) -> tuple[NumberTable, ...]:
    """Find groups of numbers that may be tables without cells: close to each other, or amid rules that meet.

    Args:
        boxes: boxes of all numbers of the page.
        free: indices of those that are in no table, ascending.
        rules: all ruled lines of the page.
        last_number: number of the last table of the page.

    Returns:
        From top to bottom, numbered on.
    """
    if not free:
        return ()
    low = np.array([(boxes[index].x, boxes[index].y) for index in free], np.float64)
    size = np.array([(boxes[index].width, boxes[index].height) for index in free], np.float64)
    aligned = [_aligned(low[:, axis], low[:, axis] + size[:, axis]) for axis in (0, 1)]
    away = np.abs(low[:, None] + size[:, None] / 2 - low - size / 2)
    reach = float(np.median(size[:, 1]))
    linked = (aligned[1] & (away[:, :, 0] <= _MAX_UNRULED_COLUMN_HEIGHTS * reach)) | (
        aligned[0] & (away[:, :, 1] <= _MAX_UNRULED_ROW_HEIGHTS * reach)
    )
    middle = low + size / 2
    frames = _rule_frames(rules, reach)
    for frame in frames:
        inside = ((middle >= frame[0]) & (middle <= frame[1])).all(axis=1)
        linked |= inside[:, None] & inside
    roots = group_roots(len(free), *np.nonzero(linked))
    groups = [tuple(free[index] for index in np.flatnonzero(roots == root).tolist()) for root in np.unique(roots)]
    framed = sorted(
        ((Box.around(boxes[index] for index in group), group) for group in groups), key=lambda one: (one[0].y, one[0].x)
    )
    return tuple(NumberTable(number, group, (), box) for number, (box, group) in enumerate(framed, last_number + 1))


def _rule_frames(rules: Sequence[Rule], height: float) -> list[NDArray[np.float64]]:
    """Bounds of the rules that meet and are many enough to be those of a table, each ((left, top), (right, bottom))."""
    frames = []
    for members in group_connected_rules(rules, height / 2):
        directions = [rules[index].direction for index in members]
        if min(directions.count(direction) for direction in Direction) >= _MIN_FRAME_RULES:
            ends = _as_array(rules[index].endpoints for index in members).reshape(-1, 2)
            frames.append(np.stack([ends.min(axis=0), ends.max(axis=0)]))
    return frames


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    cells: tuple[Cell, ...]
    bounds: NDArray[np.float64]
    """((left, top), (right, bottom))."""
    cell_size: NDArray[np.float64]
    """Median (width, height) of its cells."""

    @classmethod
    def of_cells(cls, cells: Sequence[Cell]) -> _Piece:
        corners = np.array([cell.corners for cell in cells]).reshape(-1, 2)
        size = np.median([(cell.width, cell.height) for cell in cells], axis=0)
        return cls(tuple(cells), np.stack([corners.min(axis=0), corners.max(axis=0)]), size)

    def grown(self, ends: NDArray[np.float64], height: float) -> _Piece:
        """The piece, extended over the room that ruled lines span which run out of it.

        Args:
            ends: ends of all ruled lines of the page, shape (N, 2, 2), (x, y).
            height: height of a number, pixels.
        """
        low, high = ends.min(axis=1), ends.max(axis=1)
        lengths = (high - low).max(axis=1)
        is_long = lengths >= _MIN_LINE_HEIGHTS * height
        is_level = (high - low)[:, 0] > (high - low)[:, 1]
        # Tables are often stacked closely: only a level line goes on where it does not begin within.
        least = np.where(is_level, -height, np.minimum(_MIN_LINE_HEIGHTS * height, lengths / 2))
        along = np.where(is_level, 0, 1)
        lines = np.arange(len(ends))
        bounds = self.bounds
        while True:
            shared = np.minimum(high, bounds[1]) - np.maximum(low, bounds[0])
            reaching = is_long & (shared[lines, along] >= least) & (shared[lines, 1 - along] >= 0)
            extended = np.stack(
                [
                    np.minimum(bounds[0], low[reaching].min(axis=0, initial=np.inf)),
                    np.maximum(bounds[1], high[reaching].max(axis=0, initial=-np.inf)),
                ]
            )
            if np.array_equal(extended, bounds):
                return replace(self, bounds=bounds)
            bounds = extended

    def continues_in(self, other: _Piece, height: float) -> bool:
        """Whether two pieces are of one table."""
        shared = np.minimum(self.bounds[1], other.bounds[1]) - np.maximum(self.bounds[0], other.bounds[0])
        least = min(float(np.prod(piece.bounds[1] - piece.bounds[0])) for piece in (self, other))
        if (shared > 0).all() and np.prod(shared) >= _MIN_OVERLAP_SHARE * least:
            return True
        return any(
            shared[axis] >= -_MAX_GAP_HEIGHTS * height
            and shared[1 - axis] > 0
            and self._has_common_edges(other, 1 - axis, _MAX_EDGE_OFFSET_HEIGHTS * height)
            for axis in (0, 1)
        )

    def _has_common_edges(self, other: _Piece, axis: int, offset: float) -> bool:
        """Whether the lines at right angles to an axis go on in the other piece, where the two face each other."""
        across = 1 - axis
        first, second = (self, other) if self.bounds[0, across] < other.bounds[0, across] else (other, self)
        a, b = first._edges(axis, last=True), second._edges(axis, last=False)
        fewer, more = (a, b) if len(a) <= len(b) else (b, a)
        common = int((np.abs(fewer[:, None] - more).min(axis=1) <= offset).sum())
        return common >= _MIN_COMMON_EDGES and common >= _MIN_COMMON_EDGE_SHARE * len(fewer)

    def _edges(self, axis: int, *, last: bool) -> NDArray[np.float64]:
        """Positions along an axis of the lines at right angles to it, at the last or first row or column of cells."""
        indices = [(cell.row if axis == 0 else cell.column) for cell in self.cells]
        chosen = max(indices) if last else min(indices)
        corners = [cell.corners for cell, index in zip(self.cells, indices, strict=True) if index == chosen]
        side = (3, 2) if last else (0, 1)
        if axis == 1:
            side = (1, 2) if last else (0, 3)
        return np.unique(np.rint([corner[at][axis] for corner in corners for at in side]))


def _add_numbers_beyond(owner: NDArray[np.int64], table: int, boxes: Sequence[Box], piece: _Piece) -> NDArray[np.int64]:
    """Give the free numbers to a table that stand within it, or in rows and columns that go on beyond its last line."""
    low = np.array([(box.x, box.y) for box in boxes], np.float64)
    high = np.array([(box.right, box.bottom) for box in boxes], np.float64)
    middle = (low + high) / 2
    inside = ((middle >= piece.bounds[0]) & (middle <= piece.bounds[1])).all(axis=1)
    owner = np.where((owner == 0) & inside, table, owner)
    aligned = [_aligned(low[:, axis], high[:, axis]) for axis in (0, 1)]
    pitch = [_median_step(middle[:, axis], aligned[1 - axis], owner == table) for axis in (0, 1)]
    reach = _MAX_BEYOND_CELLS * np.minimum(piece.cell_size, pitch)
    while True:
        in_table = owner == table
        beyond = np.zeros(len(boxes), np.bool_)
        for axis in (0, 1):
            near = np.abs(middle[:, None, axis] - middle[:, axis]) <= reach[axis]
            beyond |= (aligned[1 - axis] & near & in_table).any(axis=1)
        beyond &= owner == 0
        together = [(aligned[axis] & beyond).sum(axis=1) - 1 >= _MIN_OTHERS_BEYOND for axis in (0, 1)]
        added = beyond & (together[0] | together[1])
        if not added.any():
            return owner
        owner = np.where(added, table, owner)


def _median_step(positions: NDArray[np.float64], aligned: NDArray[np.bool_], members: NDArray[np.bool_]) -> float:
    """Median distance of the numbers of a table to the next that they are aligned with; infinite if there is none."""
    ahead = positions - positions[:, None]
    step = np.where(aligned & members & (ahead > 0), ahead, np.inf).min(axis=1)[members]
    step = step[np.isfinite(step)]
    return float(np.median(step)) if len(step) else np.inf


def _aligned(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which numbers share enough of an axis, shape (N, N)."""
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    return np.asarray(shared >= _MIN_SHARED_SHARE * np.minimum((high - low)[:, None], high - low), np.bool_)


def _as_array(ends: Iterable[tuple[Point, Point]]) -> NDArray[np.float64]:
    """Ends of lines, shape (N, 2, 2)."""
    return np.array(list(ends), np.float64).reshape(-1, 2, 2)


def _total_length(ends: NDArray[np.float64]) -> float:
    return float(np.hypot(*(ends[:, 1] - ends[:, 0]).T).sum())
