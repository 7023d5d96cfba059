"""Decide whether an image is a page or a crop with one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.image.character_height import MAX_CHARACTER_HEIGHT_STROKES, character_height
from scanner.image.components import label_components
from scanner.options import PageOrCrop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Ink

_MAX_CROP_HEIGHT_STROKES = 45
"""Maximum height of a crop, stroke widths.  Measured on cropped cells and amounts, which have at most 34, and on line
crops of pages, which have at least 110."""
_MAX_CROP_HEIGHT_CHARACTER_HEIGHTS = 3.2
"""Maximum height, character heights, of a crop whose thin pen makes it higher in stroke widths.  Measured on cropped
amounts, which have at most 2.7, and on line crops of pages, which have at least 6."""
_MAX_CROP_WIDTH_TO_HEIGHT_RATIO = 25
"""Maximum width of a crop, relative to its height: twenty digits need 16; anything wider is a text line or the row of a
table.  A choice."""
_MAX_SINGLE_LINE_HEIGHT_PIXELS = 36
"""Maximum height, pixels, of an image that is surely one line: it has no room for two lines, 12 pixels high each to be
legible, and the gap between them.  A choice."""
_FULL_HEIGHT_SHARE = 0.6
"""Minimum height, character heights, of a component that shows where a line is: points, dashes and specks are lower.  A
choice."""
_FULL_HEIGHT_STROKES = 5
"""Minimum height, stroke widths, of a component that shows where a line is.  A choice."""
_MIN_FULL_WIDTH_HEIGHTS = 0.25
"""Minimum width, in its heights, of a component that shows where a line is: parts of the sides of a box are narrower.
A choice."""


def detect_page_or_crop(ink: Ink) -> PageOrCrop:
    """Decide by the size of the image and of its writing, and by whether that is one line.

    Args:
        ink: ink of the image as it is.

    Returns:
        ``PAGE`` or ``CROP``; an image without ink is a page unless it is too low for more than one line.
    """
    height, width = ink.mask.shape
    if width > _MAX_CROP_WIDTH_TO_HEIGHT_RATIO * height:
        return PageOrCrop.PAGE
    if height <= _MAX_SINGLE_LINE_HEIGHT_PIXELS:
        return PageOrCrop.CROP
    # No character is so high: there is no need to look for the components of a page.
    if height > _MAX_CROP_HEIGHT_CHARACTER_HEIGHTS * MAX_CHARACTER_HEIGHT_STROKES * ink.stroke_width:
        return PageOrCrop.PAGE
    components = label_components(ink.mask)
    character = character_height(components, ink.stroke_width)
    if height > max(_MAX_CROP_HEIGHT_STROKES * ink.stroke_width, _MAX_CROP_HEIGHT_CHARACTER_HEIGHTS * character):
        return PageOrCrop.PAGE
    tops, widths, heights = components.boxes[:, 1:].T
    full = (widths >= _MIN_FULL_WIDTH_HEIGHTS * heights) & (
        heights >= max(_FULL_HEIGHT_SHARE * character, _FULL_HEIGHT_STROKES * ink.stroke_width)
    )
    return PageOrCrop.PAGE if _count_line_bands(tops[full], heights[full], height) > 1 else PageOrCrop.CROP


def _count_line_bands(tops: NDArray[np.int32], heights: NDArray[np.int32], rows: int) -> int:
    """Number of bands of rows that the components fill, without those cut off by the edges of the image."""
    edges = np.zeros(rows + 1, np.int64)
    np.add.at(edges, tops, 1)
    np.add.at(edges, tops + heights, -1)
    filled = np.cumsum(edges) > 0
    starts = np.flatnonzero(filled[1:] & ~filled[:-1]) + 1
    return int(np.count_nonzero([not filled[start:rows].all() for start in starts]))
