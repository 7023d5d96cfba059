"""Sheets of single digits in rows and columns, such as collectors of digit samples hand out, with their truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis.pen import random_writer, render_character
from scanner.synthesis.scans import compress_as_jpeg

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from scanner.types import Image

    DigitSource = Callable[[int, int, np.random.Generator], Image]
    """A function from a digit, 0-9, a side in pixels and a generator to ink: shape (H, W), uint8, 0 = paper, its longer
    side about as long as the given one."""

EMPTY_CELL = -1
"""Stands for a digit in the truth of a cell without one."""
_MARGIN_PITCHES = 0.5
"""Margin around the cells of a sheet on paper, pitches."""
_JITTER_PITCHES = 0.05
"""Standard deviation of a digit from the middle of its cell, pitches; at most twice this.  A choice."""
_RULE_DARKNESS_SHARE = 0.6
"""Darkness of printed squares, relative to that of the digits.  A choice."""
_CELLS_PER_WRITER = 50
"""Cells filled in by one hand before the next."""


@dataclass(frozen=True, slots=True)
class DigitSheetStyle:
    """How a sheet looks."""

    pitch: int
    """Distance between the middles of neighbouring cells, pixels."""
    rows: int = 50
    columns: int = 100
    digit_share: float = 0.75
    """Longer side of a digit, pitches."""
    light_on_dark: bool = False
    """Whether the digits are white on black without a margin, as in data sets, or dark on paper."""
    ruled: bool = False
    """Whether every cell is a printed square."""
    degrees: float = 0.0
    """Skew, degrees clockwise."""
    noise: float = 0.0
    """Standard deviation of the noise, grey levels."""
    jpeg_quality: int = 0
    """Quality of JPEG compression, 1-100; 0 for none."""
    filled_rows: int = 0
    """Number of rows filled in, from the top, the last one by half; 0 for all."""


@dataclass(frozen=True, slots=True, eq=False)
class DigitSheet:
    """A sheet of single digits with its truth."""

    image: Image
    """Shape (H, W, 3), uint8, BGR."""
    digits: NDArray[np.int64]
    """Shape (rows, columns): 0-9, or ``EMPTY_CELL``."""
    centers: NDArray[np.float64]
    """Shape (rows, columns, 2): middle of each cell in the image, (x, y)."""


def draw_digit_sheet(style: DigitSheetStyle, source: DigitSource, rng: np.random.Generator) -> DigitSheet:
    """Draw a sheet with random digits.

    Args:
        style: how it looks.
        source: where its digits come from.
        rng: source of everything random.
    """
    digits = rng.integers(0, 10, (style.rows, style.columns))
    if style.filled_rows:
        digits[style.filled_rows :] = EMPTY_CELL
        digits[style.filled_rows - 1, style.columns // 2 :] = EMPTY_CELL
    margin = 0 if style.light_on_dark else round(_MARGIN_PITCHES * style.pitch)
    ink = np.zeros((style.rows * style.pitch + 2 * margin, style.columns * style.pitch + 2 * margin), np.uint8)
    rows, columns = np.mgrid[: style.rows, : style.columns]
    centers = np.stack([columns, rows], axis=2) * style.pitch + margin + style.pitch / 2 - 0.5
    for row, column in np.argwhere(digits != EMPTY_CELL).tolist():
        glyph = source(int(digits[row, column]), round(style.digit_share * style.pitch), rng)
        jitter = np.clip(rng.normal(0, _JITTER_PITCHES, 2), -2 * _JITTER_PITCHES, 2 * _JITTER_PITCHES) * style.pitch
        _paste(ink, glyph, centers[row, column] + jitter)
    if style.ruled:
        _draw_squares(ink, style, margin)
    return _photograph(ink, digits, centers, style, rng)


def pen_digit_source(rng: np.random.Generator) -> DigitSource:
    """Digits drawn with the synthetic pen, in many hands."""
    writers = [random_writer(rng) for _ in range(_CELLS_PER_WRITER)]

    def draw(digit: int, side: int, rng: np.random.Generator) -> Image:
        # The writer's variation in size may exceed the side.
        writer = writers[int(rng.integers(len(writers)))]
        return _fit(_crop(render_character(str(digit), writer, rng, side)), side)

    return draw


def sample_digit_source(inks: Image, labels: NDArray[np.int64], body_side: int) -> DigitSource:
    """Digits of a data set, each as often as it is drawn.

    Args:
        inks: shape (N, H, W), uint8, 0 = paper.
        labels: shape (N,), 0-9; every digit occurs.
        body_side: longer side of a digit in ``inks``, pixels.
    """
    of_digit = [np.flatnonzero(labels == digit) for digit in range(10)]

    def draw(digit: int, side: int, rng: np.random.Generator) -> Image:
        ink = inks[int(rng.choice(of_digit[digit]))]
        return _scale(ink, side / body_side)

    return draw


def _crop(ink: Image) -> Image:
    x, y, width, height = cv2.boundingRect(ink)
    return ink[y : y + height, x : x + width]


def _fit(ink: Image, side: int) -> Image:
    """Scale ink down where it is larger than ``side``."""
    return _scale(ink, side / max(ink.shape)) if max(ink.shape) > side else ink


def _scale(ink: Image, factor: float) -> Image:
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    size = (max(round(ink.shape[1] * factor), 1), max(round(ink.shape[0] * factor), 1))
    return np.asarray(cv2.resize(ink, size, interpolation=interpolation), np.uint8)


def _paste(ink: Image, glyph: Image, center: NDArray[np.float64]) -> None:
    """Add a glyph to the ink with its middle at a point, as far as it fits."""
    height, width = glyph.shape
    left, top = round(float(center[0]) - (width - 1) / 2), round(float(center[1]) - (height - 1) / 2)
    y, x = max(top, 0), max(left, 0)
    window = ink[y : top + height, x : left + width]
    glyph = glyph[y - top : y - top + window.shape[0], x - left : x - left + window.shape[1]]
    np.maximum(window, glyph, out=window)


def _draw_squares(ink: Image, style: DigitSheetStyle, margin: int) -> None:
    thickness = max(round(style.pitch / 30), 1)
    right, bottom = margin + style.columns * style.pitch, margin + style.rows * style.pitch
    level = round(255 * _RULE_DARKNESS_SHARE)
    for row in range(style.rows + 1):
        y = min(margin + row * style.pitch, ink.shape[0] - 1)
        _darken(ink[y : y + thickness, margin : right + 1], level)
    for column in range(style.columns + 1):
        x = min(margin + column * style.pitch, ink.shape[1] - 1)
        _darken(ink[margin : bottom + 1, x : x + thickness], level)


def _darken(window: Image, level: int) -> None:
    np.maximum(window, np.uint8(level), out=window)


def _photograph(
    ink: Image,
    digits: NDArray[np.int64],
    centers: NDArray[np.float64],
    style: DigitSheetStyle,
    rng: np.random.Generator,
) -> DigitSheet:
    """Turn ink into an image: skewed, in its colours, noisy and compressed."""
    if style.degrees:
        height, width = ink.shape
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -style.degrees, 1.0)
        corners = cv2.transform(np.array([[(0, 0), (width, 0), (width, height), (0, height)]], np.float64), matrix)[0]
        low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
        matrix[:, 2] -= low
        ink = np.asarray(cv2.warpAffine(ink, matrix, (int(high[0] - low[0]), int(high[1] - low[1]))), np.uint8)
        centers = cv2.transform(centers.reshape(1, -1, 2), matrix)[0].reshape(centers.shape)
    # Paper is not white, nor is ink on it black.
    gray = ink.astype(np.float32) if style.light_on_dark else 245 - ink.astype(np.float32) * np.float32(0.8)
    if style.noise:
        gray = gray + rng.standard_normal(ink.shape, np.float32) * np.float32(style.noise)
    image = np.repeat(np.clip(np.rint(gray), 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
    if style.jpeg_quality:
        image = compress_as_jpeg(image, style.jpeg_quality)
    return DigitSheet(image, digits, centers)
