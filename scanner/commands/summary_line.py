"""The counts of a batch as one line for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.results.summary import Summary

_MIN_STATED_ERRORS = 0.05
"""Smallest number of errors that is stated; below it one decimal would say that there are none."""
_MIN_WHOLE_ERRORS = 10
"""Smallest number of errors that is stated without decimals: it is an estimate.  A choice."""


def summary_line(summary: Summary) -> str:
    """Say how much was read, how many numbers are flagged, and how many errors are to be expected among the others."""
    parts = [f"{_counted_noun(summary.pages, 'page')} read"]
    if summary.failed:
        parts.append(f"{summary.failed:,} could not be read")
    parts += [_counted_noun(summary.numbers, "number"), f"{summary.to_look_at:,} flagged"]
    if summary.unread:
        parts.append(f"{summary.unread:,} of them unread")
    if summary.checked:
        parts.append(f"{summary.checked:,} checked by people")
    unflagged = summary.numbers - summary.to_look_at
    expected = (
        f"; expect {_errors_text(summary.expected_errors)} among the {unflagged:,} unflagged" if unflagged else ""
    )
    return ", ".join(parts) + expected


def unplaced_line(count: int, path: Path) -> str:
    """Say that there are corrections of files that were not read."""
    what = "1 correction is of a file that is" if count == 1 else f"{count:,} corrections are of files that are"
    return f"{path}: {what} not here, or not the same any more; nothing of it is lost"


def _errors_text(errors: float) -> str:
    if errors < _MIN_STATED_ERRORS:
        return "fewer than 0.1 errors"
    return f"about {errors:.1f} errors" if errors < _MIN_WHOLE_ERRORS else f"about {errors:,.0f} errors"


def _counted_noun(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
