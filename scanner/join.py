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

    from scanner.decode import Piece

_PITCH = 1.7
"""Middles of neighbouring digits of one number are at most this many heights apart: the pitch of a comb field, less
than from one column of a table to the next. From middle to middle, since a 1 in a box has wide gaps beside it."""
_PITCH_OVER_POINT = 2.6
"""The same where a point or comma stands between them."""
_DASH = 0.4
"""A small piece this many heights wide, and half as wide again as high, is a dash or a minus: it ends a number, which
a point does not."""
_OTHER_HAND = 0.65
"""Neighbours of which the one is lower than this part of the other are print beside handwriting, if they ..."""
_OTHER_GAP = 0.4
"""... stand more than this many heights of the taller apart; small zeros stand close to their number."""
_FEWEST_GAPS = 3
"""By fewer nothing is known of how close the digits of a run stand."""
_WORD_GAP = 0.6
"""Numbers side by side, as words are, stand at least this many heights apart, ..."""
_WORD_GAPS = 2.5
"""... and this many times the gap between their digits, ..."""
_UNEVEN = 0.2
"""... and so many heights more: gaps beside a 1 are wide."""
_RAISED = 0.3
"""A smaller digit whose middle lies this many heights off its neighbour's is an exponent or an index ..."""
_SMALLER = 0.8
"""... and smaller is less than this part of the neighbour's height."""
_SHOULDER = 0.5
"""An exponent ends above this part of the height of the digit before it."""
_SAME_ROW = 0.35
"""Two numbers are in one row if this part of the lower one's height lies beside the other."""


@dataclass(frozen=True, slots=True)
class Group:
    """Digits of one number, still in pixels of the straightened page."""

    digits: tuple[Piece, ...]

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


def join_digits(pieces: Sequence[Piece], points: Sequence[float] = ()) -> tuple[Group, ...]:
    """Numbers in one run.

    Args:
        pieces: of the run, from left to right.
        points: columns in which a point or a comma stands that is no piece by itself.
    """
    groups: list[list[Piece]] = []
    current: list[Piece] = []
    point = False
    widest = _widest_gap([piece for piece in pieces if piece.digit is not None])
    for piece in pieces:
        if piece.small and not (current and _is_dash(piece, current[-1])):
            point = True
            continue
        point = point or (bool(current) and any(current[-1].box.right <= at < piece.box.x for at in points))
        apart = current and not point and piece.box.x - current[-1].box.right > widest
        if piece.digit is None or apart or (current and not _belong(current, piece, point=point)):
            groups.append(current)
            current = []
        if piece.digit is not None:
            current.append(piece)
        point = False
    groups.append(current)
    return tuple(Group(tuple(group)) for group in groups if group)


@dataclass(frozen=True, slots=True)
class InRow:
    """Where a number stands among the others of the page."""

    index: int
    """Of its box."""
    row: int
    """From 1."""
    column: int
    """From 1."""


def in_rows(boxes: Sequence[Box]) -> tuple[InRow, ...]:
    """Number rows and columns and sort into reading order.

    A number goes into the row whose last number lies most beside it: rows may
    climb or sag across the page, only neighbours must overlap.
    """
    rows: list[list[int]] = []
    for index in sorted(range(len(boxes)), key=boxes.__getitem__):
        beside = [_beside(boxes[row[-1]], boxes[index]) for row in rows]
        best = max(range(len(rows)), key=beside.__getitem__, default=None)
        if best is not None and beside[best] >= _SAME_ROW:
            rows[best].append(index)
        else:
            rows.append([index])
    rows.sort(key=lambda row: sum(boxes[index].center[1] for index in row) / len(row))
    return tuple(
        InRow(index, row_number, column)
        for row_number, row in enumerate(rows, 1)
        for column, index in enumerate(row, 1)
    )


def _widest_gap(digits: Sequence[Piece]) -> float:
    """Pixels between neighbouring digits of one number, at most, by how close those of a run stand to each other."""
    gaps = [right.box.x - left.box.right for left, right in itertools.pairwise(digits)]
    if len(gaps) < _FEWEST_GAPS:
        return math.inf
    height = statistics.median(piece.box.height for piece in digits)
    return max(_WORD_GAP * height, _WORD_GAPS * max(statistics.median(gaps), 0) + _UNEVEN * height)


def _is_dash(piece: Piece, digit: Piece) -> bool:
    return piece.box.width >= max(_DASH * digit.box.height, 1.5 * piece.box.height)


def _belong(number: Sequence[Piece], right: Piece, *, point: bool) -> bool:
    """Whether a digit goes on the number to its left."""
    left = number[-1]
    # The tallest so far: a hand that writes small zeros leaves no smaller gaps between them.
    tallest = max(right.box.height, *(piece.box.height for piece in number))
    pitch = right.box.center[0] - left.box.center[0]
    if pitch > (_PITCH_OVER_POINT if point else _PITCH) * tallest:
        return False
    taller, smaller = sorted((left.box.height, right.box.height), reverse=True)
    if smaller < _OTHER_HAND * taller and right.box.x - left.box.right > _OTHER_GAP * taller:
        return False
    raised = abs(left.box.center[1] - right.box.center[1]) > _RAISED * taller
    return not (smaller < _SMALLER * taller and raised)


def is_exponent(base: Box, box: Box) -> bool:
    """Whether a digit behind another stands at its shoulder, well above the line."""
    return box.bottom < base.y + _SHOULDER * base.height


def _beside(a: Box, b: Box) -> float:
    """Part of the lower box's height that lies beside the other."""
    shared = min(a.bottom, b.bottom) - max(a.y, b.y)
    return shared / min(a.height, b.height)
