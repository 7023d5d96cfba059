from dataclasses import replace

import pytest

from scanner.results.summary import Summary, summarize
from scanner.types import PICTURE_KIND, TICK_KIND, Box, Number, PageResult


def number(confidence: float, review: str = "") -> Number:
    return Number("1", confidence, review, 1, 1, Box(0, 0, 1, 1), ())


def test_nothing_comes_to_nothing() -> None:
    assert summarize([]) == Summary()


def test_pages_and_numbers_are_counted_by_what_became_of_them() -> None:
    found = summarize(
        iter(
            [
                PageResult("a.png", 1, 9, 9, (number(0.9), number(0.2, "low confidence"))),
                PageResult("b.png", 0, 0, 0, error="b.png: is empty"),
                PageResult("c.pdf", 1, 9, 9),
                PageResult("c.pdf", 2, 9, 9, (number(0.8),)),
            ]
        )
    )
    assert (found.pages, found.failed, found.numbers, found.to_look_at) == (3, 1, 3, 1)
    assert found.expected_errors == pytest.approx(0.3)
    assert found.unread == 0


def test_numbers_that_could_not_be_read_are_to_look_at_and_no_error_to_expect() -> None:
    unread = replace(number(0.0, "unread"), text="")
    found = summarize([PageResult("a.png", 1, 9, 9, (number(0.9), unread, unread, number(0.5, "low confidence")))])
    assert (found.numbers, found.to_look_at, found.unread) == (4, 3, 2)
    assert found.expected_errors == pytest.approx(0.1)


def test_form_fields_that_hold_no_number_are_none() -> None:
    empty = replace(number(0.9), text="", is_empty=True)
    picture = replace(number(0.9), text="", kind=PICTURE_KIND)
    missing = replace(empty, review_reason="nothing written")
    tick = replace(number(0.9), text="0", kind=TICK_KIND)
    found = summarize([PageResult("a.png", 1, 9, 9, (empty, picture, missing, tick, number(0.8)))])
    assert (found.numbers, found.to_look_at, found.unread) == (3, 1, 0)
    assert found.expected_errors == pytest.approx(0.3)
