from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from scanner.results import page_tables
from scanner.results.page_tables import cell_of, one_table, table_sheets
from scanner.results.wide_tables import EMPTY_CELL, WideCell, WideTable
from scanner.types import Box, Number, Opinion, PageResult

BOX = Box(1, 2, 3, 4)


def number(text: str, row: int, column: int, table: int = 1, confidence: float = 0.99) -> Number:
    return Number(text, confidence, "", row, column, BOX, (), table=table)


def texts(table: WideTable) -> list[tuple[str, int, int, int, list[str]]]:
    return [(row.file, row.page, row.table, row.row, [cell.text for cell in row.cells]) for row in table.rows]


LOG = PageResult("log.pdf", 2, 100, 100, (number("5", 4, 3), number("36,5", 2, 1), number("7", 2, 1, table=0)))
SUMS = PageResult(
    *("sums.png", 1, 100, 100),
    (number("1", 1, 1, table=3), number("2", 1, 4, table=3), number("3", 1, 1, table=1), number("9", 8, 2, table=0)),
)
FAILED = PageResult("torn.png", 1, 0, 0, error="torn.png: is torn")
PAGES = [LOG, FAILED, SUMS]


def test_each_table_is_a_sheet_with_its_cells_where_they_are_on_paper() -> None:
    sheets = table_sheets(PAGES)
    assert sheets.names == ("log p2 t1", "sums p1 t1", "sums p1 t3", "no table")
    tables = list(sheets.tables)
    assert [(table.name, table.is_grid, table.columns) for table in tables] == [
        ("log p2 t1", True, ("c1", "c2", "c3")),
        ("no table", False, ("c1", "c2")),
        ("sums p1 t1", True, ("c1",)),
        ("sums p1 t3", True, ("c1", "c2", "c3", "c4")),
        ("no table", False, ("c1", "c2")),
    ]
    assert texts(tables[0]) == [
        ("log.pdf", 2, 1, 1, []),
        ("log.pdf", 2, 1, 2, ["36,5"]),
        ("log.pdf", 2, 1, 3, []),
        ("log.pdf", 2, 1, 4, ["", "", "5"]),
    ]
    assert texts(tables[1]) == [("log.pdf", 2, 0, 2, ["7"])]
    assert texts(tables[3]) == [("sums.png", 1, 3, 1, ["1", "", "", "2"])]
    # Of the rows of a page only those with numbers: what lies between is in tables.
    assert texts(tables[4]) == [("sums.png", 1, 0, 8, ["", "9"])]


def test_more_tables_than_get_sheets_stand_on_one() -> None:
    sheets = table_sheets(PAGES, max_sheets=2)
    assert sheets.names == ("tables", "no table")
    tables = list(sheets.tables)
    assert [table.name for table in tables] == ["tables", "no table", "tables", "tables", "no table"]
    on_one = [table for table in tables if table.name == "tables"]
    assert {(table.columns, table.labels, table.is_grid) for table in on_one} == {
        (("c1", "c2", "c3", "c4"), ("file", "page", "table", "row"), False)
    }
    assert table_sheets(PAGES, max_sheets=3).names == ("log p2 t1", "sums p1 t1", "sums p1 t3", "no table")


def test_one_table_has_all_rows_of_a_page_after_each_other() -> None:
    table = one_table(PAGES)
    assert (table.columns, table.labels) == (("c1", "c2", "c3", "c4"), ("file", "page", "table", "row"))
    assert [row[:4] for row in texts(table)] == [
        *(("log.pdf", 2, 1, 1), ("log.pdf", 2, 1, 2), ("log.pdf", 2, 1, 3), ("log.pdf", 2, 1, 4)),
        *(("log.pdf", 2, 0, 2), ("sums.png", 1, 1, 1), ("sums.png", 1, 3, 1), ("sums.png", 1, 0, 8)),
    ]


def test_without_numbers_there_is_no_sheet() -> None:
    assert (table_sheets([FAILED]).names, list(table_sheets([FAILED]).tables)) == ((), [])
    assert (one_table([]).columns, list(one_table([]).rows)) == ((), [])
    assert table_sheets([replace(LOG, numbers=LOG.numbers[:2])]).names == ("log p2 t1",)


@dataclass(frozen=True)
class Counted:
    """Pages that note how many of them were asked for, all together."""

    asked: list[int]

    def __iter__(self) -> Iterator[PageResult]:
        for page in range(1, 4):
            self.asked.append(page)
            yield replace(LOG, page_number=page)


