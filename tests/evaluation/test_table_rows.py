from __future__ import annotations

from scanner.evaluation.ground_truth import PageTruth
from scanner.evaluation.table_rows import check_table_rows
from scanner.results.csv_tables import ResultRow
from scanner.types import Box

COLUMN = PageTruth("a.png", 1, (("78", None, "76", "75", "72", "70"),))
ROWS = PageTruth("a.png", 1, (("1", "2"), (), ("3",), ("4", "5", "6")))


def read(row: int, column: int = 3, table: int = 1) -> ResultRow:
    return ResultRow("a.png", 1, 1, table, row, column, "", "", "7", 0.9, "", Box(0, 0, 9, 9))


def test_one_after_the_other_is_a_column_below_its_head() -> None:
    # 76 is missed, and 75 was read one row too low.
    read_at = [(0, read(2)), (3, read(6)), (4, read(6)), (5, read(7))]
    assert check_table_rows(COLUMN, read_at) == [True, False, True, True]


def test_what_was_read_in_another_column_went_astray() -> None:
    read_at = [(0, read(2)), (2, read(4)), (3, read(5, column=2)), (4, read(6)), (5, read(7))]
    assert check_table_rows(COLUMN, read_at) == [True, True, False, True, True]
    outside = [*read_at[:2], (3, read(5, table=0)), *read_at[3:]]
    assert check_table_rows(COLUMN, outside) == [True, True, False, True, True]


def test_of_several_columns_the_rows_must_be_told() -> None:
    read_at = [(i, read(1 + i // 2, column=1 + i % 2)) for i in range(6)]
    assert check_table_rows(COLUMN, read_at) == []


def test_told_row_by_row_all_columns_count_and_empty_rows_too() -> None:
    read_at = [(0, read(3, 1)), (1, read(3, 2)), (2, read(5, 4)), (3, read(6, 1)), (4, read(6, 2)), (5, read(7, 3))]
    assert check_table_rows(ROWS, read_at) == [True, True, True, True, True, False]


def test_of_a_page_without_a_table_nothing_is_said() -> None:
    assert check_table_rows(ROWS, [(0, read(1, table=0)), (1, read(1, table=0))]) == []
    assert check_table_rows(COLUMN, []) == []
    half = [(0, read(2)), (3, read(5, table=0))]
    assert check_table_rows(COLUMN, half) == []
