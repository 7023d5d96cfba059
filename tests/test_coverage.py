import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.coverage import (
    Judged,
    calibration_section,
    coverage_at,
    coverage_section,
    draw_curve,
    error_at,
    error_curve,
    expected_curve,
)

FOUR = [Judged(0.9, True), Judged(0.6, False), Judged(0.8, False), Judged(0.7, True)]
MANY = st.lists(st.builds(Judged, st.floats(0, 1), st.booleans()), max_size=50)


def test_curve_by_hand() -> None:
    curve = error_curve(FOUR)
    assert [(p.coverage, p.confidence) for p in curve] == [(0.25, 0.9), (0.5, 0.8), (0.75, 0.7), (1.0, 0.6)]
    assert [p.error for p in curve] == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert coverage_at(curve, 0.01) == 0.25
    assert coverage_at(curve, 0.4) == 0.75
    assert error_at(curve, 0.6) == pytest.approx(1 / 3)
    assert error_at(curve, 1.0) == 0.5


def test_readings_of_one_confidence_are_one_point() -> None:
    (point,) = error_curve([Judged(0.5, True), Judged(0.5, False)])
    assert (point.coverage, point.error) == (1.0, 0.5)


def test_expected_curve_by_hand() -> None:
    assert [p.error for p in expected_curve(FOUR[:2])] == pytest.approx([0.1, 0.25])


@given(MANY)
def test_the_curve_ends_with_all_errors(judged: list[Judged]) -> None:
    curve = error_curve(judged)
    if judged:
        assert curve[-1].coverage == 1
        assert curve[-1].error == pytest.approx(sum(not r.right for r in judged) / len(judged))
    else:
        assert not curve


def test_of_nothing_nothing_is_told() -> None:
    assert coverage_section([]) == calibration_section([]) == []
    assert (coverage_at((), 0.1), error_at((), 0.5)) == (0, 0)


@pytest.mark.parametrize("judged", [[], FOUR, [Judged(1.0, True)] * 5])
def test_the_picture_has_its_size_and_shows_something(judged: list[Judged]) -> None:
    picture = draw_curve(judged)
    assert picture.shape == (600, 960, 3)
    assert picture.dtype == np.uint8
    assert picture.min() < 100


def test_the_picture_shows_both_curves() -> None:
    coloured = draw_curve(FOUR).astype(int)
    blue, brown = coloured[..., 0] - coloured[..., 2] > 80, coloured[..., 2] - coloured[..., 0] > 80
    # Within the axes, below the words above them.
    assert blue[60:520].any()
    assert brown[60:520].any()
