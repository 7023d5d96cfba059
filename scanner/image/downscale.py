"""Smaller copies of images, for what is seen better, or faster, without detail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from scanner.types import Image


def downscale_to(image: Image, max_side: int) -> Image:
    """Downscale an image until its longer side has so many pixels, halving it first as often as possible.

    OpenCV averages two by two pixels many times as fast as other areas.  An odd last row or column is dropped.

    Args:
        image: shape (H, W), uint8.
        max_side: longest side of the copy, pixels.

    Returns:
        Each pixel the mean of those it stands for; the same object if it is small enough.
    """
    while max(image.shape) >= 2 * max_side and min(image.shape) >= 2:
        rows, columns = (side // 2 for side in image.shape)
        even = image[: 2 * rows, : 2 * columns]
        image = np.asarray(cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
    return downscale_in_one_step(image, max_side)


def downscale_in_one_step(image: Image, max_side: float) -> Image:
    """Downscale an image as :func:`downscale_to` does, but without halving it first: no row or column is dropped."""
    scale = max_side / max(image.shape)
    if scale >= 1:
        return image
    size = (max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
