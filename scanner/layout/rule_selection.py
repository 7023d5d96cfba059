"""Segments -> which of them are rules, and which strokes of characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.line_segments import MAX_JUNCTION_GAP_PIXELS, rules_as_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.layout.line_segments import Rule

_MIN_UNCONNECTED_LENGTH_HEIGHTS = 3.5
"""A straight line this many character heights long is a rule wherever it is: no character has one."""
_MIN_FINE_LINE_LENGTH_THICKNESSES = 30.0
"""So is one this many times as long as thick: the finest pen's stems are not ..."""
_MIN_FINE_LINE_LENGTH_HEIGHTS = 2.0
"""... if it is longer than the characters."""
_MIN_CONNECTED_LENGTH_HEIGHTS = 1.0
"""So is one this many character heights long that leads from one rule to another, or is a side of a box."""
MAX_SIDE_THICKNESS_RATIO = 2.0
"""A side is at most this many times as thick as the thinner of the lines it leads to, ..."""
SIDE_THICKNESS_TOLERANCE_PIXELS = 0.5
"""... and pixels more: a stroke of the pen between hair lines is thicker."""
_MAX_SIDE_LENGTH_DIFFERENCE_SHARE = 0.2
"""Sides of a box differ at most by this part of their length."""
_MAX_OUT_OF_SQUARE_TANGENT = 0.05
"""Tangent of the angle between the side of a box and a line square to its rules, at most: a stem leans more."""


def select_rules(
    horizontal: Sequence[Rule], vertical: Sequence[Rule], corner_tolerance: float, character_height: float
) -> tuple[set[int], set[int]]:
    """Which lines are rules and which are strokes of characters.

    A rule is long, or leads from one rule to another and stands square to
    them, or is one of four that make a box, or one of a row of equal ones that
    stand on a long rule and on both its ends: a box whose far side is lost.

    Args:
        horizontal: candidates.
        vertical: candidates.
        corner_tolerance: pixels by which two lines may miss each other at a corner.
        character_height: of a character, pixels.

    Returns:
        Indices into ``horizontal`` and into ``vertical``.
    """
    kept_level, kept_upright = (
        {i for i, rule in enumerate(rules) if _is_rule_by_length(rule, character_height)}
        for rules in (horizontal, vertical)
    )
    kept_level_boxed, kept_upright_boxed = _select_box_sides(horizontal, vertical, corner_tolerance, character_height)
    kept_level |= kept_level_boxed
    kept_upright |= kept_upright_boxed
    kept_upright |= _select_standing_on_base(
        vertical, [horizontal[i] for i in sorted(kept_level)], corner_tolerance, character_height
    )
    while True:
        new_upright = (
            _select_spanning(vertical, [horizontal[i] for i in sorted(kept_level)], character_height) - kept_upright
        )
        kept_upright |= new_upright
        new_level = (
            _select_spanning(horizontal, [vertical[i] for i in sorted(kept_upright)], character_height) - kept_level
        )
        kept_level |= new_level
        if not new_level and not new_upright:
            return kept_level, kept_upright


def _is_rule_by_length(rule: Rule, height: float) -> bool:
    """Whether it is a rule whatever it leads to."""
    hairline = rule.length >= max(
        _MIN_FINE_LINE_LENGTH_HEIGHTS * height, _MIN_FINE_LINE_LENGTH_THICKNESSES * rule.thickness
    )
    return hairline or rule.length >= _MIN_UNCONNECTED_LENGTH_HEIGHTS * height


