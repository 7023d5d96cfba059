from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.atomic_write import write_chunks
from scanner.errors import DataError
from scanner.results import csv_tables
from scanner.results.csv_tables import (
    digits_table,
    errors_table,
    numbers_table,
    read_results_csv,
    results_csv,
    round_confidence,
)
from scanner.results.result_format import ResultFormat
from scanner.safe_csv import CsvStyle
from scanner.types import Box, Digit, Number, PageResult

SEVEN = Digit("7", 0.99, Box(10, 20, 8, 12))
ZERO = Digit("0", 0.87654, Box(20, 20, 9, 12))
NUMBER = Number(
    *("07", 0.86777, "check the 7", 2, 1, Box(10, 20, 19, 12), (ZERO, SEVEN)),
    field="age",
    kind="printed",
    table=3,
    suggested="01",
    checked="corrected",
    read="17",
)
PAGE = PageResult("a/b.png", 1, 100, 50, (NUMBER,))
FAILED = PageResult("c.png", 0, 0, 0, error="c.png: is empty; copy or scan it again")

# Any text UTF-8 can hold; the lone surrogates are tested apart.
texts = st.text(st.characters(codec="utf-8"), max_size=12)
pages = st.builds(
    PageResult,
    file=texts | st.sampled_from(["=1+1.png", "./=x.png", "././x", "-.png", "\r.png", "a\rb\nc.png", '"', "a,b"]),
    page_number=st.integers(0, 9999),
    width=st.just(9),
    height=st.just(9),
    numbers=st.lists(st.from_type(Number), max_size=3).map(tuple),
)
results = st.lists(pages, max_size=3)


def cells_of(row: str) -> list[str]:
    (cells,) = csv.reader(io.StringIO(row, newline=""))
    return cells


def test_results_csv_writes_the_agreed_columns_to_the_letter() -> None:
    assert "".join(results_csv([PAGE, FAILED])) == (
        "file,page,number,table,row,column,field,kind,text,confidence,review,suggested,checked,read,x,y,width,height\n"
        "a/b.png,1,1,3,2,1,age,printed,07,0.8677,check the 7,01,corrected,17,10,20,19,12\n"
    )


@pytest.mark.parametrize(
    ("confidence", "rounded"),
    [(0.89996, 0.8999), (0.9, 0.9), (0.90004, 0.9), (0.99999, 0.9999), (1.0, 1.0), (0.0, 0.0), (1e-9, 0.0)],
)
def test_no_confidence_is_rounded_up(confidence: float, rounded: float) -> None:
    assert round_confidence(confidence) == rounded


@given(st.floats(0, 1))
def test_a_rounded_confidence_is_at_most_a_last_decimal_lower_and_stays_as_it_is(confidence: float) -> None:
    rounded = round_confidence(confidence)
    assert confidence - 0.0001 < rounded <= confidence
    assert round_confidence(rounded) == rounded


def test_a_number_that_could_not_be_read_has_a_row_without_text_and_no_digits(tmp_path: Path) -> None:
    unread = replace(
        NUMBER, text="", confidence=0.0, review_reason="unread", digits=(), suggested="", checked="", read=""
    )
    page = replace(PAGE, numbers=(unread, NUMBER))
    rows = "".join(results_csv([page])).splitlines()
    assert rows[1] == "a/b.png,1,1,3,2,1,age,printed,,0.0000,unread,,,,10,20,19,12"
    assert [row.split(",")[2] for row in "".join(digits_table().chunks([page])).splitlines()[1:]] == ["2", "2"]
    write_chunks(tmp_path / "r.csv", results_csv([page]))
    read, _ = read_results_csv(tmp_path / "r.csv")
    assert (read.text, read.confidence, read.review, read.box) == ("", 0.0, "unread", unread.box)


def test_outside_of_tables_the_cell_is_empty() -> None:
    (row,) = csv.DictReader(results_csv([PageResult("a.png", 1, 9, 9, (replace(NUMBER, table=0),))]))
    assert row["table"] == ""


def test_digits_csv_writes_the_agreed_columns_to_the_letter() -> None:
    assert "".join(digits_table().chunks([FAILED, PAGE])) == (
        "file,page,number,position,digit,confidence,x,y,width,height\n"
        "a/b.png,1,1,1,0,0.8765,20,20,9,12\n"
        "a/b.png,1,1,2,7,0.9900,10,20,8,12\n"
    )


def test_number_counts_within_each_page() -> None:
    twice = PageResult("a.png", 1, 9, 9, (NUMBER, NUMBER))
    again = PageResult("a.png", 2, 9, 9, (NUMBER,))
    rows = list(csv.DictReader("".join(results_csv([twice, again])).splitlines()))
    assert [(row["page"], row["number"]) for row in rows] == [("1", "1"), ("1", "2"), ("2", "1")]


def test_no_results_give_a_header_alone() -> None:
    assert "".join(results_csv([])).count("\n") == 1
    assert "".join(digits_table().chunks([])).count("\n") == 1
    assert "".join(errors_table().chunks([PAGE])) == "file,page,error\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_file_name_is_a_formula(start: str) -> None:
    _, row = results_csv([PageResult(start + "x.png", 1, 9, 9, (NUMBER,))])
    assert cells_of(row)[0] == "./" + start + "x.png"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "./"])
