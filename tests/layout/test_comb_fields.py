import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.comb_fields import find_comb_field_on_rule, find_comb_fields_in_frames, find_comb_fields_in_table
from scanner.layout.line_segments import Direction, Rule
from scanner.layout.tables import Cell, Table
from scanner.types import Box

PAPER = np.zeros((60, 400), np.uint8)


def cell(x: float, width: float, *, row: int = 1, column: int = 1, y: float = 0, height: float = 50) -> Cell:
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    return Cell(row, column, corners)


def cells_in_row(*widths: float, row: int = 1, y: float = 0) -> tuple[Cell, ...]:
    edges = np.cumsum((0, *widths))
    pairs = enumerate(zip(edges[:-1], widths, strict=True), 1)
    return tuple(cell(float(x), w, row=row, column=i, y=y) for i, (x, w) in pairs)


def test_a_row_of_equal_cells_is_a_comb_field() -> None:
    (comb,) = find_comb_fields_in_table(Table(1, 4, cells_in_row(40, 41, 39, 40)), PAPER)
    assert [c.column for c in comb.cells] == [1, 2, 3, 4]
    assert comb.box == Box(0, 0, 160, 50)


@pytest.mark.parametrize("widths", [(40, 40), (40, 100, 40), (40, 40, 100, 40), (200, 200, 200), (15, 15, 15)])
def test_other_rows_are_no_comb_field(widths: tuple[float, ...]) -> None:
    assert find_comb_fields_in_table(Table(1, len(widths), cells_in_row(*widths)), PAPER) == ()


def test_a_comb_field_begins_after_the_cell_with_its_name() -> None:
    (comb,) = find_comb_fields_in_table(Table(1, 5, cells_in_row(200, 40, 40, 40, 40)), PAPER)
    assert [(c.column, c.box.x) for c in comb.cells] == [(1, 200), (2, 240), (3, 280), (4, 320)]


def test_a_lost_side_is_restored_at_the_pitch() -> None:
    (comb,) = find_comb_fields_in_table(Table(1, 5, cells_in_row(40, 40, 81, 40, 40)), PAPER)
    assert [(c.column, c.box.x) for c in comb.cells] == [(1, 0), (2, 40), (3, 80), (4, 120), (5, 161), (6, 201)]


def test_many_lost_sides_need_traces_and_a_single_one_clean_paper() -> None:
    row = Table(1, 6, cells_in_row(40, 40, 40, 160, 40, 80))
    lost = [(i, 40 * (i - 1)) for i in range(1, 11)]
    (comb,) = find_comb_fields_in_table(Table(1, 4, cells_in_row(40, 40, 40, 80)), PAPER)
    assert [(c.column, c.box.x) for c in comb.cells] == lost[:5]
    dashes = PAPER.copy()
    dashes[::2, 0:400:40] = 255
    (comb,) = find_comb_fields_in_table(row, dashes)
    assert [(c.column, c.box.x) for c in comb.cells] == lost
    # A name 10 pixels high crosses their positions.
    named = PAPER.copy()
    named[20:30] = 255
    (comb,) = find_comb_fields_in_table(row, named)
    assert [(c.column, c.box.x) for c in comb.cells] == lost[:3]


def test_columns_that_continue_below_are_a_table() -> None:
    assert (
        find_comb_fields_in_table(
            Table(2, 4, cells_in_row(40, 40, 40, 40) + cells_in_row(40, 40, 40, 40, row=2, y=50)), PAPER
        )
        == ()
    )


def test_cells_that_end_with_their_row_are_a_comb_field_in_a_table() -> None:
    below = Cell(2, 1, ((0, 50), (160, 50), (160, 100), (0, 100)), column_span=4)
    (comb,) = find_comb_fields_in_table(Table(2, 4, (*cells_in_row(40, 40, 40, 40), below)), PAPER)
    assert len(comb.cells) == 4


def test_separate_boxes_in_a_row_are_a_comb_field() -> None:
    (comb,) = find_comb_fields_in_frames(cell(x, 40) for x in (100, 0, 50))
    assert [(c.column, c.box.x) for c in comb.cells] == [(1, 0), (2, 50), (3, 100)]


def test_boxes_far_apart_or_below_each_other_are_no_comb_field() -> None:
    assert find_comb_fields_in_frames(cell(x, 40) for x in (0, 100, 200)) == ()
    assert find_comb_fields_in_frames(cell(0, 40, y=y) for y in (0, 60, 120)) == ()


LINE = Rule(Direction.HORIZONTAL, 20, 320, 100, 100, 2.0)


def ink_of(mask: NDArray[np.uint8]) -> MeasuredInk:
    return MeasuredInk(mask, mask, 2.0, label_components(mask), 30.0)


def line_with_ticks(*ticks: tuple[int, int]) -> NDArray[np.uint8]:
    """A line at row 100 and ticks on it, (x, length)."""
    mask = np.zeros((150, 350), np.uint8)
    mask[99:101, 20:320] = 255
    for x, length in ticks:
        mask[99 - length : 99, x : x + 2] = 255
    return mask


def test_ticks_on_a_line_separate_cells() -> None:
    mask = line_with_ticks(*((x, 15) for x in range(20, 321, 60)))
    comb = find_comb_field_on_rule(LINE, ink_of(mask))
    assert comb is not None
    assert [round(c.corners[0][0] / 5) * 5 for c in comb.cells] == [20, 80, 140, 200, 260]
    # 1.3 times the pitch of 60: there is room for the digits, which are higher than the ticks.
    assert {round(c.height) for c in comb.cells} == {78}
    assert {round(c.corners[2][1]) for c in comb.cells} == {100}


def test_a_tick_hidden_by_a_digit_is_restored_at_the_pitch() -> None:
    ticks = [(x, 15) for x in range(20, 321, 60) if x != 140]
    mask = line_with_ticks(*ticks)
    mask[90:99, 130:160] = 255
    comb = find_comb_field_on_rule(LINE, ink_of(mask))
    assert comb is not None
    assert len(comb.cells) == 5


@pytest.mark.parametrize(
    "ticks",
    [
        (),
        ((20, 15), (320, 15)),
        ((20, 15), (70, 15), (170, 15), (190, 15), (300, 15)),
        tuple((x, 15) for x in range(20, 321, 10)),
    ],
)
def test_irregular_or_dense_strokes_on_a_line_are_no_ticks(ticks: tuple[tuple[int, int], ...]) -> None:
    assert find_comb_field_on_rule(LINE, ink_of(line_with_ticks(*ticks))) is None


def test_a_vertical_line_has_no_ticks() -> None:
    mask = np.zeros((50, 50), np.uint8)
    assert find_comb_field_on_rule(Rule(Direction.VERTICAL, 0, 40, 5, 5, 2.0), ink_of(mask)) is None
