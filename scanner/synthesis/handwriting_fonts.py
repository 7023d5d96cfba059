"""Digits and words in handwriting fonts, distorted so that no two are alike.

A handwriting font repeats itself and is no hand.  Each hand made of it leans, widens and presses differently, and each
of its digits is bent once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis.fonts import render_text
from scanner.synthesis.glyph_warps import bend_ink, widen_strokes
from scanner.synthesis.ingredients import MIN_VISIBLE_INK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scanner.synthesis.ingredients import DigitCrops
    from scanner.types import Image

    Generator = np.random.Generator

FONT_BODY_SIDE = 40
"""Height of an ordinary digit in the crops, pixels: as large as the largest digits that are written with them."""
_PROBE_SIZE = 100
"""Size at which the digits of a font are measured, pixels per em."""
_INSTANCES_PER_HAND = 2
"""Crops of each digit in a hand."""
_MIXED_HAND_SHARE = 0.25
"""Share of hands that take each digit from another font; a choice."""


def draw_font_hand(paths: Sequence[Path], rng: Generator) -> DigitCrops:
    """Draw the digits of a hand, from one font or from several.

    Args:
        paths: files of handwriting fonts, at least one.
        rng: the same state gives the same hand.

    Returns:
        Crops of each digit 0-9, uint8, 255 = ink, ordinary digits about ``FONT_BODY_SIDE`` pixels high.
    """
    own = paths[int(rng.integers(len(paths)))]
    is_mixed = rng.random() < _MIXED_HAND_SHARE
    slant, aspect = float(rng.normal(0, 0.15)), float(np.exp(rng.normal(0, 0.15)))
    extra, size = float(rng.uniform(-2.0, 3.5)), float(rng.uniform(0.4, 2.0))
    digits = []
    for digit in range(10):
        path = paths[int(rng.integers(len(paths)))] if is_mixed else own
        upright = _render_digit(str(digit), path)
        digits.append(tuple(_vary(upright, slant, aspect, extra, size, rng) for _ in range(_INSTANCES_PER_HAND)))
    return tuple(digits)


def render_varied_word(word: str, path: Path, rng: Generator) -> Image:
    """Render a word in a handwriting font, slanted and bent, its capitals about 40 pixels high.

    Raises:
        ValueError: if the word is blank.
    """
    if not word.strip():
        raise ValueError("there is no word to write")
    coverage, _, _, _ = render_text(word, path, _body_size(path))
    return _vary(coverage, float(rng.normal(0, 0.12)), 1.0, float(rng.uniform(-1.5, 2.5)), 1.2, rng)


def _body_size(path: Path) -> int:
    """Size in pixels per em at which 0, 1 and 2 are ``FONT_BODY_SIDE`` pixels high."""
    height = float(np.median([render_text(digit, path, _PROBE_SIZE)[0].shape[0] for digit in "012"]))
    return max(round(_PROBE_SIZE * FONT_BODY_SIDE / max(height, 1.0)), 1)


def _render_digit(digit: str, path: Path) -> Image:
    return render_text(digit, path, _body_size(path))[0]


def _vary(crop: Image, slant: float, aspect: float, extra: float, size: float, rng: Generator) -> Image:
    """Slant, stretch, bend and thicken a crop; cropped to its ink."""
    margin = 8
    height, width = crop.shape
    reach = round(abs(slant) * height / 2) + margin
    matrix = np.array([[aspect, -slant, reach + slant * height / 2], [float(rng.normal(0, 0.02)), 1.0, float(margin)]])
    shape = round(width * aspect) + 2 * reach, height + 2 * margin
    leaning = np.asarray(cv2.warpAffine(crop, matrix, shape, flags=cv2.INTER_LINEAR), np.uint8)
    bent = bend_ink(leaning, size, FONT_BODY_SIDE * float(rng.uniform(0.3, 0.7)), rng)
    drawn = widen_strokes(bent, extra)
    x, y, columns, rows = cv2.boundingRect((drawn > MIN_VISIBLE_INK).view(np.uint8))
    if not columns:
        return crop
    return np.ascontiguousarray(drawn[y : y + rows, x : x + columns])
