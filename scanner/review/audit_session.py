"""One audit: a sample of the numbers of a review, typed without seeing what was read, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.batch.saved_pages import read_last_outputs
from scanner.corrections.calibration_file import calibration_path, write_calibration
from scanner.corrections.correction import Verdict
from scanner.review.audit import audit_report, calibration_of_audit, is_disputed
from scanner.review.audit_advice import audit_advice
from scanner.review.audit_sample import draw_sample
from scanner.review.audit_text import audit_lines
from scanner.review.stack import state_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scanner.review.review_item import ReviewItem
    from scanner.review.session import Decision, ReviewSession

DEFAULT_TARGET = 0.01
"""Share of errors that is to be held if nothing else was said to the scan.  A choice."""


@dataclass(frozen=True, slots=True)
class AuditLeft:
    """What is left of an audit."""

    total: int
    """Numbers of the sample."""
    to_type: int
    """Those that nobody has typed yet."""
    to_decide: int
    """Those that were typed otherwise than they were read, of which somebody has to see both."""


class AuditSession:
    """The audit of a review; may be used by several threads."""

    def __init__(self, session: ReviewSession, size: int, target: float, calibration: Path) -> None:
        """Draw the sample.

        Args:
            session: the review.
            size: how many numbers; all that are not flagged if there are not as many.
            target: share of errors to hold, 0-1, above 0.
            calibration: the file of the calibration.
        """
        self.session = session
        self.sample = draw_sample(session.stack, size)
        self._members = frozenset(self.sample)
        self._target, self._calibration = target, calibration

    def items(self) -> list[ReviewItem]:
        """The numbers of the sample, in the order in which they are asked for."""
        return [self.session.stack.items[name] for name in self.sample]

    def is_member(self, item: ReviewItem) -> bool:
        """Whether a number is of the sample."""
        return item.id in self._members

    def is_disputed(self, item: ReviewItem) -> bool:
        """Whether somebody has to see both what was typed and what was read."""
        return is_disputed(item, self.session.stack.separators)

    def left(self) -> AuditLeft:
        """Count what is left."""
        items = self.items()
        to_type = sum(not item.is_decided for item in items)
        return AuditLeft(len(items), to_type, sum(map(self.is_disputed, items)))

    def entries(self, decisions: Sequence[Decision]) -> list[Decision]:
        """The decisions of who sees what is shown: about numbers of the sample, and blind as long as they are hidden.

        Raises:
            ValueError: if one is about another number, or would add or move one.
        """
        items = self.session.stack.items
        for each in decisions:
            if each.item not in self._members or each.verdict in {Verdict.ADDED, Verdict.MOVED}:
                raise ValueError("in an audit the numbers of its sample are typed, and nothing else is changed")
        return [replace(each, blind=not items[each.item].is_decided) for each in decisions]

    def conclude(self) -> tuple[str, ...]:
        """Say what was found so far, and keep the calibration that follows, if anything was ever typed.

        Raises:
            OutputError: if it cannot be written.
        """
        stack = self.session.stack
        calibration = calibration_of_audit(stack)
        if calibration.audited or self._calibration.exists():
            write_calibration(self._calibration, calibration)
        advice = audit_advice(list(stack.items.values()), stack.separators, calibration, self._target)
        return audit_lines(audit_report(stack), advice)


def open_audit(results: Path, session: ReviewSession, size: int) -> AuditSession:
    """Open the audit of a file of results.

    Args:
        results: the table of results, as for ``open_session``.
        session: its review.
        size: how many numbers are to be typed.

    Raises:
        DataError: as for ``open_session``.
        OutputError: as for ``open_session``.
    """
    last = read_last_outputs(results, state_path(results))
    target = (last.max_error if last is not None else None) or DEFAULT_TARGET
    return AuditSession(session, size, target, calibration_path(results))
