import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.evaluation.risk_coverage import (
    JudgedReading,
    coverage_at_error,
    error_at_coverage,
    expected_risk_coverage_curve,
    risk_coverage_curve,
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


def test_without_readings_coverage_and_error_are_zero() -> None:
    assert (coverage_at_error((), 0.1), error_at_coverage((), 0.5)) == (0, 0)
