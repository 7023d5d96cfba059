"""Put printed cells that share lines into grids: rows and columns, some cells spanning several."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.linked_groups import group_roots
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_MAX_GAP_HEIGHTS = 0.9
"""Maximum gap, character heights, between cells that share a line, or a double one."""
_MAX_EDGE_DIFFERENCE_HEIGHTS = 0.5
"""Maximum distance, character heights, from one edge to the next of those that are one line: of a bent page as well."""
_MIN_EDGE_SHARE = 0.4
"""Minimum length of a line of a grid, relative to the grid: strokes may cut some cells in two at about one place."""


@dataclass(frozen=True, slots=True, eq=False)
class CellGrid:
    """Cells that share lines."""

    columns: tuple[int, ...]
    """Left edges of the columns, and the right edge of the last one, pixels."""
    rows: tuple[int, ...]
    """Upper edges of the rows, and the lower edge of the last one, pixels."""
    paper: tuple[Box, ...]
    """All cells, as they were found."""
    cells: tuple[Box, ...]
    """The cells without parts of others, each around one square of the grid or several."""
    owners: NDArray[np.int64]
    """Shape (rows, columns): index of the cell that each square is of; -1 if it has none, because a side is lost."""

    @property
    def spanning(self) -> NDArray[np.bool_]:
        """Shape (rows, columns): which squares are of a cell that spans several."""
        counts = np.bincount(self.owners[self.owners >= 0], minlength=len(self.cells) + 1)
        return np.asarray((self.owners >= 0) & (counts[self.owners] > 1), np.bool_)

    def box(self, row: int, column: int) -> Box:
        """The square in a row and a column, from 0."""
        x, y = self.columns[column], self.rows[row]
        return Box(x, y, self.columns[column + 1] - x, self.rows[row + 1] - y)


def build_grids(cells: Sequence[Box], character_height: float) -> tuple[CellGrid, ...]:
    """Put cells into grids, each of those that share lines directly or through others.

    Args:
        cells: printed cells of the page.
        character_height: pixels.

    Returns:
        From top to bottom; a cell that shares no line is a grid by itself.
    """
    groups = _touching_groups(cells, _MAX_GAP_HEIGHTS * character_height)
    grids = [_build_grid(group, _MAX_EDGE_DIFFERENCE_HEIGHTS * character_height) for group in groups]
    return tuple(sorted(grids, key=lambda grid: (grid.rows[0], grid.columns[0])))


def _touching_groups(cells: Sequence[Box], gap: float) -> list[list[Box]]:
    if not cells:
        return []
    x, y, width, height = np.array(cells).T
    right, bottom = x + width, y + height
    shared_x = np.minimum(right[:, None], right) - np.maximum(x[:, None], x)
    shared_y = np.minimum(bottom[:, None], bottom) - np.maximum(y[:, None], y)
    beside = (shared_y >= np.minimum(height[:, None], height) / 2) & (shared_x >= -gap)
    below = (shared_x >= np.minimum(width[:, None], width) / 2) & (shared_y >= -gap)
    first, second = np.nonzero(np.triu(beside | below, 1))
    roots = group_roots(len(cells), first, second)
    return [[cells[i] for i in np.flatnonzero(roots == root).tolist()] for root in np.unique(roots)]


def _build_grid(cells: Sequence[Box], tolerance: float) -> CellGrid:
    x, y, width, height = np.array(cells, np.float64).T
    columns = _edges(x, x + width, y, y + height, tolerance)
    rows = _edges(y, y + height, x, x + width, tolerance)
    owners = np.full((len(rows) - 1, len(columns) - 1), -1, np.int64)
    kept: list[Box] = []
    # The largest part of a cell that a stroke cut in two stands for all of it.
    for cell in sorted(cells, key=lambda cell: -cell.width * cell.height):
        square = np.ix_(_covered(rows, cell.y, cell.bottom), _covered(columns, cell.x, cell.right))
        if owners[square].size and (owners[square] < 0).all():
            owners[square] = len(kept)
            kept.append(cell)
    boxes = tuple(_box_of(owners == index, rows, columns) for index in range(len(kept)))
    return CellGrid(tuple(columns), tuple(rows), tuple(cells), boxes, owners)


def _edges(
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
    first: NDArray[np.float64],
    last: NDArray[np.float64],
    tolerance: float,
) -> list[int]:
    """Places of the lines across one direction.

    Args:
        begin: where each cell begins in this direction.
        end: where it ends.
        first: where it begins in the other direction.
        last: where it ends.
        tolerance: maximum distance from one edge to the next of one line, pixels.
    """
    places = np.concatenate([begin, end])
    spans = np.concatenate([np.stack([first, last], axis=1)] * 2)
    is_begin = np.arange(len(places)) < len(begin)
    order = np.argsort(places)
    breaks = np.flatnonzero(np.diff(places[order]) > tolerance) + 1
    extent = last.max() - first.min()
    edges = []
    for number, members in enumerate(np.split(order, breaks)):
        outermost = number in {0, len(breaks)}
        if outermost or _covered_length(spans[members]) >= _MIN_EDGE_SHARE * extent:
            sides = [places[members][is_begin[members] == side] for side in (False, True)]
            edges.append(round(float(np.mean([np.median(side) for side in sides if len(side)]))))
    return edges


def _covered_length(spans: NDArray[np.float64]) -> float:
    """Length that intervals, shape (N, 2), cover together."""
    covered, reached = 0.0, -np.inf
    for begin, end in spans[np.argsort(spans[:, 0])].tolist():
        covered += max(end - max(begin, reached), 0)
        reached = max(reached, end)
    return covered


def _covered(edges: Sequence[int], begin: float, end: float) -> NDArray[np.int64]:
    """Indices of the intervals between edges of which half or more is covered."""
    shared = [min(end, high) - max(begin, low) for low, high in pairwise(edges)]
    lengths = np.diff(edges)
    return np.flatnonzero(np.array(shared) >= lengths / 2)


def _box_of(squares: NDArray[np.bool_], rows: Sequence[int], columns: Sequence[int]) -> Box:
    inside_rows, inside_columns = np.flatnonzero(squares.any(axis=1)), np.flatnonzero(squares.any(axis=0))
    x, y = columns[int(inside_columns[0])], rows[int(inside_rows[0])]
    return Box(x, y, columns[int(inside_columns[-1]) + 1] - x, rows[int(inside_rows[-1]) + 1] - y)
