from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import DataError
from scanner.pipeline import scan_page
from scanner.reading_models import load_models
from scanner.results.json_results import page_from_json, page_to_json, results_from_json, results_to_json
from scanner.results.results_document import SCHEMA_VERSION, results_schema
from scanner.sources.decoding import decode_file
from scanner.types import Box, BrokenRule, Digit, Finding, Number, Opinion, PageImage, PageRef, PageResult, Step

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "results.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8")))

SEVEN = Digit("7", 0.99, Box(10, 20, 8, 12))
ZERO = Digit("0", 0.87654, Box(20, 20, 9, 12))
OPINIONS = (Opinion("contours", "07", 0.86777), Opinion("number", "", 0.5))
NUMBER = Number(
    *("07", 0.86777, "check the 7", 2, 1, Box(10, 20, 19, 12), (ZERO, SEVEN)),
    field="age",
    kind="printed",
    opinions=OPINIONS,
    table=3,
    crossed_out=True,
    suggested="01",
)
BROKEN = BrokenRule("age < 7", ("age",), "7 is not below 7")
PAGE = PageResult(
    "a/b.png",
    1,
    100,
    50,
    (NUMBER,),
    (Step("deskew", (("angle", 0.5), ("method", "hough"))),),
    form="sheet",
    broken_rules=(BROKEN,),
)
SMALL = Finding("small", "characters 9 pixels high, like print at about 90 dpi", "rescan at 200 dpi or more")
DEFECTIVE = PageResult("s.png", 1, 100, 50, scan_quality=(SMALL,))
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
    form=texts,
    broken_rules=st.lists(st.builds(BrokenRule, texts, st.lists(texts, max_size=2).map(tuple), texts), max_size=2).map(
        tuple
    ),
)
results = st.lists(pages, max_size=3)
# As they are in memory: any probability, and any number for a setting.
exact = st.floats(0, 1)
opinions = st.lists(st.builds(Opinion, texts, texts, exact), max_size=2).map(tuple)
exact_digits = st.lists(st.builds(replace, st.from_type(Digit), confidence=exact), max_size=2).map(tuple)
exact_numbers = st.builds(replace, st.from_type(Number), confidence=exact, digits=exact_digits, opinions=opinions)
exact_pages = st.builds(
    replace,
    pages,
    numbers=st.lists(exact_numbers, max_size=2).map(tuple),
    steps=st.lists(
        st.builds(
            Step,
            texts,
            st.dictionaries(texts, texts | st.integers() | st.booleans() | st.floats(), max_size=3).map(
                lambda pairs: tuple(pairs.items())
            ),
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
    assert document["schema"] == SCHEMA_VERSION
    assert document["digitscan"] == "0.1.0"
    page, failed = document["pages"]
    assert page["numbers"] == [
        {
            "number": 1,
            "table": 3,
            "row": 2,
            "column": 1,
            "field": "age",
            "kind": "printed",
            "text": "07",
            "is_empty": False,
            "crossed_out": True,
            "confidence": 0.8677,
            "review": "check the 7",
            "suggested": "01",
            "box": [10, 20, 19, 12],
            "digits": [
                {"text": "0", "confidence": 0.8765, "box": [20, 20, 9, 12]},
                {"text": "7", "confidence": 0.99, "box": [10, 20, 8, 12]},
            ],
            "opinions": [
                {"reader": "contours", "text": "07", "confidence": 0.8677},
                {"reader": "number", "text": "", "confidence": 0.5},
            ],
            "read": "",
            "checked": "",
            "checked_by": "",
        }
    ]
    assert page["steps"] == [{"name": "deskew", "settings": {"angle": 0.5, "method": "hough"}}]
    assert page["form"] == "sheet"
    assert page["broken_rules"] == [{"rule": "age < 7", "fields": ["age"], "measured": "7 is not below 7"}]
    assert failed["error"] == FAILED.error
    assert failed["numbers"] == []


def test_json_of_a_number_that_could_not_be_read_keeps_what_the_readers_would_have_said() -> None:
    unread = replace(NUMBER, text="", confidence=0.0, review_reason="unread", digits=(), crossed_out=False)
    text = "".join(results_to_json([replace(PAGE, numbers=(unread,))], "1"))
    ((number,),) = (page["numbers"] for page in json.loads(text)["pages"])
    assert (number["text"], number["confidence"], number["review"], number["digits"]) == ("", 0.0, "unread", [])
    assert [opinion["text"] for opinion in number["opinions"]] == ["07", ""]
    VALIDATOR.validate(json.loads(text))
    ((read,),) = (page.numbers for page in results_from_json(text))
    assert read.is_unread
    assert read.box == unread.box


def test_json_holds_the_quality_of_a_scan() -> None:
    defective, good = json.loads("".join(results_to_json([DEFECTIVE, PAGE], "1")))["pages"]
    assert defective["scan_quality"] == [
        {
            "name": "small",
            "measured": "characters 9 pixels high, like print at about 90 dpi",
            "advice": "rescan at 200 dpi or more",
        }
    ]
    assert good["scan_quality"] == []


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (None, "format version 1, this program reads 7; scan the pages again"),
        (3, "format version 3, this program reads 7; scan the pages again"),
        (8, "format version 8, this program reads 7; update digitscan"),
        ("7", "format version '7', this program reads 7; scan the pages again"),
    ],
)
def test_json_of_another_version_is_refused_with_what_to_do(version: object, message: str) -> None:
    document = json.loads(TEXT)
    del document["schema"]
    if version is not None:
        document["schema"] = version
    with pytest.raises(DataError, match=re.escape(message)):
        results_from_json(json.dumps(document))


def test_the_published_schema_is_that_of_the_types() -> None:
    assert SCHEMA_FILE.read_text("utf-8") == results_schema(), "write it again: make schema"


@given(results)
def test_a_document_is_valid_by_the_published_schema(results: list[PageResult]) -> None:
    VALIDATOR.validate(json.loads("".join(results_to_json(results, "1"))))


def test_a_document_of_a_real_scan_is_valid_by_the_published_schema() -> None:
    (page,) = decode_file(PageRef(Path(__file__).parents[2] / "samples" / "amounts.png", "amounts.png"))
    assert isinstance(page, PageImage)
    result = scan_page(page, load_models())
    assert result.numbers
    VALIDATOR.validate(json.loads("".join(results_to_json([result, FAILED], "1"))))


@pytest.mark.parametrize(("old", "new"), [('"schema": 7', '"schema": 8'), ('"confidence": 0.5', '"confidence": 1.5')])
def test_the_published_schema_refuses_what_the_program_refuses(old: str, new: str) -> None:
    text = TEXT.replace(old, new)
    assert not VALIDATOR.is_valid(json.loads(text))
    with pytest.raises(DataError):
        results_from_json(text)


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
        TEXT.replace('"scan_quality": []', '"scan_quality": "good"'),
        "".join(results_to_json([DEFECTIVE], "1")).replace('"name": "small"', '"name": 3'),
        TEXT.replace('"crossed_out": true', '"crossed_out": 1'),
        TEXT.replace("\n      12\n", '\n      "12"\n'),
        TEXT.replace("\n      19,", ""),
        TEXT.replace("\n      19,", "\n 0,"),
    ],
)
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        results_from_json(text)


def test_the_document_asks_for_a_page_only_when_it_is_written() -> None:
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
        page_to_json(PAGE).replace('"angle":0.5', '"angle":null'),
        page_to_json(PAGE).replace('"angle":0.5', '"angle":[0.5]'),
        page_to_json(PAGE).replace("0.87654", "1" * 400),
        page_to_json(PAGE)[:-1],
    ],
)
def test_another_text_is_no_page(text: str) -> None:
    with pytest.raises(DataError):
        page_from_json(text)


def test_what_a_person_says_is_kept_and_missing_in_what_was_stored_earlier() -> None:
    page = replace(PAGE, numbers=(replace(NUMBER, text="17", read="07", checked="corrected", checked_by="Ada"),))
    assert page_from_json(page_to_json(page)) == page
    stored = json.loads(page_to_json(PAGE))
    for name in ("read", "checked", "checked_by"):
        del stored["numbers"][0][name]
    assert page_from_json(json.dumps(stored)) == PAGE
