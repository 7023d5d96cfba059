from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.forms.check_digits import CheckDigit
from scanner.forms.check_expressions import parse_check
from scanner.forms.field_readings import Alternative, FieldReading
from scanner.forms.form import CheckDigitRule, CheckRule, FieldKind, Form, FormColumn, FormField, FormTable, Reference
from scanner.forms.rule_binding import bind_rules
from scanner.forms.rule_checking import FieldVerdict, RuleOutcome, check_form
from scanner.types import Box, BrokenRule

BOX = Box(0, 0, 90, 90)
A, B, T = (FormField(name=name, box=BOX) for name in "abt")
SUM = "t == a + b"


def reading(text: str, confidence: float = 0.95, *alternatives: tuple[str, float]) -> FieldReading:
    return FieldReading("", text, confidence, alternatives=tuple(Alternative(*each) for each in alternatives))


def empty(confidence: float = 0.99) -> FieldReading:
    return FieldReading("", "", confidence, is_empty=True)


def checked(
    fields: list[FormField],
    rules: list[str],
    *readings: FieldReading,
    tables: tuple[FormTable, ...] = (),
    digits: tuple[CheckDigitRule, ...] = (),
) -> RuleOutcome:
    form = Form(
        name="f",
        reference=Reference("a.png"),
        fields=tuple(fields),
        tables=tables,
        rules=(*(CheckRule(parse_check(rule)) for rule in rules), *digits),
    )
    return check_form(form.all_fields(), bind_rules(form), readings)


def test_a_sum_that_adds_up_makes_its_fields_sure() -> None:
    outcome = checked([A, B, T], [SUM], reading("120"), reading("182"), reading("302"))
    assert outcome.broken_rules == ()
    for verdict in outcome.fields:
        assert (verdict.review_reason, verdict.suggested) == ("", "")
        # Two of three would have to be off by the same: 1 in 20 each, and one digit of 27 for the other.
        assert 0.999 < verdict.confidence < 0.9999


def test_a_sum_that_does_not_is_a_reason_for_each_of_its_fields() -> None:
    outcome = checked([A, B, T], [SUM], reading("120"), reading("182"), reading("310", 0.9, ("302", 0.05)))
    assert outcome.broken_rules == (BrokenRule(SUM, ("t", "a", "b"), "310 is not 302"),)
    assert {each.review_reason for each in outcome.fields} == {"rule does not hold: t == a + b"}
    assert [each.suggested for each in outcome.fields] == ["", "", "302"]
    # The alternative of the total is 5 of 100, the 8 that 120 could end in 1 in 27 of 5 of 100.
    assert outcome.fields[2].confidence < 0.1
    assert all(0.95 < each.confidence < 1 for each in outcome.fields[:2])


def test_without_alternatives_the_digit_that_mends_it_is_blamed() -> None:
    outcome = checked([A, B, T], [SUM], reading("120"), reading("182"), reading("310"))
    first, second, total = (each.confidence for each in outcome.fields)
    assert first < 0.5 < 0.9 < min(second, total)


def test_a_field_that_no_rule_can_tell_of_is_as_sure_as_it_was() -> None:
    outcome = checked([A, B, T], ["t == a"], reading("1", 0.7), reading("2", 0.6), empty(0.8))
    assert outcome == RuleOutcome((FieldVerdict("", "", 0.7), FieldVerdict("", "", 0.6), FieldVerdict("", "", 0.8)), ())


def test_beyond_the_limits_the_next_reading_within_is_offered() -> None:
    field = FormField(name="a", box=BOX, minimum=Decimal(1), maximum=Decimal(20))
    (verdict,) = checked([field], [], reading("77", 0.8, ("97", 0.1), ("17", 0.05), ("11", 0.02))).fields
    assert (verdict.review_reason, verdict.suggested) == ("outside limits", "17")
    assert verdict.confidence < 0.25
    (inside,) = checked([field], [], reading("17", 0.8, ("97", 0.2))).fields
    assert (inside.review_reason, inside.suggested) == ("", "")
    assert inside.confidence == pytest.approx(0.8 / (0.8 + 0.2 * 2 / 98))
    (low,) = checked([field], [], reading("0", 0.8)).fields
    assert (low.review_reason, low.suggested) == ("outside limits", "")
    assert checked([field], [], empty()).fields == (FieldVerdict("", "", 0.99),)


