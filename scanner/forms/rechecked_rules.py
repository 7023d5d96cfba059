"""The rules of a form checked again when a person has said what stands in some of its fields."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.forms.applied_rules import bound_form
from scanner.forms.field_readings import FieldReading
from scanner.forms.rule_checking import BETWEEN_REASONS, RULE_FAILS, check_form

if TYPE_CHECKING:
    from scanner.forms.form import Form
    from scanner.types import BrokenRule, Number


def recheck_rules(form: Form, numbers: tuple[Number, ...]) -> tuple[tuple[Number, ...], tuple[BrokenRule, ...]]:
    """Check the rules of a form again.

    Nobody needs to look at a number for a rule that holds by now, and what was suggested to make it hold is void.  The
    word of a person is never doubted: a rule that does not hold is told, and flags the other fields.

    Args:
        form: the form.
        numbers: the numbers of a page.  Those of other fields than the form has stay as they are, and without a number
            for each of its fields all do.

    Returns:
        The numbers, and the rules that do not hold.
    """
    fields, rules = bound_form(form)
    by_name = {number.field: number for number in numbers}
    if any(field.name not in by_name for field in fields):
        return numbers, ()
    outcome = check_form(fields, rules, [_reading(by_name[field.name]) for field in fields])
    reasons = {field.name: verdict.review_reason for field, verdict in zip(fields, outcome.fields, strict=True)}
    return tuple(_rechecked(number, reasons.get(number.field)) for number in numbers), outcome.broken_rules


def _reading(number: Number) -> FieldReading:
    text = "" if number.crossed_out else number.text
    return FieldReading(number.field, text, number.confidence, number.is_empty, ())


def _rechecked(number: Number, reasons: str | None) -> Number:
    if reasons is None or number.checked:
        return number
    own = [each for each in number.review_reason.split(BETWEEN_REASONS) if each and not each.startswith(RULE_FAILS)]
    failing = [each for each in reasons.split(BETWEEN_REASONS) if each.startswith(RULE_FAILS)]
    had_failing = RULE_FAILS in number.review_reason
    return replace(
        number,
        review_reason=BETWEEN_REASONS.join([*own, *failing]),
        suggested="" if had_failing and not failing else number.suggested,
    )
