import numpy as np
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.layout.cell_assignment import CellAssignment, assign_to_cells
from scanner.layout.comb_fields import CombField
from scanner.layout.form_structure import FormStructure
from scanner.layout.tables import Cell, Table


def cell(x: int, y: int, row: int, column: int, width: int = 50, height: int = 40) -> Cell:
    return Cell(row, column, ((x, y), (x + width, y), (x + width, y + height), (x, y + height)))


TABLE = Table(2, 2, (cell(0, 0, 1, 1), cell(50, 0, 1, 2), cell(0, 40, 2, 1), cell(50, 40, 2, 2)))
"""Columns of 50, rows of 40 pixels, from the page's corner."""


def ink(*boxes: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    mask = np.zeros((120, 160), np.uint8)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = 255
    return mask


def owners(inked: CellAssignment) -> list[tuple[int, int] | None]:
    """Row and column of the cell of each component, by its left edge."""
    order = np.argsort(inked.components.boxes[:, 0], kind="stable")
    return [
        None
        if inked.cell_place_of_component[i] < 0
        else (
            inked.cell_places[inked.cell_place_of_component[i]].cell.row,
            inked.cell_places[inked.cell_place_of_component[i]].cell.column,
        )
        for i in order
    ]


def in_table(*boxes: tuple[int, int, int, int]) -> CellAssignment:
    return assign_to_cells(label_components(ink(*boxes)), FormStructure(tables=(TABLE,)))


def test_each_piece_is_in_its_cell() -> None:
    inked = in_table((10, 10, 8, 20), (60, 50, 8, 20), (120, 10, 8, 20))
    assert owners(inked) == [(1, 1), (2, 2), None]
    assert [place.table for place in inked.cell_places] == [1, 1, 1, 1]


def test_a_digit_written_over_the_border_is_whole_where_most_of_it_is() -> None:
    inked = in_table((20, 25, 8, 24))
    assert len(inked.components) == 1
    assert owners(inked) == [(1, 1)]


def test_two_digits_that_touch_over_the_border_are_parted_there() -> None:
    inked = in_table((20, 10, 8, 60))
    assert sorted(tuple(box) for box in inked.components.boxes.tolist()) == [(20, 10, 8, 30), (20, 40, 8, 30)]
    assert sorted(inked.components.areas.tolist()) == [240, 240]
    assert sorted(place for place in owners(inked) if place) == [(1, 1), (2, 1)]
    for index in range(2):
        x, y, width, height = inked.components.boxes[index].tolist()
        assert np.all(inked.components.labels[y : y + height, x : x + width] == index + 1)


def test_a_comb_lies_on_the_table_it_stands_in() -> None:
    comb = CombField((cell(10, 5, 1, 1, 12, 15), cell(22, 5, 1, 2, 12, 15), cell(34, 5, 1, 3, 12, 15)))
    inked = assign_to_cells(label_components(ink((24, 8, 4, 8))), FormStructure(tables=(TABLE,), comb_fields=(comb,)))
    place = inked.cell_places[inked.cell_place_of_component[0]]
    assert (place.comb, place.cell.column, place.table) == (comb, 2, 0)


def test_without_cells_the_components_are_as_they_were() -> None:
    components = label_components(ink((10, 10, 5, 5)))
    inked = assign_to_cells(components, FormStructure())
    assert inked.components is components
    assert inked.cell_place_of_component.tolist() == [-1]
    assert assign_to_cells(label_components(ink()), FormStructure(tables=(TABLE,))).cell_place_of_component.shape == (
        0,
    )
