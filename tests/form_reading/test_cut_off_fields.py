from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.form_reading.cut_off_fields import flag_cut_off
from scanner.form_reading.field_numbers import FieldNumber
from scanner.geometry.page_map import PageMap
from scanner.types import Box, Number

if TYPE_CHECKING:
    from tests.form_reading.conftest import Place, Rectangle

READ = Number("12", 0.9, "", 1, 1, Box(0, 0, 5, 5), (), field="f", kind="handwritten")
EMPTY = replace(READ, text="", is_empty=True, confidence=0.995, kind="")
TICK = replace(READ, text="0", kind="tick")
PICTURE = replace(EMPTY, kind="picture")


def shifted(down: int) -> PageMap:
    """A page of 200 x 100 pixels whose picture begins so many pixels below its top."""
    matrix = np.array([[1.0, 0, 0], [0, 1, down], [0, 0, 1]])
    return PageMap(matrix, (200, 100 - down), (200, 100))


def flagged(place: Place, number: Number, box: Rectangle = (10, 10, 60, 40), down: int = 30) -> Number:
    (found,) = flag_cut_off([FieldNumber(number)], [place(box)], shifted(down))
    return found.number


@pytest.mark.parametrize("number", [EMPTY, TICK, replace(TICK, text="1")])
def test_what_cannot_be_seen_is_not_empty_but_unread(place: Place, number: Number) -> None:
    found = flagged(place, number)
    assert (found.text, found.is_empty, found.confidence, found.review_reason) == ("", False, 0.0, "unread")
    assert found.is_unread
    assert found.kind == number.kind


def test_what_is_read_all_the_same_is_flagged(place: Place) -> None:
    assert flagged(place, READ) == replace(READ, review_reason="cut off")
    assert flagged(place, replace(READ, review_reason="low confidence")).review_reason == "cut off"


def test_a_picture_is_not_called_empty(place: Place) -> None:
    assert flagged(place, PICTURE) == replace(PICTURE, is_empty=False, review_reason="cut off")


def test_other_reasons_that_ask_for_a_look_stay(place: Place) -> None:
    for number in (
        replace(READ, text="", review_reason="unread"),
        replace(READ, crossed_out=True, review_reason="crossed out"),
    ):
        assert flagged(place, number) == number


@pytest.mark.parametrize("number", [READ, EMPTY, TICK, PICTURE])
@pytest.mark.parametrize("box", [(10, 40, 60, 40), (10, 28, 60, 40), (0, 30, 200, 70)])
def test_fields_on_the_picture_are_as_they_were(place: Place, number: Number, box: Rectangle) -> None:
    # The second has two of forty rows above the picture.
    assert flagged(place, number, box) == number


def test_a_field_is_cut_off_if_more_than_a_tenth_of_it_is(place: Place) -> None:
    # Six of forty rows, and two.
    assert flagged(place, READ, (10, 24, 60, 40)).review_reason == "cut off"
    assert flagged(place, READ, (10, 28, 60, 40)).review_reason == ""


def test_alternatives_and_the_order_stay(place: Place) -> None:
    fields = [FieldNumber(replace(READ, text=text)) for text in "12"]
    found = flag_cut_off(fields, [place((10, 10, 60, 40)), place((10, 50, 60, 40))], shifted(30))
    assert [(field.number.text, field.number.review_reason) for field in found] == [("1", "cut off"), ("2", "")]
    assert flag_cut_off([], [], shifted(30)) == ()
