import numpy as np
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.cell_assignment import assign_to_cells
from scanner.layout.comb_fields import CombField
from scanner.layout.form_structure import FormStructure
from scanner.layout.tables import Cell
from scanner.numbers.comb_digits import CombDigits, find_comb_digits

COMB = CombField(
    tuple(Cell(1, i + 1, ((40 * i, 0), (40 * i + 40, 0), (40 * i + 40, 50), (40 * i, 50))) for i in range(4))
)
"""Four cells of 40 x 50 pixels, from the corner of the page."""


def comb_digits_of(*boxes: tuple[int, int, int, int]) -> tuple[CombDigits, ...]:
    mask: NDArray[np.uint8] = np.zeros((60, 200), np.uint8)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = 255
    structure = FormStructure(comb_fields=(COMB,))
    inked = assign_to_cells(MeasuredInk(mask, mask, 4.0, label_components(mask), 30.0), structure)
    members = np.argsort(inked.components.boxes[:, 0], kind="stable")
    return find_comb_digits(inked, members, structure.comb_fields)


def test_all_ink_in_a_cell_is_one_digit() -> None:
    (comb_digits,) = comb_digits_of((10, 10, 4, 30), (50, 10, 15, 4), (50, 20, 4, 20), (130, 10, 4, 30))
    assert comb_digits.comb_cells == (1, 2, 4)
    assert comb_digits.glyphs[1].box == (50, 10, 15, 30)
    assert comb_digits.glyphs[1].strength[0].all()
    assert comb_digits.glyphs[1].strength[12, 10] == 0
    assert comb_digits.text_line.box == (10, 10, 124, 30)


def test_specks_are_left_out_and_a_cell_with_nothing_else_is_empty() -> None:
    (comb_digits,) = comb_digits_of((10, 10, 4, 30), (30, 5, 2, 2), (60, 20, 3, 3))
    assert comb_digits.comb_cells == (1,)
    assert comb_digits.glyphs[0].box == (10, 10, 4, 30)


def test_cells_with_several_characters_each_are_no_comb_field() -> None:
    assert comb_digits_of((5, 10, 4, 30), (25, 10, 4, 30), (45, 10, 4, 30), (65, 10, 4, 30)) == ()


def test_a_comb_field_without_ink_has_no_digits() -> None:
    assert comb_digits_of() == ()
    assert comb_digits_of((170, 10, 4, 30)) == ()
