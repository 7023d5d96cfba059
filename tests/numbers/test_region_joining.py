from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.cell_assignment import CellAssignment, FormCell, assign_to_cells
from scanner.layout.comb_fields import CombField
from scanner.layout.form_structure import FormStructure
from scanner.layout.ink_classes import InkClass
from scanner.layout.number_finder import NumberRegion
from scanner.layout.tables import Cell
from scanner.numbers.region_joining import add_outer_digits, join_at_points, join_in_comb_fields
from scanner.types import Box

Mark = tuple[int, int, int, int]
LEFT, RIGHT = (
    NumberRegion(Box(10, 30, 50, 40), 0.9, digit_columns=(20.0, 48.0)),
    NumberRegion(Box(84, 30, 30, 40), 0.8, digit_columns=(96.0,)),
)
DIGITS: tuple[Mark, ...] = ((10, 30, 20, 40), (38, 30, 20, 40), (86, 30, 20, 40))


def page(*marks: Mark, structure: FormStructure | None = None, digits: tuple[Mark, ...] = DIGITS) -> CellAssignment:
    mask: NDArray[np.uint8] = np.zeros((100, 300), np.uint8)
    for x, y, width, height in (*digits, *marks):
        mask[y : y + height, x : x + width] = 255
    ink = MeasuredInk(mask, mask, 5.0, label_components(mask), 40.0)
    return assign_to_cells(ink, structure or FormStructure())


def comb_field(left: float) -> CombField:
    """Four cells side by side, 40 pixels wide and 60 high, in rows 20 to 80."""
    edges = [(left + 40 * i, left + 40 * (i + 1)) for i in range(4)]
    return CombField(
        tuple(Cell(1, i, ((a, 20.0), (b, 20.0), (b, 80.0), (a, 80.0))) for i, (a, b) in enumerate(edges, 1))
    )


ACROSS, IN_LAST_CELL = (
    NumberRegion(Box(10, 30, 60, 40), 0.9, digit_columns=(20.0, 60.0)),
    NumberRegion(Box(130, 30, 20, 40), 0.8, digit_columns=(140.0,)),
)
"""Digits in the first two cells of a comb field at the left, and one in its last cell."""


def test_regions_in_a_comb_field_are_one_number_if_one_runs_across_a_divider() -> None:
    whole = NumberRegion(Box(10, 30, 140, 40), 0.8, digit_columns=(20.0, 60.0, 140.0), crosses_lines=True)
    assert join_in_comb_fields([IN_LAST_CELL, ACROSS], [comb_field(0)]) == (whole,)


def test_a_region_alone_that_runs_across_dividers_crosses_lines() -> None:
    assert join_in_comb_fields([ACROSS], [comb_field(0)]) == (replace(ACROSS, crosses_lines=True),)


def test_regions_that_each_stay_in_their_cell_are_numbers_of_their_own() -> None:
    fills_its_cell = NumberRegion(Box(40, 22, 40, 56), 0.9)
    assert join_in_comb_fields([fills_its_cell, IN_LAST_CELL], [comb_field(0)]) == (fills_its_cell, IN_LAST_CELL)


def test_regions_outside_of_comb_fields_stay_as_they_are() -> None:
    # Middles at the right edge of the comb field, and at its lower edge.
    beside, below = NumberRegion(Box(130, 30, 60, 40), 0.9), NumberRegion(Box(10, 60, 60, 40), 0.9)
    assert join_in_comb_fields([beside, below], [comb_field(0)]) == (beside, below)
    assert join_in_comb_fields([beside, below], []) == (beside, below)
    assert join_in_comb_fields([], [comb_field(0)]) == ()


def test_each_comb_field_holds_a_number_of_its_own() -> None:
    second = NumberRegion(Box(210, 25, 60, 40), 0.7)
    joined = join_in_comb_fields([ACROSS, IN_LAST_CELL, second], [comb_field(0), comb_field(200)])
    # By the top of their boxes.
    assert [region.box for region in joined] == [Box(210, 25, 60, 40), Box(10, 30, 140, 40)]
    assert all(region.crosses_lines for region in joined)


@pytest.mark.parametrize("y", [64, 46, 68], ids=["on the baseline", "raised", "like a comma"])
def test_parts_with_a_point_between_them_are_one_number(y: int) -> None:
    (joined,) = join_at_points([LEFT, RIGHT], page((69, y, 6, 6)))
    assert joined.box == Box(10, 30, 104, 40)
    assert (joined.score, joined.digit_columns) == (0.8, (20, 48, 96))


def test_without_a_point_they_are_two() -> None:
    assert join_at_points([RIGHT, LEFT], page()) == (LEFT, RIGHT)


