"""Effects of scanners and cameras on the sample pages: tilt, perspective, blur, noise, dust and uneven light.

The outlines of the numbers are transformed together with the image.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis.paper import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.types import Image


def warp_sheet(sheet: Sheet, matrix: NDArray[np.float64]) -> Sheet:
    """Warp the sheet and the outlines of its numbers by a homography.

    Args:
        sheet: any sheet; the result has the same size.
        matrix: shape (3, 3), from pixels of the sheet to pixels of the result.
    """
    height, width = sheet.image.shape[:2]
    image = cv2.warpPerspective(
        sheet.image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    numbers = tuple(
        replace(number, outline=cv2.perspectiveTransform(number.outline[None], matrix)[0]) for number in sheet.numbers
    )
    return Sheet(np.asarray(image, np.uint8), numbers)


def tilt_sheet(sheet: Sheet, degrees: float) -> Sheet:
    """Rotate the sheet about its centre, clockwise for positive ``degrees``, as by a skewed feeder."""
    height, width = sheet.image.shape[:2]
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return warp_sheet(sheet, matrix)


def view_in_perspective(sheet: Sheet, corners: Sequence[tuple[float, float]]) -> Sheet:
    """View the sheet in perspective.

    Args:
        sheet: any sheet; the result has the same size.
        corners: new positions of the top left, top right, bottom right and bottom left corner, as shares of width
            and height.
    """
    height, width = sheet.image.shape[:2]
    size = np.array([width, height], np.float32)
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    matrix = cv2.getPerspectiveTransform(square * size, np.array(corners, np.float32) * size)
    return warp_sheet(sheet, np.asarray(matrix, np.float64))


def blur_sheet(sheet: Sheet, sigma: float) -> Sheet:
    """Blur the image by a Gaussian; ``sigma`` in pixels."""
    return replace(sheet, image=np.asarray(cv2.GaussianBlur(sheet.image, (0, 0), sigma), np.uint8))


def add_noise(sheet: Sheet, sigma: float, rng: np.random.Generator) -> Sheet:
    """Add Gaussian sensor noise, the same on all channels; ``sigma`` in grey levels."""
    noise = rng.normal(0.0, sigma, sheet.image.shape[:2])[:, :, None]
    return replace(sheet, image=_to_uint8(sheet.image + noise))


def add_blotches(sheet: Sheet, sigma: float, size: float, rng: np.random.Generator) -> Sheet:
    """Add blotches of about ``size`` pixels; ``sigma`` is their standard deviation in grey levels."""
    height, width = sheet.image.shape[:2]
    coarse = rng.normal(0.0, sigma, (int(height / size) + 2, int(width / size) + 2))
    clouds = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)[:, :, None]
    return replace(sheet, image=_to_uint8(sheet.image + clouds))


def add_dust(sheet: Sheet, count: int, rng: np.random.Generator) -> Sheet:
    """Add ``count`` specks of dust, one to three pixels wide."""
    height, width = sheet.image.shape[:2]
    image = sheet.image.copy()
    for _ in range(count):
        x, y, grey = int(rng.integers(width)), int(rng.integers(height)), int(rng.integers(110, 190))
        cv2.circle(image, (x, y), int(rng.integers(0, 2)), (grey, grey, grey), -1, cv2.LINE_AA)
    return replace(sheet, image=image)


def apply_light(sheet: Sheet, brightness: NDArray[np.float64]) -> Sheet:
    """Multiply the image by ``brightness``, shape (height, width) or (height, width, 3)."""
    per_channel = brightness if brightness.ndim == 3 else brightness[:, :, None]
    return replace(sheet, image=_to_uint8(sheet.image * per_channel))


def lamp_brightness(width: int, height: int, center: tuple[float, float], falloff: float) -> NDArray[np.float64]:
    """Brightness under a lamp above ``center``, shares of width and height: 1 there, ``1 - falloff`` a width away."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    squared = ((x - center[0] * width) ** 2 + (y - center[1] * height) ** 2) / width**2
    return np.asarray(1.0 - falloff * squared / (0.3 + 0.7 * squared))


def shadow_brightness(
    width: int, height: int, corners: Sequence[tuple[float, float]], depth: float, softness: float
) -> NDArray[np.float64]:
    """Brightness with a polygonal shadow: 1 outside, ``1 - depth`` in the polygon.

    Args:
        width: width of the page, pixels.
        height: height of the page, pixels.
        corners: corners of the polygon, as shares of width and height; they may lie outside the page.
        depth: share of the light that is lost, 0-1.
        softness: standard deviation of the soft edge, pixels.
    """
    coverage = np.zeros((height, width), np.float64)
    polygon = np.rint(np.array(corners) * (width, height)).astype(np.int32)
    cv2.fillPoly(coverage, [polygon], 1.0)
    return np.asarray(1.0 - depth * cv2.GaussianBlur(coverage, (0, 0), softness))


def _to_uint8(values: NDArray[np.floating]) -> Image:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
