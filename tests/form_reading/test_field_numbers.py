from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.decision.decisions import Decision
from scanner.decision.located_numbers import LocatedNumber
from scanner.decision.reader_fusion import FusedReading
from scanner.decision.review import LOW_CONFIDENCE, SEVERAL_PARTS, UNREAD
from scanner.form_reading.blank_cells import WrittenCell
from scanner.form_reading.comb_reading import RankedText
from scanner.form_reading.field_numbers import (
    GAP_IN_COMB,
    FieldPage,
    comb_number,
    empty_number,
    picture,
    single_number,
    tick,
)
from scanner.form_reading.placed_fields import place_fields
from scanner.forms.field_readings import Alternative
from scanner.geometry.page_map import identity_map, quadrilateral_map
from scanner.recognition.reader_claims import Claim
from scanner.types import Box, Digit, DigitReading, Number, Opinion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.form_reading.field_numbers import FieldNumber
    from scanner.forms.form import Form
    from tests.form_reading.conftest import InkOf, Place, Rectangle

BOX = (40, 20, 90, 50)
STROKES = ((50, 32, 4, 24), (80, 32, 4, 24), (110, 32, 4, 24))
"""A stroke in each third of it."""


@pytest.fixture
def page(ink_of: InkOf) -> FieldPage:
    return FieldPage(ink_of(*STROKES), identity_map(200, 100))


def cell(index: int, digit: int = 7, confidence: float = 0.9, mark: float = 0.0) -> WrittenCell:
    rest = [0.0] * 11
    rest[digit], rest[10] = confidence, 1 - confidence
    return WrittenCell(np.array([index], np.int64), DigitReading(tuple(rest)), mark)


# Combs


def test_a_comb_has_the_first_text_and_a_box_for_each_digit(place: Place, page: FieldPage) -> None:
    ranked = [RankedText("71", 0.81), RankedText("11", 0.19)]
    comb = place(BOX, "comb", cells=3)
    found = comb_number(comb, 4, [None, cell(1), cell(2, 1, 0.8)], ranked, page)
    number = found.number
    assert (number.text, number.field, number.row, number.column, number.table) == ("71", "f", 4, 1, 0)
    assert number.confidence == pytest.approx(0.81)
    assert (number.kind, number.is_empty, number.review_reason) == ("handwritten", False, LOW_CONFIDENCE)
    assert number.digits == (Digit("7", 0.9, Box(*STROKES[1])), Digit("1", 0.9, Box(*STROKES[2])))
    assert number.box == Box(80, 32, 34, 24)
    (opinion,) = number.opinions
    assert (opinion.reader, opinion.text) == ("contours", "71")
    assert opinion.confidence == pytest.approx(0.72)
    assert found.alternatives == (Alternative("11", 0.19),)


def test_a_mark_in_front_of_a_number_makes_it_as_doubtful_as_the_mark_is(place: Place, page: FieldPage) -> None:
    comb = place(BOX, "comb", cells=3)
    cells = [cell(0, mark=0.8), cell(1, mark=0.1), cell(2)]
    number = comb_number(comb, 1, cells, [RankedText("77", 1.0)], page).number
    assert number.confidence == pytest.approx(0.8 * 0.9)
    assert [digit.text for digit in number.digits] == ["7", "7"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([cell(0), None, cell(2)], GAP_IN_COMB),
        ([cell(0), cell(1, mark=0.9), cell(2)], GAP_IN_COMB),
        ([None, cell(1), cell(2)], ""),
        ([cell(0), cell(1), None], ""),
    ],
    ids=["an empty cell", "a mark", "empty in front", "empty behind"],
)
def test_a_gap_between_the_digits_of_a_comb_is_a_reason_to_look(
    place: Place, page: FieldPage, cells: list[WrittenCell | None], reason: str
) -> None:
    number = comb_number(place(BOX, "comb", cells=3), 1, cells, [RankedText("77", 1.0)], page).number
    assert (number.text, number.review_reason) == ("77", reason)


def test_a_comb_has_eight_other_readings_at_most(place: Place, page: FieldPage) -> None:
    ranked = [RankedText(str(digit), 0.1) for digit in range(10)]
    found = comb_number(place(BOX, "comb", cells=1), 1, [cell(0)], ranked, page)
    assert [each.text for each in found.alternatives] == list("12345678")


# Numbers and decimals


