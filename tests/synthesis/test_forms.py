import numpy as np
import pytest

from scanner.synthesis import forms, freehand, page_content, tables, writing
from scanner.synthesis.page_content import PixelClass
from scanner.synthesis.page_style import PageStyle
from scanner.types import Box

COLUMN = Box(60, 50, 900, 1200)


def test_crosses_in_check_boxes_are_not_numbers(page_style: PageStyle) -> None:
    block = forms.choices_block(np.random.default_rng(3), page_style, COLUMN)
    assert not [number for number in block.content.numbers if number.kind == "handwritten"]
    assert any(element.pixel_class == PixelClass.MARK for element in block.content.elements)


def test_a_corrected_number_may_be_followed_by_another(page_style: PageStyle) -> None:
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


def test_rules_of_writing_paper_are_not_handwriting(page_style: PageStyle) -> None:
    content = freehand.draw_writing_lines(np.random.default_rng(0), page_style, Box(0, 0, 400, 300))
    assert {element.pixel_class for element in content.elements} == {PixelClass.RULE}


def test_notes_are_not_print(page_style: PageStyle) -> None:
    block = freehand.notes_block(np.random.default_rng(1), page_style, COLUMN)
    page, labels = page_content.lay_on_paper(
        np.full((1300, 1100, 3), 255, np.uint8), block.content, np.random.default_rng(0)
    )
    assert PixelClass.PRINT not in labels
    assert (labels == PixelClass.WRITING).any()
    assert page.min() < 200
