"""What the rules and limits of a form say of the readings of a page: what to look at, what to offer, how sure it is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from scanner.decision.review import DEFAULT_REVIEW_THRESHOLD
from scanner.forms.field_readings import possibilities
from scanner.forms.field_values import NOT_TICKED, field_value, is_within_limits
from scanner.forms.form import CheckDigitRule, FieldKind
from scanner.forms.page_rules import page_rules, rules_by_field
from scanner.forms.rule_beliefs import Relation, believe
from scanner.forms.single_changes import single_changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.forms.check_digits import CheckDigit
    from scanner.forms.field_readings import FieldReading
    from scanner.forms.form import FormField
    from scanner.forms.page_rules import PageRule
    from scanner.forms.rule_binding import BoundRule
    from scanner.types import BrokenRule

OUTSIDE_LIMITS = "outside limits"
"""Review reason of a number that is below the smallest or above the largest that its field may have."""
NOTHING_WRITTEN = "nothing written"
"""Review reason of a field in which something must be written."""
NO_SUCH_NUMBER = "no such number"
"""Review reason of what is no number of the kind that its field has, such as decimals where there are none."""
RULE_FAILS = "rule does not hold: "
"""Beginning of the review reason of each field of a rule that does not hold, but for those that are empty for sure; the
rule follows."""
BETWEEN_REASONS = "; "


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """What rules and limits say of a field."""

    review_reason: str
    """Why a person should look; empty if rules and limits give no reason."""
    suggested: str
    """What to offer in place of the reading; empty if nothing is known."""
    confidence: float
    """Probability that the reading is right, given the rules, 0-1."""


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What rules and limits say of a page."""

    fields: tuple[FieldVerdict, ...]
    """One for each reading, in their order."""
    broken_rules: tuple[BrokenRule, ...]
    """The rules that do not hold, in the order of the form."""


def check_form(
    fields: Sequence[FormField], rules: Sequence[BoundRule], readings: Sequence[FieldReading]
) -> RuleOutcome:
    """Check the readings of a page by the rules and limits of its form.

    A reading is never changed.  Where a rule holds, its fields are the surer the less probable it is that it holds by
    chance; where it does not, one of them is wrong at least, or the writer made a mistake.  A field of no rule that can
    be told, and without limits, is as sure as it was.

    Args:
        fields: the fields of the form.
        rules: its rules, bound to the fields.
        readings: what was read in each field, in the order of ``fields``.

    Raises:
        ValueError: if there are more or fewer readings than fields.
    """
    contents = {field.name: field for field in fields}
    by_name = {field.name: reading for field, reading in zip(fields, readings, strict=True)}
    values = _values(contents, by_name)
    texts = {name: reading.text for name, reading in by_name.items() if reading.text}
    applied = page_rules(rules, texts, values)
    offers = {name: text for name, field in contents.items() if (text := _inside(field, by_name[name], values))}
    offers |= single_changes(applied, by_name, contents, values)
    confidences = _confidences(contents, by_name, values, applied)
    now = [replace(each, confidence=confidences.get(name, each.confidence)) for name, each in by_name.items()]
    failing = rules_by_field([rule for rule in applied if rule.fails])
    return RuleOutcome(
        tuple(
            FieldVerdict(
                BETWEEN_REASONS.join(_reasons(field, reading, values, failing.get(field.name, ()))),
                offers.get(field.name, ""),
                reading.confidence,
            )
            for field, reading in zip(fields, now, strict=True)
        ),
        tuple(rule.broken() for rule in applied if rule.fails),
    )


def _values(contents: Mapping[str, FormField], readings: Mapping[str, FieldReading]) -> dict[str, Decimal | None]:
    """The number of each field that has one, None for those that are empty."""
    values: dict[str, Decimal | None] = {}
    for name, reading in readings.items():
        value = field_value(reading.text, contents[name])
        if value is not None or reading.is_empty:
            values[name] = value
    return values


def _reasons(
    field: FormField, reading: FieldReading, values: Mapping[str, Decimal | None], failing: Sequence[PageRule]
) -> list[str]:
    """Why a person should look at a field, given how sure it is with the rules."""
    reasons = []
    is_missing = reading.is_empty or (field.kind is FieldKind.TICK and reading.text == NOT_TICKED)
    if field.required and is_missing:
        reasons.append(NOTHING_WRITTEN)
    if field.kind.is_numeric and reading.text and field.name not in values:
        reasons.append(NO_SUCH_NUMBER)
    if _is_outside(field, values):
        reasons.append(OUTSIDE_LIMITS)
    if reading.is_empty and reading.confidence >= DEFAULT_REVIEW_THRESHOLD:
        # A sum has many empty cells that nobody doubts.
        return reasons
    return [*reasons, *dict.fromkeys(f"{RULE_FAILS}{rule.text}" for rule in failing)]


def _is_outside(field: FormField, values: Mapping[str, Decimal | None]) -> bool:
    value = values.get(field.name)
    return value is not None and not is_within_limits(value, field)


def _inside(field: FormField, reading: FieldReading, values: Mapping[str, Decimal | None]) -> str:
    """The readers' next alternative that is inside the limits, for a reading that is not; else empty."""
    if not _is_outside(field, values):
        return ""
    for alternative in reading.alternatives:
        value = field_value(alternative.text, field)
        if value is not None and is_within_limits(value, field):
            return alternative.text
    return ""


def _confidences(
    contents: Mapping[str, FormField],
    readings: Mapping[str, FieldReading],
    values: Mapping[str, Decimal | None],
    rules: Sequence[PageRule],
) -> dict[str, float]:
    """How sure each field is of which a rule or a limit says something."""
    schemes: defaultdict[str, list[CheckDigit]] = defaultdict(list)
    for rule in rules:
        if isinstance(rule.bound.rule, CheckDigitRule) and rule.fields[0] in values:
            schemes[rule.fields[0]].append(rule.bound.rule.scheme)
    compared = dict.fromkeys(name for rule in rules for each in rule.differences for name in each.slopes)
    limited = (
        name
        for name, value in values.items()
        if value is not None and (contents[name].minimum is not None or contents[name].maximum is not None)
    )
    names = [*dict.fromkeys([*compared, *schemes, *limited])]
    spreads = [possibilities(readings[name], contents[name], schemes[name]) for name in names]
    numbers = [value if (value := values[name]) is not None else Decimal(0) for name in names]
    places = {name: index for index, name in enumerate(names)}
    relations = [
        Relation(each.sign, each.value, {places[name]: slope for name, slope in each.slopes.items()})
        for rule in rules
        for each in rule.differences
    ]
    return dict(zip(names, believe(numbers, spreads, [each for each in relations if each.slopes]), strict=True))
