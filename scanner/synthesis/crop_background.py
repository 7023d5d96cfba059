"""Paper around the number in a synthetic crop: margins, security patterns, watermarks, print, specks and folds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis.number_writing import resize_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.synthesis.ingredients import NumberMaterial
    from scanner.types import Image

    Generator = np.random.Generator
    Darkness = NDArray[np.float32]

_PATTERN_DIGIT_HEIGHT = 42
"""Digit height at which security patterns have their own scale, pixels."""


def add_cell_margins(ink: Image, digit_height: float, rng: Generator) -> tuple[Image, tuple[int, int]]:
    """Add margins to the ink; now and then the crop cuts off its edge.

    Returns:
        The ink with margins, and the number of columns and rows added at the left and the top, negative where cut off.
    """
    height, width = ink.shape
    kind = rng.random()
    if kind < 0.45:
        margins = rng.uniform(-0.05, 0.35, 4) * digit_height
    elif kind < 0.9:
        margins = np.abs(rng.normal(0, (0.45, 0.45, 0.9, 1.1))) * digit_height
    else:
        # Boxes drawn by people, and cells much wider than what is written in them.
        margins = rng.uniform(0.0, (1.2, 1.2, 4.0, 4.0)) * digit_height
    # Something is left even of a point or dash, which is lower than the margin cut off.
    limits = (height - 1) // 2, (height - 1) // 2, (width - 1) // 2, (width - 1) // 2
    top, bottom, left, right = (
        max(round(float(margin)), -limit) for margin, limit in zip(margins, limits, strict=True)
    )
    ink = ink[max(-top, 0) : height - max(-bottom, 0), max(-left, 0) : width - max(-right, 0)]
    padded = cv2.copyMakeBorder(
        ink, max(top, 0), max(bottom, 0), max(left, 0), max(right, 0), cv2.BORDER_CONSTANT, value=0
    )
    return np.asarray(padded, np.uint8), (left, top)


def draw_paper(shape: tuple[int, int], material: NumberMaterial, digit_height: float, rng: Generator) -> Darkness:
    """Draw what is printed on the paper or shines through, without rules: darkness 0-1, in this shape."""
    darkness = np.zeros(shape, np.float32)
    if rng.random() < 0.28 and material.security_patterns:
        _add_security_pattern(darkness, material.security_patterns, digit_height, rng)
    if rng.random() < 0.08 and material.printed_words:
        _add_watermark(darkness, material.printed_words, digit_height, rng)
    if rng.random() < 0.06:
        _add_stamp(darkness, digit_height, rng)
    if rng.random() < 0.08 and material.word_crops:
        _add_show_through(darkness, material.word_crops, digit_height, rng)
    if rng.random() < 0.12:
        _add_specks(darkness, digit_height, rng)
    return darkness


def paste_darker(darkness: Darkness, crop: Image, left: int, top: int, depth: float) -> None:
    """Darken where the crop has ink, by at most ``depth``; what lies outside is cut off."""
    y0, x0 = max(top, 0), max(left, 0)
    y1, x1 = min(top + crop.shape[0], darkness.shape[0]), min(left + crop.shape[1], darkness.shape[1])
    if y0 >= y1 or x0 >= x1:
        return
    part = crop[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32) * np.float32(depth / 255)
    window = darkness[y0:y1, x0:x1]
    np.maximum(window, part, out=window)


def _add_security_pattern(darkness: Darkness, patterns: Sequence[Image], digit_height: float, rng: Generator) -> None:
    height, width = darkness.shape
    source = patterns[int(rng.integers(len(patterns)))]
    zoom = digit_height / _PATTERN_DIGIT_HEIGHT * float(np.exp(rng.normal(0, 0.25)))
    rows, columns = (min(max(round(n / zoom), 1), limit) for n, limit in zip(darkness.shape, source.shape, strict=True))
    y, x = rng.integers(source.shape[0] - rows + 1), rng.integers(source.shape[1] - columns + 1)
    pattern = cv2.resize(source[y : y + rows, x : x + columns], (width, height), interpolation=cv2.INTER_AREA)
    darkness += pattern.astype(np.float32) * np.float32(rng.uniform(0.08, 0.5) / 255)


def _add_watermark(darkness: Darkness, words: Sequence[Image], digit_height: float, rng: Generator) -> None:
    """Print a large, pale, turned word over the paper."""
    height, width = darkness.shape
    word = resize_by(words[int(rng.integers(len(words)))], float(rng.uniform(1.5, 5)) * digit_height / 24)
    turn = cv2.getRotationMatrix2D((word.shape[1] / 2, word.shape[0] / 2), float(rng.uniform(-40, 40)), 1.0)
    turn[:, 2] += rng.uniform(0, 1, 2) * (width, height) - (word.shape[1] / 2, word.shape[0] / 2)
    turned = cv2.warpAffine(word, turn, (width, height), flags=cv2.INTER_LINEAR)
    darkness += turned.astype(np.float32) * np.float32(rng.uniform(0.05, 0.3) / 255)


def _add_stamp(darkness: Darkness, digit_height: float, rng: Generator) -> None:
    """Draw a part of the ring or frame of a stamp."""
    height, width = darkness.shape
    depth, pen = float(rng.uniform(0.15, 0.6)), max(round(digit_height * rng.uniform(0.04, 0.1)), 1)
    middle = round(rng.uniform(-0.3, 1.3) * width), round(rng.uniform(-1.0, 2.0) * height)
    stamp = np.zeros((height, width), np.uint8)
    if rng.random() < 0.6:
        radius = round(rng.uniform(1.0, 4.0) * digit_height)
        for inset in (0, 3 * pen)[: 1 + int(rng.integers(2))]:
            cv2.circle(stamp, middle, max(radius - inset, 1), 255, pen, cv2.LINE_AA)
    else:
        size = rng.uniform(1.0, 5.0) * digit_height, rng.uniform(0.5, 2.0) * digit_height
        corners = cv2.boxPoints((middle, size, float(rng.normal(0, 15))))
        cv2.polylines(stamp, [np.rint(corners).astype(np.int32)], True, 255, pen, cv2.LINE_AA)
    np.maximum(darkness, stamp.astype(np.float32) * np.float32(depth / 255), out=darkness)


def _add_show_through(darkness: Darkness, words: Sequence[Image], digit_height: float, rng: Generator) -> None:
    """Let the writing on the other side of the sheet shine through, mirrored and blurred."""
    word = resize_by(words[int(rng.integers(len(words)))][:, ::-1], digit_height / 40 * float(rng.uniform(0.8, 1.3)))
    soft = np.asarray(cv2.GaussianBlur(word, (0, 0), 0.04 * digit_height + 0.3), np.uint8)
    left = round(rng.uniform(-0.5 * word.shape[1], darkness.shape[1] - 0.3 * word.shape[1]))
    top = round(rng.uniform(-0.5, 0.8) * darkness.shape[0])
    paste_darker(darkness, soft, left, top, float(rng.uniform(0.06, 0.25)))


def _add_specks(darkness: Darkness, digit_height: float, rng: Generator) -> None:
    height, width = darkness.shape
    for _ in range(int(rng.integers(1, 8))):
        position = int(rng.integers(width)), int(rng.integers(height))
        radius = float(rng.uniform(0.01, 0.045)) * digit_height
        cv2.circle(darkness, position, max(round(radius), 0), float(rng.uniform(0.2, 0.9)), -1, cv2.LINE_AA)
