"""The height of the characters on a page, measured from its connected components."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.image.interval_search import points_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.image.components import Components


MAX_CHARACTER_HEIGHT_STROKES = 45.0
"""A headline with a fine pen: no character is more stroke widths high."""

MIN_CHARACTER_HEIGHT_STROKES = 3.0
"""A comma: what nothing tells to be a character is more stroke widths high."""

_CHARACTER_HEIGHT_RANGE_STROKES = (MIN_CHARACTER_HEIGHT_STROKES, MAX_CHARACTER_HEIGHT_STROKES)

_TALL_CHARACTER_PERCENTILE = 75
"""Percentile of the heights that stands for the page: on a form most characters are small print, some are boxes."""


def character_height(components: Components, stroke_width: float) -> float:
    """Height of the taller characters on the page: of the handwriting on a form, not of the small print.

    Returns:
        Pixels: the upper quartile of the heights of the components that can be characters;
        the page's shorter side if there are none; 0.0 on a page without ink.
    """
    if not len(components) or stroke_width == 0:
        return 0.0
    heights = components.boxes[:, 3]
    low, high = (limit * stroke_width for limit in _CHARACTER_HEIGHT_RANGE_STROKES)
    fitting = components.boxes[(heights >= low) & (heights <= high)]
    if not fitting.size:
        return float(min(components.labels.shape))
    # Taller boxes with others within are printed to write in.
    taller = np.flatnonzero(fitting[:, 3] >= np.percentile(fitting[:, 3], _TALL_CHARACTER_PERCENTILE))
    fitting = fitting[~encloses_another(fitting, taller, 0.0)]
    return (
        float(np.percentile(fitting[:, 3], _TALL_CHARACTER_PERCENTILE))
        if fitting.size
        else float(min(components.labels.shape))
    )


def encloses_another(boxes: NDArray[np.int32], outer: NDArray[np.int64], min_height_share: float) -> NDArray[np.bool_]:
    """Which of some boxes have another within.

    Args:
        boxes: shape (N, 4).
        outer: indices of those that are asked for.
        min_height_share: height of what counts within, in heights of the outer box.

    Returns:
        Shape (N,).
    """
    found = np.zeros(len(boxes), bool)
    x, y, width, height = boxes.T
    right, bottom = x + width, y + height
    for which, inner in points_within(y, y[outer] + 1, bottom[outer] - 1):
        box = outer[which]
        inside = (x[inner] > x[box]) & (right[inner] < right[box]) & (bottom[inner] < bottom[box])
        found[box[inside & (height[inner] >= min_height_share * height[box])]] = True
    return found
