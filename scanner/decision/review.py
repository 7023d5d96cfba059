"""Which numbers a person should look at, so that the rest has no more errors than allowed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.types import Number, Opinion, PageResult

DEFAULT_REVIEW_THRESHOLD = 0.9
"""Without a share of errors to keep to, a number less sure than this is for a person to look at."""
LOW_CONFIDENCE = "low confidence"
READERS_DISAGREE = "readers disagree"
CROSSED_OUT = "crossed out"
"""However surely it is read: whether it counts is for a person to say."""
_ERROR_SHARE_TOLERANCE = 1e-12
"""Sums of probabilities are not known better."""


def review_reason(confidence: float, opinions: Iterable[Opinion], threshold: float = DEFAULT_REVIEW_THRESHOLD) -> str:
    """Why a person should look at a number; empty if there is no reason.

    That the readers disagree is in the confidence already: it is the reason
    where that is too low, and none where one is sure enough all the same.

    Args:
        confidence: that the number is right, 0-1.
        opinions: what each reader that was asked says.
        threshold: the least confidence that needs no look.
    """
    if confidence >= threshold:
        return ""
    return (
        READERS_DISAGREE
        if len({"".join(filter(str.isdigit, opinion.text)) for opinion in opinions}) > 1
        else LOW_CONFIDENCE
    )


def review_threshold(confidences: Sequence[float] | NDArray[np.float64], max_error: float) -> float:
    """The confidence from which on numbers need no look.

    The largest set of the surest numbers is taken whose confidences let expect
    no more than that share of errors (Chow, "On optimum recognition error and
    reject tradeoff", 1970).  Numbers of equal confidence share their fate.

    Args:
        confidences: probabilities of being right, 0-1, in any order.
        max_error: share of errors, 0-1.

    Returns:
        The least confidence in the set; above 1 if it is empty.
    """
    values, counts = np.unique(np.asarray(confidences, np.float64), return_counts=True)
    values, counts = values[::-1], counts[::-1]
    errors = np.cumsum((1 - values) * counts) / np.cumsum(counts)
    allowed = np.flatnonzero(errors <= max_error + _ERROR_SHARE_TOLERANCE)
    return float(values[allowed[-1]]) if allowed.size else float(np.nextafter(1, 2))


def review_threshold_of_results(results: Iterable[PageResult], max_error: float) -> float:
    """The confidence from which on the numbers of a run need no look; see ``review_threshold``.

    Of each number eight bytes are held in memory.  One crossed out counts for
    nothing: it is looked at in any case.

    Args:
        results: of a whole run.
        max_error: share of errors among the numbers not flagged, 0-1.
    """
    numbers = (number for result in results for number in result.numbers)
    sure = np.fromiter((number.confidence for number in numbers if not number.crossed_out), np.float64)
    return review_threshold(sure, max_error)


def flag_below_threshold(results: Iterable[PageResult], threshold: float) -> Iterable[PageResult]:
    """Results with their numbers flagged anew, each when it is asked for.

    Args:
        results: of a whole run.
        threshold: the least confidence that needs no look.

    Returns:
        As many times over as ``results`` can be gone through.
    """
    return _FlaggedResults(results, threshold)


def flag_for_max_error(results: Iterable[PageResult], max_error: float) -> Iterable[PageResult]:
    """Flag anew what is not sure enough, all pages taken together; see ``flag_below_threshold``.

    Args:
        results: of a whole run; they are gone through once now, and again each time that what is returned is.
        max_error: share of errors among the numbers not flagged, 0-1.
    """
    return flag_below_threshold(results, review_threshold_of_results(results, max_error))


def expected_unflagged_errors(numbers: Iterable[Number]) -> float:
    """How many of the numbers not flagged are to be expected wrong."""
    return sum(1 - number.confidence for number in numbers if not number.review_reason)


@dataclass(frozen=True, slots=True, eq=False)
class _FlaggedResults:
    # No generator: results are gone through once for each file that is written, and a generator is empty after one.
    results: Iterable[PageResult]
    threshold: float

    def __iter__(self) -> Iterator[PageResult]:
        for result in self.results:
            yield replace(result, numbers=tuple(_flag_number(number, self.threshold) for number in result.numbers))


def _flag_number(number: Number, threshold: float) -> Number:
    if number.crossed_out:
        return replace(number, review_reason=CROSSED_OUT)
    return replace(number, review_reason=review_reason(number.confidence, number.opinions, threshold))
