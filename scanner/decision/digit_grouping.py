"""Group the digits read along a text line into numbers, by position and size."""

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
"""Maximum distance between the middles of neighbouring digits of one number, in heights of its tallest digit: the pitch
of a comb field, less than the pitch of a table's columns.  Gaps are no measure of this, since a 1 in a box has wide
gaps beside it."""

_MAX_PITCH_OVER_POINT_HEIGHTS = 2.6
"""Maximum distance if there is a point or comma between the digits, in the same heights."""

_MIN_DASH_WIDTH_HEIGHTS = 0.4
"""Minimum width of a dash, in heights of the digit before it.  A dash ends a number, which a point does not."""

_MIN_DASH_ASPECT_RATIO = 1.5
"""Minimum width of a dash, in its own heights."""

_MIN_SAME_HAND_HEIGHT_SHARE = 0.65
"""Minimum height of a digit, as a share of its neighbour's, for both to be by the same hand.  A lower one may be print
beside handwriting."""

_MIN_OTHER_HAND_GAP_HEIGHTS = 0.4
"""Minimum gap between two numbers in different hands, in heights of the taller digit.  The small zeros of an amount
stand closer to their number."""

_MIN_GAP_COUNT = 3
"""Minimum number of gaps on a text line from which to estimate how close its digits stand."""

_MIN_WORD_GAP_HEIGHTS = 0.6
"""Minimum gap between two numbers side by side, in digit heights."""

_MIN_WORD_GAP_DIGIT_GAPS = 2.5
"""Minimum gap between two numbers side by side, as a multiple of the gap between their digits."""

_WORD_GAP_EXTRA_HEIGHTS = 0.2
"""Width added to that multiple of the digit gap, in digit heights, since gaps beside a 1 are wide."""


@dataclass(frozen=True, slots=True)
class DigitGroup:
    """The digits of one number, left to right."""

    digits: tuple[ReadDigit, ...]

    @property
    def box(self) -> Box:
        """Around all digits, pixels of the rectified page."""
        return Box.around(digit.box for digit in self.digits)


def group_digits(read_digits: Sequence[ReadDigit], punctuation_columns: Sequence[float] = ()) -> tuple[DigitGroup, ...]:
    """Group the digits of a text line into numbers.

    Args:
        read_digits: what was read along the text line, from left to right.
        punctuation_columns: columns of points and commas that are not among ``read_digits``, pixels of the rectified
            page.

    Returns:
        The numbers, from left to right, each with at least one digit.
    """
    groups: list[list[ReadDigit]] = []
    current: list[ReadDigit] = []
    after_point = False
    max_gap = _max_digit_gap([read for read in read_digits if read.digit is not None])
    for read in read_digits:
        if read.is_punctuation and not (current and _is_dash(read, current[-1])):
            after_point = True
            continue
        after_point = after_point or (
            bool(current) and any(current[-1].box.right <= column < read.box.x for column in punctuation_columns)
        )
        is_apart = current and not after_point and read.box.x - current[-1].box.right > max_gap
        if (
            read.digit is None
            or is_apart
            or (current and not _continues_number(current, read, after_point=after_point))
        ):
            groups.append(current)
            current = []
        if read.digit is not None:
            current.append(read)
        after_point = False
    groups.append(current)
    return tuple(DigitGroup(tuple(group)) for group in groups if group)


def _max_digit_gap(digits: Sequence[ReadDigit]) -> float:
    """Estimate the maximum gap between digits of one number, pixels, from the gaps on the text line."""
    gaps = [right.box.x - left.box.right for left, right in itertools.pairwise(digits)]
    if len(gaps) < _MIN_GAP_COUNT:
        return math.inf
    height = statistics.median(digit.box.height for digit in digits)
    return max(
        _MIN_WORD_GAP_HEIGHTS * height,
        _MIN_WORD_GAP_DIGIT_GAPS * max(statistics.median(gaps), 0) + _WORD_GAP_EXTRA_HEIGHTS * height,
    )


def _is_dash(mark: ReadDigit, digit: ReadDigit) -> bool:
    return mark.box.width >= max(_MIN_DASH_WIDTH_HEIGHTS * digit.box.height, _MIN_DASH_ASPECT_RATIO * mark.box.height)


def _continues_number(number: Sequence[ReadDigit], right: ReadDigit, *, after_point: bool) -> bool:
    """Whether a digit continues the number to its left."""
    left = number[-1]
    # The tallest so far: a hand that writes small zeros leaves no smaller gaps between them.
    tallest = max(right.box.height, *(digit.box.height for digit in number))
    pitch = right.box.center[0] - left.box.center[0]
    if pitch > (_MAX_PITCH_OVER_POINT_HEIGHTS if after_point else _MAX_PITCH_HEIGHTS) * tallest:
        return False
    taller, smaller = sorted((left.box.height, right.box.height), reverse=True)
    gap = right.box.x - left.box.right
    return smaller >= _MIN_SAME_HAND_HEIGHT_SHARE * taller or gap <= _MIN_OTHER_HAND_GAP_HEIGHTS * taller
