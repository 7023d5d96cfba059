from dataclasses import replace

import pytest

from scanner.evaluation.field_scoring import AskedField, FieldCounts, count_fields, count_lost, judge_page
from scanner.text_comparison import Separators
from scanner.types import Box, Number, PageResult

EMPTY = Number("", 0.9, "", 1, 1, Box(0, 0, 9, 9), (), is_empty=True)


def read(name: str, text: str, confidence: float = 0.9, reason: str = "") -> Number:
    return Number(text, confidence, reason, 1, 1, Box(0, 0, 9, 9), (), field=name)


def empty(name: str) -> Number:
    return replace(EMPTY, field=name)


def result(*numbers: Number, error: str = "") -> PageResult:
    return PageResult("a.png", 1, 100, 100, numbers, error=error)


def asked(*written: str) -> tuple[AskedField, ...]:
    return tuple(AskedField((name,), text) for name, text in zip("abcdef", written, strict=False))


def test_fields_are_counted() -> None:
    page = result(
        read("a", "12"), read("b", "7"), read("c", "3", reason="low confidence"), empty("d"), read("e", "1"), empty("f")
    )
    judged = judge_page(page, asked("12", "1", "8", "", "", "5"), Separators.EXACT)
    # a is right, b silently wrong, c wrong and flagged, d rightly empty, e false, f silently lost.
    assert [each.is_right for each in judged.fields] == [True, False, False, True, False, False]
    counts = count_fields([judged])
    assert counts == FieldCounts(
        pages=1, written=4, right=1, blank=2, false=1, flagged=1, unflagged_errors=3, right_pages=0, unflagged_pages=0
    )
    assert (counts.fields, counts.unflagged) == (6, 5)


def test_pages_that_are_right_and_unflagged_are_counted() -> None:
    right = judge_page(result(read("a", "12")), asked("12"), Separators.EXACT)
    flagged = judge_page(result(read("a", "12", reason="low confidence")), asked("12"), Separators.EXACT)
    wrong = judge_page(result(read("a", "17")), asked("12"), Separators.EXACT)
    counts = count_fields([right, flagged, wrong])
    assert (counts.right_pages, counts.unflagged_pages, counts.right_unflagged_pages) == (2, 2, 1)


def test_fields_that_are_one_to_a_person_are_judged_as_one() -> None:
    date = AskedField(("day", "month"), "0412")
    numbers = read("day", "04", 0.5), read("month", "12", 0.8, "low confidence")
    judged = judge_page(result(*numbers), [date], Separators.EXACT).fields[0]
    assert (judged.read, judged.is_right, judged.is_flagged) == ("0412", True, True)
    assert judged.confidence == pytest.approx(0.4)


def test_what_was_found_but_not_read_is_wrong_and_flagged_even_where_nothing_is_written() -> None:
    judged = judge_page(result(read("a", "", 0.0)), asked(""), Separators.EXACT).fields[0]
    assert (judged.is_right, judged.is_flagged, judged.is_false) == (False, True, False)


def test_a_field_that_the_form_lacks_is_lost_without_a_word() -> None:
    judged = judge_page(result(read("b", "5")), asked("5"), Separators.EXACT).fields[0]
    assert (judged.is_right, judged.is_flagged) == (False, False)


def test_of_a_refused_page_all_is_flagged_and_nothing_right() -> None:
    judged = judge_page(result(error="a.png: is not the form"), asked("5", ""), Separators.EXACT)
    assert count_fields([judged]) == FieldCounts(pages=1, refused=1, written=1, blank=1, flagged=2)


def test_separators_count_as_they_are_told_to() -> None:
    page = result(read("a", "1,5"))
    assert judge_page(page, asked("1.5"), Separators.ALIKE).fields[0].is_right
    assert not judge_page(page, asked("1.5"), Separators.EXACT).fields[0].is_right


def test_fields_lost_and_won_by_a_change_are_counted() -> None:
    truth = asked("1", "2", "3")
    before = judge_page(result(read("a", "1"), read("b", "2"), read("c", "8")), truth, Separators.EXACT)
    after = judge_page(result(read("a", "1"), read("b", "7"), read("c", "3")), truth, Separators.EXACT)
    refused = judge_page(result(error="a.png: is not the form"), truth, Separators.EXACT)
    assert count_lost([before], [after]) == (1, 1)
    assert count_lost([before], [refused]) == (2, 0)
