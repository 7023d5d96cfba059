"""In which order numbers are looked through, and what is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.review.review_item import ReviewItem

_DOUBTFUL, _UNREAD, _OTHER = range(3)


@dataclass(frozen=True, slots=True)
class WorkLeft:
    """What is left to look at."""

    total: int
    """Number of numbers."""
    left: int
    """Of these, those that nobody has decided."""
    doubtful: int
    """Of these, those that are doubtful, or were not read."""
    expected_errors: float
    """How many of those that nobody has decided are wrong, by their own confidences."""


def review_order(items: Iterable[ReviewItem]) -> list[ReviewItem]:
    """Numbers in the order in which they are looked through.

    Doubtful ones come first, then places where something is written and nothing was read, then all others; within each
    the least certain first.
    """
    return sorted(items, key=lambda item: (_urgency(item), item.confidence))


def work_left(items: Iterable[ReviewItem]) -> WorkLeft:
    """Count what is left."""
    present = [item for item in items if not item.is_gone]
    left = [item for item in present if not item.is_decided]
    return WorkLeft(
        total=len(present),
        left=len(left),
        doubtful=sum(_urgency(item) != _OTHER for item in left),
        expected_errors=sum(1 - item.confidence for item in left),
    )


def is_doubtful(item: ReviewItem) -> bool:
    """Whether a person has to look at a number."""
    return _urgency(item) != _OTHER


def _urgency(item: ReviewItem) -> int:
    if item.is_unread:
        return _UNREAD
    return _DOUBTFUL if item.reason else _OTHER
