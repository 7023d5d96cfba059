from __future__ import annotations

from scanner.form_making.repeated_combs import Comb, complete_combs
from scanner.types import Box

FIRST, SECOND = Comb(Box(100, 50, 90, 36), 3), Comb(Box(101, 150, 89, 36), 3)


def test_combs_stay_as_they_are() -> None:
    assert complete_combs([FIRST, SECOND], []) == [FIRST, SECOND]
    assert complete_combs([], []) == []


def test_a_comb_of_the_same_size_needs_half_of_its_dividers() -> None:
    joined = (Box(300, 50, 58, 36), Box(361, 50, 29, 36))
    assert complete_combs([FIRST], [joined]) == [FIRST, Comb(Box(300, 50, 90, 36), 3)]
    assert complete_combs([FIRST], [(Box(300, 50, 90, 36),)]) == [FIRST]
    elsewhere = (Box(300, 50, 43, 36), Box(346, 50, 44, 36))
    assert complete_combs([FIRST], [elsewhere]) == [FIRST]


def test_a_part_below_two_combs_is_completed() -> None:
    part = (Box(131, 250, 28, 40),)
    assert complete_combs([FIRST, SECOND], [part])[-1] == Comb(Box(100, 250, 90, 40), 3)
    assert complete_combs([FIRST], [part]) == [FIRST]


def test_a_comb_that_lacks_a_cell_is_completed() -> None:
    lacking = Comb(Box(100, 250, 60, 36), 2)
    assert complete_combs([FIRST, SECOND, lacking], [])[-1] == Comb(Box(100, 250, 90, 36), 3)


def test_a_comb_that_is_wider_by_a_cell_makes_no_others_wider() -> None:
    year = Comb(Box(70, 250, 120, 36), 4)
    assert {comb.cells for comb in complete_combs([FIRST, SECOND, year], [])} == {3, 4}


def test_a_cell_elsewhere_is_no_part() -> None:
    for cell in (Box(115, 250, 28, 36), Box(400, 250, 28, 36), Box(130, 250, 28, 200)):
        assert complete_combs([FIRST, SECOND], [(cell,)]) == [FIRST, SECOND]
