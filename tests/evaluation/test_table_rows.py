from __future__ import annotations

from scanner.evaluation.ground_truth import PageTruth
from scanner.evaluation.table_rows import check_table_cells, check_table_rows
from scanner.results.csv_tables import ResultRow
from scanner.types import Box

COLUMN = PageTruth("a.png", 1, (("78", None, "76", "75", "72", "70"),))
ROWS = PageTruth("a.png", 1, (("1", "2"), (), ("3",), ("4", "5", "6")))

TABLE = PageTruth("a.png", 1, (("1", "2"), ("3", "4"), ("5", "6")))


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


def test_of_a_table_row_and_column_count_up_to_a_shift_of_all() -> None:
    # 4 was read in the row of 5 and 6, and 6 one column too far to the right.
    read_at = [(0, read(2, 3)), (1, read(2, 4)), (2, read(3, 3)), (3, read(4, 4)), (4, read(4, 3)), (5, read(4, 5))]
    assert check_table_cells(TABLE, read_at) == [True, True, True, False, True, False]


def test_of_a_table_that_was_not_found_rows_of_the_page_count() -> None:
    read_at = [(0, read(1, 1, table=0)), (1, read(1, 2, table=0)), (3, read(2, 1, table=0)), (4, read(3, 1, table=0))]
    assert check_table_cells(TABLE, read_at) == [True, True, False, True]


def test_what_stands_in_another_table_is_not_in_its_cell() -> None:
    assert check_table_cells(TABLE, [(0, read(1, 1)), (1, read(1, 2)), (2, read(2, 1, table=2))]) == [True, True, False]


def test_without_readings_no_cell_is_checked() -> None:
    assert check_table_cells(TABLE, []) == []


def test_cells_of_rows_of_any_length_are_checked_by_row() -> None:
    assert check_table_cells(ROWS, [(0, read(3, 1)), (1, read(3, 7)), (2, read(5, 1))]) == [True, True, True]
