"""Find the ink of a single digit in a picture of any source: the crop of a scan, a photograph or an MNIST digit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.background import flatten_background, is_negative, to_gray
from scanner.image.binarization import binarize
from scanner.image.components import label_components
from scanner.image.digit_frame import digit_frame

if TYPE_CHECKING:
    from scanner.recognition.digit_classifier import Classifier
    from scanner.types import DigitReading, Image, Ink

_MIN_SIDE_PIXELS = 56
"""Minimum longer side of a picture, pixels; smaller ones are enlarged.  In one of 28 pixels a stroke is one pixel wide,
and thresholding breaks it."""
_MAX_GAP_STROKES = 3.0
"""Maximum gap between components of one digit, stroke widths: faint strokes break, and the bar of a hasty 5 is
detached."""


def find_digit_ink(image: Image) -> Image:
    """Find the ink of the digit in a picture.

    Light ink on dark paper is recognized.  If there are other components, such as specks, a neighbour or the border of
    a box, the digit is the group of nearby components with the most ink.

    Args:
        image: shape (H, W, 3), uint8, BGR, of any size.

    Returns:
        Shape (k * H, k * W), uint8, 0 = paper, 255 = full ink; all 0 if there is no ink.  k is a whole number, 1 unless
        the picture is tiny.
    """
    gray = to_gray(image)
    dark_on_light = np.asarray(cv2.bitwise_not(gray), np.uint8) if is_negative(gray) else gray
    return _main_ink_group(binarize(flatten_background(_enlarge_tiny(dark_on_light))))


def read_single_digit(image: Image, classifier: Classifier) -> DigitReading | None:
    """Read the digit in a picture.

    Args:
        image: shape (H, W, 3), uint8, BGR, of any size.
        classifier: what reads it.

    Returns:
        The reading, or None if the picture shows no ink.
    """
    ink = find_digit_ink(image)
    return classifier.read(digit_frame(ink)[np.newaxis])[0] if ink.any() else None


def _enlarge_tiny(gray: Image) -> Image:
    factor = math.ceil(_MIN_SIDE_PIXELS / max(gray.shape))
    if factor == 1:
        return gray
    return np.asarray(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)


def _main_ink_group(ink: Ink) -> Image:
    # A picture full of ink is black, not written on.
    if not ink.mask.any() or ink.mask.all():
        return np.zeros_like(ink.strength)
    # Dilated by half the maximum gap on each side, nearby components touch.
    max_gap = max(round(_MAX_GAP_STROKES * ink.stroke_width), 1)
    dilated = np.asarray(cv2.dilate(ink.mask, np.ones((max_gap, max_gap), np.uint8)), np.uint8)
    groups = label_components(dilated)
    ink_of_group = np.bincount(groups.labels.ravel(), ink.strength.ravel(), len(groups) + 1)
    main = 1 + int(np.argmax(ink_of_group[1:]))
    return np.where(groups.labels == main, ink.strength, np.uint8(0))
