from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.form_reading.cell_borders import find_cell_borders

if TYPE_CHECKING:
    from tests.form_reading.conftest import InkOf, Place

BOX = (40, 20, 60, 50)
"""A field; lines of up to seven pixels (a seventh of 50) from its sides are its borders."""
TOP = (40, 22, 60, 2)
"""A line two pixels below its upper side."""


def rows_and_columns(borders: np.ndarray) -> tuple[list[int], list[int]]:
    return np.flatnonzero(borders.any(axis=1)).tolist(), np.flatnonzero(borders.any(axis=0)).tolist()


def test_lines_near_the_sides_are_found_and_nothing_else(ink_of: InkOf, place: Place) -> None:
    ink = ink_of(TOP, (44, 20, 2, 50), (60, 35, 4, 20))
    borders = find_cell_borders(ink, [place(BOX)])
    expected = ink_of(TOP, (44, 20, 2, 50)).mask
    assert np.array_equal(borders, expected)


def test_a_short_stroke_beside_a_border_stays(ink_of: InkOf, place: Place) -> None:
    # A 1 as high as half the cell.
    assert not find_cell_borders(ink_of((42, 30, 4, 25)), [place(BOX)]).any()


def test_a_line_inside_stays(ink_of: InkOf, place: Place) -> None:
    # A long dash in the middle of the cell.
    assert not find_cell_borders(ink_of((42, 44, 56, 3)), [place(BOX)]).any()


def test_a_broken_line_is_found(ink_of: InkOf, place: Place) -> None:
    parts = [(x, 20, 6, 2) for x in range(40, 96, 8)]
    assert np.array_equal(find_cell_borders(ink_of(*parts), [place(BOX)]), ink_of(*parts).mask)
    # Half of the side is too little.
    assert not find_cell_borders(ink_of(*parts[:4]), [place(BOX)]).any()


def test_the_ragged_edge_of_a_line_goes_with_it(ink_of: InkOf, place: Place) -> None:
    ink = ink_of(TOP, (50, 21, 3, 1), (70, 24, 3, 1), (80, 26, 3, 1))
    rows, _ = rows_and_columns(find_cell_borders(ink, [place(BOX)]))
    assert rows == [21, 22, 23, 24]


def test_dividers_of_a_comb_are_borders(ink_of: InkOf, place: Place) -> None:
    dividers = [(59, 20, 2, 50), (79, 20, 2, 50)]
    borders = find_cell_borders(ink_of(*dividers), [place(BOX, "comb", cells=3)])
    assert rows_and_columns(borders)[1] == [59, 60, 79, 80]


def test_a_field_at_the_edge_of_the_page_or_beyond_it(ink_of: InkOf, place: Place) -> None:
    ink = ink_of((0, 0, 30, 2), (0, 0, 2, 30))
    assert np.array_equal(find_cell_borders(ink, [place((0, 0, 30, 30))]), ink.mask)
    assert not find_cell_borders(ink, [place((300, 200, 30, 30))]).any()


def test_nothing_is_found_without_fields(ink_of: InkOf) -> None:
    assert not find_cell_borders(ink_of(TOP), []).any()
