import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decision.number_presence import (
    MIN_READING_PRESENCE,
    MIN_UNREAD_PRESENCE,
    MIN_UNREAD_PRESENCE_IN_CELL,
    MIN_UNREAD_PRESENCE_WITHOUT_DIGITS,
    RowContent,
    number_presence,
    row_content,
)

SHARE = st.floats(0, 1)
DIGITS = st.integers(1, 30)


def test_ink_of_digits_that_reads_with_confidence_is_a_number() -> None:
    assert number_presence(1.0, 1.0, 3) > 0.99
    assert number_presence(0.99, 0.9, 1) > MIN_READING_PRESENCE


def test_neither_the_ink_class_nor_the_reading_suffices_alone() -> None:
    assert number_presence(0.6, 0.3, 2) < MIN_READING_PRESENCE
    assert number_presence(0.3, 0.99, 1) < MIN_READING_PRESENCE


def test_a_single_digit_is_less_probable_than_several() -> None:
    assert number_presence(0.8, 0.8, 1) < number_presence(0.8, 0.8, 3) == number_presence(0.8, 0.8, 9)


@given(SHARE, SHARE, SHARE, DIGITS)
def test_probability_rises_with_either_criterion(share: float, less: float, more: float, digits: int) -> None:
    less, more = sorted((less, more))
    assert 0 < number_presence(share, less, digits) <= number_presence(share, more, digits) < 1
    assert number_presence(less, share, digits) <= number_presence(more, share, digits)


def test_shares_and_confidences_of_zero_are_clamped() -> None:
    assert number_presence(0.0, 0.0, 1) == pytest.approx(0.0, abs=1e-3)


JUST_LESS = 1e-9


@pytest.mark.parametrize(
    ("presence", "in_cell", "content"),
    [
        (MIN_READING_PRESENCE, False, RowContent.READING),
        (MIN_READING_PRESENCE, True, RowContent.READING),
        (MIN_READING_PRESENCE - JUST_LESS, False, RowContent.UNREAD),
        (MIN_UNREAD_PRESENCE, False, RowContent.UNREAD),
        (MIN_UNREAD_PRESENCE - JUST_LESS, False, RowContent.NO_ROW),
        (MIN_UNREAD_PRESENCE - JUST_LESS, True, RowContent.UNREAD),
        (MIN_UNREAD_PRESENCE_IN_CELL, True, RowContent.UNREAD),
        (MIN_UNREAD_PRESENCE_IN_CELL - JUST_LESS, True, RowContent.NO_ROW),
    ],
)
def test_digits_are_reported_unread_or_dropped_by_how_probable_a_number_is(
    presence: float, in_cell: bool, content: RowContent
) -> None:
    assert row_content(presence, has_digits=True, in_cell=in_cell) is content


@pytest.mark.parametrize(
    ("presence", "in_cell", "content"),
    [
        (1.0, True, RowContent.UNREAD),
        (MIN_UNREAD_PRESENCE_WITHOUT_DIGITS, True, RowContent.UNREAD),
        (MIN_UNREAD_PRESENCE_WITHOUT_DIGITS - JUST_LESS, True, RowContent.NO_ROW),
        (1.0, False, RowContent.NO_ROW),
    ],
)
def test_ink_without_digits_has_a_row_only_in_a_cell_and_never_a_reading(
    presence: float, in_cell: bool, content: RowContent
) -> None:
    assert row_content(presence, has_digits=False, in_cell=in_cell) is content


ROWS = (RowContent.NO_ROW, RowContent.UNREAD, RowContent.READING)


@given(SHARE, SHARE, st.booleans(), st.booleans())
def test_the_more_probable_a_number_is_the_more_its_row_holds(
    less: float, more: float, has_digits: bool, in_cell: bool
) -> None:
    contents = [row_content(presence, has_digits=has_digits, in_cell=in_cell) for presence in sorted((less, more))]
    assert ROWS.index(contents[0]) <= ROWS.index(contents[1])
