"""The results of a batch in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.types import PageResult


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over the pages of a batch."""

    pages: int = 0
    """Pages that were read."""
    failed: int = 0
    """Pages that could not be read; a file that could not be opened at all counts once."""
    numbers: int = 0
    """Numbers found on the pages that were read, those to look at included."""
    to_look_at: int = 0
    """Numbers with a reason for review, those that could not be read included."""
    unread: int = 0
    """Numbers that were found but could not be read."""
    expected_errors: float = 0.0
    """Expected number of wrong readings among the other numbers."""


def summarize(results: Iterable[PageResult]) -> Summary:
    """Count what was read, in one pass, holding one result at a time."""
    # Imported here because it loads NumPy, which the type alone does not need.
    from scanner.decision.review import expected_unflagged_errors

    pages = failed = numbers = to_look_at = unread = 0
    errors = 0.0
    for result in results:
        if result.error:
            failed += 1
            continue
        pages += 1
        numbers += len(result.numbers)
        to_look_at += count_to_review(result)
        unread += count_unread(result)
        errors += expected_unflagged_errors(result.numbers)
    return Summary(pages, failed, numbers, to_look_at, unread, errors)


def count_to_review(result: PageResult) -> int:
    """Count the numbers of a page that have a reason for review."""
    return sum(bool(number.review_reason) for number in result.numbers)


def count_unread(result: PageResult) -> int:
    """Count the numbers of a page that were found but could not be read."""
    return sum(number.is_unread for number in result.numbers)
