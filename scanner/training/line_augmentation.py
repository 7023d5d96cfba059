"""Distortions of training lines: shape, pen width, focus, contrast, noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from scanner.recognition.line_image import LINE_HEIGHT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

_PADDING_ROWS = 4
"""Rows of paper above and below each stacked line: no filter or warp below reaches further."""


def augment_lines(images: Image, rng: np.random.Generator) -> NDArray[np.float32]:
    """Distort each line differently: shape, pen width, focus, contrast, noise.

    Args:
        images: shape (N, 32, W), uint8.
        rng: the same generator state gives the same result.

    Returns:
        Shape (N, 32, W), float32, 0 = paper, 1 = ink.
    """
    count, _, width = images.shape
    cell = LINE_HEIGHT + 2 * _PADDING_ROWS
    stacked = np.pad(images, ((0, 0), (_PADDING_ROWS, _PADDING_ROWS), (0, 0))).reshape(-1, width)
    bent = cv2.remap(stacked, *_warp_maps(images, rng), interpolation=cv2.INTER_LINEAR)
    tall: NDArray[np.float32] = bent.astype(np.float32) / np.float32(255)

    def blend(other: NDArray[Any], weights: NDArray[Any]) -> NDArray[np.float32]:
        weight = np.repeat(weights, cell)[:, None].astype(np.float32)
        return np.asarray(tall + (other - tall) * weight, np.float32)

    chance, amount = rng.random(count), np.asarray(rng.uniform(0.2, 1.0, count))
    square = np.ones((2, 2), np.uint8)
    tall = blend(cv2.dilate(tall, square), amount * (chance < 0.18))
    tall = blend(cv2.erode(tall, square), 0.6 * amount * ((chance > 0.18) & (chance < 0.33)))
    blur = np.asarray(rng.uniform(0, 1, count)) * (rng.random(count) < 0.3)
    tall = blend(cv2.GaussianBlur(tall, (0, 0), 1.1), blur)
    lines = tall.reshape(count, cell, width)[:, _PADDING_ROWS:-_PADDING_ROWS]
    gamma = np.exp(rng.normal(0, 0.2, (count, 1, 1))).astype(np.float32)
    ink = rng.uniform(0.65, 1.15, (count, 1, 1)).astype(np.float32)
    grain = (rng.uniform(0, 0.08, (count, 1, 1)) * (rng.random((count, 1, 1)) < 0.5)).astype(np.float32)
    lines = np.power(lines, gamma) * ink + rng.standard_normal(lines.shape, np.float32) * grain
    return np.clip(lines, 0, 1)


_WAVE_KNOT_SPACING_COLUMNS = 16
"""Columns between the knots of the random waves that bend a line; a choice."""


def _warp_maps(images: Image, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Maps of :func:`cv2.remap` for the stacked lines: the source x and y of each target pixel."""
    count, _, width = images.shape
    inked = np.asarray(images.max(axis=1) > 0)
    right = np.where(inked.any(axis=1), width - np.argmax(inked[:, ::-1], axis=1), width)
    # A line may be stretched into the free room at its right, and no further.
    stretch = np.minimum(np.exp(rng.normal(0, 0.13, count)), (width - 2) / np.maximum(right, 1))
    room = np.maximum(width - right * stretch - 4, 0)
    # A negative shift cuts off the paper margin at the left, as a crop too narrow would.
    shift_x = np.asarray(rng.uniform(-5, np.minimum(room, 12) + 1e-6, count))
    stretch_y, shift_y = np.exp(rng.normal(0, 0.11, count)), np.asarray(rng.normal(0, 1.4, count))
    shear, tilt = np.asarray(rng.normal(0, 0.2, count)), np.asarray(rng.normal(0, 0.012, count))
    knots = width // _WAVE_KNOT_SPACING_COLUMNS + 2
    hat = np.maximum(1 - np.abs(np.arange(width)[:, None] / _WAVE_KNOT_SPACING_COLUMNS - np.arange(knots)[None]), 0)
    size = np.asarray(rng.uniform(0, 1.2, (2, count, 1)))
    wave_x, wave_y = (rng.standard_normal((2, count, knots)) * size) @ hat.T
    cell, middle = LINE_HEIGHT + 2 * _PADDING_ROWS, (LINE_HEIGHT - 1) / 2 + _PADDING_ROWS
    y = np.arange(cell)[None, :, None] - middle
    x = np.arange(width)[None, None, :]
    each = np.s_[:, None, None]
    source_x = (x - shift_x[each]) / stretch[each] + shear[each] * y + wave_x[:, None]
    source_y = (y - shift_y[each]) / stretch_y[each] + tilt[each] * (x - width / 2) + wave_y[:, None] + middle
    source_y = np.clip(source_y, 0, cell - 1) + np.arange(count)[each] * cell
    source_y = np.broadcast_to(source_y, source_x.shape)
    return source_x.reshape(-1, width).astype(np.float32), source_y.reshape(-1, width).astype(np.float32)
