from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from scanner.errors import OutputError
from scanner.forms.check_digits import CheckDigit
from scanner.forms.check_expressions import parse_check
from scanner.forms.form import (
    CheckDigitRule,
    CheckRule,
    FieldContent,
    FieldKind,
    Form,
    FormColumn,
    FormField,
    FormTable,
    Reference,
)
from scanner.results.form_tables import form_cell, form_sheets, one_form_table
from scanner.results.table_files import TableFormat, check_holds, table_file
from scanner.results.wide_tables import EMPTY_CELL, WideCell, WideTable
from scanner.safe_csv import CsvStyle, DecimalPoint
from scanner.types import Box, BrokenRule, Number, Opinion, PageResult

BOX = Box(0, 0, 90, 90)
COMB, NUMBER, DECIMAL = FieldKind.COMB, FieldKind.NUMBER, FieldKind.DECIMAL


def field(name: str, kind: FieldKind = NUMBER, maximum: int | None = None) -> FormField:
    limit = None if maximum is None else Decimal(maximum)
    return FormField(name=name, box=BOX, kind=kind, cells=8 if kind is COMB else None, maximum=limit)


def form(name: str, fields: Sequence[FormField], tables: Sequence[FormTable] = (), rules: Sequence[str] = ()) -> Form:
    checks = tuple(CheckRule(parse_check(rule)) for rule in rules)
    return Form(name=name, reference=Reference("a.png"), fields=tuple(fields), tables=tuple(tables), rules=checks)


def page(of: Form, *texts: str, file: str = "a.png", broken: tuple[BrokenRule, ...] = ()) -> PageResult:
    """A page of a form with these texts in its fields; empty ones are empty, and what ends in ? is flagged."""
    numbers = tuple(
        Number(
            text.rstrip("?"), 0.95, "low confidence" if "?" in text else "", 1, 1, BOX, (), each.name, is_empty=not text
        )
        for each, text in zip(of.all_fields(), texts, strict=True)
    )
    return PageResult(file, 1, 9, 9, numbers, form=of.name, broken_rules=broken)


MARKS = FormTable(name="marks", box=BOX, columns=(FormColumn(name="q1"), FormColumn(name="sum")), rows=2)
SHEET = form("sheet", [field("id", COMB), field("total")], [MARKS], ["total == sum(sum)"])
BROKEN = BrokenRule("total == sum(sum)", ("total", "marks.1.sum", "marks.2.sum"), "9 is not 8")
FIRST = page(SHEET, "0017", "9?", "3", "3", "", "5", broken=(BROKEN,))
SECOND = page(SHEET, "0018", "", "1.234", "", "", "", file="b.png")
FAILED = PageResult("c.png", 1, 0, 0, error="c.png: is none of the forms")
OTHER = replace(FIRST, form="another")


def texts(table: WideTable) -> list[list[str]]:
    return [
        [str(row.label(name) or "") for name in table.labels] + [cell.text for cell in row.cells] for row in table.rows
    ]


def merged(tables: Sequence[WideTable]) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for table in tables:
        found.setdefault(table.name, []).extend(texts(table))
    return found


def test_a_page_is_a_row_and_so_is_each_row_of_a_table() -> None:
    sheets = form_sheets([FIRST, FAILED, SECOND, OTHER], [SHEET])
    assert sheets.names == ("sheet", "marks", "confidence", "confidence marks", "broken rules")
    found = merged(list(sheets.tables))
    assert found["sheet"] == [["a.png", "1", "0017", "9"], ["b.png", "1", "0018", ""]]
    assert found["marks"] == [
        ["a.png", "1", "1", "3", "3"],
        ["a.png", "1", "2", "", "5"],
        ["b.png", "1", "1", "1.234", ""],
        ["b.png", "1", "2", "", ""],
    ]
    assert found["confidence"][0] == ["a.png", "1", "0.9500", "0.9500"]
    assert len(found["confidence marks"]) == 4


def test_rules_that_do_not_hold_are_on_the_last_sheet() -> None:
    sheets = form_sheets([FIRST, SECOND], [SHEET])
    assert merged(list(sheets.tables))["broken rules"] == [
        ["a.png", "1", "total == sum(sum)", "total, marks.1.sum, marks.2.sum", "9 is not 8"]
    ]


def test_sheets_stand_there_without_pages() -> None:
    sheets = form_sheets([FAILED], [SHEET])
    assert list(merged(list(sheets.tables))) == ["sheet", "confidence", "marks", "confidence marks", "broken rules"]
    assert form_sheets([], [form("t", [], [MARKS])]).names == ("marks", "confidence", "broken rules")


def test_of_several_forms_each_has_its_sheets() -> None:
    other = form("another", [field("x")], [MARKS])
    sheets = form_sheets([FIRST, page(other, "1", "", "", "", "")], [SHEET, other])
    assert sheets.names == (
        *("sheet", "sheet marks", "another", "another marks"),
        *("confidence", "confidence sheet marks", "confidence another", "confidence another marks", "broken rules"),
    )
    found = merged(list(sheets.tables))
    assert (len(found["sheet marks"]), found["another"]) == (2, [["a.png", "1", "1"]])


