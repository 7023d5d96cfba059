import numpy as np
import pytest

from scanner.synthesis import printed, tables, writing
from scanner.synthesis.fonts import FontFamily
from scanner.synthesis.page_content import InkStyle, PageContent, RowAndColumn
from scanner.synthesis.page_style import PageStyle
from scanner.synthesis.printed import TextStyle
from scanner.types import Box

Generator = np.random.Generator


@pytest.fixture
def page_style(families: tuple[FontFamily, ...]) -> PageStyle:
    black = InkStyle((0, 0, 0))
    kind = TextStyle(families[0].regular, 20, black)
    hand = writing.random_hand(np.random.default_rng(5), (), 24, 25.4 / 150)
    return PageStyle(150.0, kind, kind, kind, black, 2.0, hand, hand)


def test_cells_are_numbered_by_row_and_column(page_style: PageStyle) -> None:
    seen: list[tuple[RowAndColumn, Box]] = []

    def remember(_: Generator, __: PageStyle, cell: Box, place: RowAndColumn) -> PageContent:
        seen.append((place, cell))
        return PageContent()

    columns = (tables.TableColumn("A", 1.0, remember), tables.TableColumn("B", 3.0, remember))
    tables.table_block(np.random.default_rng(0), page_style, Box(50, 40, 800, 900), columns, 4)
    assert [place for place, _ in seen] == [(row, column) for row in range(4) for column in range(2)]
    cells = dict(seen)
    assert cells[1, 0].y > cells[0, 0].y
    assert cells[0, 1].x >= cells[0, 0].right
    assert cells[0, 1].width == pytest.approx(3 * cells[0, 0].width, rel=0.1)


def test_a_log_has_printed_times_and_readings_by_hand(page_style: PageStyle) -> None:
    block = tables.log_block(np.random.default_rng(2), page_style, Box(50, 40, 900, 1200))
    by_hand = [number for number in block.content.numbers if number.kind == "handwritten" and number.row_and_column]
    hours = [number for number in block.content.numbers if number.kind == "printed"]
    assert len(by_hand) > 3
    assert len(hours) >= 3
    assert min(number.box.x for number in by_hand) > min(number.box.right for number in hours)
    assert all(number.row_and_column[1] >= 1 for number in by_hand if number.row_and_column)


def test_a_printed_table_has_no_handwriting(page_style: PageStyle) -> None:
    block = tables.printed_table_block(np.random.default_rng(1), page_style, Box(50, 40, 900, 1200))
    assert all(number.kind == "printed" for number in block.content.numbers)
    assert all(element.pixel_class in {2, 4, 6} for element in block.content.elements)


def test_some_cells_are_empty_dashed_or_corrected(page_style: PageStyle) -> None:
    cell = Box(100, 100, 160, 40)
    found = [
        tables.write_number_in_cell(np.random.default_rng(seed), page_style, cell, (0, 0), "38") for seed in range(200)
    ]
    assert any(not content.elements for content in found)
    assert any(content.elements and not content.numbers for content in found)
    assert any(number.crossed_out for content in found for number in content.numbers)
    plain = [content for content in found if [number.text for number in content.numbers] == ["38"]]
    assert len(plain) > 150
    assert printed.text_width("38", page_style.body) < cell.width