def _select_spanning(rules: Sequence[Rule], across: Sequence[Rule], height: float) -> set[int]:
    """Those of ``rules`` that lead squarely from one rule across to another, and touch both."""
    if not across:
        return set()
    begin, end, first, slope, thickness = rules_as_array(across)
    reach = thickness / 2 + MAX_JUNCTION_GAP_PIXELS
    found = set()
    for index, rule in enumerate(rules):
        if rule.length < _MIN_CONNECTED_LENGTH_HEIGHTS * height:
            continue
        # Two lines are square to each other if their slopes, each off its own axis, cancel.
        square = np.abs(slope + rule.slope) <= _MAX_OUT_OF_SQUARE_TANGENT + 1.0 / rule.length
        met = [
            square
            & (np.abs(first + slope * (at - begin) - along) <= reach)
            & (at >= begin - reach - rule.thickness)
            & (at <= end + reach + rule.thickness)
            for along, at in ((rule.begin, rule.across_at_begin), (rule.end, rule.across_at_end))
        ]
        if met[0].any() and met[1].any():
            thinner = min(float(thickness[each].max()) for each in met)
            if rule.thickness <= MAX_SIDE_THICKNESS_RATIO * thinner + SIDE_THICKNESS_TOLERANCE_PIXELS:
                found.add(index)
    return found


def _select_box_sides(
    level: Sequence[Rule], upright: Sequence[Rule], reach: float, height: float
) -> tuple[set[int], set[int]]:
    """Four lines that meet in four corners."""
    levels: set[int] = set()
    uprights: set[int] = set()
    long_enough = [i for i, rule in enumerate(upright) if rule.length >= _MIN_CONNECTED_LENGTH_HEIGHTS * height]
    if len(long_enough) < 2:
        return levels, uprights
    corners = np.array(
        [(r.across_at_begin, r.begin, r.across_at_end, r.end) for r in (upright[i] for i in long_enough)]
    )
    bottoms = [rule for rule in level if rule.length >= _MIN_CONNECTED_LENGTH_HEIGHTS * height]
    ends = np.array([(r.begin, r.across_at_begin, r.end, r.across_at_end) for r in bottoms]).reshape(-1, 4)
    for index, top in enumerate(level):
        if top.length < _MIN_CONNECTED_LENGTH_HEIGHTS * height:
            continue
        left = np.abs(corners[:, :2] - (top.begin, top.across_at_begin)).max(axis=1) <= reach
        right = np.abs(corners[:, :2] - (top.end, top.across_at_end)).max(axis=1) <= reach
        for i in np.flatnonzero(left):
            for j in np.flatnonzero(right):
                wanted = np.concatenate([corners[i, 2:], corners[j, 2:]])
                closing = np.flatnonzero((np.abs(ends - wanted).max(axis=1, initial=0) <= reach) & (i != j))
                if closing.size:
                    levels |= {index, *(level.index(bottoms[k]) for k in closing)}
                    uprights |= {long_enough[i], long_enough[j]}
    return levels, uprights


def _select_standing_on_base(rules: Sequence[Rule], bases: Sequence[Rule], reach: float, height: float) -> set[int]:
    """Those of ``rules`` that stand on, or hang from, a base and are as long as two at the base's ends."""
    candidates = np.array(
        [i for i, rule in enumerate(rules) if rule.length >= _MIN_CONNECTED_LENGTH_HEIGHTS * height], np.int64
    )
    if not candidates.size:
        return set()
    ends = np.array([(r.begin, r.across_at_begin, r.end, r.across_at_end) for r in (rules[i] for i in candidates)])
    lengths = ends[:, 2] - ends[:, 0]
    slopes = (ends[:, 3] - ends[:, 1]) / lengths
    found: set[int] = set()
    for base in bases:
        square = np.abs(slopes + base.slope) <= _MAX_OUT_OF_SQUARE_TANGENT + 1.0 / lengths
        for along, across in ((ends[:, 1], ends[:, 0]), (ends[:, 3], ends[:, 2])):
            touching = square & (np.abs(base.across_at_begin + base.slope * (along - base.begin) - across) <= reach)
            first, last = (lengths[touching & (np.abs(along - end) <= reach)] for end in (base.begin, base.end))
            if first.size and last.size and abs(first[0] - last[0]) <= _MAX_SIDE_LENGTH_DIFFERENCE_SHARE * first[0]:
                inside = (along >= base.begin - reach) & (along <= base.end + reach)
                equal = np.abs(lengths - first[0]) <= _MAX_SIDE_LENGTH_DIFFERENCE_SHARE * first[0]
                found |= {int(i) for i in candidates[touching & inside & equal]}
    return found