def test_names_of_forms_that_no_sheet_may_have_are_changed() -> None:
    odd = form("Broken Rules", [field("x")])
    assert form_sheets([], [odd, form("a/b", [field("x")])]).names[:2] == ("Broken Rules", "a_b")
    assert form_sheets([], [odd]).names == ("Broken Rules", "confidence", "broken rules (2)")


def values(of: Form, *read: str) -> list[Decimal | None]:
    (row,) = one_form_table([page(of, *read)], of).rows
    return [cell.value for cell in row.cells]


def test_the_form_says_what_is_a_code() -> None:
    combs = [field("code", COMB), field("limited", COMB, 500), field("summed", COMB), field("sum", NUMBER)]
    of = form("f", [*combs, field("account", NUMBER)], rules=["sum == 2 * summed"])
    with_digits = replace(
        of, rules=(*of.rules, *(CheckDigitRule(name, CheckDigit.LUHN) for name in ("account", "sum")))
    )
    assert values(of, "12", "012", "007", "014", "018") == [None, 12, 7, 14, 18]
    assert values(with_digits, "12", "012", "007", "014", "018") == [None, 12, 7, 14, None]


def test_a_column_of_a_table_is_of_one_kind() -> None:
    columns = (FormColumn(name="id", kind=COMB, cells=2), FormColumn(name="n", kind=COMB, cells=2))
    of = form("f", [], [FormTable(name="t", box=BOX, columns=columns, rows=2)], ["t.1.n < 50"])
    rows = list(one_form_table([page(of, "01", "01", "12", "12")], of).rows)
    assert [[cell.value for cell in row.cells] for row in rows] == [[None, 1], [None, 12]]
    assert [row.row for row in rows] == [1, 2]


@pytest.mark.parametrize(
    ("text", "kind", "value", "reason"),
    [
        ("36,50", DECIMAL, Decimal("36.50"), ""),
        ("1.234,5", DECIMAL, Decimal("1234.5"), ""),
        ("1.234", DECIMAL, None, "thousands or decimals"),
        ("1.234", NUMBER, Decimal(1234), ""),
        ("7-5", NUMBER, None, ""),
        ("1234567890123456", NUMBER, None, ""),
        ("1", FieldKind.TICK, Decimal(1), ""),
    ],
)
def test_numbers_are_values_where_they_are_numbers(
    text: str, kind: FieldKind, value: Decimal | None, reason: str
) -> None:
    number = Number(text, 0.95, "", 1, 1, BOX, ())
    assert form_cell(number, FieldContent(kind=kind), is_code=False) == WideCell(text, value, 0.95, reason)
    assert form_cell(number, FieldContent(kind=kind), is_code=True) == WideCell(text, None, 0.95)


def test_what_is_doubtful_says_why_and_what_else() -> None:
    content = FieldContent()
    opinions = (Opinion("contours", "310", 0.5), Opinion("number", "370", 0.5))
    number = Number("310", 0.5, "readers disagree", 1, 1, BOX, (), opinions=opinions)
    assert form_cell(number, content, is_code=False).suggestion == "370"
    assert form_cell(replace(number, suggested="302"), content, is_code=False).suggestion == "302"
    assert form_cell(replace(number, review_reason=""), content, is_code=False).suggestion == ""
    crossed = form_cell(replace(number, crossed_out=True, review_reason=""), content, is_code=False)
    assert (crossed.text, crossed.value, crossed.crossed_out, crossed.review_reason) == ("", None, "310", "crossed out")
    missing = Number("", 0.99, "nothing written", 1, 1, BOX, (), is_empty=True)
    assert form_cell(missing, content, is_code=False) == WideCell(review_reason="nothing written")
    assert form_cell(replace(missing, review_reason=""), content, is_code=False) == EMPTY_CELL
    assert form_cell(None, content, is_code=False) == EMPTY_CELL


def csv_rows(results: Sequence[PageResult], of: Form, **options: DecimalPoint | CsvStyle) -> list[list[str]]:
    data = b"".join(table_file(results, TableFormat.CSV, forms=[of], **options))  # type: ignore[arg-type] # by name
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_in_csv_the_fields_of_the_page_stand_beside_each_row_of_its_tables() -> None:
    assert csv_rows([FIRST, FAILED, SECOND], SHEET) == [
        ["file", "page", "row", "review", "id", "total", "q1", "sum"],
        ["a.png", "1", "1", "total: low confidence, 95% sure", "0017", "9", "3", "3"],
        ["a.png", "1", "2", "", "0017", "9", "", "5"],
        ["b.png", "1", "1", "", "0018", "", "1234", ""],
        ["b.png", "1", "2", "", "0018", "", "", ""],
    ]


