from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.forms.check_differences import Difference, check_differences, holds
from scanner.forms.check_evaluation import Outcome, evaluate
from scanner.forms.check_expressions import parse_check

FIVE_TWO_THREE = {"a": Decimal(5), "b": Decimal(2), "c": Decimal(3)}


def only(text: str, values: dict[str, Decimal | None]) -> Difference:
    (difference,) = check_differences(parse_check(text), values)
    assert difference is not None
    return difference


@pytest.mark.parametrize(
    ("text", "left", "right", "slopes"),
    [
        ("a == b + c", 5, 5, {"a": 1, "b": -1, "c": -1}),
        ("a <= 2 * (b - c) + 4", 5, 2, {"a": 1, "b": -2, "c": 2}),
        ("a * b == 10", 10, 10, {"a": 2, "b": 5}),
        ("a == sum(b, b, c)", 5, 7, {"a": 1, "b": -2, "c": -1}),
        ("a * a != c", 25, 3, {"a": 10, "c": -1}),
        ("-a < a - a", -5, 0, {"a": -1}),
    ],
)
def test_sides_and_slopes(text: str, left: int, right: int, slopes: dict[str, int]) -> None:
    difference = only(text, dict(FIVE_TWO_THREE))
    assert (difference.left, difference.right) == (Decimal(left), Decimal(right))
    assert dict(difference.slopes) == {name: Decimal(slope) for name, slope in slopes.items()}
    assert difference.value == left - right


def test_an_empty_field_counts_0_in_a_sum_and_nowhere_else() -> None:
    values = {"a": Decimal(5), "b": None}
    difference = only("a == sum(a, b)", values)
    assert difference.value == 0
    assert dict(difference.slopes) == {"b": Decimal(-1)}
    assert check_differences(parse_check("a == b"), values) == (None,)
    assert check_differences(parse_check("a == b + 1"), values) == (None,)
    assert check_differences(parse_check("a == -2 * b"), values) == (None,)
    assert check_differences(parse_check("a == sum(a, unread)"), values) == (None,)


def test_a_chain_has_a_difference_for_each_of_its_signs() -> None:
    first, second = check_differences(parse_check("0 <= a < b"), {"a": Decimal(5), "b": None})
    assert first == Difference("<=", Decimal(0), Decimal(5), {"a": Decimal(-1)})
    assert second is None


VALUES = st.fixed_dictionaries(dict.fromkeys("abc", st.integers(-9, 9).map(Decimal)))
CHECKS = st.sampled_from(["a == b + c", "a - 2 * b <= c", "a + b != 0.5 * c", "sum(a, b) > c", "a >= b", "a < b * 2"])


@given(CHECKS, VALUES)
def test_it_holds_as_evaluated(text: str, values: dict[str, Decimal]) -> None:
    difference = only(text, dict(values))
    outcome = evaluate(parse_check(text), values).outcome
    assert holds(difference.sign, difference.value) == (outcome is Outcome.HOLDS)


@given(CHECKS, VALUES, st.sampled_from("abc"), st.integers(-9, 9))
def test_slopes_say_what_another_value_does(text: str, values: dict[str, Decimal], name: str, change: int) -> None:
    before = only(text, dict(values))
    after = only(text, {**values, name: values[name] + change})
    assert after.value == before.value + before.slopes.get(name, 0) * change
