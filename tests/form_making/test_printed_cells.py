from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.form_making.printed_cells import find_printed_cells, find_printed_lines
from scanner.image.background import flatten_background
from scanner.image.binarization import binarize
from scanner.image.measured_ink import measure_ink
from scanner.layout.rules import find_rules
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.types import Image
    from tests.form_making.conftest import Draw

CHARACTER_HEIGHT = 16.0
TOLERANCE = 4
"""How far, in pixels, a cell may begin behind the middle of its line."""


def cells_of(gray: Image) -> tuple[Box, ...]:
    flat = flatten_background(gray)
    ink = replace(measure_ink(binarize(flat)), character_height=CHARACTER_HEIGHT)
    return find_printed_cells(find_printed_lines(gray, flat, ink, find_rules(ink).rules), CHARACTER_HEIGHT)


def is_inside(cell: Box, x: int, y: int, width: int, height: int) -> bool:
    """Whether a cell is the paper within a drawn rectangle."""
    differences = (cell.x - x, cell.y - y, x + width - cell.right, y + height - cell.bottom)
    return all(0 <= each <= TOLERANCE for each in differences)


def test_the_paper_within_a_box(paper: Draw) -> None:
    (cell,) = cells_of(paper(300, 200, (50, 40, 120, 60)))
    assert is_inside(cell, 50, 40, 120, 60)


def test_a_page_without_lines_has_none(paper: Draw) -> None:
    assert cells_of(paper(300, 200)) == ()


def test_cells_side_by_side_are_told_apart(paper: Draw) -> None:
    gray = paper(300, 200, *((50 + 30 * i, 40, 31, 40) for i in range(4)))
    cells = cells_of(gray)
    assert len(cells) == 4
    assert all(is_inside(cell, 50 + 30 * i, 40, 31, 40) for i, cell in enumerate(cells))


def test_a_short_gap_in_a_side_is_closed_and_a_long_one_is_not(paper: Draw) -> None:
    gray = paper(300, 200, (50, 40, 120, 60))
    gray[38:44, 90:98] = 255
    assert len(cells_of(gray)) == 1
    gray[38:44, 70:150] = 255
    assert cells_of(gray) == ()


def test_a_frame_around_boxes_is_no_cell(paper: Draw) -> None:
    cells = cells_of(paper(400, 300, (20, 20, 300, 200), (60, 60, 80, 40), (60, 140, 80, 40)))
    assert [is_inside(cell, 60, y, 80, 40) for cell, y in zip(cells, (60, 140), strict=True)] == [True, True]


def test_writing_across_a_side_leaves_the_cell_as_it_is(paper: Draw) -> None:
    gray = paper(300, 200, (50, 40, 120, 60))
    cv2.line(gray, (80, 60), (110, 125), 0, 3)
    (cell,) = cells_of(gray)
    assert is_inside(cell, 50, 40, 120, 60)


def test_a_pale_hairline_parts_cells(paper: Draw) -> None:
    gray = paper(300, 200, (50, 40, 81, 40))
    gray[41:79, 90] = 150
    assert len(cells_of(gray)) == 2


def test_a_black_bar_is_a_side(paper: Draw) -> None:
    gray = paper(600, 400, (300, 100, 200, 40))
    gray[90:150, 300:302] = 255
    gray[100:140, 100:300] = 0
    (cell,) = cells_of(gray)
    assert abs(cell.x - 300) <= TOLERANCE


def test_what_is_between_double_lines_is_no_cell(paper: Draw) -> None:
    cells = cells_of(paper(400, 200, (50, 30, 200, 40), (50, 80, 200, 40)))
    assert len(cells) == 2
    cells = cells_of(paper(400, 200, (50, 30, 200, 40), (50, 69, 200, 12), (50, 80, 200, 40)))
    assert [cell.height > 30 for cell in cells] == [True, True]


def test_a_ring_is_no_cell() -> None:
    gray = np.full((200, 300), 255, np.uint8)
    cv2.circle(gray, (150, 100), 60, 0, 3)
    assert cells_of(gray) == ()
