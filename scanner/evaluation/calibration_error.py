"""Calibration error: the errors that confidences predict compared with the errors observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


BIN_COUNT = 10
"""Bins of a calibration table, which are therefore tenths of the readings; a choice."""


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """Readings of similar confidence."""

    count: int
    lowest_confidence: float
    """Lowest confidence of the readings, 0-1."""
    highest_confidence: float
    """Highest confidence of the readings, 0-1."""
    expected_error: float
    """Share of errors that the confidences predict, 0-1."""
    observed_error: float
    """Share of errors observed, 0-1."""

    @property
    def gap(self) -> float:
        """Observed minus expected error, percentage points; positive where the confidences are too high."""
        return 100 * (self.observed_error - self.expected_error)


def calibration_table(confidences: ArrayLike, correct: ArrayLike) -> tuple[ConfidenceBin, ...]:
    """Expected and observed error for each tenth of the readings, by increasing confidence.

    Bins of equal count, not of equal width (Nguyen & O'Connor, EMNLP 2015): most confidences are high, and the error
    rate of a bin with three readings means nothing.

    Args:
        confidences: shape (N,), 0-1.
        correct: shape (N,), whether each reading is correct.

    Returns:
        ``BIN_COUNT`` bins, or N if that is less.
    """
    confidence, accuracy = np.asarray(confidences, np.float64), np.asarray(correct, np.float64)
    if not confidence.size:
        return ()
    # Readings of equal confidence share their mean accuracy, as the bin that each of them falls into is arbitrary.
    _, inverse, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    accuracy = (np.bincount(inverse, accuracy) / counts)[inverse]
    order = np.argsort(confidence, kind="stable")
    return tuple(
        ConfidenceBin(
            len(members),
            float(confidence[members[0]]),
            float(confidence[members[-1]]),
            float(1 - confidence[members].mean()),
            float(1 - accuracy[members].mean()),
        )
        for members in np.array_split(order, min(BIN_COUNT, confidence.size))
    )


def max_calibration_error(table: Sequence[ConfidenceBin]) -> float:
    """Maximum calibration error: the widest gap of a table, percentage points; 0 if it is empty."""
    return max((abs(each.gap) for each in table), default=0.0)


_SIMULATED_DRAWS = 200
"""Simulations of perfectly calibrated readings whose median is reported; a choice."""


def max_calibration_error_by_chance(confidences: ArrayLike) -> float:
    """Median maximum calibration error of perfectly calibrated readings with these confidences, percentage points.

    It is not 0: of twenty readings, of which two are expected to be wrong, three may well be: a gap of 5 points.
    """
    confidence, rng = np.asarray(confidences, np.float64), np.random.default_rng(0)
    errors = [
        max_calibration_error(calibration_table(confidence, rng.random(confidence.size) < confidence))
        for _ in range(_SIMULATED_DRAWS)
    ]
    return float(np.median(errors))


def expected_calibration_error(table: Sequence[ConfidenceBin]) -> float:
    """Expected calibration error: the mean gap over all readings, percentage points; 0 if there are none.

    Naeini, Cooper & Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    count = sum(each.count for each in table)
    return sum(abs(each.gap) * each.count for each in table) / count if count else 0.0
