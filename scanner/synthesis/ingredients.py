"""The material of synthetic number crops: crops of digits and letters, texts, security patterns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.digit_frame import BODY_SIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.types import Image

    DigitCrops = tuple[tuple["Image", ...], ...]

MIN_VISIBLE_INK = 60
"""Ink fainter than this (0-255) does not count as part of a character."""
_PATTERN_COUNT = 48
"""Number of security patterns drawn in advance."""
_PATTERN_SHAPE_PIXELS = (160, 640)
"""Height and width of a security pattern, pixels."""


_TAILED_DIGITS = "34579"
"""Digits that many hands draw below the baseline."""
_MIN_TAIL_SHARE = 0.12
"""A crop of such a digit that is higher than an ordinary digit by this share has a tail."""


@dataclass(frozen=True, slots=True, eq=False)
class DigitPool:
    """Crops of digits to write numbers with: uint8, 0 = paper."""

    digit_crops: DigitCrops
    """Crops of each digit 0-9, ten tuples."""
    share: float
    """How often a number is written with this pool, relative to the others."""
    body_side: float = BODY_SIDE
    """Height of an ordinary digit, pixels; 3, 4, 5, 7 and 9 that are higher have a tail below the baseline."""
    hands: tuple[DigitCrops, ...] = ()
    """The same, each by one hand; empty if it is not known who wrote what."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberMaterial:
    """The material that number crops are composed of.

    Crops of ink are uint8, 0 = paper, 255 = ink, cropped to the ink.  Every field but ``pools`` may be empty.
    """

    pools: tuple[DigitPool, ...]
    """At least one."""
    non_digit_crops: tuple[Image, ...]
    """Crops of letters and scribbles, which are not read."""
    security_patterns: tuple[Image, ...]
    """Security patterns, each of shape (160, 640), uint8, 255 = printed."""
    sign_crops: tuple[tuple[str, tuple[Image, ...]], ...] = ()
    """Handwritten separators: pairs of a character of ``,.-`` and its crops."""
    word_crops: tuple[Image, ...] = ()
    """Handwritten words, capitals about 40 pixels high."""
    unit_crops: tuple[Image, ...] = ()
    """Handwritten units and currency signs, capitals about 40 pixels high."""
    printed_words: tuple[Image, ...] = ()
    """Printed words, without digits, 24 pixels to the em."""
    printed_suffixes: tuple[Image, ...] = ()
    """What is printed after the room for a number: ``/10``, ``kg``; 24 pixels to the em."""


def crop_to_ink(frames: Image) -> tuple[Image, ...]:
    """Crop frames, shape (N, 28, 28), to their ink; frames without ink are left out."""
    return tuple(crop_image_to_ink(frame) for frame in frames if frame.max() > MIN_VISIBLE_INK)


def tail_length(crop: Image, digit: str, body_side: float) -> float:
    """How far a digit reaches below the baseline, in pixels of its crop.

    Args:
        crop: the digit, cropped to its ink.
        digit: one of 0-9.
        body_side: height of an ordinary digit in crops of this kind, pixels.
    """
    excess = crop.shape[0] - body_side
    return excess if digit in _TAILED_DIGITS and excess > _MIN_TAIL_SHARE * body_side else 0.0


def crop_image_to_ink(image: Image) -> Image:
    """Crop an image, uint8, 0 = paper, to its visible ink; of a blank one a pixel is left."""
    x, y, width, height = cv2.boundingRect((image > MIN_VISIBLE_INK).view(np.uint8))
    return np.ascontiguousarray(image[y : y + max(height, 1), x : x + max(width, 1)])


def pool_hands(hands: Sequence[DigitCrops], share: float, body_side: float) -> DigitPool:
    """Make a pool of hands, each with crops of every digit."""
    everything = tuple(tuple(crop for hand in hands for crop in hand[digit]) for digit in range(10))
    return DigitPool(everything, share, body_side, tuple(hands))


def draw_security_patterns(rng: np.random.Generator) -> tuple[Image, ...]:
    """Draw security patterns of fine waves and hatching."""
    return tuple(_draw_security_pattern(rng) for _ in range(_PATTERN_COUNT))


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
