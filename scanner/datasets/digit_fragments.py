"""Frames of what is no single digit: two digits, or halves, as wrong cuts leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.image.digit_frame import FRAME_SIDE, digit_frame

if TYPE_CHECKING:
    from scanner.types import Image

_MIN_STROKE_STRENGTH = 64
"""Minimum strength of ink that counts for the extent of a digit, 0-255: its grey edge does not."""
_HALF_RANGE = (0.35, 0.65)
"""Where a digit is cut in two, as a share of its width; a choice."""
_MAX_GAP_PIXELS = 3
"""Widest gap between two digits that are cut together, pixels of a frame, in which a digit is 20 pixels high."""


def join_and_halve(frames: Image, rng: np.random.Generator, count: int) -> Image:
    """Make frames of two digits, of halves of two neighbours, and of half a digit, as many of each.

    Args:
        frames: shape (N, 28, 28), of digits; N at least 1.
        rng: the same generator state makes the same.
        count: how many to make.

    Returns:
        Shape (count, 28, 28), uint8.
    """
    made: list[Image] = []
    while len(made) < count:
        one, other = (_crop_to_width(frames[index]) for index in rng.integers(len(frames), size=2))
        gap = np.zeros((FRAME_SIDE, int(rng.integers(_MAX_GAP_PIXELS + 1))), np.uint8)
        match len(made) % 3:
            case 0:
                pieces = [one, gap, other]
            case 1:
                pieces = [_halves(one, rng)[1], gap, _halves(other, rng)[0]]
            case _:
                pieces = [_halves(one, rng)[int(rng.integers(2))]]
        joined = np.ascontiguousarray(np.concatenate(pieces, axis=1))
        # Half of a slanted stroke may be empty.
        if joined.any():
            made.append(digit_frame(joined))
    return np.stack(made) if made else np.empty((0, FRAME_SIDE, FRAME_SIDE), np.uint8)


def _crop_to_width(frame: Image) -> Image:
    inked = np.flatnonzero(frame.max(axis=0) >= min(_MIN_STROKE_STRENGTH, int(frame.max())))
    return frame[:, inked[0] : inked[-1] + 1]


def _halves(digit: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    middle = max(round(digit.shape[1] * rng.uniform(*_HALF_RANGE)), 1)
    return digit[:, :middle], digit[:, middle:]
