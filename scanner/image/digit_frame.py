"""Normalize the ink of one glyph to the 28 x 28 frame that every classifier reads.

The form is that of MNIST: slant removed by second moments, scaled into a 20-pixel box, centre of mass in the middle
(LeCun et al., "Gradient-based learning applied to document recognition", 1998, section III).  Training, scanning, the
pad and the web page all use this one function.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from scanner.types import Image

FRAME_SIDE = 28
"""Side of a digit frame, pixels."""
BODY_SIDE = 20
"""Longer side of the digit inside its frame, pixels."""

_SUPERSAMPLING = 2
"""The warp draws the frame this many times as large, to be averaged down: thin strokes keep their weight."""
_MAX_SHEAR = 1.0
"""Maximum slant removed, dx/dy (45 degrees): a larger one is the shape of a dash or a tick."""
_MIN_EXTENT_STRENGTH = 64
"""Minimum strength of ink that counts for the digit's extent, of 255: the grey halo of a blurred stroke does not."""
_FULL_INK_QUANTILE = 0.9
"""Quantile of the ink's strength that is stretched to full ink, so that a pencil and a marker look alike."""


def measure_slant(ink: Image) -> float:
    """Measure the slant of a glyph, dx/dy, from its second moments.

    Args:
        ink: shape (H, W), uint8, 0 = paper.

    Returns:
        mu11 / mu02, clipped to -1 to 1; positive if the glyph leans to the left; 0 for ink one pixel high.
    """
    moments = cv2.moments(ink)
    # Ink one pixel high has mu02 near 0.
    if moments["mu02"] <= 0.1 * moments["m00"]:
        return 0.0
    return float(np.clip(moments["mu11"] / moments["mu02"], -_MAX_SHEAR, _MAX_SHEAR))


def digit_frame(ink: Image) -> Image:
    """Deslant one glyph, scale it and centre it as MNIST does.

    Args:
        ink: shape (H, W), uint8, any size; 0 = paper, 255 = full ink.

    Returns:
        Shape (28, 28), uint8, white (255) ink on black (0).

    Raises:
        ValueError: if there is no ink, or ``ink`` is no two-dimensional uint8 array.
    """
    if ink.ndim != 2 or ink.dtype != np.uint8:
        raise ValueError(f"ink is a two-dimensional uint8 array, not {ink.ndim}-dimensional {ink.dtype}")
    extent = ink >= min(_MIN_EXTENT_STRENGTH, max(int(ink.max(initial=0)) // 2, 1))
    if not extent.any():
        raise ValueError("no ink to frame")
    ink = _downscale_large(_crop_to_ink(ink, extent))
    shear = measure_slant(ink)
    moments = cv2.moments(ink)
    mean_x, mean_y = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]

    ys, xs = np.nonzero(ink >= min(_MIN_EXTENT_STRENGTH, max(int(ink.max()) // 2, 1)))
    straight_xs = xs - shear * ys
    size = max(float(np.ptp(straight_xs)), float(np.ptp(ys))) + 1
    scale = BODY_SIDE * _SUPERSAMPLING / size
    middle = (FRAME_SIDE * _SUPERSAMPLING - 1) / 2
    # x' = scale * ((x - mean_x) - shear * (y - mean_y)) + middle, likewise y'.
    warp = np.array(
        [
            [scale, -scale * shear, middle - scale * (mean_x - shear * mean_y)],
            [0.0, scale, middle - scale * mean_y],
        ]
    )
    large = cv2.warpAffine(
        ink, warp, (FRAME_SIDE * _SUPERSAMPLING, FRAME_SIDE * _SUPERSAMPLING), flags=cv2.INTER_LINEAR
    )
    small = cv2.resize(large, (FRAME_SIDE, FRAME_SIDE), interpolation=cv2.INTER_AREA)
    return _stretch_to_full_ink(np.asarray(small, np.uint8))


def digit_frames(inks: Iterable[Image]) -> Image:
    """Frame several glyphs as :func:`digit_frame` does; shape (N, 28, 28), uint8."""
    framed = [digit_frame(ink) for ink in inks]
    return np.stack(framed) if framed else np.empty((0, FRAME_SIDE, FRAME_SIDE), np.uint8)


def _crop_to_ink(ink: Image, extent: NDArray[np.bool_]) -> Image:
    rows = np.flatnonzero(extent.any(axis=1))
    columns = np.flatnonzero(extent.any(axis=0))
    # One more pixel on each side keeps the soft edge of the strokes.
    top, left = max(rows[0] - 1, 0), max(columns[0] - 1, 0)
    return ink[top : rows[-1] + 2, left : columns[-1] + 2]


def _downscale_large(ink: Image) -> Image:
    """Downscale a large glyph to at most twice the size that the warp draws: warpAffine alone would skip pixels."""
    factor = math.floor(max(ink.shape) / (BODY_SIDE * _SUPERSAMPLING))
    if factor < 2:
        return ink
    size = (max(round(ink.shape[1] / factor), 1), max(round(ink.shape[0] / factor), 1))
    shrunk = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    # A hairline averaged away would leave nothing to frame.
    return np.asarray(shrunk, np.uint8) if shrunk.max() > 0 else ink


def _stretch_to_full_ink(image: Image) -> Image:
    inked = image[image >= max(int(image.max()) // 4, 1)]
    if not inked.size:
        return image
    rank = int(_FULL_INK_QUANTILE * (inked.size - 1))
    full = int(np.partition(inked, rank)[rank])
    return np.asarray(cv2.convertScaleAbs(image, alpha=255 / full), np.uint8)
