"""Pieces of straight lines in the ink -> the segments they are pieces of."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.image.components import SparseComponents
    from scanner.types import Image

_MIN_LONGER_SEGMENT_HEIGHTS = 2.5
"""Of two pieces of one line, one is at least this many character heights long: stems below each other and serifs side
by side lie on one line as well, ..."""
_MAX_CRACK_STROKES = 0.6
"""... but not as near to each other as this many stroke widths."""
_MAX_CLEAN_GAP_STROKES = 4.0
"""Stroke widths of clean paper that two pieces of one line may have between them."""
_MAX_GAP_HEIGHTS = 4.0
"""Character heights between two pieces of one line of which noise has left only dots ..."""
_MIN_DOTTED_COLUMN_SHARE = 0.2
"""... in at least this part of the columns between."""
_HIDING_REACH_STROKES = 1.5
"""Stroke widths around dark writing in which a pale line is not seen: it goes on beneath it, ..."""
_MAX_CLEAN_SHARE = 0.2
"""... if its two ends are hidden, and at most this part of the way between the strokes is clean, ..."""
_MAX_PASSING_RULE_DISTANCE_HEIGHTS = 10.0
"""... and another line runs past the place, at most so many character heights off: names stand between the lines of
two fields."""
_MAX_OFFSET_PIXELS = 1.0
"""Pixels, above half a line's thickness, by which a piece of it may lie off its continuation: scanned lines waver."""
_MAX_WAVER_SIGMA_PIXELS = 0.7
"""Standard deviation, pixels, of a ruled line's middle about a straight line; ..."""
MAX_BOW_LENGTH_SHARE = 0.002
"""... a long one may besides be bent by so much of its length.  Strokes of the pen are bent more."""
_CLIPPING_ROUNDS = 3
"""Times the line is fitted again without the pixels ..."""
_CLIPPING_SIGMAS = 2.0
"""... further off than so many standard deviations, and half a pixel: strokes that run into it.  All of a bar lies
within 1.73."""
_MIN_INLIER_SHARE = 0.6
"""A piece of a rule has at least this part of its pixels left then."""
MAX_JUNCTION_GAP_PIXELS = 2.0
"""Pixels between the edge of a rule and the end of one that leads to it, at most: the pen misses it by more."""


