"""Take ruled lines, frames and underlines out of the ink without breaking the strokes that cross them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.strokes import median_run, stroke_width
from scanner.types import Ink

if TYPE_CHECKING:
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
    level = _level_rules(candidates, max(round(_LEVEL_RULE * character_height), 3), thickest)
    upright = _level_rules(_turned(candidates), max(round(_UPRIGHT_RULE * character_height), 3), thickest)
    return np.asarray(level | _turned(upright), np.uint8)


def _turned(image: Image) -> Image:
    return np.ascontiguousarray(image.T)


def _level_rules(mask: Image, length: int, thickest: int) -> Image:
    """Level lines at least ``length`` long and at most ``thickest`` thick, without the strokes across them."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, 2 * _GAP + 1), np.uint8))
    lines = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    solid = cv2.morphologyEx(lines, cv2.MORPH_OPEN, np.ones((thickest + 1, 1), np.uint8))
    lines = cv2.subtract(lines, solid)
    if not lines.any():
        return np.zeros_like(mask)
    # One row more above and below takes the ragged edge along.
    grown = np.asarray(cv2.dilate(lines, np.ones((3, 1), np.uint8)) & mask, np.uint8)
    rest = cv2.subtract(mask, grown)
    # A stroke across the rule has ink on both sides of it: bridge just that.
    thickness = round(median_run(grown.T))
    bridged = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((thickness + 3, 1), np.uint8))
    return np.asarray(cv2.subtract(grown, np.asarray(bridged, np.uint8)), np.uint8)
