from __future__ import annotations

import numpy as np
import pytest

from scanner.decision.decisions import (
    MIN_EVIDENT_CONFIDENCE,
    MIN_EVIDENT_PRESENCE,
    Decision,
    decide_by_evidence,
    decide_rows,
)
from scanner.decision.located_numbers import LocatedNumber
from scanner.decision.reader_fusion import FusedReading
from scanner.decision.review import CROSSED_OUT, LOW_CONFIDENCE, READERS_DISAGREE, UNREAD
from scanner.decision.row_model import RowJudgement
from scanner.geometry.page_map import PageMap
from scanner.options import PageOrCrop
from scanner.recognition.reader_claims import Claim
from scanner.types import Box, Digit, Opinion

PAGE_MAP = PageMap(np.diag([0.5, 0.5, 1.0]), (100, 80), (50, 40))
"""The rectified page is half as large as the original."""
DIGITS = (Digit("4", 0.9, Box(10, 10, 5, 10)), Digit("2", 0.9, Box(20, 10, 5, 10)))
LINE, CONTOURS = Opinion("number", "42", 0.9), Opinion("contours", "43", 0.8)


def located(kind: str = "handwritten", strikethrough: float = -2) -> LocatedNumber:
    return LocatedNumber(
        3,
        4,
        Box(10, 10, 15, 10),
        Claim(CONTOURS, DIGITS),
        Claim(LINE, DIGITS),
        0,
        table=1,
        kind=kind,
        strikethrough_score=strikethrough,
    )


READ = FusedReading("42", 0.7, DIGITS, (CONTOURS, LINE))
NOTHING_READ = FusedReading("", 0.9, (), (CONTOURS, LINE))


def decide(reading: FusedReading, right: float, present: float, number: LocatedNumber | None = None) -> Decision:
    return decide_by_evidence(number or located(), reading, RowJudgement(right, present), PAGE_MAP)


def test_a_number_is_as_sure_as_its_row_and_stands_on_the_original_page() -> None:
    number = decide(READ, 0.95, 0.99).number
    assert number is not None
    assert (number.text, number.confidence, number.review_reason) == ("42", 0.95, "")
    assert (number.table, number.row, number.column) == (1, 3, 4)
    assert number.box == pytest.approx((20, 20, 30, 20), abs=2)


def test_doubt_is_a_reason_for_review() -> None:
    number = decide(READ, 0.6, 0.9).number
    assert number is not None
    assert number.review_reason == READERS_DISAGREE
    alone = FusedReading("42", 0.7, DIGITS, (LINE,))
    number = decide(alone, 0.6, 0.9).number
    assert number is not None
    assert number.review_reason == LOW_CONFIDENCE


def test_what_is_probably_no_number_has_no_row() -> None:
    assert decide(READ, MIN_EVIDENT_CONFIDENCE - 0.01, MIN_EVIDENT_PRESENCE - 0.01).number is None


@pytest.mark.parametrize(("right", "present"), [(0.0, MIN_EVIDENT_PRESENCE), (MIN_EVIDENT_CONFIDENCE, 0.3)])
def test_what_is_read_has_a_row_if_it_may_be_right_or_a_number_stands_there(right: float, present: float) -> None:
    number = decide(READ, right, present).number
    assert number is not None
    assert number.text == "42"
    assert number.review_reason


def test_what_no_reader_reads_is_unread_where_a_number_probably_stands() -> None:
    unread = decide(NOTHING_READ, 0.0, MIN_EVIDENT_PRESENCE).number
    assert unread is not None
    assert (unread.text, unread.confidence, unread.review_reason) == ("", 0.0, UNREAD)
    assert unread.opinions == (CONTOURS, LINE)
    assert decide(NOTHING_READ, 0.0, MIN_EVIDENT_PRESENCE - 0.01).number is None


def test_a_crossed_out_number_is_flagged_however_sure_it_is() -> None:
    number = decide(READ, 0.99, 0.99, located(strikethrough=10.0)).number
    assert number is not None
    assert number.crossed_out
    assert number.review_reason == CROSSED_OUT


def test_printed_numbers_are_decided_by_their_readers() -> None:
    printed, written = located("printed"), located()
    judgements = [RowJudgement(0.2, 0.9)] * 2
    decisions = decide_rows([printed, written], [READ, READ], judgements, PAGE_MAP, PageOrCrop.PAGE)
    confidences = [decision.number.confidence for decision in decisions if decision.number is not None]
    assert confidences[1] == 0.2
    assert confidences[0] != 0.2


def test_without_a_row_model_the_readers_decide() -> None:
    (decision,) = decide_rows([located()], [READ], None, PAGE_MAP, PageOrCrop.PAGE)
    assert decision.number is not None
    assert decision.number.confidence == pytest.approx(decision.presence * READ.confidence)
