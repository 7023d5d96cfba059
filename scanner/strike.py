"""Ink of a number -> how much speaks for its being crossed out.

A line through a number runs on where digits bend, has much of their ink on both
of its sides, and sticks out of them at both ends.  The bar of a 7, the stem of a
4 and the base of a 2 do one or two of these, not all three.  Lines of one or two
strokes, slashes and crosses are found by following the ink along gently bent
lines of many slopes, as a Hough transform does (Duda & Hart 1972), but asking
for the longest inked stretch rather than for most ink.  A long straight line
may have been taken for a rule and out of the ink: then it goes through the
middle of the number and ends with the writing, which no ruled line does.  What
is scribbled over is not looked for: it looks like a blot, and reads as nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.segments import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.components import Components
    from scanner.segments import Rule
    from scanner.types import Box

    Mask = NDArray[np.uint8]

NONE = -1.0
"""Evidence where nothing speaks for it."""
CERTAIN = 1.0
"""Evidence where there is no doubt."""

_HEIGHT = 32
"""Height of a digit as it is looked at, pixels: strokes are three to six wide, and a line a height long is sure to
a twentieth of its slope."""
_SLOPES = (*np.arange(-0.36, 0.361, 0.06), *(sign * slope for sign in (-1, 1) for slope in (0.48, 0.6, 0.72, 0.84)))
"""Of level lines and slashes through several digits, as tangents."""
_STEEP_SLOPES = (-0.9, -0.75, -0.6, -0.45, -0.3, 0.3, 0.45, 0.6, 0.75, 0.9)
"""Of slashes through one digit, measured from upright; a stem is more upright."""
_BOWS = (-3.0, 0.0, 3.0)
"""Pixels by which the ends of a line bend away from its tangent in the middle."""
_NARROW = 1.6
"""A piece at most so many heights wide may be struck by a steep slash."""
_TRIED = 4
"""Of the lines of all slopes, the longest are looked at: more are the same line, a little turned."""
_LINE = 0.8
"""Heights; shorter lines are parts of digits."""
_SECOND = 0.6
"""A second line, of a pair or a cross, is at least this part of the first one's length."""
_PARALLEL = 0.2
"""Slopes differ less in a pair of lines, and more in a cross."""
_SECOND_COSTS = 0.05
"""Heights more that lines must stick out where it takes two of them."""
_RAGGED = 1.2
"""Pixels on either side of a line that are its ragged edges, when it is taken out."""
_SIDE = 0.17
"""Part of the digits' ink that is on each side of a line through them at least; an underline has it all above."""
_REST = 0.25
"""Part of all ink that is the digits' at least; of a cross or a dash alone nothing is left."""
_TALL = 0.6
"""Heights of what is left across the line at least."""
_ENDS = 0.7
"""Percent of the ink on either end of the digits that may be specks."""
_WIDTHS = (1.0, 1.8)
"""Heights up to which a piece is one digit wide, and two."""
_OUT = (0.2, 0.15, 0.06)
"""Heights by which a line sticks out of one digit, two, and more: the bar of a 7 does so too, and hands that join
their digits give lines of two, but rarely of three."""
_THICK = 6.5
"""In digits lower than this many stroke widths, bars and bends look like lines that stick out ..."""
_THICK_COSTS = 0.1
"""... by so many heights."""
_DOUBTFUL = 0.9
"""A number less sure than this, which a person looks at anyway, ..."""
_RELIEF = 0.1
"""... is crossed out on less evidence, heights: lines through digits make them hard to read."""
_PIECE = (0.5, 0.3)
"""A piece of ink lower or narrower than these parts of the number's height is no digit."""
_LARGEST = (12.0, 3.0)
"""A piece wider or higher than so many heights of the number is none either."""
_OWN = 0.4
"""A piece belongs to a number if this part of its ink is within, or ..."""
_MUCH = 0.25
"""... if it is this part of the number's ink."""
_MIDDLE = (0.2, 0.78)
"""Where a line crosses a number, as parts of its height from the top; a line to write on is lower."""
_COVERED = 0.5
"""Part of the number's width that a line taken for a rule covers."""
_BEYOND = 1.5
"""Heights by which such a line goes beyond the writing in its run, at most; rules of forms and tables go further."""