def decision(
    text: str | None, confidence: float = 0.95, box: Rectangle = (50, 32, 30, 24), *, crossed_out: bool = False
) -> Decision:
    """A decision on a number in the first row of the page, or that there is none."""
    opinion = Opinion("number", text or "", confidence)
    digits = tuple(Digit(each, confidence, Box(*box)) for each in (text or "") if each.isdigit())
    number = Number(
        text or "",
        confidence,
        "",
        1,
        2,
        Box(*box),
        digits,
        kind="handwritten",
        opinions=(opinion,),
        crossed_out=crossed_out,
    )
    located = LocatedNumber(1, 2, Box(*box), Claim(opinion, ()), None, 0)
    return Decision(
        located, FusedReading(text or "", confidence, (), (opinion,)), 0.5, None if text is None else number
    )


class _Single:
    def __init__(self, place: Place, page: FieldPage) -> None:
        self._place, self._page = place, page

    def decide(
        self, *decisions: Decision, kind: str = "number", lines: Mapping[str, float] | None = None
    ) -> FieldNumber:
        return single_number(self._place(BOX, kind), 3, decisions, lines or {}, self._page)


@pytest.fixture
def single(place: Place, page: FieldPage) -> _Single:
    return _Single(place, page)


def test_a_number_is_the_one_located_with_the_name_of_its_field(single: _Single) -> None:
    number = single.decide(decision("42")).number
    assert (number.text, number.field, number.row, number.column, number.table) == ("42", "f", 3, 1, 0)
    assert (number.confidence, number.box, number.review_reason) == (0.95, Box(50, 32, 30, 24), "")
    assert [digit.text for digit in number.digits] == ["4", "2"]


def test_a_number_has_no_separators_but_its_sign(single: _Single) -> None:
    assert single.decide(decision("-1.234")).number.text == "-1234"
    assert single.decide(decision("1,5-")).number.text == "15"
    assert single.decide(decision("-1.234"), kind="decimal").number.text == "-1.234"


def test_several_numbers_in_one_field_are_one_in_parts(single: _Single) -> None:
    number = single.decide(decision("12", 0.9), decision("3", 0.8, (90, 30, 10, 30))).number
    assert (number.text, number.review_reason) == ("123", SEVERAL_PARTS)
    assert number.confidence == pytest.approx(0.72)
    assert number.box == Box(50, 30, 50, 30)
    assert [digit.text for digit in number.digits] == ["1", "2", "3"]


def test_a_number_that_is_crossed_out_does_not_count_beside_another(single: _Single) -> None:
    number = single.decide(decision("12", crossed_out=True), decision("34")).number
    assert (number.text, number.crossed_out, number.review_reason) == ("34", False, "")


def test_a_number_that_is_crossed_out_alone_is_kept_as_such(single: _Single) -> None:
    number = single.decide(decision("12", crossed_out=True)).number
    assert (number.text, number.crossed_out, number.is_empty) == ("12", True, False)


@pytest.mark.parametrize("decisions", [[], [decision(None)]])
def test_writing_that_is_no_number_is_unread(single: _Single, decisions: Sequence[Decision]) -> None:
    found = single.decide(*decisions, lines={"7": 0.4})
    number = found.number
    assert (number.text, number.confidence, number.review_reason) == ("", 0.0, UNREAD)
    assert number.is_unread
    assert number.box == Box(39, 19, 91, 51)
    assert number.opinions == tuple(each.reading.opinions[0] for each in decisions)


def test_other_readings_share_the_probability_that_the_text_is_wrong(single: _Single) -> None:
    lines = {"42": 0.6, "47": 0.3, "4.7": 0.1, "12": 0.1, "": 0.2}
    found = single.decide(decision("42", 0.8), lines=lines)
    # 47 and 4.7 are one whole number.
    assert [each.text for each in found.alternatives] == ["47", "12"]
    assert [each.probability for each in found.alternatives] == [pytest.approx(0.16), pytest.approx(0.04)]


def test_without_other_readings_there_are_no_alternatives(single: _Single) -> None:
    assert single.decide(decision("42"), lines={"42": 0.9}).alternatives == ()


def test_other_readings_of_a_decimal_keep_their_point(single: _Single) -> None:
    found = single.decide(decision("4.2", 0.5), kind="decimal", lines={"42": 0.1, "4.2": 0.5})
    assert found.alternatives == (Alternative("42", 0.5),)


