"""The rules of a form applied to the numbers of a page."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from scanner.decision.review import flag_number
from scanner.forms.field_readings import FieldReading
from scanner.forms.rule_binding import bind_rules, names_of
from scanner.forms.rule_checking import BETWEEN_REASONS, check_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.forms.field_readings import Alternative
    from scanner.forms.form import Form, FormField
    from scanner.forms.rule_binding import BoundRule
    from scanner.forms.rule_checking import FieldVerdict
    from scanner.types import BrokenRule, Number


def apply_rules(
    form: Form, numbers: tuple[Number, ...], alternatives: Mapping[str, tuple[Alternative, ...]]
) -> tuple[tuple[Number, ...], tuple[BrokenRule, ...]]:
    """Apply the rules and limits of a form to what was read on a page.

    Args:
        form: the form.
        numbers: one for each of ``form.all_fields()``, in that order.  One that is crossed out is as good as unread:
            a person has to say whether it counts.
        alternatives: what the readers read else in each field that has any, the most probable first.

    Returns:
        The numbers with the confidence, the reason for review and the suggestion that follow, their texts unchanged;
        and the rules that do not hold.

    Raises:
        ValueError: if the numbers are not those of the fields.
    """
    fields, rules = bound_form(form)
    if [number.field for number in numbers] != [field.name for field in fields]:
        raise ValueError("the numbers must be those of all fields of the form, in its order")
    outcome = check_form(fields, rules, [_reading(number, alternatives) for number in numbers])
    applied = tuple(_applied(*pair) for pair in zip(numbers, outcome.fields, strict=True))
    return applied, outcome.broken_rules


def checked_fields(form: Form) -> frozenset[str]:
    """Names of the fields that limits or rules are about, for which it matters what else was read."""
    fields, rules = bound_form(form)
    limited = {field.name for field in fields if field.minimum is not None or field.maximum is not None}
    return frozenset(limited | {name for bound in rules for name in names_of(bound.rule)})


@lru_cache(maxsize=16)
def bound_form(form: Form) -> tuple[tuple[FormField, ...], tuple[BoundRule, ...]]:
    """The fields and rules of a form, made once for all of its pages."""
    return form.all_fields(), bind_rules(form)


def _reading(number: Number, alternatives: Mapping[str, tuple[Alternative, ...]]) -> FieldReading:
    return FieldReading(
        number.field,
        "" if number.crossed_out else number.text,
        number.confidence,
        number.is_empty,
        () if number.crossed_out else alternatives.get(number.field, ()),
    )


def _applied(number: Number, verdict: FieldVerdict) -> Number:
    """A number with what the rules say of it, flagged anew: a rule that holds may have made it sure."""
    flagged = flag_number(replace(number, confidence=verdict.confidence, suggested=verdict.suggested))
    if not verdict.review_reason:
        return flagged
    fixed = flag_number(flagged, threshold=0.0).review_reason
    return replace(flagged, review_reason=BETWEEN_REASONS.join(filter(None, (fixed, verdict.review_reason))))
