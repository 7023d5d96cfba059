"""Find ruled lines too pale for the ink threshold: grey and hair lines, of which binarization leaves dots or nothing.

They are recognized by their length.  Averaging along a line reduces the noise and keeps the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import find_sparse_components

if TYPE_CHECKING:
    from scanner.image.measured_ink import MeasuredInk
    from scanner.types import Image

_AVERAGED_PIXELS = 8
"""Pixels averaged along a line: fewer leave noise, and more lose a slightly skewed line.  A choice."""
_MIN_DARKNESS = 9
"""Minimum mean darkness of a line, of 255: a mean of 8 pixels has a third of the noise of one.  A choice."""
_DARKNESS_CAP = 14
"""Maximum darkness, of 255, that a pixel contributes: letters are dark but have paper between them, a line has none.  A
choice."""
_MIN_HORIZONTAL_LENGTH_HEIGHTS = 4.0
"""Minimum length of a horizontal line, character heights: shorter ones may be parts of words.  A choice."""
_MIN_VERTICAL_LENGTH_HEIGHTS = 2.5
"""Minimum length of a vertical line, character heights: shorter ones may be parts of letters.  A choice."""
_MAX_HIDDEN_SAMPLES = 2
"""Maximum gap in a line, in averaged samples, where a stroke across the line hides it.  A choice."""
_MAX_THICKNESS_STROKES = 1.5
"""Maximum thickness of a line, stroke widths: a shadow is thicker.  A choice."""
_MIN_TOTAL_LENGTH_HEIGHTS = 10.0
"""Minimum length of all such lines together, character heights: fewer make no table.  A choice."""
_MAX_INKED_SHARE = 0.7
"""Maximum share of a line that is ink: with more it was found already, or is text.  A choice."""


def find_pale_rules(flat: Image, ink: MeasuredInk) -> Image:
    """Find the horizontal and vertical lines that are too pale for the ink threshold.

    Args:
        flat: flattened, rectified page, shape (H, W), 0 = paper.
        ink: ink of the same page.

    Returns:
        Shape (H, W), 255 on such a line, else 0.
    """
    if ink.character_height <= 0 or ink.stroke_width <= 0:
        return np.zeros_like(flat)
    height, width = flat.shape
    capped = np.asarray(cv2.threshold(flat, _DARKNESS_CAP, _DARKNESS_CAP, cv2.THRESH_TRUNC)[1], np.uint8)
    thickest = max(round(_MAX_THICKNESS_STROKES * ink.stroke_width), 2)
    by_columns = _resize_by_area(capped, max(width // _AVERAGED_PIXELS, 1), height)
    by_rows = np.ascontiguousarray(_resize_by_area(capped, width, max(height // _AVERAGED_PIXELS, 1)).T)
    horizontal = _find_horizontal(by_columns, ink.mask, _MIN_HORIZONTAL_LENGTH_HEIGHTS * ink.character_height, thickest)
    # Horizontal on the transposed page is vertical on the page.
    vertical = _find_horizontal(by_rows, ink.mask.T, _MIN_VERTICAL_LENGTH_HEIGHTS * ink.character_height, thickest).T
    length = _AVERAGED_PIXELS * (cv2.countNonZero(horizontal) + cv2.countNonZero(vertical))
    if length < _MIN_TOTAL_LENGTH_HEIGHTS * ink.character_height:
        return np.zeros_like(flat)
    lines = (
        cv2.resize(np.ascontiguousarray(averaged), (width, height), interpolation=cv2.INTER_NEAREST)
        for averaged in (horizontal, vertical)
    )
    dark = cv2.threshold(capped, _MIN_DARKNESS - 1, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(cv2.min(cv2.max(*lines), dark), np.uint8)


def _resize_by_area(page: Image, width: int, height: int) -> Image:
    return np.asarray(cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _find_horizontal(averaged: Image, mask: Image, length: float, thickest: int) -> Image:
    """Horizontal lines of a page in which ``_AVERAGED_PIXELS`` columns are averaged to one: 255 there, else 0."""
    # Anything thicker than a line is not one, however pale.
    thin = cv2.morphologyEx(averaged, cv2.MORPH_TOPHAT, np.ones((thickest + 1, 1), np.uint8))
    dark = cv2.threshold(thin, _MIN_DARKNESS - 1, 255, cv2.THRESH_BINARY)[1]
    # A slightly skewed line continues a row further up or down, and any line continues beneath the writing on it.
    continued = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    continued = cv2.morphologyEx(continued, cv2.MORPH_CLOSE, np.ones((1, _MAX_HIDDEN_SAMPLES + 1), np.uint8))
    bar = np.ones((1, max(round(length / _AVERAGED_PIXELS), 3)), np.uint8)
    long_lines = cv2.min(cv2.morphologyEx(continued, cv2.MORPH_OPEN, bar), dark)
    components = find_sparse_components(np.asarray(long_lines, np.uint8))
    columns = np.minimum(
        components.columns[:, None] * _AVERAGED_PIXELS + np.arange(_AVERAGED_PIXELS), mask.shape[1] - 1
    )
    inked = (mask[components.rows[:, None], columns] > 0).mean(axis=1)
    inked_of_component = np.bincount(components.component_of_pixel, inked, len(components))
    lines = np.zeros_like(averaged)
    components.draw(inked_of_component <= _MAX_INKED_SHARE * components.areas, lines)
    return lines
