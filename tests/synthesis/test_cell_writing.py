import numpy as np
import pytest

from scanner.synthesis import cell_writing, page_content, writing
from scanner.synthesis.page_content import PixelClass
from scanner.synthesis.writing import Hand
from scanner.types import Box


@pytest.fixture
def hand() -> Hand:
    return writing.random_hand(np.random.default_rng(2), (), 40, 0.15)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("472", ["472"]),
        ("4·72", ["4.72"]),
        ("·31", [".31"]),
        (".5", [".5"]),
        ("-1.5", ["-1.5"]),
        ("-·5", ["-.5"]),
        ("7½", ["7½"]),
        ("½", ["½"]),
        ("7:30", ["7", "30"]),
        ("12/3", ["12", "3"]),
        ("+3", ["3"]),
        ("1.-", ["1"]),
        (":", []),
    ],
)
def test_numbers_have_the_text_that_is_written(hand: Hand, text: str, numbers: list[str]) -> None:
    written = cell_writing.write_number(text, (50, 100), hand, np.random.default_rng(1), (2, 3))
    assert [number.text for number in written.numbers] == numbers
    for number in written.numbers:
        digits = sum(character.isdigit() for character in number.text) + 2 * number.text.count("½")
        assert len(number.digit_boxes) == digits
        assert number.row_and_column == (2, 3)
        for box in number.digit_boxes:
            assert number.box.x <= box.x + 1
            assert box.right <= number.box.right + 1


@pytest.mark.parametrize("text", ["4.72", "4·72", ".72", "·72"])
def test_a_point_stands_apart_as_the_habit_says(hand: Hand, text: str) -> None:
    near, wide = (
        cell_writing.write_number(text, (50, 100), hand, np.random.default_rng(1), None, gap).numbers[0]
        for gap in (0.0, 0.8)
    )
    assert near.text == wide.text
    sides = 1 if text[0] in ".·" else 2
    widened = wide.box.width - near.box.width
    assert 0.6 * 0.8 * sides * hand.height < widened < 1.4 * 0.8 * sides * hand.height + 0.3 * hand.height


def test_a_minus_sign_is_ink_of_its_number(hand: Hand) -> None:
    written = cell_writing.write_number("-8", (50, 100), hand, np.random.default_rng(1))
    assert {element.pixel_class for element in written.elements} == {PixelClass.DIGIT}
    assert written.numbers[0].box.x < written.numbers[0].digit_boxes[0].x - 5


@pytest.mark.parametrize("align", [0.0, 1.0])
def test_numbers_stand_in_their_cell_as_the_habit_says(hand: Hand, align: float) -> None:
    habit = cell_writing.CellHabit(0.6, align, 0.0, 0.2, 0.0, 0.8)
    cell = Box(100, 50, 300, 60)
    box = cell_writing.write_number_in_cell("38", cell, hand, np.random.default_rng(4), habit).numbers[0].box
    assert (box.center[0] < cell.center[0]) is (align == 0.0)
    assert 0.45 * cell.height < box.height < 0.75 * cell.height
    assert abs(cell.bottom - 0.2 * cell.height - box.bottom) < 0.15 * cell.height


def test_a_number_far_too_wide_is_not_written(hand: Hand) -> None:
    habit = cell_writing.CellHabit(1.0, 0.5, 0.0, 0.0, 0.0, 1.0)
    cell = Box(0, 0, 30, 60)
    assert cell_writing.write_number_in_cell("123456", cell, hand, np.random.default_rng(4), habit).elements == ()


def test_numbers_combined_have_one_outline() -> None:
    first, second = (
        page_content.PageNumber(
            text, np.array([[x, 0.0], [x + 4, 9.0]]), "handwritten", digit_boxes=(Box(x, 0, 5, 10),)
        )
        for text, x in (("1", 10), ("2", 30))
    )
    one = cell_writing.combine_numbers("12", (first, second), (0, 1))
    assert (one.text, one.box, one.row_and_column) == ("12", Box(10, 0, 25, 10), (0, 1))
    assert one.digit_boxes == (Box(10, 0, 5, 10), Box(30, 0, 5, 10))
