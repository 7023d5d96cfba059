"""Spreadsheets, as another library and LibreOffice read them."""

from __future__ import annotations

import csv
import errno
import io
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from xlsxwriter import Workbook

from scanner.errors import OutputError
from scanner.results import wide_xlsx
from scanner.results.page_tables import table_sheets
from scanner.results.wide_tables import EMPTY_CELL, WideCell, WideRow, WideTable
from scanner.types import Box, Number, PageResult

SURE = WideCell("36,50", Decimal("36.50"), 0.99996)
CODE = WideCell("007", None, 0.95)
DOUBTFUL = WideCell("12", Decimal(12), 0.75, "readers disagree", "72")
CROSSED = WideCell("", None, 0.5, "crossed out", crossed_out="45")
GRID = WideTable(
    "log p1 t1",
    ("c1", "c2", "c3"),
    (
        WideRow("log.png", 1, (), 1, 1),
        WideRow("log.png", 1, (SURE, EMPTY_CELL, CODE), 1, 2),
        WideRow("log.png", 1, (EMPTY_CELL, DOUBTFUL, CROSSED), 1, 3),
    ),
    ("file", "page", "table", "row"),
    is_grid=True,
)
LIST = WideTable("no table", ("c1",), (WideRow("log.png", 1, (DOUBTFUL,), row=5),), ("file", "page", "row"))
AMBER = "FFFFE699"


def written(tables: Iterable[WideTable], *names: str) -> bytes:
    return b"".join(wide_xlsx.wide_xlsx(tables, names))


def opened(tables: Iterable[WideTable], *names: str) -> Any:
    return load_workbook(io.BytesIO(written(tables, *names)))


def contents(sheet: Any) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet]


def fill(cell: Any) -> str | None:
    colour: str = cell.fill.fgColor.rgb
    return colour if cell.fill.patternType else None


def test_a_grid_has_each_cell_where_it_is_on_paper() -> None:
    sheet = opened([GRID], "log p1 t1")["log p1 t1"]
    assert contents(sheet) == [[None, None, None], [36.5, None, "007"], [None, 12, None]]
    assert (sheet["A2"].number_format, sheet["B3"].number_format) == ("0.00", "0")
    assert (sheet["A2"].data_type, sheet["C2"].data_type) == ("n", "s")


def test_doubtful_cells_are_marked_and_say_why() -> None:
    sheet = opened([GRID], "log p1 t1")["log p1 t1"]
    marked = {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment}
    assert marked == {"B3": "readers disagree\n75% sure\nperhaps 72", "C3": "crossed out: 45"}
    assert {cell.coordinate for row in sheet for cell in row if fill(cell)} == set(marked)
    assert {fill(sheet[place]) for place in marked} == {AMBER}


def test_a_list_has_headings_and_says_where_each_row_comes_from() -> None:
    book = opened([LIST, LIST], "no table")
    assert contents(book["no table"]) == [["file", "page", "row", "c1"], *[["log.png", 1, 5, 12]] * 2]
    assert (book["no table"].freeze_panes, book["no table"].auto_filter.ref) == ("A2", "A1:D3")


def test_the_last_sheet_lists_how_sure_each_cell_is() -> None:
    book = opened([GRID, LIST], "log p1 t1", "no table")
    assert book.sheetnames == ["log p1 t1", "no table", "confidence"]
    sheet = book["confidence"]
    heading = ["sheet", "cell", "file", "page", "table", "row", "column"]
    heading += ["text", "confidence", "review", "perhaps", "crossed out", "checked"]
    assert contents(sheet) == [
        heading,
        # Rounded down: nothing looks surer than it is.
        ["log p1 t1", "A2", "log.png", 1, 1, 2, "c1", "36,50", 0.9999, None, None, None, None],
        ["log p1 t1", "C2", "log.png", 1, 1, 2, "c3", "007", 0.95, None, None, None, None],
        ["log p1 t1", "B3", "log.png", 1, 1, 3, "c2", "12", 0.75, "readers disagree", "72", None, None],
        ["log p1 t1", "C3", "log.png", 1, 1, 3, "c3", None, 0.5, "crossed out", None, "45", None],
        ["no table", "D2", "log.png", 1, None, 5, "c1", "12", 0.75, "readers disagree", "72", None, None],
    ]
    links = {cell.coordinate: cell.hyperlink.location for row in sheet for cell in row if cell.hyperlink}
    assert links == {"B4": "'log p1 t1'!B3", "B5": "'log p1 t1'!C3", "B6": "'no table'!D2"}


