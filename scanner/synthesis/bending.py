"""Bent sheets: the curve at a book's gutter, waves, folds, and the slip of a feeder, with the shading they cause."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import page_content, scans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.synthesis.scans import SyntheticPage

    Generator = np.random.Generator

_FIELD_STEP_PIXELS = 16
"""Distance of the points at which the displacement is computed; between them it is interpolated."""
_INVERSION_ROUNDS = 4
"""Rounds of fixed-point iteration that find where a point of the sheet is in the picture; each round divides the error
by the reciprocal of the field's slope, about ten."""


def bend_page(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Bend the page: near a gutter, in waves, along a fold, or by the slip of a feeder; one or two of them."""
    height, width = page.pixel_classes.shape
    columns, rows = -(-width // _FIELD_STEP_PIXELS) + 1, -(-height // _FIELD_STEP_PIXELS) + 1
    # As shares of the page's sides.
    x = np.arange(columns, dtype=np.float64)[None, :] * _FIELD_STEP_PIXELS / width
    y = np.arange(rows, dtype=np.float64)[:, None] * _FIELD_STEP_PIXELS / height
    shift = np.zeros((rows, columns, 2))
    light = np.ones((rows, columns))
    kinds = [_curve_at_gutter, _wave, _fold, _slip]
    first = int(rng.choice(len(kinds), p=[0.35, 0.35, 0.2, 0.1]))
    for index in {first, int(rng.integers(len(kinds)))} if rng.random() < 0.3 else {first}:
        moved, darkened = kinds[index](x, y, page, rng)
        shift += moved
        light *= darkened
    return displace_page(page, shift, light)


def displace_page(page: SyntheticPage, shift: NDArray[np.float64], light: NDArray[np.float64]) -> SyntheticPage:
    """Displace the pixels of a page by a smooth field.

    Args:
        page: any page.
        shift: shape (rows, columns, 2): for points of the result every 16 pixels, how far from there to the right and
            down the page's pixel is that is seen there.
        light: shape (rows, columns): brightness at these points, 1 = unchanged.

    Returns:
        The page, without numbers that are now cut off by its edges.
    """
    height, width = page.pixel_classes.shape
    step = _FIELD_STEP_PIXELS
    rows, columns = shift.shape[:2]
    grid = np.stack(np.meshgrid(np.arange(columns) * step, np.arange(rows) * step), axis=2) + shift
    # The first point of the field is the centre of the first pixel: sampled every pixel from there.
    sample_x, sample_y = np.meshgrid(
        np.arange(width, dtype=np.float32) / step, np.arange(height, dtype=np.float32) / step
    )
    maps = cv2.remap(grid.astype(np.float32), sample_x, sample_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    map_x, map_y = maps[:, :, 0], maps[:, :, 1]
    image = cv2.remap(page.image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    pixel_classes = cv2.remap(page.pixel_classes, map_x, map_y, cv2.INTER_NEAREST)
    if light.min() < 1.0:
        bright = cv2.remap(light.astype(np.float32), sample_x, sample_y, cv2.INTER_LINEAR)
        image = cv2.multiply(image, cv2.merge([bright] * 3), dtype=cv2.CV_8U)

    field = shift.astype(np.float32)

    def to_result(points: NDArray[np.float64]) -> NDArray[np.float64]:
        found = points
        for _ in range(_INVERSION_ROUNDS):
            at = (found / step).astype(np.float32)
            moved = cv2.remap(field, at[:, :1], at[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            found = points - moved[:, 0]
        return np.asarray(found, np.float64)

    numbers = [page_content.map_number(number, to_result) for number in page.numbers]
    return replace(
        page,
        image=np.asarray(image, np.uint8),
        pixel_classes=np.asarray(pixel_classes, np.uint8),
        numbers=scans.sort_in_reading_order(scans.keep_inside(numbers, (width, height))),
    )


Field = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
"""Displacement, pixels, and brightness of a bent sheet at the points of the field."""


def _curve_at_gutter(x: NDArray[np.float64], y: NDArray[np.float64], page: SyntheticPage, rng: Generator) -> Field:
    """Lines rise or fall toward the gutter at one side, and are compressed and darker there."""
    height = page.pixel_classes.shape[0]
    distance = (x if rng.random() < 0.5 else 1 - x) + 0 * y
    reach = float(rng.uniform(0.06, 0.25))
    near = np.exp(-np.maximum(distance, 0) / reach)
    rise = float(rng.normal(0, 0.012)) * height
    spread = float(rng.normal(0, 0.02)) * height
    shift = np.stack([0 * near, near * (rise + spread * (y - 0.5))], axis=2)
    light = 1 - float(rng.uniform(0.0, 0.6)) * near**2
    return shift, light


def _wave(x: NDArray[np.float64], y: NDArray[np.float64], page: SyntheticPage, rng: Generator) -> Field:
    """The sheet is not flat: its lines run in gentle waves."""
    height, width = page.pixel_classes.shape
    shift = np.zeros((y.shape[0], x.shape[1], 2))
    slope = np.zeros(shift.shape[:2])
    for _ in range(2):
        waves = rng.normal(0, 1.2, 2)
        phase = 2 * np.pi * (waves[0] * x + waves[1] * y + rng.uniform(0, 1))
        amplitude = rng.normal(0, 0.004, 2) * min(width, height)
        shift += np.sin(phase)[:, :, None] * amplitude
        slope += np.cos(phase) * float(rng.uniform(0, 0.06))
    return shift, 1 - np.clip(slope, 0, 0.3)


def _fold(x: NDArray[np.float64], y: NDArray[np.float64], page: SyntheticPage, rng: Generator) -> Field:
    """A fold: beyond it, the sheet is turned or compressed a little, and its crease is dark or bright."""
    height, width = page.pixel_classes.shape
    upright = rng.random() < 0.4
    along, side = (x, width) if upright else (y, height)
    crease = float(rng.uniform(0.25, 0.75))
    beyond = np.maximum(along - crease, 0) * side + 0 * (x + y)
    tilt = float(rng.normal(0, 0.012))
    shift = np.stack([beyond * tilt, beyond * float(rng.normal(0, 0.01))], axis=2)
    shift = shift[:, :, ::-1] if upright else shift
    near = np.exp(-(((along - crease) * side / (0.04 * page.dpi + _FIELD_STEP_PIXELS)) ** 2)) + 0 * (x + y)
    other_side = np.where(along > crease, 1 - float(rng.uniform(0, 0.15)), 1.0) + 0 * (x + y)
    return shift, (1 - float(rng.uniform(0.0, 0.3)) * near) * other_side


def _slip(x: NDArray[np.float64], y: NDArray[np.float64], page: SyntheticPage, rng: Generator) -> Field:
    """The feeder slipped: from some line on everything is shifted sideways, and rows are stretched or lost."""
    height = page.pixel_classes.shape[0]
    start = float(rng.uniform(0.15, 0.85))
    ramp = np.clip((y - start) * height / (0.06 * page.dpi + 1), 0, 1) + 0 * x
    shift = np.stack(
        [ramp * float(rng.normal(0, 0.8)) / 25.4 * page.dpi, ramp * float(rng.normal(0, 0.5)) / 25.4 * page.dpi], axis=2
    )
    return shift, np.ones(shift.shape[:2])
