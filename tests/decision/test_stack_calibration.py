from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decision.stack_calibration import UNAUDITED, StackCalibration, fit_stack_calibration
from scanner.types import Box, Number

CONFIDENCES = st.floats(0, 1)
AUDITED = st.lists(st.tuples(CONFIDENCES, st.booleans()), max_size=40)
NUMBER = Number("7", 0.95, "", 1, 1, Box(1, 2, 3, 4), ())


def fitted(audited: list[tuple[float, bool]]) -> StackCalibration:
    return fit_stack_calibration([confidence for confidence, _ in audited], [right for _, right in audited])


@given(confidence=CONFIDENCES)
def test_without_an_audit_nothing_changes(confidence: float) -> None:
    assert fitted([]) is UNAUDITED
    assert UNAUDITED.apply(confidence) == confidence


@given(audited=AUDITED, pair=st.tuples(CONFIDENCES, CONFIDENCES))
def test_a_surer_reading_stays_surer(audited: list[tuple[float, bool]], pair: tuple[float, float]) -> None:
    calibration = fitted(audited)
    low, high = map(calibration.apply, sorted(pair))
    assert 0 <= low <= high <= 1


@given(audited=AUDITED, confidence=CONFIDENCES)
def test_nothing_becomes_surer_than_the_audited_numbers_support(
    audited: list[tuple[float, bool]], confidence: float
) -> None:
    calibration = fitted(audited)
    if calibration.apply(confidence) > confidence:
        assert confidence >= calibration.lowest
        assert calibration.apply(confidence) <= calibration.ceiling


def test_without_evidence_for_a_slope_the_shift_solves_its_equation() -> None:
    # At the most probable shift, the surplus of errors over those expected is the shift itself, its spread being 1.
    audited = [(0.98, True)] * 46 + [(0.98, False)] * 4
    calibration = fitted(audited)
    expected_right = 50 / (1 + math.exp(-calibration.shift - math.log(0.98 / 0.02)))
    assert 46 - expected_right == pytest.approx(calibration.shift, abs=1e-6)
    assert calibration.slope == 1
    assert (calibration.audited, calibration.errors, calibration.lowest) == (50, 4, 0.98)


def test_a_few_numbers_change_little_and_many_say_what_was_found() -> None:
    few, many = ([(0.98, True)] * (19 * times) + [(0.98, False)] * times for times in (1, 100))
    assert 0.965 < fitted(few).apply(0.98) < 0.98
    assert fitted(many).apply(0.98) == pytest.approx(0.95, abs=0.002)
    assert fitted([(0.98, True)] * 20).apply(0.98) == 0.98


def test_errors_among_the_surest_flatten_the_slope() -> None:
    random = np.random.default_rng(5)
    odds = random.uniform(2, 7, 2000)
    right = random.random(2000) < 1 / (1 + np.exp(-0.6 * odds))
    calibration = fit_stack_calibration(list(1 / (1 + np.exp(-odds))), list(right))
    assert calibration.slope == pytest.approx(0.6, abs=0.12)
    assert calibration.shift == pytest.approx(0, abs=0.4)
    inverted = fit_stack_calibration([0.6] * 300 + [0.999] * 300, [True] * 300 + [False] * 300)
    assert inverted.slope == 0.1


def test_what_nobody_doubts_and_what_nobody_read_stays_as_it_is() -> None:
    calibration = fitted([(0.95, False)] * 30)
    for number in (replace(NUMBER, checked="confirmed", confidence=1.0), replace(NUMBER, text="", is_empty=True)):
        assert calibration.apply_to_number(number) is number
    flagged = calibration.apply_to_number(NUMBER)
    assert flagged.confidence < 0.9
    assert flagged.review_reason == "low confidence"
    kept = calibration.apply_to_number(replace(NUMBER, review_reason="crossed out", crossed_out=True))
    assert kept.review_reason == "crossed out"
