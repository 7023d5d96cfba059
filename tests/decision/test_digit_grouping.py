import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decision.digit_grouping import group_digits
from scanner.recognition.lattice_decoding import ReadDigit
from scanner.types import Box


def digit(value: int | None, x: int, y: int = 0, height: int = 20) -> ReadDigit:
    return ReadDigit(value, 0.9, is_punctuation=False, box=Box(x, y, 12, height))


def point(x: int) -> ReadDigit:
    return ReadDigit(None, 0.9, is_punctuation=True, box=Box(x, 16, 4, 4))


def dash(x: int) -> ReadDigit:
    return ReadDigit(None, 0.9, is_punctuation=True, box=Box(x, 10, 9, 4))


def texts(*read_digits: ReadDigit, points: tuple[float, ...] = ()) -> list[str]:
    return ["".join(str(read.digit) for read in group.digits) for group in group_digits(read_digits, points)]


def test_neighbours_are_one_number() -> None:
    (number,) = group_digits([digit(0, 0), digit(0, 15), digit(7, 30)])
    assert [read.digit for read in number.digits] == [0, 0, 7]
    assert number.box == Box(0, 0, 42, 20)


def test_a_wide_gap_separates_numbers() -> None:
    assert texts(digit(1, 0), digit(2, 15), digit(3, 100), digit(4, 115)) == ["12", "34"]


def test_what_is_no_digit_separates_numbers() -> None:
    # Without the plus sign the digits beside it would be near enough.
    assert texts(digit(1, 0), digit(2, 14), digit(None, 25), digit(3, 36), digit(4, 50)) == ["12", "34"]
    assert texts(digit(1, 0), digit(2, 14), digit(3, 36), digit(4, 50)) == ["1234"]


def test_a_point_does_not_separate_numbers_but_a_dash_does() -> None:
    assert texts(digit(1, 0), point(14), digit(2, 20)) == ["12"]
    assert texts(digit(1, 0), dash(13), digit(2, 24)) == ["1", "2"]


def test_a_small_digit_on_the_line_belongs_to_its_number() -> None:
    assert texts(digit(1, 0, y=20, height=30), digit(0, 14, y=28, height=20)) == ["10"]


@pytest.mark.parametrize("read_digits", [(), (point(0),), (digit(None, 0),), (point(0), digit(None, 9), point(30))])
def test_without_digits_there_are_no_numbers(read_digits: tuple[ReadDigit, ...]) -> None:
    assert group_digits(read_digits) == ()


@given(st.lists(st.tuples(st.sampled_from([None, 0, 5, 9]), st.integers(0, 60)), max_size=12))
def test_every_digit_is_in_one_number_or_in_a_word(drawn: list[tuple[int | None, int]]) -> None:
    x, read_digits = 0, []
    for value, gap in drawn:
        read_digits.append(digit(value, x))
        x += 12 + gap
    grouped = [read for group in group_digits(read_digits) for read in group.digits]
    assert grouped == [read for read in read_digits if read in grouped]
    if all(value is not None for value, _ in drawn):
        assert grouped == read_digits


def test_print_beside_handwriting_is_another_number() -> None:
    printed = [digit(0, 0, 10), digit(1, 16, 10)]
    written = [digit(7, 46, 0, 40), digit(8, 72, 0, 40)]
    assert texts(*printed, *written) == ["01", "78"]


def test_small_zeros_close_to_their_number_belong_to_it() -> None:
    assert texts(digit(5, 0, 0, 40), digit(0, 18, 18, 22), digit(0, 34, 18, 22)) == ["500"]


def test_numbers_as_far_apart_as_words_are_two() -> None:
    # Digits twelve wide, twenty high, two apart; then fourteen apart.
    far = [*(digit(n, 14 * n) for n in (1, 2, 3)), *(digit(n, 14 * n + 12) for n in (4, 5))]
    assert texts(*far) == ["123", "45"]
    # A point between them is the reason for the gap.
    assert texts(*far, points=(60.0,)) == ["12345"]
    assert texts(*far, points=(30.0, 80.0)) == ["123", "45"]


def test_digits_that_all_stand_apart_are_one_number() -> None:
    assert texts(*(digit(n, 26 * n) for n in range(6))) == ["012345"]
