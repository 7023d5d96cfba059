"""Errors that remain if only the most confident readings are accepted: error rate against coverage.

The risk-coverage curve of selective classification (El-Yaniv & Wiener, "On the foundations of noise-free selective
classification", JMLR 2010): what a reader is worth to a user who has a person check the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


class JudgedReading(NamedTuple):
    """A reading compared with the truth."""

    confidence: float
    """Confidence of the reading, 0-1."""
    correct: bool


@dataclass(frozen=True, slots=True)
class RiskCoveragePoint:
    """The readings whose confidence is at least ``confidence``."""

    coverage: float
    """Their share of all readings, above 0, at most 1."""
    error_rate: float
    """Share of them that are wrong, 0-1."""
    confidence: float


def risk_coverage_curve(readings: Sequence[JudgedReading]) -> tuple[RiskCoveragePoint, ...]:
    """One point per distinct confidence, the highest first; empty without readings."""
    if not readings:
        return ()
    confidence = np.array([reading.confidence for reading in readings])
    wrong = np.array([not reading.correct for reading in readings])
    order = np.argsort(-confidence, kind="stable")
    confidence, errors = confidence[order], np.cumsum(wrong[order])
    # Readings of equal confidence are accepted together or not at all.
    last = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True))
    return tuple(
        RiskCoveragePoint((i + 1) / len(confidence), float(errors[i] / (i + 1)), float(confidence[i]))
        for i in last.tolist()
    )


def expected_risk_coverage_curve(readings: Sequence[JudgedReading]) -> tuple[RiskCoveragePoint, ...]:
    """The curve that the confidences predict: each reading is wrong with probability 1 - confidence."""
    confidence = np.sort([reading.confidence for reading in readings])[::-1]
    error_rates = np.cumsum(1 - confidence) / np.arange(1, len(confidence) + 1)
    return tuple(
        RiskCoveragePoint((i + 1) / len(confidence), error_rate, float(confidence[i]))
        for i, error_rate in enumerate(error_rates.tolist())
    )


def coverage_at_error(curve: Sequence[RiskCoveragePoint], error_rate: float) -> float:
    """The largest coverage whose error rate is at most ``error_rate``; 0 if there is none."""
    return max((point.coverage for point in curve if point.error_rate <= error_rate), default=0.0)


def error_at_coverage(curve: Sequence[RiskCoveragePoint], coverage: float) -> float:
    """The error rate at the first point whose coverage is at least ``coverage``; 0 without readings."""
    return next((point.error_rate for point in curve if point.coverage >= coverage - _COVERAGE_TOLERANCE), 0.0)


_COVERAGE_TOLERANCE = 1e-9
"""Rounding error of a coverage."""
