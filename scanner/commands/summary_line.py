"""The counts of a batch as one line for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.results.summary import Summary

_MIN_STATED_ERRORS = 0.05
"""Smallest number of errors that is stated; below it one decimal would say that there are none."""
_MIN_WHOLE_ERRORS = 10
"""Smallest number of errors that is stated without decimals: it is an estimate.  A choice."""


def summary_line(summary: Summary, audited: int = 0) -> str:
    """Say how much was read, how many numbers are flagged, and how many errors are to be expected among the others.

    Args:
        summary: the counts.
        audited: how many audited numbers the confidences were adjusted to; 0 if they are those of the readers.
    """
    parts = [f"{_counted_noun(summary.pages, 'page')} read"]
    if summary.failed:
        parts.append(f"{summary.failed:,} could not be read")
    parts.append(_counted_noun(summary.numbers, "number"))
    if summary.checked:
        parts.append(f"{summary.checked:,} checked by a person")
    parts.append(f"{summary.to_look_at:,} flagged")
    if summary.unread:
        parts.append(f"{summary.unread:,} of them unread")
    unflagged = summary.numbers - summary.to_look_at
    expected = (
        f"; expect {_errors_text(summary.expected_errors)} among the {unflagged:,} unflagged" if unflagged else ""
    )
    by_audit = f", by an audit of {audited:,}" if expected and audited else ""
    return ", ".join(parts) + expected + by_audit


def _errors_text(errors: float) -> str:
    if errors < _MIN_STATED_ERRORS:
        return "fewer than 0.1 errors"
    return f"about {errors:.1f} errors" if errors < _MIN_WHOLE_ERRORS else f"about {errors:,.0f} errors"


def _counted_noun(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
