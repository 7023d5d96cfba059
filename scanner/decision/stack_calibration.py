"""Adjust confidences to one stack of paper, by numbers of it that were audited.

Confidences hold on average over kinds of paper, and may not on this one.  How much surer or less sure readings should
be is fitted, as a shift and if there is enough to go by a slope of their log odds, to numbers that were typed without
seeing what was read.  Corrected numbers are no such evidence: they are those that somebody doubted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.error_rate import error_interval
from scanner.decision.review import flag_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.types import Number

_SHIFT_SPREAD = 1.0
"""Standard deviation of the shift that is expected before anything is audited: on other paper the odds of an error are
up to e times as high, or as low.  A choice; on the kinds of paper that were left out they were up to eight times."""
_SLOPE_SPREAD = 0.25
"""Standard deviation of the slope around 1, likewise.  A choice."""
_MIN_OF_EACH = 5
"""Fewest wrong, and right, numbers from which a slope is fitted: two numbers are not known from fewer.  A choice."""
_MIN_SLOPE = 0.1
"""Least slope: a surer reading stays surer."""
_CLIP = 1e-6
"""Confidences are clipped to this distance from 0 and 1, whose log odds are infinite."""
_STEPS = 50
"""Most steps of Newton's method, which takes about six."""
_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class StackCalibration:
    """A map of confidences that never falls, and raises none further than the audited numbers support."""

    shift: float = 0.0
    """Added to the log odds, after the slope."""
    slope: float = 1.0
    """Factor of the log odds, above 0."""
    lowest: float = 1.0
    """Least confidence among the audited numbers, 0-1: none below it is raised."""
    ceiling: float = 0.0
    """Confidence, 0-1, above which none is raised: what the audited numbers show at 95 %."""
    audited: int = 0
    """How many numbers it was fitted to; if none, nothing is changed."""
    errors: int = 0
    """How many of these were wrong."""

    def apply(self, confidence: float) -> float:
        """The confidence of a reading on this stack.

        Args:
            confidence: as the readers have it, 0-1.
        """
        if not self.audited:
            return confidence
        fitted = 1 / (1 + math.exp(-self.slope * float(_log_odds(np.float64(confidence))) - self.shift))
        highest = confidence if confidence < self.lowest else max(confidence, self.ceiling)
        return min(fitted, highest)

    def apply_to_number(self, number: Number) -> Number:
        """A number with its confidence on this stack, flagged anew by the usual threshold if that has changed.

        Args:
            number: any; what a person has checked, what could not be read and what is empty stays as it is.
        """
        if number.checked or not number.text:
            return number
        confidence = self.apply(number.confidence)
        return number if confidence == number.confidence else flag_number(replace(number, confidence=confidence))


UNAUDITED = StackCalibration()
"""The identity: that of a stack of which nothing was audited."""


def fit_stack_calibration(confidences: Sequence[float], right: Sequence[bool]) -> StackCalibration:
    """Fit the map to audited numbers: the most probable shift, and slope, given what is expected of other paper.

    Twenty numbers hardly change anything, two hundred do.

    Args:
        confidences: shape (N,), as the readers have them, 0-1.
        right: shape (N,), whether each is right.
    """
    if not confidences:
        return UNAUDITED
    is_right = np.asarray(right, bool)
    odds = _log_odds(np.asarray(confidences, np.float64))
    errors = int((~is_right).sum())
    has_slope = min(errors, len(is_right) - errors) >= _MIN_OF_EACH
    shift, slope = _most_probable(odds, is_right, _SLOPE_SPREAD if has_slope else 0.0)
    if slope < _MIN_SLOPE:
        shift, _ = _most_probable(_MIN_SLOPE * odds, is_right, 0.0)
        slope = _MIN_SLOPE
    return StackCalibration(
        shift=shift,
        slope=slope,
        lowest=min(confidences),
        ceiling=1 - error_interval(errors, len(is_right)).high,
        audited=len(is_right),
        errors=errors,
    )


def _most_probable(odds: NDArray[np.float64], is_right: NDArray[np.bool_], slope_spread: float) -> tuple[float, float]:
    """Shift and slope by Newton's method on a convex loss; without spread the slope is 1.

    Args:
        odds: log odds, shape (N,).
        is_right: shape (N,).
        slope_spread: standard deviation of the slope.
    """
    features = np.stack([np.ones_like(odds), odds]) if slope_spread else np.ones((1, len(odds)))
    expected = np.array([0.0, 1.0])[: len(features)]
    precision = np.array([_SHIFT_SPREAD, slope_spread or 1.0])[: len(features)] ** -2.0
    offset = 0.0 if slope_spread else odds

    def loss(weights: NDArray[np.float64]) -> float:
        logits = weights @ features + offset
        misfit = np.logaddexp(0.0, np.where(is_right, -logits, logits)).sum()
        return float(misfit + (precision * (weights - expected) ** 2).sum() / 2)

    weights = expected.copy()
    for _ in range(_STEPS):
        probabilities = 1 / (1 + np.exp(-np.clip(weights @ features + offset, -30, 30)))
        slope = features @ (probabilities - is_right) + precision * (weights - expected)
        curvature = (features * (probabilities * (1 - probabilities))) @ features.T + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        # Far from the minimum a whole step may lead past it.
        while loss(weights - step) > loss(weights) and np.abs(step).max() > _TOLERANCE:
            step = step / 2
        weights = weights - step
        if np.abs(step).max() <= _TOLERANCE:
            break
    return float(weights[0]), float(weights[1]) if slope_spread else 1.0


def _log_odds(confidences: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    clipped = np.clip(confidences, _CLIP, 1 - _CLIP)
    return np.asarray(np.log(clipped) - np.log1p(-clipped), np.float64)
