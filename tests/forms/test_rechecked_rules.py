from __future__ import annotations

from dataclasses import replace

from scanner.forms.check_expressions import parse_check
from scanner.forms.form import CheckRule, Form, FormField, Reference
from scanner.forms.rechecked_rules import recheck_rules
from scanner.types import Box, Number

BOX = Box(0, 0, 90, 90)
RULE = "total == a + b"
BROKEN = f"rule does not hold: {RULE}"
FORM = Form(
    name="f",
    reference=Reference("a.png"),
    fields=tuple(FormField(name=name, box=BOX) for name in ("a", "b", "total")),
    rules=(CheckRule(parse_check(RULE)),),
)


def number(field: str, text: str, reason: str = "", checked: str = "", suggested: str = "") -> Number:
    return Number(text, 0.9, reason, 1, 1, BOX, (), field, suggested=suggested, checked=checked)


def test_a_rule_that_holds_by_now_is_no_reason_to_look() -> None:
    numbers = (
        number("a", "1", checked="corrected"),
        number("b", "2", f"low confidence; {BROKEN}"),
        number("total", "3", BROKEN, suggested="5"),
    )
    found, broken = recheck_rules(FORM, numbers)
    assert [each.review_reason for each in found] == ["", "low confidence", ""]
    assert found[2].suggested == ""
    assert broken == ()


def test_a_rule_that_a_person_breaks_flags_the_others() -> None:
    numbers = (number("a", "7", checked="corrected"), number("b", "2"), number("total", "3"))
    found, (broken,) = recheck_rules(FORM, numbers)
    assert [each.review_reason for each in found] == ["", BROKEN, BROKEN]
    assert (broken.rule, broken.fields) == (RULE, ("total", "a", "b"))


def test_a_rule_that_still_does_not_hold_is_said_once() -> None:
    total = number("total", "3", BROKEN, suggested="9")
    numbers = (number("a", "7", checked="confirmed"), number("b", "2", BROKEN), total)
    found, _ = recheck_rules(FORM, numbers)
    assert [each.review_reason for each in found] == ["", BROKEN, BROKEN]
    assert found[2].suggested == "9"


def test_numbers_of_another_form_stay_as_they_are() -> None:
    numbers = (number("a", "7"), number("x", "1", "low confidence"))
    assert recheck_rules(FORM, numbers) == (numbers, ())
    whole = (number("a", "1"), number("b", "2"), number("total", "3"), number("added", "4", "low confidence"))
    assert recheck_rules(FORM, whole) == (whole, ())


def test_a_field_that_is_crossed_out_is_as_good_as_unread() -> None:
    numbers = (number("a", "1"), replace(number("b", "9"), crossed_out=True), number("total", "3"))
    assert recheck_rules(FORM, numbers)[1] == ()
