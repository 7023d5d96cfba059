"""Did the numbers of a table come back in their rows?

A truth says in which row each number stands if it gives the numbers row by
row.  If it gives them one after the other, and they were read in one column of
one table, they are that column from top to bottom.  Nobody counts a table's
head alike, so what is right is not the row's number, but its distance to those
of the others: the whole table may be shifted, no single number.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.evaluation.ground_truth import PageTruth
    from scanner.results.csv_tables import ResultRow

_MIN_SHARE_IN_ONE_TABLE = 0.8
"""A page is a table, or its numbers one column, if at least so many of them were read in one: the rest went astray."""


def check_table_rows(truth: PageTruth, indexed_results: Sequence[tuple[int, ResultRow]]) -> list[bool]:
    """Whether each number that was read stands in its row of the page's table.

    Args:
        truth: of the page.
        indexed_results: place of the number in the truth, from 0 over all rows, and what was read for it.

    Returns:
        One answer per number read; empty if the page is no table, or its truth does not tell the rows.
    """
    by_rows = len(truth.rows) > 1
    standing = Counter((row.table, 0 if by_rows else row.column) for _, row in indexed_results if row.table)
    if not standing:
        return []
    (table, column), count = standing.most_common(1)[0]
    if count < _MIN_SHARE_IN_ONE_TABLE * len(indexed_results):
        return []
    true_rows = _true_row_indices(truth)
    inside = [row.table == table and (by_rows or row.column == column) for _, row in indexed_results]
    shifts = [row.row - true_rows[place] for place, row in indexed_results]
    shift, _ = Counter(shift for shift, within in zip(shifts, inside, strict=True) if within).most_common(1)[0]
    return [within and here == shift for here, within in zip(shifts, inside, strict=True)]


def _true_row_indices(truth: PageTruth) -> list[int]:
    """The row of each number, from 0; one row to each where they are not given row by row."""
    if len(truth.rows) > 1:
        return [index for index, row in enumerate(truth.rows) for _ in row]
    return list(range(len(truth.numbers)))
