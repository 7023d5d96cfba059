import numpy as np
import pytest

from scanner.synthesis import registers
from scanner.synthesis.page_content import PixelClass
from scanner.synthesis.page_style import PageStyle
from scanner.types import Box

ROOM = Box(40, 40, 1100, 1400)


@pytest.mark.parametrize("seed", range(4))
def test_a_register_has_numbers_in_columns_and_some_amid_words(page_style: PageStyle, seed: int) -> None:
    content = registers.register_block(np.random.default_rng(seed), page_style, ROOM).content
    written = [number for number in content.numbers if number.kind == "handwritten"]
    in_columns = [number for number in written if not number.optional]
    assert len(in_columns) > 3
    assert all(number.row_and_column is not None for number in in_columns)
    assert all(number.row_and_column is None for number in written if number.optional)
    assert sum(element.pixel_class is PixelClass.WRITING for element in content.elements) > 20


def test_numbers_of_an_entry_are_in_one_row(page_style: PageStyle) -> None:
    content = registers.register_block(np.random.default_rng(1), page_style, ROOM).content
    rows = [number.row_and_column[0] for number in content.numbers if number.row_and_column]
    assert rows == sorted(rows)


def test_a_line_of_words_stays_in_its_room(page_style: PageStyle) -> None:
    for seed in range(5):
        line = registers.write_line(np.random.default_rng(seed), page_style.hand, Box(100, 200, 600, 40), 0.3)
        assert all(number.optional for number in line.numbers)
        assert line.box.right <= 700 + page_style.hand.height
        assert line.box.x >= 100 - page_style.hand.height


def test_diaries_have_numbers_that_are_asked_for_in_front_of_lines(page_style: PageStyle) -> None:
    fronts = 0
    for seed in range(6):
        content = registers.diary_block(np.random.default_rng(seed), page_style, ROOM).content
        asked = [number for number in content.numbers if not number.optional]
        fronts += sum(number.box.x < ROOM.x + 4 * page_style.hand.height for number in asked)
    assert fronts > 10
