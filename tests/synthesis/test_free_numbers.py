from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.synthesis import amount_lines, boxed_fields, expressions, free_numbers, puzzles
from scanner.synthesis.page_style import PageStyle
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.filled_tables import BlockMaker

ROOM = Box(60, 60, 1000, 1300)
BLOCKS = [
    free_numbers.wide_numbers_block,
    free_numbers.huge_number_block,
    free_numbers.list_block,
    free_numbers.written_sums_block,
    free_numbers.exercises_block,
    free_numbers.fractions_block,
    expressions.expressions_block,
    puzzles.sudoku_block,
    puzzles.crossword_block,
    puzzles.calendar_block,
    puzzles.multiplication_block,
    boxed_fields.date_boxes_block,
    boxed_fields.code_boxes_block,
    boxed_fields.single_frames_block,
    amount_lines.amount_lines_block,
]


@pytest.mark.parametrize("block", BLOCKS)
def test_blocks_have_numbers_by_hand_with_a_box_for_each_digit(page_style: PageStyle, block: BlockMaker) -> None:
    found = 0
    for seed in range(5):
        made = block(np.random.default_rng(seed), page_style, ROOM)
        assert made.bottom > ROOM.y
        for number in made.content.numbers:
            if number.kind != "handwritten":
                continue
            found += 1
            digits = sum(character.isdigit() for character in number.text)
            digits += 2 * sum(character in "½¼¾" for character in number.text)
            assert len(number.digit_boxes) == digits
            for box in number.digit_boxes:
                assert number.box.x - 2 <= box.x
                assert box.right <= number.box.right + 2
    assert found > 4


def test_digits_of_a_wide_number_are_far_apart(page_style: PageStyle) -> None:
    for seed in range(4):
        content = free_numbers.wide_numbers_block(np.random.default_rng(seed), page_style, ROOM).content
        number = max(content.numbers, key=lambda number: len(number.text))
        gaps = [right.x - left.right for left, right in zip(number.digit_boxes, number.digit_boxes[1:], strict=False)]
        assert np.median(gaps) > 0.25 * np.median([box.height for box in number.digit_boxes])


def test_carried_digits_and_notes_are_not_asked_for(page_style: PageStyle) -> None:
    for block in (free_numbers.written_sums_block, puzzles.sudoku_block):
        heights: dict[bool, list[int]] = {True: [], False: []}
        for seed in range(12):
            for number in block(np.random.default_rng(seed), page_style, ROOM).content.numbers:
                if number.kind == "handwritten":
                    heights[number.optional].append(number.box.height)
        assert np.median(heights[True]) < 0.8 * np.median(heights[False])


def test_a_bingo_card_has_printed_numbers_only(page_style: PageStyle) -> None:
    content = puzzles.bingo_block(np.random.default_rng(1), page_style, ROOM).content
    assert len(content.numbers) > 10
    assert {number.kind for number in content.numbers} == {"printed"}


def test_sums_add_up(page_style: PageStyle) -> None:
    content = free_numbers.written_sums_block(np.random.default_rng(3), page_style, ROOM).content
    assert all(number.text.isdigit() for number in content.numbers)
    assert len(content.numbers) > 5
