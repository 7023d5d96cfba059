"""Character height of a page, measured from its connected components."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.image.interval_search import points_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.image.components import Components


MAX_CHARACTER_HEIGHT_STROKES = 45.0
"""Maximum height of a character, stroke widths: that of a headline written with a fine pen."""

MIN_CHARACTER_HEIGHT_STROKES = 3.0
"""Minimum height of a character, stroke widths: a comma is lower."""

TALL_CHARACTER_PERCENTILE = 75
"""Percentile of the characters' heights that stands for a page: on a form, where most characters are small print, that
of the handwriting; in print, that of capitals and ascenders."""


def character_height(components: Components, stroke_width: float) -> float:
    """Measure the height of the taller characters on a page: of the handwriting on a form, not of the small print.

    Args:
        components: components of the page.
        stroke_width: typical stroke width, pixels.

    Returns:
        Pixels: the upper quartile of the heights of the components that can be characters; the page's shorter side if
        there are none; 0.0 on a page without ink.
    """
    if not len(components) or stroke_width == 0:
        return 0.0
    heights = components.boxes[:, 3]
    fitting = components.boxes[
        (heights >= MIN_CHARACTER_HEIGHT_STROKES * stroke_width)
        & (heights <= MAX_CHARACTER_HEIGHT_STROKES * stroke_width)
    ]
    if fitting.size:
        # The taller ones that enclose others are boxes, printed to write in.
        taller = np.flatnonzero(fitting[:, 3] >= np.percentile(fitting[:, 3], TALL_CHARACTER_PERCENTILE))
        fitting = fitting[~encloses_another(fitting, taller, 0.0)]
    if not fitting.size:
        return float(min(components.labels.shape))
    return float(np.percentile(fitting[:, 3], TALL_CHARACTER_PERCENTILE))


def encloses_another(boxes: NDArray[np.int32], outer: NDArray[np.int64], min_height_share: float) -> NDArray[np.bool_]:
    """Find the boxes that enclose another one.

    Args:
        boxes: x, y, width, height, shape (N, 4).
        outer: indices of the boxes to test.
        min_height_share: minimum height of an enclosed box that counts, in heights of the outer one.

    Returns:
        Shape (N,); False for boxes that are not tested.
    """
    encloses = np.zeros(len(boxes), bool)
    x, y, width, height = boxes.T
    right, bottom = x + width, y + height
    for which, inner in points_within(y, y[outer] + 1, bottom[outer] - 1):
        box = outer[which]
        inside = (x[inner] > x[box]) & (right[inner] < right[box]) & (bottom[inner] < bottom[box])
        encloses[box[inside & (height[inner] >= min_height_share * height[box])]] = True
    return encloses
