from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.batch.saved_pages import SavedPage
from scanner.corrections.correction import Correction, Verdict
from scanner.review.stack import ReviewStack
from scanner.types import PICTURE_KIND, Box, Number, Opinion, PageResult

SEVEN = Number("7", 0.8, "", 1, 1, Box(10, 10, 20, 30), ())
EIGHT = Number("8", 0.9, "", 1, 2, Box(60, 10, 20, 30), (), suggested="3", opinions=(Opinion("number", "8", 0.9),))
FIELD = Number("", 0.9, "", 2, 1, Box(10, 60, 100, 30), (), field="total", is_empty=True)
PICTURE = Number("", 0.0, "", 3, 1, Box(10, 99, 9, 9), (), kind=PICTURE_KIND)
PAGE = SavedPage(PageResult("a.png", 1, 200, 100, (SEVEN, EIGHT, FIELD, PICTURE)), "aa", None)


@pytest.fixture
def stack() -> ReviewStack:
    return ReviewStack([PAGE])


def said(name: str, verdict: Verdict, box: Box = SEVEN.box, **other: object) -> Correction:
    correction = Correction(
        id=name,
        at="2026-05-07T09:30:00Z",
        by="Anna",
        file="a.png",
        sha256="aa",
        page=1,
        box=box,
        read="",
        verdict=verdict,
    )
    return replace(correction, **other)  # type: ignore[arg-type]  # fields of a correction


def test_all_numbers_are_there_but_pictures_in_forms(stack: ReviewStack) -> None:
    assert [(item.id, item.text) for item in stack.items_of_page(0)] == [("n0", "7"), ("n1", "8"), ("n2", "")]
    assert stack.items["n1"].alternatives == ("3",)


def test_a_correction_is_about_the_number_that_it_overlaps_most(stack: ReviewStack) -> None:
    assert stack.apply([said("1", Verdict.CORRECTED, Box(12, 10, 20, 30), text="1")]) == ["n0"]
    item = stack.items["n0"]
    assert (item.text, item.read, item.is_decided) == ("1", "7", True)


def test_of_a_form_field_its_name_says_which_it_is(stack: ReviewStack) -> None:
    assert stack.apply([said("1", Verdict.CORRECTED, Box(150, 1, 9, 9), field="total", text="4")]) == ["n2"]


def test_another_file_of_that_name_is_not_meant(stack: ReviewStack) -> None:
    foreign = said("1", Verdict.CONFIRMED, sha256="bb")
    assert stack.apply([foreign]) == []
    assert stack.unplaced == [foreign]
    assert stack.apply([said("2", Verdict.CONFIRMED, sha256="")]) == ["n0"]


def test_a_number_that_is_added_is_there_until_it_is_taken_away(stack: ReviewStack) -> None:
    place = Box(120, 10, 30, 30)
    assert stack.apply([said("1", Verdict.ADDED, place, text="5")]) == ["a1"]
    assert (stack.items["a1"].text, stack.items["a1"].is_added, stack.items["a1"].is_gone) == ("5", True, False)
    assert stack.apply([said("2", Verdict.MOVED, place, text="5", moved_to=Box(130, 20, 30, 30))]) == ["a1"]
    assert stack.items["a1"].shown_box == Box(130, 20, 30, 30)
    assert stack.apply([said("3", Verdict.NO_NUMBER, place)]) == ["a1"]
    assert stack.items["a1"].is_gone
    assert stack.apply([said("4", Verdict.UNDONE, place, undoes="3")]) == ["a1"]
    assert not stack.items["a1"].is_gone


def test_what_is_read_where_it_was_added_is_not_there_twice(stack: ReviewStack) -> None:
    assert stack.apply([said("1", Verdict.ADDED, EIGHT.box, text="6")]) == ["n1"]
    assert stack.items["n1"].text == "6"


def test_what_is_not_read_any_more_stays(stack: ReviewStack) -> None:
    assert stack.apply([said("1", Verdict.CONFIRMED, Box(150, 60, 20, 20), text="9")]) == ["a1"]
    assert stack.items["a1"].text == "9"


def test_an_undone_correction_gives_way_to_the_one_before(stack: ReviewStack) -> None:
    first, second = said("1", Verdict.CORRECTED, text="1"), said("2", Verdict.CORRECTED, text="2")
    undone, redone = said("3", Verdict.UNDONE, undoes="2"), said("4", Verdict.UNDONE, undoes="3")
    for corrections, text in (((first, second), "2"), ((undone,), "1"), ((redone,), "2")):
        stack.apply(corrections)
        assert stack.items["n0"].text == text


def test_what_a_person_decided_last_is_known(stack: ReviewStack) -> None:
    assert stack.latest_of("Anna") is None
    stack.apply([said("1", Verdict.CONFIRMED, text="7"), said("2", Verdict.CONFIRMED, EIGHT.box, by="Ben", text="8")])
    latest = stack.latest_of("Anna")
    assert latest is not None
    assert (latest.id, stack.item_name_of(latest)) == ("1", "n0")
    stack.apply([said("3", Verdict.UNDONE, undoes="1")])
    assert stack.latest_of("Anna") is None


def test_who_skips_a_number_has_not_decided_it(stack: ReviewStack) -> None:
    stack.apply([said("1", Verdict.SKIPPED)])
    assert (stack.items["n0"].is_decided, stack.items["n0"].text) == (False, "7")
