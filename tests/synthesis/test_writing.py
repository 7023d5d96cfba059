import numpy as np
import pytest

from scanner.synthesis import page_content, writing
from scanner.synthesis.ingredients import DigitPool
from scanner.synthesis.page_content import PageContent, PixelClass
from scanner.types import Box


def hand(seed: int, pools: tuple[DigitPool, ...] = ()) -> writing.Hand:
    return writing.random_hand(np.random.default_rng(seed), pools, 40, 0.127)


def bars() -> DigitPool:
    """A pool whose digit d is a solid bar, 20 pixels high."""
    return DigitPool(tuple((np.full((20, 4 + digit), 200, np.uint8),) for digit in range(10)), 1.0)


def labels_of(content: PageContent) -> np.ndarray:
    return page_content.lay_on_paper(np.full((200, 900, 3), 255, np.uint8), content, np.random.default_rng(0))[1]


@pytest.mark.parametrize("seed", range(6))
def test_digits_are_numbers_and_signs_are_writing(seed: int) -> None:
    content = writing.write_characters(
        "(17 + 4.5) x 2 = 43", (40, 120), hand(seed, (bars(),)), np.random.default_rng(seed)
    )
    assert [number.text for number in content.numbers] == ["17", "4.5", "2", "43"]
    labels = labels_of(content)
    assert set(np.unique(labels)) == {0, PixelClass.DIGIT, PixelClass.WRITING}
    for number in content.numbers:
        box = number.box
        assert (labels[box.y : box.bottom, box.x : box.right] == PixelClass.DIGIT).any()
    inside = np.zeros(labels.shape, bool)
    for number in content.numbers:
        inside[number.box.y : number.box.bottom, number.box.x : number.box.right] = True
    assert not (labels == PixelClass.DIGIT)[~inside].any()


def test_digits_stand_on_the_baseline() -> None:
    content = writing.write_characters("2580", (40, 120), hand(1), np.random.default_rng(1))
    assert abs(content.numbers[0].box.bottom - 120) <= 6


def test_some_hands_write_with_the_pool_if_there_is_one() -> None:
    assert {hand(seed, (bars(),)).digit_pool is None for seed in range(20)} == {True, False}
    assert all(hand(seed).digit_pool is None for seed in range(20))


def test_a_digit_of_a_pool_has_the_height_of_the_hand() -> None:
    pooled = next(one for one in (hand(seed, (bars(),)) for seed in range(20)) if one.digit_pool)
    box = writing.write_characters("7", (40, 120), pooled, np.random.default_rng(0)).numbers[0].box
    assert 32 <= box.height <= 48
    assert 16 <= box.width <= 30


def test_a_number_stays_within_its_cell() -> None:
    cell = Box(200, 60, 90, 60)
    for seed in range(8):
        content = writing.write_characters_in_cell("123456", cell, hand(seed), np.random.default_rng(seed), (3, 1))
        box = content.numbers[0].box
        assert box.x >= 190
        assert box.right <= 310
        assert content.numbers[0].row_and_column == (3, 1)
        assert "123456".startswith(content.numbers[0].text)


def test_words_are_not_numbers() -> None:
    content = writing.write_words("hello", (40, 120), hand(2), np.random.default_rng(0))
    assert content.numbers == ()
    assert set(np.unique(labels_of(content))) == {0, PixelClass.WRITING}


def test_the_same_pen_is_a_larger_share_of_smaller_writing() -> None:
    one = hand(3)
    small = writing.resize_hand(one, 25)
    assert small.height == 25
    assert small.writer.pen_width * 25 == pytest.approx(one.writer.pen_width * 40, rel=0.01)
