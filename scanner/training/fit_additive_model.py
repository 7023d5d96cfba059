"""Fit an additive logistic model to samples of which a few are labelled wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.additive_model import NO_ADJUSTMENT, AdditiveModel, adjustment_bases, hinge_bases

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KNOT_QUANTILES = (0.25, 0.5, 0.75)
"""Where the function of a piece of evidence bends, as shares of the samples.  A choice."""
_ADJUSTMENT_PENALTY = 0.01
"""Penalty of the squared slopes of an adjustment: hardly any, so that it is finite in any case."""
_ROUNDS = 12
"""Rounds of expectation and maximization; of 14,000 rows no probability moves after six."""
_MAX_COUNT_VALUES = 8
"""Maximum number of values of a piece of evidence that is a count or says yes or no: all of its range is counted."""
_FIRST_DOUBT = 0.2
"""Probability with which the label of a sample that is called wrong is doubted at first.  A choice."""


def fit_additive_model(
    evidence: NDArray[np.float64],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
    mislabelled: NDArray[np.float64],
    penalty: float,
    range_quantiles: tuple[float, float],
) -> AdditiveModel:
    """Fit the probability of being right, by logistic regression that knows of wrong labels.

    Where the truth is wrong, a right reading is called wrong.  A sample that is called wrong counts as right with the
    probability of that, which follows from the model, so both are found in turns (Bootkrajang & Kabán, "Label-noise
    robust logistic regression and its applications", ECML 2012; their shares are estimated, these are given).

    Args:
        evidence: shape (N, features).
        right: shape (N,), whether each is right by its label; some are, some are not.
        weights: shape (N,), how much each counts.
        mislabelled: shape (N,), share of right readings of its kind that are called wrong, 0-1.
        penalty: penalty of squared weights, in samples: the more, the less any piece of evidence counts by itself.
        range_quantiles: range of each piece of evidence that is counted, as shares of the samples; of counts, all.

    Raises:
        ValueError: if all are right, or none is.
    """
    means, deviations = evidence.mean(axis=0), evidence.std(axis=0)
    deviations[deviations < 1e-6] = 1.0
    standardized = (evidence - means) / deviations
    ranges = np.quantile(standardized, range_quantiles, axis=0).T
    # What is rare is rare: a count that is 0 nearly everywhere has no other quantile.
    for feature, values in enumerate(standardized.T):
        if np.unique(values).size <= _MAX_COUNT_VALUES:
            ranges[feature] = values.min(), values.max()
    standardized = np.clip(standardized, *ranges.T)
    knots = np.quantile(standardized, _KNOT_QUANTILES, axis=0).T
    bases = hinge_bases(standardized, knots)
    slopes, intercept = _fit_logistic(bases.reshape(len(bases), -1), right, weights, mislabelled, penalty)
    return AdditiveModel(means, deviations, ranges, knots, slopes.reshape(bases.shape[1:]), intercept, NO_ADJUSTMENT)


def fit_adjustment(
    log_odds: NDArray[np.float64],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
    mislabelled: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Fit the adjustment of a model to samples of kinds that it was not fitted to; it never falls.

    Args:
        log_odds: shape (N,), by the model that was fitted without the kind of the sample.
        right: as for :func:`fit_additive_model`.
        weights: likewise.
        mislabelled: likewise.

    Returns:
        Shape (3,), see :class:`scanner.decision.additive_model.AdditiveModel`.

    Raises:
        ValueError: if all are right, or none is.
    """
    slopes, shift = _fit_logistic(adjustment_bases(log_odds), right, weights, mislabelled, _ADJUSTMENT_PENALTY)
    slope = max(float(slopes[0]), 0.0)
    return np.array([shift, slope, max(float(slopes[1]), -slope)])


def _fit_logistic(
    bases: NDArray[np.float64],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
    mislabelled: NDArray[np.float64],
    penalty: float,
) -> tuple[NDArray[np.float64], float]:
    """Slopes, shape (bases,), and intercept of a logistic regression that knows of wrong labels."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1 / penalty, max_iter=2000, warm_start=True)
    doubted = np.flatnonzero(~right & (mislabelled > 0))
    # Samples with a doubted label are there twice, as wrong and as right.
    twice = np.concatenate([bases, bases[doubted]])
    labels = np.concatenate([right, np.ones(len(doubted), bool)])
    doubt = np.full(len(doubted), _FIRST_DOUBT)
    for _ in range(_ROUNDS if doubted.size else 1):
        shares = weights.copy()
        shares[doubted] *= 1 - doubt
        model.fit(twice, labels, sample_weight=np.concatenate([shares, weights[doubted] * doubt]))
        probability = model.predict_proba(bases[doubted])[:, 1] if doubted.size else np.zeros(0)
        of_label = mislabelled[doubted] * probability
        doubt = of_label / (of_label + 1 - probability)
    return np.asarray(model.coef_[0], np.float64), float(model.intercept_[0])