@dataclass(frozen=True, slots=True)
class _Line:
    """An inked stretch of ``y = level + slope * (x - middle) + bow * ((x - middle) / half)**2``."""

    slope: float
    bow: float
    level: float
    middle: float
    half: float
    begin: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.begin + 1

    def at(self, x: NDArray[np.integer]) -> NDArray[np.float64]:
        """The row at each of these columns."""
        away = np.asarray(x - self.middle, np.float64)
        return self.level + self.slope * away + self.bow * (away / self.half) ** 2


def is_crossed_out(evidence: float, confidence: float) -> bool:
    """Whether a number is crossed out.

    Args:
        evidence: from :func:`strike_through`.
        confidence: that it is read right, 0-1.
    """
    return evidence > (-_RELIEF if confidence < _DOUBTFUL else 0.0)


def strike_through(box: Box, writing: Box, components: Components, rules: Iterable[Rule], stroke_width: float) -> float:
    """How much speaks for a number's being crossed out, as a whole or one of its digits.

    Args:
        box: around its digits, pixels of the straightened page.
        writing: around all that is written in its run.
        components: of the straightened page, without rules.
        rules: of the same page.
        stroke_width: typical, pixels.

    Returns:
        Heights by which a line sticks out more than it needs to, from ``NONE`` to ``CERTAIN``.
    """
    if any(_is_strike(rule, box, writing) for rule in rules):
        return CERTAIN
    pieces = _pieces(box, components)
    return max((_in_piece(ink, min(len(ink), box.height), stroke_width) for ink in pieces), default=NONE)


def _is_strike(rule: Rule, box: Box, writing: Box) -> bool:
    (left, begin), (right, end) = rule.points
    if rule.direction is not Direction.LEVEL or min(right, box.right) - max(left, box.x) < _COVERED * box.width:
        return False
    reach = _BEYOND * box.height
    if left < writing.x - reach or right > writing.right + reach:
        return False
    level = begin + (end - begin) * (box.center[0] - left) / max(right - left, 1)
    return _MIDDLE[0] < (level - box.y) / box.height < _MIDDLE[1]


def _pieces(box: Box, components: Components) -> list[Mask]:
    """The pieces of a number that may be digits, 1 = ink."""
    inside = np.bincount(components.labels[box.y : box.bottom, box.x : box.right].ravel())
    inside[0] = 0
    pieces = []
    for label in np.flatnonzero(inside):
        x, y, width, height = components.boxes[label - 1].tolist()
        own = inside[label] >= _OWN * components.areas[label - 1] or inside[label] >= _MUCH * inside.sum()
        low, narrow = (part * box.height for part in _PIECE)
        wide, high = (heights * box.height for heights in _LARGEST)
        if own and low <= height <= high and narrow <= width <= wide:
            pieces.append((components.labels[y : y + height, x : x + width] == label).astype(np.uint8))
    return pieces


def _in_piece(piece: Mask, height: float, stroke_width: float) -> float:
    scale = _HEIGHT / height
    stroke = max(stroke_width * scale, 1.5)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown = cv2.resize(piece * np.uint8(255), None, fx=scale, fy=scale, interpolation=way)
    ink = np.pad((shown >= 128).astype(np.uint8), 2)
    across = piece.shape[1] / height
    ways = [(ink, _SLOPES)]
    if across <= _NARROW:
        ways.append((np.ascontiguousarray(ink.T), _STEEP_SLOPES))
    out = max(_sticks_out(image, slopes, stroke) for image, slopes in ways)
    needed = _OUT[sum(across >= limit for limit in _WIDTHS)]
    if height < _THICK * stroke_width:
        needed += _THICK_COSTS
    return float(np.clip(out - needed, NONE, CERTAIN))


def _sticks_out(ink: Mask, slopes: Sequence[float], stroke: float) -> float:
    """Heights by which a line of one of these slopes, or two, sticks out of digits at least; ``NONE`` without any."""
    lines = [line for line in _longest(ink, slopes)[:_TRIED] if line.length >= _LINE * _HEIGHT]
    if not lines:
        return NONE
    found = [_out_of_rest(ink, (line,), stroke) for line in lines]
    first = lines[0]
    erased = np.where(_band(first, ink.shape, stroke), np.uint8(0), ink)
    # A second line was cut where the first one crosses it.
    bridged = cv2.morphologyEx(erased, cv2.MORPH_CLOSE, np.ones((1, max(round(2 * stroke), 3)), np.uint8))
    second = _longest(np.asarray(bridged, np.uint8), slopes)[0]
    if second.length >= _SECOND * first.length:
        found.append(_out_of_rest(ink, (first, second), stroke) - _SECOND_COSTS)
    return max(found)