def test_a_cell_that_a_person_has_checked_is_green_and_says_who() -> None:
    checked = WideCell("17", Decimal(17), 1.0, checked="corrected by Ada, read as 11")
    unread = WideCell("", None, 1.0, checked="unreadable by Ada")
    doubtful = replace(checked, review_reason="rule does not hold")
    rows = (WideRow("a.png", 1, (checked, unread, doubtful)),)
    book = opened([WideTable("t", ("c1", "c2", "c3"), rows)], "t")
    cells = book["t"][2][2:]
    fills = [cell.fill.start_color.rgb for cell in cells]
    assert fills == ["FFD9EAD3", "FFD9EAD3", "FFFFE699"]
    assert [cell.comment.text for cell in cells] == [
        "corrected by Ada, read as 11",
        "unreadable by Ada",
        "rule does not hold\n100% sure\ncorrected by Ada, read as 11",
    ]
    assert [row[-1] for row in contents(book["confidence"])[1:]] == [cell.checked for cell in rows[0].cells]


def test_what_was_worked_out_is_not_listed() -> None:
    total = WideCell("40", Decimal(40), None, "is not the sum", "41")
    sheet = opened([WideTable("form", ("total",), (WideRow("a.png", 1, (total,)),))], "form")
    assert contents(sheet["form"]) == [["file", "page", "total"], ["a.png", 1, 40]]
    assert sheet["form"]["C2"].comment.text == "is not the sum\nperhaps 41"
    assert sheet["confidence"].max_row == 1


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "http://a.example", "\t=1", "0.5"])
def test_no_text_is_a_formula_or_a_link(text: str) -> None:
    table = WideTable(
        "t", ("c1",), (WideRow(text, 1, (WideCell(text, None, 0.5, text, text, text),)),), ("file", "page")
    )
    book = opened([table], "t")
    for sheet, place in (("t", "A2"), ("t", "C2"), ("confidence", "C2"), ("confidence", "H2")):
        assert (book[sheet][place].value, book[sheet][place].data_type) == (text, "s")
        assert book[sheet][place].hyperlink is None
    assert b"<f>" not in b"".join(parts(written([table], "t")).values())


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_same_tables_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written([GRID, LIST], "log p1 t1", "no table")
    if hasattr(time, "tzset"):
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
    try:
        assert written([GRID, LIST], "log p1 t1", "no table") == data
    finally:
        monkeypatch.undo()
        if hasattr(time, "tzset"):
            time.tzset()
    assert load_workbook(io.BytesIO(data)).properties.created == datetime(1980, 1, 1)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}


def test_names_and_texts_that_xml_cannot_hold_are_escaped() -> None:
    cell = WideCell("1" * 40_000, None, 0.9, "a\0b \udcff")
    book = opened([WideTable("t", ("c1",), (WideRow("\udcff.png", 1, (cell,)),))], "t")
    assert book["t"]["A2"].value == "\\udcff.png"
    assert len(book["t"]["C2"].value) == 32_767
    assert "\\udcff" in book["confidence"]["J2"].value


def test_what_has_no_room_on_a_sheet_goes_on_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wide_xlsx, "_MAX_ROWS", 3)
    name = "a name that is thirty-one long."
    rows = tuple(WideRow("a.png", page, (SURE,)) for page in range(1, 6))
    book = opened([WideTable(name, ("c1",), rows)], name)
    # In the order in which they are full: a row is written before it is listed.
    shortened = name[:-2]
    assert book.sheetnames == [
        *(name, "confidence", f"{shortened} 2", "confidence 2", f"{shortened} 3", "confidence 3")
    ]
    for sheet in (name, f"{shortened} 2", f"{shortened} 3"):
        assert [cell.value for cell in book[sheet][1]] == ["file", "page", "c1"]
    assert [row[1] for row in contents(book[f"{shortened} 2"])] == ["page", 3, 4]
    assert contents(book["confidence 3"])[1][:4] == [f"{shortened} 3", "C2", "a.png", 5]


