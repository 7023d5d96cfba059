"""What was typed without seeing what was read, compared with it: the true share of errors among unflagged numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from scanner.corrections.correction import Verdict
from scanner.decision.error_rate import Interval, Surprise, error_interval, surprise
from scanner.decision.stack_calibration import fit_stack_calibration
from scanner.review.audit_sample import audited_population
from scanner.text_comparison import comparable_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.decision.stack_calibration import StackCalibration
    from scanner.review.review_item import ReviewItem
    from scanner.review.stack import ReviewStack
    from scanner.text_comparison import Separators

_UNLIKELY = 0.025
"""Probability below which chance is no explanation: with as many on the other side, one audit in twenty blames a
program that keeps its promise.  A choice."""


class Promise(Enum):
    """Whether the confidences hold."""

    HOLDS = "holds"
    """As far as the audited numbers tell."""
    TOO_SURE = "too sure"
    """There are more errors than the confidences promise."""
    TOO_CAREFUL = "too careful"
    """There are fewer."""


class Outcome(Enum):
    """How what was typed and what was read compare."""

    RIGHT = "right"
    WRONG = "wrong"
    """Something else stands there, or no number."""
    UNKNOWN = "unknown"
    """Nobody has typed it, or a person cannot read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What an audit has found among the numbers that are not flagged."""

    population: int
    """Numbers that the sample was drawn from."""
    audited: int
    """Those that were typed and compared."""
    unreadable: int
    """Those that who typed could not read: they are not counted."""
    wrong: int
    """Those of ``audited`` that were read wrongly."""
    disputed: int
    """Those of ``wrong`` of which nobody has decided yet whether the program or the person was wrong."""
    rate: Interval
    """Share of errors among the population."""
    promised: float
    """Errors that were to be expected among the audited ones by their confidences, as the readers had them."""
    surprise: Surprise
    """How often chance alone would explain what was found."""

    @property
    def promise(self) -> Promise:
        """Whether the confidences hold."""
        if self.surprise.at_least < _UNLIKELY:
            return Promise.TOO_SURE
        return Promise.TOO_CAREFUL if self.surprise.at_most < _UNLIKELY else Promise.HOLDS

    def errors_left(self, share: float) -> float:
        """Errors among the numbers that were not audited, if this is the share among all; those found are put right."""
        return min(max(0.0, share * self.population - self.wrong), float(self.population - self.audited))


def outcome(item: ReviewItem, separators: Separators) -> Outcome:
    """Compare what stands with what was read, as ``digitscan evaluate`` does.

    Args:
        item: a number.
        separators: which separators count.
    """
    if not item.is_audited or not item.is_decided or item.verdict is Verdict.UNREADABLE:
        return Outcome.UNKNOWN
    if item.verdict is Verdict.NO_NUMBER:
        return Outcome.WRONG
    same = comparable_text(item.text, separators) == comparable_text(item.read, separators)
    return Outcome.RIGHT if same else Outcome.WRONG


def is_disputed(item: ReviewItem, separators: Separators) -> bool:
    """Whether what was typed differs from what was read, and nobody has looked at both yet."""
    if item.decision is None or not item.decision.blind:
        return False
    return item.verdict is Verdict.UNREADABLE or outcome(item, separators) is Outcome.WRONG


def audit_report(stack: ReviewStack) -> AuditReport:
    """Report what was found so far among the numbers of a stack that are not flagged."""
    population = audited_population(stack)
    outcomes = [(item, outcome(item, stack.separators)) for item in population]
    audited = [item for item, found in outcomes if found is not Outcome.UNKNOWN]
    wrong = [item for item, found in outcomes if found is Outcome.WRONG]
    doubts = [1 - item.confidence_as_read for item in audited]
    return AuditReport(
        population=len(population),
        audited=len(audited),
        unreadable=_count_unreadable(population),
        wrong=len(wrong),
        disputed=sum(is_disputed(item, stack.separators) for item in wrong),
        rate=error_interval(len(wrong), len(audited)),
        promised=sum(doubts),
        surprise=surprise(doubts, len(wrong)),
    )


def calibration_of_audit(stack: ReviewStack) -> StackCalibration:
    """Fit how sure readings are on this stack to all that was typed, whether it is flagged by now or not."""
    audited = [(item, outcome(item, stack.separators)) for item in list(stack.items.values())]
    known = [(item.confidence_as_read, found) for item, found in audited if found is not Outcome.UNKNOWN and item.read]
    return fit_stack_calibration([each for each, _ in known], [found is Outcome.RIGHT for _, found in known])


def _count_unreadable(items: Iterable[ReviewItem]) -> int:
    return sum(item.is_audited and item.verdict is Verdict.UNREADABLE for item in items)
