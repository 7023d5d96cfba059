"""Page -> gray -> how much darker than its own paper every pixel is.

Uneven light, shadows, coloured and patterned paper all go with one division by
the local paper brightness.  No other step does as much for real scans.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.stroke_width import measure_stroke_width

if TYPE_CHECKING:
    from scanner.types import Image

_MEDIAN_WINDOW_STROKES = 11
"""Side of the window in which the median is taken for paper, in stroke widths: in a window of a whole digit with
its surroundings ink is always the minority."""
_MIN_WINDOW_PIXELS = 15
"""Pixels; a window of less follows noise."""
_MAX_WINDOWS_PER_SHORT_SIDE = 40
"""... and no less than this part of the shorter side, 5 mm of a letter page: where most strokes are the hair lines of a
table, those of the writing are many times as wide."""
_MEDIAN_KERNEL_SIDE_PIXELS = 21
"""The median runs on a page shrunk until the window has about this side: paper has no detail to lose."""
_MAX_NON_WHITE_SHARE = 0.25
"""At most this part of such a scan is not white paper; with more of it there is nothing to be saved."""
_TILE_SIDE_PIXELS = 128
"""Pixels; side of the pieces in which the rest of it is filtered."""
_MIN_PAPER_BRIGHTNESS = 8
"""What is darker, of 255, is no paper but a scanner's margin or a cover left open, and has no ink, ..."""
_MIN_SHADOW_BRIGHTNESS_SHARE = 0.3
"""... nor has what is darker than this part of the page's paper: the table beneath; no shadow is as deep."""
_ROUGH_WINDOWS_PER_SHORT_SIDE = 8
"""The window of the first, rough look for ink is this part of the shorter side of the page."""
_MAX_ROUGH_INK_BRIGHTNESS_SHARE = 0.85
"""In that first look, ink is what is darker than this part of its surroundings."""
_PAPER_BRIGHTNESS_PERCENTILE = 75
"""This percentile of the lightness is that of the page's paper, of which at least a quarter lies in no shadow."""
_MIN_LIGHT_PAGE_MEDIAN = 128
"""A page whose median is below may be light ink on dark paper."""


def to_gray(image: Image) -> Image:
    """Colour page, shape (H, W, 3), BGR -> gray, shape (H, W), uint8, 255 = white."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def is_negative(gray: Image) -> bool:
    """Whether the page is light ink on dark paper.

    A page in shadow is dark as well, but its ink is darker still: what counts is
    on which side of the paper the thin things lie.
    """
    if 2 * np.count_nonzero(gray >= _MIN_LIGHT_PAGE_MEDIAN) >= gray.size:
        return False
    paper = cv2.medianBlur(_downscale_to(gray, 600), _MEDIAN_KERNEL_SIDE_PIXELS)
    off_paper = _downscale_to(gray, 600).astype(np.float32) - paper
    return bool(off_paper.clip(min=0).sum() > -off_paper.clip(max=0).sum())


def flatten_background(gray: Image) -> Image:
    """Take the paper away.

    Args:
        gray: shape (H, W), uint8, dark ink on light paper.

    Returns:
        Shape (H, W), uint8: 0 where the pixel is as light as the paper around
        it, 255 where it is black; ``255 * (1 - gray / paper)``.
    """
    paper = _estimate_paper(gray)
    strength = np.asarray(cv2.bitwise_not(cv2.divide(gray, paper, scale=255)), np.uint8)
    darkest = max(
        _MIN_PAPER_BRIGHTNESS,
        _MIN_SHADOW_BRIGHTNESS_SHARE * float(np.percentile(paper[::8, ::8], _PAPER_BRIGHTNESS_PERCENTILE)),
    )
    is_paper = cv2.threshold(paper, math.ceil(darkest) - 1, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(cv2.bitwise_and(strength, is_paper), np.uint8)


def _estimate_paper(gray: Image) -> Image:
    height, width = gray.shape
    strokes = measure_stroke_width(_rough_ink(gray))
    window = max(_MEDIAN_WINDOW_STROKES * strokes, _MIN_WINDOW_PIXELS, min(gray.shape) / _MAX_WINDOWS_PER_SHORT_SIDE)
    factor = max(window / _MEDIAN_KERNEL_SIDE_PIXELS, 1.0)
    small = _downscale_to(gray, max(height, width) / factor)
    side = round(window / factor) | 1
    # The border repeats the edge pixels, and an edge is often a black scanner margin or a cut-off digit:
    # reflecting gives the median real surroundings.
    border = min(side // 2, min(small.shape) - 1)
    padded = np.asarray(cv2.copyMakeBorder(small, border, border, border, border, cv2.BORDER_REFLECT_101), np.uint8)
    paper = median_filter(padded, side)[border : border + small.shape[0], border : border + small.shape[1]]
    if small.shape != gray.shape:
        paper = np.asarray(cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    return paper


def median_filter(image: Image, side: int) -> Image:
    """Median filter, faster where the image is white, as most of a two-level scan or of one made brighter is.

    Args:
        image: shape (H, W), uint8.
        side: of the window, pixels; odd.

    Returns:
        The same as ``cv2.medianBlur``.
    """
    white = (image == 255).view(np.uint8)
    count = cv2.boxFilter(white, cv2.CV_16U, (side, side), normalize=False, borderType=cv2.BORDER_REPLICATE)
    # Where more than half is white, so is the median.
    open_ = np.asarray(count) <= side * side // 2
    if np.count_nonzero(open_) > _MAX_NON_WHITE_SHARE * image.size:
        return np.asarray(cv2.medianBlur(image, side), np.uint8)
    found = np.full_like(image, 255)
    reach = side // 2
    for top, left in itertools.product(*(range(0, length, _TILE_SIDE_PIXELS) for length in image.shape)):
        tile = slice(top, top + _TILE_SIDE_PIXELS), slice(left, left + _TILE_SIDE_PIXELS)
        if open_[tile].any():
            y, x = max(top - reach, 0), max(left - reach, 0)
            around = np.ascontiguousarray(
                image[y : top + _TILE_SIDE_PIXELS + reach, x : left + _TILE_SIDE_PIXELS + reach]
            )
            filtered = cv2.medianBlur(around, side)[top - y :, left - x :]
            found[tile] = filtered[:_TILE_SIDE_PIXELS, :_TILE_SIDE_PIXELS]
    return found


def _rough_ink(gray: Image) -> Image:
    side = max(min(gray.shape) // _ROUGH_WINDOWS_PER_SHORT_SIDE, _MIN_WINDOW_PIXELS)
    limit = cv2.convertScaleAbs(cv2.blur(gray, (side, side)), alpha=_MAX_ROUGH_INK_BRIGHTNESS_SHARE)
    return np.asarray(cv2.compare(gray, limit, cv2.CMP_LT), np.uint8)


def _downscale_to(gray: Image, longest: float) -> Image:
    scale = longest / max(gray.shape)
    if scale >= 1:
        return gray
    size = (max(round(gray.shape[1] * scale), 1), max(round(gray.shape[0] * scale), 1))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
