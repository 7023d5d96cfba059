import numpy as np
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.cell_assignment import assign_to_cells
from scanner.layout.comb_fields import CombField
from scanner.layout.form_structure import FormStructure
from scanner.layout.tables import Cell
from scanner.numbers.comb_digits import CombDigits, find_comb_digits
from scanner.recognition.lattice_decoding import read_comb_digits
from scanner.types import DigitReading

COMB = CombField(
    tuple(Cell(1, i + 1, ((40 * i, 0), (40 * i + 40, 0), (40 * i + 40, 50), (40 * i, 50))) for i in range(4))
)
"""Cells of 40 x 50 pixels, from the page's corner."""


def strips(*boxes: tuple[int, int, int, int]) -> tuple[CombDigits, ...]:
    mask: NDArray[np.uint8] = np.zeros((60, 200), np.uint8)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = 255
    structure = FormStructure(comb_fields=(COMB,))
    inked = assign_to_cells(MeasuredInk(mask, mask, 4.0, label_components(mask), 30.0), structure)
    members = np.argsort(inked.components.boxes[:, 0], kind="stable")
    return find_comb_digits(inked, members, structure.comb_fields)


def reading(digit: int, probability: float) -> DigitReading:
    """The rest goes to "no digit"."""
    return DigitReading((*(probability if i == digit else 0.0 for i in range(10)), 1 - probability))


def test_all_ink_in_a_cell_is_one_digit() -> None:
    (strip,) = strips((10, 10, 4, 30), (50, 10, 15, 4), (50, 20, 4, 20), (130, 10, 4, 30))
    assert strip.comb_cells == (1, 2, 4)
    assert strip.glyphs[1].box == (50, 10, 15, 30)
    assert strip.glyphs[1].strength[0].all()
    assert strip.glyphs[1].strength[12, 10] == 0
    assert strip.text_line.box == (10, 10, 124, 30)


def test_specks_are_left_out_and_a_cell_with_nothing_else_is_empty() -> None:
    (strip,) = strips((10, 10, 4, 30), (30, 5, 2, 2), (60, 20, 3, 3))
    assert strip.comb_cells == (1,)
    assert strip.glyphs[0].box == (10, 10, 4, 30)


def test_cells_with_several_characters_each_are_no_comb() -> None:
    assert strips((5, 10, 4, 30), (25, 10, 4, 30), (45, 10, 4, 30), (65, 10, 4, 30)) == ()


def test_a_comb_without_ink_is_no_number() -> None:
    assert strips() == ()
    assert strips((170, 10, 4, 30)) == ()


def test_each_cell_is_read_as_its_best_digit() -> None:
    (strip,) = strips((10, 10, 4, 30), (50, 10, 4, 30), (130, 10, 4, 30))
    pieces = read_comb_digits(strip, [reading(7, 0.9), reading(3, 0.4), reading(1, 0.8)])
    assert [(piece.digit, piece.confidence) for piece in pieces] == [(7, 0.9), (3, 0.4), (1, 0.8)]
    assert [piece.box.x for piece in pieces] == [10, 50, 130]


def test_letters_in_a_comb_are_no_number() -> None:
    (strip,) = strips((10, 10, 4, 30), (50, 10, 4, 30), (130, 10, 4, 30))
    assert read_comb_digits(strip, [reading(7, 0.9), reading(3, 0.4), reading(1, 0.3)]) == ()
