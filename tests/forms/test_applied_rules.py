from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.forms.applied_rules import apply_rules, recheck_rules
from scanner.forms.check_expressions import parse_check
from scanner.forms.field_readings import Alternative
from scanner.forms.form import CheckRule, Form, FormField, Reference
from scanner.types import Box, BrokenRule, Number, Opinion, PageResult

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


def corrected(texts: tuple[str, str, str], **said: str) -> PageResult:
    """A page that was read as these texts, on which a person says what stands in some fields."""
    read, broken = apply_rules(FORM, numbers(*texts), {})
    checked = tuple(
        replace(each, text=said[each.field], confidence=1.0, review_reason="", checked="corrected", read=each.text)
        if each.field in said
        else each
        for each in read
    )
    return PageResult("a.png", 1, 99, 99, checked, form="f", broken_rules=broken)


def test_a_rule_that_a_correction_mends_asks_for_no_look_any_more() -> None:
    page = corrected(("120", "182", "310"), t="302")
    assert [each.review_reason for each in page.numbers] == [*["rule does not hold: t == a + b"] * 2, ""]
    after = recheck_rules(FORM, page)
    assert after.broken_rules == ()
    assert [each.review_reason for each in after.numbers] == ["", "", ""]
    assert all(0.95 < each.confidence < 1 for each in after.numbers[:2])
    assert after.numbers[2] == page.numbers[2]
    assert recheck_rules(FORM, after) == after


def test_a_rule_that_a_correction_breaks_is_told_and_the_other_fields_are_flagged() -> None:
    page = corrected(("120", "182", "302"), t="310")
    assert [each.review_reason for each in page.numbers] == ["", "", ""]
    after = recheck_rules(FORM, page)
    assert after.broken_rules == (BrokenRule("t == a + b", ("t", "a", "b"), "310 is not 302"),)
    assert [each.review_reason for each in after.numbers] == [*["rule does not hold: t == a + b"] * 2, ""]
    assert [each.confidence for each in after.numbers] == [each.confidence for each in page.numbers]


def test_what_a_person_cannot_read_keeps_a_rule_from_being_told() -> None:
    after = recheck_rules(FORM, corrected(("120", "182", "310"), t=""))
    assert after.broken_rules == ()
    assert [each.review_reason for each in after.numbers] == ["low confidence", "low confidence", ""]


def test_other_reasons_outlast_a_mended_rule_and_a_page_without_its_fields_is_as_it_was() -> None:
    page = corrected(("120", "182", "310"), t="302")
    first = replace(page.numbers[0], review_reason=f"several parts; {page.numbers[0].review_reason}")
    after = recheck_rules(FORM, replace(page, numbers=(first, *page.numbers[1:])))
    assert after.numbers[0].review_reason == "several parts"
    without = replace(page, numbers=page.numbers[:2])
    assert recheck_rules(FORM, without) == without
