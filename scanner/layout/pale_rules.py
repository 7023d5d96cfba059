"""Ruled lines paler than the threshold: grey and hair lines of a form, of which binarizing leaves dots or nothing.

What gives them away is their length. Along a line pixels are averaged, so that noise falls and the line stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import find_sparse_components

if TYPE_CHECKING:
    from scanner.types import Image, Ink

_AVERAGED_PIXELS = 8
"""Pixels along a line that are averaged: fewer leave noise, and of more a line a little askew leaves nothing."""
_MIN_DARKNESS = 9
"""A line is darker than paper by this, of 255: the average has a third of the noise of one pixel."""
_DARKNESS_CAP = 14
"""A pixel counts for no more than this: letters are dark, but have paper between them, and a line has none."""
_MIN_HORIZONTAL_LENGTH_HEIGHTS = 4.0
"""Character heights: shorter lines may be parts of words, ..."""
_MIN_VERTICAL_LENGTH_HEIGHTS = 2.5
"""... and upright ones of letters."""
_MAX_HIDDEN_SAMPLES = 2
"""Averaged places over which a stroke across a line may hide it."""
_MAX_THICKNESS_STROKES = 1.5
"""Stroke widths: what is thicker is a shade."""
_MIN_TOTAL_LENGTH_HEIGHTS = 10.0
"""Character heights of such lines, all together, are too few for a table."""
_MAX_INKED_SHARE = 0.7
"""A line of which more than this part is ink was found already, or is text."""


def find_pale_rules(flat: Image, ink: Ink, character_height: float) -> Image:
    """Find the level and upright lines that are too pale for the threshold.

    Args:
        flat: the straightened page without its paper, shape (H, W), 0 = paper.
        ink: of the same page.
        character_height: of the taller characters, pixels.

    Returns:
        Shape (H, W), 255 = such a line, else 0.
    """
    if character_height <= 0 or ink.stroke_width <= 0:
        return np.zeros_like(flat)
    height, width = flat.shape
    capped = np.asarray(cv2.threshold(flat, _DARKNESS_CAP, _DARKNESS_CAP, cv2.THRESH_TRUNC)[1], np.uint8)
    thickest = max(round(_MAX_THICKNESS_STROKES * ink.stroke_width), 2)
    across = _resize_by_area(capped, max(width // _AVERAGED_PIXELS, 1), height)
    down = np.ascontiguousarray(_resize_by_area(capped, width, max(height // _AVERAGED_PIXELS, 1)).T)
    level = _find_horizontal(across, ink.mask, _MIN_HORIZONTAL_LENGTH_HEIGHTS * character_height, thickest)
    # What is level on the transposed page is upright on the page.
    upright = _find_horizontal(down, ink.mask.T, _MIN_VERTICAL_LENGTH_HEIGHTS * character_height, thickest).T
    length = _AVERAGED_PIXELS * (cv2.countNonZero(level) + cv2.countNonZero(upright))
    if length < _MIN_TOTAL_LENGTH_HEIGHTS * character_height:
        return np.zeros_like(flat)
    lines = (
        cv2.resize(np.ascontiguousarray(some), (width, height), interpolation=cv2.INTER_NEAREST)
        for some in (level, upright)
    )
    there = cv2.threshold(capped, _MIN_DARKNESS - 1, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(cv2.min(cv2.max(*lines), there), np.uint8)


def _resize_by_area(page: Image, width: int, height: int) -> Image:
    return np.asarray(cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _find_horizontal(averaged: Image, mask: Image, length: float, thickest: int) -> Image:
    """Level lines of a page of which ``_AVERAGED_PIXELS`` columns are one: 255 there, else 0."""
    # What is dark for more than a line's thickness is no line, however pale.
    thin = cv2.morphologyEx(averaged, cv2.MORPH_TOPHAT, np.ones((thickest + 1, 1), np.uint8))
    dark = cv2.threshold(thin, _MIN_DARKNESS - 1, 255, cv2.THRESH_BINARY)[1]
    # A line that is a little askew goes on a row further up or down, and it goes on beneath what is written on it.
    led_on = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    led_on = cv2.morphologyEx(led_on, cv2.MORPH_CLOSE, np.ones((1, _MAX_HIDDEN_SAMPLES + 1), np.uint8))
    bar = np.ones((1, max(round(length / _AVERAGED_PIXELS), 3)), np.uint8)
    pieces = find_sparse_components(np.asarray(cv2.min(cv2.morphologyEx(led_on, cv2.MORPH_OPEN, bar), dark), np.uint8))
    columns = np.minimum(pieces.columns[:, None] * _AVERAGED_PIXELS + np.arange(_AVERAGED_PIXELS), mask.shape[1] - 1)
    seen = np.bincount(pieces.component_of_pixel, (mask[pieces.rows[:, None], columns] > 0).mean(axis=1), len(pieces))
    lines = np.zeros_like(averaged)
    pieces.draw(seen <= _MAX_INKED_SHARE * pieces.areas, lines)
    return lines
