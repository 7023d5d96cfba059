from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.forms.form import Form, Reference, ReferenceState
from scanner.forms.form_file import parse_form
from scanner.types import BrokenRule, Number, PageResult
from scanner.types.box import Box
from scanner.web.form_json import CheckedForm, check_form_json, form_json, reading_json

REFERENCE = Reference("scans/blank.pdf", 2, ReferenceState.FILLED)
TEXT = """
name = "tally"
reference = "scans/blank.pdf#2"
reference_is = "filled"
[[field]]
name = "account"
box = [10, 10, 80, 20]
kind = "comb"
cells = 8
blank_marks = ["x"]
required = true
[[field]]
name = "rate"
box = [10, 40, 80, 20]
kind = "decimal"
min = -1.5
max = 99.95
[[table]]
name = "votes"
box = [10, 100, 90, 60]
columns = ["left", {name = "right", width = 30, kind = "tick"}]
rows = 3
row_heights = [10, 20, 30]
[[rule]]
check = '''rate
  <= sum(left)'''
[[rule]]
field = "account"
check_digit = "luhn"
"""
FIELD = {"name": "a", "box": [1, 2, 30, 10]}


def checked(document: object) -> CheckedForm:
    return check_form_json(json.dumps(document).encode(), REFERENCE, 200, 200)


def places(document: object) -> list[list[str | int]]:
    return [mistake["place"] for mistake in checked(document).mistakes]


def with_field(**keys: Any) -> dict[str, Any]:
    return {"name": "form", "field": [FIELD | keys]}


def test_a_form_comes_back_as_it_was_sent() -> None:
    form = parse_form(TEXT, "form.toml")
    sent = form_json(form)
    assert sent["rules"] == ["rate <= sum(left)", "account: luhn"]
    assert sent["field"][1]["max"] == "99.95"
    back = checked(sent)
    assert back.mistakes == ()
    assert back.form is not None
    assert form_json(back.form) == sent
    assert (back.form.fields, back.form.tables, back.form.reference) == (form.fields, form.tables, form.reference)


def test_the_reference_is_not_for_the_page_to_say() -> None:
    form = checked(with_field() | {"reference": "/etc/passwd", "reference_is": "blank"}).form
    assert form is not None
    assert form.reference == Reference("scans/blank.pdf", 2, ReferenceState.BLANK)


@pytest.mark.parametrize(
    ("text", "limit"), [("12", "12"), (" -0,5 ", "-0.5"), ("+1.50", "1.50"), (3, "3"), (0.25, "0.25")]
)
def test_limits_are_read_as_people_type_them(text: object, limit: str) -> None:
    form = checked(with_field(kind="decimal", min=text)).form
    assert form is not None
    assert form.fields[0].minimum == Decimal(limit)


@pytest.mark.parametrize("text", ["abc", "1e5", "1_0", "", "\u0661", "1" * 41, "nan", [1], True])
def test_what_is_no_limit_is_a_mistake(text: object) -> None:
    assert places(with_field(min=text)) == [["field", 0, "min"]]


def test_mistakes_have_places_and_words() -> None:
    document = with_field(name="2 votes") | {
        "table": [{"name": "t", "box": [0, 50, 20, 20], "rows": 2, "columns": ["c", {"name": "d", "kind": "comb"}]}],
        "rules": ["c == 1", "c = 1", "t: crc"],
    }
    mistakes = checked(document).mistakes
    assert [mistake["place"] for mistake in mistakes] == [
        ["rule", 1, "check"],
        ["rule", 2, "check_digit"],
        ["field", 0, "name"],
        ["table", 0, "columns", 1, "cells"],
    ]
    assert mistakes[2]["where"] == 'field 1 ("2 votes"), name'
    assert mistakes[2]["message"].startswith("may have letters")


def test_fields_outside_of_the_reference_are_mistakes() -> None:
    assert places(with_field(box=[190, 0, 20, 20])) == [["field", 0, "box"]]


def test_without_fields_there_is_no_form() -> None:
    form, (mistake,) = checked({"name": "form"})
    assert form is None
    assert (mistake["place"], mistake["where"]) == ([], "")
    assert mistake["message"].startswith("has no field")


def test_not_more_mistakes_are_listed_than_of_a_file() -> None:
    document = {"name": "form", "field": [FIELD | {"name": ""}] * 300}
    assert checked(document).form is None
    assert len(checked(document).mistakes) == 100


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"1", b"\xff", b'{"rules": 1}', b'{"rules": [1]}', b'{"min": NaN}', b"[" * 100_000],
)
def test_what_is_no_form_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^the form is|^rules must be"):
        check_form_json(data, REFERENCE, 200, 200)


def test_too_many_rules_are_refused() -> None:
    with pytest.raises(ValueError, match="rules"):
        checked(with_field() | {"rules": ["a == 1"] * 1001})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "box", "kind", "min", "columns", "rows"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["name", "field", "table", "reference_is", "rule"]), VALUES))
def test_whatever_is_sent_is_a_form_or_has_mistakes(document: dict[str, object]) -> None:
    form, mistakes = checked(document)
    assert (form is None) == bool(mistakes)
    assert form is None or isinstance(form, Form)


def number(**keys: Any) -> Number:
    return replace(Number("", 0.0, "", 1, 1, Box(0, 0, 1, 1), (), "a"), **keys)


@pytest.mark.parametrize(
    ("read", "level"),
    [
        (number(text="7", confidence=0.95), "sure"),
        (number(text="7", confidence=0.8, review_reason="low confidence"), "fair"),
        (number(text="7", confidence=0.79, review_reason="low confidence"), "doubtful"),
        (number(review_reason="unread"), "unread"),
        (number(is_empty=True, confidence=0.99), "blank"),
        (number(is_empty=True, confidence=0.5, review_reason="low confidence"), "doubtful"),
        (number(text="0", kind="tick", confidence=0.99), "blank"),
        (number(text="1", kind="tick", confidence=0.99), "sure"),
        (number(kind="picture"), "blank"),
    ],
)
def test_labels_are_coloured_as_on_annotated_pages(read: Number, level: str) -> None:
    assert reading_json(PageResult("a.png", 1, 9, 9, (read,)))["fields"]["a"]["level"] == level


def test_a_reading_has_its_broken_rules() -> None:
    broken = BrokenRule("a == b", ("a", "b"), "1 is not 2")
    result = PageResult("a.png", 1, 9, 9, (number(text="1", suggested="2"),), broken_rules=(broken,))
    read = reading_json(result)
    assert read["broken_rules"] == [{"rule": "a == b", "fields": ["a", "b"], "measured": "1 is not 2"}]
    assert read["fields"]["a"]["suggested"] == "2"
