"""Which of the lines found on a page are ruled: a 1 between two lines of a table spans them as a border does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.kinds import InkKind, at
from scanner.segments import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.kinds import KindMap
    from scanner.rules import Ruling
    from scanner.segments import Rule
    from scanner.types import Image

_WRITTEN = (InkKind.DIGIT, InkKind.WRITING, InkKind.PRINTED_DIGIT, InkKind.PRINT)
_PROBABLY = 0.5
"""A place on a line is written or printed if that is more probable than not."""
_STROKE = 0.8
"""An upright line is a stroke if so much of it, from end to end, is written or printed.  The side of a box that writing
stands close to is a border at its corners: of such, two thirds look written."""

_FEWEST, _NEAREST = 3, 4
"""Sides of a comb field by which to know where its others are, at least and at most."""
_RAGGED = 1.5
"""Thicknesses by which the ends of such sides differ at most."""
_NARROWEST = 0.4
"""Pitch of the sides, in their lengths, at least: hatching is no comb field."""
_PITCH = 0.12
"""Sides are off their regular places by at most this part of the pitch: strokes are not so regular."""
_SURROUNDING = 6
"""Sides beside a line by which to know whether it stands in the middle of a cell, ..."""
_FEWEST_REGULAR = 4
"""... of which so many, and ..."""
_REGULAR = 0.8
"""... this part of them, are where a pitch lets expect them, with no more than one missing between."""
_ASTRAY = 0.2
"""A stroke in a cell is off the places of its sides by more than this part of the pitch."""
_CELL = (0.7, 2.5)
"""Height of a cell for one digit in widths."""
_MOST_IN_ONE = 4
"""Cells from the nearest side that is sure: further off, chance is as likely."""


def confirmed(ruling: Ruling, kind_map: KindMap) -> Ruling:
    """Give back the strokes among upright lines: what looks written, and 1s in the cells of a comb field.

    Level lines are left as they are: a dash is no digit.

    Args:
        ruling: the lines of a page, from :func:`scanner.rules.find_rules`.
        kind_map: of the same page.
    """
    upright = [rule for rule in ruling.rules if rule.direction is Direction.UPRIGHT]
    doubtful = [rule for rule in upright if _is_stroke(rule, kind_map)]
    sure = [rule for rule in upright if rule not in doubtful]
    strokes = [rule for rule in doubtful if not _is_side(rule, sure)]
    strokes += [rule for rule in sure if _is_astray(rule, sure)]
    if not strokes:
        return ruling
    pixels = ruling.pixels.copy()
    for rule in strokes:
        _give_back(pixels, rule)
    return replace(ruling, rules=tuple(rule for rule in ruling.rules if rule not in strokes), pixels=pixels)


def _is_side(rule: Rule, sure: Sequence[Rule]) -> bool:
    """Whether a line stands where the sides of a comb field beside it let expect one."""
    near = _RAGGED * max(rule.thickness, 1.0)
    beside = np.sort(
        [
            other.at_begin
            for other in sure
            if abs(other.begin - rule.begin) <= near and abs(other.end - rule.end) <= near
        ]
    )
    # The nearest ones: over a long strip small errors of the pitch add up.
    nearest = np.sort(beside[np.argsort(abs(beside - rule.at_begin))[:_NEAREST]])
    if nearest.size < _FEWEST:
        return False
    least = float(np.diff(nearest).min())
    if least < _NARROWEST * rule.length:
        return False
    span = float(np.ptp(nearest))
    pitch = span / round(span / least)
    steps = (nearest - rule.at_begin) / pitch
    return bool((np.abs(steps - np.rint(steps)) <= _PITCH).all() and np.abs(steps).min() <= _MOST_IN_ONE)


def _is_astray(rule: Rule, upright: Sequence[Rule]) -> bool:
    """Whether a line stands in the middle of a cell of a comb field, whatever it looks like."""
    near = _RAGGED * max(rule.thickness, 1.0)
    widest = rule.length / _CELL[0]
    beside = np.array(
        [
            other.at_begin
            for other in upright
            if other is not rule
            and abs(other.at_begin - rule.at_begin) <= _SURROUNDING * widest
            and other.begin - near <= rule.begin
            and rule.end <= other.end + near
            and other.length <= _CELL[1] * widest
        ]
    )
    nearest = np.sort(beside[np.argsort(abs(beside - rule.at_begin))[:_SURROUNDING]])
    if nearest.size < _FEWEST_REGULAR or not nearest[0] < rule.at_begin < nearest[-1]:
        return False
    enough = max(_FEWEST_REGULAR, _REGULAR * nearest.size)
    # The widest pitch that fits: half of it fits as well.
    for pitch in sorted(np.diff(nearest).tolist(), reverse=True):
        if not rule.length / _CELL[1] <= pitch <= widest:
            continue
        for first in nearest.tolist():
            steps = (nearest - first) / pitch
            on = np.abs(steps - np.rint(steps)) <= _PITCH
            if on.sum() >= max(enough, np.ptp(np.rint(steps[on]))):
                slope, offset = np.polyfit(np.rint(steps[on]), nearest[on], 1)
                step = (rule.at_begin - offset) / slope
                return bool(abs(step - np.rint(step)) > _ASTRAY)
    return False


def _is_stroke(rule: Rule, kind_map: KindMap) -> bool:
    rows = _rows(rule)
    written = at(kind_map, rows, _middle(rule, rows).astype(np.intp))[:, list(_WRITTEN)].sum(axis=1)
    return bool((written > _PROBABLY).mean() >= _STROKE)


def _rows(rule: Rule) -> NDArray[np.intp]:
    return np.arange(int(rule.begin), int(rule.end) + 1)


def _middle(rule: Rule, along: NDArray[np.intp]) -> NDArray[np.floating]:
    share = (along - rule.begin) / max(rule.length, 1.0)
    middle: NDArray[np.floating] = rule.at_begin + share * (rule.at_end - rule.at_begin)
    return middle


def _give_back(pixels: Image, rule: Rule) -> None:
    """Take the pixels of a line out of those of the rules."""
    rows, reach = _rows(rule), round(rule.thickness) + 1
    middle = np.rint(_middle(rule, rows)).astype(np.intp)
    height, width = pixels.shape
    for offset in range(-reach, reach + 1):
        pixels[np.clip(rows, 0, height - 1), np.clip(middle + offset, 0, width - 1)] = 0
