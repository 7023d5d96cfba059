"""Smooth random distortions of drawn ink: bends, and strokes made wider or thinner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from scanner.types import Image


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
