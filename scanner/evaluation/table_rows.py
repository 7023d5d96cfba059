"""Check whether the numbers of a table were read in their rows.

The truth gives the row of each number if it lists numbers row by row.  If it lists them one after the other and they
were read in one column of one table, they are that column from top to bottom.  Where rows start to count is a matter
of opinion (some count the header), so rows are compared up to a shift of the whole table.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.evaluation.ground_truth import PageTruth
    from scanner.results.csv_tables import ResultRow

_MIN_SHARE_IN_ONE_TABLE = 0.8
"""Minimum share of a page's readings that must be in one table (or one of its columns) for the rows to be checked."""


def check_table_rows(truth: PageTruth, indexed_results: Sequence[tuple[int, ResultRow]]) -> list[bool]:
    """Check whether each reading is in its row of the page's table.

    Args:
        truth: truth of the page.
        indexed_results: index of each number in the truth, from 0 over all rows, and its reading.

    Returns:
        One answer per reading; empty if the page is no table, or its truth does not give the rows.
    """
    by_rows = len(truth.rows) > 1
    positions = Counter((row.table, 0 if by_rows else row.column) for _, row in indexed_results if row.table)
    if not positions:
        return []
    (table, column), count = positions.most_common(1)[0]
    if count < _MIN_SHARE_IN_ONE_TABLE * len(indexed_results):
        return []
    true_rows = _true_row_indices(truth)
    in_table = [row.table == table and (by_rows or row.column == column) for _, row in indexed_results]
    shifts = [row.row - true_rows[index] for index, row in indexed_results]
    table_shift, _ = Counter(shift for shift, inside in zip(shifts, in_table, strict=True) if inside).most_common(1)[0]
    return [inside and shift == table_shift for shift, inside in zip(shifts, in_table, strict=True)]


def _true_row_indices(truth: PageTruth) -> list[int]:
    """The row of each number, from 0; each has its own where the truth does not list them row by row."""
    if len(truth.rows) > 1:
        return [index for index, row in enumerate(truth.rows) for _ in row]
    return list(range(len(truth.numbers)))