def test_comments_are_limited_and_marks_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wide_xlsx, "MAX_COMMENTS", 2)
    rows = tuple(WideRow("a.png", page, (DOUBTFUL,)) for page in range(1, 5))
    book = opened([WideTable("t", ("c1",), rows)], "t")
    assert [cell.comment is not None for cell in book["t"]["C"]] == [False, True, True, False, False]
    assert [fill(cell) for cell in book["t"]["C"]] == [None, *[AMBER] * 4]
    assert [cell.hyperlink is not None for cell in book["confidence"]["B"]] == [False, True, True, False, False]
    assert [cell.value for cell in book["confidence"]["J"]] == ["review", *["readers disagree"] * 4]


def test_without_tables_there_is_the_empty_list() -> None:
    assert opened([]).sheetnames == ["confidence"]


def test_columns_are_as_wide_as_their_numbers() -> None:
    long = WideCell("123456789012345", Decimal(123456789012345), 0.99)
    table = WideTable("t", ("c1", "c2"), (WideRow("a.png", 1, (long, SURE), 1, 1),), is_grid=True)
    widths = opened([table], "t")["t"].column_dimensions
    assert widths["A"].width >= 16
    assert widths["B"].width < 10


def test_ten_thousand_columns_are_written() -> None:
    row = WideRow("a.png", 1, (*[EMPTY_CELL] * 9_999, SURE), 1, 1)
    table = WideTable("t", tuple(f"c{index}" for index in range(1, 10_001)), (row,), is_grid=True)
    sheet = opened([table], "t")["t"]
    assert (sheet.max_column, sheet.cell(1, 10_000).value) == (10_000, 36.5)


def test_a_full_disk_is_named_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def fail(book: Workbook) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Workbook, "_store_workbook", fail)
    with pytest.raises(OutputError, match=r"could not be put together there \(No space left on device\)"):
        written([GRID], "log p1 t1")
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_what_makes_the_tables_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def torn() -> Iterator[WideTable]:
        yield LIST
        raise RuntimeError("torn")

    with pytest.raises(RuntimeError, match="torn"):
        written(torn(), "no table")
    assert list(tmp_path.iterdir()) == []


def number(text: str, row: int, column: int, reason: str = "", *, crossed_out: bool = False) -> Number:
    return Number(text, 0.5, reason, row, column, Box(1, 2, 3, 4), (), table=1, crossed_out=crossed_out)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_what_is_meant(tmp_path: Path) -> None:
    page = PageResult(
        *("log.png", 1, 9, 9),
        (
            *(number("36,5", 2, 1), number("007", 2, 2), number("1234567890123456", 2, 3), number("-4,25", 2, 4)),
            *(number("1.234.567", 3, 1), number("1.234", 3, 2), number("12", 3, 3), number("15", 3, 3)),
            *(number("", 4, 1, "unread"), number("45", 4, 2, "crossed out", crossed_out=True), number("1-2", 4, 3)),
            *(number("7.5.2026", 4, 4), number("0", 4, 5)),
        ),
    )
    sheets = table_sheets([page])
    (tmp_path / "t.xlsx").write_bytes(written(sheets.tables, *sheets.names))
    # Commas, double quotes, UTF-8; cells as they are shown; a file for each sheet.
    saved = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,true,false,false,-1"
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--convert-to", saved, "--outdir", str(tmp_path), str(tmp_path / "t.xlsx")],
        check=True,
        capture_output=True,
        timeout=500,
    )
    assert read_csv(tmp_path / "t-log p1 t1.csv") == [
        ["", "", "", "", ""],
        ["36.5", "007", "1234567890123456", "-4.25", ""],
        ["1234567", "1.234", "12 | 15", "", ""],
        ["", "", "1-2", "7.5.2026", "0"],
    ]
    listed = read_csv(tmp_path / "t-confidence.csv")
    assert listed[0][:2] == ["sheet", "cell"]
    assert " ".join(row[1] for row in listed[1:]) == "A2 B2 C2 D2 A3 B3 C3 A4 B4 C4 D4 E4"
    assert listed[9][7:] == ["", "0.5000", "crossed out", "", "45", ""]


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))
