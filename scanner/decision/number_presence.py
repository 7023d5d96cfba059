"""Whether a number stands in a place at all: what its ink is, and how well it reads, taken together.

Ink that the page network takes for digits is mostly digits; what is not, an S or
a tick, seldom reads as a number with any certainty.  Either alone lets more
through: the two are weighed in a logistic regression.
"""

from __future__ import annotations

import math

_MIN_PROBABILITY = 0.01
"""Shares and confidences count as no nearer to 0 or 1 than this."""
_KIND_SHARE_WEIGHT = 1.43
"""What the odds of the ink's being digits weigh, ..."""
_CONFIDENCE_WEIGHT = 0.60
"""... the odds of the reading's being right, ..."""
_SINGLE_DIGIT_WEIGHT = -0.96
"""... and that it is one digit only: a letter reads as one digit, hardly as three."""
_INTERCEPT = -2.96
"""All four fitted to what was read, rightly or not, on 120 synthesised pages of the validation part."""
PRESENCE_THRESHOLD = 0.4
"""A number is there if it is at least so probable: of 2,105 right readings of those pages this loses 17, and of 254 of
what is no number all but 73."""


def number_presence(kind_share: float, confidence: float, digit_count: int) -> float:
    """Probability that a number stands in a place, 0-1.

    Args:
        kind_share: of its ink that is of the kind wanted, from :func:`scanner.layout.ink_classes.component_class_shares`.
        confidence: of its reading, 0-1.
        digit_count: of its reading, at least 1.
    """
    odds = _KIND_SHARE_WEIGHT * _log_odds(kind_share) + _CONFIDENCE_WEIGHT * _log_odds(confidence) + _INTERCEPT
    return 1 / (1 + math.exp(-(odds + _SINGLE_DIGIT_WEIGHT * (digit_count == 1))))


def _log_odds(probability: float) -> float:
    p = min(max(probability, _MIN_PROBABILITY), 1 - _MIN_PROBABILITY)
    return math.log(p / (1 - p))
