from __future__ import annotations

import numpy as np
import pytest

from scanner.synthesis import cell_texts, cell_writing, comb_cells, filled_tables, table_columns, table_grids
from scanner.synthesis.page_content import InkStyle, PageContent, RowAndColumn
from scanner.synthesis.page_style import PageStyle
from scanner.synthesis.table_grids import Grid, RulePattern, RuleStyle
from scanner.synthesis.tables import TableColumn
from scanner.types import Box

ROOM = Box(40, 40, 1100, 1400)
BLACK = InkStyle((0, 0, 0))


@pytest.mark.parametrize(
    "block",
    [
        filled_tables.mixed_table_block,
        filled_tables.alike_table_block,
        filled_tables.scorecard_block,
        filled_tables.comb_table_block,
    ],
)
def test_tables_stay_in_their_room_and_have_numbers(page_style: PageStyle, block: filled_tables.BlockMaker) -> None:
    written = 0
    for seed in range(6):
        made = block(np.random.default_rng(seed), page_style, ROOM)
        assert made.bottom <= ROOM.bottom + 4 * page_style.body.size
        numbers = [number for number in made.content.numbers if number.kind == "handwritten"]
        assert all(number.digit_boxes for number in numbers)
        assert all(number.row_and_column is not None for number in numbers)
        written += len(numbers)
    assert written > 60


def test_columns_that_do_not_fit_are_left_out(page_style: PageStyle) -> None:
    seen: set[int] = set()

    def note(_: np.random.Generator, __: PageStyle, ___: Box, row_and_column: RowAndColumn) -> PageContent:
        seen.add(row_and_column[1])
        return PageContent()

    columns = tuple(TableColumn("A", 8.0, note) for _ in range(40))
    habit = cell_writing.CellHabit(0.6, 0.5, 0.1, 0.2, 0.05, 0.7)
    filled_tables.filled_table_block(np.random.default_rng(0), page_style, ROOM, columns, habit)
    assert 0 in seen
    assert max(seen) < 20


def test_cells_of_a_grid_are_where_its_edges_are() -> None:
    grid = Grid((10, 50, 120), (5, 25, 65))
    assert grid.cell(0, 0) == Box(10, 5, 40, 20)
    assert grid.cell(1, 1, 2) == Box(52, 27, 66, 36)
    assert grid.cell(1, 0, columns=2) == Box(10, 25, 110, 40)
    assert table_grids.jittered_edges(7, [10.0, 20.0], 0.0, np.random.default_rng(0)) == (7, 17, 37)


@pytest.mark.parametrize("pattern", list(RulePattern))
def test_dotted_and_dashed_rules_have_gaps(pattern: RulePattern) -> None:
    style = RuleStyle(BLACK, 2.0, pattern)
    coverage = table_grids.draw_styled_rule((10, 20), (210, 20), style, np.random.default_rng(1)).elements[0].coverage
    inked = (coverage.max(axis=0) > 0).mean()
    assert inked > 0.95 if pattern is RulePattern.SOLID else 0.2 < inked < 0.8


def test_lost_parts_of_a_rule_are_missing() -> None:
    style = RuleStyle(BLACK, 2.0, lost=0.4)
    coverage = table_grids.draw_styled_rule((20, 10), (20, 410), style, np.random.default_rng(1)).elements[0].coverage
    assert (coverage.max(axis=1) > 0).mean() == pytest.approx(0.6, abs=0.1)


def test_bent_rules_end_near_their_ends() -> None:
    style = RuleStyle(BLACK, 2.0, wobble=3.0)
    box = table_grids.draw_styled_rule((10, 100), (310, 100), style, np.random.default_rng(2)).box
    assert 85 < box.y < 100 < box.bottom < 115


def test_unused_boxes_are_crossed_dashed_or_empty(page_style: PageStyle) -> None:
    cell = Box(100, 100, 120, 40)
    boxes = comb_cells.split_cell(cell, 3)
    assert [box.x for box in boxes] == [100, 140, 180]
    habit = cell_writing.CellHabit(0.6, 0.5, 0.02, 0.2, 0.02, 1.0)
    for unused, marked in (("x", True), ("-", True), ("", False)):
        rng = np.random.default_rng(3)
        content = comb_cells.write_in_boxes(rng, page_style.hand, "7", boxes, habit, unused, (1, 2))
        assert [number.text for number in content.numbers] == ["7"]
        assert content.numbers[0].row_and_column == (1, 2)
        assert len(content.numbers[0].digit_boxes) == 1
        assert (len(content.elements) > 1) is marked
    padded = comb_cells.write_in_boxes(np.random.default_rng(3), page_style.hand, "7", boxes, habit, "0")
    assert [number.text for number in padded.numbers] == ["007"]


@pytest.mark.parametrize("maker", [maker for maker, _, _ in cell_texts.NUMBER_COLUMNS])
def test_texts_of_number_columns_can_be_written(page_style: PageStyle, maker: filled_tables.TextMaker) -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        texts = maker(rng)
        for row in range(3):
            text = texts(rng, row)
            assert any(character.isdigit() or character == "½" for character in text)
            written = cell_writing.write_number(text, (0, 0), page_style.hand, rng)
            digits = sum(character.isdigit() for character in text) + 2 * text.count("½")
            assert sum(len(number.digit_boxes) for number in written.numbers) == digits


def test_rising_numbers_rise() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        texts = cell_texts.rising_numbers(rng)
        first, later = int(texts(rng, 0)), int(texts(rng, 9))
        # Each is off by at most three steps.
        assert later != first


def test_text_too_wide_for_a_cell_is_set_smaller_or_left_out(page_style: PageStyle) -> None:
    cell = Box(0, 0, 60, 40)
    small = table_columns.typeset_in_cell("Quantity", cell, page_style.body, 0.5)
    assert small.elements
    assert small.box.width <= 60
    assert table_columns.typeset_in_cell("Quantity", Box(0, 0, 8, 40), page_style.body, 0.5).elements == ()
