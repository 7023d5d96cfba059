"""Deepen the ink of a faint page, so that what is measured on it is in the same range as on any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from scanner.types import Image

_INK_SHARE = 0.01
"""Share of a page that is its darkest ink.  A choice: a form with little on it has some percent of ink."""
_INK_DARKNESS = 200.0
"""Darkness that this ink is to have at least, of 255."""
_MAX_GAIN = 8.0
"""Maximum factor.  A choice: bare paper stays paler than a pencil."""


def deepen(flat: Image) -> Image:
    """Multiply the darkness of a faint page, as a factor of all its pixels.

    Args:
        flat: shape (height, width), uint8, darkness relative to the paper, 0 = paper.

    Returns:
        The same shape and dtype; the page itself if its ink is dark enough.
    """
    counts = cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel()
    darker = np.cumsum(counts[::-1])[::-1]
    darkness = int(np.count_nonzero(darker >= _INK_SHARE * flat.size)) - 1
    gain = min(_INK_DARKNESS / max(darkness, 1), _MAX_GAIN)
    return np.asarray(cv2.convertScaleAbs(flat, alpha=gain), np.uint8) if gain > 1 else flat
