"""The ink of marks that people write into empty cells, crosses and dashes, and of strokes that are a 1.

``marks`` draws such marks on pages, with the pen of the page.  Here they are alone, and as varied as they may be:
with a hard pencil or a thick marker, in haste, with arms that miss each other.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import curves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

    Points = NDArray[np.float64]
    Generator = np.random.Generator

_SIDE = 200
"""Side of the image that a mark is drawn in, pixels: more than twice a frame."""
_HEIGHT = 70.0
"""Height of a cross, pixels."""
_MAX_WIDTH = 105.0
"""Maximum width of a mark, pixels.  A choice: wide cells have wide crosses."""
_THINNEST, _THICKEST = 2.0, 26.0
"""Pen width of crosses, pixels: a thirty-fifth to a third of their height.  A choice: from a hair to a blob."""
_SUBPIXEL_BITS = 4
"""Fractional bits of the coordinates that OpenCV draws lines at."""
_DOUBLE_SHARE = 0.06
"""Share of dashes of two strokes, one above the other.  A choice."""
_JOINED_SHARE = 0.18
"""Share of crosses whose strokes are joined, since the pen was not lifted.  A choice."""
_JOINED_BELOW_SHARE = 0.15
"""Share of those that are joined below, not at the side.  A choice: few, for so an 8 is written that stays open."""
_MAX_DASH_SLOPE = 0.32
"""Maximum slope of a dash, 18 degrees.  A choice."""
_STEEPNESS_OF_ONES = (42.0, 90.0)
"""Angle of a stroke that is a 1 with the line, degrees.  A choice: a lying 1 does not exist, a slash does."""


def draw_cross_ink(rng: Generator) -> Image:
    """Draw a cross of two bent strokes.

    Returns:
        Shape (H, W), uint8, 0 = paper, 255 = ink.
    """
    size = np.array([min(_HEIGHT * rng.uniform(0.5, 1.6), _MAX_WIDTH), _HEIGHT])
    pen = float(np.exp(rng.uniform(*np.log((_THINNEST, _THICKEST)))))
    falling, rising = (np.array(ends) * size / 2 + _SIDE / 2 for ends in (((-1, -1), (1, 1)), ((1, -1), (-1, 1))))
    shake = rng.uniform(0.04, 0.14)
    falling, rising = (ends + rng.normal(0, shake, (2, 2)) * size for ends in (falling, rising))
    ink = np.zeros((_SIDE, _SIDE), np.uint8)
    _draw_stroke(ink, falling, pen, rng)
    _draw_stroke(ink, rising, pen * float(np.exp(rng.normal(0, 0.12))), rng)
    if rng.random() < _JOINED_SHARE:
        _draw_stroke(ink, _joint(falling, rising, rng), pen * rng.uniform(0.4, 0.9), rng)
    return ink


def draw_dash_ink(rng: Generator) -> Image:
    """Draw a lying stroke, sometimes two; the form of the result is that of :func:`draw_cross_ink`."""
    width, slope = rng.uniform(40, _MAX_WIDTH), np.clip(rng.normal(0, 0.13), -_MAX_DASH_SLOPE, _MAX_DASH_SLOPE)
    pen = width * float(np.exp(rng.uniform(*np.log((0.03, 0.28)))))
    ends = np.array([[-width, -slope * width], [width, slope * width]]) / 2 + _SIDE / 2
    ink = np.zeros((_SIDE, _SIDE), np.uint8)
    _draw_stroke(ink, ends, pen, rng)
    if rng.random() < _DOUBLE_SHARE:
        below = (rng.normal(0, 0.06) * width, rng.uniform(0.18, 0.35) * width)
        _draw_stroke(ink, ends + below, pen, rng)
    return ink


def draw_one_ink(rng: Generator) -> Image:
    """Draw an upright or slanted stroke, which is a 1; the form of the result is that of :func:`draw_cross_ink`."""
    angle = math.radians(rng.uniform(*_STEEPNESS_OF_ONES)) * rng.choice((-1, 1))
    half = rng.uniform(20, 50) * np.array([math.cos(angle), math.sin(angle)])
    ink = np.zeros((_SIDE, _SIDE), np.uint8)
    pen = 2 * float(np.linalg.norm(half)) * float(np.exp(rng.uniform(*np.log((0.03, 0.28)))))
    _draw_stroke(ink, np.stack([-half, half]) + _SIDE / 2, pen, rng)
    return ink


def _joint(falling: Points, rising: Points, rng: Generator) -> Points:
    """The way of the pen from one stroke of a cross to the other: at the right, the left, or below."""
    if rng.random() < _JOINED_BELOW_SHARE:
        return np.stack([falling[1], rising[1]])
    return np.stack([falling[1], rising[0]] if rng.random() < 0.5 else [falling[0], rising[1]])


def _draw_stroke(ink: Image, ends: Points, pen: float, rng: Generator) -> None:
    """Draw a stroke between two points, shape (2, 2), bent to a bow or a wave, with a pen of this width in pixels."""
    start, end = ends
    across = np.array([start[1] - end[1], end[0] - start[0]])
    bow, wave = rng.normal(0, (0.06, 0.03))
    along = np.linspace(0, 1, 5)[:, None]
    bent = start + along * (end - start) + (bow * np.sin(np.pi * along) + wave * np.sin(2 * np.pi * along)) * across
    path = np.rint(curves.smooth_curve_through(bent, ()) * 2**_SUBPIXEL_BITS).astype(np.int32)
    cv2.polylines(ink, [path], False, 255, max(round(pen), 1), cv2.LINE_AA, _SUBPIXEL_BITS)
