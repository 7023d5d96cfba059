from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decision.review import (
    CROSSED_OUT,
    LOW_CONFIDENCE,
    READERS_DISAGREE,
    UNREAD,
    expected_unflagged_errors,
    flag_below_threshold,
    flag_for_max_error,
    percent_text,
    review_reason,
    review_threshold,
    review_threshold_of_results,
)
from scanner.types import Box, Number, Opinion, PageResult


def number(confidence: float, review: str = "") -> Number:
    return Number("1", confidence, review, 1, 1, Box(0, 0, 1, 1), ())


def page(*numbers: Number) -> PageResult:
    return PageResult("a.png", 1, 9, 9, numbers)


def test_threshold_by_hand() -> None:
    # Expected errors of the surest one, two, three, four: 1, 1.5, 4, 13 percent.
    sure = [0.91, 0.98, 0.6, 0.99]
    assert review_threshold(sure, 0.01) == 0.99
    assert review_threshold(sure, 0.0399) == 0.98
    assert review_threshold(sure, 0.04) == 0.91
    assert review_threshold(sure, 0.5) == 0.6
    assert review_threshold(sure, 0.005) > 1


def test_numbers_of_equal_confidence_are_taken_all_or_none() -> None:
    # One of the three at 0.97 more would be within 1 percent; all three are not.
    assert review_threshold([1.0, 1.0, 0.97, 0.97, 0.97], 0.01) == 1.0


def test_without_numbers_the_threshold_is_above_one() -> None:
    assert review_threshold([], 0.5) > 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0, 0.99))
def test_the_unflagged_numbers_are_within_the_limit_and_no_more_would_be(sure: list[float], max_error: float) -> None:
    threshold = review_threshold(sure, max_error)
    taken = [c for c in sure if c >= threshold]
    assert sum(1 - c for c in taken) <= max_error * len(taken) + 1e-9
    below = [c for c in sure if c < threshold]
    if below:
        more = [c for c in sure if c >= max(below)]
        assert sum(1 - c for c in more) > max_error * len(more) - 1e-9


def test_numbers_are_flagged_over_all_pages_together() -> None:
    results = [page(number(0.99), number(0.7)), page(number(0.88, LOW_CONFIDENCE))]
    found = list(flag_for_max_error(results, 0.07))
    assert [[n.review_reason for n in r.numbers] for r in found] == [["", LOW_CONFIDENCE], [""]]
    assert expected_unflagged_errors(n for r in found for n in r.numbers) == pytest.approx(0.13)


def test_crossed_out_numbers_stay_flagged_and_do_not_count() -> None:
    # If the certain one counted, the doubtful one would be within 5 percent.
    struck = replace(number(1.0, CROSSED_OUT), crossed_out=True)
    (found,) = flag_for_max_error([page(struck, number(0.92))], 0.05)
    assert [n.review_reason for n in found.numbers] == [CROSSED_OUT, LOW_CONFIDENCE]


def test_unread_numbers_stay_flagged_under_any_threshold_and_do_not_count() -> None:
    unread = replace(number(0.0, UNREAD), text="")
    results = [page(unread, number(0.6, LOW_CONFIDENCE))]
    for found in (flag_below_threshold(results, 0.0), flag_for_max_error(results, 0.5)):
        assert [n.review_reason for r in found for n in r.numbers] == [UNREAD, ""]
    assert expected_unflagged_errors([unread]) == 0
    # If the unread one counted, its certain error would leave no room for any other.
    assert review_threshold_of_results([page(unread, number(0.99))], 0.01) == 0.99


SAME = (Opinion("contours", "450", 0.5), Opinion("number", "4,50", 0.9))
OTHER = (Opinion("contours", "17422", 0.5), Opinion("number", "17427", 0.9))


@pytest.mark.parametrize(
    ("confidence", "said", "reason"),
    [
        (0.9, SAME, ""),
        (0.89, SAME, LOW_CONFIDENCE),
        (0.89, OTHER, READERS_DISAGREE),
        (0.89, (), LOW_CONFIDENCE),
        (1, OTHER, ""),
    ],
)
def test_disagreement_is_the_reason_only_where_confidence_is_low(
    confidence: float, said: tuple[Opinion, ...], reason: str
) -> None:
    assert review_reason(confidence, said, 0.9) == reason


def test_reading_nothing_is_a_disagreement_with_reading_something() -> None:
    assert review_reason(0.2, (Opinion("contours", "1", 0.5), Opinion("number", "", 0.9))) == READERS_DISAGREE


def test_failed_pages_are_unchanged() -> None:
    failed = PageResult("b.png", 0, 0, 0, error="b.png: cannot be read")
    assert list(flag_for_max_error([failed], 0.01)) == [failed]


pages = st.lists(st.builds(number, st.floats(0, 1)) | st.builds(replace, st.just(number(1)), crossed_out=st.just(True)))


@given(st.lists(pages.map(lambda numbers: page(*numbers)), max_size=4), st.floats(0, 0.99))
def test_flags_follow_from_the_threshold_for_all_numbers_that_count(
    results: list[PageResult], max_error: float
) -> None:
    counted = [n.confidence for r in results for n in r.numbers if not n.crossed_out]
    threshold = review_threshold(counted, max_error)
    assert review_threshold_of_results(iter(results), max_error) == threshold
    for result, found in zip(results, flag_for_max_error(results, max_error), strict=True):
        for before, after in zip(result.numbers, found.numbers, strict=True):
            reason = CROSSED_OUT if before.crossed_out else review_reason(before.confidence, (), threshold)
            assert after == replace(before, review_reason=reason)


def test_flagged_results_are_lazy_and_can_be_iterated_again() -> None:
    asked: list[str] = []

    class Store:
        def __iter__(self) -> Iterator[PageResult]:
            for file in ("a.png", "b.png"):
                asked.append(file)
                yield replace(page(number(0.5)), file=file)

    found = flag_below_threshold(Store(), 0.6)
    assert asked == []
    assert next(iter(found)).numbers[0].review_reason == LOW_CONFIDENCE
    assert asked == ["a.png"]
    assert list(found) == list(found)


@pytest.mark.parametrize(
    ("confidence", "text"),
    [
        *((0.0, "0%"), (0.004, "0%"), (0.29, "29%"), (0.58, "58%"), (0.899, "89.9%"), (0.89999, "89.9%")),
        *((0.9, "90%"), (0.9049, "90.4%"), (0.8900, "89%"), (0.91, "91%"), (0.9999, "99%"), (1.0, "100%")),
    ],
)
def test_percents_are_rounded_down_and_finer_at_the_threshold(confidence: float, text: str) -> None:
    assert percent_text(confidence) == text


def test_what_a_person_has_checked_is_never_flagged() -> None:
    checked = replace(number(1.0), checked="confirmed")
    unreadable = replace(number(1.0), text="", checked="unreadable")
    (flagged,) = flag_below_threshold([page(checked, unreadable, number(1.0))], 2.0)
    assert [each.review_reason for each in flagged.numbers] == ["", "", LOW_CONFIDENCE]
