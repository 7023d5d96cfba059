"""Estimate whether there is a number at all, from the class of its ink and the confidence of its reading.

Ink that the page network classifies as digits mostly is; other ink, say an S or a tick, is seldom read as a number with
much confidence.  Either criterion alone accepts more wrong numbers than a logistic regression on both.
"""

from __future__ import annotations

import math

_MIN_PROBABILITY = 0.01
"""Shares and confidences are clamped to this distance from 0 and 1 before their log odds are taken."""
_KIND_SHARE_WEIGHT = 1.43
"""Weight of the log odds that the ink is of the requested kind.  This and the other three coefficients of the
regression were fitted to right and wrong readings of 120 synthetic pages of the validation split."""
_CONFIDENCE_WEIGHT = 0.60
"""Weight of the log odds that the reading is right."""
_SINGLE_DIGIT_WEIGHT = -0.96
"""Added to the log odds of a single digit: a letter may be read as one digit, but hardly as three."""
_INTERCEPT = -2.96
"""Intercept of the regression, log odds."""
PRESENCE_THRESHOLD = 0.4
"""Minimum probability of a number that is reported.  On the pages that the regression was fitted to, it drops 17 of
2,105 right readings, and 181 of 254 readings where there is no number."""


def number_presence(kind_share: float, confidence: float, digit_count: int) -> float:
    """Estimate the probability that there is a number, 0-1.

    Args:
        kind_share: share of its ink that is of the requested kind, 0-1, from
            :func:`scanner.layout.ink_classes.classify_number_kind`.
        confidence: confidence of its reading, 0-1.
        digit_count: number of digits in its reading, at least 1.
    """
    odds = _KIND_SHARE_WEIGHT * _log_odds(kind_share) + _CONFIDENCE_WEIGHT * _log_odds(confidence) + _INTERCEPT
    return 1 / (1 + math.exp(-(odds + _SINGLE_DIGIT_WEIGHT * (digit_count == 1))))


def _log_odds(probability: float) -> float:
    p = min(max(probability, _MIN_PROBABILITY), 1 - _MIN_PROBABILITY)
    return math.log(p / (1 - p))
