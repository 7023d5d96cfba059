import numpy as np

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.cell_assignment import CellAssignment, assign_to_cells
from scanner.layout.comb_fields import CombField
from scanner.layout.form_structure import FormStructure
from scanner.layout.tables import Cell, Table


def cell(x: int, y: int, row: int, column: int, width: int = 50, height: int = 40) -> Cell:
    return Cell(row, column, ((x, y), (x + width, y), (x + width, y + height), (x, y + height)))


TABLE = Table(2, 2, (cell(0, 0, 1, 1), cell(50, 0, 1, 2), cell(0, 40, 2, 1), cell(50, 40, 2, 2)))
"""Columns of 50, rows of 40 pixels, from the page's corner."""


def ink(*boxes: tuple[int, int, int, int]) -> MeasuredInk:
    mask = np.zeros((120, 160), np.uint8)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = 255
    return MeasuredInk(mask, mask, 4.0, label_components(mask), 20.0)


def owners(inked: CellAssignment) -> list[tuple[int, int] | None]:
    """Row and column of the cell of each component, by its left edge."""
    order = np.argsort(inked.components.boxes[:, 0], kind="stable")
    return [
        None
        if inked.form_cell_of_component[i] < 0
        else (
            inked.form_cells[inked.form_cell_of_component[i]].cell.row,
            inked.form_cells[inked.form_cell_of_component[i]].cell.column,
        )
        for i in order
    ]


def in_table(*boxes: tuple[int, int, int, int]) -> CellAssignment:
    return assign_to_cells(ink(*boxes), FormStructure(tables=(TABLE,)))


def test_each_component_is_in_its_cell() -> None:
    inked = in_table((10, 10, 8, 20), (60, 50, 8, 20), (120, 10, 8, 20))
    assert owners(inked) == [(1, 1), (2, 2), None]
    assert [form_cell.table for form_cell in inked.form_cells] == [1, 1, 1, 1]


def test_a_digit_written_over_the_border_stays_whole_in_the_cell_with_most_of_it() -> None:
    inked = in_table((20, 25, 8, 24))
    assert len(inked.components) == 1
    assert owners(inked) == [(1, 1)]


def test_two_digits_that_touch_across_the_border_are_split_there() -> None:
    inked = in_table((20, 10, 8, 60))
    assert sorted(tuple(box) for box in inked.components.boxes.tolist()) == [(20, 10, 8, 30), (20, 40, 8, 30)]
    assert sorted(inked.components.areas.tolist()) == [240, 240]
    assert sorted(owner for owner in owners(inked) if owner) == [(1, 1), (2, 1)]
    for index in range(2):
        x, y, width, height = inked.components.boxes[index].tolist()
        assert np.all(inked.components.labels[y : y + height, x : x + width] == index + 1)


def test_what_stands_in_a_comb_field_is_in_the_cell_around_it() -> None:
    comb = CombField((cell(10, 5, 1, 1, 12, 15), cell(22, 5, 1, 2, 12, 15), cell(34, 5, 1, 3, 12, 15)))
    # One in the first of its cells, one across the divider of the other two.
    inked = assign_to_cells(ink((14, 8, 4, 8), (28, 8, 12, 8)), FormStructure(tables=(TABLE,), comb_fields=(comb,)))
    assert owners(inked) == [(1, 1), (1, 1)]
    assert [form_cell.table for form_cell in inked.form_cells] == [1, 1, 1, 1]


def test_without_cells_the_components_stay_the_same() -> None:
    page = ink((10, 10, 5, 5))
    inked = assign_to_cells(page, FormStructure())
    assert inked.ink is page
    assert inked.form_cell_of_component.tolist() == [-1]
    assert assign_to_cells(ink(), FormStructure(tables=(TABLE,))).form_cell_of_component.shape == (0,)
