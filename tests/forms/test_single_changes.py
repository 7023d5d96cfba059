from __future__ import annotations

from decimal import Decimal

from scanner.forms.check_digits import CheckDigit
from scanner.forms.check_expressions import parse_check
from scanner.forms.field_readings import Alternative, FieldReading
from scanner.forms.form import CheckDigitRule, CheckRule, FieldContent
from scanner.forms.page_rules import page_rules
from scanner.forms.rule_binding import BoundRule
from scanner.forms.single_changes import single_changes

EMPTY = "empty"
"""Stands for an empty field."""


def offered(
    rules: list[str | CheckDigitRule], contents: dict[str, FieldContent] | None = None, **fields: list[str]
) -> dict[str, str]:
    """What is offered where each field has a text, empty if it could not be read, and alternatives."""
    bound = [
        BoundRule(number, None, rule if isinstance(rule, CheckDigitRule) else CheckRule(parse_check(rule)))
        for number, rule in enumerate(rules, start=1)
    ]
    texts = {name: text for name, (text, *_) in fields.items() if text not in {"", EMPTY}}
    values = {name: None if text == EMPTY else Decimal(text) for name, (text, *_) in fields.items() if text}
    readings = {
        name: FieldReading(
            name, texts.get(name, ""), 0.9, text == EMPTY, tuple(Alternative(each, 0.01) for each in rest)
        )
        for name, (text, *rest) in fields.items()
    }
    every_content = {name: (contents or {}).get(name, FieldContent()) for name in fields}
    return single_changes(page_rules(bound, texts, values), readings, every_content, values)


def test_the_one_reading_with_which_the_sum_is_right_is_offered() -> None:
    assert offered(["t == a + b"], t=["310", "370", "302"], a=["120", "126"], b=["182"]) == {"t": "302"}


def test_of_two_changes_none_is_offered() -> None:
    assert offered(["t == a + b"], t=["310", "302"], a=["120", "128"], b=["182"]) == {}
    assert offered(["t == a + b"], t=["310"], a=["120", "121"], b=["182", "183"]) == {}


def test_another_text_for_the_same_number_is_no_other_change() -> None:
    assert offered(["t == a"], t=["310", "302", "0302", "310"], a=["302"]) == {"t": "302"}


def test_nothing_is_offered_where_all_holds() -> None:
    assert offered(["t == a"], t=["3", "5"], a=["3", "5"]) == {}


def test_a_change_must_not_break_what_holds() -> None:
    rules: list[str | CheckDigitRule] = ["t == a", "a == b"]
    assert offered(rules, t=["5"], a=["3", "5"], b=["3"]) == {}
    assert offered(rules, t=["5"], a=["3", "5"], b=["5"]) == {"a": "5"}


def test_a_change_must_keep_within_the_limits() -> None:
    small = {"t": FieldContent(maximum=Decimal(4))}
    assert offered(["t == a"], small, t=["3", "5"], a=["5"]) == {}
    assert offered(["t == a"], t=["3", "5"], a=["5"]) == {"t": "5"}


def test_rows_that_fail_each_have_their_own_change() -> None:
    rules: list[str | CheckDigitRule] = ["t1 == a1", "t2 == a2", "g == t1 + t2"]
    found = offered(rules, t1=["3"], a1=["5", "3"], t2=["4"], a2=["9", "4"], g=["7"])
    assert found == {"a1": "3", "a2": "4"}
    # If the grand total fails as well it is one question, and no field is in all three rules.
    assert offered(rules, t1=["3"], a1=["5", "3"], t2=["4"], a2=["9", "4"], g=["8", "7"]) == {}


def test_one_total_may_mend_its_row_and_the_grand_total() -> None:
    rules: list[str | CheckDigitRule] = ["t1 == a1", "t2 == a2", "g == t1 + t2"]
    assert offered(rules, t1=["3", "8"], a1=["8", "3"], t2=["4"], a2=["4"], g=["12"]) == {"t1": "8"}


def test_a_check_digit_may_settle_it() -> None:
    luhn = CheckDigitRule("a", CheckDigit.LUHN)
    assert offered([luhn], a=["19", "16", "18"]) == {"a": "18"}
    assert offered([luhn, "a == b"], a=["19", "18", "26"], b=["26"]) == {"a": "26"}


def test_an_empty_field_of_a_sum_may_be_written_in() -> None:
    assert offered(["t == sum(a, b)"], t=["8"], a=["5"], b=[EMPTY, "3"]) == {"b": "3"}


def test_what_could_not_be_read_is_offered_if_it_makes_the_sum_right() -> None:
    assert offered(["t == a + b"], t=["8"], a=["5"], b=["", "2", "3"]) == {"b": "3"}
    assert offered(["t >= b"], t=["8"], b=["", "2", "3"]) == {}
    assert offered(["t == a + b"], t=["8"], a=[""], b=["", "2", "3"]) == {}
    assert offered([], b=["", "2"]) == {}


def test_a_square_is_evaluated_in_the_end() -> None:
    # The slope at 3 is 6: to it, 5 looks as if it made 9 + 12 = 21.
    assert offered(["a * a == t"], a=["3", "5"], t=["21"]) == {}
