from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.form_reading.placed_fields import place_fields, structure_of
from scanner.forms.form import Form, Reference
from scanner.layout.form_structure import FormStructure
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.layout.tables import Cell


def corners(*edges: float) -> tuple[tuple[float, float], ...]:
    left, top, right, bottom = edges
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def test_fields_are_in_the_order_of_the_form(small_form: Form) -> None:
    placed = place_fields(small_form, 1.0)
    assert [each.field for each in placed] == list(small_form.all_fields())
    assert [(each.table, each.row, each.column) for each in placed] == [
        (0, 0, 0), (0, 0, 0), (1, 1, 1), (1, 1, 2), (1, 2, 1), (1, 2, 2),
    ]  # fmt: skip  # a field each


def test_the_cells_of_a_comb_share_its_box_at_the_scale_of_the_page(small_form: Form) -> None:
    _, comb, *_ = place_fields(small_form, 2.0)
    # Pixels 20 to 79 of the page: their outer edges are half a pixel beyond the middles.
    assert [cell.corners for cell in comb.cells] == [
        corners(19.5, 39.5, 39.5, 119.5), corners(39.5, 39.5, 59.5, 119.5), corners(59.5, 39.5, 79.5, 119.5),
    ]  # fmt: skip  # a cell each
    assert [(cell.row, cell.column) for cell in comb.cells] == [(1, 1), (1, 2), (1, 3)]
    assert comb.box == Box(19, 39, 61, 81)


def test_a_scale_below_one_makes_cells_smaller(small_form: Form) -> None:
    number, *_ = place_fields(small_form, 0.5)
    assert [cell.corners for cell in number.cells] == [corners(49.5, 4.5, 69.5, 14.5)]


def test_the_structure_has_a_frame_for_each_cell_of_a_comb(small_form: Form) -> None:
    placed = place_fields(small_form, 1.0)
    structure = structure_of(placed)
    number, comb, _, first, _, second = placed
    assert [field.cells for field in structure.comb_fields] == [comb.cells, first.cells, second.cells]
    assert structure.form_frames == (*number.cells, *comb.cells, *first.cells, *second.cells)
    assert structure.underlines == ()


def test_a_table_has_a_whole_cell_for_each_field(small_form: Form) -> None:
    (table,) = structure_of(place_fields(small_form, 1.0)).tables
    assert (table.row_count, table.column_count) == (2, 2)

    def place_of(cell: Cell) -> tuple[int, int]:
        return cell.row, cell.column

    assert [place_of(cell) for cell in table.cells] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    # The table is 60 wide and 40 high from (50, 60); a comb in it is one cell.
    assert [cell.corners for cell in table.cells[:2]] == [
        corners(49.5, 59.5, 79.5, 79.5),
        corners(79.5, 59.5, 109.5, 79.5),
    ]


def test_a_form_without_fields_has_no_structure() -> None:
    placed = place_fields(Form(name="f", reference=Reference("a.png")), 1.0)
    assert placed == ()
    assert structure_of(placed) == FormStructure()
