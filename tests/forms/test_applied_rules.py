from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.forms.applied_rules import apply_rules
from scanner.forms.check_expressions import parse_check
from scanner.forms.field_readings import Alternative
from scanner.forms.form import CheckRule, Form, FormField, Reference
from scanner.types import Box, BrokenRule, Number, Opinion

BOX = Box(0, 0, 90, 90)
FORM = Form(
    name="f",
    reference=Reference("a.png"),
    fields=tuple(FormField(name=name, box=BOX) for name in "abt"),
    rules=(CheckRule(parse_check("t == a + b")),),
)


def numbers(*texts: str, confidence: float = 0.8, reason: str = "low confidence") -> tuple[Number, ...]:
    return tuple(
        Number(text, confidence, reason, 1, place, BOX, (), field=name)
        for place, (name, text) in enumerate(zip("abt", texts, strict=True), start=1)
    )


def test_a_rule_that_holds_may_spare_a_look() -> None:
    before = numbers("120", "182", "302")
    after, broken = apply_rules(FORM, before, {})
    assert broken == ()
    assert [each.review_reason for each in after] == ["", "", ""]
    assert all(each.confidence > 0.95 for each in after)
    assert [replace(each, confidence=0.8, review_reason="low confidence") for each in after] == list(before)


def test_one_that_does_not_asks_for_one_and_may_offer_a_reading() -> None:
    after, broken = apply_rules(FORM, numbers("120", "182", "310"), {"t": (Alternative("302", 0.1),)})
    assert broken == (BrokenRule("t == a + b", ("t", "a", "b"), "310 is not 302"),)
    assert [each.review_reason for each in after] == ["rule does not hold: t == a + b"] * 3
    assert [(each.text, each.suggested) for each in after] == [("120", ""), ("182", ""), ("310", "302")]


def test_other_reasons_stay_in_front() -> None:
    after, _ = apply_rules(FORM, numbers("120", "182", "310", reason="several parts"), {})
    assert after[0].review_reason == "several parts; rule does not hold: t == a + b"
    after, _ = apply_rules(FORM, numbers("120", "182", "302", reason="several parts"), {})
    assert after[0].review_reason == "several parts"


def test_without_rules_that_can_be_told_flags_are_as_before() -> None:
    opinions = (Opinion("contours", "12", 0.5), Opinion("number", "17", 0.5))
    first, *rest = numbers("12", "5", "", confidence=0.5)
    before = (replace(first, opinions=opinions), rest[0], replace(rest[1], is_empty=True, confidence=0.99))
    after, _ = apply_rules(FORM, before, {})
    assert [each.review_reason for each in after] == ["readers disagree", "low confidence", ""]
    assert [each.confidence for each in after] == [0.5, 0.5, 0.99]


def test_what_is_crossed_out_is_in_no_sum() -> None:
    crossed, *others = numbers("120", "182", "310", confidence=0.95)
    after, broken = apply_rules(FORM, (replace(crossed, crossed_out=True), *others), {"a": (Alternative("128", 1),)})
    assert broken == ()
    assert [(each.review_reason, each.suggested) for each in after] == [("crossed out", ""), ("", ""), ("", "")]


def test_numbers_of_other_fields_are_refused() -> None:
    with pytest.raises(ValueError, match="all fields of the form"):
        apply_rules(FORM, numbers("1", "2", "3")[::-1], {})
    with pytest.raises(ValueError, match="all fields of the form"):
        apply_rules(FORM, numbers("1", "2", "3")[:2], {})
