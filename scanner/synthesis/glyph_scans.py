"""Make the ink of one glyph look as it comes out of a cell of a scanned form: small, rough, and not quite clean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis.glyph_warps import stroke_width, widen_strokes

if TYPE_CHECKING:
    from scanner.types import Image

    Generator = np.random.Generator

_MIN_VISIBLE_INK = 60
"""Minimum ink, 0-255, that counts for the extent of a glyph; half of the strongest if that is less."""
_WORKING_SIDE = 64
"""Longer side of the glyph while it is turned and its strokes are widened, pixels."""
_TURN_DEGREES = 5.0
"""Standard deviation of the turn.  A choice: hands turn more than scans are skewed."""
_STRETCH = 0.12
"""Standard deviation of the logarithm of the ratio of width to height.  A choice."""
_OTHER_PEN_SHARE = 0.3
"""Share of glyphs of which the strokes are made wider or thinner."""
_PEN_CHANGE_PIXELS = (-2.0, 6.0)
"""Change of their strokes at the working size, where an ordinary stroke is 8 wide.  A choice: loops may fill."""
_SCANNED_SIDES = (8, 45)
"""Shortest and longest longer side of a scanned glyph, pixels: from a photographed page to 300 dpi."""
_THINNEST_SCANNED_STROKE = 1.4
"""Least width of a stroke that is scanned, pixels: of thinner ones only pieces are left."""
_TWO_LEVEL_SHARE = 0.5
"""Share of glyphs scanned black and white."""
_THRESHOLDS = (60, 150)
"""Ink levels from which on such a pixel is black."""
_CUT_SHARE = 0.08
"""Share of glyphs that lose a strip at one side, with the printed line that they crossed."""
_MAX_CUT = 0.15
"""Maximum width of that strip, in sides of the glyph.  A choice: a 7 that loses more is a 1."""
_REMNANT_SHARE = 0.25
"""Share of glyphs with a remnant of a printed line beside them, which is cut out with them."""
_REMNANT_GAP = 0.12
"""Maximum gap between the two, in sides of the glyph."""


def scan_glyph(ink: Image, rng: Generator) -> Image:
    """Turn, coarsen and soil a glyph at random.

    Args:
        ink: shape (H, W), uint8, 0 = paper, 255 = ink; some of it.
        rng: the same state gives the same glyph.

    Returns:
        Shape (H', W'), uint8, of another size and with some ink.
    """
    image = _stretch(_turn(_crop(ink), rng))
    if rng.random() < _OTHER_PEN_SHARE:
        image = widen_strokes(image, rng.uniform(*_PEN_CHANGE_PIXELS))
    image = _crop(image)
    if rng.random() < _CUT_SHARE:
        image = _cut_side(image, rng)
    small = _stretch(_shrink(image, float(np.exp(rng.uniform(*np.log(_SCANNED_SIDES))))))
    if rng.random() < _TWO_LEVEL_SHARE:
        small = np.where(small >= rng.uniform(*_THRESHOLDS), np.uint8(255), np.uint8(0))
    return _add_remnant(small, rng) if rng.random() < _REMNANT_SHARE else small


def _shrink(image: Image, side: float) -> Image:
    """Shrink ink to a longer side in pixels; strokes that would get too thin are widened first."""
    factor = min(side / max(image.shape), 1.0)
    missing = _THINNEST_SCANNED_STROKE / factor - stroke_width(image)
    if missing > 0:
        image = widen_strokes(image, missing)
    size = (max(round(image.shape[1] * factor), 1), max(round(image.shape[0] * factor), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _stretch(ink: Image) -> Image:
    """Stretch levels so that the strongest ink is full ink."""
    return np.asarray(cv2.convertScaleAbs(ink, alpha=255 / max(int(ink.max()), 1)), np.uint8)


def _crop(ink: Image) -> Image:
    """Crop to the ink that shows, with what is around it by a pixel."""
    visible = ink >= min(_MIN_VISIBLE_INK, max(int(ink.max()) // 2, 1))
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    return ink[max(rows[0] - 1, 0) : rows[-1] + 2, max(columns[0] - 1, 0) : columns[-1] + 2]


def _turn(ink: Image, rng: Generator) -> Image:
    """Bring ink to the working size, turned and stretched, with paper around it."""
    # Turning samples single pixels: hairs of a larger glyph would break.
    shrunk = _WORKING_SIDE / max(ink.shape)
    if shrunk < 1:
        size = (max(round(ink.shape[1] * shrunk), 1), max(round(ink.shape[0] * shrunk), 1))
        ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = ink.shape
    angle, stretch = math.radians(rng.normal(0, _TURN_DEGREES)), math.exp(rng.normal(0, _STRETCH) / 2)
    scale = _WORKING_SIDE / max(height, width)
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    turned = np.array([[cos * stretch, -sin / stretch], [sin * stretch, cos / stretch]])
    side = 2 * _WORKING_SIDE
    shift = side / 2 - turned @ ((width - 1) / 2, (height - 1) / 2)
    warp = np.column_stack([turned, shift])
    return np.asarray(cv2.warpAffine(ink, warp, (side, side), flags=cv2.INTER_LINEAR), np.uint8)


def _cut_side(ink: Image, rng: Generator) -> Image:
    quarter_turns, share = int(rng.integers(4)), rng.uniform(0, _MAX_CUT)
    turned = np.rot90(ink, quarter_turns)
    kept = turned[round(share * len(turned)) :]
    return np.ascontiguousarray(np.rot90(kept if kept.any() else turned, -quarter_turns))


def _add_remnant(ink: Image, rng: Generator) -> Image:
    """Draw a piece of a line along one side of a glyph, at most as long as the side."""
    quarter_turns = int(rng.integers(4))
    turned = np.rot90(ink, quarter_turns)
    side, length = max(ink.shape), turned.shape[1]
    start, end = np.sort(rng.integers(0, length + 1, 2))
    line = np.zeros((max(round(rng.uniform(0.02, 0.08) * side), 1), length), np.uint8)
    line[:, start:end] = 255
    gap = np.zeros((int(rng.uniform(0, _REMNANT_GAP) * side), length), np.uint8)
    return np.ascontiguousarray(np.rot90(np.concatenate([line, gap, turned]), -quarter_turns))
