import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decision.number_presence import PRESENCE_THRESHOLD, number_presence

SHARE = st.floats(0, 1)
DIGITS = st.integers(1, 30)


def test_ink_of_digits_that_reads_with_confidence_is_a_number() -> None:
    assert number_presence(1.0, 1.0, 3) > 0.99
    assert number_presence(0.99, 0.9, 1) > PRESENCE_THRESHOLD


def test_neither_the_ink_class_nor_the_reading_suffices_alone() -> None:
    assert number_presence(0.6, 0.3, 2) < PRESENCE_THRESHOLD
    assert number_presence(0.3, 0.99, 1) < PRESENCE_THRESHOLD


def test_a_single_digit_is_less_probable_than_several() -> None:
    assert number_presence(0.8, 0.8, 1) < number_presence(0.8, 0.8, 3) == number_presence(0.8, 0.8, 9)


@given(SHARE, SHARE, SHARE, DIGITS)
def test_probability_rises_with_either_criterion(share: float, less: float, more: float, digits: int) -> None:
    less, more = sorted((less, more))
    assert 0 < number_presence(share, less, digits) <= number_presence(share, more, digits) < 1
    assert number_presence(less, share, digits) <= number_presence(more, share, digits)


def test_shares_and_confidences_of_zero_are_clamped() -> None:
    assert number_presence(0.0, 0.0, 1) == pytest.approx(0.0, abs=1e-3)
