"""The one other reading with which all rules of a form hold, where there is just one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.forms.check_digits import has_valid_check_digits
from scanner.forms.check_evaluation import Outcome, evaluate
from scanner.forms.field_values import field_value, is_within_limits
from scanner.forms.form import CheckDigitRule
from scanner.forms.page_rules import PageRule, rules_by_field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from scanner.forms.field_readings import FieldReading
    from scanner.forms.form import FieldContent


def single_changes(
    rules: Sequence[PageRule],
    readings: Mapping[str, FieldReading],
    contents: Mapping[str, FieldContent],
    values: Mapping[str, Decimal | None],
) -> dict[str, str]:
    """Find the readers' alternatives that are to be offered because of rules.

    Rules that fail and share fields are one question, to which one change of one field is the answer, if there is no
    other: with it they all hold, and none that held fails.  Of a field that could not be read, what the readers would
    have said is offered if just one of it makes all rules of the field hold.

    Args:
        rules: the rules on the page.
        readings: what was read in each field.
        contents: what may be written in each.
        values: as for ``check_evaluation.evaluate``.

    Returns:
        The text to offer for each field that has one.
    """
    by_field = rules_by_field(rules)
    search = _Search(by_field, readings, contents, values)
    offers: dict[str, str] = {}
    for failing in _connected([rule for rule in rules if rule.fails]):
        found = [change for name in _common_fields(failing) for change in search.changes(name)]
        if len(found) == 1:
            offers.update(found)
    for name, reading in readings.items():
        if name not in values and reading.alternatives and name in by_field:
            found = list(search.changes(name))
            if len(found) == 1:
                offers.update(found)
    return offers


class _Search:
    def __init__(
        self,
        by_field: Mapping[str, Sequence[PageRule]],
        readings: Mapping[str, FieldReading],
        contents: Mapping[str, FieldContent],
        values: Mapping[str, Decimal | None],
    ) -> None:
        self._by_field, self._readings, self._contents = by_field, readings, contents
        self._values = dict(values)

    def changes(self, name: str) -> Iterator[tuple[str, str]]:
        """Name of the field, and each alternative with which its rules hold; of texts for one number the first."""
        reading, content = self._readings[name], self._contents[name]
        own = self._values.get(name)
        seen = {own}
        for alternative in reading.alternatives:
            value = field_value(alternative.text, content)
            if value is None or value in seen:
                continue
            seen.add(value)
            if is_within_limits(value, content) and self._all_hold(name, alternative.text, value):
                yield name, alternative.text

    def _all_hold(self, name: str, text: str, value: Decimal) -> bool:
        """Whether all rules of a field hold, and one at least can be told, if it has another number."""
        rules = self._by_field[name]
        own = self._values.get(name)
        if own is not None and not all(rule.allows(name, own, value) for rule in rules):
            return False
        is_known = name in self._values
        before = self._values.get(name)
        self._values[name] = value
        try:
            outcomes = {self._outcome(rule, text) for rule in rules}
        finally:
            if is_known:
                self._values[name] = before
            else:
                del self._values[name]
        return Outcome.HOLDS in outcomes and Outcome.FAILS not in outcomes

    def _outcome(self, rule: PageRule, text: str) -> Outcome:
        bound = rule.bound.rule
        if isinstance(bound, CheckDigitRule):
            return Outcome.HOLDS if has_valid_check_digits(text, bound.scheme) else Outcome.FAILS
        return evaluate(bound.check, self._values).outcome


def _connected(rules: Sequence[PageRule]) -> list[list[PageRule]]:
    """Part rules into those that share fields, directly or by way of others."""
    by_field = rules_by_field(rules)
    left = {id(rule): rule for rule in rules}
    groups = []
    while left:
        _, first = left.popitem()
        group, open_rules = [], [first]
        while open_rules:
            rule = open_rules.pop()
            group.append(rule)
            for name in rule.fields:
                neighbours = by_field.pop(name, ())
                open_rules += [each for each in neighbours if left.pop(id(each), None) is not None]
        groups.append(group)
    return groups


def _common_fields(rules: Sequence[PageRule]) -> list[str]:
    """Names of the fields that take part in all of some rules: no other can be what is wrong with all of them."""
    return [name for name in rules[0].fields if all(name in rule.fields for rule in rules[1:])]
