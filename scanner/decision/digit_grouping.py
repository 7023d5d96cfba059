"""Digits -> numbers, by position and size, and the rows and columns they stand in."""

from __future__ import annotations

import itertools
import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.recognition.lattice_decoding import ReadDigit


_MAX_PITCH_HEIGHTS = 1.7
"""Middles of neighbouring digits of one number are at most this many heights apart: the pitch of a comb field, less
than from one column of a table to the next. From middle to middle, since a 1 in a box has wide gaps beside it."""

_MAX_PITCH_OVER_POINT_HEIGHTS = 2.6
"""The same where a point or comma stands between them."""

_MIN_DASH_WIDTH_HEIGHTS = 0.4
"""A small piece this many heights wide, and half as wide again as high, is a dash or a minus: it ends a number, which
a point does not."""

_MIN_SAME_HAND_HEIGHT_SHARE = 0.65
"""Neighbours of which the one is lower than this part of the other are print beside handwriting, if they ..."""

_MIN_OTHER_HAND_GAP_HEIGHTS = 0.4
"""... stand more than this many heights of the taller apart; small zeros stand close to their number."""

_MIN_GAP_COUNT = 3
"""By fewer nothing is known of how close the digits of a run stand."""

_MIN_WORD_GAP_HEIGHTS = 0.6
"""Numbers side by side, as words are, stand at least this many heights apart, ..."""

_MIN_WORD_GAP_DIGIT_GAPS = 2.5
"""... and this many times the gap between their digits, ..."""

_WORD_GAP_EXTRA_HEIGHTS = 0.2
"""... and so many heights more: gaps beside a 1 are wide."""

_MIN_RAISED_OFFSET_HEIGHTS = 0.3
"""A smaller digit whose middle lies this many heights off its neighbour's is an exponent or an index ..."""

_MAX_RAISED_HEIGHT_SHARE = 0.8
"""... and smaller is less than this part of the neighbour's height."""

_MAX_EXPONENT_BOTTOM_SHARE = 0.5
"""An exponent ends above this part of the height of the digit before it."""


@dataclass(frozen=True, slots=True)
class DigitGroup:
    """Digits of one number, still in pixels of the straightened page."""

    digits: tuple[ReadDigit, ...]

    @property
    def box(self) -> Box:
        """Around all digits."""
        return Box.around(piece.box for piece in self.digits)

    @property
    def text(self) -> str:
        """The digits as written."""
        return "".join(str(piece.digit) for piece in self.digits)

    @property
    def confidence(self) -> float:
        """Probability that every digit is right, 0-1."""
        return math.prod(piece.confidence for piece in self.digits)


def group_digits(read_digits: Sequence[ReadDigit], punctuation_columns: Sequence[float] = ()) -> tuple[DigitGroup, ...]:
    """Numbers in one run.

    Args:
        read_digits: of the run, from left to right.
        punctuation_columns: columns in which a point or a comma stands that is no piece by itself.
    """
    groups: list[list[ReadDigit]] = []
    current: list[ReadDigit] = []
    point = False
    widest = _max_digit_gap([piece for piece in read_digits if piece.digit is not None])
    for piece in read_digits:
        if piece.is_punctuation and not (current and _is_dash(piece, current[-1])):
            point = True
            continue
        point = point or (
            bool(current) and any(current[-1].box.right <= at < piece.box.x for at in punctuation_columns)
        )
        apart = current and not point and piece.box.x - current[-1].box.right > widest
        if piece.digit is None or apart or (current and not _continues_number(current, piece, point=point)):
            groups.append(current)
            current = []
        if piece.digit is not None:
            current.append(piece)
        point = False
    groups.append(current)
    return tuple(DigitGroup(tuple(group)) for group in groups if group)


def _max_digit_gap(digits: Sequence[ReadDigit]) -> float:
    """Pixels between neighbouring digits of one number, at most, by how close those of a run stand to each other."""
    gaps = [right.box.x - left.box.right for left, right in itertools.pairwise(digits)]
    if len(gaps) < _MIN_GAP_COUNT:
        return math.inf
    height = statistics.median(piece.box.height for piece in digits)
    return max(
        _MIN_WORD_GAP_HEIGHTS * height,
        _MIN_WORD_GAP_DIGIT_GAPS * max(statistics.median(gaps), 0) + _WORD_GAP_EXTRA_HEIGHTS * height,
    )


def _is_dash(piece: ReadDigit, digit: ReadDigit) -> bool:
    return piece.box.width >= max(_MIN_DASH_WIDTH_HEIGHTS * digit.box.height, 1.5 * piece.box.height)


def _continues_number(number: Sequence[ReadDigit], right: ReadDigit, *, point: bool) -> bool:
    """Whether a digit goes on the number to its left."""
    left = number[-1]
    # The tallest so far: a hand that writes small zeros leaves no smaller gaps between them.
    tallest = max(right.box.height, *(piece.box.height for piece in number))
    pitch = right.box.center[0] - left.box.center[0]
    if pitch > (_MAX_PITCH_OVER_POINT_HEIGHTS if point else _MAX_PITCH_HEIGHTS) * tallest:
        return False
    taller, smaller = sorted((left.box.height, right.box.height), reverse=True)
    if (
        smaller < _MIN_SAME_HAND_HEIGHT_SHARE * taller
        and right.box.x - left.box.right > _MIN_OTHER_HAND_GAP_HEIGHTS * taller
    ):
        return False
    raised = abs(left.box.center[1] - right.box.center[1]) > _MIN_RAISED_OFFSET_HEIGHTS * taller
    return not (smaller < _MAX_RAISED_HEIGHT_SHARE * taller and raised)


def is_exponent(base: Box, box: Box) -> bool:
    """Whether a digit behind another stands at its shoulder, well above the line."""
    return box.bottom < base.y + _MAX_EXPONENT_BOTTOM_SHARE * base.height