def test_where_something_must_be_written_nothing_is_a_reason() -> None:
    fields = [FormField(name=kind.value, box=BOX, kind=kind, required=True) for kind in FieldKind]
    readings = [reading("0") if field.kind is FieldKind.TICK else empty() for field in fields]
    assert {each.review_reason for each in checked(fields, [], *readings).fields} == {"nothing written"}
    readings = [reading("" if field.kind is FieldKind.TEXT_IMAGE else "1") for field in fields]
    assert {each.review_reason for each in checked(fields, [], *readings).fields} == {""}
    # What could not be read is written all the same.
    assert checked([FormField(name="a", box=BOX, required=True)], [], reading("", 0.0)).fields[0].review_reason == ""


def test_decimals_where_there_are_none_are_a_reason() -> None:
    assert [each.review_reason for each in checked([A, B], [], reading("36,5"), reading("36")).fields] == [
        "no such number",
        "",
    ]


def test_an_empty_cell_that_nobody_doubts_is_not_to_look_at() -> None:
    outcome = checked([A, B, T], ["t == sum(a, b)"], reading("5"), empty(0.99), reading("7"))
    assert [bool(each.review_reason) for each in outcome.fields] == [True, False, True]
    faint = replace(empty(0.95), alternatives=(Alternative("2", 0.03),))
    doubtful = checked([A, B, T], ["t == sum(a, b)"], reading("5"), faint, reading("7"))
    assert all(each.review_reason for each in doubtful.fields)
    assert doubtful.fields[1].suggested == "2"
    assert doubtful.fields[1].confidence < 0.5


def test_reasons_stand_one_after_the_other() -> None:
    field = FormField(name="a", box=BOX, maximum=Decimal(5))
    outcome = checked([field, B], ["a == b", "a < 3"], reading("7"), reading("4"))
    assert outcome.fields[0].review_reason == ("outside limits; rule does not hold: a == b; rule does not hold: a < 3")


def test_rows_of_a_table_are_checked_by_themselves() -> None:
    table = FormTable(name="m", box=BOX, columns=(FormColumn(name="q"), FormColumn(name="s")), rows=2)
    outcome = checked([], ["s == 2 * q"], reading("1"), reading("2"), reading("3"), reading("5"), tables=(table,))
    assert [bool(each.review_reason) for each in outcome.fields] == [False, False, True, True]
    assert outcome.broken_rules == (BrokenRule("s == 2 * q", ("m.2.s", "m.2.q"), "5 is not 6"),)
    assert outcome.fields[0].confidence > 0.99


def test_check_digits_make_sure_or_doubtful() -> None:
    rule = CheckDigitRule("a", CheckDigit.LUHN)
    (valid,) = checked([A], [], reading("79927398713", 0.9), digits=(rule,)).fields
    assert (valid.review_reason, valid.confidence > 0.99) == ("", True)
    outcome = checked([A], [], reading("79927398710", 0.9, ("79927398713", 0.04)), digits=(rule,))
    (wrong,) = outcome.fields
    assert (wrong.review_reason, wrong.suggested) == ("rule does not hold: a: luhn", "79927398713")
    assert wrong.confidence < 0.1
    assert outcome.broken_rules[0].measured == "79927398710 has other check digits"


def test_ticks_count_in_rules() -> None:
    ticks = [FormField(name=name, box=BOX, kind=FieldKind.TICK) for name in "yn"]
    outcome = checked(ticks, ["y + n == 1"], reading("1", 0.9), reading("0", 0.9))
    assert all(each.confidence > 0.98 for each in outcome.fields)
    assert checked(ticks, ["y + n == 1"], reading("1", 0.9), reading("1", 0.8)).fields[1].review_reason


def test_there_is_a_reading_for_each_field() -> None:
    with pytest.raises(ValueError, match="zip"):
        checked([A, B], [], reading("1"))


@given(st.integers(0, 999), st.integers(0, 999), st.lists(st.floats(0.9, 1), min_size=3, max_size=3))
def test_a_sum_that_adds_up_never_takes_from_what_is_sure(a: int, b: int, confidences: list[float]) -> None:
    texts = [str(a), str(b), str(a + b)]
    outcome = checked([A, B, T], [SUM], *map(reading, texts, confidences))
    assert all(after.confidence >= before - 1e-9 for after, before in zip(outcome.fields, confidences, strict=True))


@given(st.integers(0, 999), st.integers(0, 999), st.integers(0, 1998), st.floats(0.5, 1))
def test_confidences_are_probabilities_and_texts_are_never_in_doubt_without_reason(
    a: int, b: int, total: int, confidence: float
) -> None:
    outcome = checked([A, B, T], [SUM], *(reading(str(value), confidence) for value in (a, b, total)))
    assert all(0 <= each.confidence <= 1 for each in outcome.fields)
    assert bool(outcome.broken_rules) == (a + b != total)
    assert all(bool(each.review_reason) == (a + b != total) for each in outcome.fields)