def _longest(ink: Mask, slopes: Sequence[float]) -> list[_Line]:
    """The longest inked line of each slope, longest first."""
    height, width = ink.shape
    # A line wavers by a pixel, and noise leaves gaps of one.
    wide = cv2.morphologyEx(cv2.dilate(ink, np.ones((3, 1), np.uint8)), cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    middle, half = (width - 1) / 2, width / 2
    away = np.arange(width) - middle
    shapes = np.array(list(product(slopes, _BOWS)))
    shifts = np.rint(shapes[:, :1] * away + shapes[:, 1:] * (away / half) ** 2).astype(np.int64)
    margin = int(np.abs(shifts).max())
    padded = np.pad(wide, ((margin, margin), (0, 0)))
    rows = np.arange(height)[None, :, None] + margin + shifts[:, None, :]
    inked = padded[rows, np.arange(width)] > 0
    lengths, ends = _runs(inked)
    lines = []
    for first in range(0, len(shapes), len(_BOWS)):
        index = first + int(lengths[first : first + len(_BOWS)].max(axis=1).argmax())
        best = int(lengths[index].argmax())
        length, end = int(lengths[index, best]), int(ends[index, best])
        # All rows of a thick line are as long: its middle is meant.
        alike = np.flatnonzero(lengths[index] >= length - 1)
        level = float(alike[np.abs(alike - best) <= _HEIGHT // 4].mean())
        slope, bow = shapes[index].tolist()
        lines.append(_Line(slope, bow, level, middle, half, end - length + 1, end))
    return sorted(lines, key=lambda line: -line.length)


def _runs(inked: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Length and last column of the longest run along the last axis."""
    run = np.zeros(inked.shape[:-1], np.int64)
    longest, ends = np.zeros_like(run), np.zeros_like(run)
    for column in range(inked.shape[-1]):
        run = np.where(inked[..., column], run + 1, 0)
        longer = run > longest
        longest[longer] = run[longer]
        ends[longer] = column
    return longest, ends


def _band(line: _Line, shape: tuple[int, ...], stroke: float) -> NDArray[np.bool_]:
    """The pixels of a line as thick as a stroke."""
    columns = np.arange(shape[1])
    reach = stroke / 2 * np.hypot(1, line.slope) + _RAGGED
    band: NDArray[np.bool_] = np.abs(np.arange(shape[0])[:, None] - line.at(columns)) <= reach
    band[:, (columns < line.begin - 2) | (columns > line.end + 2)] = False
    return band


def _out_of_rest(ink: Mask, lines: Sequence[_Line], stroke: float) -> float:
    """Heights by which the first of the lines sticks out of what is left without them, at the end where it does less.

    ``NONE`` if what is left are no digits on both of its sides.
    """
    rest = _without_specks(np.where(_bands(lines, ink.shape, stroke), np.uint8(0), ink), stroke)
    y, x = np.nonzero(rest)
    if len(y) < max(_REST * ink.sum(), 1):
        return NONE
    line = lines[0]
    alike = [other for other in lines if abs(other.slope - line.slope) < _PARALLEL]
    above = float(np.mean(y < np.mean([other.at(x) for other in alike], axis=0)))
    along = np.array([1, line.slope]) / np.hypot(1, line.slope)
    if min(above, 1 - above) < _SIDE or np.ptp(y * along[0] - x * along[1]) < _TALL * _HEIGHT:
        return NONE
    ends = np.array([line.begin, line.end])
    begin, end = ends * along[0] + line.at(ends) * along[1]
    low, high = np.percentile(x * along[0] + y * along[1], [_ENDS, 100 - _ENDS])
    return float(min(low - begin, end - high)) / _HEIGHT


def _bands(lines: Sequence[_Line], shape: tuple[int, ...], stroke: float) -> NDArray[np.bool_]:
    bands: NDArray[np.bool_] = np.any([_band(line, shape, stroke) for line in lines], axis=0)
    return bands


def _without_specks(ink: Mask, stroke: float) -> NDArray[np.bool_]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= max(0.8 * stroke**2, 3)
    large[0] = False
    kept: NDArray[np.bool_] = large[labels]
    return kept
