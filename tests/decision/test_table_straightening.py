import numpy as np
import pytest

from scanner.decision.table_straightening import Pairs, even_lines, fit_displacement

PLACES = np.array([(x, y) for y in (100.0, 200.0, 300.0) for x in np.arange(0.0, 1001.0, 100.0)])


def bow(points: np.ndarray) -> np.ndarray:
    """A sheet that rises towards its right edge, by 40 pixels."""
    return 40 * (points[:, 0] / 1000) ** 2


def neighbours(moved: np.ndarray, sigma: float = 1.0) -> Pairs:
    rows = moved.reshape(3, -1, 2)
    first, second = rows[:, :-1].reshape(-1, 2), rows[:, 1:].reshape(-1, 2)
    return Pairs(first, second, np.full(len(first), sigma))


def test_lines_are_even_until_something_is_fitted() -> None:
    assert even_lines(PLACES).straighten(PLACES) == pytest.approx(PLACES[:, 1])


def test_bent_rows_become_even() -> None:
    moved = PLACES + np.stack([np.zeros(len(PLACES)), bow(PLACES)], axis=1)
    straight = fit_displacement(neighbours(moved), even_lines(moved)).straighten(moved).reshape(3, -1)
    assert np.ptp(straight, axis=1) == pytest.approx(0, abs=1.0)
    assert np.diff(straight.mean(axis=1)) == pytest.approx(100, abs=3.0)


def test_wrong_pairs_do_not_count() -> None:
    moved = PLACES + np.stack([np.zeros(len(PLACES)), bow(PLACES)], axis=1)
    pairs = neighbours(moved)
    wrong = pairs.second.copy()
    wrong[::6, 1] += 100
    fitted = fit_displacement(Pairs(pairs.first, wrong, pairs.sigma), even_lines(moved))
    assert np.ptp(fitted.straighten(moved).reshape(3, -1), axis=1) == pytest.approx(0, abs=1.0)


def test_few_pairs_show_no_more_than_a_slope() -> None:
    moved = PLACES + np.stack([np.zeros(len(PLACES)), 0.05 * PLACES[:, 0]], axis=1)
    pairs = neighbours(moved)
    few = Pairs(pairs.first[:4], pairs.second[:4], pairs.sigma[:4])
    fitted = fit_displacement(few, even_lines(moved))
    assert np.count_nonzero(fitted.coefficients) == 1
    assert fitted.coefficients[0] == pytest.approx(0.05, rel=0.01)


def test_fewer_pairs_show_nothing() -> None:
    start = even_lines(PLACES)
    pairs = neighbours(PLACES)
    assert fit_displacement(Pairs(pairs.first[:3], pairs.second[:3], pairs.sigma[:3]), start) is start


def test_pairs_of_one_place_change_nothing() -> None:
    point = np.tile([50.0, 80.0], (8, 1))
    fitted = fit_displacement(Pairs(point, point, np.ones(8)), even_lines(point))
    assert fitted.straighten(point) == pytest.approx(80.0)