@pytest.mark.parametrize(
    "mark", [(69, 46, 1, 1), (64, 44, 16, 16), (69, 5, 6, 6), (69, 84, 6, 6)], ids=["speck", "sign", "above", "below"]
)
def test_other_marks_are_no_points(mark: Mark) -> None:
    assert len(join_at_points([LEFT, RIGHT], page(mark))) == 2


def test_a_sign_of_multiplication_stands_apart() -> None:
    far = NumberRegion(Box(120, 30, 30, 40), 0.8)
    assert len(join_at_points([LEFT, far], page((122, 30, 20, 40), (85, 46, 6, 6)))) == 2


def test_numbers_in_two_cells_are_two() -> None:
    left = Cell(1, 1, ((0.0, 20.0), (72.0, 20.0), (72.0, 80.0), (0.0, 80.0)))
    right = Cell(1, 2, ((72.0, 20.0), (144.0, 20.0), (144.0, 80.0), (72.0, 80.0)))
    structure = FormStructure(form_frames=(left, right))
    inked = page((69, 64, 2, 6), structure=structure)
    assert inked.form_cells == (FormCell(left), FormCell(right))
    assert len(join_at_points([LEFT, RIGHT], inked)) == 2


def test_a_point_in_a_cell_may_stand_further_apart() -> None:
    far = NumberRegion(Box(110, 30, 30, 40), 0.8, digit_columns=(125.0,))
    marks = ((112, 30, 20, 40), (82, 46, 6, 6))
    cell = Cell(1, 1, ((0.0, 20.0), (144.0, 20.0), (144.0, 80.0), (0.0, 80.0)))
    assert len(join_at_points([LEFT, far], page(*marks[:1], marks[1], digits=DIGITS[:2]))) == 2
    structure = FormStructure(form_frames=(cell,))
    assert len(join_at_points([LEFT, far], page(*marks, structure=structure, digits=DIGITS[:2]))) == 1


def test_three_parts_are_one_number_and_no_part_is_used_twice() -> None:
    third = NumberRegion(Box(138, 30, 30, 40), 0.7, digit_columns=(150.0,))
    inked = page((69, 64, 6, 6), (120, 64, 6, 6), (140, 30, 20, 40))
    (joined,) = join_at_points([third, RIGHT, LEFT], inked)
    assert joined.box == Box(10, 30, 158, 40)
    assert joined.digit_count == 4


def test_no_regions_and_regions_without_ink() -> None:
    assert join_at_points([], page()) == ()
    empty = NumberRegion(Box(200, 30, 30, 40), 0.5)
    assert join_at_points([empty], page()) == (empty,)


def shares_of(inked: CellAssignment, ink_class: InkClass) -> NDArray[np.float64]:
    return np.repeat(np.eye(len(InkClass))[[ink_class]], len(inked.components), axis=0)


def test_a_digit_left_out_beside_a_region_is_added() -> None:
    inked = page((116, 30, 5, 40))
    (left, right) = add_outer_digits([LEFT, RIGHT], inked, shares_of(inked, InkClass.DIGIT))
    assert left == LEFT
    assert right.box == Box(84, 30, 37, 40)
    assert right.digit_columns == (96.0, 118.5)


@pytest.mark.parametrize(
    "mark", [(130, 30, 5, 40), (116, 50, 5, 20), (116, 5, 5, 30)], ids=["far away", "low", "above"]
)
def test_what_stands_apart_or_has_another_size_is_not_added(mark: Mark) -> None:
    inked = page(mark)
    assert add_outer_digits([LEFT, RIGHT], inked, shares_of(inked, InkClass.DIGIT)) == (LEFT, RIGHT)


@pytest.mark.parametrize(("gap", "is_added"), [(22, True), (30, False)])
def test_among_digits_that_stand_apart_a_digit_left_out_may_stand_as_far(gap: int, is_added: bool) -> None:
    # The region has digits at 10-30, 52-72 and 94-114: 22 apart, where 18 would be too far.
    mask: NDArray[np.uint8] = np.zeros((100, 300), np.uint8)
    for x in (10, 52, 94, 114 + gap):
        mask[30:70, x : x + 20] = 255
    inked = assign_to_cells(MeasuredInk(mask, mask, 5.0, label_components(mask), 40.0), FormStructure())
    region = NumberRegion(Box(10, 30, 104, 40), 0.9, digit_columns=(20.0, 62.0, 104.0))
    (found,) = add_outer_digits([region], inked, shares_of(inked, InkClass.DIGIT))
    assert len(found.digit_columns) == 3 + is_added


def test_other_ink_and_the_digits_of_another_region_are_not_added() -> None:
    inked = page((116, 30, 5, 40))
    assert add_outer_digits([LEFT, RIGHT], inked, shares_of(inked, InkClass.WRITING)) == (LEFT, RIGHT)
    third = NumberRegion(Box(112, 28, 20, 44), 0.9)
    assert add_outer_digits([RIGHT, third], inked, shares_of(inked, InkClass.DIGIT)) == (RIGHT, third)
