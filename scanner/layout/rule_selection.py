"""Select the line segments that are rules, not strokes of characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.line_segments import MAX_JUNCTION_GAP_PIXELS, rules_as_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.layout.line_segments import Rule

_MIN_UNCONNECTED_LENGTH_HEIGHTS = 3.5
"""Minimum length, character heights, of a rule that touches no other: no character has as long a line.  A choice."""
_MIN_FINE_LINE_LENGTH_THICKNESSES = 30.0
"""Minimum length of a fine rule that touches no other, in its thicknesses: the finest pen's stems are shorter.  A
choice."""
_MIN_FINE_LINE_LENGTH_HEIGHTS = 2.0
"""Minimum length, character heights, of a fine rule that touches no other.  A choice."""
_MIN_CONNECTED_LENGTH_HEIGHTS = 1.0
"""Minimum length, character heights, of a rule that leads from one rule to another or is a side of a box.  A choice."""
_MAX_SIDE_THICKNESS_RATIO = 2.0
"""Maximum thickness of a side, relative to the thinner of the rules it leads to: a pen stroke between hair lines is
thicker.  A choice."""
_SIDE_THICKNESS_TOLERANCE_PIXELS = 0.5
"""Tolerance of the maximum thickness of a side, pixels.  A choice."""
_MAX_SIDE_LENGTH_DIFFERENCE_SHARE = 0.2
"""Maximum difference between the lengths of two sides of a box, relative to one of them.  A choice."""
_MAX_OUT_OF_SQUARE_TANGENT = 0.05
"""Maximum tangent of the angle between the side of a box and the perpendicular of its rules: a stem leans more.  A
choice."""
_CORNER_TOLERANCE_STROKES = 1.5
"""Maximum distance, stroke widths, by which two lines that meet may miss each other.  A choice."""
_MIN_CORNER_TOLERANCE_PIXELS = 4.0
"""Corner tolerance, pixels, where strokes are finer than the noise.  A choice."""


def corner_tolerance(stroke_width: float) -> float:
    """Maximum distance, pixels, by which two lines that meet may miss each other."""
    return max(_CORNER_TOLERANCE_STROKES * stroke_width, _MIN_CORNER_TOLERANCE_PIXELS)


def is_side_thickness(thickness: float, thinner: float) -> bool:
    """Whether a line is thin enough to be a side, given the thickness of the thinner rule it leads to, pixels."""
    return thickness <= _MAX_SIDE_THICKNESS_RATIO * thinner + _SIDE_THICKNESS_TOLERANCE_PIXELS


def select_rules(
    horizontal: Sequence[Rule], vertical: Sequence[Rule], tolerance: float, character_height: float
) -> tuple[set[int], set[int]]:
    """Select the lines that are rules, not strokes of characters.

    A rule is long; or leads from one rule to another and is perpendicular to them; or is one of four that make a box;
    or is one of several equal ones that stand on a long rule, two of them on its ends: a box whose far side is lost.

    Args:
        horizontal: candidates.
        vertical: candidates.
        tolerance: maximum distance, pixels, by which two lines that meet may miss each other.
        character_height: character height, pixels.

    Returns:
        Indices into ``horizontal`` and into ``vertical``.
    """
    kept_horizontal, kept_vertical = (
        {i for i, rule in enumerate(rules) if _is_rule_by_length(rule, character_height)}
        for rules in (horizontal, vertical)
    )
    horizontal_sides, vertical_sides = _select_box_sides(horizontal, vertical, tolerance, character_height)
    kept_horizontal |= horizontal_sides
    kept_vertical |= vertical_sides
    bases = [horizontal[i] for i in sorted(kept_horizontal)]
    kept_vertical |= _select_standing_on_base(vertical, bases, tolerance, character_height)
    while True:
        rules = [horizontal[i] for i in sorted(kept_horizontal)]
        new_vertical = _select_spanning(vertical, rules, character_height) - kept_vertical
        kept_vertical |= new_vertical
        rules = [vertical[i] for i in sorted(kept_vertical)]
        new_horizontal = _select_spanning(horizontal, rules, character_height) - kept_horizontal
        kept_horizontal |= new_horizontal
        if not new_horizontal and not new_vertical:
            return kept_horizontal, kept_vertical


def _is_rule_by_length(rule: Rule, height: float) -> bool:
    """Whether a line is so long that it is a rule whatever it touches."""
    hairline = rule.length >= max(
        _MIN_FINE_LINE_LENGTH_HEIGHTS * height, _MIN_FINE_LINE_LENGTH_THICKNESSES * rule.thickness
    )
    return hairline or rule.length >= _MIN_UNCONNECTED_LENGTH_HEIGHTS * height


def _select_spanning(lines: Sequence[Rule], perpendicular: Sequence[Rule], height: float) -> set[int]:
    """Indices of the lines that lead from one perpendicular rule to another, and touch both."""
    if not perpendicular:
        return set()
    begin, end, across_at_begin, slope, thickness = rules_as_array(perpendicular)
    reach = thickness / 2 + MAX_JUNCTION_GAP_PIXELS
    spanning = set()
    for index, rule in enumerate(lines):
        if rule.length < _MIN_CONNECTED_LENGTH_HEIGHTS * height:
            continue
        # Two lines are perpendicular if their slopes, each about its own axis, cancel.
        square = np.abs(slope + rule.slope) <= _MAX_OUT_OF_SQUARE_TANGENT + 1.0 / rule.length
        met = [
            square
            & (np.abs(across_at_begin + slope * (at - begin) - along) <= reach)
            & (at >= begin - reach - rule.thickness)
            & (at <= end + reach + rule.thickness)
            for along, at in ((rule.begin, rule.across_at_begin), (rule.end, rule.across_at_end))
        ]
        if met[0].any() and met[1].any():
            thinner = min(float(thickness[each].max()) for each in met)
            if is_side_thickness(rule.thickness, thinner):
                spanning.add(index)
    return spanning


def _select_box_sides(
    horizontal: Sequence[Rule], vertical: Sequence[Rule], tolerance: float, height: float
) -> tuple[set[int], set[int]]:
    """Indices, into either sequence, of lines of which four meet in four corners."""
    horizontal_sides: set[int] = set()
    vertical_sides: set[int] = set()
    long_enough = [i for i, rule in enumerate(vertical) if rule.length >= _MIN_CONNECTED_LENGTH_HEIGHTS * height]
    if len(long_enough) < 2:
        return horizontal_sides, vertical_sides
    corners = np.array(
        [(r.across_at_begin, r.begin, r.across_at_end, r.end) for r in (vertical[i] for i in long_enough)]
    )
    bottoms = [rule for rule in horizontal if rule.length >= _MIN_CONNECTED_LENGTH_HEIGHTS * height]
    ends = np.array([(r.begin, r.across_at_begin, r.end, r.across_at_end) for r in bottoms]).reshape(-1, 4)
    for index, top in enumerate(horizontal):
        if top.length < _MIN_CONNECTED_LENGTH_HEIGHTS * height:
            continue
        left = np.abs(corners[:, :2] - (top.begin, top.across_at_begin)).max(axis=1) <= tolerance
        right = np.abs(corners[:, :2] - (top.end, top.across_at_end)).max(axis=1) <= tolerance
        for i in np.flatnonzero(left):
            for j in np.flatnonzero(right):
                feet = np.concatenate([corners[i, 2:], corners[j, 2:]])
                closing = np.flatnonzero((np.abs(ends - feet).max(axis=1, initial=0) <= tolerance) & (i != j))
                if closing.size:
                    horizontal_sides |= {index, *(horizontal.index(bottoms[k]) for k in closing)}
                    vertical_sides |= {long_enough[i], long_enough[j]}
    return horizontal_sides, vertical_sides


def _select_standing_on_base(lines: Sequence[Rule], bases: Sequence[Rule], tolerance: float, height: float) -> set[int]:
    """Indices of the lines that stand on, or hang from, a base and are as long as two at the base's ends."""
    candidates = np.array(
        [i for i, rule in enumerate(lines) if rule.length >= _MIN_CONNECTED_LENGTH_HEIGHTS * height], np.int64
    )
    if not candidates.size:
        return set()
    ends = np.array([(r.begin, r.across_at_begin, r.end, r.across_at_end) for r in (lines[i] for i in candidates)])
    lengths = ends[:, 2] - ends[:, 0]
    slopes = (ends[:, 3] - ends[:, 1]) / lengths
    standing: set[int] = set()
    for base in bases:
        square = np.abs(slopes + base.slope) <= _MAX_OUT_OF_SQUARE_TANGENT + 1.0 / lengths
        for along, across in ((ends[:, 1], ends[:, 0]), (ends[:, 3], ends[:, 2])):
            touching = square & (np.abs(base.across_at_begin + base.slope * (along - base.begin) - across) <= tolerance)
            first, last = (lengths[touching & (np.abs(along - end) <= tolerance)] for end in (base.begin, base.end))
            if first.size and last.size and abs(first[0] - last[0]) <= _MAX_SIDE_LENGTH_DIFFERENCE_SHARE * first[0]:
                inside = (along >= base.begin - tolerance) & (along <= base.end + tolerance)
                equal = np.abs(lengths - first[0]) <= _MAX_SIDE_LENGTH_DIFFERENCE_SHARE * first[0]
                standing |= {int(i) for i in candidates[touching & inside & equal]}
    return standing
