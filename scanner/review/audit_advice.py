"""Which numbers have to be looked at by an audit, so that the others hold no more errors than allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.error_rate import error_interval, numbers_to_show
from scanner.decision.review import LOW_CONFIDENCE, READERS_DISAGREE, review_threshold
from scanner.review.audit import Outcome, outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.decision.stack_calibration import StackCalibration
    from scanner.review.review_item import ReviewItem
    from scanner.text_comparison import Separators

_CHANGEABLE_REASONS = frozenset({"", LOW_CONFIDENCE, READERS_DISAGREE})
"""Reasons for review that a threshold gives or takes; all others stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAdvice:
    """What to do to hold a share of errors among the numbers that nobody looks at."""

    target: float
    """The share, 0-1; what to give as ``--max-error``, which counts with the calibration."""
    uncalibrated: float
    """What ``--max-error`` would have to be to flag the same numbers without the calibration, 0-1; 0 if all are."""
    numbers: int
    """Numbers whose flag depends on their confidence."""
    flagged: int
    """Those of them that are flagged then."""
    flagged_before: int
    """Those of them that would be flagged for the same share without the calibration."""
    audited: int
    """Audited numbers that are not flagged then."""
    wrong: int
    """Those of ``audited`` that were read wrongly."""

    @property
    def is_shown(self) -> bool:
        """Whether these alone show, at 95 %, that the share is held."""
        return error_interval(self.wrong, self.audited).high <= self.target

    @property
    def needed(self) -> int:
        """How many audited numbers without an error would show it."""
        return numbers_to_show(self.target)


def audit_advice(
    items: Iterable[ReviewItem], separators: Separators, calibration: StackCalibration, target: float
) -> AuditAdvice:
    """Find which numbers have to be flagged.

    Args:
        items: all numbers of the stack.
        separators: which separators count.
        calibration: fitted to the audit.
        target: largest share of errors, 0-1, above 0.
    """
    concerned = [item for item in items if item.reason in _CHANGEABLE_REASONS and not (item.is_added or item.is_unread)]
    as_read = np.array([item.confidence_as_read for item in concerned])
    # What is empty was not audited, and stays as sure as it is.
    calibrated = [
        calibration.apply(item.confidence_as_read) if item.read else item.confidence_as_read for item in concerned
    ]
    kept = np.array(calibrated) >= _threshold(calibrated, target)
    outcomes = [outcome(item, separators) for item, is_kept in zip(concerned, kept, strict=True) if is_kept]
    return AuditAdvice(
        target=target,
        uncalibrated=float(np.mean(1 - as_read[kept])) if kept.any() else 0.0,
        numbers=len(concerned),
        flagged=int((~kept).sum()),
        flagged_before=int((as_read < _threshold(as_read.tolist(), target)).sum()),
        audited=sum(each is not Outcome.UNKNOWN for each in outcomes),
        wrong=outcomes.count(Outcome.WRONG),
    )


def _threshold(confidences: list[float], target: float) -> float:
    return review_threshold(confidences, target) if confidences else 0.0
