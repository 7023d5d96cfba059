from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.forms.check_digits import CheckDigit, has_valid_check_digits
from scanner.forms.field_readings import (
    SUBSTITUTED_SHARE,
    WRITER_ERROR_ODDS,
    Alternative,
    FieldReading,
    possibilities,
)
from scanner.forms.form import FieldContent, FieldKind

NUMBER, TICK = FieldContent(), FieldContent(kind=FieldKind.TICK)


def reading(text: str, confidence: float, *alternatives: tuple[str, float]) -> FieldReading:
    return FieldReading("a", text, confidence, not text, tuple(Alternative(*each) for each in alternatives))


def test_what_readers_leave_goes_to_numbers_with_one_other_digit() -> None:
    spread = possibilities(reading("17", 0.5, ("11", 0.3)), NUMBER)
    weights = dict(spread.others)
    assert weights[Decimal(11)] == pytest.approx(0.3)
    # Nine for each of two digits, but not 11.
    assert len(spread.others) == 1 + 17
    assert weights[Decimal(7)] == pytest.approx(0.2 * SUBSTITUTED_SHARE / 17)
    assert Decimal(17) not in weights
    assert spread.elsewhere == pytest.approx(0.2 * (1 - SUBSTITUTED_SHARE))
    assert spread.elsewhere_count == 90


def test_alternatives_have_no_more_than_the_reading_leaves() -> None:
    spread = possibilities(reading("17", 0.9, ("11", 0.3), ("12", 0.1)), NUMBER)
    weights = dict(spread.others)
    assert weights[Decimal(11)] == pytest.approx(0.075)
    assert weights[Decimal(12)] == pytest.approx(0.025)
    assert spread.elsewhere == pytest.approx(0)


def test_what_cannot_stand_in_the_field_is_no_alternative() -> None:
    spread = possibilities(reading("7", 0.8, ("7.5", 0.1), ("7", 0.05), ("", 0.02)), NUMBER)
    assert sum(weight for _, weight in spread.others) == pytest.approx(0.2 * SUBSTITUTED_SHARE)


def test_a_tick_is_there_or_not() -> None:
    assert dict(possibilities(reading("1", 0.9), TICK).others) == pytest.approx({Decimal(0): 0.1})
    assert dict(possibilities(reading("0", 0.7), TICK).others) == pytest.approx({Decimal(1): 0.3})


def test_what_is_taken_for_empty_may_be_any_number() -> None:
    spread = possibilities(reading("", 0.9, ("4", 0.06)), NUMBER)
    assert dict(spread.others) == pytest.approx({Decimal(4): 0.06})
    assert spread.right == 0.9
    assert spread.elsewhere == pytest.approx(0.04)


def test_beyond_the_limits_a_number_is_improbable() -> None:
    content = FieldContent(maximum=Decimal(20))
    inside = possibilities(reading("17", 0.8, ("77", 0.2)), content)
    assert inside.right == 0.8
    assert dict(inside.others)[Decimal(77)] == pytest.approx(0.2 * WRITER_ERROR_ODDS)
    outside = possibilities(reading("77", 0.8, ("17", 0.2)), content)
    # 0.8 / 49 against 0.2.
    assert outside.confidence == pytest.approx(0.8 / (0.8 + 0.2 * 49))


def test_check_digits_leave_one_number_in_ten() -> None:
    # 18 is valid by Luhn, and of those with one other digit none.
    spread = possibilities(reading("18", 0.9), NUMBER, [CheckDigit.LUHN])
    assert has_valid_check_digits("18", CheckDigit.LUHN)
    assert spread.elsewhere == pytest.approx(0.1 * (1 - SUBSTITUTED_SHARE) / 10)
    assert spread.confidence > 0.99
    wrong = possibilities(reading("19", 0.9), NUMBER, [CheckDigit.LUHN])
    assert wrong.right == pytest.approx(0.9 * WRITER_ERROR_ODDS / 10)
    assert wrong.confidence < 0.5


@given(
    st.text("0123456789", min_size=1, max_size=6),
    st.floats(0.01, 1),
    st.lists(st.tuples(st.text("0123456789", min_size=1, max_size=6), st.floats(0, 1)), max_size=3),
)
def test_without_rules_a_reading_is_as_sure_as_it_was(
    text: str, confidence: float, alternatives: list[tuple[str, float]]
) -> None:
    spread = possibilities(reading(text, confidence, *dict(alternatives).items()), NUMBER)
    assert spread.confidence == pytest.approx(confidence)
