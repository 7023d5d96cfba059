"""Which of the lines found on a page are ruled: a 1 between two lines of a table spans them as a border does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.ink_classes import InkClass, probabilities_at
from scanner.layout.line_segments import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.layout.ink_classes import InkClassMap
    from scanner.layout.line_segments import Rule
    from scanner.layout.rules import Rules
    from scanner.types import Image

_CHARACTER_CLASSES = (InkClass.DIGIT, InkClass.WRITING, InkClass.PRINTED_DIGIT, InkClass.PRINT)
_MIN_CHARACTER_PROBABILITY = 0.5
"""A place on a line is written or printed if that is more probable than not."""
_MIN_CHARACTER_LENGTH_SHARE = 0.8
"""An upright line is a stroke if so much of it, from end to end, is written or printed.  The side of a box that writing
stands close to is a border at its corners: of such, two thirds look written."""

_MIN_COMB_SIDES, _MAX_COMB_SIDES = 3, 4
"""Sides of a comb field by which to know where its others are, at least and at most."""
_MAX_END_DIFFERENCE_THICKNESSES = 1.5
"""Thicknesses by which the ends of such sides differ at most."""
_MIN_PITCH_SIDE_LENGTHS = 0.4
"""Pitch of the sides, in their lengths, at least: hatching is no comb field."""
_MAX_PITCH_ERROR_SHARE = 0.12
"""Sides are off their regular places by at most this part of the pitch: strokes are not so regular."""
_MAX_SURROUNDING_SIDES = 6
"""Sides beside a line by which to know whether it stands in the middle of a cell, ..."""
_MIN_REGULAR_SIDES = 4
"""... of which so many, and ..."""
_MIN_REGULAR_SIDE_SHARE = 0.8
"""... this part of them, are where a pitch lets expect them, with no more than one missing between."""
_MIN_ASTRAY_PITCH_SHARE = 0.2
"""A stroke in a cell is off the places of its sides by more than this part of the pitch."""
_CELL_HEIGHT_RANGE_WIDTHS = (0.7, 2.5)
"""Height of a cell for one digit in widths."""
_MAX_DISTANCE_CELLS = 4
"""Cells from the nearest side that is sure: further off, chance is as likely."""


def verify_rules(page_rules: Rules, ink_class_map: InkClassMap) -> Rules:
    """Give back the strokes among upright lines: what looks written, and 1s in the cells of a comb field.

    Level lines are left as they are: a dash is no digit.

    Args:
        page_rules: the lines of a page, from :func:`scanner.layout.rules.find_rules`.
        ink_class_map: of the same page.
    """
    upright = [rule for rule in page_rules.rules if rule.direction is Direction.VERTICAL]
    doubtful = [rule for rule in upright if _is_character_stroke(rule, ink_class_map)]
    sure = [rule for rule in upright if rule not in doubtful]
    strokes = [rule for rule in doubtful if not _is_comb_side(rule, sure)]
    strokes += [rule for rule in sure if _stands_inside_comb_cell(rule, sure)]
    if not strokes:
        return page_rules
    pixels = page_rules.pixels.copy()
    for rule in strokes:
        _return_pixels_to_ink(pixels, rule)
    return replace(page_rules, rules=tuple(rule for rule in page_rules.rules if rule not in strokes), pixels=pixels)


def _is_comb_side(rule: Rule, sure: Sequence[Rule]) -> bool:
    """Whether a line stands where the sides of a comb field beside it let expect one."""
    near = _MAX_END_DIFFERENCE_THICKNESSES * max(rule.thickness, 1.0)
    beside = np.sort(
        [
            other.across_at_begin
            for other in sure
            if abs(other.begin - rule.begin) <= near and abs(other.end - rule.end) <= near
        ]
    )
    # The nearest ones: over a long strip small errors of the pitch add up.
    nearest = np.sort(beside[np.argsort(abs(beside - rule.across_at_begin))[:_MAX_COMB_SIDES]])
    if nearest.size < _MIN_COMB_SIDES:
        return False
    least = float(np.diff(nearest).min())
    if least < _MIN_PITCH_SIDE_LENGTHS * rule.length:
        return False
    span = float(np.ptp(nearest))
    pitch = span / round(span / least)
    steps = (nearest - rule.across_at_begin) / pitch
    return bool(
        (np.abs(steps - np.rint(steps)) <= _MAX_PITCH_ERROR_SHARE).all() and np.abs(steps).min() <= _MAX_DISTANCE_CELLS
    )


def _stands_inside_comb_cell(rule: Rule, upright: Sequence[Rule]) -> bool:
    """Whether a line stands in the middle of a cell of a comb field, whatever it looks like."""
    near = _MAX_END_DIFFERENCE_THICKNESSES * max(rule.thickness, 1.0)
    widest = rule.length / _CELL_HEIGHT_RANGE_WIDTHS[0]
    beside = np.array(
        [
            other.across_at_begin
            for other in upright
            if other is not rule
            and abs(other.across_at_begin - rule.across_at_begin) <= _MAX_SURROUNDING_SIDES * widest
            and other.begin - near <= rule.begin
            and rule.end <= other.end + near
            and other.length <= _CELL_HEIGHT_RANGE_WIDTHS[1] * widest
        ]
    )
    nearest = np.sort(beside[np.argsort(abs(beside - rule.across_at_begin))[:_MAX_SURROUNDING_SIDES]])
    if nearest.size < _MIN_REGULAR_SIDES or not nearest[0] < rule.across_at_begin < nearest[-1]:
        return False
    enough = max(_MIN_REGULAR_SIDES, _MIN_REGULAR_SIDE_SHARE * nearest.size)
    # The widest pitch that fits: half of it fits as well.
    for pitch in sorted(np.diff(nearest).tolist(), reverse=True):
        if not rule.length / _CELL_HEIGHT_RANGE_WIDTHS[1] <= pitch <= widest:
            continue
        for first in nearest.tolist():
            steps = (nearest - first) / pitch
            on = np.abs(steps - np.rint(steps)) <= _MAX_PITCH_ERROR_SHARE
            if on.sum() >= max(enough, np.ptp(np.rint(steps[on]))):
                slope, offset = np.polyfit(np.rint(steps[on]), nearest[on], 1)
                step = (rule.across_at_begin - offset) / slope
                return bool(abs(step - np.rint(step)) > _MIN_ASTRAY_PITCH_SHARE)
    return False


def _is_character_stroke(rule: Rule, kind_map: InkClassMap) -> bool:
    rows = _rule_rows(rule)
    written = probabilities_at(kind_map, rows, _middle_columns(rule, rows).astype(np.intp))[
        :, list(_CHARACTER_CLASSES)
    ].sum(axis=1)
    return bool((written > _MIN_CHARACTER_PROBABILITY).mean() >= _MIN_CHARACTER_LENGTH_SHARE)


def _rule_rows(rule: Rule) -> NDArray[np.intp]:
    return np.arange(int(rule.begin), int(rule.end) + 1)


def _middle_columns(rule: Rule, along: NDArray[np.intp]) -> NDArray[np.floating]:
    share = (along - rule.begin) / max(rule.length, 1.0)
    middle: NDArray[np.floating] = rule.across_at_begin + share * (rule.across_at_end - rule.across_at_begin)
    return middle


def _return_pixels_to_ink(pixels: Image, rule: Rule) -> None:
    """Take the pixels of a line out of those of the rules."""
    rows, reach = _rule_rows(rule), round(rule.thickness) + 1
    middle = np.rint(_middle_columns(rule, rows)).astype(np.intp)
    height, width = pixels.shape
    for offset in range(-reach, reach + 1):
        pixels[np.clip(rows, 0, height - 1), np.clip(middle + offset, 0, width - 1)] = 0
