import numpy as np
import pytest

from scanner.synthesis import curves


def test_the_curve_passes_through_every_point() -> None:
    points = np.array([[0.0, 0.0], [1.0, 0.2], [1.2, 1.0], [0.1, 1.5]])
    curve = curves.smooth_curve_through(points, ())
    for point in points:
        assert np.hypot(*(curve - point).T).min() < 1e-9


def test_two_points_make_a_straight_line() -> None:
    curve = curves.smooth_curve_through(np.array([[0.0, 0.0], [2.0, 1.0]]), ())
    assert curve[:, 1] == pytest.approx(curve[:, 0] / 2)


def test_a_corner_is_sharp() -> None:
    angle = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    assert curves.smooth_curve_through(angle, (1,))[:, 0].max() == pytest.approx(1.0)
    assert curves.smooth_curve_through(angle, ())[:, 0].max() > 1.01


def test_smoothing_keeps_a_straight_path() -> None:
    path = np.stack([np.linspace(0, 1, 30), np.linspace(0, 2, 30)], axis=1)
    assert curves.gaussian_smooth(path, 3.0) == pytest.approx(path)


def test_smoothing_cuts_the_corner_and_keeps_the_ends() -> None:
    leg = np.linspace(0, 1, 20)
    path = np.concatenate([np.stack([leg, 0 * leg], 1), np.stack([1 + 0 * leg[1:], leg[1:]], 1)])
    smooth = curves.gaussian_smooth(path, 3.0)
    assert smooth[[0, -1]] == pytest.approx(path[[0, -1]])
    assert np.hypot(*(smooth - (1.0, 0.0)).T).min() > 0.05


def test_smoothing_keeps_a_single_point() -> None:
    assert curves.gaussian_smooth(np.zeros((1, 2)), 2.0).tolist() == [[0.0, 0.0]]
