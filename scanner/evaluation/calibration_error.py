"""How well confidence holds: expected against true errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


BIN_COUNT = 10


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """Readings of about the same confidence."""

    count: int
    lowest_confidence: float
    """Confidence, 0-1."""
    highest_confidence: float
    expected_error: float
    """Errors that the confidences let expect, as a share of the readings."""
    observed_error: float
    """Errors there were, as a share of the readings."""

    @property
    def gap(self) -> float:
        """How far both are apart, in percentage points; above 0 if there were more errors than expected."""
        return 100 * (self.observed_error - self.expected_error)


def calibration_table(confidences: ArrayLike, correct: ArrayLike) -> tuple[ConfidenceBin, ...]:
    """Expected against true error, per tenth of the readings in order of confidence, the least sure first.

    Tenths of equal count, not of equal width: most readings are sure, and a
    share of three readings says nothing (Nguyen & O'Connor, EMNLP 2015).

    Args:
        confidences: of each reading, 0-1.
        correct: whether it is right; as many.

    Returns:
        Ten, or as many as there are readings if they are fewer.
    """
    sure, hit = np.asarray(confidences, np.float64), np.asarray(correct, np.float64)
    if not sure.size:
        return ()
    # Readings of one confidence share their errors: which of them falls into which tenth means nothing.
    _, same, counts = np.unique(sure, return_inverse=True, return_counts=True)
    hit = (np.bincount(same, hit) / counts)[same]
    order = np.argsort(sure, kind="stable")
    return tuple(
        ConfidenceBin(
            len(part),
            float(sure[part[0]]),
            float(sure[part[-1]]),
            float(1 - sure[part].mean()),
            float(1 - hit[part].mean()),
        )
        for part in np.array_split(order, min(BIN_COUNT, sure.size))
    )


def max_calibration_error(table: Sequence[ConfidenceBin]) -> float:
    """The widest gap of a table, percentage points; 0 if it is empty."""
    return max((abs(tenth.gap) for tenth in table), default=0.0)


_SIMULATED_DRAWS = 200


def max_calibration_error_by_chance(confidences: ArrayLike) -> float:
    """The widest gap to be expected of confidences that tell the truth: the median of many throws of the dice.

    Of twenty readings of which two are wrong by right, three may well be: a gap of 5 points says nothing yet.
    """
    sure, rng = np.asarray(confidences, np.float64), np.random.default_rng(0)
    gaps = [
        max_calibration_error(calibration_table(sure, rng.random(sure.size) < sure)) for _ in range(_SIMULATED_DRAWS)
    ]
    return float(np.median(gaps))


def expected_calibration_error(table: Sequence[ConfidenceBin]) -> float:
    """Mean gap over all readings, percentage points (Naeini, Cooper & Hauskrecht, AAAI 2015); 0 if there are none."""
    count = sum(tenth.count for tenth in table)
    return sum(abs(tenth.gap) * tenth.count for tenth in table) / count if count else 0.0
