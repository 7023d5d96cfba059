"""A picture of one digit -> its ink: what ``classify`` reads, whether a scan's crop, a photograph or an MNIST digit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.background import flatten_background, is_negative, to_gray
from scanner.image.binarization import binarize
from scanner.image.components import label_components

if TYPE_CHECKING:
    from scanner.types import Image, Ink

_MIN_SIDE_PIXELS = 56
"""Pixels; smaller pictures are enlarged: in one of 28 a pen's stroke is a pixel wide, and thresholding breaks it."""
_MAX_GAP_STROKES = 3.0
"""Pieces at most this many stroke widths apart are one digit: a faint stroke breaks, and the bar of a hasty 5 flies."""


def find_digit_ink(image: Image) -> Image:
    """Find the ink of the one digit in a picture.

    Dark on light and light on dark are told apart.  Where there are several
    pieces of ink (specks, a neighbour, the frame of a box) the digit is taken
    to be the group of near pieces with the most ink.

    Args:
        image: shape (H, W, 3), uint8, BGR, of any size.

    Returns:
        Shape (k * H, k * W), uint8, k a whole number that is 1 unless the
        picture is tiny: 0 = paper, 255 = full ink; all 0 if there is no ink.
    """
    gray = to_gray(image)
    dark = np.asarray(cv2.bitwise_not(gray), np.uint8) if is_negative(gray) else gray
    return _main_ink_group(binarize(flatten_background(_enlarge_tiny(dark))))


def _enlarge_tiny(gray: Image) -> Image:
    factor = math.ceil(_MIN_SIDE_PIXELS / max(gray.shape))
    if factor == 1:
        return gray
    return np.asarray(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)


def _main_ink_group(ink: Ink) -> Image:
    # Ink from edge to edge is a black picture, not writing.
    if not ink.mask.any() or ink.mask.all():
        return np.zeros_like(ink.strength)
    # Grown by half the distance on each side, pieces that are near touch.
    reach = max(round(_MAX_GAP_STROKES * ink.stroke_width), 1)
    grown = np.asarray(cv2.dilate(ink.mask, np.ones((reach, reach), np.uint8)), np.uint8)
    groups = label_components(grown)
    ink_of_group = np.bincount(groups.labels.ravel(), ink.strength.ravel(), len(groups) + 1)
    main = 1 + int(np.argmax(ink_of_group[1:]))
    return np.where(groups.labels == main, ink.strength, np.uint8(0))
