"""Whether a picture is a page or one number cut out already."""

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
"""A picture at most this many stroke widths high may be one number: cells and amounts cut out have at most 34, the
lowest strip cut from a page 110."""
_MAX_CROP_HEIGHT_CHARACTER_HEIGHTS = 3.2
"""So may one at most this many character heights high, which a thin pen makes more stroke widths: amounts cut out have
at most 2.7, the lowest strip cut from a page 6."""
_MAX_CROP_WIDTH_TO_HEIGHT_RATIO = 25
"""A number is at most this many times as wide as its picture is high: twenty digits have room in 16; what is wider is
a line of text or a row of a table."""
_MAX_SINGLE_LINE_HEIGHT_PIXELS = 36
"""Rows: of writing that is high enough to be read, 12 rows, there is no room for two lines and what is between them."""
_FULL_HEIGHT_SHARE = 0.6
"""A component with at least this part of the character height ..."""
_FULL_HEIGHT_STROKES = 5
"""... and at least this many stroke widths high stands on a line of writing; others are points, dashes, specks."""
_MIN_FULL_WIDTH_HEIGHTS = 0.25
"""So does one at least this many of its heights wide; others may be parts of the sides of a box."""


def detect_page_or_crop(ink: Ink) -> PageOrCrop:
    """PAGE or NUMBER, by the size of the picture and of the writing in it, and by its being one line.

    Args:
        ink: of the picture as it is.

    Returns:
        PAGE for a picture without ink, unless it is too low for more than one line.
    """
    height, width = ink.mask.shape
    if width > _MAX_CROP_WIDTH_TO_HEIGHT_RATIO * height:
        return PageOrCrop.PAGE
    if height <= _MAX_SINGLE_LINE_HEIGHT_PIXELS:
        return PageOrCrop.CROP
    # No character is so high: the components of a page need not be looked for.
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
    """How many bands of rows the components fill, those cut off by the picture's edges left out."""
    edges = np.zeros(rows + 1, np.int64)
    np.add.at(edges, tops, 1)
    np.add.at(edges, tops + heights, -1)
    filled = np.cumsum(edges) > 0
    starts = np.flatnonzero(filled[1:] & ~filled[:-1]) + 1
    return int(np.count_nonzero([not filled[start:rows].all() for start in starts]))
