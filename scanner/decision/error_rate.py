"""What a count of errors says about all numbers: how far off its share may be, and whether as many were expected."""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LEVEL = 0.95
"""Share of audits whose interval holds the true share, at least."""
_HALVINGS = 60
"""Halvings of 0-1 until a float does not change any more."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A share and how far it may be from the true one."""

    low: float
    share: float
    high: float


@dataclass(frozen=True, slots=True)
class Surprise:
    """How often chance alone would give as many errors, or as few, if all confidences held."""

    at_most: float
    """Probability of no more errors than were found."""
    at_least: float
    """Probability of no fewer."""


def error_interval(errors: int, total: int) -> Interval:
    """The share of errors with its 95 % interval after Clopper and Pearson.

    Theirs, and not Wilson's, because people sign for it: it holds the true share in at least 95 of 100 audits, whatever
    that share is.  Wilson's is shorter, and at shares below a hundredth, which are those that matter here, holds it
    less often.  If the numbers that were looked at are many among all there are, it is longer than it need be.

    Args:
        errors: how many were wrong.
        total: how many were looked at; if none were, nothing is known.

    Raises:
        ValueError: if there are fewer than no errors, or more than numbers.
    """
    if not 0 <= errors <= total:
        raise ValueError("there cannot be more errors than numbers")
    if not total:
        return Interval(0.0, 0.0, 1.0)
    tail = (1 - _LEVEL) / 2
    low = _root(lambda share: 1 - _at_most(errors - 1, total, share) < tail) if errors else 0.0
    high = _root(lambda share: _at_most(errors, total, share) > tail) if errors < total else 1.0
    return Interval(low, errors / total, high)


def surprise(error_probabilities: Sequence[float], errors: int) -> Surprise:
    """Compare the errors that were found with the probability of each number to be wrong.

    The number of errors has the Poisson binomial distribution, which is added up exactly.

    Args:
        error_probabilities: of each number that was looked at, 0-1.
        errors: how many of these were wrong.
    """
    # Only the counts up to that which was found are needed: all others are what is left of 1.
    counts = np.zeros(errors + 1)
    counts[0] = 1.0
    for probability in error_probabilities:
        counts[1:] = counts[1:] * (1 - probability) + counts[:-1] * probability
        counts[0] *= 1 - probability
    fewer = float(counts[:-1].sum())
    return Surprise(at_most=min(1.0, fewer + float(counts[-1])), at_least=max(0.0, 1 - fewer))


def numbers_to_show(target: float) -> int:
    """How many numbers without an error it takes to show, at 95 %, that no larger share than this is wrong."""
    return int(np.ceil(np.log((1 - _LEVEL) / 2) / np.log1p(-target)))


def _at_most(errors: int, total: int, share: float) -> float:
    """Probability of at most so many errors, if this is the probability of each, strictly between 0 and 1."""
    counts = np.arange(errors + 1)
    ways = np.array([lgamma(total + 1) - lgamma(count + 1) - lgamma(total - count + 1) for count in range(errors + 1)])
    logs = ways + counts * np.log(share) + (total - counts) * np.log1p(-share)
    return float(np.exp(logs).sum())


def _root(is_below: Callable[[float], bool]) -> float:
    """Where a condition that holds for small shares ceases to hold."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if is_below(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2
