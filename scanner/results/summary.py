"""The results of a batch in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import reduce
from operator import attrgetter
from typing import TYPE_CHECKING

from scanner.types import PICTURE_KIND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.types import Number, PageResult


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over the pages of a batch."""

    pages: int = 0
    """Pages that were read."""
    failed: int = 0
    """Pages that could not be read; a file that could not be opened at all counts once."""
    numbers: int = 0
    """Numbers found on the pages that were read, those to look at included.  Form fields that are empty, or
    pictures, are none, unless a person should look at them."""
    to_look_at: int = 0
    """Numbers with a reason for review, those that could not be read included."""
    unread: int = 0
    """Numbers that were found but could not be read."""
    expected_errors: float = 0.0
    """Expected number of wrong readings among the other numbers."""
    checked: int = 0
    """Numbers that a person has decided on."""


_COUNTS = attrgetter(*(field.name for field in fields(Summary)))


def summarize(results: Iterable[PageResult]) -> Summary:
    """Count what was read, in one pass, holding one result at a time."""
    return reduce(add_page, results, Summary())


def add_page(summary: Summary, result: PageResult) -> Summary:
    """Return the counts with those of one more page."""
    # Imported here because it loads NumPy, which the type alone does not need.
    from scanner.decision.review import expected_unflagged_errors

    if result.error:
        return replace(summary, failed=summary.failed + 1)
    numbers = numbers_to_count(result)
    return Summary(
        pages=summary.pages + 1,
        failed=summary.failed,
        numbers=summary.numbers + len(numbers),
        to_look_at=summary.to_look_at + count_to_review(result),
        unread=summary.unread + count_unread(result),
        checked=summary.checked + sum(bool(number.checked) for number in numbers),
        expected_errors=summary.expected_errors + expected_unflagged_errors(numbers),
    )


def add_up(summaries: Iterable[Summary]) -> Summary:
    """Return the counts of all pages together, of those of some of them each."""
    columns = zip(*map(_COUNTS, summaries), strict=True)
    return Summary(*map(sum, columns))


def numbers_to_count(result: PageResult) -> tuple[Number, ...]:
    """Return the numbers of a page without the form fields that hold none, unless a person should look at them."""
    return tuple(
        number
        for number in result.numbers
        if number.review_reason or not (number.is_empty or number.kind == PICTURE_KIND)
    )


def count_to_review(result: PageResult) -> int:
    """Count the numbers of a page that have a reason for review."""
    return sum(bool(number.review_reason) for number in result.numbers)


def count_unread(result: PageResult) -> int:
    """Count the numbers of a page that were found but could not be read."""
    return sum(number.is_unread for number in result.numbers)
