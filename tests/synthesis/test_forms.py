import numpy as np
import pytest

from scanner.synthesis import forms, freehand, page_content, tables, writing
from scanner.synthesis.fonts import FontFamily
from scanner.synthesis.forms import PageStyle
from scanner.synthesis.page_content import InkStyle, PixelClass
from scanner.synthesis.printed import TextStyle
from scanner.types import Box

COLUMN = Box(60, 50, 900, 1200)


@pytest.fixture
def setting(families: tuple[FontFamily, ...]) -> PageStyle:
    rng = np.random.default_rng(0)
    black, pixel = InkStyle((0, 0, 0)), 25.4 / 150
    body, bold, italic = (
        TextStyle(path, 22, black) for path in (families[0].regular, families[0].bold, families[0].italic)
    )
    hand, other = (writing.random_hand(rng, (), 26, pixel) for _ in range(2))
    return PageStyle(150.0, body, bold, italic, black, 2.0, hand, other)


def test_lengths_are_of_paper(setting: PageStyle) -> None:
    assert setting.mm_to_pixels(25.4) == 150


def test_digits_in_boxes_are_one_number_in_its_place(setting: PageStyle) -> None:
    boxes = [Box(100 + 50 * place, 100, 50, 60) for place in range(6)]
    for seed in range(6):
        content = forms.write_in_comb(np.random.default_rng(seed), setting.hand, "0427", boxes, row=2)
        (number,) = content.numbers
        assert number.text == "0427"
        assert number.row_and_column in {(2, 0), (2, 2)}
        first = boxes[number.row_and_column[1]]
        assert first.x - 6 <= number.box.x < first.right
        assert len(content.elements) == 4


def test_a_comb_has_rules_and_reaches_below_them(setting: PageStyle) -> None:
    dropped_out = 0
    for seed in range(20):
        block = forms.comb_block(np.random.default_rng(seed), setting, COLUMN)
        rules = [piece for piece in block.content.elements if piece.pixel_class == PixelClass.RULE]
        dropped_out += not rules
        assert not rules or len(rules) >= 4
        assert max((piece.box.bottom for piece in rules), default=0) <= block.bottom
        assert min((piece.box.x for piece in rules), default=COLUMN.x) >= COLUMN.x - 4
        assert max((piece.box.right for piece in rules), default=0) <= COLUMN.right + 4
    assert dropped_out <= 4


def test_crosses_stand_in_boxes_and_are_no_numbers(setting: PageStyle) -> None:
    block = forms.choices_block(np.random.default_rng(3), setting, COLUMN)
    assert not [number for number in block.content.numbers if number.kind == "handwritten"]
    assert any(piece.pixel_class == PixelClass.MARK for piece in block.content.elements)


def test_a_corrected_number_is_followed_by_the_right_one(setting: PageStyle) -> None:
    number = writing.write_characters("12", (100, 100), setting.hand, np.random.default_rng(0))
    found = [forms.correct_by_hand(np.random.default_rng(seed), setting, number).numbers for seed in range(12)]
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
def test_blocks_stay_in_their_column(setting: PageStyle, make_block: object) -> None:
    assert callable(make_block)
    for seed in range(3):
        block = make_block(np.random.default_rng(seed), setting, COLUMN)
        assert COLUMN.y < block.bottom
        for piece in block.content.elements:
            assert piece.box.y >= COLUMN.y - 60
            assert piece.box.x >= COLUMN.x - 120
            assert piece.box.right <= COLUMN.right + 160


def test_rules_of_paper_are_no_writing(setting: PageStyle) -> None:
    content = freehand.draw_writing_lines(np.random.default_rng(0), setting, Box(0, 0, 400, 300))
    assert {piece.pixel_class for piece in content.elements} == {PixelClass.RULE}


def test_the_hand_of_notes_is_not_print(setting: PageStyle) -> None:
    block = freehand.notes_block(np.random.default_rng(1), setting, COLUMN)
    page, labels = page_content.lay_on_paper(
        np.full((1300, 1100, 3), 255, np.uint8), block.content, np.random.default_rng(0)
    )
    assert PixelClass.PRINT not in labels
    assert (labels == PixelClass.WRITING).any()
    assert page.min() < 200
