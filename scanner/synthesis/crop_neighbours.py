"""Ink of neighbours in a synthetic crop: digits, writing and print that the edge of the crop cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis.crop_background import paste_darker
from scanner.synthesis.number_writing import resize_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.synthesis.ingredients import NumberMaterial
    from scanner.types import Image

    Generator = np.random.Generator
    Darkness = NDArray[np.float32]

_NEIGHBOUR_SHARE = 0.34
"""Share of crops with ink of a neighbour at one edge or several; a choice."""
_MIN_GAP_HEIGHTS = 0.35
"""Minimum gap between the number and a neighbour at its side, in digit heights; nearer it could be its last digit."""
_MAX_VISIBLE_WIDTH = 0.4
"""Maximum share of the width of a digit at the side that the crop shows: more could be read."""


def draw_neighbours(
    ink: Image, darkness: Darkness, material: NumberMaterial, digit_height: float, rng: Generator
) -> None:
    """Draw neighbours at some edges: handwriting into ``ink``, print into ``darkness``.

    Args:
        ink: ink of the number, shape (H, W), uint8; drawn into.
        darkness: darkness of the paper, same shape, float32, 0-1; drawn into.
        material: what to draw.
        digit_height: pixels.
        rng: the same state gives the same neighbours.
    """
    if rng.random() >= _NEIGHBOUR_SHARE:
        return
    own = ink.copy()
    for _ in range(1 + (rng.random() < 0.35)):
        side = ("above", "below", "left", "right")[int(rng.choice(4, p=[0.3, 0.3, 0.17, 0.23]))]
        if side in ("above", "below"):
            _draw_row(ink, material, digit_height, rng, is_above=side == "above")
        else:
            _draw_beside(ink, own, darkness, material, digit_height, rng, is_left=side == "left")


def _random_row(material: NumberMaterial, digit_height: float, rng: Generator) -> Image:
    """A word, or a number of one to four digits, written in a row."""
    if material.word_crops and rng.random() < 0.45:
        return resize_by(_pick(material.word_crops, rng), digit_height / 40 * float(rng.uniform(0.7, 1.2)))
    pool = material.pools[rng.integers(len(material.pools))]
    crops = [_pick(pool.digit_crops[rng.integers(10)], rng) for _ in range(int(rng.integers(1, 5)))]
    height = max(crop.shape[0] for crop in crops)
    room = round(pool.body_side * float(rng.uniform(0.05, 0.4)))
    row = np.hstack([np.pad(crop, ((height - crop.shape[0], 0), (0, room))) for crop in crops])
    return resize_by(row, digit_height / pool.body_side * float(rng.uniform(0.85, 1.15)))


def _pick(crops: tuple[Image, ...], rng: Generator) -> Image:
    return crops[int(rng.integers(len(crops)))]


def _draw_row(ink: Image, material: NumberMaterial, digit_height: float, rng: Generator, *, is_above: bool) -> None:
    """Draw the feet of the row above, or the heads of the row below."""
    row = _random_row(material, digit_height, rng)
    visible = max(round(float(rng.uniform(0.05, 0.3)) * digit_height), 1)
    left = round(float(rng.uniform(-0.5 * row.shape[1], ink.shape[1] - 0.4 * row.shape[1])))
    _paste_ink(ink, row, left, visible - row.shape[0] if is_above else ink.shape[0] - visible)


def _draw_beside(
    ink: Image,
    own: Image,
    darkness: Darkness,
    material: NumberMaterial,
    digit_height: float,
    rng: Generator,
    *,
    is_left: bool,
) -> None:
    """Draw the cut end of a digit, or some of a word, where there is paper beside the number."""
    columns = np.flatnonzero(own.max(axis=0) > 60)
    width = ink.shape[1]
    if not columns.size:
        return
    room = int(columns[0] if is_left else width - 1 - columns[-1]) - round(_MIN_GAP_HEIGHTS * digit_height)
    if room < 2:
        return
    kind = rng.random()
    if kind < 0.35 and material.printed_words:
        crop = resize_by(_pick(material.printed_words, rng), digit_height / 17 * float(rng.uniform(0.35, 0.9)))
    elif kind < 0.65 and material.word_crops:
        crop = resize_by(_pick(material.word_crops, rng), digit_height / 40 * float(rng.uniform(0.7, 1.2)))
    else:
        pool = material.pools[rng.integers(len(material.pools))]
        digit = _pick(pool.digit_crops[int(rng.choice([0, 2, 3, 4, 5, 6, 8, 9]))], rng)
        crop = resize_by(digit, digit_height / pool.body_side)
        room = min(room, round(float(rng.uniform(0.1, _MAX_VISIBLE_WIDTH)) * crop.shape[1]))
    visible = min(crop.shape[1], room)
    if visible < 1:
        return
    left = visible - crop.shape[1] if is_left else width - visible
    rows = np.flatnonzero(own.max(axis=1) > 60)
    top = round(float(rows[-1]) - crop.shape[0] + float(rng.normal(0, 0.15)) * digit_height)
    if kind < 0.35:
        paste_darker(darkness, crop, left, top, float(rng.uniform(0.4, 1.0)))
    else:
        _paste_ink(ink, crop, left, top)


def _paste_ink(ink: Image, crop: Image, left: int, top: int) -> None:
    y0, x0 = max(top, 0), max(left, 0)
    y1, x1 = min(top + crop.shape[0], ink.shape[0]), min(left + crop.shape[1], ink.shape[1])
    if y0 < y1 and x0 < x1:
        window = ink[y0:y1, x0:x1]
        np.maximum(window, crop[y0 - top : y1 - top, x0 - left : x1 - left], out=window)
