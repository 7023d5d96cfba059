"""Frames -> frames as other hands, pens and scanners would have made them.

A whole batch is stacked into one tall image with paper between the frames, so
that each step is one OpenCV call for the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.frame import FRAME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

    Batch = NDArray[np.float32]

_PAPER = 8
"""Rows and columns of paper around each frame in the tall image: no filter or warp below reaches further."""
_CELL = FRAME + 2 * _PAPER


@dataclass(frozen=True, slots=True)
class Strength:
    """How far each distortion goes.  Lengths are in pixels of the 28 x 28 frame."""

    rotation: float = 0.14
    """Standard deviation, radians."""
    shear: float = 0.16
    """Standard deviation of the slant that deskewing left or took too much, dx/dy."""
    scale: float = 0.08
    """Standard deviation of the size, relative, in each direction of its own."""
    shift: float = 1.0
    """Standard deviation of the centre."""
    elastic: float = 1.1
    """Standard deviation of the elastic field (Simard, Steinkraus & Platt, ICDAR 2003)."""
    elastic_grid: int = 5
    """Control points of that field per side."""
    pen: float = 0.35
    """Share of frames written with a thicker or thinner pen."""
    blur: float = 0.25
    """Share of frames out of focus."""
    coarse: float = 0.12
    """Share of frames scanned at half the resolution."""
    neighbour: float = 0.12
    """Share of frames into which the edge of a neighbour reaches."""
    rule: float = 0.05
    """Share of frames with a piece of a rule left in."""
    noise: float = 0.05
    """Largest standard deviation of the noise, ink being 1."""


def augment(frames: Image, rng: np.random.Generator, strength: Strength) -> Batch:
    """Distort each frame in its own way.

    Args:
        frames: shape (N, 28, 28), uint8.
        rng: the same generator state gives the same result.
        strength: how far.

    Returns:
        Shape (N, 28, 28), float32, 0 = paper, 1 = ink.
    """
    batch = frames.astype(np.float32) / np.float32(255)
    batch = _with_neighbours(batch, rng, strength.neighbour)
    batch = _with_rules(batch, rng, strength.rule)
    tall = _stack(batch)
    x, y = _warp(len(frames), rng, strength)
    tall = _single(cv2.remap(tall, x, y, interpolation=cv2.INTER_LINEAR))
    tall = _other_pen(tall, len(frames), rng, strength.pen)
    tall = _out_of_focus(tall, len(frames), rng, strength)
    batch = _unstack(tall)
    ink = rng.uniform(0.75, 1.1, (len(frames), 1, 1)).astype(np.float32)
    grain = rng.uniform(0, strength.noise, (len(frames), 1, 1)).astype(np.float32)
    batch = batch * ink + rng.standard_normal(batch.shape, np.float32) * grain
    return np.asarray(np.clip(batch, 0, 1), np.float32)


def _single(image: cv2.typing.MatLike) -> Batch:
    return np.asarray(image, np.float32)


def _stack(batch: Batch) -> Batch:
    padded = np.pad(batch, ((0, 0), (_PAPER, _PAPER), (_PAPER, _PAPER)))
    return padded.reshape(-1, _CELL)


def _unstack(tall: NDArray[np.float32]) -> Batch:
    return tall.reshape(-1, _CELL, _CELL)[:, _PAPER:-_PAPER, _PAPER:-_PAPER]


def _warp(count: int, rng: np.random.Generator, strength: Strength) -> tuple[Batch, Batch]:
    """Maps of :func:`cv2.remap` for the tall image: for each target pixel the x and y of its source."""
    angle = rng.normal(0, strength.rotation, count)
    shear = rng.normal(0, strength.shear, count)
    scale_x, scale_y = np.exp(rng.normal(0, strength.scale, (2, count)))
    shift = rng.normal(0, strength.shift, (2, count))
    cos, sin = np.cos(angle), np.sin(angle)
    # Rotation after shear after scale, from target to source.
    matrix = np.array([[cos / scale_x, (shear * cos - sin) / scale_y], [sin / scale_x, (shear * sin + cos) / scale_y]])
    along = np.arange(_CELL) - (_CELL - 1) / 2
    y, x = np.meshgrid(along, along, indexing="ij")
    offset = _elastic(count, rng, strength)
    middle = (_CELL - 1) / 2
    matrix, shift = matrix[..., None, None], shift[..., None, None] + middle
    source_x, source_y = (matrix[i, 0] * x + matrix[i, 1] * y + shift[i] + offset[i] for i in (0, 1))
    # Clamped to the frame's own cell: beyond it lies the next frame.
    source_x, source_y = np.clip(source_x, 0, _CELL - 1), np.clip(source_y, 0, _CELL - 1)
    source_y += np.arange(count)[:, None, None] * _CELL
    return source_x.reshape(-1, _CELL).astype(np.float32), source_y.reshape(-1, _CELL).astype(np.float32)


def _elastic(count: int, rng: np.random.Generator, strength: Strength) -> NDArray[np.float32]:
    """A smooth random field per frame, shape (2, N, cell, cell): a coarse grid, interpolated."""
    size = strength.elastic * rng.uniform(0, 1, (1, count, 1, 1))
    grid = strength.elastic_grid
    coarse = (rng.standard_normal((2, count, grid, grid)) * size).astype(np.float32)
    # Two matrix products are the bilinear zoom of all the grids at once.
    positions = np.linspace(0, grid - 1, _CELL)
    hat = np.maximum(1 - np.abs(positions[:, None] - np.arange(grid)[None]), 0).astype(np.float32)
    return np.asarray(hat @ coarse @ hat.T)


def _blend(tall: Batch, other: Batch, weights: NDArray[np.float64]) -> Batch:
    """Mix ``other`` into ``tall`` by one weight per frame."""
    weight = np.repeat(weights, _CELL)[:, None].astype(np.float32)
    return tall + (other - tall) * weight


def _other_pen(tall: Batch, count: int, rng: np.random.Generator, share: float) -> Batch:
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    amount = rng.uniform(0.2, 1.0, count) * (rng.random(count) < share)
    thicker = rng.random(count) < 0.5
    tall = _blend(tall, _single(cv2.dilate(tall, cross)), amount * thicker)
    # A hairline eroded fully would vanish: half-way at most.
    return _blend(tall, _single(cv2.erode(tall, cross)), amount * 0.5 * ~thicker)


def _out_of_focus(tall: Batch, count: int, rng: np.random.Generator, strength: Strength) -> Batch:
    blurred = _single(cv2.GaussianBlur(tall, (0, 0), 1.3))
    tall = _blend(tall, blurred, rng.uniform(0, 1, count) * (rng.random(count) < strength.blur))
    size = (tall.shape[1], tall.shape[0])
    half = cv2.resize(tall, (size[0] // 2, size[1] // 2), interpolation=cv2.INTER_AREA)
    coarse = _single(cv2.resize(half, size, interpolation=cv2.INTER_LINEAR))
    return _blend(tall, coarse, (rng.random(count) < strength.coarse).astype(float))


def _with_neighbours(batch: Batch, rng: np.random.Generator, share: float) -> Batch:
    """Let the edge of another frame's digit reach in from the left or right."""
    out = batch.copy()
    for index in np.flatnonzero(rng.random(len(batch)) < share):
        shift = int(rng.integers(FRAME // 2 + 2, FRAME - 4))
        other = batch[rng.integers(len(batch))]
        if rng.random() < 0.5:
            np.maximum(out[index, :, shift:], other[:, : FRAME - shift], out=out[index, :, shift:])
        else:
            np.maximum(out[index, :, :-shift], other[:, shift:], out=out[index, :, :-shift])
    return out


def _with_rules(batch: Batch, rng: np.random.Generator, share: float) -> Batch:
    """Leave a piece of a ruled line in, under or above the digit."""
    out = batch.copy()
    for index in np.flatnonzero(rng.random(len(batch)) < share):
        row = int(rng.choice([rng.integers(1, 5), rng.integers(FRAME - 6, FRAME - 1)]))
        start = int(rng.integers(0, FRAME // 2))
        out[index, row, start : start + int(rng.integers(6, FRAME))] = rng.uniform(0.4, 1)
    return out