def test_in_csv_a_form_without_tables_has_a_row_for_each_page() -> None:
    of = form("f", [field("n"), field("d", DECIMAL)])
    results = [page(of, "5", "36.50"), page(of, "", "1,5")]
    assert csv_rows(results, of) == [
        ["file", "page", "review", "n", "d"],
        ["a.png", "1", "", "5", "36.50"],
        ["a.png", "1", "", "", "1.5"],
    ]
    assert [row[-1] for row in csv_rows(results, of, decimal_point=DecimalPoint.COMMA)] == ["d", "36,50", "1,5"]


def test_tables_of_unlike_length_stand_side_by_side() -> None:
    short = FormTable(name="u", box=BOX, columns=(FormColumn(name="q1"),), rows=1)
    of = form("f", [], [MARKS, short])
    assert csv_rows([page(of, "1", "2", "3", "4", "5")], of) == [
        ["file", "page", "row", "review", "marks.q1", "marks.sum", "u.q1"],
        ["a.png", "1", "1", "", "1", "2", "5"],
        ["a.png", "1", "2", "", "3", "4", ""],
    ]


def test_no_two_columns_share_a_name() -> None:
    names = [field(name) for name in ("page", "review", "q1", "a", "a_text")]
    of = form("f", names, [MARKS])
    assert one_form_table([], of).columns == ("page_", "review_", "q1", "a", "a_text_", "marks.q1", "sum")


def test_parquet_has_the_same_rows() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    data = b"".join(table_file([FIRST], TableFormat.PARQUET, forms=[SHEET]))
    found = parquet.read_table(io.BytesIO(data)).to_pydict()
    assert (found["row"], found["total"], found["id"], found["id_text"]) == ([1, 2], [9, 9], [None] * 2, ["0017"] * 2)


def test_the_pages_of_a_sheet_are_one_row() -> None:
    front, back = form("front", [field("a")]), replace(form("back", [field("b")]), follows="front")
    pages = [page(front, "1"), replace(page(back, "2"), page_number=2), page(front, "3", file="b.png")]
    written = b"".join(table_file(pages, TableFormat.CSV, forms=[front, back])).decode()
    assert list(csv.reader(io.StringIO(written))) == [
        ["file", "page", "review", "a", "b"],
        ["a.png", "1", "", "1", "2"],
        ["b.png", "1", "", "3", ""],
    ]


def test_several_forms_need_a_spreadsheet() -> None:
    with pytest.raises(OutputError, match=r"2 forms do not fit into one table \(\.csv\); write --table FILE\.xlsx"):
        table_file([], TableFormat.CSV, forms=[SHEET, SHEET])
    check_holds(TableFormat.PARQUET, [SHEET])
    check_holds(TableFormat.XLSX, [SHEET, SHEET])


def test_a_spreadsheet_marks_what_is_doubtful() -> None:
    doubtful = replace(FIRST.numbers[1], review_reason="rule does not hold: total == sum(sum)", suggested="8")
    result = replace(FIRST, numbers=(FIRST.numbers[0], doubtful, *FIRST.numbers[2:]))
    book = load_workbook(io.BytesIO(b"".join(table_file([result], TableFormat.XLSX, forms=[SHEET]))))
    assert book.sheetnames == ["sheet", "marks", "confidence", "confidence marks", "broken rules"]
    assert [[cell.value for cell in row] for row in book["sheet"]] == [
        ["file", "page", "id", "total"],
        ["a.png", 1, "0017", 9],
    ]
    cell = book["sheet"]["D2"]
    assert cell.comment.text == "rule does not hold: total == sum(sum)\n95% sure\nperhaps 8"
    assert cell.fill.fgColor.rgb == "FFFFE699"
    assert [each.value for each in book["confidence"][2]] == ["a.png", 1, 0.95, 0.95]
    assert [each.value for each in book["broken rules"][2]][2:] == [
        *("total == sum(sum)", "total, marks.1.sum, marks.2.sum", "9 is not 8")
    ]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_what_is_meant(tmp_path: Path) -> None:
    of = form("f", [field("code", COMB), field("d", DECIMAL), field("n")], [MARKS])
    read = page(of, "007", "36,50", "1.234", "0", "", "7-5", "-4", broken=(BrokenRule("=1+1", ("n",), "-1 is not 2"),))
    (tmp_path / "t.xlsx").write_bytes(b"".join(table_file([read], TableFormat.XLSX, forms=[of])))
    # Commas, double quotes, UTF-8; cells as they are shown; a file for each sheet.
    saved = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,true,false,false,-1"
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--convert-to", saved, "--outdir", str(tmp_path), str(tmp_path / "t.xlsx")],
        check=True,
        capture_output=True,
        timeout=500,
    )

    def sheet(name: str) -> list[list[str]]:
        with (tmp_path / f"t-{name}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.reader(stream))

    assert sheet("f") == [["file", "page", "code", "d", "n"], ["a.png", "1", "007", "36.50", "1234"]]
    assert sheet("marks")[1:] == [["a.png", "1", "1", "0", ""], ["a.png", "1", "2", "7-5", "-4"]]
    assert sheet("confidence")[1] == ["a.png", "1", "0.9500", "0.9500", "0.9500"]
    assert sheet("broken rules")[1] == ["a.png", "1", "=1+1", "n", "-1 is not 2"]
