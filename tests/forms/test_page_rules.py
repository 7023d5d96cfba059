from __future__ import annotations

from decimal import Decimal

import pytest

from scanner.forms.check_digits import CheckDigit
from scanner.forms.check_evaluation import Outcome
from scanner.forms.check_expressions import parse_check
from scanner.forms.form import CheckDigitRule, CheckRule
from scanner.forms.page_rules import PageRule, page_rules, plain_text, rules_by_field
from scanner.forms.rule_binding import BoundRule
from scanner.types import BrokenRule


def check(text: str, **texts: str) -> PageRule:
    values = {name: Decimal(each) if each else None for name, each in texts.items()}
    (found,) = page_rules([BoundRule(1, None, CheckRule(parse_check(text)))], texts, values)
    return found


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        ("a == b + 2", "7 is not 302"),
        ("a + 293 != b", "300 is 300"),
        ("b < a", "300 is not below 7"),
        ("b <= a", "300 is above 7"),
        ("a > b", "7 is not above 300"),
        ("a >= b", "7 is below 300"),
        ("0.50 * a == b", "3.50 is not 300"),
        ("a > b > 1000", "7 is not above 300, 300 is not above 1000"),
    ],
)
def test_what_does_not_hold_is_said_in_words(text: str, measured: str) -> None:
    rule = check(text, a="7", b="300")
    assert rule.fails
    assert rule.broken() == BrokenRule(text, ("b", "a") if text.startswith("b") else rule.fields, measured)
    assert set(rule.fields) == {"a", "b"}


def test_a_rule_that_cannot_be_told_does_not_fail() -> None:
    assert check("a == b", a="7", b="").outcome is Outcome.UNKNOWN
    assert check("a == b", a="7").outcome is Outcome.UNKNOWN
    assert not check("a == b", a="7").fails
    assert check("a == b", a="7", b="7").outcome is Outcome.HOLDS


def test_of_a_chain_the_comparisons_that_can_be_told_remain() -> None:
    rule = check("a < 5 < b", a="7")
    assert rule.fails
    assert [each.value for each in rule.differences] == [2]
    assert rule.broken().measured == "7 is not below 5"


def test_check_digits_are_named_as_in_the_form() -> None:
    rule = CheckDigitRule("ids.3.account", CheckDigit.LUHN)
    found = page_rules([BoundRule(1, 3, rule)], {"ids.3.account": "19"}, {})
    assert found[0].broken() == BrokenRule("account: luhn", ("ids.3.account",), "19 has other check digits")
    single = page_rules([BoundRule(1, None, rule)], {"ids.3.account": "18"}, {})
    assert (single[0].text, single[0].outcome) == ("ids.3.account: luhn", Outcome.HOLDS)
    assert page_rules([BoundRule(1, 3, rule)], {}, {})[0].outcome is Outcome.UNKNOWN


def test_another_number_is_tried_without_evaluating() -> None:
    rule = check("a == b + b", a="7", b="3")
    assert rule.allows("a", Decimal(7), Decimal(6))
    assert not rule.allows("a", Decimal(7), Decimal(8))
    assert rule.allows("b", Decimal(3), Decimal("3.5"))
    assert not rule.allows("elsewhere", Decimal(1), Decimal(2))


def test_fields_know_their_rules() -> None:
    first, second = check("a == b", a="1", b="1"), check("b > 0", b="1")
    assert rules_by_field([first, second]) == {"a": [first], "b": [first, second]}


def test_numbers_are_written_plainly() -> None:
    assert [plain_text(Decimal(text)) for text in ("1E+3", "0.10", "-5", "1E-3")] == ["1000", "0.10", "-5", "0.001"]
