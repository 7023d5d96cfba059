from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import export
from scanner.errors import DataError
from scanner.export import digits_csv, from_json, read_results_csv, results_csv, to_json
from scanner.files import write_text
from scanner.types import Box, Digit, Finding, Number, Opinion, PageResult, Step

SEVEN = Digit("7", 0.99, Box(10, 20, 8, 12))
ZERO = Digit("0", 0.87654, Box(20, 20, 9, 12))
SAID = (Opinion("contours", "07", 0.86777), Opinion("number", "", 0.5))
NUMBER = Number(
    *("07", 0.86777, "check the 7", 2, 1, Box(10, 20, 19, 12), (ZERO, SEVEN)),
    field="age",
    kind="printed",
    said=SAID,
    table=3,
    cells=(1, 4),
    crossed_out=True,
)
PAGE = PageResult("a/b.png", 1, 100, 50, (NUMBER,), (Step("deskew", (("angle", 0.5), ("method", "hough"))),))
SMALL = Finding("small", "characters 9 pixels high, as print has at about 90 dpi", "rescan at 200 dpi or more")
JUDGED = PageResult("s.png", 1, 100, 50, verdict=(SMALL,))
FAILED = PageResult("c.png", 0, 0, 0, error="c.png: is empty; copy or scan it again")

# Any text UTF-8 can hold; the lone surrogates are tested apart.
texts = st.text(st.characters(codec="utf-8"), max_size=12)
# Confidences as they come back: four decimals.
confidences = st.integers(0, 10_000).map(lambda n: n / 10_000)
boxes = st.builds(
    Box, st.integers(-9, 9999), st.integers(-9, 9999), width=st.integers(1, 9999), height=st.integers(1, 9999)
)
digits = st.builds(Digit, st.sampled_from("0123456789"), confidences, boxes)
counts = st.integers(1, 10_000)
numbers = st.builds(
    Number,
    text=st.text("0123456789", min_size=1, max_size=6),
    confidence=confidences,
    review=texts,
    row=counts,
    column=counts,
    box=boxes,
    digits=st.lists(digits, max_size=3).map(tuple),
    field=texts,
    kind=st.sampled_from(["", "handwritten", "printed"]),
    table=st.integers(0, 9),
    cells=st.lists(counts, max_size=3).map(tuple),
    crossed_out=st.booleans(),
)
settings = st.dictionaries(
    texts, texts | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
)
steps = st.builds(Step, texts, settings.map(lambda pairs: tuple(pairs.items())))
pages = st.builds(
    PageResult,
    file=texts | st.sampled_from(["=1+1.png", "./=x.png", "././x", "-.png", "\r.png", "a\rb\nc.png", '"', "a,b"]),
    page=st.integers(0, 9999),
    width=st.integers(0, 99999),
    height=st.integers(0, 99999),
    numbers=st.lists(numbers, max_size=3).map(tuple),
    steps=st.lists(steps, max_size=2).map(tuple),
    error=texts,
    verdict=st.lists(st.builds(Finding, texts, texts, texts), max_size=2).map(tuple),
)
results = st.lists(pages, max_size=3)


def test_results_csv_writes_the_agreed_columns_to_the_letter() -> None:
    assert results_csv([PAGE, FAILED]) == (
        "file,page,number,table,row,column,field,kind,text,confidence,review,x,y,width,height\n"
        "a/b.png,1,1,3,2,1,age,printed,07,0.8678,check the 7,10,20,19,12\n"
    )


def test_outside_of_tables_the_cell_is_empty() -> None:
    (row,) = csv.DictReader(results_csv([PageResult("a.png", 1, 9, 9, (replace(NUMBER, table=0),))]).splitlines())
    assert row["table"] == ""


def test_digits_csv_writes_the_agreed_columns_to_the_letter() -> None:
    assert digits_csv([FAILED, PAGE]) == (
        "file,page,number,position,digit,confidence,x,y,width,height\n"
        "a/b.png,1,1,1,0,0.8765,20,20,9,12\n"
        "a/b.png,1,1,2,7,0.9900,10,20,8,12\n"
    )


def test_number_counts_within_each_page() -> None:
    twice = PageResult("a.png", 1, 9, 9, (NUMBER, NUMBER))
    again = PageResult("a.png", 2, 9, 9, (NUMBER,))
    rows = list(csv.DictReader(results_csv([twice, again]).splitlines()))
    assert [(row["page"], row["number"]) for row in rows] == [("1", "1"), ("1", "2"), ("2", "1")]


