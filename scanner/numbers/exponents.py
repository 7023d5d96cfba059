"""Distinguish exponents from the digits of their base by position and size alone.

The limits depend on what is known at the time:

* before anything is read, a small text line near another must look like an exponent in every respect;
* two digits read one after the other are an exponent and its base even if the exponent is as large as the base, as some
  people write it;
* a digit that is smaller than its neighbour and off its line, above or below, does not continue its number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.numbers.text_lines import TextLine
    from scanner.types import Box

_MIN_LINE_HEIGHT_SHARE = 0.4
"""Minimum character height of a text line that is an exponent, in character heights of its base."""
_MAX_LINE_BOTTOM_SHARE = 0.7
"""Maximum depth of the bottom of a text line that is an exponent, measured from the top of its base, as a share of the
base's height."""
_MAX_LINE_DISTANCE_HEIGHTS = 0.8
"""Maximum distance from the right edge of a base to the middle of a text line that is its exponent, in heights of the
base."""

_MAX_DIGIT_BOTTOM_SHARE = 0.5
"""Maximum depth of the bottom of a digit that is an exponent, measured from the top of the digit before it, as a share
of that digit's height."""

_MIN_OFF_LINE_OFFSET_HEIGHTS = 0.3
"""Minimum vertical distance between the middles of a digit and of an exponent or index, in heights of the taller."""
_MAX_OFF_LINE_HEIGHT_SHARE = 0.8
"""Maximum height of an exponent or index, as a share of the height of the digit beside it."""


def is_exponent_line(base: TextLine, line: TextLine) -> bool:
    """Whether a text line stands to the upper right of another as an exponent does."""
    top, height = base.box.y, base.box.height
    raised = top - height < line.box.y and line.box.bottom <= top + _MAX_LINE_BOTTOM_SHARE * height
    behind = 0 <= line.box.center[0] - base.box.right <= _MAX_LINE_DISTANCE_HEIGHTS * height
    return raised and behind and line.character_height >= _MIN_LINE_HEIGHT_SHARE * base.character_height


def is_exponent_digit(base: Box, digit: Box) -> bool:
    """Whether a digit ends well above the bottom of the digit before it."""
    return digit.bottom < base.y + _MAX_DIGIT_BOTTOM_SHARE * base.height


def is_off_line(left: Box, right: Box) -> bool:
    """Whether one of two neighbouring digits is smaller than the other and raised or lowered: an exponent or index."""
    smaller, taller = sorted((left.height, right.height))
    offset = abs(left.center[1] - right.center[1])
    return smaller < _MAX_OFF_LINE_HEIGHT_SHARE * taller and offset > _MIN_OFF_LINE_OFFSET_HEIGHTS * taller
