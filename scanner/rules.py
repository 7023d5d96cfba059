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

_FREE_RULE = 3.5
"""A straight line this many character heights long is a rule wherever it is: no character has one."""
_JOINED_RULE = 1.0
"""So is one this long with a line across it at either end, as the sides of a box have: the stem of a 1, a 4 or a 7
has one at one end at most."""
_LARGE = 1.2
"""Only components larger than this many character heights are searched."""
_THICKEST_RULE = 2.5
"""A rule is at most this many stroke widths thick: what is thicker is a bar, a code or a photograph."""
_GAP = 3
"""Pixels that noise eats out of a thin line: closed before looking for it."""


def remove_rules(ink: Ink, components: Components, character_height: float) -> Ink:
    """Take out the rules.

    Args:
        ink: of the straightened page.
        components: of ``ink.mask``.
        character_height: of the taller characters, pixels, from
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
        character_height: of the taller characters, pixels.

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
    length = max(round(_JOINED_RULE * character_height), 3)
    level, upright = (_lines(candidates, length, thickest, bar) for bar in (_level_bar, _upright_bar))
    free = _FREE_RULE * character_height
    level, upright = _spanning_or_long(level, upright, free), _spanning_or_long(upright, level, free)
    if not (level.any() or upright.any()):
        return level
    rules = _without_crossings(candidates, level, _level_bar) | _without_crossings(candidates, upright, _upright_bar)
    rest = np.asarray(cv2.subtract(candidates, rules), np.uint8)
    return rules | _between(rules, rest, thickest)


def _spanning_or_long(lines: Image, across: Image, free: float) -> Image:
    """Those lines that lead from one of the lines across to another, or are longer than ``free`` pixels."""
    pieces = connected_components(lines)
    kept = _leading_from_to(pieces, across)
    kept[1:][pieces.boxes[:, 2:].max(axis=1, initial=0) >= free] = 255
    return kept[pieces.labels]


def _between(rules: Image, rest: Image, thickest: int) -> Image:
    """Thin pieces that lead from one rule to another: the sides of low boxes, shorter than a character."""
    pieces = connected_components(rest)
    kept = _leading_from_to(pieces, rules)
    kept[1:][pieces.boxes[:, 2:].min(axis=1, initial=thickest + 1) > thickest] = 0
    return kept[pieces.labels]


def _leading_from_to(pieces: Components, lines: Image) -> Image:
    """Per label of the pieces, 0 included, 255 if the piece has a line at both ends of its longer side, else 0."""
    found = np.zeros(len(pieces) + 1, np.uint8)
    for index, (x, y, width, height) in enumerate(pieces.boxes.tolist()):
        if height > width:
            ends = _window(lines, x, y - _GAP, width, 2 * _GAP), _window(lines, x, y + height - _GAP, width, 2 * _GAP)
        else:
            ends = _window(lines, x - _GAP, y, 2 * _GAP, height), _window(lines, x + width - _GAP, y, 2 * _GAP, height)
        found[index + 1] = 255 * all(end.any() for end in ends)
    return found


def _window(image: Image, x: int, y: int, width: int, height: int) -> Image:
    """A cut-out, with a margin of the same reach on its long sides, as far as it lies in the image."""
    return image[max(y - _GAP, 0) : max(y + height + _GAP, 0), max(x - _GAP, 0) : max(x + width + _GAP, 0)]


def _level_bar(length: int, thickness: int) -> Image:
    return np.ones((thickness, length), np.uint8)


def _upright_bar(length: int, thickness: int) -> Image:
    return np.ones((length, thickness), np.uint8)


def _lines(mask: Image, length: int, thickest: int, bar: Callable[[int, int], Image]) -> Image:
    """Straight lines in one direction, at least ``length`` long and at most ``thickest`` thick."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, bar(2 * _GAP + 1, 1))
    lines = cv2.morphologyEx(closed, cv2.MORPH_OPEN, bar(length, 1))
    solid = cv2.morphologyEx(lines, cv2.MORPH_OPEN, bar(1, thickest + 1))
    # One pixel more on each side takes the ragged edge along.
    grown = cv2.dilate(cv2.subtract(lines, solid), bar(1, 3))
    return np.asarray(cv2.min(grown, mask), np.uint8)


def _without_crossings(mask: Image, lines: Image, bar: Callable[[int, int], Image]) -> Image:
    """The lines without the strokes across them, which have ink on both sides."""
    if not lines.any():
        return lines
    thickness = round(median_run(lines.T if bar is _level_bar else lines))
    bridged = cv2.morphologyEx(cv2.subtract(mask, lines), cv2.MORPH_CLOSE, bar(1, thickness + 3))
    return np.asarray(cv2.subtract(lines, bridged), np.uint8)