def test_no_results_give_a_header_alone() -> None:
    assert results_csv([]).count("\n") == 1
    assert digits_csv([]).count("\n") == 1
    assert from_json(to_json([], "1")) == ()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_file_name_is_a_formula(start: str) -> None:
    text = results_csv([PageResult(start + "x.png", 1, 9, 9, (NUMBER,))])
    written = next(csv.reader(text.split("\n", 1)[1].splitlines(keepends=True)))[0]
    assert written == "./" + start + "x.png"


@given(results)
def test_csv_round_trip(tmp_path_factory: pytest.TempPathFactory, results: list[PageResult]) -> None:
    path = tmp_path_factory.getbasetemp() / "round.csv"
    write_text(path, results_csv(results))
    expected = [
        (
            *(page.file, page.page, place, n.table, n.row, n.column, n.field, n.kind, n.text),
            *(n.confidence, n.review, n.box),
        )
        for page in results
        for place, n in enumerate(page.numbers, 1)
    ]
    rows = read_results_csv(path)
    names = export.ResultRow.__slots__
    assert [tuple(getattr(row, name) for name in names) for row in rows] == expected


@given(results)
def test_json_round_trip(results: list[PageResult]) -> None:
    text = to_json(results, "1.2")
    assert from_json(text) == tuple(results)
    assert to_json(from_json(text), "1.2") == text


def test_json_holds_what_it_promises() -> None:
    document = json.loads(to_json([PAGE, FAILED], "0.1.0"))
    assert document["digitscan"] == "0.1.0"
    page, failed = document["pages"]
    assert page["numbers"] == [
        {
            "number": 1,
            "table": 3,
            "row": 2,
            "column": 1,
            "cells": [1, 4],
            "field": "age",
            "kind": "printed",
            "text": "07",
            "crossed_out": True,
            "confidence": 0.8678,
            "review": "check the 7",
            "box": [10, 20, 19, 12],
            "digits": [
                {"text": "0", "confidence": 0.8765, "box": [20, 20, 9, 12]},
                {"text": "7", "confidence": 0.99, "box": [10, 20, 8, 12]},
            ],
            "said": [
                {"reader": "contours", "text": "07", "confidence": 0.8678},
                {"reader": "number", "text": "", "confidence": 0.5},
            ],
        }
    ]
    assert page["steps"] == [{"name": "deskew", "settings": {"angle": 0.5, "method": "hough"}}]
    assert failed["error"] == FAILED.error
    assert failed["numbers"] == []


def test_json_holds_the_verdict_on_a_scan() -> None:
    judged, good = json.loads(to_json([JUDGED, PAGE], "1"))["pages"]
    assert judged["verdict"] == [
        {
            "name": "small",
            "measured": "characters 9 pixels high, as print has at about 90 dpi",
            "advice": "rescan at 200 dpi or more",
        }
    ]
    assert good["verdict"] == []


def test_json_from_before_there_were_verdicts_is_read() -> None:
    document = json.loads(to_json([PAGE], "1"))
    del document["pages"][0]["verdict"]
    assert from_json(json.dumps(document)) == from_json(to_json([PAGE], "1"))


def test_json_keeps_letters_as_they_are_and_stays_valid_for_nan() -> None:
    page = PageResult("päge.png", 1, 1, 1, steps=(Step("s", (("a", float("nan")), ("b", float("-inf")))),))
    text = to_json([page], "1")
    assert "päge.png" in text
    assert json.loads(text)["pages"][0]["steps"][0]["settings"] == {"a": "nan", "b": "-inf"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"pages": 3}',
        '{"pages": [3]}',
        '{"pages": [{"file": "x"}]}',
        to_json([PAGE], "1").replace('"width": 100', '"width": "100"'),
        to_json([PAGE], "1").replace('"angle": 0.5', '"angle": null'),
        to_json([PAGE], "1").replace('"verdict": []', '"verdict": "good"'),
        to_json([JUDGED], "1").replace('"name": "small"', '"name": 3'),
        to_json([PAGE], "1").replace('"crossed_out": true', '"crossed_out": 1'),
        to_json([PAGE], "1").replace("\n      4\n", '\n      "4"\n'),
        to_json([PAGE], "1").replace("\n      19,", ""),
        to_json([PAGE], "1").replace("\n      19,", "\n 0,"),
    ],
)
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        from_json(text)


def test_a_spreadsheet_may_have_saved_the_csv(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b"\xef\xbb\xbf" + results_csv([PAGE]).replace("\n", "\r\n").encode() + b"\r\n")
    (row,) = read_results_csv(path)
    assert (row.file, row.text, row.box) == ("a/b.png", "07", Box(10, 20, 19, 12))


GOOD = "a,1,1,,1,1,,,7,0.5,,1,2,3,4\n"


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
    path.write_text(",".join(export.RESULT_COLUMNS) + "\n" + rows, encoding="utf-8")
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
