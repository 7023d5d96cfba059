from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.form_reading.blank_cells import WrittenCell
from scanner.form_reading.field_regions import FieldRegions, find_field_regions
from scanner.layout.number_finder import NumberRegion
from scanner.numbers.region_ink import NO_REGION
from scanner.types import Box, DigitReading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.form_reading.placed_fields import PlacedField
    from tests.form_reading.conftest import Assign, InkOf, Place, Rectangle

BOX = (40, 20, 90, 50)
STROKES = ((50, 32, 4, 24), (80, 32, 4, 24), (110, 32, 4, 24))
"""A stroke in each third of it."""


def written(*indices: int, mark: float = 0.0) -> WrittenCell:
    return WrittenCell(np.array(indices, np.int64), DigitReading((0.0,) * 9 + (1.0, 0.0)), mark)


class _Page:
    """The regions of fields with ink and cells that were read, where the page network sees numbers in some places."""

    def __init__(self, ink_of: InkOf, assign: Assign) -> None:
        self._ink_of, self._assign = ink_of, assign

    def regions(
        self,
        placed: Sequence[PlacedField],
        contents: Sequence[Sequence[WrittenCell | None]],
        ink: Sequence[Rectangle] = STROKES,
        seen: Sequence[Rectangle] = (),
    ) -> FieldRegions:
        inked = self._assign(self._ink_of(*ink), placed)
        found = [NumberRegion(Box(*box), 0.8) for box in seen]
        return find_field_regions(found, placed, contents, inked)


@pytest.fixture
def page(ink_of: InkOf, assign: Assign) -> _Page:
    return _Page(ink_of, assign)


def test_a_field_has_the_region_that_the_network_sees_in_it(page: _Page, place: Place) -> None:
    seen = (48, 30, 70, 30)
    found = page.regions([place(BOX)], [[written(0, 1, 2)]], seen=[seen, (140, 30, 40, 30)])
    assert found.regions == (NumberRegion(Box(*seen), 0.8),)
    assert found.fields == (0,)
    assert found.region_of_component.tolist() == [0, 0, 0]


def test_several_in_one_field_are_one(page: _Page, place: Place) -> None:
    found = page.regions([place(BOX)], [[written(0, 1, 2)]], seen=[(48, 30, 10, 30), (76, 30, 44, 30)])
    assert [region.box for region in found.regions] == [Box(48, 30, 72, 30)]


def test_a_number_mostly_outside_is_of_no_field(page: _Page, place: Place) -> None:
    # 45 of 100 columns are inside.
    found = page.regions([place(BOX)], [[None]], ink=(), seen=[(85, 30, 100, 30)])
    assert found.regions == ()
    found = page.regions([place(BOX)], [[None]], ink=(), seen=[(60, 30, 100, 30)])
    assert found.fields == (0,)


def test_ink_that_the_network_does_not_see_is_a_doubtful_region(page: _Page, place: Place) -> None:
    (region,) = page.regions([place(BOX)], [[written(0, 1)]]).regions
    assert (region.box, region.score) == (Box(50, 32, 34, 24), 0.1)
    assert not region.crosses_lines


def test_a_comb_has_the_box_of_its_digits_and_runs_across_lines(page: _Page, place: Place) -> None:
    comb = place(BOX, "comb", cells=3)
    (region,) = page.regions([comb], [[None, written(1), written(2)]], seen=[(45, 25, 80, 40)]).regions
    assert (region.box, region.score, region.crosses_lines) == (Box(80, 32, 34, 24), 0.8, True)


def test_a_comb_with_no_ink_in_it_has_none_whatever_the_network_sees(page: _Page, place: Place) -> None:
    comb = place(BOX, "comb", cells=3)
    assert page.regions([comb], [[None] * 3], ink=(), seen=[(45, 25, 80, 40)]).regions == ()


def test_marks_are_no_number_and_belong_to_none(page: _Page, place: Place) -> None:
    comb = place(BOX, "comb", cells=3)
    found = page.regions([comb], [[written(0, mark=0.9), written(1), written(2)]])
    assert found.fields == (0,)
    assert found.regions[0].box == Box(80, 32, 34, 24)
    # Painted out as if it were another number.
    assert found.region_of_component.tolist() == [1, 0, 0]
    only_marks = page.regions([place(BOX)], [[written(0, mark=0.9)]], seen=[(45, 25, 80, 40)])
    assert only_marks.regions == ()
    assert only_marks.region_of_component.tolist() == [0, NO_REGION, NO_REGION]


def test_ticks_and_pictures_have_none(page: _Page, place: Place) -> None:
    placed = [place(BOX, "tick"), place((140, 20, 40, 50), "text_image")]
    found = page.regions(placed, [[None], [None]], seen=[(45, 25, 80, 40), (145, 25, 30, 40)])
    assert (found.regions, found.fields) == ((), ())


def test_each_field_has_its_own_ink(page: _Page, place: Place) -> None:
    placed = [place((40, 20, 60, 50)), place((100, 20, 40, 50)), place((150, 20, 40, 50))]
    found = page.regions(placed, [[written(0, 1)], [written(2)], [None]])
    assert found.fields == (0, 1)
    assert found.region_of_component.tolist() == [0, 0, 1]
    assert len(found.text_lines) == 2


def test_combs_come_last_and_are_read_apart(page: _Page, place: Place) -> None:
    placed = [place((40, 20, 60, 50), "comb", cells=2), place((100, 20, 40, 50))]
    found = page.regions(placed, [[written(0), written(1)], [written(2)]])
    assert found.fields == (1, 0)
    assert found.region_of_component.tolist() == [1, 1, 0]
    assert found.comb_count == 1
    assert [field for field, _ in found.combs] == [0]
    assert found.numbers.text_lines == found.text_lines[:1]
    assert found.numbers.component_indices.tolist() == [2]
    assert found.numbers.region_of_component is not None


def test_a_number_across_lines_is_no_comb(assign: Assign, ink_of: InkOf, place: Place) -> None:
    placed = [place(BOX)]
    seen = [NumberRegion(Box(48, 30, 70, 30), 0.8, crosses_lines=True)]
    found = find_field_regions(seen, placed, [[written(0)]], assign(ink_of(*STROKES), placed))
    assert (found.comb_count, found.regions[0].crosses_lines) == (0, False)


def test_a_page_without_ink_or_fields(page: _Page) -> None:
    found = page.regions([], [], ink=())
    assert (found.regions, found.fields, found.text_lines) == ((), (), ())
