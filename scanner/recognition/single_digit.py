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
from scanner.types import NO_DIGIT_LABEL, DigitReading

if TYPE_CHECKING:
    from scanner.recognition.digit_classifier import Classifier
    from scanner.types import Image, Ink

_MIN_SIDE_PIXELS = 56
"""Minimum longer side of a picture, pixels; smaller ones are enlarged.  In one of 28 pixels a stroke is one pixel wide,
and thresholding breaks it."""
_MAX_GAP_STROKES = 3.0
"""Maximum gap between components of one digit, stroke widths: faint strokes break, and the bar of a hasty 5 is
detached."""
_MIN_DOT_INK_STRENGTH = 128
"""Minimum strength of ink, 0-255, that counts for the shape of a dot: the middle of the edge of a stroke."""
_MAX_DOT_WIDTHS = 2.1
"""Maximum longer side of a dot, in its widths: a stroke of the pen up to 1.2 times as long as the pen is wide.  The
classifier takes shorter ones for a 0 that is filled with ink, and a 1 is longer than twice the width of the pen."""
_MIN_DOT_SOLIDITY = 0.92
"""Minimum share of ink in the convex hull of a dot, 0-1.  A 6 or an 8 full of ink may be as compact, but
is dented: of 20,000 digits of MNIST one is taken for a dot."""
DOT_READING = DigitReading((0.0,) * NO_DIGIT_LABEL + (1.0,))
"""What a dot is read as: no digit, for certain."""


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
        The reading, ``DOT_READING`` if all that the picture shows is a dot, or None if it shows no ink.
    """
    return read_digit_ink(find_digit_ink(image), classifier)


def read_digit_ink(ink: Image, classifier: Classifier) -> DigitReading | None:
    """Read the ink of a digit that has no other ink around it.

    Args:
        ink: shape (H, W), uint8, 0 = paper, 255 = full ink.
        classifier: what reads it.

    Returns:
        The reading, ``DOT_READING`` for a dot, or None if there is no ink.
    """
    if not ink.any():
        return None
    return DOT_READING if _is_dot(ink) else classifier.read(digit_frame(ink)[np.newaxis])[0]


def _is_dot(ink: Image) -> bool:
    # Ink at the edge of the picture has paper beyond it.
    mask = cv2.copyMakeBorder((ink >= _MIN_DOT_INK_STRENGTH).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    points = cv2.findNonZero(mask)
    if points is None:
        return False
    width = 2 * float(cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE).max())
    if max(cv2.boundingRect(points)[2:]) > _MAX_DOT_WIDTHS * width:
        return False
    hull = cv2.fillConvexPoly(np.zeros_like(mask), cv2.convexHull(points), 1)
    return bool(np.count_nonzero(mask) >= _MIN_DOT_SOLIDITY * np.count_nonzero(hull))


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
