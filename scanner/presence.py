"""Whether a number stands in a place at all: what its ink is, and how well it reads, taken together.

Ink that the page network takes for digits is mostly digits; what is not, an S or
a tick, seldom reads as a number with any certainty.  Either alone lets more
through: the two are weighed in a logistic regression.
"""

from __future__ import annotations

import math

_LEAST = 0.01
"""Shares and confidences count as no nearer to 0 or 1 than this."""
_OF_SHARE = 1.43
"""What the odds of the ink's being digits weigh, ..."""
_OF_CONFIDENCE = 0.60
"""... the odds of the reading's being right, ..."""
_OF_ONE_DIGIT = -0.96
"""... and that it is one digit only: a letter reads as one digit, hardly as three."""
_OFFSET = -2.96
"""All four fitted to what was read, rightly or not, on 120 synthesised pages of the validation part."""
PRESENT = 0.4
"""A number is there if it is at least so probable: of 2,105 right readings of those pages this loses 17, and of 254 of
what is no number all but 73."""


def presence(share: float, confidence: float, digits: int) -> float:
    """Probability that a number stands in a place, 0-1.

    Args:
        share: of its ink that is of the kind wanted, from :func:`scanner.kinds.kinds_of`.
        confidence: of its reading, 0-1.
        digits: of its reading, at least 1.
    """
    odds = _OF_SHARE * _log_odds(share) + _OF_CONFIDENCE * _log_odds(confidence) + _OFFSET
    return 1 / (1 + math.exp(-(odds + _OF_ONE_DIGIT * (digits == 1))))


def _log_odds(probability: float) -> float:
    p = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(p / (1 - p))
