from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from scanner.errors import NotInstalledError
from scanner.results import table_files
from scanner.results.table_files import TableFormat, check_installed, table_file
from scanner.safe_csv import CsvStyle, DecimalPoint
from scanner.types import Box, Number, PageResult

PAGE = PageResult("a.png", 1, 9, 9, (Number("36,5", 0.99, "", 1, 2, Box(1, 2, 3, 4), (), table=1),))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("t.xlsx", TableFormat.XLSX),
        ("T.XLSX", TableFormat.XLSX),
        ("t.parquet", TableFormat.PARQUET),
        ("t.csv", TableFormat.CSV),
        ("-", TableFormat.CSV),
        ("/dev/stdout", TableFormat.CSV),
    ],
)
def test_the_ending_says_the_format(name: str, expected: TableFormat) -> None:
    assert TableFormat.of_path(Path(name)) is expected


def test_each_format_has_the_same_table() -> None:
    text = b"".join(table_file([PAGE], TableFormat.CSV, CsvStyle.PLAIN, DecimalPoint.COMMA)).decode()
    assert text == 'file,page,table,row,review,c1,c2\na.png,1,1,1,,,"36,5"\n'
    book = load_workbook(io.BytesIO(b"".join(table_file([PAGE], TableFormat.XLSX))))
    assert [[cell.value for cell in row] for row in book["a p1 t1"]] == [[None, 36.5]]
    parquet = pytest.importorskip("pyarrow.parquet")
    found = parquet.read_table(io.BytesIO(b"".join(table_file([PAGE], TableFormat.PARQUET))))
    assert found["c2"].to_pylist() == [36.5]


def test_a_name_with_half_a_character_costs_no_table() -> None:
    page = PageResult("\udcff.png", 1, 9, 9, PAGE.numbers)
    assert b"\n\\udcff.png,1,1,1" in b"".join(table_file([page], TableFormat.CSV))


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_files, "find_spec", lambda name: None)
    check_installed(TableFormat.XLSX)
    check_installed(TableFormat.CSV)
    with pytest.raises(NotInstalledError, match=r"pyarrow.*pip install 'digitscan\[parquet\]'"):
        check_installed(TableFormat.PARQUET)