class Direction(enum.Enum):
    """Which way a rule runs on the straightened page, give or take a few degrees."""

    HORIZONTAL = "level"
    VERTICAL = "upright"


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
    across_at_begin: float
    """Its middle at its beginning, across."""
    across_at_end: float
    """Its middle at its end, across."""
    thickness: float

    @property
    def length(self) -> float:
        """Pixels, along."""
        return self.end - self.begin

    @property
    def slope(self) -> float:
        """Across per along: 0 is exactly level or upright."""
        return (self.across_at_end - self.across_at_begin) / self.length

    def across_at(self, along: float) -> float:
        """Where its middle, or its continuation's, is across."""
        return self.across_at_begin + self.slope * (along - self.begin)

    @property
    def endpoints(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Its ends as (x, y)."""
        if self.direction is Direction.HORIZONTAL:
            return (self.begin, self.across_at_begin), (self.end, self.across_at_end)
        return (self.across_at_begin, self.begin), (self.across_at_end, self.end)


@dataclass(frozen=True, slots=True)
class Segment:
    """A line and the pieces of ink it was put together from."""

    rule: Rule
    component_indices: tuple[int, ...]
    """Indices into the pieces of the mask of lines."""
    is_single_component: bool = True
    """Whether its ink is that of one piece, with nothing of it between or beyond."""


def fit_segments(components: SparseComponents, direction: Direction, first_index: int = 0) -> tuple[Segment, ...]:
    """Fit a straight line to each piece by least squares, without what lies off it.

    Args:
        components: of a mask of lines of one direction.
        direction: of those lines.
        first_index: index that the segments give the first piece.

    Returns:
        One segment for each piece that is straight, by its beginning.
    """
    if not len(components):
        return ()
    own = components.component_of_pixel
    u, v = (
        (components.columns, components.rows)
        if direction is Direction.HORIZONTAL
        else (components.rows, components.columns)
    )
    moments = _fit_lines(own, u, v, len(components))
    for _ in range(_CLIPPING_ROUNDS):
        aside = np.abs(v - moments.v_at(u, own))
        near = aside <= (_CLIPPING_SIGMAS * np.sqrt(moments.variance) + 0.5)[own]
        clipped = np.bincount(own[~near], minlength=len(components)) > 0
        # A piece that lost nothing will not lose anything again: most are like that.
        near &= clipped[own]
        own, u, v = own[near], u[near], v[near]
        moments = moments.replace_chosen(clipped, _fit_lines(own, u, v, len(components)))
    side = 0 if direction is Direction.HORIZONTAL else 1
    begin = components.boxes[:, side].astype(float)
    length = components.boxes[:, 2 + side].astype(float)
    thickness = moments.count / length
    # Of a straight bar: that of its thickness, and of the rounding to whole pixels.
    least = (thickness**2 + 1) / 12
    straight = moments.variance <= least + (_MAX_WAVER_SIGMA_PIXELS + MAX_BOW_LENGTH_SHARE * length) ** 2
    straight &= moments.count >= _MIN_INLIER_SHARE * components.areas
    every = np.arange(len(components))
    lines = [begin, begin + length, moments.v_at(begin, every), moments.v_at(begin + length, every), thickness]
    chosen = np.flatnonzero(straight)
    return sort_by_begin(
        Segment(Rule(direction, *line), (first_index + index,))
        for index, line in zip(chosen.tolist(), np.stack(lines, axis=1)[chosen].tolist(), strict=True)
    )


def sort_by_begin(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Segments in the order in which they begin."""
    return tuple(sorted(segments, key=lambda segment: segment.rule.begin))


@dataclass(frozen=True, slots=True, eq=False)
class _LineFits:
    """Per piece, shape (N,) each."""

    count: NDArray[np.float64]
    mean_u: NDArray[np.float64]
    mean_v: NDArray[np.float64]
    slope: NDArray[np.float64]
    variance: NDArray[np.float64]
    """Variance about the line."""

    def v_at(self, u: NDArray[np.generic], own: NDArray[np.generic]) -> NDArray[np.float64]:
        """The line of piece ``own`` at ``u``."""
        return np.asarray(self.mean_v[own] + self.slope[own] * (u - self.mean_u[own]), np.float64)

    def replace_chosen(self, chosen: NDArray[np.bool_], other: _LineFits) -> _LineFits:
        """Those of the chosen pieces from another fit."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__slots__)
        return _LineFits(*(np.where(chosen, new, old) for old, new in pairs))


def _fit_lines(own: NDArray[np.int64], u: NDArray[np.int64], v: NDArray[np.int64], pieces: int) -> _LineFits:
    count = np.maximum(np.bincount(own, minlength=pieces), 1).astype(float)
    mean_u, mean_v = (np.bincount(own, axis, pieces) / count for axis in (u, v))
    du, dv = u - mean_u[own], v - mean_v[own]
    uu, uv, vv = (np.bincount(own, product, pieces) / count for product in (du * du, du * dv, dv * dv))
    slope = uv / np.maximum(uu, 1e-9)
    return _LineFits(count, mean_u, mean_v, slope, np.maximum(vv - slope * uv, 0.0))


def join_segments(
    segments: Sequence[Segment], mask: Image, stroke_width: float, character_height: float
) -> tuple[Segment, ...]:
    """Put together what lies on one line, with a small gap or with dots between.

    Args:
        segments: all of one direction, by their beginning.
        mask: ink, shape (H, W); for upright segments too as it is on the page.
        stroke_width: typical, pixels.
        character_height: of a character, pixels.
    """
    joined: list[Segment] = []
    # Where each line so far meets the across axis, its slope and its end: on a page of print hardly one goes on.
    table = np.empty((3, len(segments)))
    aside = max((segment.rule.thickness for segment in segments), default=0.0) / 2 + _MAX_OFFSET_PIXELS
    for segment in segments:
        rule = segment.rule
        meets, slope, end = table[:, : len(joined)]
        level = np.abs(meets + slope * rule.begin - rule.across_at_begin) <= aside
        near = (level & (end >= rule.begin - _MAX_GAP_HEIGHTS * character_height)).nonzero()[0].tolist()
        fitting = [i for i in near if _is_continuation(joined[i].rule, rule, stroke_width, character_height)]
        partner = len(joined)
        for index in sorted(fitting, key=lambda i: rule.begin - joined[i].rule.end):
            other = joined[index].rule
            clean = rule.begin - other.end <= min(_MAX_CLEAN_GAP_STROKES * stroke_width, character_height / 2)
            hidden = _is_gap_hidden(other, rule, mask, stroke_width) and _is_gap_passed_by_line(
                other, rule, segments, character_height
            )
            if clean or hidden or _has_dots_between(other, rule, mask):
                segment, partner = _merge_segments(joined[index], segment), index
                break
        joined[partner : partner + 1] = [segment]
        table[:, partner] = segment.rule.across_at(0.0), segment.rule.slope, segment.rule.end
    return tuple(joined)


def _is_continuation(line: Rule, rule: Rule, stroke_width: float, height: float) -> bool:
    """Whether a rule lies on the continuation of a line, is near enough to it, and is long enough or it is."""
    gap = rule.begin - line.end
    return (
        abs(line.across_at(rule.begin) - rule.across_at_begin)
        <= max(line.thickness, rule.thickness) / 2 + _MAX_OFFSET_PIXELS
        and -height < gap <= _MAX_GAP_HEIGHTS * height
        and rule.end > line.end
        and (
            max(line.length, rule.length) >= _MIN_LONGER_SEGMENT_HEIGHTS * height
            or gap <= _MAX_CRACK_STROKES * stroke_width
        )
    )


def _has_dots_between(left: Rule, right: Rule, mask: Image) -> bool:
    """Whether there are dots of a line on the way from one piece to the next, and not letters."""
    along = np.arange(int(left.end), int(right.begin) + 1)
    across = np.rint(np.interp(along, (left.end, right.begin), (left.across_at_end, right.across_at_begin))).astype(
        np.int64
    )
    lines = mask if left.direction is Direction.HORIZONTAL else mask.T
    along = np.clip(along, 0, lines.shape[1] - 1)
    off = round(max(left.thickness, right.thickness)) + 2

    def inked(aside: tuple[int, ...]) -> NDArray[np.bool_]:
        beside = np.clip(across + np.array(aside)[:, None], 0, lines.shape[0] - 1)
        return np.asarray(lines[beside, along].any(axis=0), np.bool_)

    return bool(np.mean(inked((-1, 0, 1)) & ~inked((-off, off))) >= _MIN_DOTTED_COLUMN_SHARE)


def _is_gap_hidden(left: Rule, right: Rule, mask: Image, stroke_width: float) -> bool:
    """Whether ink on the way from one piece to the next, or close beside it, hides the line all along."""
    return _is_hidden_by_ink(
        left.direction, (left.end, left.across_at_end), (right.begin, right.across_at_begin), mask, stroke_width
    )


def _is_gap_passed_by_line(left: Rule, right: Rule, segments: Sequence[Segment], height: float) -> bool:
    """Whether a line above or below runs past the gap between two pieces."""
    begin, end, first, slope, _ = rules_as_array([segment.rule for segment in segments])
    off = np.abs(first + slope * (left.end - begin) - left.across_at_end)
    beside = (
        (begin <= left.end - height)
        & (end >= right.begin + height)
        & (off <= _MAX_PASSING_RULE_DISTANCE_HEIGHTS * height)
    )
    return bool(beside.any())


def _is_hidden_by_ink(
    direction: Direction, first: tuple[float, float], last: tuple[float, float], mask: Image, stroke_width: float
) -> bool:
    """Whether ink lies close to the way from one point to another, both (along, across)."""
    reach = max(round(_HIDING_REACH_STROKES * stroke_width), 1)
    along = np.arange(int(first[0]) + 1, int(last[0]))
    across = np.rint(np.interp(along, (first[0], last[0]), (first[1], last[1]))).astype(np.int64)
    lines = mask if direction is Direction.HORIZONTAL else mask.T
    rows = np.clip(across + np.arange(-reach, reach + 1)[:, None], 0, lines.shape[0] - 1)
    inked = np.flatnonzero(lines[rows, np.clip(along, 0, lines.shape[1] - 1)].any(axis=0))
    if not inked.size or max(inked[0], len(along) - 1 - inked[-1]) > reach:
        return False
    clean = np.maximum(np.diff(inked) - 1 - 2 * reach, 0).sum()
    return bool(clean <= _MAX_CLEAN_SHARE * len(along))


def extend_hidden_rules(
    rules: Sequence[Rule],
    perpendicular_rules: Sequence[Rule],
    mask: Image,
    stroke_width: float,
    character_height: float,
) -> list[Rule]:
    """Rules led on from where writing hides them to the next one across: rules of a form end on each other.

    Args:
        rules: of one direction.
        perpendicular_rules: rules of the other one.
        mask: ink, shape (H, W).
        stroke_width: typical, pixels.
        character_height: of a character, pixels.

    Returns:
        One for each of ``rules``, the same object where it was seen to its end.
    """
    if not perpendicular_rules:
        return list(rules)
    begin, end, first, slope, thickness = rules_as_array(perpendicular_rules)
    longer = []
    for rule in rules:
        # Where it, or its continuation, meets each of the others.
        along = first + slope * (rule.across_at_begin - begin)
        met = rule.across_at_begin + rule.slope * (along - rule.begin)
        reach = thickness / 2 + MAX_JUNCTION_GAP_PIXELS
        there = np.sort(along[(met >= begin - reach) & (met <= end + reach)])
        touch = float(reach.max())
        # A line in a cell, which meets no other, is a person's.
        if not ((there >= rule.begin - touch) & (there <= rule.end + touch)).any():
            longer.append(rule)
            continue
        behind, before = there[there > rule.end - touch], there[there < rule.begin + touch]
        if behind.size and _continues_hidden(
            rule, rule.end, float(behind[0]), touch, mask, stroke_width, character_height
        ):
            rule = replace(rule, end=float(behind[0]), across_at_end=rule.across_at(float(behind[0])))
        if before.size and _continues_hidden(
            rule, rule.begin, float(before[-1]), touch, mask, stroke_width, character_height
        ):
            rule = replace(rule, begin=float(before[-1]), across_at_begin=rule.across_at(float(before[-1])))
        longer.append(rule)
    return longer


def _continues_hidden(
    rule: Rule, end: float, place: float, touch: float, mask: Image, stroke_width: float, height: float
) -> bool:
    """Whether a rule goes on unseen from one of its ends to a place along it."""
    if not touch < abs(place - end) <= _MAX_GAP_HEIGHTS * height:
        return False
    first, last = sorted((end, place))
    return _is_hidden_by_ink(
        rule.direction, (first, rule.across_at(first)), (last, rule.across_at(last)), mask, stroke_width
    )


def rules_as_array(rules: Sequence[Rule]) -> NDArray[np.float64]:
    """Shape (5, N): where rules begin, end, and are across at their beginning, their slope and thickness."""
    return np.array([(r.begin, r.end, r.across_at_begin, r.slope, r.thickness) for r in rules], np.float64).T


def _merge_segments(a: Segment, b: Segment) -> Segment:
    """Both pieces as one: the ends' places are kept, the thickness is the mean by length."""
    whole = a.rule.length + b.rule.length
    thickness = (a.rule.length * a.rule.thickness + b.rule.length * b.rule.thickness) / whole
    rule = replace(a.rule, end=b.rule.end, across_at_end=b.rule.across_at_end, thickness=thickness)
    return Segment(rule, a.component_indices + b.component_indices, is_single_component=False)
