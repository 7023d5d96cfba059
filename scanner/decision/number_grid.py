"""Rows and columns of the numbers of a page: from the ruled lines of tables, and from how the numbers line up.

Ruled lines bend, jog, stop short and are too pale in places, and then the cells between them are wrong for whole rows.
The numbers show rows and columns of their own.  So a table is first made even, then its numbers are clustered into rows
and columns, and the lines say how many rows and columns there are before and between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.grid_axis import LinePieces, cluster_positions, merge_line_pieces, number_clusters
from scanner.decision.number_tables import find_possible_tables, find_ruled_tables
from scanner.decision.reading_order import assign_rows
from scanner.decision.table_straightening import Displacement, Pairs, even_lines, fit_displacement
from scanner.layout.line_segments import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.decision.number_tables import NumberTable
    from scanner.decision.reading_order import RowPosition
    from scanner.layout.cell_assignment import FormCell
    from scanner.layout.line_segments import Rule
    from scanner.types import Box

_ROUNDS = 3
"""Number of times neighbours are looked for and lines made even by them.  A choice: more change nothing."""
_MAX_NEIGHBOUR_OFFSET_SHARE = 0.5
"""Maximum distance across of neighbours in a row, relative to their mean height; in a column, to their mean width.  A
choice."""
_NEIGHBOUR_SIGMA_SHARE = 0.4
"""Standard deviation of that distance, relative to the same.  A choice: digits have tails, and hands are unsteady."""
_RULE_SIGMA_PIXELS = 1.0
"""Standard deviation across of the ends of a ruled line, pixels.  A choice."""
_MIN_SHARED_SHARE = 0.5
"""Minimum overlap of two numbers in one column, or row, relative to the smaller.  A choice."""
_PITCH_QUANTILE = 0.3
"""Quantile of the distances of numbers to the next in their column that is the pitch of the rows.  A choice: some next
ones are missing, a few are false."""
_MIN_PITCH_SAMPLES = 4
"""Minimum number of such distances.  A choice."""
_UNKNOWN_PITCH_SIZES = 2.0
"""Pitch of rows, in heights of a number, and of columns, in widths, where there are fewer.  A choice."""
_MAX_GAP_IN_CELL_HEIGHTS = 1.0
"""Maximum gap between numbers in one cell, heights of a number: room for a slash, a dash or a multiplication sign.  A
choice."""
_MIN_WIDE_GAP_SHARE = 0.25
"""Minimum share of the gaps in rows that are wider, if it parts cells.  A choice: a date has three parts."""
_MAX_CLUSTER_DISTANCE_PITCHES = 0.55
"""Maximum distance of two numbers in one row, in pitches.  A choice: about half."""
_MAX_ROW_PITCHES = 1.4
"""Maximum distance of two lines with one row between them, in pitches.  A choice: with more, a line may be lost."""
_MIN_ANCHOR_SHARE = 0.5
"""Minimum share of the numbers of a table whose cells agree where rows begin to count.  A choice."""
_MAX_TABLE_NUMBERS = 1500
"""Maximum number of numbers that are compared with each other, which takes memory as the square.  A choice: a page of
more is one of single digits."""
_MIN_UNRULED_ROWS = 3
"""Minimum number of rows of a table without lines.  A choice."""
_MIN_UNRULED_COLUMNS = 3
"""Minimum number of columns of a table without lines.  A choice: sums and lists have two."""
_MIN_UNRULED_FILLED_SHARE = 0.5
"""Minimum share of the places in rows and columns of a table without lines where there is a number.  A choice."""


@dataclass(frozen=True, slots=True)
class GridPosition:
    """Where a number stands."""

    index: int
    """Index of its box in the input."""
    row: int
    """Row of its table, or of the page if it is in none; from 1."""
    column: int
    """Column of its table, or position in its row if it is in none; from 1."""
    table: int = 0
    """Number of its table, from 1; 0 if it is in none."""


@dataclass(frozen=True, slots=True, eq=False)
class _Direction:
    """Numbers and ruled lines of a table: coordinates are (along, across) its rows, or its columns."""

    centers: NDArray[np.float64]
    """Shape (N, 2)."""
    halves: NDArray[np.float64]
    """Half the size of each number along and across, shape (N, 2)."""
    ends: NDArray[np.float64]
    """Ends of the ruled lines, shape (M, 2, 2)."""
    length: float
    """Length of the table along."""


def place_numbers(
    boxes: Sequence[Box], cells: Sequence[FormCell | None], form_cells: Sequence[FormCell], rules: Sequence[Rule]
) -> tuple[GridPosition, ...]:
    """Find the row and column of each number of a page, and sort into reading order.

    Args:
        boxes: boxes of the numbers, pixels of the rectified page, in any order.
        cells: the table cell in which each stands; None if it is in none.
        form_cells: all cells of the page.
        rules: all ruled lines of the page.

    Returns:
        One position for each number.
    """
    of_page = assign_rows(boxes)
    places = {position.index: GridPosition(position.index, position.row, position.column) for position in of_page}
    if len(boxes) > _MAX_TABLE_NUMBERS:
        places |= {place.index: place for place in _by_cells(of_page, cells)}
        return tuple(places[position.index] for position in of_page)
    for table in find_ruled_tables(boxes, cells, form_cells, rules):
        places |= {place.index: place for place in _place_in_table(boxes, cells, table, rules)}
    free = [index for index in range(len(boxes)) if not places[index].table]
    number = max((form_cell.table for form_cell in form_cells), default=0)
    for group in find_possible_tables(boxes, free, rules, number):
        in_group = _place_in_table(boxes, cells, group, rules)
        if _is_table(in_group):
            places |= {place.index: place for place in in_group}
    return _in_reading_order([places[position.index] for position in of_page])


def _by_cells(of_page: Iterable[RowPosition], cells: Sequence[FormCell | None]) -> list[GridPosition]:
    """The numbers in table cells, each where its cell is."""
    in_cells = ((position, cells[position.index]) for position in of_page)
    return [
        GridPosition(position.index, form_cell.cell.row, form_cell.cell.column or position.column, form_cell.table)
        for position, form_cell in in_cells
        if form_cell is not None
    ]


def _in_reading_order(order: Sequence[GridPosition]) -> tuple[GridPosition, ...]:
    """Numbers in the order of the page, but those of one table by its rows and columns."""
    of_table: dict[int, list[GridPosition]] = {}
    for place in order:
        of_table.setdefault(place.table, []).append(place)
    queues = {
        table: iter(sorted(places, key=lambda place: (place.row, place.column)) if table else places)
        for table, places in of_table.items()
    }
    return tuple(next(queues[place.table]) for place in order)


def _is_table(places: Sequence[GridPosition]) -> bool:
    """Whether numbers without ruled lines make a table."""
    rows, columns = ({getattr(place, axis) for place in places} for axis in ("row", "column"))
    return (
        len(rows) >= _MIN_UNRULED_ROWS
        and len(columns) >= _MIN_UNRULED_COLUMNS
        and len({(place.row, place.column) for place in places})
        >= _MIN_UNRULED_FILLED_SHARE * max(len(rows) * len(columns), len(places))
    )


def _place_in_table(
    boxes: Sequence[Box], cells: Sequence[FormCell | None], table: NumberTable, rules: Sequence[Rule]
) -> list[GridPosition]:
    """Place the numbers of one table."""
    centers = np.array([boxes[index].center for index in table.members])
    halves = np.array([(boxes[index].width / 2, boxes[index].height / 2) for index in table.members])
    horizontal, vertical = (table.line_ends(rules, direction) for direction in Direction)
    in_rows = _Direction(centers, halves, horizontal, table.box.width)
    in_columns = _Direction(centers[:, ::-1], halves[:, ::-1], vertical[:, :, ::-1], table.box.height)
    row_displacement, column_displacement = _displacement(in_rows), _displacement(in_columns)
    down, right = row_displacement.straighten(in_rows.centers), column_displacement.straighten(in_columns.centers)
    one_below_other = _overlap(right, halves[:, 0])
    row_pitch = _pitch(down, one_below_other, halves[:, 1])
    in_other_cell = _in_other_cell(right, down, halves)
    column_pitch = _pitch(right, _overlap(down, halves[:, 1]) & in_other_cell, halves[:, 0])
    row_lines = _lines(in_rows, row_displacement, row_pitch)
    column_lines = _lines(in_columns, column_displacement, min(column_pitch, row_pitch))
    rows = cluster_positions(
        down, one_below_other, row_lines, _MAX_CLUSTER_DISTANCE_PITCHES * row_pitch, _MAX_ROW_PITCHES * row_pitch
    )
    beside_each_other = (rows.owner[:, None] == rows.owner) & in_other_cell
    columns = cluster_positions(
        right, beside_each_other, column_lines, _MAX_CLUSTER_DISTANCE_PITCHES * column_pitch, np.inf
    )
    of_members = [cells[index] for index in table.members]
    row_numbers = _count_like_cells(
        np.array(number_clusters(rows, row_lines, row_pitch))[rows.owner],
        [form_cell.cell.row if form_cell else 0 for form_cell in of_members],
    )
    column_numbers = _count_like_cells(
        np.array(number_clusters(columns, column_lines, None))[columns.owner],
        [form_cell.cell.column if form_cell else 0 for form_cell in of_members],
    )
    return [
        GridPosition(index, row, column, table.number)
        for index, row, column in zip(table.members, row_numbers.tolist(), column_numbers.tolist(), strict=True)
    ]


def _count_like_cells(numbers: NDArray[np.int64], of_cells: Sequence[int]) -> NDArray[np.int64]:
    """Count rows, or columns, from where most cells do; 0 stands for no cell."""
    shifts = np.array([cell - number for number, cell in zip(numbers.tolist(), of_cells, strict=True) if cell])
    values, counts = np.unique(shifts, return_counts=True)
    if not len(shifts) or counts.max() < _MIN_ANCHOR_SHARE * len(shifts):
        return numbers
    return np.asarray(numbers + max(int(values[counts.argmax()]), 1 - int(numbers.min())), np.int64)


def _displacement(direction: _Direction) -> Displacement:
    """The displacement of the rows, or columns, of a table."""
    displacement = even_lines(direction.centers)
    for _ in range(_ROUNDS):
        displacement = fit_displacement(_pairs(direction, displacement), displacement)
    return displacement


def _pairs(direction: _Direction, displacement: Displacement) -> Pairs:
    """The ends of each ruled line, and each number with the next along its row or column."""
    along, halves = direction.centers[:, 0], direction.halves
    across = displacement.straighten(direction.centers)
    mean_size = halves[:, None] + halves
    ahead = along - along[:, None]
    level = np.abs(across - across[:, None]) <= _MAX_NEIGHBOUR_OFFSET_SHARE * mean_size[:, :, 1]
    distance = np.where(level & (ahead >= _MIN_SHARED_SHARE * mean_size[:, :, 0]), ahead, np.inf)
    first = np.flatnonzero(np.isfinite(distance.min(axis=1)))
    second = distance.argmin(axis=1)[first]
    return Pairs(
        np.concatenate([direction.centers[first], direction.ends[:, 0]]),
        np.concatenate([direction.centers[second], direction.ends[:, 1]]),
        np.concatenate(
            [_NEIGHBOUR_SIGMA_SHARE * mean_size[first, second, 1], np.full(len(direction.ends), _RULE_SIGMA_PIXELS)]
        ),
    )


def _lines(direction: _Direction, displacement: Displacement, pitch: float) -> list[float]:
    """Positions across of the ruled lines of a table, made even."""
    begin, end = (displacement.straighten(direction.ends[:, side]) for side in (0, 1))
    pieces = LinePieces((begin + end) / 2, direction.ends[:, :, 0])
    return merge_line_pieces(pieces, direction.length, pitch)


def _overlap(positions: NDArray[np.float64], halves: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which numbers share enough of an axis, shape (N, N), False on the diagonal."""
    shared = halves[:, None] + halves - np.abs(positions[:, None] - positions)
    overlap = shared >= _MIN_SHARED_SHARE * 2 * np.minimum(halves[:, None], halves)
    np.fill_diagonal(overlap, val=False)
    return np.asarray(overlap, np.bool_)


