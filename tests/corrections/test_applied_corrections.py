from __future__ import annotations

import pytest

from scanner.corrections.applied_corrections import apply_corrections, find_number
from scanner.corrections.correction import Verdict
from scanner.types import Box, Digit, Number, PageResult
from tests.corrections.corrected import BOX, correction

ELSEWHERE = Box(200, 20, 40, 20)


def number(text: str = "11", box: Box = BOX, **given: object) -> Number:
    digits = tuple(Digit(digit, 0.6, box) for digit in text)
    usual: dict[str, object] = {"row": 1, "column": 1, "suggested": "71", "crossed_out": True}
    usual["review_reason"] = "low confidence"
    return Number(text, 0.5, box=box, digits=digits, **(usual | given))  # type: ignore[arg-type]


def page(*numbers: Number) -> PageResult:
    return PageResult("a.png", 1, 500, 500, numbers)


@pytest.mark.parametrize(
    ("verdict", "text"),
    [(Verdict.CONFIRMED, "11"), (Verdict.CORRECTED, "17"), (Verdict.UNREADABLE, "")],
)
def test_a_person_has_the_last_word(verdict: Verdict, text: str) -> None:
    (found,) = apply_corrections(page(number()), [correction(verdict, text)]).numbers
    assert (found.text, found.read, found.checked) == (text, "11", verdict)
    assert (found.confidence, found.review_reason, found.suggested, found.crossed_out) == (1.0, "", "", False)
    assert not found.is_unread
    # Where the digits of another text are, nobody knows.
    assert [digit.confidence for digit in found.digits] == ([1.0, 1.0] if text == "11" else [])


def test_it_stays_the_last_word_when_something_else_is_read() -> None:
    (found,) = apply_corrections(page(number("12")), [correction(Verdict.CONFIRMED, "11")]).numbers
    assert (found.text, found.read, found.checked) == ("11", "12", "confirmed")


def test_what_is_skipped_is_as_it_was() -> None:
    before = page(number())
    assert apply_corrections(before, [correction(Verdict.SKIPPED, "")]) == before
    assert apply_corrections(before, []) == before


def test_what_is_no_number_is_gone() -> None:
    other = number(box=ELSEWHERE)
    assert apply_corrections(page(number(), other), [correction(Verdict.NO_NUMBER, "")]).numbers == (other,)
    assert apply_corrections(page(other), [correction(Verdict.NO_NUMBER, "")]).numbers == (other,)


def test_a_field_without_a_number_is_empty() -> None:
    read = page(number(field="total"))
    (found,) = apply_corrections(read, [correction(Verdict.NO_NUMBER, "", field="total")]).numbers
    assert (found.text, found.is_empty, found.read, found.checked) == ("", True, "11", "no number")


def test_a_field_is_found_by_its_name_and_keeps_its_box() -> None:
    read = page(number(field="a"), number(field="b", box=ELSEWHERE))
    first, second = apply_corrections(read, [correction(field="b")]).numbers
    assert first == read.numbers[0]
    assert (second.text, second.box) == ("17", ELSEWHERE)


def test_a_number_is_found_where_it_overlaps_most() -> None:
    shifted, exact = number(box=Box(14, 20, 40, 20)), number(box=Box(11, 20, 40, 20))
    assert find_number((shifted, exact), correction()) == 1
    assert find_number((exact, shifted), correction()) == 0
    assert find_number((number(box=ELSEWHERE), number(field="total")), correction()) is None


def test_a_number_that_is_not_read_any_more_is_there_all_the_same() -> None:
    for verdict, text in ((Verdict.CORRECTED, "17"), (Verdict.CONFIRMED, "11"), (Verdict.UNREADABLE, "")):
        (found,) = apply_corrections(page(), [correction(verdict, text)]).numbers
        assert (found.text, found.box, found.checked, found.read) == (text, BOX, verdict, "")


def test_a_moved_number_has_its_new_box() -> None:
    (found,) = apply_corrections(page(number()), [correction(Verdict.MOVED, "", moved_to=ELSEWHERE)]).numbers
    assert (found.text, found.box, found.checked) == ("11", ELSEWHERE, "moved")
    # Read again, it may be found where it is.
    read = page(number("19", ELSEWHERE))
    (found,) = apply_corrections(read, [correction(Verdict.MOVED, "11", moved_to=ELSEWHERE)]).numbers
    assert (found.text, found.read) == ("11", "19")


@pytest.mark.parametrize("numbers", [(number("", review_reason="unread"),), ()])
def test_of_what_was_not_read_a_new_place_is_no_reading(numbers: tuple[Number, ...]) -> None:
    moved = correction(Verdict.MOVED, "", read="", moved_to=ELSEWHERE)
    (found,) = apply_corrections(page(*numbers), [moved]).numbers
    assert (found.text, found.box, found.checked) == ("", ELSEWHERE, "")
    assert found.is_unread
    assert found.review_reason
    assert found.confidence < 1


def test_an_added_number_is_not_there_twice() -> None:
    (found,) = apply_corrections(page(number("12")), [correction(Verdict.ADDED, "17", read="")]).numbers
    assert (found.text, found.read, found.checked) == ("17", "12", "added")


def test_an_added_number_stands_in_reading_order() -> None:
    left, right = number("1", BOX), number("3", ELSEWHERE, column=2)
    below = number("4", Box(10, 60, 40, 20), row=2)
    added = correction(Verdict.ADDED, "2", box=Box(100, 22, 40, 20))
    found = apply_corrections(page(left, right, below), [added]).numbers
    assert [each.text for each in found] == ["1", "2", "3", "4"]
    assert (found[1].table, found[1].row, found[1].column) == (0, 1, 3)
    last = correction(Verdict.ADDED, "5", box=Box(10, 100, 40, 20))
    assert [each.row for each in apply_corrections(page(left, below), [last]).numbers] == [1, 2, 3]
    first = correction(Verdict.ADDED, "0", box=Box(10, 0, 40, 10))
    assert [each.text for each in apply_corrections(page(left), [first]).numbers] == ["0", "1"]


def test_an_added_number_has_the_cell_of_its_table() -> None:
    # Row 1 has columns 1 and 2, row 2 has column 1.
    cells = [
        number("1", table=2),
        number("2", ELSEWHERE, table=2, column=2),
        number("3", Box(10, 60, 40, 20), table=2, row=2),
    ]
    added = correction(Verdict.ADDED, "4", box=Box(205, 58, 30, 20))
    found = apply_corrections(page(*cells), [added]).numbers[-1]
    assert (found.text, found.table, found.row, found.column) == ("4", 2, 2, 2)
