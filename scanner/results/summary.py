"""What a run came to, in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.decision.review import expected_unflagged_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.types import PageResult


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run came to."""

    pages: int = 0
    """Pages read."""
    failed: int = 0
    """Pages, or files that could not be opened at all, that could not be read."""
    numbers: int = 0
    """On the pages read, those to look at included."""
    to_look_at: int = 0
    """Numbers with a reason to look at them."""
    expected_errors: float = 0.0
    """How many of the other numbers are to be expected wrong."""


def summarize(results: Iterable[PageResult]) -> Summary:
    """Count what was read, in one pass, holding one result at a time."""
    pages = failed = numbers = to_look_at = 0
    errors = 0.0
    for result in results:
        if result.error:
            failed += 1
            continue
        pages += 1
        numbers += len(result.numbers)
        to_look_at += sum(bool(number.review_reason) for number in result.numbers)
        errors += expected_unflagged_errors(result.numbers)
    return Summary(pages, failed, numbers, to_look_at, errors)
