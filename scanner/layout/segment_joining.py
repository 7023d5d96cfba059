"""Join line segments across gaps, and extend rules beneath writing that hides them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.line_segments import MAX_JUNCTION_GAP_PIXELS, Direction, Segment, rules_as_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.line_segments import Rule
    from scanner.types import Image

_MIN_LONGER_SEGMENT_HEIGHTS = 2.5
"""Minimum length, character heights, of the longer of two segments of one line: stems below each other and serifs side
by side are collinear as well.  A choice."""
_MAX_CRACK_STROKES = 0.6
"""Maximum gap, stroke widths, between two shorter segments of one line: stems and serifs are further apart.  A
choice."""
_MAX_CLEAN_GAP_STROKES = 4.0
"""Maximum gap of clean paper, stroke widths, between two segments of one line.  A choice."""
_MAX_GAP_HEIGHTS = 4.0
"""Maximum gap, character heights, between two segments of one line where noise has left only dots of it, or writing
hides it.  A choice."""
_MIN_DOTTED_COLUMN_SHARE = 0.2
"""Minimum share of the columns of a gap with dots of the line.  A choice."""
_HIDING_REACH_STROKES = 1.5
"""Distance from dark writing, stroke widths, within which a pale line is not seen.  A choice."""
_MAX_CLEAN_SHARE = 0.2
"""Maximum clean share of a gap hidden by writing, both ends of which are hidden.  A choice."""
_MAX_PASSING_RULE_DISTANCE_HEIGHTS = 10.0
"""Maximum distance, character heights, of another line that runs past a hidden gap.  Without one the gap may be a name
between the lines of two fields.  A choice."""
_MAX_OFFSET_PIXELS = 1.0
"""Maximum offset of a segment from the continuation of another of the same line, pixels, on top of half its thickness:
scanned lines waver.  A choice."""


def join_segments(segments: Sequence[Segment], ink: MeasuredInk) -> tuple[Segment, ...]:
    """Join segments of one line that have a small, dotted or hidden gap between them.

    Args:
        segments: all segments of one direction, sorted by where they begin.
        ink: ink of the page, whatever the direction.
    """
    joined: list[Segment] = []
    # Across at 0, slope and end of each line so far: on a page of print hardly any continues.
    table = np.empty((3, len(segments)))
    max_offset = max((segment.rule.thickness for segment in segments), default=0.0) / 2 + _MAX_OFFSET_PIXELS
    for segment in segments:
        rule = segment.rule
        across_at_zero, slope, end = table[:, : len(joined)]
        collinear = np.abs(across_at_zero + slope * rule.begin - rule.across_at_begin) <= max_offset
        near = (collinear & (end >= rule.begin - _MAX_GAP_HEIGHTS * ink.character_height)).nonzero()[0].tolist()
        fitting = [i for i in near if _is_continuation(joined[i].rule, rule, ink)]
        partner = len(joined)
        for index in sorted(fitting, key=lambda i: rule.begin - joined[i].rule.end):
            other = joined[index].rule
            clean = rule.begin - other.end <= min(_MAX_CLEAN_GAP_STROKES * ink.stroke_width, ink.character_height / 2)
            hidden = _is_gap_hidden(other, rule, ink) and _is_gap_passed_by_line(
                other, rule, segments, ink.character_height
            )
            if clean or hidden or _has_dots_between(other, rule, ink.mask):
                segment, partner = _merge_segments(joined[index], segment), index
                break
        joined[partner : partner + 1] = [segment]
        table[:, partner] = segment.rule.across_at(0.0), segment.rule.slope, segment.rule.end
    return tuple(joined)


def _is_continuation(line: Rule, rule: Rule, ink: MeasuredInk) -> bool:
    """Whether a rule continues a line: collinear, near enough, and one of the two long enough."""
    gap = rule.begin - line.end
    return (
        abs(line.across_at(rule.begin) - rule.across_at_begin)
        <= max(line.thickness, rule.thickness) / 2 + _MAX_OFFSET_PIXELS
        and -ink.character_height < gap <= _MAX_GAP_HEIGHTS * ink.character_height
        and rule.end > line.end
        and (
            max(line.length, rule.length) >= _MIN_LONGER_SEGMENT_HEIGHTS * ink.character_height
            or gap <= _MAX_CRACK_STROKES * ink.stroke_width
        )
    )


def _has_dots_between(left: Rule, right: Rule, mask: Image) -> bool:
    """Whether there are dots of a line, and not letters, between two segments."""
    along = np.arange(int(left.end), int(right.begin) + 1)
    across = np.rint(np.interp(along, (left.end, right.begin), (left.across_at_end, right.across_at_begin))).astype(
        np.int64
    )
    lines = mask if left.direction is Direction.HORIZONTAL else mask.T
    along = np.clip(along, 0, lines.shape[1] - 1)
    off = round(max(left.thickness, right.thickness)) + 2

    def inked(offsets: tuple[int, ...]) -> NDArray[np.bool_]:
        beside = np.clip(across + np.array(offsets)[:, None], 0, lines.shape[0] - 1)
        return np.asarray(lines[beside, along].any(axis=0), np.bool_)

    return bool(np.mean(inked((-1, 0, 1)) & ~inked((-off, off))) >= _MIN_DOTTED_COLUMN_SHARE)


def _is_gap_hidden(left: Rule, right: Rule, ink: MeasuredInk) -> bool:
    """Whether ink in or close to the gap between two segments hides the line all along."""
    return _is_hidden_by_ink(left.direction, (left.end, left.across_at_end), (right.begin, right.across_at_begin), ink)


def _is_gap_passed_by_line(left: Rule, right: Rule, segments: Sequence[Segment], height: float) -> bool:
    """Whether a line above or below runs past the gap between two segments."""
    begin, end, across_at_begin, slope, _ = rules_as_array([segment.rule for segment in segments])
    distance = np.abs(across_at_begin + slope * (left.end - begin) - left.across_at_end)
    passing = (
        (begin <= left.end - height)
        & (end >= right.begin + height)
        & (distance <= _MAX_PASSING_RULE_DISTANCE_HEIGHTS * height)
    )
    return bool(passing.any())


def _is_hidden_by_ink(
    direction: Direction, first: tuple[float, float], last: tuple[float, float], ink: MeasuredInk
) -> bool:
    """Whether there is ink close to the straight line from one point to another, both (along, across)."""
    reach = max(round(_HIDING_REACH_STROKES * ink.stroke_width), 1)
    along = np.arange(int(first[0]) + 1, int(last[0]))
    across = np.rint(np.interp(along, (first[0], last[0]), (first[1], last[1]))).astype(np.int64)
    lines = ink.mask if direction is Direction.HORIZONTAL else ink.mask.T
    rows = np.clip(across + np.arange(-reach, reach + 1)[:, None], 0, lines.shape[0] - 1)
    inked = np.flatnonzero(lines[rows, np.clip(along, 0, lines.shape[1] - 1)].any(axis=0))
    if not inked.size or max(inked[0], len(along) - 1 - inked[-1]) > reach:
        return False
    clean = np.maximum(np.diff(inked) - 1 - 2 * reach, 0).sum()
    return bool(clean <= _MAX_CLEAN_SHARE * len(along))


def extend_hidden_rules(
    rules: Sequence[Rule],
    perpendicular_rules: Sequence[Rule],
    ink: MeasuredInk,
) -> list[Rule]:
    """Extend rules hidden by writing to the next perpendicular rule: rules of a form end on each other.

    Args:
        rules: rules of one direction.
        perpendicular_rules: rules of the other direction.
        ink: ink of the page.

    Returns:
        One for each of ``rules``; the same object where nothing was hidden.
    """
    if not perpendicular_rules:
        return list(rules)
    begin, end, across_at_begin, slope, thickness = rules_as_array(perpendicular_rules)
    extended = []
    for rule in rules:
        # Where the rule, or its continuation, meets each of the others: along itself, and along the other.
        along = across_at_begin + slope * (rule.across_at_begin - begin)
        met_at = rule.across_at_begin + rule.slope * (along - rule.begin)
        reach = thickness / 2 + MAX_JUNCTION_GAP_PIXELS
        meetings = np.sort(along[(met_at >= begin - reach) & (met_at <= end + reach)])
        touch = float(reach.max())
        # A line in a cell that meets no other was drawn by a person.
        if not ((meetings >= rule.begin - touch) & (meetings <= rule.end + touch)).any():
            extended.append(rule)
            continue
        behind, before = meetings[meetings > rule.end - touch], meetings[meetings < rule.begin + touch]
        if behind.size and _continues_hidden(rule, rule.end, float(behind[0]), touch, ink):
            rule = replace(rule, end=float(behind[0]), across_at_end=rule.across_at(float(behind[0])))
        if before.size and _continues_hidden(rule, rule.begin, float(before[-1]), touch, ink):
            rule = replace(rule, begin=float(before[-1]), across_at_begin=rule.across_at(float(before[-1])))
        extended.append(rule)
    return extended


def _continues_hidden(rule: Rule, end: float, target: float, touch: float, ink: MeasuredInk) -> bool:
    """Whether a rule continues, hidden by ink, from one of its ends to a coordinate along it."""
    if not touch < abs(target - end) <= _MAX_GAP_HEIGHTS * ink.character_height:
        return False
    first, last = sorted((end, target))
    return _is_hidden_by_ink(rule.direction, (first, rule.across_at(first)), (last, rule.across_at(last)), ink)


def _merge_segments(a: Segment, b: Segment) -> Segment:
    """One segment from the beginning of the first to the end of the second; its thickness is the mean by length."""
    length = a.rule.length + b.rule.length
    thickness = (a.rule.length * a.rule.thickness + b.rule.length * b.rule.thickness) / length
    rule = replace(a.rule, end=b.rule.end, across_at_end=b.rule.across_at_end, thickness=thickness)
    return Segment(rule, a.component_indices + b.component_indices, is_single_component=False)
