from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import DataError
from scanner.results.json_results import page_from_json, page_to_json, results_from_json, results_to_json
from scanner.types import Box, Digit, Finding, Number, Opinion, PageResult, Step

SEVEN = Digit("7", 0.99, Box(10, 20, 8, 12))
ZERO = Digit("0", 0.87654, Box(20, 20, 9, 12))
SAID = (Opinion("contours", "07", 0.86777), Opinion("number", "", 0.5))
NUMBER = Number(
    *("07", 0.86777, "check the 7", 2, 1, Box(10, 20, 19, 12), (ZERO, SEVEN)),
    field="age",
    kind="printed",
    opinions=SAID,
    table=3,
    comb_cells=(1, 4),
    crossed_out=True,
)
PAGE = PageResult("a/b.png", 1, 100, 50, (NUMBER,), (Step("deskew", (("angle", 0.5), ("method", "hough"))),))
SMALL = Finding("small", "characters 9 pixels high, as print has at about 90 dpi", "rescan at 200 dpi or more")
JUDGED = PageResult("s.png", 1, 100, 50, scan_quality=(SMALL,))
FAILED = PageResult("c.png", 0, 0, 0, error="c.png: is empty; copy or scan it again")
TEXT = "".join(results_to_json([PAGE], "1"))

# Any text UTF-8 can hold.
texts = st.text(st.characters(codec="utf-8"), max_size=12)
settings = st.dictionaries(
    texts, texts | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
)
steps = st.builds(Step, texts, settings.map(lambda pairs: tuple(pairs.items())))
pages = st.builds(
    PageResult,
    file=texts,
    page_number=st.integers(0, 9999),
    width=st.integers(0, 99999),
    height=st.integers(0, 99999),
    numbers=st.lists(st.from_type(Number), max_size=3).map(tuple),
    steps=st.lists(steps, max_size=2).map(tuple),
    error=texts,
    scan_quality=st.lists(st.builds(Finding, texts, texts, texts), max_size=2).map(tuple),
)
results = st.lists(pages, max_size=3)
# As they are in memory: any probability, any number for a setting, and two settings of one name.
exact = st.floats(0, 1)
said = st.lists(st.builds(Opinion, texts, texts, exact), max_size=2).map(tuple)
exact_digits = st.lists(st.builds(replace, st.from_type(Digit), confidence=exact), max_size=2).map(tuple)
exact_numbers = st.builds(replace, st.from_type(Number), confidence=exact, digits=exact_digits, said=said)
exact_pages = st.builds(
    replace,
    pages,
    numbers=st.lists(exact_numbers, max_size=2).map(tuple),
    steps=st.lists(
        st.builds(
            Step,
            texts,
            st.lists(st.tuples(texts, texts | st.integers() | st.booleans() | st.floats()), max_size=3).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)


@given(results)
def test_json_round_trip(results: list[PageResult]) -> None:
    text = "".join(results_to_json(results, "1.2"))
    assert results_from_json(text) == tuple(results)
    assert "".join(results_to_json(results_from_json(text), "1.2")) == text
    assert json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n" == text


def test_json_holds_what_it_promises() -> None:
    document = json.loads("".join(results_to_json([PAGE, FAILED], "0.1.0")))
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
    judged, good = json.loads("".join(results_to_json([JUDGED, PAGE], "1")))["pages"]
    assert judged["verdict"] == [
        {
            "name": "small",
            "measured": "characters 9 pixels high, as print has at about 90 dpi",
            "advice": "rescan at 200 dpi or more",
        }
    ]
    assert good["verdict"] == []


def test_json_from_before_there_were_verdicts_is_read() -> None:
    document = json.loads(TEXT)
    del document["pages"][0]["verdict"]
    assert results_from_json(json.dumps(document)) == results_from_json(TEXT)


def test_json_keeps_letters_as_they_are_and_stays_valid_for_nan() -> None:
    page = PageResult("päge.png", 1, 1, 1, steps=(Step("s", (("a", float("nan")), ("b", float("-inf")))),))
    text = "".join(results_to_json([page], "1"))
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
        TEXT.replace('"width": 100', '"width": "100"'),
        TEXT.replace('"angle": 0.5', '"angle": null'),
        TEXT.replace('"verdict": []', '"verdict": "good"'),
        "".join(results_to_json([JUDGED], "1")).replace('"name": "small"', '"name": 3'),
        TEXT.replace('"crossed_out": true', '"crossed_out": 1'),
        TEXT.replace("\n      4\n", '\n      "4"\n'),
        TEXT.replace("\n      19,", ""),
        TEXT.replace("\n      19,", "\n 0,"),
    ],
)
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        results_from_json(text)


def test_the_document_asks_for_a_page_when_the_one_before_is_told() -> None:
    asked: list[int] = []

    def endless() -> Iterator[PageResult]:
        for page in count(1):
            asked.append(page)
            yield replace(PAGE, page_number=page)

    text = results_to_json(endless(), "1")
    next(text)
    assert asked == []
    assert '"page": 1' in next(text)
    assert asked == [1]


@given(exact_pages)
def test_a_page_comes_back_to_the_last_bit(page: PageResult) -> None:
    text = page_to_json(page)
    # By their names, for no NaN is equal to itself; that of a float is exact.
    assert repr(page_from_json(text)) == repr(page)
    assert text.isascii()
    assert "\n" not in text


def test_a_page_keeps_what_utf_8_cannot_hold() -> None:
    page = PageResult("\udcff.png", 1, 9, 9)
    assert page_from_json(page_to_json(page)) == page


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "1" * 5000,
        page_to_json(PAGE).replace('["angle",0.5]', '["angle"]'),
        page_to_json(PAGE).replace('["angle",0.5]', "[3,0.5]"),
        page_to_json(PAGE).replace('["angle",0.5]', '["angle",null]'),
        page_to_json(PAGE).replace("0.87654", "1" * 400),
        page_to_json(PAGE)[:-1],
    ],
)
def test_another_text_is_no_page(text: str) -> None:
    with pytest.raises(DataError):
        page_from_json(text)
