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

from scanner.strokes import stroke_width

if TYPE_CHECKING:
    from scanner.types import Image

_WINDOW_STROKES = 11
"""Side of the window in which the median is taken for paper, in stroke widths: in a window of a whole digit with
its surroundings ink is always the minority."""
_SMALLEST_WINDOW = 15
"""Pixels; a window of less follows noise."""
_WINDOWS_ACROSS = 40
"""... and no less than this part of the shorter side, 5 mm of a letter page: where most strokes are the hair lines of a
table, those of the writing are many times as wide."""
_MEDIAN_SIDE = 21
"""The median runs on a page shrunk until the window has about this side: paper has no detail to lose."""
_MOSTLY_WHITE = 0.25
"""At most this part of such a scan is not white paper; with more of it there is nothing to be saved."""
_TILE = 128
"""Pixels; side of the pieces in which the rest of it is filtered."""
_DARKEST_PAPER = 8
"""What is darker, of 255, is no paper but a scanner's margin or a cover left open, and has no ink, ..."""
_DARKEST_SHADOW = 0.3
"""... nor has what is darker than this part of the page's paper: the table beneath; no shadow is as deep."""
_ROUGH_WINDOW = 8
"""The window of the first, rough look for ink is this part of the shorter side of the page."""
_ROUGH_DARKER = 0.85
"""In that first look, ink is what is darker than this part of its surroundings."""
_PAPER_PERCENTILE = 75
"""This percentile of the lightness is that of the page's paper, of which at least a quarter lies in no shadow."""
_DARK_PAPER = 128
"""A page whose median is below may be light ink on dark paper."""


def to_gray(image: Image) -> Image:
    """Colour page, shape (H, W, 3), BGR -> gray, shape (H, W), uint8, 255 = white."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def is_negative(gray: Image) -> bool:
    """Whether the page is light ink on dark paper.

    A page in shadow is dark as well, but its ink is darker still: what counts is
    on which side of the paper the thin things lie.
    """
    if 2 * np.count_nonzero(gray >= _DARK_PAPER) >= gray.size:
        return False
    paper = cv2.medianBlur(_shrunk_to(gray, 600), _MEDIAN_SIDE)
    off_paper = _shrunk_to(gray, 600).astype(np.float32) - paper
    return bool(off_paper.clip(min=0).sum() > -off_paper.clip(max=0).sum())


def flatten(gray: Image) -> Image:
    """Take the paper away.

    Args:
        gray: shape (H, W), uint8, dark ink on light paper.

    Returns:
        Shape (H, W), uint8: 0 where the pixel is as light as the paper around
        it, 255 where it is black; ``255 * (1 - gray / paper)``.
    """
    paper = _paper(gray)
    strength = np.asarray(cv2.bitwise_not(cv2.divide(gray, paper, scale=255)), np.uint8)
    darkest = max(_DARKEST_PAPER, _DARKEST_SHADOW * float(np.percentile(paper[::8, ::8], _PAPER_PERCENTILE)))
    is_paper = cv2.threshold(paper, math.ceil(darkest) - 1, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(cv2.bitwise_and(strength, is_paper), np.uint8)


def _paper(gray: Image) -> Image:
    height, width = gray.shape
    strokes = stroke_width(_rough_ink(gray))
    window = max(_WINDOW_STROKES * strokes, _SMALLEST_WINDOW, min(gray.shape) / _WINDOWS_ACROSS)
    factor = max(window / _MEDIAN_SIDE, 1.0)
    small = _shrunk_to(gray, max(height, width) / factor)
    side = round(window / factor) | 1
    # The border repeats the edge pixels, and an edge is often a black scanner margin or a cut-off digit:
    # reflecting gives the median real surroundings.
    border = min(side // 2, min(small.shape) - 1)
    padded = np.asarray(cv2.copyMakeBorder(small, border, border, border, border, cv2.BORDER_REFLECT_101), np.uint8)
    paper = median(padded, side)[border : border + small.shape[0], border : border + small.shape[1]]
    if small.shape != gray.shape:
        paper = np.asarray(cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    return paper


def median(image: Image, side: int) -> Image:
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
    if np.count_nonzero(open_) > _MOSTLY_WHITE * image.size:
        return np.asarray(cv2.medianBlur(image, side), np.uint8)
    found = np.full_like(image, 255)
    reach = side // 2
    for top, left in itertools.product(*(range(0, length, _TILE) for length in image.shape)):
        tile = slice(top, top + _TILE), slice(left, left + _TILE)
        if open_[tile].any():
            y, x = max(top - reach, 0), max(left - reach, 0)
            around = np.ascontiguousarray(image[y : top + _TILE + reach, x : left + _TILE + reach])
            filtered = cv2.medianBlur(around, side)[top - y :, left - x :]
            found[tile] = filtered[:_TILE, :_TILE]
    return found


def _rough_ink(gray: Image) -> Image:
    side = max(min(gray.shape) // _ROUGH_WINDOW, _SMALLEST_WINDOW)
    limit = cv2.convertScaleAbs(cv2.blur(gray, (side, side)), alpha=_ROUGH_DARKER)
    return np.asarray(cv2.compare(gray, limit, cv2.CMP_LT), np.uint8)


def _shrunk_to(gray: Image, longest: float) -> Image:
    scale = longest / max(gray.shape)
    if scale >= 1:
        return gray
    size = (max(round(gray.shape[1] * scale), 1), max(round(gray.shape[0] * scale), 1))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
