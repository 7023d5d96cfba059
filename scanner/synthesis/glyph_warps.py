"""Changes of drawn ink: bends, other sizes, longer tails, and strokes made wider or thinner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from scanner.types import Image

_EDGE_LEVEL_AFTER_BLUR = 95
"""Level (0-255) at which an enlarged and blurred digit has its edge: below half, as thin strokes do not reach 255."""
_EROSION_KERNEL = np.ones((3, 3), np.uint8)


def bend_ink(ink: Image, size: float, knot_spacing: float, rng: np.random.Generator) -> Image:
    """Displace ink by a smooth random field.

    Args:
        ink: shape (H, W), uint8, 0 = paper.
        size: standard deviation of the displacement in each direction, pixels.
        knot_spacing: distance between the random vectors that the field is interpolated from, pixels.
        rng: the same state gives the same bend.

    Returns:
        Shape (H, W), uint8; ink displaced beyond the edge is lost.
    """
    height, width = ink.shape
    knots = (int(height // knot_spacing) + 2, int(width // knot_spacing) + 2)
    moves = rng.normal(0.0, size, (2, *knots)).astype(np.float32)
    source_x, source_y = (cv2.resize(move, (width, height), interpolation=cv2.INTER_CUBIC) for move in moves)
    source_x += np.arange(width, dtype=np.float32)[None]
    source_y += np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(cv2.remap(ink, source_x, source_y, cv2.INTER_LINEAR), np.uint8)


def widen_strokes(ink: Image, extra: float) -> Image:
    """Widen the strokes by ``extra`` pixels, or thin them by -``extra``; a thinned stroke leaves a pale trace.

    Args:
        ink: shape (H, W), uint8, 0 = paper.
        extra: change of the stroke width, pixels; a fraction blends the widths on either side.

    Returns:
        Shape (H, W), uint8.
    """
    whole = int(abs(extra))
    morph = cv2.dilate if extra > 0 else cv2.erode
    less, more = (
        morph(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))) if size > 1 else ink
        for size in (whole + 1, whole + 2)
    )
    share = abs(extra) - whole
    blended = cv2.addWeighted(more, share, less, 1 - share, 0)
    if extra < 0:
        # Otherwise thin strokes vanish.
        blended = np.maximum(blended, (ink * np.float32(0.35)).astype(np.uint8))
    return np.asarray(blended, np.uint8)


def lengthen_tail(crop: Image, factor: float) -> Image:
    """Stretch the lower half of a digit, so that its head stays level and its tail gets longer."""
    height, width = crop.shape
    middle = height // 2
    if middle < 1 or factor <= 1.0:
        return crop
    tail = cv2.resize(crop[middle:], (width, max(round((height - middle) * factor), 1)), interpolation=cv2.INTER_LINEAR)
    return np.vstack([crop[:middle], np.asarray(tail, np.uint8)])


def stroke_width(crop: Image) -> float:
    """Stroke width of ink, pixels: twice the area of the ink divided by the length of its edge."""
    ink_mask = cv2.copyMakeBorder((crop > crop.max() / 2).view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    area = cv2.countNonZero(ink_mask)
    edge = area - cv2.countNonZero(cv2.erode(ink_mask, _EROSION_KERNEL))
    return 2 * area / max(edge, 1)


def resize_digit(crop: Image, factor_x: float, factor_y: float) -> Image:
    """Resize a digit crop to full darkness and, if it gets much larger, with edges as sharp as a pen leaves them.

    Args:
        crop: shape (H, W), uint8, 0 = paper.
        factor_x: new width relative to the old one.
        factor_y: new height relative to the old one.

    Returns:
        The digit, uint8, at least 3 pixels high and 2 wide.
    """
    full = np.asarray(cv2.convertScaleAbs(crop, alpha=255 / max(int(crop.max()), 1)), np.uint8)
    size = max(round(crop.shape[1] * factor_x), 2), max(round(crop.shape[0] * factor_y), 3)
    interpolation = cv2.INTER_CUBIC if factor_y > 1 else cv2.INTER_AREA
    large = np.asarray(cv2.resize(full, size, interpolation=interpolation), np.uint8)
    if factor_y <= 1.5:
        return large
    blurred = cv2.GaussianBlur(large, (0, 0), 0.25 * factor_y).astype(np.float32)
    sharpened = (blurred - _EDGE_LEVEL_AFTER_BLUR) * np.float32(min(factor_y, 4.0)) + 128
    return np.asarray(np.clip(sharpened, 0, 255), np.uint8)
