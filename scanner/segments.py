"""Pieces of straight lines in the ink -> the segments they are pieces of."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.components import Pieces
    from scanner.types import Image

_LONG = 2.5
"""Of two pieces of one line, one is at least this many character heights long: stems below each other and serifs side
by side lie on one line as well, ..."""
_CRACK = 0.6
"""... but not as near to each other as this many stroke widths."""
_WHITE_GAP = 4.0
"""Stroke widths of clean paper that two pieces of one line may have between them."""
_INKED_GAP = 4.0
"""Character heights between two pieces of one line of which noise has left only dots ..."""
_DOTS = 0.2
"""... in at least this part of the columns between."""
_HIDDEN = 1.5
"""Stroke widths around dark writing in which a pale line is not seen: it goes on beneath it, ..."""
_SEEN = 0.2
"""... if its two ends are hidden, and at most this part of the way between the strokes is clean, ..."""
_ROWS = 10.0
"""... and another line runs past the place, at most so many character heights off: names stand between the lines of
two fields."""
_ASIDE = 1.0
"""Pixels, above half a line's thickness, by which a piece of it may lie off its continuation: scanned lines waver."""
_WAVERING = 0.7
"""Standard deviation, pixels, of a ruled line's middle about a straight line; ..."""
BOW = 0.002
"""... a long one may besides be bent by so much of its length.  Strokes of the pen are bent more."""
_CLIPPINGS = 3
"""Times the line is fitted again without the pixels ..."""
_CLIP = 2.0
"""... further off than so many standard deviations, and half a pixel: strokes that run into it.  All of a bar lies
within 1.73."""
_OWN = 0.6
"""A piece of a rule has at least this part of its pixels left then."""
TOUCH = 2.0
"""Pixels between the edge of a rule and the end of one that leads to it, at most: the pen misses it by more."""


