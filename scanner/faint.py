"""Faint writing beside dark print: pencil in a black table, a pale pen on a form.

One threshold for a page is that of most of its ink; what is paler is lost where
it shares the page with print.  What stands by itself needs no common threshold.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.binarize import faintest, smoothed
from scanner.components import connected_components
from scanner.strokes import stroke_width

if TYPE_CHECKING:
    from scanner.types import Image, Ink

_DARK = 0.12
"""A piece of which at least this part is nearly as dark as the ink that was found is dark enough already: of a stroke
and its soft edges a third is, of thin print a fifth."""
_NEARLY = 0.6
"""Nearly as dark: this far from the palest ink that was found to full ink."""
_SMALLEST = 3.0
"""Squared stroke widths: what is smaller is a speck of the paper."""
_SHORTEST = 3.0
"""Stroke widths, either way: shorter pieces are specks as well, ..."""
_LARGEST = 40.0
"""... and larger ones a shadow, a stain or a fold."""
_FILLED = 0.5
"""A piece that fills more than this part of its box is a blot, ..."""
_STRAIGHT = 3.0
"""... unless its box is no wider than so many stroke widths: then it is a 1, a dash or a slash with its soft edges."""
_FINEST = 0.5
"""Noise has strokes of a pixel or two; those of faint writing are at least this part as wide as the page's others."""
_FEWEST = 3
"""Fewer such pieces are dirt."""
_FULL_INK_PERCENTILE = 75
"""This percentile of the ink counts as full ink, ..."""
_SOFT_EDGE = 0.5
"""... and at this part of the threshold there is none: both as :mod:`scanner.binarize` has them for other ink."""


def with_faint(flat: Image, ink: Ink) -> Ink:
    """Add the writing that is fainter than the rest of the page.

    Args:
        flat: the page without its paper, from :func:`scanner.flatten.flatten`.
        ink: of ``flat``, from :func:`scanner.binarize.binarize`.

    Returns:
        The ink with the pieces added that stand by themselves, as strong as the rest; ``ink`` itself if there are none.
    """
    smooth = smoothed(flat)
    floor = faintest(smooth)
    if ink.stroke_width == 0 or not (faint := _pieces(smooth, floor, ink)).any():
        return ink
    values = smooth[cv2.dilate(faint, np.ones((3, 3), np.uint8)).view(bool)]
    level, _ = cv2.threshold(values, 0, 255, cv2.THRESH_OTSU)
    added = (faint > 0) & (smooth > max(level, floor))
    if not added.any():
        return ink
    full = float(np.percentile(smooth[added], _FULL_INK_PERCENTILE))
    paper = _SOFT_EDGE * level
    stretched = np.clip((smooth[faint > 0].astype(np.float32) - paper) * (255 / max(full - paper, 1.0)), 0, 255)
    strength, mask = ink.strength.copy(), ink.mask.copy()
    strength[faint > 0] = np.maximum(strength[faint > 0], stretched.astype(np.uint8))
    mask[added] = 255
    return replace(ink, strength=strength, mask=mask)


def _nearly_full(smooth: Image, ink: Ink) -> float:
    found = smooth[ink.mask > 0]
    palest, full = float(found.min()), float(np.percentile(found, _FULL_INK_PERCENTILE))
    return palest + _NEARLY * (full - palest)


def _pieces(smooth: Image, floor: float, ink: Ink) -> Image:
    """Where faint writing stands: shape (H, W), 1 there, else 0."""
    candidates = (smooth > floor).view(np.uint8)
    pieces = connected_components(candidates)
    labels, area, stroke = pieces.labels, pieces.areas, ink.stroke_width
    dark = np.bincount(labels[smooth > _nearly_full(smooth, ink)], minlength=len(pieces) + 1)[1:]
    wide, high = pieces.boxes[:, 2:].T
    longer, shorter = np.maximum(wide, high), np.minimum(wide, high)
    keep = (dark < _DARK * area) & (area >= _SMALLEST * stroke**2)
    keep &= (longer <= _LARGEST * stroke) & (longer >= _SHORTEST * stroke)
    keep &= (area <= _FILLED * wide * high) | (shorter <= _STRAIGHT * stroke)
    if keep.sum() < _FEWEST:
        return np.zeros_like(candidates)
    faint = np.concatenate([[False], keep])[labels].view(np.uint8)
    return faint if stroke_width(faint) >= _FINEST * stroke else np.zeros_like(candidates)
