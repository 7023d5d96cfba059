from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis.page_content import InkStyle, PixelClass
from scanner.synthesis.printed_rows import WHITE_INK, PrintedRow, random_printed_row
from scanner.synthesis.table_grids import random_ground
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.page_style import PageStyle

CELL = Box(100, 50, 80, 30)


def test_row_prints_its_name_first_and_then_printed_numbers(page_style: PageStyle) -> None:
    rng = np.random.default_rng(1)
    row = PrintedRow(lambda _, index: str(100 + index), "PAR", page_style.body, None, 0.0)
    name, number = row.fill(rng, CELL, 0), row.fill(rng, CELL, 7)
    assert not name.numbers
    assert [(one.text, one.kind) for one in number.numbers] == [("107", "printed")]


def test_ground_lies_beneath_the_print_and_fills_the_cell(page_style: PageStyle) -> None:
    rng = np.random.default_rng(2)
    row = PrintedRow(lambda *_: "5", "PAR", page_style.body, InkStyle((90, 40, 20)), 0.0)
    ground = row.fill(rng, CELL, 3).elements[0]
    assert ground.box == CELL
    assert ground.pixel_class is PixelClass.PAPER


def test_arrow_touches_the_upper_or_the_lower_edge(page_style: PageStyle) -> None:
    rng = np.random.default_rng(3)
    row = PrintedRow(lambda *_: "5", "PAR", page_style.body, None, 1.0)
    arrows = [row.fill(rng, CELL, 3).elements[-1].box for _ in range(20)]
    assert {(box.y == CELL.y, box.bottom == CELL.bottom) for box in arrows} == {(True, False), (False, True)}


def test_print_on_a_dark_ground_is_white(page_style: PageStyle) -> None:
    rng = np.random.default_rng(4)
    rows = [random_printed_row(rng, page_style) for _ in range(200)]
    dark = [row for row in rows if row.ground is not None and max(row.ground.colour) < 115]
    assert dark
    assert all(row.text_style.ink == WHITE_INK for row in dark)


def test_grounds_are_dark_or_pale() -> None:
    rng = np.random.default_rng(5)
    assert all(
        max(random_ground(rng, dark=True)) < 110 <= 150 <= min(random_ground(rng, dark=False)) for _ in range(50)
    )
