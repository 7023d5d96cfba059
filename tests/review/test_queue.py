from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.corrections.correction import Correction, Verdict
from scanner.review.queue import review_order, work_left
from scanner.review.review_item import ReviewItem
from scanner.types import Box

BOX = Box(1, 1, 9, 9)


def item(name: str, read: str, confidence: float, reason: str = "", **other: object) -> ReviewItem:
    return ReviewItem(id=name, page=0, box=BOX, read=read, confidence=confidence, reason=reason, **other)  # type: ignore[arg-type]


def decided(verdict: Verdict) -> Correction:
    return Correction(id="1", at="", by="", file="a", sha256="", page=1, box=BOX, read="", verdict=verdict)


SURE, FAIR, DOUBTFUL = item("sure", "1", 0.99), item("fair", "2", 0.95), item("doubtful", "3", 0.7, "low confidence")
WORSE, UNREAD = item("worse", "4", 0.4, "low confidence"), item("unread", "", 0.0, "unread")
EMPTY = item("empty", "", 0.97, is_empty=True)


def test_doubtful_ones_come_first_then_what_was_not_read_then_the_others() -> None:
    order = review_order([SURE, UNREAD, FAIR, DOUBTFUL, EMPTY, WORSE])
    assert [each.id for each in order] == ["worse", "doubtful", "unread", "fair", "empty", "sure"]


def test_what_is_left_is_counted() -> None:
    left = work_left([SURE, UNREAD, DOUBTFUL, item("done", "5", 0.1, "low", decision=decided(Verdict.CONFIRMED))])
    assert (left.total, left.left, left.doubtful) == (4, 3, 2)
    assert left.expected_errors == pytest.approx(0.01 + 1.0 + 0.3)


def test_what_was_added_and_taken_away_is_not_counted() -> None:
    gone = item("gone", "", 0.0, is_added=True, decision=decided(Verdict.NO_NUMBER))
    assert work_left([gone]).total == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.sampled_from(list(Verdict)))
def test_no_decision_makes_more_errors_expected(confidences: list[float], verdict: Verdict) -> None:
    items = [item(str(i), "1", confidence) for i, confidence in enumerate(confidences)]
    before = work_left(items).expected_errors
    after = work_left([item("0", "1", confidences[0], decision=decided(verdict)), *items[1:]]).expected_errors
    assert after <= before
