"""Where a page has ink, so that labels can stand on free paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

_MIN_INK_CONTRAST_LEVELS = 20
"""Smallest difference in grey levels (0-255) between ink and the paper around it; less is paper grain."""
_PAPER_WINDOW_HEIGHTS = 4
"""Side of the window whose mean is the paper around a pixel, in heights of the smallest text: wider than a stroke."""
_MIN_INK_AREA_SQUARED_HEIGHTS = 0.02
"""Smallest area of ink, in squared heights of the smallest text: less is a speck, which a label may hide."""
_MIN_RULE_LENGTH_HEIGHTS = 3.0
"""Shortest straight line that counts as a rule, in heights of the smallest text: longer than the strokes of digits.  A
label may hide a part of a rule, since the rest of it shows where it was."""
_MAX_RULE_HEIGHTS = 0.5
"""Largest thickness of a rule, in heights of the smallest text: thicker is a filled box or a bar.  A choice."""


def count_ink(page: Image, text_height: int) -> NDArray[np.int32]:
    """Count the pixels of writing and print above and to the left of each pixel.

    Rules, and specks, do not count.  This is good enough to find free paper, not to read.

    Args:
        page: the page, BGR, shape (height, width, 3).
        text_height: height of the smallest text that is set without need, pixels.

    Returns:
        Integral image, shape (height + 1, width + 1).
    """
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    dark: Image = np.asarray(
        cv2.adaptiveThreshold(
            cv2.GaussianBlur(grey, (3, 3), 0),
            1,
            cv2.ADAPTIVE_THRESH_MEAN_C,
            cv2.THRESH_BINARY_INV,
            max(3, round(_PAPER_WINDOW_HEIGHTS * text_height) | 1),
            _MIN_INK_CONTRAST_LEVELS,
        ),
        np.uint8,
    )
    dark[_rules(dark, text_height) > 0] = 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= max(2, _MIN_INK_AREA_SQUARED_HEIGHTS * text_height**2)
    large[0] = False
    return np.asarray(cv2.integral(large[labels].astype(np.uint8)), np.int32)


def _rules(dark: Image, text_height: int) -> Image:
    """Pixels of thin, long, level or upright lines."""
    length, thickness = round(_MIN_RULE_LENGTH_HEIGHTS * text_height), max(2, round(_MAX_RULE_HEIGHTS * text_height))
    # One pixel thicker, a line that is not quite level is one all the same.
    thick = cv2.dilate(dark, np.ones((3, 3), np.uint8))
    level = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    upright = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    filled = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((thickness, thickness), np.uint8))
    lines = cv2.bitwise_or(level, upright)
    return np.asarray(np.where(cv2.dilate(filled, np.ones((3, 3), np.uint8)), 0, lines), np.uint8)
