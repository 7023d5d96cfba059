"""The rules of a form on the numbers of one page: which hold, which do not, and what would change that."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scanner.forms.check_differences import check_differences, holds
from scanner.forms.check_digits import has_valid_check_digits
from scanner.forms.check_evaluation import EXACT, Outcome, evaluate
from scanner.forms.form import CheckDigitRule, CheckRule
from scanner.types import BrokenRule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.forms.check_differences import Difference
    from scanner.forms.rule_binding import BoundRule

_WORDS = {"==": "is not", "!=": "is", "<": "is not below", "<=": "is above", ">": "is not above", ">=": "is below"}
"""What is said of two sides that do not compare as a sign says."""


@dataclass(frozen=True, slots=True)
class PageRule:
    """A rule of a form, and what it says of a page."""

    bound: BoundRule
    text: str
    """As in the form file: ``total == q1 + q2``, or ``account: luhn``."""
    fields: tuple[str, ...]
    """Names of its fields."""
    outcome: Outcome
    differences: tuple[Difference, ...] = ()
    """The comparisons of a check that can be told."""
    digits: str = ""
    """The number of which a check digit rule is."""

    @property
    def fails(self) -> bool:
        """Whether the rule does not hold."""
        return self.outcome is Outcome.FAILS

    def broken(self) -> BrokenRule:
        """Say what does not hold; of a rule that fails."""
        measured = [
            f"{plain_text(each.left)} {_WORDS[each.sign]} {plain_text(each.right)}"
            for each in self.differences
            if not holds(each.sign, each.value)
        ]
        return BrokenRule(self.text, self.fields, ", ".join(measured) or f"{self.digits} has other check digits")

    def allows(self, name: str, old: Decimal, new: Decimal) -> bool:
        """Whether a check that can be told may hold if one field is another number; others are as they were read."""
        change = EXACT.subtract(new, old)
        return all(
            holds(each.sign, EXACT.add(each.value, EXACT.multiply(each.slopes.get(name, Decimal(0)), change)))
            for each in self.differences
        )


def page_rules(
    rules: Sequence[BoundRule], texts: Mapping[str, str], values: Mapping[str, Decimal | None]
) -> tuple[PageRule, ...]:
    """Apply rules to the numbers of a page.

    Args:
        rules: the rules of the form, bound to its fields.
        texts: what was read in each field; fields whose text is not known are left out.
        values: as for ``check_evaluation.evaluate``.
    """
    return tuple(_page_rule(bound, texts, values) for bound in rules)


def rules_by_field(rules: Sequence[PageRule]) -> dict[str, list[PageRule]]:
    """Find the rules that each field takes part in."""
    found: defaultdict[str, list[PageRule]] = defaultdict(list)
    for rule in rules:
        for name in rule.fields:
            found[name].append(rule)
    return dict(found)


def plain_text(value: Decimal) -> str:
    """Write a number without exponent."""
    return f"{value:f}"


def _page_rule(bound: BoundRule, texts: Mapping[str, str], values: Mapping[str, Decimal | None]) -> PageRule:
    match bound.rule:
        case CheckDigitRule(name, scheme):
            text = texts.get(name, "")
            if not text:
                outcome = Outcome.UNKNOWN
            else:
                outcome = Outcome.HOLDS if has_valid_check_digits(text, scheme) else Outcome.FAILS
            # A column is named as in the form file, without its row.
            shown = name if bound.row is None else name.rpartition(".")[2]
            return PageRule(bound, f"{shown}: {scheme.value}", (name,), outcome, digits=text)
        case CheckRule(check):
            differences = tuple(each for each in check_differences(check, values) if each is not None)
            return PageRule(bound, check.text, check.names, evaluate(check, values).outcome, differences)