# Nothing, ticks and pictures


def test_an_empty_field_has_its_own_box_and_is_rather_sure(place: Place, page: FieldPage) -> None:
    number = empty_number(place(BOX), 5, [None], page).number
    assert (number.text, number.is_empty, number.is_unread, number.row) == ("", True, False, 5)
    assert (number.confidence, number.review_reason, number.kind) == (0.995, "", "")
    assert number.box == Box(39, 19, 91, 51)


def test_a_field_with_marks_that_mean_nothing_is_as_empty_as_they_are_sure(place: Place, page: FieldPage) -> None:
    comb = place(BOX, "comb", cells=3)
    number = empty_number(comb, 1, [cell(0, mark=0.9), None, cell(2, mark=0.8)], page).number
    assert number.is_empty
    assert number.confidence == pytest.approx(0.995 * 0.9 * 0.8)
    assert number.review_reason == LOW_CONFIDENCE


def ticked(place: Place, ink_of: InkOf, *ink: Rectangle) -> Number:
    """A box of 40 pixels whose border, of a seventh, does not count: 30 x 30 pixels are looked at."""
    return tick(place((40, 20, 40, 40), "tick"), 2, FieldPage(ink_of(*ink), identity_map(200, 100))).number


def test_a_tick_is_a_box_with_ink(place: Place, ink_of: InkOf) -> None:
    number = ticked(place, ink_of, (50, 35, 20, 4))
    assert (number.text, number.kind, number.is_empty, number.digits) == ("1", "tick", False, ())
    assert number.confidence > 0.99
    number = ticked(place, ink_of)
    assert (number.text, number.review_reason) == ("0", "")
    assert number.confidence > 0.99


def test_the_frame_of_a_box_is_no_tick(place: Place, ink_of: InkOf) -> None:
    assert ticked(place, ink_of, (40, 20, 40, 4), (40, 20, 4, 40), (76, 20, 4, 40)).text == "0"


def test_a_little_ink_is_doubtful(place: Place, ink_of: InkOf) -> None:
    # Of 29 x 29 pixels 0.03 are 25: as probably a tick as not.
    number = ticked(place, ink_of, (50, 35, 5, 5))
    assert 0.5 <= number.confidence < 0.6
    assert number.review_reason == LOW_CONFIDENCE


def test_a_tick_box_without_inside_is_not_ticked(place: Place, ink_of: InkOf) -> None:
    placed = place((400, 20, 40, 40), "tick")
    assert tick(placed, 1, FieldPage(ink_of(STROKES[0]), identity_map(200, 100))).number.text == "0"


@pytest.mark.parametrize("is_blank", [True, False])
def test_of_a_picture_it_is_said_whether_anything_is_written(place: Place, page: FieldPage, is_blank: bool) -> None:
    number = picture(place(BOX, "text_image"), 1, page, is_blank=is_blank).number
    assert (number.text, number.kind, number.is_empty, number.is_unread) == ("", "picture", is_blank, False)
    assert number.review_reason == ""


# Places


def test_in_a_table_row_and_column_are_those_of_the_table(small_form: Form, page: FieldPage) -> None:
    placed = place_fields(small_form, 1.0)
    numbers = [empty_number(each, 9, [None] * len(each.cells), page).number for each in placed]
    assert [(number.table, number.row, number.column) for number in numbers] == [
        (0, 9, 1), (0, 9, 1), (1, 1, 1), (1, 1, 2), (1, 2, 1), (1, 2, 2),
    ]  # fmt: skip  # a number each
    assert [number.field for number in numbers] == [field.name for field in small_form.all_fields()]


def test_boxes_are_those_of_the_original_page(place: Place, ink_of: InkOf) -> None:
    # The rectified page is the right lower part of the original, at half its size.
    corners = [(100.0, 60.0), (499.0, 60.0), (499.0, 259.0), (100.0, 259.0)]
    page_map = quadrilateral_map(600, 400, corners, (200, 100))
    number = empty_number(place(BOX), 1, [None], FieldPage(ink_of(), page_map)).number
    edges = (number.box.x, number.box.y, number.box.right, number.box.bottom)
    assert edges == pytest.approx((100 + 2 * 40, 60 + 2 * 20, 100 + 2 * 130, 60 + 2 * 70), abs=4)
    assert math.isclose(number.confidence, 0.995)
