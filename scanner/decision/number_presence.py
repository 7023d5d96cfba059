"""Estimate whether there is a number at all, and decide whether its row shows its reading, nothing, or is left out.

Ink that the page network classifies as digits mostly is; other ink, say an S or a tick, is seldom read as a number with
much confidence.  Either criterion alone accepts more wrong numbers than a logistic regression on both.

In between, a number may well stand there, but its reading cannot be trusted.  It is neither reported nor dropped: a row
without text tells a person to look.
"""

from __future__ import annotations

import math
from enum import Enum
from functools import partial

from scanner.decision.additive_model import clamped_log_odds

_MIN_PROBABILITY = 0.01
"""Shares and confidences are clamped to this distance from 0 and 1 before their log odds are taken."""
_log_odds = partial(clamped_log_odds, margin=_MIN_PROBABILITY)
_KIND_SHARE_WEIGHT = 1.43
"""Weight of the log odds that the ink is of the requested kind.  This and the other three coefficients of the
regression were fitted to right and wrong readings of 120 synthetic pages of the validation split."""
_CONFIDENCE_WEIGHT = 0.60
"""Weight of the log odds that the reading is right."""
_SINGLE_DIGIT_WEIGHT = -0.96
"""Added to the log odds of a single digit: a letter may be read as one digit, but hardly as three."""
_INTERCEPT = -2.96
"""Intercept of the regression, log odds."""
MIN_READING_PRESENCE = 0.4
"""Minimum probability of a number whose reading is reported.  On the pages that the regression was fitted to, it drops
17 of 2,105 right readings, and 181 of 254 readings where there is no number."""
MIN_UNREAD_PRESENCE = 0.25
"""Minimum probability of a number outside cells that is reported as unread.  Below, on 65 real pages, it is the dash of
a printed frame, a cross in a box or part of a signature."""
MIN_UNREAD_PRESENCE_IN_CELL = 0.15
"""Minimum probability of a number in a table cell that is reported as unread.  Ink in a cell is more often a number
than ink elsewhere: of 144 such rows on the same pages, 88 stand on a number."""
MIN_UNREAD_PRESENCE_WITHOUT_DIGITS = 0.8
"""Minimum probability of a number in a table cell that is reported as unread although the readers see no digits, only
the page network does.  Digits written as no reader knows them and those of a page read upside down look like this, and
so do letters of a column of grades: of 123 such rows on the same pages 98 stand on a number, and most others on a
letter."""


class RowContent(Enum):
    """What the row of a located number holds."""

    READING = "reading"
    """The text that was read."""
    UNREAD = "unread"
    """No text: there may be a number, but what was read cannot be trusted."""
    NO_ROW = "no row"
    """There is no row, because there is no number."""


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


def row_content(presence: float, *, has_digits: bool, in_cell: bool) -> RowContent:
    """Decide what the row of a located number holds.

    Args:
        presence: probability that there is a number, 0-1.
        has_digits: whether the readers agreed on digits, and not on there being none.
        in_cell: whether it stands in the cell of a table, or is all of a picture of one number.
    """
    if not has_digits:
        is_number = in_cell and presence >= MIN_UNREAD_PRESENCE_WITHOUT_DIGITS
        return RowContent.UNREAD if is_number else RowContent.NO_ROW
    if presence >= MIN_READING_PRESENCE:
        return RowContent.READING
    is_number = presence >= (MIN_UNREAD_PRESENCE_IN_CELL if in_cell else MIN_UNREAD_PRESENCE)
    return RowContent.UNREAD if is_number else RowContent.NO_ROW
