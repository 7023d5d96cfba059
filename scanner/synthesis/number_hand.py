"""How somebody writes one number: size, spacing, tails, joints, separators."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanner.synthesis.glyph_warps import lengthen_tail, resize_digit
from scanner.synthesis.ingredients import tail_length
from scanner.types import Image

Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class NumberHand:
    """The hand of a number, constant within it.  Lengths are in digit heights unless otherwise stated."""

    digit_height: float
    """Pixels."""
    gap: float
    """Mean gap between digits; negative if they overlap."""
    gap_jitter: float
    """Standard deviation of the gap."""
    baseline_drift: float
    """Standard deviation of the height of each digit above the baseline."""
    baseline_slope: float
    """Descent of the baseline per unit of length."""
    aspect: float
    """Width of the digits relative to the crops."""
    slant: float
    """Horizontal shift per unit of height; positive leans right."""
    size_jitter: float
    """Standard deviation of the logarithm of the size of each digit."""
    zero_scale: float
    """Size of zeros relative to other digits."""
    pen_pixels: int
    """Width of the pen of separators and joints, pixels."""
    joins_zeros: bool
    """Whether neighbouring zeros are joined at the top."""
    slashes_zeros: bool
    """Whether a stroke is drawn through zeros."""
    tail_factor: float
    """Length of the lower half of 4, 7 and 9 relative to the crops."""
    tail_drop: float
    """Distance by which 7 and 9 are drawn lower as a whole."""
    point_height: float
    """Height of points above the baseline: 0, or about half a digit for raised points."""
    separator_scale: float
    """Size of separators relative to the usual one."""
    separator_gap: float
    """Additional gap on either side of a separator."""

    @classmethod
    def random(cls, digit_height: float, pen_width: float, rng: Generator) -> NumberHand:
        """Draw a hand at random.

        Args:
            digit_height: pixels.
            pen_width: stroke width of the digits, in digit heights.
            rng: the same state gives the same hand.
        """
        gap, gap_jitter = _random_spacing(rng)
        is_raised, has_tails = rng.random() < 0.3, rng.random() < 0.22
        return cls(
            digit_height=digit_height,
            gap=gap,
            gap_jitter=gap_jitter,
            baseline_drift=float(rng.uniform(0.0, 0.1) if rng.random() < 0.85 else rng.uniform(0.1, 0.25)),
            baseline_slope=float(rng.normal(0.0, 0.03) if rng.random() < 0.8 else rng.normal(0.0, 0.12)),
            aspect=float(np.clip(rng.lognormal(0.0, 0.2), 0.6, 1.7)),
            slant=float(np.clip(rng.normal(0.15, 0.22), -0.35, 0.85)),
            size_jitter=float(rng.uniform(0.02, 0.14)),
            zero_scale=float(rng.uniform(0.55, 0.85) if rng.random() < 0.15 else 1.0),
            pen_pixels=max(round(digit_height * pen_width * float(np.exp(rng.normal(0, 0.12)))), 1),
            joins_zeros=bool(rng.random() < 0.2),
            slashes_zeros=bool(rng.random() < 0.1),
            tail_factor=float(rng.uniform(1.15, 2.0) if has_tails else 1.0),
            tail_drop=float(rng.uniform(0.15, 0.4) if rng.random() < 0.12 else 0.0),
            point_height=float(rng.uniform(0.25, 0.6) if is_raised else 0.0),
            separator_scale=float(np.exp(rng.normal(0.0, 0.25))),
            separator_gap=float(rng.uniform(0.1, 0.9) if rng.random() < 0.35 else 0.0),
        )

    def random_gap(self, rng: Generator) -> float:
        """The gap before the next digit, pixels."""
        return (self.gap + float(rng.normal(0.0, self.gap_jitter))) * self.digit_height

    def shape_digit(self, crop: Image, digit: str, body_side: float, rng: Generator) -> tuple[Image, float]:
        """Resize the crop of a digit as this hand writes it.

        Args:
            crop: uint8, 0 = paper.
            digit: one of 0-9.
            body_side: height of an ordinary digit in crops of this kind, pixels.
            rng: source of the differences between instances.

        Returns:
            The digit, uint8, and how far it reaches below the baseline, pixels.
        """
        scale = self.digit_height / body_side * float(np.exp(rng.normal(0, self.size_jitter)))
        drop = tail_length(crop, digit, body_side) / body_side
        if digit == "0":
            scale *= self.zero_scale
        if digit in "479" and drop == 0.0 and self.tail_factor > 1.0:
            length = crop.shape[0]
            crop = lengthen_tail(crop, self.tail_factor * float(np.exp(rng.normal(0, 0.08))))
            drop = (crop.shape[0] - length) / body_side
        if digit in "79" and drop == 0.0:
            drop = self.tail_drop
        resized = resize_digit(crop, scale * self.aspect, scale)
        if digit == "0" and self.slashes_zeros:
            resized = _slash(resized, self.pen_pixels, rng)
        return resized, drop * scale * body_side


def _random_spacing(rng: Generator) -> tuple[float, float]:
    """Mean and standard deviation of the gap between digits: touching, usual, wide, or as in a spaced-out row."""
    kind = rng.random()
    if kind < 0.25:
        return float(rng.normal(-0.05, 0.06)), float(rng.uniform(0.02, 0.1))
    if kind < 0.81:
        return abs(float(rng.normal(0.16, 0.13))), float(rng.uniform(0.02, 0.1))
    gap = float(rng.uniform(0.35, 1.0) if kind < 0.93 else rng.uniform(1.0, 2.0))
    # Half of the wide rows are even, the others not.
    return gap, gap * float(rng.uniform(0.02, 0.1) if rng.random() < 0.5 else rng.uniform(0.15, 0.4))


def _slash(zero: Image, pen: int, rng: Generator) -> Image:
    """Draw a stroke through a zero, mostly from the lower left to the upper right and beyond the ink."""
    over = round(float(rng.uniform(0.0, 0.3)) * zero.shape[0])
    wide = np.asarray(cv2.copyMakeBorder(zero, over, over, over // 2, over // 2, cv2.BORDER_CONSTANT, value=0))
    height, width = wide.shape
    inset = float(rng.uniform(0.0, 0.3)) * width
    ends = (round(inset), height - 1), (round(width - 1 - inset), 0)
    if rng.random() < 0.15:
        ends = (ends[0][0], 0), (ends[1][0], height - 1)
    cv2.line(wide, *ends, 255, pen, cv2.LINE_AA)
    return np.asarray(wide[over : height - over or None] if rng.random() < 0.3 else wide, np.uint8)
