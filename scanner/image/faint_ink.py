"""Faint writing beside dark print: pencil in a black table, a pale pen on a form.

One threshold for a page is that of most of its ink; what is paler is lost where
it shares the page with print.  What stands by itself needs no common threshold.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.binarization import min_ink_darkness, smooth_noise
from scanner.image.components import label_components
from scanner.image.stroke_width import measure_stroke_width

if TYPE_CHECKING:
    from scanner.types import Image, Ink

_MAX_ALREADY_FOUND_SHARE = 0.7
"""A piece of which more than this part was found has its shape already: the rest is its soft edge."""
_MIN_INK_SQUARED_STROKES = 3.0
"""Squared stroke widths: what is smaller is a speck of the paper."""
_MIN_LENGTH_STROKES = 3.0
"""Stroke widths, either way: shorter pieces are specks as well, ..."""
_MAX_LENGTH_STROKES = 40.0
"""... and larger ones a shadow, a stain or a fold."""
_MAX_BOX_FILL_SHARE = 0.6
"""A piece that fills more than this part of its box is a blot, ..."""
_MAX_STRAIGHT_STROKE_BREADTH_STROKES = 5.0
"""... unless its box is no wider than so many stroke widths: then it is a 1, a dash or a slash with its soft edges."""
_MIN_STROKE_WIDTH_RATIO = 0.5
"""Noise has strokes of a pixel or two; those of faint writing are at least this part as wide as the page's others."""
_MIN_COMPONENT_COUNT = 3
"""Fewer such pieces are dirt."""
_PAPER_BRIGHTNESS_PERCENTILE = 75
"""This percentile of the lightness is the page's paper's."""
_MIN_TWO_LEVEL_INK_DARKNESS = 200
"""Of a page in two levels the ink is darker than this, ..."""
_MAX_INTERMEDIATE_PIXEL_SHARE = 0.02
"""... but for so small a part of it, along the edges of what was turned or pasted in."""
_MIN_INK_DARKNESS_OF_STROKE_MIDDLE = 0.4
"""Ink is what is at least this part as dark as the middle of its stroke, ..."""
_ZERO_STRENGTH_DARKNESS_OF_STROKE_MIDDLE = 0.25
"""... at this part of it there is none ..."""
_FULL_INK_DARKNESS_OF_STROKE_MIDDLE = 0.8
"""... and at this part it is full ink."""


def add_faint_ink(gray: Image, flat: Image, ink: Ink) -> Ink:
    """Add the writing that is fainter than the rest of the page.

    Each stroke is measured by its own middle, the darkest there is within a
    stroke's width: pencil is then as whole as ink, and a digit that crosses a
    dark rule stands apart from it.

    Args:
        gray: the page, shape (H, W), dark ink on light paper.
        flat: the same without its paper, from :func:`scanner.image.background.flatten_background`.
        ink: of ``flat``, from :func:`scanner.image.binarization.binarize`.

    Returns:
        The ink with the pieces added that are faint throughout, as strong as the rest; ``ink`` itself if there are
        none.
    """
    if ink.stroke_width == 0 or _is_two_level(flat):
        return ink
    smooth = smooth_noise(flat)
    floor = min_ink_darkness(smooth)
    reach = 2 * max(round(ink.stroke_width), 1) + 1
    darkest = cv2.dilate(smooth, np.ones((reach, reach), np.uint8))
    least = np.maximum(
        cv2.convertScaleAbs(darkest, alpha=_MIN_INK_DARKNESS_OF_STROKE_MIDDLE), _local_min_darkness(gray, floor, reach)
    )
    faint = _find_faint_components(smooth, least, ink)
    if not faint.any():
        return ink
    around = cv2.dilate(faint, np.ones((3, 3), np.uint8)).view(bool)
    full = np.maximum(darkest[around], 1).astype(np.float32)
    stretched = (smooth[around] / full - _ZERO_STRENGTH_DARKNESS_OF_STROKE_MIDDLE) * (
        255 / (_FULL_INK_DARKNESS_OF_STROKE_MIDDLE - _ZERO_STRENGTH_DARKNESS_OF_STROKE_MIDDLE)
    )
    strength, mask = ink.strength.copy(), ink.mask.copy()
    strength[around] = np.maximum(strength[around], np.clip(stretched, 0, 255).astype(np.uint8))
    mask[faint > 0] = 255
    return replace(ink, strength=strength, mask=mask)


def _local_min_darkness(gray: Image, floor: float, reach: int) -> Image:
    """How much darker than paper is more than noise, of 255, shape (H, W).

    Noise is as large in the dark, where paper is not: in a shadow, or on the table beside the page, it is more of it.
    """
    lightest = cv2.dilate(gray, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    usual = float(np.percentile(lightest[::8, ::8], _PAPER_BRIGHTNESS_PERCENTILE))
    levels = np.clip(floor * usual / np.maximum(np.arange(256), 1), floor, 255)
    return np.asarray(cv2.LUT(lightest, np.rint(levels).astype(np.uint8)), np.uint8)


def _is_two_level(flat: Image) -> bool:
    """Whether the page is ink or paper and nothing between, as fax machines have it."""
    black = cv2.countNonZero(cv2.threshold(flat, _MIN_TWO_LEVEL_INK_DARKNESS - 1, 255, cv2.THRESH_BINARY)[1])
    return cv2.countNonZero(flat) - black <= _MAX_INTERMEDIATE_PIXEL_SHARE * black


def _find_faint_components(smooth: Image, threshold: Image, ink: Ink) -> Image:
    """Where faint writing stands: shape (H, W), 1 there, else 0."""
    candidates = (smooth > threshold).view(np.uint8)
    pieces = label_components(candidates)
    labels, area, stroke = pieces.labels, pieces.areas, ink.stroke_width
    found = np.bincount(labels[ink.mask > 0], minlength=len(pieces) + 1)[1:]
    wide, high = pieces.boxes[:, 2:].T
    longer, shorter = np.maximum(wide, high), np.minimum(wide, high)
    keep = (found <= _MAX_ALREADY_FOUND_SHARE * area) & (area >= _MIN_INK_SQUARED_STROKES * stroke**2)
    keep &= (longer <= _MAX_LENGTH_STROKES * stroke) & (longer >= _MIN_LENGTH_STROKES * stroke)
    keep &= (area <= _MAX_BOX_FILL_SHARE * wide * high) | (shorter <= _MAX_STRAIGHT_STROKE_BREADTH_STROKES * stroke)
    if keep.sum() < _MIN_COMPONENT_COUNT:
        return np.zeros_like(candidates)
    faint = np.concatenate([[False], keep])[labels].view(np.uint8)
    return faint if measure_stroke_width(faint) >= _MIN_STROKE_WIDTH_RATIO * stroke else np.zeros_like(candidates)
