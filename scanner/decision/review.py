"""Choose which numbers a person should check, so that the others contain no more errors than allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.types import Number, Opinion, PageResult

DEFAULT_REVIEW_THRESHOLD = 0.9
"""Minimum confidence of a number that needs no review, unless a maximum share of errors is given."""
LOW_CONFIDENCE = "low confidence"
"""Review reason of a number whose confidence is below the threshold."""
READERS_DISAGREE = "readers disagree"
"""Review reason of a number whose confidence is below the threshold and whose readers read different digits."""
CROSSED_OUT = "crossed out"
"""Review reason of every crossed-out number, whatever its confidence: a person must decide whether it counts."""
SEVERAL_IN_CELL = "several in one cell"
"""Review reason of every number that stands in one cell of a ruled table with another: a correction, or a word."""
SEVERAL_PARTS = "several parts"
"""Review reason of every number whose digits stand in parts, with gaps between them: a date, or several numbers."""
UNREAD = "unread"
"""Review reason of every number that was found but could not be read, whatever else is known of it."""
_ERROR_SHARE_TOLERANCE = 1e-12
"""Tolerance when an expected share of errors is compared with the allowed one, for rounding in the sums."""


def review_reason(confidence: float, opinions: Iterable[Opinion], threshold: float = DEFAULT_REVIEW_THRESHOLD) -> str:
    """Say why a person should check a number; empty if there is no reason.

    A disagreement of the readers has already lowered the confidence, so it is a reason only if the confidence is below
    the threshold.

    Args:
        confidence: probability that the number is right, 0-1.
        opinions: opinions of the readers that were asked.
        threshold: minimum confidence that needs no review.
    """
    if confidence >= threshold:
        return ""
    readings = {"".join(filter(str.isdigit, opinion.text)) for opinion in opinions}
    return READERS_DISAGREE if len(readings) > 1 else LOW_CONFIDENCE


def percent_text(confidence: float) -> str:
    """Write a confidence in percent, for people.

    It is rounded down, so that nothing looks surer than it is, and has a decimal within a percent of the threshold for
    review: a number below 90 % never reads "90%".

    Args:
        confidence: a probability, 0-1.
    """
    # What is a whole number of tenths of a percent may lie a little below it as a float.
    tenths = math.floor(confidence * 1000 + 1e-9)
    if tenths % 10 and abs(tenths - DEFAULT_REVIEW_THRESHOLD * 1000) < 10:
        return f"{tenths / 10:.1f}%"
    return f"{tenths // 10}%"


def review_threshold(confidences: Sequence[float] | NDArray[np.float64], max_error: float) -> float:
    """Find the lowest confidence threshold that keeps the expected share of errors within ``max_error``.

    The most confident numbers are taken, as many as the limit allows (Chow, "On optimum recognition error and reject
    tradeoff", 1970).  Numbers of equal confidence are taken together or not at all.

    Args:
        confidences: probabilities of being right, 0-1, in any order.
        max_error: maximum expected share of errors, 0-1.

    Returns:
        Minimum confidence that needs no review; above 1 if every number needs one.
    """
    values, counts = np.unique(np.asarray(confidences, np.float64), return_counts=True)
    values, counts = values[::-1], counts[::-1]
    error_shares = np.cumsum((1 - values) * counts) / np.cumsum(counts)
    allowed = np.flatnonzero(error_shares <= max_error + _ERROR_SHARE_TOLERANCE)
    return float(values[allowed[-1]]) if allowed.size else float(np.nextafter(1, 2))


def review_threshold_of_results(results: Iterable[PageResult], max_error: float) -> float:
    """Find the threshold for the numbers of a whole batch; see :func:`review_threshold`.

    Eight bytes of memory are used per number.  Numbers with a reason that no threshold changes, such as those that are
    crossed out or could not be read, are left out, since they are reviewed in any case.

    Args:
        results: results of the whole batch.
        max_error: maximum expected share of errors among the numbers not flagged, 0-1.
    """
    numbers = (number for result in results for number in result.numbers)
    counted = np.fromiter((number.confidence for number in numbers if not _fixed_reason(number)), np.float64)
    return review_threshold(counted, max_error)


def flag_below_threshold(results: Iterable[PageResult], threshold: float) -> Iterable[PageResult]:
    """Flag numbers anew by a threshold, each page only when it is asked for.

    Args:
        results: results of the whole batch.
        threshold: minimum confidence that needs no review.

    Returns:
        The results with new review reasons, which can be iterated as often as ``results`` can.
    """
    return _FlaggedResults(results, threshold)


def flag_number(number: Number, threshold: float = DEFAULT_REVIEW_THRESHOLD) -> Number:
    """Flag a number anew by a threshold.

    Args:
        number: the number; a review reason that no threshold changes is kept, and what a person decided is not flagged.
        threshold: minimum confidence that needs no review.
    """
    if number.checked:
        return number
    reason = _fixed_reason(number) or review_reason(number.confidence, number.opinions, threshold)
    return replace(number, review_reason=reason)


def flag_for_max_error(results: Iterable[PageResult], max_error: float) -> Iterable[PageResult]:
    """Flag numbers anew by a maximum share of errors over all pages; see :func:`flag_below_threshold`.

    Args:
        results: results of the whole batch.  They are iterated once now, and again whenever the returned ones are.
        max_error: maximum expected share of errors among the numbers not flagged, 0-1.
    """
    return flag_below_threshold(results, review_threshold_of_results(results, max_error))


def expected_unflagged_errors(numbers: Iterable[Number]) -> float:
    """Expected number of errors among the numbers that are not flagged."""
    return sum(1 - number.confidence for number in numbers if not number.review_reason)


@dataclass(frozen=True, slots=True, eq=False)
class _FlaggedResults:
    # Not a generator: results are iterated once for each file that is written, and a generator is empty after one.
    results: Iterable[PageResult]
    threshold: float

    def __iter__(self) -> Iterator[PageResult]:
        for result in self.results:
            yield replace(result, numbers=tuple(flag_number(number, self.threshold) for number in result.numbers))


def _fixed_reason(number: Number) -> str:
    """Review reason that no threshold changes; empty if there is none."""
    if number.is_unread:
        return UNREAD
    if number.crossed_out:
        return CROSSED_OUT
    return number.review_reason if number.review_reason not in {LOW_CONFIDENCE, READERS_DISAGREE} else ""
