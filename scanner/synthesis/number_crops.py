"""Synthetic number crops, as cut from forms, cheques and logbooks, with their text.

The digits come from pools of digit crops: real ones of a data set, with its many hands, or those of the pen.  Unlike in
``pen.draw_text``, digits touch, overlap and are joined, and the crop shows the surroundings of a number in its cell:
borders, a security pattern, a dash after the amount, parts of neighbouring numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.digit_frame import BODY_SIDE
from scanner.synthesis.crop_background import add_cell_margins, draw_surroundings, photograph_crop
from scanner.synthesis.ingredients import MIN_VISIBLE_INK
from scanner.synthesis.wording import random_number_text

if TYPE_CHECKING:
    from scanner.synthesis.ingredients import NumberMaterial
    from scanner.types import Image

    Generator = np.random.Generator


def draw_number_crop(material: NumberMaterial, rng: Generator) -> tuple[Image, str]:
    """Draw a crop of one number.

    Args:
        material: what to compose it of.
        rng: the same state gives the same crop.

    Returns:
        The crop, grey, shape (H, W), uint8, dark on light, and its text, "" if there is no number.
    """
    text = random_number_text(rng, material.real_texts)
    digit_height = float(np.exp(rng.uniform(np.log(13), np.log(42))))
    ink = _write_digits(text, material, digit_height, rng) if text else _draw_non_number(material, digit_height, rng)
    ink = add_cell_margins(ink, digit_height, rng)
    darkness = draw_surroundings(ink, material, digit_height, rng)
    return photograph_crop(ink, darkness, digit_height, rng), text


def _write_digits(text: str, material: NumberMaterial, digit_height: float, rng: Generator) -> Image:
    """Write the text and, for some, a trailing mark that is not read; the ink, cropped."""
    shares = np.array([pool.share for pool in material.pools])
    pool = material.pools[rng.choice(len(shares), p=shares / shares.sum())]
    hand = _StringHand.random(digit_height, rng)
    canvas = np.zeros((round(2.6 * digit_height), round(digit_height * (1.5 * len(text) + 5))), np.uint8)
    x, baseline = digit_height, 1.75 * digit_height
    joint: tuple[float, float] | None = None
    for index, character in enumerate(text):
        drift = rng.normal(0, hand.baseline_drift) * digit_height
        if not character.isdigit():
            x = _draw_separator(canvas, character, x, baseline + drift, hand, rng)
            joint = None
            continue
        crops = pool.digit_crops[int(character)]
        crop = hand.resize_crop(crops[rng.integers(len(crops))], character, rng)
        height, width = crop.shape
        top = round(baseline + drift - height)
        if character in "79" and rng.random() < hand.low_tail_probability:
            top += round(0.25 * digit_height)
        left = max(round(x), 0)
        window = canvas[max(top, 0) : top + height, left : left + width]
        np.maximum(window, crop[-window.shape[0] :, : window.shape[1]], out=window)
        if joint and character == "0" and text[index - 1] == "0" and hand.joins_zeros:
            start, end = (round(joint[0]), round(joint[1])), (left + round(0.5 * width), top + round(0.1 * height))
            cv2.line(canvas, start, end, 255, hand.pen_pixels, cv2.LINE_AA)
        joint = (left + 0.6 * width, top + rng.uniform(0.02, 0.3) * height)
        x = left + width + (hand.gap + rng.normal(0, hand.gap_jitter)) * digit_height
    if text[-1].isdigit() and rng.random() < _TRAILING_MARK_SHARE:
        _draw_trailing_mark(canvas, x, baseline, hand, rng)
    return _crop_to_ink(hand.slant_canvas(canvas))


_TRAILING_MARK_SHARE = 0.22
"""Share of numbers followed by a dash, double dash or point that is not read; a choice."""


@dataclass(frozen=True, slots=True)
class _StringHand:
    """The hand of a number, constant within it.  Lengths are in digit heights unless otherwise stated."""

    digit_height: float
    gap: float
    gap_jitter: float
    baseline_drift: float
    aspect: float
    slant: float
    size_jitter: float
    pen_pixels: int
    joins_zeros: bool
    low_tail_probability: float

    @classmethod
    def random(cls, digit_height: float, rng: Generator) -> _StringHand:
        is_tight = rng.random() < 0.3
        return cls(
            digit_height=digit_height,
            gap=float(rng.normal(-0.04, 0.05) if is_tight else abs(rng.normal(0.16, 0.13))),
            gap_jitter=float(rng.uniform(0.02, 0.1)),
            baseline_drift=float(rng.uniform(0.0, 0.1)),
            aspect=float(np.clip(rng.lognormal(0.0, 0.18), 0.65, 1.55)),
            slant=float(np.clip(rng.normal(0.18, 0.22), -0.3, 0.8)),
            size_jitter=float(rng.uniform(0.02, 0.14)),
            pen_pixels=max(round(digit_height * rng.uniform(0.05, 0.13)), 1),
            joins_zeros=bool(rng.random() < 0.35),
            low_tail_probability=float(rng.choice([0.0, 0.7], p=[0.85, 0.15])),
        )

    def resize_crop(self, crop: Image, character: str, rng: Generator) -> Image:
        scale = self.digit_height / BODY_SIDE * float(np.exp(rng.normal(0, self.size_jitter)))
        if character == "0" and rng.random() < 0.15:
            scale *= 0.7
        width = max(round(crop.shape[1] * scale * self.aspect), 2)
        height = max(round(crop.shape[0] * scale), 3)
        return np.asarray(
            cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), np.uint8
        )

    def slant_canvas(self, canvas: Image) -> Image:
        matrix = np.array([[1, -self.slant, self.slant * 0.6 * len(canvas)], [0, 1, 0]])
        return np.asarray(cv2.warpAffine(canvas, matrix, canvas.shape[::-1], flags=cv2.INTER_LINEAR), np.uint8)


def _draw_separator(
    canvas: Image, character: str, x: float, baseline: float, hand: _StringHand, rng: Generator
) -> float:
    """Draw a separator at ``x``; the ``x`` after it."""
    digit_height = hand.digit_height
    if character == "-":
        length, y = rng.uniform(0.3, 0.6) * digit_height, baseline - rng.uniform(0.35, 0.6) * digit_height
        _draw_stroke(canvas, (x, y), (x + length, y + rng.normal(0, 0.05) * digit_height), hand.pen_pixels)
        return x + length + rng.uniform(0.05, 0.3) * digit_height
    x += rng.uniform(-0.05, 0.15) * digit_height
    y = baseline + rng.normal(-0.03, 0.05) * digit_height
    if character == ".":
        extent = rng.uniform(0.0, 0.08, 2) * digit_height
        _draw_stroke(canvas, (x, y), (x + extent[0], y + extent[1]), round(hand.pen_pixels * rng.uniform(1.0, 1.6)))
    else:
        length = rng.uniform(0.18, 0.42) * digit_height
        _draw_stroke(
            canvas, (x, y - 0.05 * digit_height), (x - length * rng.uniform(-0.1, 0.6), y + length), hand.pen_pixels
        )
    return x + hand.pen_pixels + rng.uniform(0.0, 0.3) * digit_height


def _draw_trailing_mark(canvas: Image, x: float, baseline: float, hand: _StringHand, rng: Generator) -> None:
    digit_height, kind = hand.digit_height, rng.random()
    if kind < 0.35:
        _draw_separator(canvas, "." if rng.random() < 0.6 else ",", x, baseline, hand, rng)
        if rng.random() < 0.6:
            return
        x += 0.3 * digit_height
    y, length = baseline - rng.uniform(0.1, 0.9) * digit_height, rng.uniform(0.25, 1.2) * digit_height
    x += rng.uniform(0.05, 0.4) * digit_height
    for _ in range(1 + (rng.random() < 0.4)):
        _draw_stroke(canvas, (x, y), (x + length, y + rng.normal(-0.05, 0.1) * digit_height), hand.pen_pixels)
        y += rng.uniform(0.15, 0.3) * digit_height


def _draw_stroke(canvas: Image, start: tuple[float, float], end: tuple[float, float], pen: int) -> None:
    first, last = ((round(x), round(y)) for x, y in (start, end))
    cv2.line(canvas, first, last, 255, max(pen, 1), cv2.LINE_AA)


def _crop_to_ink(canvas: Image) -> Image:
    x, y, width, height = cv2.boundingRect((canvas > MIN_VISIBLE_INK).view(np.uint8))
    return canvas[y : y + max(height, 1), x : x + max(width, 1)]


def _draw_non_number(material: NumberMaterial, digit_height: float, rng: Generator) -> Image:
    """Draw the content of a field without a number: nothing, a dash, a scribble or letters."""
    canvas = np.zeros((round(1.4 * digit_height), round(digit_height * rng.uniform(1.5, 5))), np.uint8)
    height, width = canvas.shape
    kind, pen = rng.random(), max(round(digit_height * rng.uniform(0.05, 0.12)), 1)
    if kind < 0.25:
        return canvas
    if kind < 0.4:
        y = height * rng.uniform(0.3, 0.7)
        _draw_stroke(canvas, (0.1 * width, y), (width * rng.uniform(0.3, 0.9), y * rng.uniform(0.85, 1.1)), pen)
    elif kind < 0.7 or not material.non_digit_crops:
        turns = int(rng.integers(4, 14))
        points = np.stack([np.sort(rng.uniform(0, width, turns)), rng.uniform(0, height, turns)], axis=1)
        cv2.polylines(canvas, [np.rint(points).astype(np.int32)], False, 255, pen, cv2.LINE_AA)
    else:
        x, scale = 0, digit_height / BODY_SIDE * rng.uniform(0.6, 1.0)
        while x < width - digit_height:
            letter = cv2.resize(
                material.non_digit_crops[rng.integers(len(material.non_digit_crops))], None, fx=scale, fy=scale
            )
            window = canvas[-letter.shape[0] :, x : x + letter.shape[1]]
            np.maximum(window, letter[-window.shape[0] :, : window.shape[1]], out=window)
            x += letter.shape[1] + round(rng.uniform(-0.05, 0.2) * digit_height)
    return canvas
