import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.evaluation.risk_coverage import (
    JudgedReading,
    calibration_section,
    coverage_at_error,
    draw_risk_coverage_curve,
    error_at_coverage,
    expected_risk_coverage_curve,
    risk_coverage_curve,
    risk_coverage_section,
)

FOUR = [JudgedReading(0.9, True), JudgedReading(0.6, False), JudgedReading(0.8, False), JudgedReading(0.7, True)]
MANY = st.lists(st.builds(JudgedReading, st.floats(0, 1), st.booleans()), max_size=50)


def test_curve_by_hand() -> None:
    curve = risk_coverage_curve(FOUR)
    assert [(p.coverage, p.confidence) for p in curve] == [(0.25, 0.9), (0.5, 0.8), (0.75, 0.7), (1.0, 0.6)]
    assert [p.error_rate for p in curve] == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert coverage_at_error(curve, 0.01) == 0.25
    assert coverage_at_error(curve, 0.4) == 0.75
    assert error_at_coverage(curve, 0.6) == pytest.approx(1 / 3)
    assert error_at_coverage(curve, 1.0) == 0.5


def test_readings_of_one_confidence_are_one_point() -> None:
    (point,) = risk_coverage_curve([JudgedReading(0.5, True), JudgedReading(0.5, False)])
    assert (point.coverage, point.error_rate) == (1.0, 0.5)


def test_expected_curve_by_hand() -> None:
    assert [p.error_rate for p in expected_risk_coverage_curve(FOUR[:2])] == pytest.approx([0.1, 0.25])


@given(MANY)
def test_the_curve_ends_with_all_errors(judged: list[JudgedReading]) -> None:
    curve = risk_coverage_curve(judged)
    if judged:
        assert curve[-1].coverage == 1
        assert curve[-1].error_rate == pytest.approx(sum(not r.correct for r in judged) / len(judged))
    else:
        assert not curve


def test_of_nothing_nothing_is_told() -> None:
    assert risk_coverage_section([]) == calibration_section([]) == []
    assert (coverage_at_error((), 0.1), error_at_coverage((), 0.5)) == (0, 0)


@pytest.mark.parametrize("judged", [[], FOUR, [JudgedReading(1.0, True)] * 5])
def test_the_picture_has_its_size_and_shows_something(judged: list[JudgedReading]) -> None:
    picture = draw_risk_coverage_curve(judged)
    assert picture.shape == (600, 960, 3)
    assert picture.dtype == np.uint8
    assert picture.min() < 100


def test_the_picture_shows_both_curves() -> None:
    coloured = draw_risk_coverage_curve(FOUR).astype(int)
    blue, brown = coloured[..., 0] - coloured[..., 2] > 80, coloured[..., 2] - coloured[..., 0] > 80
    # Within the axes, below the words above them.
    assert blue[60:520].any()
    assert brown[60:520].any()
