"""Which numbers a person should look at, so that the rest has no more errors than allowed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.pipeline import LOW_CONFIDENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.types import Number, PageResult

_REASONS = "; "
"""Between the reasons of one number."""
_ROUNDING = 1e-12
"""Sums of probabilities are not known better."""


def threshold_for(confidences: Sequence[float], max_error: float) -> float:
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
    allowed = np.flatnonzero(errors <= max_error + _ROUNDING)
    return float(values[allowed[-1]]) if allowed.size else float(np.nextafter(1, 2))


def apply_max_error(results: Iterable[PageResult], max_error: float) -> list[PageResult]:
    """Flag anew what is not sure enough, all pages taken together.

    A number that asks for review for another reason keeps asking: it counts
    neither among the errors to expect nor among the numbers not flagged.

    Args:
        results: of a whole run.
        max_error: share of errors among the numbers not flagged, 0-1.
    """
    results = list(results)
    open_to_doubt = [n.confidence for r in results for n in r.numbers if not _other_reasons(n)]
    threshold = threshold_for(open_to_doubt, max_error)
    return [replace(r, numbers=tuple(_flagged(n, threshold) for n in r.numbers)) for r in results]


def expected_errors(numbers: Iterable[Number]) -> float:
    """How many of the numbers not flagged are to be expected wrong."""
    return sum(1 - number.confidence for number in numbers if not number.review)


def _other_reasons(number: Number) -> list[str]:
    return [reason for reason in number.review.split(_REASONS) if reason not in {"", LOW_CONFIDENCE}]


def _flagged(number: Number, threshold: float) -> Number:
    unsure = [LOW_CONFIDENCE] if number.confidence < threshold else []
    return replace(number, review=_REASONS.join([*unsure, *_other_reasons(number)]))
