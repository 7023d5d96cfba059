import numpy as np

from scanner.synthesis import comb_fields
from scanner.synthesis.page_content import PixelClass
from scanner.synthesis.page_style import PageStyle
from scanner.types import Box

COLUMN = Box(60, 50, 900, 1200)


def test_digits_in_cells_are_one_number_with_its_position(page_style: PageStyle) -> None:
    cells = [Box(100 + 50 * index, 100, 50, 60) for index in range(6)]
    for seed in range(6):
        content = comb_fields.write_in_comb(np.random.default_rng(seed), page_style.hand, "0427", cells, row=2)
        (number,) = content.numbers
        assert number.text == "0427"
        assert number.row_and_column in {(2, 0), (2, 2)}
        first = cells[number.row_and_column[1]]
        assert first.x - 6 <= number.box.x < first.right
        assert len(content.elements) == 4


def test_a_comb_field_ends_below_its_rules(page_style: PageStyle) -> None:
    dropped_out = 0
    for seed in range(20):
        block = comb_fields.comb_block(np.random.default_rng(seed), page_style, COLUMN)
        rules = [element for element in block.content.elements if element.pixel_class == PixelClass.RULE]
        dropped_out += not rules
        assert not rules or len(rules) >= 4
        assert max((element.box.bottom for element in rules), default=0) <= block.bottom
        assert min((element.box.x for element in rules), default=COLUMN.x) >= COLUMN.x - 4
        assert max((element.box.right for element in rules), default=0) <= COLUMN.right + 4
    assert dropped_out <= 4
