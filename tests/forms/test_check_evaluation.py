from __future__ import annotations

import operator
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.forms.check_evaluation import Outcome, Verdict, evaluate
from scanner.forms.check_expressions import MAX_CHECK_LENGTH, parse_check

HOLDS, FAILS, UNKNOWN = Outcome.HOLDS, Outcome.FAILS, Outcome.UNKNOWN


def outcome(text: str, **values: str | int | None) -> Outcome:
    known = {name: None if value is None else Decimal(value) for name, value in values.items()}
    return evaluate(parse_check(text), known).outcome


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a == b + c", HOLDS),  # 5 and 2 + 3
        ("a == b * c", FAILS),  # 5 and 6
        ("a != b", HOLDS),
        ("a < b", FAILS),
        ("a <= 5", HOLDS),
        ("a > b", HOLDS),
        ("a >= 6", FAILS),
        ("-a == -2 - c", HOLDS),  # -5 and -5
        ("a - b - c == 0", HOLDS),
        ("a - (b - c) == 6", HOLDS),
        ("2 * (b + c) - a == a", HOLDS),  # 10 - 5 and 5
        ("a == sum(b, c)", HOLDS),
        ("b < c < a", HOLDS),  # 2, 3, 5
        ("b < a < c", FAILS),
        ("0.1 * b + 0.2 == 0.4", HOLDS),  # binary fractions would not add up
    ],
)
def test_five_two_and_three(text: str, expected: Outcome) -> None:
    assert outcome(text, a=5, b=2, c=3) is expected


def test_decimals_with_zeros_behind_them_are_the_same() -> None:
    assert outcome("a == b", a="1.50", b="1.5") is HOLDS


def test_no_digit_is_lost_in_large_numbers() -> None:
    # Decimals have 28 digits unless more are asked for.
    assert outcome("a + b == a", a="1" + "0" * 40, b=1) is FAILS
    assert outcome("a * a == b", a="1" * 30, b=int("1" * 30) ** 2) is HOLDS
    assert outcome("a * a == b", a="1" * 30, b=int("1" * 30) ** 2 + 1) is FAILS


def test_a_value_that_is_not_known_leaves_the_outcome_open() -> None:
    verdict = evaluate(parse_check("a == b + c * d"), {"a": Decimal(1), "c": Decimal(0)})
    assert verdict == Verdict(UNKNOWN, ("a", "b", "c", "d"), ("b", "d"))


def test_the_names_of_a_verdict_are_those_of_the_check() -> None:
    assert evaluate(parse_check("b == a"), {"a": Decimal(1), "b": Decimal(2)}) == Verdict(FAILS, ("b", "a"))


def test_an_empty_field_counts_nothing_in_a_sum_and_is_unknown_elsewhere() -> None:
    assert outcome("a == sum(b, c)", a=2, b=2, c=None) is HOLDS
    assert outcome("a == b + c", a=2, b=2, c=None) is UNKNOWN
    assert outcome("a == sum(b, c)", a=None, b=None, c=None) is UNKNOWN
    assert outcome("sum(a) == sum(b, c)", a=None, b=None, c=None) is HOLDS


def test_a_sum_with_a_field_that_could_not_be_read_is_unknown() -> None:
    verdict = evaluate(parse_check("a == sum(b, c)"), {"a": Decimal(2), "b": None})
    assert verdict == Verdict(UNKNOWN, ("a", "b", "c"), ("c",))


def test_one_comparison_that_fails_settles_a_chain() -> None:
    assert outcome("a <= b <= c", a=3, b=2) is FAILS
    assert outcome("a <= b <= c", a=2, b=3) is UNKNOWN
    assert outcome("a <= b <= c", a=2, c=1) is UNKNOWN


@pytest.mark.parametrize("value", ["nan", "snan", "inf", "-inf", "1e999999", "1e-999999", "9" * 2000])
def test_what_no_field_holds_is_an_error(value: str) -> None:
    with pytest.raises(ValueError, match="the value of b is not a number that a field can have"):
        outcome("a == 2 + sum(b)", a=1, b=value)
    with pytest.raises(ValueError, match="the value of b is not a number that a field can have"):
        outcome("a == 2 + b", a=1, b=value)


def test_the_largest_product_is_calculated() -> None:
    text = "*".join(["a"] * (MAX_CHECK_LENGTH // 2 - 2)) + ">0"
    assert outcome(text, a="9" * 1000) is HOLDS


NUMBERS = st.decimals(-1000, 1000, places=2).map(str) | st.integers(0, 99).map(str)
LEAVES = st.sampled_from(["a", "b", "sum(a, b)", "sum(a)"]) | NUMBERS.map(lambda number: number.replace("-", "- "))
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-{text}"),
    ),
    max_leaves=8,
)
COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@given(
    EXPRESSIONS, st.sampled_from(sorted(COMPARISONS)), EXPRESSIONS, st.decimals(-99, 99, places=1), st.integers(-9, 9)
)
def test_the_value_is_the_one_that_python_calculates_with_fractions(
    left: str, sign: str, right: str, a: Decimal, b: int
) -> None:
    def value(text: str) -> Fraction:
        exact = re.sub(r"\d+\.\d+|\d+", lambda number: f"F('{number[0]}')", text)
        names = {"a": Fraction(a), "b": Fraction(b), "F": Fraction, "sum": lambda *numbers: Fraction(sum(numbers))}
        return Fraction(eval(exact, {"__builtins__": {}}, names))

    expected = COMPARISONS[sign](value(left), value(right))
    check = parse_check(f"{left} {sign} {right}")
    assert evaluate(check, {"a": a, "b": Decimal(b)}).outcome is (HOLDS if expected else FAILS)
