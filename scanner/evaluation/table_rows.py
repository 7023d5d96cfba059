"""Check whether the numbers of a table were read in their rows, and in their columns where the truth gives them.

The truth gives the row of each number if it lists numbers row by row, and the column too if all rows are equally long.
If it lists them one after the other and they were read in one column of one table, they are that column from top to
bottom.  Where rows and columns start to count is a matter of opinion (some count the header), so they are compared up
to a shift of the whole table.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.evaluation.ground_truth import PageTruth

_MIN_SHARE_IN_ONE_TABLE = 0.8
"""Minimum share of a page's readings that must be in one table (or one of its columns) for the rows to be checked."""


class TablePosition(Protocol):
    """A reading's position, as in ``scanner.types.Number``."""

    @property
    def table(self) -> int:
        """Table on the page, from 1; 0 if it is in none."""

    @property
    def row(self) -> int:
        """Row of the table, or of the page, from 1."""

    @property
    def column(self) -> int:
        """Column of the table, or position in the row of the page, from 1."""


def check_table_cells(truth: PageTruth, indexed_readings: Sequence[tuple[int, TablePosition]]) -> list[bool]:
    """Check whether each reading is in its row and column, if the truth is a table; else in its row.

    Where no table was found, the rows of the page count, and the positions in them.

    Args:
        truth: truth of the page.
        indexed_readings: index of each number in the truth, from 0 over all rows, and its reading.

    Returns:
        One answer per reading; empty if the truth does not give the rows.
    """
    if not truth.is_table:
        return check_table_rows(truth, indexed_readings)
    if not indexed_readings:
        return []
    cells = [(row, column) for row, texts in enumerate(truth.rows) for column in range(len(texts))]
    shifts = [
        (each.table, each.row - cells[index][0], each.column - cells[index][1]) for index, each in indexed_readings
    ]
    most_common, _ = Counter(shifts).most_common(1)[0]
    return [shift == most_common for shift in shifts]


def check_table_rows(truth: PageTruth, indexed_readings: Sequence[tuple[int, TablePosition]]) -> list[bool]:
    """Check whether each reading is in its row of the page's table.

    Args:
        truth: truth of the page.
        indexed_readings: index of each number in the truth, from 0 over all rows, and its reading.

    Returns:
        One answer per reading; empty if the page is no table, or its truth does not give the rows.
    """
    by_rows = len(truth.rows) > 1
    positions = Counter((row.table, 0 if by_rows else row.column) for _, row in indexed_readings if row.table)
    if not positions:
        return []
    (table, column), count = positions.most_common(1)[0]
    if count < _MIN_SHARE_IN_ONE_TABLE * len(indexed_readings):
        return []
    true_rows = _true_row_indices(truth)
    in_table = [row.table == table and (by_rows or row.column == column) for _, row in indexed_readings]
    shifts = [row.row - true_rows[index] for index, row in indexed_readings]
    table_shift, _ = Counter(shift for shift, inside in zip(shifts, in_table, strict=True) if inside).most_common(1)[0]
    return [inside and shift == table_shift for shift, inside in zip(shifts, in_table, strict=True)]


def _true_row_indices(truth: PageTruth) -> list[int]:
    """The row of each number, from 0; each has its own where the truth does not list them row by row."""
    if len(truth.rows) > 1:
        return [index for index, row in enumerate(truth.rows) for _ in row]
    return list(range(len(truth.texts)))