def _in_other_cell(
    right: NDArray[np.float64], down: NDArray[np.float64], halves: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which numbers, if they are in one row, are too far apart for one cell, as a date in three parts is; shape (N, N).

    Where hardly any neighbours are further apart, that is how close the columns are.
    """
    gaps = np.abs(right[:, None] - right) - halves[:, None, 0] - halves[:, 0]
    wide = gaps > _MAX_GAP_IN_CELL_HEIGHTS * 2 * float(np.median(halves[:, 1]))
    ahead = np.where(_overlap(down, halves[:, 1]) & (right > right[:, None]), right - right[:, None], np.inf)
    first = np.flatnonzero(np.isfinite(ahead.min(axis=1)))
    to_next = wide[first, ahead[first].argmin(axis=1)] if len(first) else np.zeros(0)
    if len(first) and float(np.mean(to_next)) < _MIN_WIDE_GAP_SHARE:
        return ~np.eye(len(right), dtype=np.bool_)
    return np.asarray(wide, np.bool_)


def _pitch(positions: NDArray[np.float64], aligned: NDArray[np.bool_], halves: NDArray[np.float64]) -> float:
    """Distance of rows: that of numbers to the next below among those that they are aligned with."""
    below = positions - positions[:, None]
    nearest = np.where(aligned & (below > 0), below, np.inf).min(axis=1)
    nearest = nearest[np.isfinite(nearest)]
    if len(nearest) < _MIN_PITCH_SAMPLES:
        return _UNKNOWN_PITCH_SIZES * 2 * float(np.median(halves))
    return float(np.quantile(nearest, _PITCH_QUANTILE))
