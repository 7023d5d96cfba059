"""Values that hold an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanner.types.box import Box

Image = NDArray[np.uint8]
"""An image: rows first, colour in BGR order."""


@dataclass(frozen=True, slots=True, eq=False)
class PageImage:
    """A decoded page."""

    file: str
    """Name in results: relative to the scanned folder, with ``/``."""
    page_number: int
    """Page number within the file, from 1."""
    image: Image
    """Shape (height, width, 3), BGR, upright as a viewer shows it (EXIF applied)."""


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """Everything written or printed on a page, without the paper."""

    strength: Image
    """Shape (height, width): 0 = paper, 255 = full ink, grey at the edges of strokes."""
    mask: Image
    """Shape (height, width): 255 where there is ink, else 0."""
    stroke_width: float
    """Typical width of a stroke, pixels; 0 when there is no ink."""


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """The ink of one possible digit."""

    box: Box
    """In pixels of the rectified page."""
    strength: Image
    """Shape (box.height, box.width): ink of this glyph alone, without its neighbours; 0 = paper."""
