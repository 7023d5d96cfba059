import numpy as np
import pytest

from scanner.synthesis import comb_fields, forms, freehand, page_content, tables, writing
from scanner.synthesis.fonts import FontFamily
from scanner.synthesis.page_content import InkStyle, PixelClass
from scanner.synthesis.page_style import PageStyle
from scanner.synthesis.printed import TextStyle
from scanner.types import Box

COLUMN = Box(60, 50, 900, 1200)


@pytest.fixture
def page_style(families: tuple[FontFamily, ...]) -> PageStyle:
    rng = np.random.default_rng(0)
    black, pixel = InkStyle((0, 0, 0)), 25.4 / 150
    body, bold, italic = (
        TextStyle(path, 22, black) for path in (families[0].regular, families[0].bold, families[0].italic)
    )
    hand, other = (writing.random_hand(rng, (), 26, pixel) for _ in range(2))
    return PageStyle(150.0, body, bold, italic, black, 2.0, hand, other)


def test_lengths_are_of_paper(page_style: PageStyle) -> None:
    assert page_style.mm_to_pixels(25.4) == 150


def test_digits_in_boxes_are_one_number_in_its_place(page_style: PageStyle) -> None:
    boxes = [Box(100 + 50 * place, 100, 50, 60) for place in range(6)]
    for seed in range(6):
        content = comb_fields.write_in_comb(np.random.default_rng(seed), page_style.hand, "0427", boxes, row=2)
        (number,) = content.numbers
        assert number.text == "0427"
        assert number.row_and_column in {(2, 0), (2, 2)}
        first = boxes[number.row_and_column[1]]
        assert first.x - 6 <= number.box.x < first.right
        assert len(content.elements) == 4


def test_a_comb_has_rules_and_reaches_below_them(page_style: PageStyle) -> None:
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


def test_crosses_stand_in_boxes_and_are_no_numbers(page_style: PageStyle) -> None:
    block = forms.choices_block(np.random.default_rng(3), page_style, COLUMN)
    assert not [number for number in block.content.numbers if number.kind == "handwritten"]
    assert any(element.pixel_class == PixelClass.MARK for element in block.content.elements)


def test_a_corrected_number_is_followed_by_the_right_one(page_style: PageStyle) -> None:
    number = writing.write_characters("12", (100, 100), page_style.hand, np.random.default_rng(0))
    found = [forms.correct_by_hand(np.random.default_rng(seed), page_style, number).numbers for seed in range(12)]
    assert all(numbers[0].crossed_out for numbers in found)
    assert {len(numbers) for numbers in found} == {1, 2}
    assert not any(numbers[1].crossed_out for numbers in found if len(numbers) == 2)


@pytest.mark.parametrize(
    "make_block",
    [
        forms.fields_block,
        forms.sentence_field_block,
        forms.answer_box_block,
        forms.coded_header_block,
        freehand.sums_block,
        freehand.notes_block,
        freehand.number_columns_block,
        freehand.cheque_block,
        freehand.signature_block,
        tables.ledger_block,
        tables.printed_table_block,
        tables.tallies_block,
        tables.mark_sheet_block,
    ],
)
def test_blocks_stay_in_their_column(page_style: PageStyle, make_block: object) -> None:
    assert callable(make_block)
    for seed in range(3):
        block = make_block(np.random.default_rng(seed), page_style, COLUMN)
        assert COLUMN.y < block.bottom
        for element in block.content.elements:
            assert element.box.y >= COLUMN.y - 60
            assert element.box.x >= COLUMN.x - 120
            assert element.box.right <= COLUMN.right + 160


def test_rules_of_paper_are_no_writing(page_style: PageStyle) -> None:
    content = freehand.draw_writing_lines(np.random.default_rng(0), page_style, Box(0, 0, 400, 300))
    assert {element.pixel_class for element in content.elements} == {PixelClass.RULE}


def test_the_hand_of_notes_is_not_print(page_style: PageStyle) -> None:
    block = freehand.notes_block(np.random.default_rng(1), page_style, COLUMN)
    page, labels = page_content.lay_on_paper(
        np.full((1300, 1100, 3), 255, np.uint8), block.content, np.random.default_rng(0)
    )
    assert PixelClass.PRINT not in labels
    assert (labels == PixelClass.WRITING).any()
    assert page.min() < 200
