"""Take ruled lines, frames and underlines out of the ink without breaking the strokes that cross them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.components import connected_components
from scanner.strokes import median_run, stroke_width
from scanner.types import Ink

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.components import Components
    from scanner.types import Image

_LEVEL_RULE = 2.0
"""A level line this many character heights long is a rule: no bar of a 7, no dash is."""
_UPRIGHT_RULE = 1.6
"""The same for an upright line: the sides of a box one character fits into; a 1 is as tall as its neighbours."""
_LARGE = 1.5
"""Only components larger than this many character heights are searched, so a tall 1 by itself is never a rule."""
_THICKEST_RULE = 2.5
"""A rule is at most this many stroke widths thick: what is thicker is a bar, a code or a photograph."""
_GAP = 3
"""Pixels that noise eats out of a thin line: closed before looking for it."""


def remove_rules(ink: Ink, components: Components, character_height: float) -> Ink:
    """Take out the rules.

    Args:
        ink: of the straightened page.
        components: of ``ink.mask``.
        character_height: typical height of a character, pixels, from
            :func:`scanner.runs.character_height`.

    Returns:
        Ink without rules; the same object if there are none.
    """
    rules = find_rules(ink, components, character_height)
    if not rules.any():
        return ink
    mask = np.where(rules > 0, np.uint8(0), ink.mask)
    # The rule's soft edges are ink of nobody once it is gone.
    soft = cv2.dilate(rules, np.ones((3, 3), np.uint8)) & ~mask
    strength = np.where(soft > 0, np.uint8(0), ink.strength)
    return Ink(strength, mask, stroke_width(mask) or ink.stroke_width)


def find_rules(ink: Ink, components: Components, character_height: float) -> Image:
    """Pixels that belong to rules and to nothing else.

    Args:
        ink: of the straightened page.
        components: of ``ink.mask``.
        character_height: typical height of a character, pixels.

    Returns:
        Shape (H, W), uint8, 255 = rule; strokes across a rule are not part of it.
    """
    large = np.flatnonzero(components.boxes[:, 2:].max(axis=1, initial=0) > _LARGE * character_height)
    if not large.size or character_height <= 0:
        return np.zeros_like(ink.mask)
    chosen = np.zeros(len(components) + 1, np.uint8)
    chosen[large + 1] = 255
    candidates = chosen[components.labels]
    thickest = max(round(_THICKEST_RULE * ink.stroke_width), 2)
    level = _rules(candidates, max(round(_LEVEL_RULE * character_height), 3), thickest, _level_bar)
    upright = _rules(candidates, max(round(_UPRIGHT_RULE * character_height), 3), thickest, _upright_bar)
    rules = level | upright
    if not rules.any():
        return rules
    rest = np.asarray(cv2.subtract(candidates, rules), np.uint8)
    return rules | _between(rules, rest, thickest)


def _between(rules: Image, rest: Image, thickest: int) -> Image:
    """Thin straight pieces that lead from one rule to another: the sides of low boxes, shorter than a character."""
    pieces = connected_components(rest)
    thin = pieces.boxes[:, 2:].min(axis=1, initial=thickest + 1) <= thickest
    found = np.zeros(len(pieces) + 1, np.uint8)
    for index in np.flatnonzero(thin):
        x, y, width, height = pieces.boxes[index].tolist()
        if height > width:
            ends = rules[max(y - _GAP, 0) : y, x : x + width], rules[y + height : y + height + _GAP, x : x + width]
        else:
            ends = rules[y : y + height, max(x - _GAP, 0) : x], rules[y : y + height, x + width : x + width + _GAP]
        found[index + 1] = 255 * all(end.any() for end in ends)
    return found[pieces.labels]


def _level_bar(length: int, thickness: int) -> Image:
    return np.ones((thickness, length), np.uint8)


def _upright_bar(length: int, thickness: int) -> Image:
    return np.ones((length, thickness), np.uint8)


def _rules(mask: Image, length: int, thickest: int, bar: Callable[[int, int], Image]) -> Image:
    """Lines in one direction, at least ``length`` long and at most ``thickest`` thick, without the strokes across."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, bar(2 * _GAP + 1, 1))
    lines = cv2.morphologyEx(closed, cv2.MORPH_OPEN, bar(length, 1))
    solid = cv2.morphologyEx(lines, cv2.MORPH_OPEN, bar(1, thickest + 1))
    lines = cv2.subtract(lines, solid)
    if not lines.any():
        return np.zeros_like(mask)
    # One pixel more on each side takes the ragged edge along.
    grown = np.asarray(cv2.min(cv2.dilate(lines, bar(1, 3)), mask), np.uint8)
    rest = cv2.subtract(mask, grown)
    # A stroke across the rule has ink on both sides of it: bridge just that.
    thickness = round(median_run(grown.T if bar is _level_bar else grown))
    bridged = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, bar(1, thickness + 3))
    return np.asarray(cv2.subtract(grown, bridged), np.uint8)
