"""Uneven light on photographed and scanned pages: lamps, shadows of hands and phones, glare, colour casts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import capture

if TYPE_CHECKING:
    from scanner.types import Image

    Generator = np.random.Generator

_MIN_CONTRAST = 28.0
"""Smallest difference of paper and ink, grey levels of 255, to which a page is faded; a choice."""
_REDUCTION = 8
"""Light varies slowly: it is computed at an eighth of the size."""


def light_by_lamp(image: Image, depth: float, rng: Generator) -> Image:
    """Light the image by a warm or cold lamp, now and then with a shadow; ``depth`` scales the effect, 0-1."""
    height, width = image.shape[:2]
    small_width, small_height = max(width // _REDUCTION, 8), max(height // _REDUCTION, 8)
    light = capture.lamp_brightness(
        small_width, small_height, (float(rng.uniform(0, 1)), float(rng.uniform(0, 1))), float(rng.uniform(0.1, 0.6))
    )
    for _ in range(int(rng.choice([0, 1, 2], p=[0.45, 0.4, 0.15]))):
        softness = float(np.exp(rng.uniform(np.log(0.004), np.log(0.08)))) * small_width
        light *= capture.shadow_brightness(
            small_width, small_height, _random_shadow(rng), float(rng.uniform(0.1, 0.6)), max(softness, 0.5)
        )
    warmth = np.array([rng.uniform(0.72, 1.0), rng.uniform(0.9, 1.0), 1.0])
    if rng.random() < 0.25:
        warmth = warmth[::-1]
    small = (1 - depth * (1 - light[:, :, None] * warmth)).astype(np.float32)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    lit = np.asarray(cv2.multiply(image, large, dtype=cv2.CV_8U), np.uint8)
    return _add_glare(lit, rng) if rng.random() < 0.06 * depth else lit


def expose(image: Image, rng: Generator) -> Image:
    """Brighten or darken the image as a camera does, which sets its exposure by the paper."""
    paper = float(np.percentile(image[::9, ::9].max(axis=2), 85))
    gain = float(rng.uniform(150, 252)) / max(paper, 40.0)
    return np.asarray(cv2.convertScaleAbs(image, alpha=gain), np.uint8)


def add_moire(image: Image, rng: Generator) -> Image:
    """Add the bands that appear when a screen is photographed instead of paper."""
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    bands = np.zeros((height, width), np.float32)
    for _ in range(2):
        angle, period = float(rng.uniform(0, np.pi)), float(rng.uniform(2.5, 40))
        along = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
        bands += np.sin(along * np.float32(2 * np.pi / period)) * np.float32(rng.uniform(1, 9))
    return np.asarray(cv2.add(image, cv2.merge([bands] * 3), dtype=cv2.CV_8U), np.uint8)


def fade(image: Image, ink_contrast: float, rng: Generator) -> Image:
    """Fade the image, as in the light of a window or with a worn toner: ink is pale, and paper grey.

    Args:
        image: any image.
        ink_contrast: difference of paper and ink, grey levels; what is left of it can still be seen.
        rng: source of randomness.
    """
    lowest = min(_MIN_CONTRAST / max(ink_contrast, 1.0), 0.95)
    contrast, paper = max(float(rng.uniform(0.25, 0.75)), lowest), float(rng.uniform(170, 250))
    table = np.clip(paper - (255 - np.arange(256)) * contrast, 0, 255)
    return np.asarray(cv2.LUT(image, np.rint(table).astype(np.uint8)), np.uint8)


def _random_shadow(rng: Generator) -> tuple[tuple[float, float], ...]:
    """Corners of a shadow as shares of the page's sides: over one side of it, or a band across it."""
    kind = rng.random()
    start, lean = float(rng.uniform(0.1, 0.9)), float(rng.normal(0, 0.25))
    if kind < 0.35:
        return ((start, -0.2), (start + lean, 1.2), (1.4, 1.2), (1.4, -0.2))
    if kind < 0.55:
        return ((-0.2, start), (1.2, start + lean), (1.2, 1.4), (-0.2, 1.4))
    if kind < 0.75:
        width = float(rng.uniform(0.08, 0.4))
        return ((start, -0.2), (start + lean, 1.2), (start + lean + width, 1.2), (start + width, -0.2))
    return ((start, 1.2), (start + lean, float(rng.uniform(-0.2, 0.7))), (1.2, 0.1), (1.2, 1.2))


def _add_glare(image: Image, rng: Generator) -> Image:
    """Add the reflection of a lamp, in which ink is bright too."""
    height, width = image.shape[:2]
    spot = np.zeros((max(height // _REDUCTION, 8), max(width // _REDUCTION, 8)), np.float32)
    center = int(rng.integers(spot.shape[1])), int(rng.integers(spot.shape[0]))
    radius = max(int(rng.uniform(0.04, 0.15) * spot.shape[1]), 1)
    cv2.circle(spot, center, radius, float(rng.uniform(40, 120)), -1)
    soft = cv2.GaussianBlur(spot, (0, 0), max(0.6 * radius, 0.8))
    large = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.add(image, cv2.merge([large] * 3), dtype=cv2.CV_8U), np.uint8)
