"""Whether a picture is a page or one number cut out already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.options import Layout

if TYPE_CHECKING:
    from scanner.types import Ink

_STROKES = 45
"""A picture at most this many stroke widths high has room for one line of writing: cells and amounts cut out have at
most 34, the lowest strip of a page 110."""
_HEIGHTS = 2.6
"""Writing with a fine pen is more stroke widths high: so is a picture at most this many heights of its tallest ..."""
_WIDTHS = 25
"""... and at most this many heights of the picture wide: twenty digits and room to spare; a wider one is a line of
text or a row of a table."""


def find_layout(ink: Ink) -> Layout:
    """PAGE or NUMBER, by the size of the picture and of the writing in it.

    Args:
        ink: of the picture as it is.

    Returns:
        PAGE for a picture without ink.
    """
    height, width = ink.mask.shape
    if ink.stroke_width == 0 or width > _WIDTHS * height:
        return Layout.PAGE
    return Layout.NUMBER if height <= _STROKES * ink.stroke_width else Layout.PAGE
