"""Convert a page to grey and remove its background: how much darker is each pixel than the paper around it?

One division by the local paper brightness removes uneven light, shadows, coloured and patterned paper.  No other step
does as much for real scans.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.downscale import downscale_in_one_step
from scanner.image.stroke_width import measure_stroke_width

if TYPE_CHECKING:
    from scanner.types import Image

_MEDIAN_WINDOW_STROKES = 11
"""Side of the window whose median is taken for paper, in stroke widths.  It holds a whole digit with its surroundings,
where ink is always the minority."""
_MIN_WINDOW_PIXELS = 15
"""Smallest side of a window, pixels: a smaller one follows noise."""
_MAX_WINDOWS_PER_SHORT_SIDE = 40
"""The window is at least the page's shorter side divided by this, 5 mm on a letter page: where most strokes are the
hair lines of a table, those of the writing are many times as wide."""
_MEDIAN_KERNEL_SIDE_PIXELS = 21
"""Before the median the page is downscaled until the window has about this side: paper has no detail to lose."""
_MAX_NON_WHITE_SHARE = 0.25
"""With a larger share of pixels whose window is not mostly white, filtering tile by tile saves no time."""
_TILE_SIDE_PIXELS = 128
"""Side of the tiles that are filtered where the image is not all white, pixels."""
_MIN_PAPER_BRIGHTNESS = 8
"""Minimum brightness of paper, of 255.  Anything darker is a scanner margin or an open cover and holds no ink."""
_MIN_SHADOW_BRIGHTNESS_SHARE = 0.3
"""Minimum brightness of paper, relative to the paper of the page.  Anything darker is no shadow, but the table
beneath."""
_ROUGH_WINDOWS_PER_SHORT_SIDE = 8
"""The window of the rough binarization is the page's shorter side divided by this."""
_MAX_ROUGH_INK_BRIGHTNESS_SHARE = 0.85
"""In the rough binarization, ink is at most this bright relative to the mean of its window."""
_PAPER_BRIGHTNESS_PERCENTILE = 75
"""Percentile of the brightness that stands for the paper of the page: at least a quarter of it is in no shadow."""
_NEGATIVE_TEST_SIDE_PIXELS = 600
"""Longer side of the copy that is tested for light ink on dark paper, pixels."""
_MIN_LIGHT_PAGE_MEDIAN = 128
"""A page with a median below this, of 255, may be light ink on dark paper."""


def to_gray(image: Image) -> Image:
    """Convert a colour page, shape (H, W, 3), BGR, to grey, shape (H, W), uint8, 255 = white."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def is_negative(gray: Image) -> bool:
    """Whether the page is light ink on dark paper.

    A page in shadow is dark as well, but its ink is darker still: what decides is whether thin strokes are lighter or
    darker than the paper around them.
    """
    if 2 * np.count_nonzero(gray >= _MIN_LIGHT_PAGE_MEDIAN) >= gray.size:
        return False
    small = downscale_in_one_step(gray, _NEGATIVE_TEST_SIDE_PIXELS)
    paper = cv2.medianBlur(small, _MEDIAN_KERNEL_SIDE_PIXELS)
    off_paper = small.astype(np.float32) - paper
    return bool(off_paper.clip(min=0).sum() > -off_paper.clip(max=0).sum())


def flatten_background(gray: Image) -> Image:
    """Remove the paper, keeping how much darker than it each pixel is.

    Args:
        gray: shape (H, W), uint8, dark ink on light paper.

    Returns:
        Shape (H, W), uint8, ``255 * (1 - gray / paper)``: 0 where the pixel is as light as the paper around it, 255
        where it is black.
    """
    paper = _estimate_paper(gray)
    strength = np.asarray(cv2.bitwise_not(cv2.divide(gray, paper, scale=255)), np.uint8)
    darkest = max(_MIN_PAPER_BRIGHTNESS, _MIN_SHADOW_BRIGHTNESS_SHARE * page_brightness(paper))
    is_paper = cv2.threshold(paper, math.ceil(darkest) - 1, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(cv2.bitwise_and(strength, is_paper), np.uint8)


def page_brightness(paper: Image) -> float:
    """Brightness of the page's paper outside shadows, 0-255, from that of the paper at each pixel, shape (H, W)."""
    return float(np.percentile(paper[::8, ::8], _PAPER_BRIGHTNESS_PERCENTILE))


def _estimate_paper(gray: Image) -> Image:
    height, width = gray.shape
    strokes = measure_stroke_width(_rough_ink(gray))
    window = max(_MEDIAN_WINDOW_STROKES * strokes, _MIN_WINDOW_PIXELS, min(gray.shape) / _MAX_WINDOWS_PER_SHORT_SIDE)
    factor = max(window / _MEDIAN_KERNEL_SIDE_PIXELS, 1.0)
    small = downscale_in_one_step(gray, max(height, width) / factor)
    side = round(window / factor) | 1
    # medianBlur repeats the edge pixels, and an edge is often a black scanner margin or a cut-off digit: reflecting
    # gives the median real surroundings.
    border = min(side // 2, min(small.shape) - 1)
    padded = np.asarray(cv2.copyMakeBorder(small, border, border, border, border, cv2.BORDER_REFLECT_101), np.uint8)
    paper = median_filter(padded, side)[border : border + small.shape[0], border : border + small.shape[1]]
    if small.shape != gray.shape:
        paper = np.asarray(cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    return paper


def median_filter(image: Image, side: int) -> Image:
    """Apply a median filter, faster than OpenCV where the image is white, as most of a two-level or brightened scan is.

    Args:
        image: shape (H, W), uint8.
        side: side of the window, pixels; odd.

    Returns:
        The same as ``cv2.medianBlur``.
    """
    white = (image == 255).view(np.uint8)
    count = cv2.boxFilter(white, cv2.CV_16U, (side, side), normalize=False, borderType=cv2.BORDER_REPLICATE)
    # Where more than half of the window is white, so is the median.
    undecided = np.asarray(count) <= side * side // 2
    if np.count_nonzero(undecided) > _MAX_NON_WHITE_SHARE * image.size:
        return np.asarray(cv2.medianBlur(image, side), np.uint8)
    filtered = np.full_like(image, 255)
    reach = side // 2
    for top, left in itertools.product(*(range(0, length, _TILE_SIDE_PIXELS) for length in image.shape)):
        tile = slice(top, top + _TILE_SIDE_PIXELS), slice(left, left + _TILE_SIDE_PIXELS)
        if undecided[tile].any():
            y, x = max(top - reach, 0), max(left - reach, 0)
            around = np.ascontiguousarray(
                image[y : top + _TILE_SIDE_PIXELS + reach, x : left + _TILE_SIDE_PIXELS + reach]
            )
            median = cv2.medianBlur(around, side)[top - y :, left - x :]
            filtered[tile] = median[:_TILE_SIDE_PIXELS, :_TILE_SIDE_PIXELS]
    return filtered


def _rough_ink(gray: Image) -> Image:
    side = max(min(gray.shape) // _ROUGH_WINDOWS_PER_SHORT_SIDE, _MIN_WINDOW_PIXELS)
    limit = cv2.convertScaleAbs(cv2.blur(gray, (side, side)), alpha=_MAX_ROUGH_INK_BRIGHTNESS_SHARE)
    return np.asarray(cv2.compare(gray, limit, cv2.CMP_LT), np.uint8)
