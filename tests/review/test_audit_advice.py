from __future__ import annotations

import math

import pytest

from scanner.corrections.correction import Correction, Verdict
from scanner.decision.stack_calibration import UNAUDITED, StackCalibration
from scanner.review.audit_advice import audit_advice
from scanner.review.review_item import ReviewItem
from scanner.text_comparison import Separators
from scanner.types import Box

BOX = Box(1, 2, 3, 4)


def item(name: str, confidence: float, reason: str = "", typed: str = "", read: str = "7") -> ReviewItem:
    decision = None
    if typed:
        decision = Correction(
            id=name,
            at="2026-05-07T09:30:00Z",
            by="Ada",
            file="a.png",
            sha256="",
            page=1,
            box=BOX,
            read=read,
            verdict=Verdict.CORRECTED,
            text=typed,
            blind=True,
        )
    return ReviewItem(
        id=name,
        page=0,
        box=BOX,
        read=read,
        confidence=confidence,
        confidence_as_read=confidence,
        reason=reason,
        decision=decision,
        is_audited=bool(typed),
        is_empty=not read,
    )


ITEMS = [
    item("a", 0.98, typed="7"),
    item("b", 0.96, typed="1"),
    item("c", 0.9, typed="7"),
    item("d", 0.5, reason="low confidence"),
    # What is flagged whatever its confidence counts nowhere.
    item("e", 0.99, reason="crossed out"),
]


def test_without_a_calibration_as_many_are_flagged_as_before() -> None:
    # The surest two are wrong with 0.02 and 0.04, the third with 0.1: 0.03 and 0.0533 of them on average.
    advice = audit_advice(ITEMS, Separators.EXACT, UNAUDITED, 0.05)
    assert (advice.numbers, advice.flagged, advice.flagged_before) == (4, 2, 2)
    assert advice.uncalibrated == pytest.approx(0.03)
    assert (advice.audited, advice.wrong, advice.is_shown, advice.needed) == (2, 1, False, 72)


def test_with_a_calibration_the_share_is_held_by_its_confidences() -> None:
    # Odds of an error become twice as high: 0.0392 and 0.0769, 0.058 on average.
    calibration = StackCalibration(shift=-math.log(2), lowest=0.9, audited=3, errors=1)
    advice = audit_advice(ITEMS, Separators.EXACT, calibration, 0.05)
    assert (advice.flagged, advice.flagged_before, advice.audited, advice.wrong) == (3, 2, 1, 0)
    assert advice.uncalibrated == pytest.approx(0.02)


def test_it_is_told_if_all_have_to_be_looked_at() -> None:
    advice = audit_advice(ITEMS, Separators.EXACT, UNAUDITED, 0.001)
    assert (advice.flagged, advice.uncalibrated, advice.audited) == (4, 0, 0)
    assert audit_advice([], Separators.EXACT, UNAUDITED, 0.01).numbers == 0


def test_enough_right_ones_show_the_share() -> None:
    items = [item(str(index), 0.999, typed="7") for index in range(72)]
    assert audit_advice(items, Separators.EXACT, UNAUDITED, 0.05).is_shown
    assert not audit_advice(items[1:], Separators.EXACT, UNAUDITED, 0.05).is_shown


def test_what_is_empty_was_not_audited_and_stays_as_sure() -> None:
    calibration = StackCalibration(shift=-3.0, lowest=0.9, audited=3, errors=1)
    advice = audit_advice([item("a", 0.99, read=""), item("b", 0.99)], Separators.EXACT, calibration, 0.05)
    assert (advice.numbers, advice.flagged) == (2, 1)
