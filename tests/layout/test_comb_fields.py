import numpy as np
import pytest

from scanner.layout.comb_fields import find_comb_fields_in_frames, find_comb_fields_in_table
from scanner.layout.tables import Cell, Table
from scanner.types import Box


def cell(x: float, width: float, *, row: int = 1, column: int = 1, y: float = 0, height: float = 50) -> Cell:
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    return Cell(row, column, corners)


def cells_in_row(*widths: float, row: int = 1, y: float = 0) -> tuple[Cell, ...]:
    edges = np.cumsum((0, *widths))
    pairs = enumerate(zip(edges[:-1], widths, strict=True), 1)
    return tuple(cell(float(x), w, row=row, column=i, y=y) for i, (x, w) in pairs)


def test_a_row_of_equal_cells_is_a_comb_field() -> None:
    (comb,) = find_comb_fields_in_table(Table(1, 4, cells_in_row(40, 41, 39, 40)))
    assert [c.column for c in comb.cells] == [1, 2, 3, 4]
    assert comb.box == Box(0, 0, 160, 50)


@pytest.mark.parametrize("widths", [(40, 40), (40, 100, 40), (40, 40, 100, 40), (200, 200, 200), (15, 15, 15)])
def test_other_rows_are_no_comb_field(widths: tuple[float, ...]) -> None:
    assert find_comb_fields_in_table(Table(1, len(widths), cells_in_row(*widths))) == ()


def test_a_comb_field_begins_after_the_cell_with_its_name() -> None:
    (comb,) = find_comb_fields_in_table(Table(1, 5, cells_in_row(200, 40, 40, 40, 40)))
    assert [(c.column, c.box.x) for c in comb.cells] == [(1, 200), (2, 240), (3, 280), (4, 320)]


def test_columns_that_continue_below_are_a_table() -> None:
    assert (
        find_comb_fields_in_table(Table(2, 4, cells_in_row(40, 40, 40, 40) + cells_in_row(40, 40, 40, 40, row=2, y=50)))
        == ()
    )


def test_cells_that_end_with_their_row_are_a_comb_field_in_a_table() -> None:
    below = Cell(2, 1, ((0, 50), (160, 50), (160, 100), (0, 100)), column_span=4)
    (comb,) = find_comb_fields_in_table(Table(2, 4, (*cells_in_row(40, 40, 40, 40), below)))
    assert len(comb.cells) == 4


def test_separate_boxes_in_a_row_are_a_comb_field() -> None:
    (comb,) = find_comb_fields_in_frames(cell(x, 40) for x in (100, 0, 50))
    assert [(c.column, c.box.x) for c in comb.cells] == [(1, 0), (2, 50), (3, 100)]


def test_boxes_far_apart_or_below_each_other_are_no_comb_field() -> None:
    assert find_comb_fields_in_frames(cell(x, 40) for x in (0, 100, 200)) == ()
    assert find_comb_fields_in_frames(cell(0, 40, y=y) for y in (0, 60, 120)) == ()
