from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.form_reading.field_writing import FieldWriting, find_field_writing, glyph_strength

if TYPE_CHECKING:
    from tests.form_reading.conftest import Assign, InkOf, Place, Rectangle

BOX = (40, 20, 60, 50)
"""A field whose borders have ink within seven pixels of them taken for remnants of the lines."""
DIGIT = (60, 32, 4, 24)


class _Page:
    """A page with one field, and some ink on it."""

    def __init__(self, ink_of: InkOf, place: Place, assign: Assign) -> None:
        self._ink_of, self._place, self._assign = ink_of, place, assign

    def boxes(self, *ink: Rectangle, kind: str = "number", **content: int) -> list[list[Rectangle]]:
        """The boxes of the ink that is taken for writing, cell by cell."""
        placed = [self._place(BOX, kind, **content)]
        inked = self._assign(self._ink_of(*ink), placed)
        (writing,) = find_field_writing(placed, inked)
        assert writing.is_blank == (writing.component_indices.size == 0)
        return [[tuple(inked.components.boxes[index].tolist()) for index in cell] for cell in writing.cells]


@pytest.fixture
def page(ink_of: InkOf, place: Place, assign: Assign) -> _Page:
    return _Page(ink_of, place, assign)


def test_a_digit_is_writing(page: _Page) -> None:
    assert page.boxes(DIGIT) == [[DIGIT]]


def test_an_empty_field_is_blank(page: _Page) -> None:
    assert page.boxes() == [[]]
    # Ink elsewhere on the page is not in it.
    assert page.boxes((120, 30, 4, 24)) == [[]]


def test_specks_alone_are_no_writing(page: _Page) -> None:
    # 0.15 of the lower side are 7.65 pixels.
    assert page.boxes((60, 40, 7, 7)) == [[]]
    assert page.boxes((60, 40, 8, 8)) == [[(60, 40, 8, 8)]]


def test_a_point_beside_a_digit_belongs_to_it_and_dust_does_not(page: _Page) -> None:
    # 0.3 squared strokes are 4.8 pixels.
    assert page.boxes(DIGIT, (70, 52, 3, 3), (80, 52, 2, 2)) == [[DIGIT, (70, 52, 3, 3)]]


@pytest.mark.parametrize("remnant", [(40, 30, 3, 30), (95, 30, 4, 30), (50, 20, 30, 4), (50, 65, 30, 4)])
def test_what_is_left_of_a_printed_line_at_a_border_is_no_writing(page: _Page, remnant: Rectangle) -> None:
    assert page.boxes(remnant) == [[]]
    assert page.boxes(DIGIT, remnant) == [[DIGIT]]


def test_a_digit_that_reaches_into_the_border_stays(page: _Page) -> None:
    assert page.boxes((60, 22, 4, 40)) == [[(60, 22, 4, 40)]]


def test_the_part_of_a_digit_beyond_a_removed_line_is_joined_to_it(page: _Page) -> None:
    # The line at y = 27 was taken out of a stroke; 1.5 strokes are six pixels.
    head, body = (60, 20, 4, 5), (60, 30, 4, 30)
    assert page.boxes(head, body) == [[head, body]]
    far = (60, 40, 4, 24)
    assert page.boxes(head, far) == [[far]]


def test_each_cell_of_a_comb_has_its_own(page: _Page) -> None:
    # Cells of twenty pixels.
    first, third = (48, 32, 4, 24), (88, 32, 4, 24)
    assert page.boxes(first, third, kind="comb", cells=3) == [[first], [], [third]]


def test_a_part_across_a_divider_is_joined_to_the_cell_whose_digit_is_beside_it(page: _Page) -> None:
    # A bar of a 5 in the first cell that ends in the second, whose left border it is at.
    digit, bar = (50, 32, 6, 24), (61, 32, 2, 4)
    assert page.boxes(digit, bar, kind="comb", cells=3) == [[digit, bar], [], []]


def test_fields_do_not_mix(ink_of: InkOf, place: Place, assign: Assign) -> None:
    placed = [place((10, 10, 40, 40)), place((50, 10, 40, 40)), place((100, 10, 40, 40))]
    inked = assign(ink_of((28, 18, 4, 24), (118, 18, 4, 24)), placed)
    writing = find_field_writing(placed, inked)
    assert [each.is_blank for each in writing] == [False, True, False]
    assert [each.component_indices.tolist() for each in writing] == [[0], [], [1]]


def test_no_fields_have_no_writing(ink_of: InkOf, assign: Assign) -> None:
    assert find_field_writing([], assign(ink_of(DIGIT), [])) == ()


def test_a_page_without_any_ink(ink_of: InkOf, place: Place, assign: Assign) -> None:
    placed = [place(BOX), place((120, 20, 60, 50), "comb", cells=2)]
    writing = find_field_writing(placed, assign(ink_of(), placed))
    assert [[cell.tolist() for cell in each.cells] for each in writing] == [[[]], [[], []]]


def test_glyphs_are_cut_out_without_their_neighbours(ink_of: InkOf) -> None:
    ink = ink_of((10, 10, 4, 20), (16, 12, 2, 2), (10, 40, 4, 4))
    order = np.argsort(ink.components.boxes[:, 1], kind="stable")
    first, beside, below = (np.array([index]) for index in order)
    assert glyph_strength(first, ink).shape == (20, 4)
    together = glyph_strength(np.concatenate([first, below]), ink)
    assert together.shape == (34, 4)
    assert np.count_nonzero(together) == 4 * 20 + 4 * 4
    # The point between them is another's.
    assert np.count_nonzero(glyph_strength(np.concatenate([first, beside]), ink)) == 4 * 20 + 2 * 2


def test_indices_of_all_cells_are_those_of_each() -> None:
    writing = FieldWriting((np.array([3]), np.array([], np.int64), np.array([1, 2])))
    assert writing.component_indices.tolist() == [3, 1, 2]
    assert not writing.is_blank