def test_a_page_is_asked_for_only_when_its_rows_are() -> None:
    pages = Counted([])
    sheets = table_sheets(pages)
    assert pages.asked == [1, 2, 3]
    tables = iter(sheets.tables)
    next(tables)
    assert pages.asked == [1, 2, 3, 1]
    rows = iter(one_table(pages).rows)
    next(rows)
    assert pages.asked == [1, 2, 3, 1, 1, 2, 3, 1]


def test_rows_and_columns_beyond_any_paper_are_kept_in_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_tables, "_MAX_SIDE", 3)
    page = PageResult("a.png", 1, 9, 9, (number("1", 1, 3), number("2", 1, 10**9), number("3", 10**9, 1)))
    (table,) = table_sheets([page]).tables
    assert [row for *_, row in texts(table)] == [["", "", "1 | 2"], [], ["3"]]
    assert one_table([page]).columns == ("c1", "c2", "c3")


def test_a_number_is_a_value_and_a_code_a_text() -> None:
    assert cell_of([number("36,50", 1, 1)]) == WideCell("36,50", Decimal("36.50"), 0.99)
    assert cell_of([number("007", 1, 1)]) == WideCell("007", None, 0.99)
    assert cell_of([number("007", 1, 1)]).is_text
    assert not cell_of([number("7", 1, 1)]).is_text


def test_a_separator_that_may_be_either_is_a_reason() -> None:
    assert cell_of([number("1.234", 1, 1)]) == WideCell("1.234", None, 0.99, "thousands or decimals")
    doubtful = replace(number("1.234", 1, 1), review_reason="low confidence")
    assert cell_of([doubtful]).review_reason == "low confidence, thousands or decimals"


def test_two_numbers_in_a_cell_are_a_text_of_both() -> None:
    both = [number("12", 1, 1, confidence=0.5), number("15", 1, 1, confidence=0.5)]
    assert cell_of(both) == WideCell("12 | 15", None, 0.25, "several in one cell")
    flagged = [replace(each, review_reason="several in one cell") for each in both]
    assert cell_of(flagged) == cell_of(both)
    assert cell_of([both[0], replace(both[1], review_reason="readers disagree")]).review_reason == (
        "readers disagree, several in one cell"
    )


def test_what_is_crossed_out_does_not_count() -> None:
    crossed = replace(number("45", 1, 1, confidence=0.75), review_reason="crossed out", crossed_out=True)
    assert cell_of([crossed]) == WideCell("", None, 0.75, "crossed out", crossed_out="45")
    corrected = replace(number("46", 1, 1), review_reason="several in one cell")
    assert cell_of([crossed, corrected]) == WideCell(
        "46", Decimal(46), 0.99, "several in one cell, crossed out", crossed_out="45"
    )
    assert not cell_of([crossed]).is_empty


def test_what_could_not_be_read_is_an_empty_cell_with_what_readers_say() -> None:
    opinions = (Opinion("contours", "12", 0.3), Opinion("number", "17", 0.2), Opinion("text line", "", 0.0))
    unread = replace(number("", 1, 1, confidence=0.0), review_reason="unread", opinions=opinions)
    assert cell_of([unread]) == WideCell("", None, 0.0, "unread", "12 or 17")
    assert cell_of([unread, number("5", 1, 1)]) == WideCell("5", Decimal(5), 0.99, "unread")


def test_another_reading_is_a_suggestion_only_for_what_is_doubtful() -> None:
    opinions = (Opinion("contours", "365", 0.8), Opinion("number", "86,5", 0.2))
    sure = replace(number("36,5", 1, 1), opinions=opinions)
    assert cell_of([sure]).suggestion == ""
    # The contours know no separators.
    assert cell_of([replace(sure, review_reason="readers disagree")]).suggestion == "86,5"


def test_empty_is_only_a_cell_in_which_nothing_was_found() -> None:
    assert EMPTY_CELL.is_empty
    assert not EMPTY_CELL.is_text
    assert not cell_of([replace(number("", 1, 1, confidence=0.0), review_reason="unread")]).is_empty


def test_a_cell_is_checked_if_all_its_numbers_are() -> None:
    first = replace(number("12", 1, 1), checked="corrected", checked_by="Ada", read="72")
    second = replace(number("15", 1, 1), checked="confirmed", checked_by="Ada", read="15")
    cell = cell_of([first, second])
    assert (cell.text, cell.review_reason) == ("12 | 15", "")
    assert cell.checked == "corrected by Ada, read as 72; confirmed by Ada"
    half = cell_of([first, number("15", 1, 1)])
    assert (half.review_reason, half.checked) == ("several in one cell", "")