def test_no_error_is_a_formula(start: str) -> None:
    file = start + "x.png"
    _, row = errors_table().chunks([PageResult(file, 0, 0, 0, error=file + ": is\nempty")])
    assert cells_of(row) == ["./" + file, "0", "./" + file + ": is\nempty"]


def test_errors_csv_has_a_row_for_each_page_that_could_not_be_read() -> None:
    second = PageResult("a,b.pdf", 2, 9, 9, error='a,b.pdf, page 2: is "torn"')
    assert "".join(errors_table().chunks([FAILED, PAGE, second])) == (
        'file,page,error\nc.png,0,c.png: is empty; copy or scan it again\n"a,b.pdf",2,"a,b.pdf, page 2: is ""torn"""\n'
    )


@pytest.mark.parametrize("table", [numbers_table, digits_table, errors_table])
def test_a_table_asks_for_a_page_only_when_it_is_written(
    table: Callable[[], ResultFormat],
) -> None:
    asked: list[int] = []

    def endless() -> Iterator[PageResult]:
        for page in count(1):
            asked.append(page)
            yield replace(PAGE, page_number=page, error="torn")

    text = table().chunks(endless())
    next(text)
    assert asked == []
    assert ",1," in next(text)
    assert asked == [1]


@given(results)
def test_csv_round_trip(tmp_path_factory: pytest.TempPathFactory, results: list[PageResult]) -> None:
    path = tmp_path_factory.getbasetemp() / "round.csv"
    write_chunks(path, results_csv(results))
    expected = [
        (
            *(page.file, page.page_number, place, n.table, n.row, n.column, n.field, n.kind, n.text),
            *(n.confidence, n.review_reason, n.box, n.suggested, n.checked, n.read),
        )
        for page in results
        for place, n in enumerate(page.numbers, 1)
    ]
    rows = read_results_csv(path)
    names = csv_tables.ResultRow.__slots__
    assert [tuple(getattr(row, name) for name in names) for row in rows] == expected


def test_a_spreadsheet_may_have_saved_the_csv(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "".join(results_csv([PAGE])).replace("\n", "\r\n").encode() + b"\r\n")
    (row,) = read_results_csv(path)
    assert (row.file, row.text, row.box) == ("a/b.png", "07", Box(10, 20, 19, 12))


GOOD = "a,1,1,,1,1,,,7,0.5,,,,,1,2,3,4\n"


@pytest.mark.parametrize(
    ("rows", "line", "word"),
    [
        (GOOD + "a,1,1\n", 3, "3 columns"),
        (GOOD + GOOD.replace("0.5", "1.5"), 3, "confidence"),
        (GOOD + GOOD.replace("0.5", "nan"), 3, "confidence"),
        (GOOD + GOOD.replace("0.5", "x"), 3, "x"),
        (GOOD.replace("a,1", "a,one"), 2, "page"),
        (GOOD.replace("1,1,,1", "1,1,x,1"), 2, "table"),
        (GOOD.replace("3,4", "0,4"), 2, "1 x 1"),
        ('"a\n', 2, ""),
    ],
)
def test_a_malformed_row_is_named(tmp_path: Path, rows: str, line: int, word: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(",".join(csv_tables.RESULT_COLUMNS) + "\n" + rows, encoding="utf-8")
    with pytest.raises(DataError, match=rf"r\.csv, line {line}: .*{word}"):
        read_results_csv(path)


@pytest.mark.parametrize("data", [b"", b"a,b,c\n", b"\xff\xfe", b"PK\x03\x04\x00"])
def test_a_file_that_is_no_result_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"r\.csv"):
        read_results_csv(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_results_csv(tmp_path / "none.csv")
    with pytest.raises(DataError, match="cannot be read"):
        read_results_csv(tmp_path)


def test_a_table_for_spreadsheets_keeps_zeros_and_accents_and_is_read_back(tmp_path: Path) -> None:
    number = Number("007", 0.9, "", 1, 1, Box(1, 2, 3, 4), ())
    unread = Number("", 0.0, "unread", 2, 1, Box(1, 2, 3, 4), ())
    results = [PageResult("é.png", 1, 9, 9, (number, unread))]
    text = "".join(results_csv(results, CsvStyle.EXCEL))
    path = tmp_path / "r.csv"
    path.write_bytes(text.encode())
    assert path.read_bytes().startswith(b"\xef\xbb\xbffile,")
    assert ',"=""007""",0.9000,' in text
    plain = tmp_path / "plain.csv"
    plain.write_bytes("".join(results_csv(results)).encode())
    assert read_results_csv(path) == read_results_csv(plain)
    assert [row.text for row in read_results_csv(path)] == ["007", ""]


def test_all_tables_for_spreadsheets_have_a_byte_order_mark() -> None:
    for table in (numbers_table, digits_table, errors_table):
        assert "".join(table(CsvStyle.EXCEL).chunks([])) == "\ufeff" + "".join(table().chunks([]))
