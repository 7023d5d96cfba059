"""Verify the rules of a page: a 1 between two lines of a table spans them as a border does, but is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.comb_fields import CELL_HEIGHT_RANGE_WIDTHS, MAX_PITCH_ERROR_SHARE
from scanner.layout.ink_classes import InkClass, probabilities_at
from scanner.layout.line_segments import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.layout.ink_classes import InkClassMap
    from scanner.layout.line_segments import Rule
    from scanner.layout.rules import Rules
    from scanner.types import Image

_CHARACTER_CLASSES = [InkClass.DIGIT, InkClass.WRITING, InkClass.PRINTED_DIGIT, InkClass.PRINT]
"""Classes of the ink of characters."""
_MIN_CHARACTER_PROBABILITY = 0.5
"""Minimum probability of a point on a line to be written or printed.  A choice: more probable than not."""
_MIN_CHARACTER_LENGTH_SHARE = 0.8
"""Minimum share of a vertical line, by length, that looks written or printed, for it to be a character stroke.
Measured on sides of boxes with writing close to them: up to two thirds of those look written, but not their corners."""

_MIN_COMB_SIDES, _MAX_COMB_SIDES = 3, 4
"""Minimum and maximum number of sides of a comb field from which the positions of the others are derived.  A choice."""
_MAX_END_DIFFERENCE_THICKNESSES = 1.5
"""Maximum difference between the ends of the sides of a comb field, in their thicknesses.  A choice."""
_MIN_PITCH_SIDE_LENGTHS = 0.4
"""Minimum pitch of the sides of a comb field, in their lengths: hatching is denser.  A choice."""
_MAX_SURROUNDING_SIDES = 6
"""Maximum number of sides beside a line that show whether it stands inside a cell.  A choice."""
_MIN_REGULAR_SIDES = 4
"""Minimum number of those sides that stand at one pitch, with at most one missing between.  A choice."""
_MIN_REGULAR_SIDE_SHARE = 0.8
"""Minimum share of those sides that stand at one pitch.  A choice."""
_MIN_ASTRAY_PITCH_SHARE = 0.2
"""Minimum distance of a stroke in a cell from the regular positions of the sides, in pitches.  A choice."""
_MAX_DISTANCE_CELLS = 4
"""Maximum distance, in cells, of a doubtful side from the nearest certain one: further away, a match is as likely to be
chance.  A choice."""


def verify_rules(page_rules: Rules, ink_class_map: InkClassMap) -> Rules:
    """Move character strokes from the vertical rules back to the ink: those that look written, and 1s in comb cells.

    Horizontal rules stay as they are: a dash is no digit.

    Args:
        page_rules: rules of a page, from :func:`scanner.layout.rules.find_rules`.
        ink_class_map: ink classes of the same page.
    """
    vertical = [rule for rule in page_rules.rules if rule.direction is Direction.VERTICAL]
    doubtful = [rule for rule in vertical if _is_character_stroke(rule, ink_class_map)]
    certain = [rule for rule in vertical if rule not in doubtful]
    strokes = [rule for rule in doubtful if not _is_comb_side(rule, certain)]
    strokes += [rule for rule in certain if _stands_inside_comb_cell(rule, certain)]
    if not strokes:
        return page_rules
    pixels = page_rules.pixels.copy()
    for rule in strokes:
        _return_pixels_to_ink(pixels, rule)
    return replace(page_rules, rules=tuple(rule for rule in page_rules.rules if rule not in strokes), pixels=pixels)


def _is_comb_side(rule: Rule, certain: Sequence[Rule]) -> bool:
    """Whether a line stands at the pitch of the certain sides of a comb field beside it."""
    near = _MAX_END_DIFFERENCE_THICKNESSES * max(rule.thickness, 1.0)
    beside = np.sort(
        [
            other.across_at_begin
            for other in certain
            if abs(other.begin - rule.begin) <= near and abs(other.end - rule.end) <= near
        ]
    )
    # Only the nearest: over a long comb field small errors of the pitch add up.
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
        (np.abs(steps - np.rint(steps)) <= MAX_PITCH_ERROR_SHARE).all() and np.abs(steps).min() <= _MAX_DISTANCE_CELLS
    )


def _stands_inside_comb_cell(rule: Rule, vertical: Sequence[Rule]) -> bool:
    """Whether a line stands inside a cell of a comb field, whatever it looks like."""
    near = _MAX_END_DIFFERENCE_THICKNESSES * max(rule.thickness, 1.0)
    lowest, highest = CELL_HEIGHT_RANGE_WIDTHS
    widest = rule.length / lowest
    beside = np.array(
        [
            other.across_at_begin
            for other in vertical
            if other is not rule
            and abs(other.across_at_begin - rule.across_at_begin) <= _MAX_SURROUNDING_SIDES * widest
            and other.begin - near <= rule.begin
            and rule.end <= other.end + near
            and other.length <= highest * widest
        ]
    )
    nearest = np.sort(beside[np.argsort(abs(beside - rule.across_at_begin))[:_MAX_SURROUNDING_SIDES]])
    if nearest.size < _MIN_REGULAR_SIDES or not nearest[0] < rule.across_at_begin < nearest[-1]:
        return False
    enough = max(_MIN_REGULAR_SIDES, _MIN_REGULAR_SIDE_SHARE * nearest.size)
    # The widest pitch that fits: half of it fits as well.
    for pitch in sorted(np.diff(nearest).tolist(), reverse=True):
        if not rule.length / highest <= pitch <= widest:
            continue
        for first in nearest.tolist():
            steps = (nearest - first) / pitch
            regular = np.abs(steps - np.rint(steps)) <= MAX_PITCH_ERROR_SHARE
            if regular.sum() >= max(enough, np.ptp(np.rint(steps[regular]))):
                slope, offset = np.polyfit(np.rint(steps[regular]), nearest[regular], 1)
                step = (rule.across_at_begin - offset) / slope
                return bool(abs(step - np.rint(step)) > _MIN_ASTRAY_PITCH_SHARE)
    return False


def _is_character_stroke(rule: Rule, ink_class_map: InkClassMap) -> bool:
    rows = _rule_rows(rule)
    probabilities = probabilities_at(ink_class_map, rows, _middle_columns(rule, rows).astype(np.intp))
    written = probabilities[:, _CHARACTER_CLASSES].sum(axis=1) > _MIN_CHARACTER_PROBABILITY
    return bool(written.mean() >= _MIN_CHARACTER_LENGTH_SHARE)


def _rule_rows(rule: Rule) -> NDArray[np.intp]:
    return np.arange(int(rule.begin), int(rule.end) + 1)


def _middle_columns(rule: Rule, rows: NDArray[np.intp]) -> NDArray[np.floating]:
    share = (rows - rule.begin) / max(rule.length, 1.0)
    middle: NDArray[np.floating] = rule.across_at_begin + share * (rule.across_at_end - rule.across_at_begin)
    return middle


def _return_pixels_to_ink(pixels: Image, rule: Rule) -> None:
    """Remove the pixels of a line from those of the rules."""
    rows, reach = _rule_rows(rule), round(rule.thickness) + 1
    middle = np.rint(_middle_columns(rule, rows)).astype(np.intp)
    height, width = pixels.shape
    for offset in range(-reach, reach + 1):
        pixels[np.clip(rows, 0, height - 1), np.clip(middle + offset, 0, width - 1)] = 0
