from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.training.fit_additive_model import fit_additive_model, fit_adjustment

ALL = (0.0, 1.0)


def draw(count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """One piece of evidence whose value is the log odds of being right."""
    rng = np.random.default_rng(seed)
    evidence = rng.normal(2, 2, (count, 1))
    return evidence, rng.random(count) < 1 / (1 + np.exp(-evidence[:, 0]))


def test_the_probabilities_are_those_of_the_samples() -> None:
    evidence, right = draw(8000, 1)
    model = fit_additive_model(evidence, right, np.ones(8000), np.zeros(8000), 1.0, ALL)
    levels = np.array([[-1.0], [0.0], [2.0], [4.0]])
    assert model.probabilities(levels) == pytest.approx(1 / (1 + np.exp(-levels[:, 0])), abs=0.04)


def test_wrong_labels_do_not_bound_the_probability() -> None:
    evidence, right = draw(20_000, 2)
    mislabelled = np.random.default_rng(3).random(20_000) < 0.05
    labels = right & ~mislabelled
    sure = np.array([[7.0]])
    plain = fit_additive_model(evidence, labels, np.ones(20_000), np.zeros(20_000), 1.0, ALL)
    robust = fit_additive_model(evidence, labels, np.ones(20_000), np.full(20_000, 0.05), 1.0, ALL)
    assert plain.probabilities(sure)[0] < 0.97
    assert robust.probabilities(sure)[0] > 0.985
    # Where evidence and label both speak against it, a reading stays wrong.
    assert robust.probabilities(np.array([[-1.0]]))[0] == pytest.approx(1 / (1 + np.e), abs=0.05)


def test_a_label_of_right_is_never_doubted() -> None:
    evidence = np.repeat([[0.0], [1.0]], 500, axis=0)
    right = np.repeat([True, False], 500)
    right[:2] = False
    right[-2:] = True
    model = fit_additive_model(evidence, right, np.ones(1000), np.full(1000, 0.002), 1.0, ALL)
    assert model.probabilities(np.array([[1.0]]))[0] < 0.02


def test_all_right_cannot_be_fitted() -> None:
    with pytest.raises(ValueError, match="class"):
        fit_additive_model(np.zeros((5, 1)), np.ones(5, bool), np.ones(5), np.zeros(5), 1.0, ALL)


def test_an_adjustment_makes_up_for_log_odds_that_are_too_small_and_too_low() -> None:
    rng = np.random.default_rng(5)
    true = rng.normal(1, 2, 20_000)
    right = rng.random(20_000) < 1 / (1 + np.exp(-true))
    shift, slope, extra = fit_adjustment((true - 0.6) / 2, right, np.ones(20_000), np.zeros(20_000))
    assert (shift, slope) == (pytest.approx(0.6, abs=0.1), pytest.approx(2, abs=0.15))
    assert extra == pytest.approx(0, abs=0.6)


def test_an_adjustment_never_falls() -> None:
    log_odds = np.linspace(-4, 4, 400)
    shift, slope, extra = fit_adjustment(log_odds, log_odds < 0, np.ones(400), np.zeros(400))
    assert slope >= 0
    assert slope + extra >= 0
    assert np.isfinite(shift)
