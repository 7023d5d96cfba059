"""Make probabilities mean what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.confidence import UNCALIBRATED, Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_CANDIDATE_TEMPERATURES = np.geomspace(0.25, 4.0, 161)
"""Tried in turn; steps of under 2 %, finer than the validation part can tell apart."""


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Temperature that makes the labels most probable (Guo et al., "On calibration of modern neural networks", 2017).

    Args:
        logits: shape (N, classes), of samples no training saw.
        labels: shape (N,), indices of classes.

    Returns:
        What to divide logits by before the softmax.
    """

    def loss(temperature: float) -> float:
        scaled = logits.astype(np.float64) / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        chosen = scaled[np.arange(len(labels)), labels]
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - chosen))

    return float(min(_CANDIDATE_TEMPERATURES, key=loss))


_PROBABILITY_CLIP_MARGIN = 1e-6
"""Probabilities nearer than this to 0 or 1 count as so near: their logarithms would outweigh all others."""
_KNOT_COUNT = 41
"""More, and the curve drawn through them moves by less than a tenth of a point."""
_KNOT_DECIMALS = 8


def fit_calibration(probabilities: Sequence[float], correct: Sequence[bool]) -> Calibration:
    """Beta calibration: a logistic regression on ln p and -ln(1 - p) (Kull, Silva Filho & Flach, AISTATS 2017).

    Three parameters let the curve end below 1, where labels are wrong or the
    reader is sure of itself and wrong.  On some hundred readings this held better
    for unseen ones than isotonic regression, whose steps follow single readings, and
    than Platt's logistic of the logit, which has to be symmetric.

    Args:
        probabilities: probabilities given to numbers that no training saw, 0-1.
        correct: whether they were read right; as many.

    Returns:
        Its curve at knots; no change if all or none are right, which tells nothing.
    """
    hit = np.asarray(correct, bool)
    if hit.all() or not hit.any():
        return UNCALIBRATED
    features = _beta_features(np.asarray(probabilities, np.float64))
    slopes, intercept = _fit_nondecreasing_logistic(features, hit)
    # Evenly spaced where most readings are: in the logit.
    ends = np.log(_PROBABILITY_CLIP_MARGIN) - np.log1p(-_PROBABILITY_CLIP_MARGIN)
    knots = 1 / (1 + np.exp(-np.linspace(ends, -ends, _KNOT_COUNT)))
    values = 1 / (1 + np.exp(-(_beta_features(knots) @ slopes + intercept)))
    return Calibration(tuple(np.round(knots, _KNOT_DECIMALS).tolist()), tuple(np.round(values, _KNOT_DECIMALS).tolist()))


def _beta_features(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(raw, _PROBABILITY_CLIP_MARGIN, 1 - _PROBABILITY_CLIP_MARGIN)
    return np.stack([np.log(inside), -np.log1p(-inside)], axis=1)


def _fit_nondecreasing_logistic(features: NDArray[np.float64], hit: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    """Slopes of both features, neither below 0, and the intercept: the curve never falls."""
    from sklearn.linear_model import LogisticRegression

    used = [0, 1]
    slopes = np.zeros(2)
    while used:
        # A whisper of a penalty, for the case that right and wrong are told apart without fault.
        model = LogisticRegression(C=100.0, max_iter=1000).fit(features[:, used], hit)
        if (model.coef_[0] >= 0).all():
            slopes[used] = model.coef_[0]
            return slopes, float(model.intercept_[0])
        used.pop(int(model.coef_[0].argmin()))
    share = hit.mean()
    return slopes, float(np.log(share / (1 - share)))
