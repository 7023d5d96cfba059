"""The material of synthetic number crops: crops of digits and letters, texts, security patterns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from scanner.types import Image

MIN_VISIBLE_INK = 60
"""Ink fainter than this (0-255) does not count as part of a character."""
_PATTERN_COUNT = 48
"""Number of security patterns drawn in advance."""
_PATTERN_SHAPE_PIXELS = (160, 640)
"""Height and width of a security pattern, pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class DigitPool:
    """Crops of digits to write numbers with: uint8, 0 = paper, about 20 pixels high."""

    digit_crops: tuple[tuple[Image, ...], ...]
    """Crops of each digit 0-9, ten tuples."""
    share: float
    """How often a number is written with this pool, relative to the others."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberMaterial:
    """The material that number crops are composed of."""

    pools: tuple[DigitPool, ...]
    """At least one."""
    non_digit_crops: tuple[Image, ...]
    """Crops of letters and scribbles, which are not read; may be empty."""
    real_texts: tuple[str, ...]
    """Texts of real fields to draw from; may be empty."""
    security_patterns: tuple[Image, ...]
    """Security patterns, each of shape (160, 640), uint8, 255 = printed."""


def crop_to_ink(frames: Image) -> tuple[Image, ...]:
    """Crop frames, shape (N, 28, 28), to their ink; frames without ink are left out."""
    return tuple(_crop_frame(frame) for frame in frames if frame.max() > MIN_VISIBLE_INK)


def draw_security_patterns(rng: np.random.Generator) -> tuple[Image, ...]:
    """Draw security patterns of fine waves and hatching."""
    return tuple(_draw_security_pattern(rng) for _ in range(_PATTERN_COUNT))


def _crop_frame(frame: Image) -> Image:
    x, y, width, height = cv2.boundingRect((frame > MIN_VISIBLE_INK).view(np.uint8))
    return np.ascontiguousarray(frame[y : y + height, x : x + width])


def _draw_security_pattern(rng: np.random.Generator) -> Image:
    width = _PATTERN_SHAPE_PIXELS[1]
    sheet = np.zeros(_PATTERN_SHAPE_PIXELS, np.uint8)
    x = np.arange(-200, width + 200, 4, dtype=np.float64)
    for _ in range(int(rng.integers(1, 4))):
        spacing, waves, depth = rng.uniform(4, 12), rng.uniform(15, 120), rng.uniform(0, 5)
        phase_step, angle = rng.uniform(0, 0.8), rng.choice([0.0, rng.uniform(-1.3, 1.3)])
        for index in range(int(2.4 * width / spacing)):
            y = -0.8 * width + index * spacing + depth * np.sin(2 * np.pi * x / waves + index * phase_step)
            rotated = np.stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)], axis=1)
            cv2.polylines(sheet, [np.rint(rotated).astype(np.int32)], False, 255, 1, cv2.LINE_AA)
    return sheet
