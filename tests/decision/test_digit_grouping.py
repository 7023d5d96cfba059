import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decision.digit_grouping import group_digits, is_exponent
from scanner.decision.reading_order import RowPosition, assign_rows
from scanner.recognition.lattice_decoding import ReadDigit
from scanner.types import Box


def digit(value: int | None, x: int, y: int = 0, height: int = 20, confidence: float = 0.9) -> ReadDigit:
    return ReadDigit(value, confidence, is_punctuation=False, box=Box(x, y, 12, height))


def point(x: int) -> ReadDigit:
    return ReadDigit(None, 0.9, is_punctuation=True, box=Box(x, 16, 4, 4))


def texts(*pieces: ReadDigit) -> list[str]:
    return [group.text for group in group_digits(pieces)]


def box(x: int, y: int, height: int = 20) -> Box:
    return Box(x, y, 12, height)


def test_neighbours_are_one_number() -> None:
    (number,) = group_digits([digit(0, 0), digit(0, 15, confidence=0.5), digit(7, 30)])
    assert number.text == "007"
    assert number.confidence == pytest.approx(0.9 * 0.5 * 0.9)
    assert number.box == Box(0, 0, 42, 20)


def test_a_wide_gap_parts_numbers() -> None:
    assert texts(digit(1, 0), digit(2, 15), digit(3, 100), digit(4, 115)) == ["12", "34"]


def test_what_is_no_digit_parts_numbers() -> None:
    # Without the plus sign the digits beside it would be near enough.
    assert texts(digit(1, 0), digit(2, 14), digit(None, 25), digit(3, 36), digit(4, 50)) == ["12", "34"]
    assert texts(digit(1, 0), digit(2, 14), digit(3, 36), digit(4, 50)) == ["1234"]


def test_a_point_does_not() -> None:
    assert texts(digit(1, 0), point(14), digit(2, 20)) == ["12"]


def test_an_exponent_is_a_number_of_its_own() -> None:
    assert texts(digit(1, 0, y=20, height=30), digit(2, 14, y=5, height=14)) == ["1", "2"]


def test_a_small_digit_on_the_line_belongs_to_its_number() -> None:
    assert texts(digit(1, 0, y=20, height=30), digit(0, 14, y=28, height=20)) == ["10"]


@pytest.mark.parametrize("pieces", [(), (point(0),), (digit(None, 0),), (point(0), digit(None, 9), point(30))])
def test_without_digits_there_are_no_numbers(pieces: tuple[ReadDigit, ...]) -> None:
    assert group_digits(pieces) == ()


@given(st.lists(st.tuples(st.sampled_from([None, 0, 5, 9]), st.integers(0, 60)), max_size=12))
def test_every_digit_is_in_one_number_or_in_a_word(drawn: list[tuple[int | None, int]]) -> None:
    x, pieces = 0, []
    for value, gap in drawn:
        pieces.append(digit(value, x))
        x += 12 + gap
    joined = [piece for found in group_digits(pieces) for piece in found.digits]
    assert joined == [piece for piece in pieces if piece in joined]
    if all(value is not None for value, _ in drawn):
        assert joined == pieces


def test_rows_from_the_top_columns_from_the_left() -> None:
    found = assign_rows([box(200, 52), box(10, 100), box(10, 50), box(100, 48)])
    assert found == (RowPosition(2, 1, 1), RowPosition(3, 1, 2), RowPosition(0, 1, 3), RowPosition(1, 2, 1))


def test_a_row_may_climb_across_the_page() -> None:
    found = assign_rows([box(100 * k, 300 - 8 * k) for k in range(10)] + [box(100 * k, 340 - 8 * k) for k in range(10)])
    assert [(at.row, at.column) for at in found] == [(row, column) for row in (1, 2) for column in range(1, 11)]


def test_no_numbers_no_rows() -> None:
    assert assign_rows([]) == ()


PLACES = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(8, 40)), max_size=20)


@given(PLACES)
def test_rows_and_columns_count_from_one_without_gaps(places: list[tuple[int, int, int]]) -> None:
    boxes = [box(*place) for place in places]
    numbered = assign_rows(boxes)
    assert sorted(at.index for at in numbered) == list(range(len(boxes)))
    rows: dict[int, list[RowPosition]] = {}
    for at in numbered:
        rows.setdefault(at.row, []).append(at)
    assert list(rows) == list(range(1, len(rows) + 1))
    for row in rows.values():
        assert [at.column for at in row] == list(range(1, len(row) + 1))
        lefts = [boxes[at.index].x for at in row]
        assert lefts == sorted(lefts)
    tops = [sum(boxes[at.index].center[1] for at in row) / len(row) for row in rows.values()]
    assert tops == sorted(tops)


@given(PLACES, st.integers(-500, 500), st.integers(-500, 500))
def test_rows_do_not_depend_on_the_place_on_the_page(places: list[tuple[int, int, int]], dx: int, dy: int) -> None:
    here = assign_rows([box(*place) for place in places])
    assert assign_rows([box(x + dx, y + dy, height) for x, y, height in places]) == here


def test_print_beside_handwriting_is_another_number() -> None:
    printed = [digit(0, 0, 10), digit(1, 16, 10)]
    written = [digit(7, 46, 0, 40), digit(8, 72, 0, 40)]
    assert [group.text for group in group_digits([*printed, *written])] == ["01", "78"]


def test_small_zeros_close_to_their_number_belong_to_it() -> None:
    amount = [digit(5, 0, 0, 40), digit(0, 18, 18, 22), digit(0, 34, 18, 22)]
    assert [group.text for group in group_digits(amount)] == ["500"]


def test_numbers_as_far_apart_as_words_are_two() -> None:
    # Digits twelve wide, twenty high, two apart; then fourteen apart.
    far = [*(digit(n, 14 * n) for n in (1, 2, 3)), *(digit(n, 14 * n + 12) for n in (4, 5))]
    assert texts(*far) == ["123", "45"]
    # A point between them is the reason for the gap.
    assert [group.text for group in group_digits(far, [60.0])] == ["12345"]
    assert [group.text for group in group_digits(far, [30.0, 80.0])] == ["123", "45"]


def test_digits_that_all_stand_apart_are_one_number() -> None:
    assert texts(*(digit(n, 26 * n) for n in range(6))) == ["012345"]


def test_an_exponent_stands_at_the_shoulder_of_its_base() -> None:
    base = Box(0, 20, 20, 40)
    assert is_exponent(base, Box(22, 12, 12, 24))
    assert is_exponent(base, Box(22, 0, 20, 36)), "some people write them as large"
    # A digit that ends below the middle of the one before it, and an index.
    assert not is_exponent(base, Box(22, 18, 12, 24))
    assert not is_exponent(base, Box(22, 46, 12, 24))
