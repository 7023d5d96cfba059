"""Augment digit frames as other hands, pens and scanners would have changed them.

A whole batch is stacked into one tall image with paper between the frames, so that each step is one OpenCV call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.digit_frame import FRAME_SIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

    FrameBatch = NDArray[np.float32]

_PADDING_PIXELS = 8
"""Pixels of paper around each frame in the tall image: no filter or warp below reaches further."""
_PADDED_FRAME_SIDE = FRAME_SIDE + 2 * _PADDING_PIXELS
"""Side in pixels of a frame with its padding."""


@dataclass(frozen=True, slots=True)
class AugmentationStrength:
    """Strength of each distortion.  Lengths are in pixels of the 28 x 28 frame, shares are 0-1; all are choices."""

    rotation: float = 0.14
    """Standard deviation of the rotation, radians."""
    shear: float = 0.16
    """Standard deviation of the slant that deslanting left in or overcorrected, dx/dy."""
    scale: float = 0.08
    """Standard deviation of the logarithm of the scale, independent for width and height."""
    shift: float = 1.0
    """Standard deviation of the shift of the centre in x and in y."""
    elastic_displacement: float = 1.1
    """Largest standard deviation of the elastic displacement (Simard, Steinkraus & Platt, ICDAR 2003)."""
    elastic_grid_side: int = 5
    """Control points of the elastic displacement field per side."""
    pen_share: float = 0.35
    """Share of frames written with a thicker or thinner pen."""
    blur_share: float = 0.25
    """Share of frames out of focus."""
    half_resolution_share: float = 0.12
    """Share of frames scanned at half the resolution."""
    neighbour_share: float = 0.12
    """Share of frames into which the edge of a neighbouring digit reaches."""
    rule_share: float = 0.05
    """Share of frames with a remnant of a ruled line."""
    max_noise: float = 0.05
    """Largest standard deviation of the noise, where full ink is 1."""


def augment_frames(frames: Image, rng: np.random.Generator, strength: AugmentationStrength) -> FrameBatch:
    """Distort each frame of a batch differently.

    Args:
        frames: shape (N, 28, 28), uint8.
        rng: the same generator state gives the same result.
        strength: strength of each distortion.

    Returns:
        Shape (N, 28, 28), float32, 0 = paper, 1 = ink.
    """
    batch = frames.astype(np.float32) / np.float32(255)
    batch = _add_neighbours(batch, rng, strength.neighbour_share)
    batch = _add_rules(batch, rng, strength.rule_share)
    tall = _stack_frames(batch)
    x, y = _warp_maps(len(frames), rng, strength)
    tall = _as_float32(cv2.remap(tall, x, y, interpolation=cv2.INTER_LINEAR))
    tall = _vary_pen_width(tall, len(frames), rng, strength.pen_share)
    tall = _blur_and_coarsen(tall, len(frames), rng, strength)
    batch = _unstack_frames(tall)
    ink = rng.uniform(0.75, 1.1, (len(frames), 1, 1)).astype(np.float32)
    grain = rng.uniform(0, strength.max_noise, (len(frames), 1, 1)).astype(np.float32)
    batch = batch * ink + rng.standard_normal(batch.shape, np.float32) * grain
    return np.asarray(np.clip(batch, 0, 1), np.float32)


def _as_float32(image: cv2.typing.MatLike) -> FrameBatch:
    return np.asarray(image, np.float32)


def _stack_frames(batch: FrameBatch) -> FrameBatch:
    padded = np.pad(batch, ((0, 0), (_PADDING_PIXELS, _PADDING_PIXELS), (_PADDING_PIXELS, _PADDING_PIXELS)))
    return padded.reshape(-1, _PADDED_FRAME_SIDE)


def _unstack_frames(tall: NDArray[np.float32]) -> FrameBatch:
    return tall.reshape(-1, _PADDED_FRAME_SIDE, _PADDED_FRAME_SIDE)[
        :, _PADDING_PIXELS:-_PADDING_PIXELS, _PADDING_PIXELS:-_PADDING_PIXELS
    ]


def _warp_maps(count: int, rng: np.random.Generator, strength: AugmentationStrength) -> tuple[FrameBatch, FrameBatch]:
    """Maps of :func:`cv2.remap` for the tall image: the source x and y of each target pixel."""
    angle = rng.normal(0, strength.rotation, count)
    shear = rng.normal(0, strength.shear, count)
    scale_x, scale_y = np.exp(rng.normal(0, strength.scale, (2, count)))
    shift = rng.normal(0, strength.shift, (2, count))
    cos, sin = np.cos(angle), np.sin(angle)
    # From target to source: rotation after shear after scale.
    matrix = np.array([[cos / scale_x, (shear * cos - sin) / scale_y], [sin / scale_x, (shear * sin + cos) / scale_y]])
    centered = np.arange(_PADDED_FRAME_SIDE) - (_PADDED_FRAME_SIDE - 1) / 2
    y, x = np.meshgrid(centered, centered, indexing="ij")
    offset = _elastic_field(count, rng, strength)
    middle = (_PADDED_FRAME_SIDE - 1) / 2
    matrix, shift = matrix[..., None, None], shift[..., None, None] + middle
    source_x, source_y = (matrix[i, 0] * x + matrix[i, 1] * y + shift[i] + offset[i] for i in (0, 1))
    # Clamped to the frame and its padding: beyond lies the next frame.
    source_x, source_y = np.clip(source_x, 0, _PADDED_FRAME_SIDE - 1), np.clip(source_y, 0, _PADDED_FRAME_SIDE - 1)
    source_y += np.arange(count)[:, None, None] * _PADDED_FRAME_SIDE
    return source_x.reshape(-1, _PADDED_FRAME_SIDE).astype(np.float32), source_y.reshape(-1, _PADDED_FRAME_SIDE).astype(
        np.float32
    )


def _elastic_field(count: int, rng: np.random.Generator, strength: AugmentationStrength) -> NDArray[np.float32]:
    """A smooth random displacement field per frame, shape (2, N, padded side, padded side): x and y in pixels."""
    size = strength.elastic_displacement * rng.uniform(0, 1, (1, count, 1, 1))
    grid = strength.elastic_grid_side
    coarse = (rng.standard_normal((2, count, grid, grid)) * size).astype(np.float32)
    # Two matrix products interpolate all the grids bilinearly at once.
    positions = np.linspace(0, grid - 1, _PADDED_FRAME_SIDE)
    hat = np.maximum(1 - np.abs(positions[:, None] - np.arange(grid)[None]), 0).astype(np.float32)
    return np.asarray(hat @ coarse @ hat.T)


def _blend(tall: FrameBatch, other: FrameBatch, weights: NDArray[np.float64]) -> FrameBatch:
    """Mix ``other`` into ``tall`` by one weight per frame."""
    weight = np.repeat(weights, _PADDED_FRAME_SIDE)[:, None].astype(np.float32)
    return tall + (other - tall) * weight


def _vary_pen_width(tall: FrameBatch, count: int, rng: np.random.Generator, share: float) -> FrameBatch:
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    amount = rng.uniform(0.2, 1.0, count) * (rng.random(count) < share)
    thicker = rng.random(count) < 0.5
    tall = _blend(tall, _as_float32(cv2.dilate(tall, cross)), amount * thicker)
    # Half erosion at most: a hairline fully eroded would vanish.
    return _blend(tall, _as_float32(cv2.erode(tall, cross)), amount * 0.5 * ~thicker)


def _blur_and_coarsen(
    tall: FrameBatch, count: int, rng: np.random.Generator, strength: AugmentationStrength
) -> FrameBatch:
    blurred = _as_float32(cv2.GaussianBlur(tall, (0, 0), 1.3))
    tall = _blend(tall, blurred, rng.uniform(0, 1, count) * (rng.random(count) < strength.blur_share))
    size = (tall.shape[1], tall.shape[0])
    half = cv2.resize(tall, (size[0] // 2, size[1] // 2), interpolation=cv2.INTER_AREA)
    coarse = _as_float32(cv2.resize(half, size, interpolation=cv2.INTER_LINEAR))
    return _blend(tall, coarse, (rng.random(count) < strength.half_resolution_share).astype(float))


def _add_neighbours(batch: FrameBatch, rng: np.random.Generator, share: float) -> FrameBatch:
    """Let the edge of another frame's digit reach into some frames, from the left or right."""
    out = batch.copy()
    for index in np.flatnonzero(rng.random(len(batch)) < share):
        shift = int(rng.integers(FRAME_SIDE // 2 + 2, FRAME_SIDE - 4))
        other = batch[rng.integers(len(batch))]
        if rng.random() < 0.5:
            np.maximum(out[index, :, shift:], other[:, : FRAME_SIDE - shift], out=out[index, :, shift:])
        else:
            np.maximum(out[index, :, :-shift], other[:, shift:], out=out[index, :, :-shift])
    return out


def _add_rules(batch: FrameBatch, rng: np.random.Generator, share: float) -> FrameBatch:
    """Draw a remnant of a ruled line under or above the digit of some frames."""
    out = batch.copy()
    for index in np.flatnonzero(rng.random(len(batch)) < share):
        row = int(rng.choice([rng.integers(1, 5), rng.integers(FRAME_SIDE - 6, FRAME_SIDE - 1)]))
        start = int(rng.integers(0, FRAME_SIDE // 2))
        out[index, row, start : start + int(rng.integers(6, FRAME_SIDE))] = rng.uniform(0.4, 1)
    return out
