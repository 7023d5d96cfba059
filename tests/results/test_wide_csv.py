from __future__ import annotations

from decimal import Decimal

from scanner.results.wide_csv import wide_csv
from scanner.results.wide_tables import EMPTY_CELL, WideCell, WideRow, WideTable
from scanner.safe_csv import CsvStyle, DecimalPoint

ROWS = (
    WideRow("=1+1.png", 2, (WideCell("36,50", Decimal("36.50"), 0.99), EMPTY_CELL, WideCell("007", None, 0.99)), 1, 4),
    WideRow("a.png", 1, (WideCell("1.234.567", Decimal(1234567), 0.99), WideCell("1", Decimal(1), 0.5, "unclear"))),
    WideRow("b.png", 1, ()),
)
TABLE = WideTable("tables", ("c1", "c2", "c3"), ROWS, ("file", "page", "table", "row"))


def test_the_agreed_columns_are_written_to_the_letter() -> None:
    assert "".join(wide_csv(TABLE)) == (
        "file,page,table,row,review,c1,c2,c3\n"
        "./=1+1.png,2,1,4,,36.50,,007\n"
        'a.png,1,,,"c2: unclear, 50% sure",1234567,1,\n'
        "b.png,1,,,,,,\n"
    )


def test_decimals_are_written_with_the_sign_that_is_wanted() -> None:
    _, row, *_ = wide_csv(TABLE, decimal_point=DecimalPoint.COMMA)
    assert row == './=1+1.png,2,1,4,,"36,50",,007\n'


def test_for_spreadsheets_codes_keep_their_zeros() -> None:
    head, row, *_ = wide_csv(TABLE, CsvStyle.EXCEL)
    assert head == "\ufefffile,page,table,row,review,c1,c2,c3\n"
    assert row == './=1+1.png,2,1,4,,36.50,,"=""007"""\n'


def test_a_table_without_rows_has_its_headings() -> None:
    assert "".join(wide_csv(WideTable("form", ("votes",), ()))) == "file,page,review,votes\n"