class Direction(enum.Enum):
    """Which way a rule runs on the straightened page, give or take a few degrees."""

    LEVEL = "level"
    UPRIGHT = "upright"


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight ruled line.

    "Along" is x for a level rule and y for an upright one; "across" is the other.
    All in pixels of the straightened page.
    """

    direction: Direction
    begin: float
    """Where it begins, along."""
    end: float
    """Where it ends, along; greater than ``begin``."""
    at_begin: float
    """Its middle at its beginning, across."""
    at_end: float
    """Its middle at its end, across."""
    thickness: float

    @property
    def length(self) -> float:
        """Pixels, along."""
        return self.end - self.begin

    @property
    def slope(self) -> float:
        """Across per along: 0 is exactly level or upright."""
        return (self.at_end - self.at_begin) / self.length

    def at(self, along: float) -> float:
        """Where its middle, or its continuation's, is across."""
        return self.at_begin + self.slope * (along - self.begin)

    @property
    def points(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Its ends as (x, y)."""
        if self.direction is Direction.LEVEL:
            return (self.begin, self.at_begin), (self.end, self.at_end)
        return (self.at_begin, self.begin), (self.at_end, self.end)


@dataclass(frozen=True, slots=True)
class Segment:
    """A line and the pieces of ink it was put together from."""

    rule: Rule
    pieces: tuple[int, ...]
    """Indices into the pieces of the mask of lines."""
    whole: bool = True
    """Whether its ink is that of one piece, with nothing of it between or beyond."""


def fit_pieces(pieces: Pieces, direction: Direction, first: int = 0) -> tuple[Segment, ...]:
    """Fit a straight line to each piece by least squares, without what lies off it.

    Args:
        pieces: of a mask of lines of one direction.
        direction: of those lines.
        first: index that the segments give the first piece.

    Returns:
        One segment for each piece that is straight, by its beginning.
    """
    if not len(pieces):
        return ()
    own = pieces.own
    u, v = (pieces.columns, pieces.rows) if direction is Direction.LEVEL else (pieces.rows, pieces.columns)
    moments = _moments(own, u, v, len(pieces))
    for _ in range(_CLIPPINGS):
        aside = np.abs(v - moments.at(u, own))
        near = aside <= (_CLIP * np.sqrt(moments.spread) + 0.5)[own]
        clipped = np.bincount(own[~near], minlength=len(pieces)) > 0
        # A piece that lost nothing will not lose anything again: most are like that.
        near &= clipped[own]
        own, u, v = own[near], u[near], v[near]
        moments = moments.replaced(clipped, _moments(own, u, v, len(pieces)))
    side = 0 if direction is Direction.LEVEL else 1
    begin = pieces.boxes[:, side].astype(float)
    length = pieces.boxes[:, 2 + side].astype(float)
    thickness = moments.count / length
    # Of a straight bar: that of its thickness, and of the rounding to whole pixels.
    least = (thickness**2 + 1) / 12
    straight = moments.spread <= least + (_WAVERING + BOW * length) ** 2
    straight &= moments.count >= _OWN * pieces.areas
    every = np.arange(len(pieces))
    lines = [begin, begin + length, moments.at(begin, every), moments.at(begin + length, every), thickness]
    chosen = np.flatnonzero(straight)
    return by_beginning(
        Segment(Rule(direction, *line), (first + index,))
        for index, line in zip(chosen.tolist(), np.stack(lines, axis=1)[chosen].tolist(), strict=True)
    )


def by_beginning(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Segments in the order in which they begin."""
    return tuple(sorted(segments, key=lambda segment: segment.rule.begin))


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """Per piece, shape (N,) each."""

    count: NDArray[np.float64]
    mean_u: NDArray[np.float64]
    mean_v: NDArray[np.float64]
    slope: NDArray[np.float64]
    spread: NDArray[np.float64]
    """Variance about the line."""

    def at(self, u: NDArray[np.generic], own: NDArray[np.generic]) -> NDArray[np.float64]:
        """The line of piece ``own`` at ``u``."""
        return np.asarray(self.mean_v[own] + self.slope[own] * (u - self.mean_u[own]), np.float64)

    def replaced(self, chosen: NDArray[np.bool_], other: _Moments) -> _Moments:
        """Those of the chosen pieces from another fit."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__slots__)
        return _Moments(*(np.where(chosen, new, old) for old, new in pairs))


def _moments(own: NDArray[np.int64], u: NDArray[np.int64], v: NDArray[np.int64], pieces: int) -> _Moments:
    count = np.maximum(np.bincount(own, minlength=pieces), 1).astype(float)
    mean_u, mean_v = (np.bincount(own, axis, pieces) / count for axis in (u, v))
    du, dv = u - mean_u[own], v - mean_v[own]
    uu, uv, vv = (np.bincount(own, product, pieces) / count for product in (du * du, du * dv, dv * dv))
    slope = uv / np.maximum(uu, 1e-9)
    return _Moments(count, mean_u, mean_v, slope, np.maximum(vv - slope * uv, 0.0))


def join_pieces(segments: Sequence[Segment], mask: Image, stroke_width: float, height: float) -> tuple[Segment, ...]:
    """Put together what lies on one line, with a small gap or with dots between.

    Args:
        segments: all of one direction, by their beginning.
        mask: ink, shape (H, W); for upright segments too as it is on the page.
        stroke_width: typical, pixels.
        height: of a character, pixels.
    """
    joined: list[Segment] = []
    # Where each line so far meets the across axis, its slope and its end: on a page of print hardly one goes on.
    table = np.empty((3, len(segments)))
    aside = max((segment.rule.thickness for segment in segments), default=0.0) / 2 + _ASIDE
    for segment in segments:
        rule = segment.rule
        meets, slope, end = table[:, : len(joined)]
        level = np.abs(meets + slope * rule.begin - rule.at_begin) <= aside
        near = (level & (end >= rule.begin - _INKED_GAP * height)).nonzero()[0].tolist()
        fitting = [i for i in near if _continues(joined[i].rule, rule, stroke_width, height)]
        partner = len(joined)
        for index in sorted(fitting, key=lambda i: rule.begin - joined[i].rule.end):
            other = joined[index].rule
            clean = rule.begin - other.end <= min(_WHITE_GAP * stroke_width, height / 2)
            hidden = _hidden(other, rule, mask, stroke_width) and _is_passed(other, rule, segments, height)
            if clean or hidden or _dotted(other, rule, mask):
                segment, partner = _one(joined[index], segment), index
                break
        joined[partner : partner + 1] = [segment]
        table[:, partner] = segment.rule.at(0.0), segment.rule.slope, segment.rule.end
    return tuple(joined)


def _continues(line: Rule, rule: Rule, stroke_width: float, height: float) -> bool:
    """Whether a rule lies on the continuation of a line, is near enough to it, and is long enough or it is."""
    gap = rule.begin - line.end
    return (
        abs(line.at(rule.begin) - rule.at_begin) <= max(line.thickness, rule.thickness) / 2 + _ASIDE
        and -height < gap <= _INKED_GAP * height
        and rule.end > line.end
        and (max(line.length, rule.length) >= _LONG * height or gap <= _CRACK * stroke_width)
    )


def _dotted(left: Rule, right: Rule, mask: Image) -> bool:
    """Whether there are dots of a line on the way from one piece to the next, and not letters."""
    along = np.arange(int(left.end), int(right.begin) + 1)
    across = np.rint(np.interp(along, (left.end, right.begin), (left.at_end, right.at_begin))).astype(np.int64)
    lines = mask if left.direction is Direction.LEVEL else mask.T
    along = np.clip(along, 0, lines.shape[1] - 1)
    off = round(max(left.thickness, right.thickness)) + 2

    def inked(aside: tuple[int, ...]) -> NDArray[np.bool_]:
        beside = np.clip(across + np.array(aside)[:, None], 0, lines.shape[0] - 1)
        return np.asarray(lines[beside, along].any(axis=0), np.bool_)

    return bool(np.mean(inked((-1, 0, 1)) & ~inked((-off, off))) >= _DOTS)


def _hidden(left: Rule, right: Rule, mask: Image, stroke_width: float) -> bool:
    """Whether ink on the way from one piece to the next, or close beside it, hides the line all along."""
    return _is_covered(left.direction, (left.end, left.at_end), (right.begin, right.at_begin), mask, stroke_width)


def _is_passed(left: Rule, right: Rule, segments: Sequence[Segment], height: float) -> bool:
    """Whether a line above or below runs past the gap between two pieces."""
    begin, end, first, slope, _ = table_of([segment.rule for segment in segments])
    off = np.abs(first + slope * (left.end - begin) - left.at_end)
    beside = (begin <= left.end - height) & (end >= right.begin + height) & (off <= _ROWS * height)
    return bool(beside.any())


def _is_covered(
    direction: Direction, first: tuple[float, float], last: tuple[float, float], mask: Image, stroke_width: float
) -> bool:
    """Whether ink lies close to the way from one point to another, both (along, across)."""
    reach = max(round(_HIDDEN * stroke_width), 1)
    along = np.arange(int(first[0]) + 1, int(last[0]))
    across = np.rint(np.interp(along, (first[0], last[0]), (first[1], last[1]))).astype(np.int64)
    lines = mask if direction is Direction.LEVEL else mask.T
    rows = np.clip(across + np.arange(-reach, reach + 1)[:, None], 0, lines.shape[0] - 1)
    inked = np.flatnonzero(lines[rows, np.clip(along, 0, lines.shape[1] - 1)].any(axis=0))
    if not inked.size or max(inked[0], len(along) - 1 - inked[-1]) > reach:
        return False
    clean = np.maximum(np.diff(inked) - 1 - 2 * reach, 0).sum()
    return bool(clean <= _SEEN * len(along))


def led_on(
    rules: Sequence[Rule], across: Sequence[Rule], mask: Image, stroke_width: float, height: float
) -> list[Rule]:
    """Rules led on from where writing hides them to the next one across: rules of a form end on each other.

    Args:
        rules: of one direction.
        across: rules of the other one.
        mask: ink, shape (H, W).
        stroke_width: typical, pixels.
        height: of a character, pixels.

    Returns:
        One for each of ``rules``, the same object where it was seen to its end.
    """
    if not across:
        return list(rules)
    begin, end, first, slope, thickness = table_of(across)
    longer = []
    for rule in rules:
        # Where it, or its continuation, meets each of the others.
        along = first + slope * (rule.at_begin - begin)
        met = rule.at_begin + rule.slope * (along - rule.begin)
        reach = thickness / 2 + TOUCH
        there = np.sort(along[(met >= begin - reach) & (met <= end + reach)])
        touch = float(reach.max())
        # A line in a cell, which meets no other, is a person's.
        if not ((there >= rule.begin - touch) & (there <= rule.end + touch)).any():
            longer.append(rule)
            continue
        behind, before = there[there > rule.end - touch], there[there < rule.begin + touch]
        if behind.size and _leads_on(rule, rule.end, float(behind[0]), touch, mask, stroke_width, height):
            rule = replace(rule, end=float(behind[0]), at_end=rule.at(float(behind[0])))
        if before.size and _leads_on(rule, rule.begin, float(before[-1]), touch, mask, stroke_width, height):
            rule = replace(rule, begin=float(before[-1]), at_begin=rule.at(float(before[-1])))
        longer.append(rule)
    return longer


def _leads_on(
    rule: Rule, end: float, place: float, touch: float, mask: Image, stroke_width: float, height: float
) -> bool:
    """Whether a rule goes on unseen from one of its ends to a place along it."""
    if not touch < abs(place - end) <= _INKED_GAP * height:
        return False
    first, last = sorted((end, place))
    return _is_covered(rule.direction, (first, rule.at(first)), (last, rule.at(last)), mask, stroke_width)


def table_of(rules: Sequence[Rule]) -> NDArray[np.float64]:
    """Shape (5, N): where rules begin, end, and are across at their beginning, their slope and thickness."""
    return np.array([(r.begin, r.end, r.at_begin, r.slope, r.thickness) for r in rules], np.float64).T


def _one(a: Segment, b: Segment) -> Segment:
    """Both pieces as one: the ends' places are kept, the thickness is the mean by length."""
    whole = a.rule.length + b.rule.length
    thickness = (a.rule.length * a.rule.thickness + b.rule.length * b.rule.thickness) / whole
    rule = replace(a.rule, end=b.rule.end, at_end=b.rule.at_end, thickness=thickness)
    return Segment(rule, a.pieces + b.pieces, whole=False)
