"""Take the print that a form is known to have from the ink of a page, without breaking the strokes that cross it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.image.stroke_width import measure_stroke_width

if TYPE_CHECKING:
    from scanner.types import Image

_TOLERANCE_STROKES = 0.6
"""Distance, in stroke widths, by which print of the page may lie beside that of the reference and still be taken for
it."""


def remove_known_print(ink: MeasuredInk, known: Image) -> MeasuredInk:
    """Remove the ink that is known to be printed; what crosses it stays.

    Args:
        ink: ink of the rectified page.
        known: shape (height, width), 255 where the form has print, in the same pixels.

    Returns:
        The ink without it, with the character height that was measured with it; the same object if nothing is known.
    """
    if not known.any():
        return ink
    kept = np.asarray(cv2.subtract(ink.mask, known), np.uint8)
    printed = np.asarray(cv2.min(ink.mask, known), np.uint8)
    mask = np.asarray(cv2.bitwise_or(kept, _crossing(kept, printed, known)), np.uint8)
    # The soft edges of the print are removed with it.
    soft = cv2.subtract(cv2.dilate(printed, np.ones((3, 3), np.uint8)), cv2.dilate(mask, np.ones((3, 3), np.uint8)))
    strength = np.asarray(cv2.subtract(ink.strength, soft), np.uint8)
    stroke_width = measure_stroke_width(mask) or ink.stroke_width
    return MeasuredInk(strength, mask, stroke_width, label_components(mask), ink.character_height)


def scale_print(known: Image, size: tuple[int, int], stroke_width: float) -> Image:
    """Scale the print of a reference to a page, and widen it by what the page's may lie beside it.

    Args:
        known: shape (height, width), 255 where the reference has print.
        size: (width, height) of the rectified page.
        stroke_width: stroke width of that page, pixels.
    """
    scaled = known
    if known.shape[::-1] != size:
        scaled = np.asarray(cv2.resize(known, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        scaled = np.asarray(cv2.threshold(scaled, 127, 255, cv2.THRESH_BINARY)[1], np.uint8)
    return np.asarray(cv2.dilate(scaled, _disc(max(round(_TOLERANCE_STROKES * stroke_width), 1))), np.uint8)


def _crossing(kept: Image, printed: Image, known: Image) -> Image:
    """The ink within the print that joins ink on both sides of it.

    Closing joins what is nearer than its kernel; it can put nothing where no ink was.
    """
    half_thickness = (measure_stroke_width(known) or 1.0) / 2
    closed = cv2.morphologyEx(kept, cv2.MORPH_CLOSE, _disc(round(half_thickness) + 1))
    return np.asarray(cv2.min(closed, printed), np.uint8)


def _disc(radius: int) -> Image:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
