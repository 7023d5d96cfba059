"""What stands in a field without a number: nothing, dashes, crosses, scribbles, letters, words, print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis.ink_sheet import InkSheet
from scanner.synthesis.number_writing import WrittenInk, crop_to_visible, resize_by

if TYPE_CHECKING:
    from scanner.synthesis.ingredients import NumberMaterial
    from scanner.types import Image

    Generator = np.random.Generator


def draw_non_number(material: NumberMaterial, digit_height: float, rng: Generator) -> WrittenInk:
    """Draw the content of a field without a number.

    Letters that look like digits (O, I, l, S, Z, B, g, q) never stand alone: only what is around them tells them apart.

    Args:
        material: what to compose it of.
        digit_height: pixels.
        rng: the same state gives the same ink.

    Returns:
        The ink; of an empty field a blank of the size of a number.
    """
    pen = max(round(digit_height * float(rng.uniform(0.05, 0.13))), 1)
    blank = np.zeros((round(digit_height), max(round(digit_height * float(rng.uniform(0.6, 5))), 1)), np.uint8)
    kind = rng.random()
    ink: Image
    if kind < 0.2:
        return WrittenInk(blank, None, (), float(len(blank)))
    if kind < 0.32:
        ink = _draw_dashes(digit_height, pen, rng)
    elif kind < 0.44:
        ink = _draw_crosses(digit_height, pen, rng)
    elif kind < 0.62 or not material.non_digit_crops:
        ink = _draw_scribble(blank.shape, pen, rng)
    elif kind < 0.76:
        ink = _draw_letters(material.non_digit_crops, digit_height, rng)
    elif kind < 0.92 and material.word_crops:
        words = material.word_crops
        ink = resize_by(words[int(rng.integers(len(words)))], digit_height / 40 * float(rng.uniform(0.7, 1.2)))
    elif material.printed_words:
        words = material.printed_words
        ink = resize_by(words[int(rng.integers(len(words)))], digit_height / 17 * float(rng.uniform(0.4, 1.0)))
    else:
        ink = _draw_letters(material.non_digit_crops, digit_height, rng)
    ink, _ = crop_to_visible(ink)
    # Fields are as high as numbers need, whatever stands in them.
    missing = max(round(0.8 * digit_height) - len(ink), 0)
    above = round(missing * float(rng.uniform(0.2, 0.8)))
    return WrittenInk(np.pad(ink, ((above, missing - above), (0, 0))), None, (), float(above + len(ink)))


def _draw_dashes(digit_height: float, pen: int, rng: Generator) -> Image:
    sheet, x = InkSheet(), 0.0
    for _ in range(int(rng.choice([1, 2, 3], p=[0.7, 0.2, 0.1]))):
        length = float(rng.uniform(0.4, 2.5)) * digit_height
        y = float(rng.normal(0, 0.05)) * digit_height
        sheet.add_stroke((x, y), (x + length, y + float(rng.normal(0, 0.08)) * length), pen)
        if rng.random() < 0.25:
            rise = float(rng.uniform(0.15, 0.3)) * digit_height
            sheet.add_stroke((x, y + rise), (x + length, y + rise), pen)
        x += length + float(rng.uniform(0.2, 1.0)) * digit_height
    return sheet.paint(1)[0]


def _draw_crosses(digit_height: float, pen: int, rng: Generator) -> Image:
    """Draw some X, or one over the whole field, or a tick."""
    sheet, kind = InkSheet(), rng.random()
    if kind < 0.2:
        down, up = (float(n) * digit_height for n in rng.uniform(0.2, 1.0, 2))
        sheet.add_stroke((0, -down), (0.5 * down, 0), pen)
        sheet.add_stroke((0.5 * down, 0), (0.5 * down + 0.8 * digit_height, -0.5 * digit_height - up), pen)
        return sheet.paint(1)[0]
    width = float(rng.uniform(0.5, 0.9) if kind < 0.8 else rng.uniform(1.0, 4.0)) * digit_height
    for index in range(int(rng.integers(1, 5)) if kind < 0.8 else 1):
        left = index * 1.3 * width + float(rng.normal(0, 0.1)) * digit_height
        ends = rng.normal(0, 0.08, 4) * digit_height
        sheet.add_stroke((left, ends[0]), (left + width, digit_height + ends[1]), pen)
        sheet.add_stroke((left + width, ends[2]), (left, digit_height + ends[3]), pen)
    return sheet.paint(1)[0]


def _draw_scribble(shape: tuple[int, int], pen: int, rng: Generator) -> Image:
    """Draw a zigzag or loops, or a field blackened with them."""
    height, width = shape
    canvas = np.zeros(shape, np.uint8)
    turns = int(rng.integers(5, 14)) if rng.random() < 0.7 else int(rng.integers(20, 50))
    if rng.random() < 0.5:
        points = np.stack([np.sort(rng.uniform(0, width, turns)), rng.uniform(0, height, turns)], axis=1)
    else:
        along = np.linspace(0, 2 * np.pi * float(rng.uniform(3, 9)), turns * 12)
        drift = np.linspace(0.1, 0.9, len(along)) * width
        wobble = 1 + 0.3 * np.sin(along * float(rng.uniform(0.1, 0.6)))
        points = np.stack(
            [drift + np.cos(along) * 0.3 * height * wobble, (0.5 + 0.45 * np.sin(along) * wobble) * height], axis=1
        )
    cv2.polylines(canvas, [np.rint(points * 16).astype(np.int32)], False, 255, pen, cv2.LINE_AA, 4)
    return canvas


def _draw_letters(letters: tuple[Image, ...], digit_height: float, rng: Generator) -> Image:
    """Draw one to six letters and signs that nobody writes like digits."""
    sheet, x = InkSheet(), 0.0
    for _ in range(int(rng.integers(1, 7))):
        letter = letters[int(rng.integers(len(letters)))]
        letter = resize_by(letter, digit_height / max(letter.shape) * float(rng.uniform(0.6, 1.0)))
        sheet.add_crop(letter, x, float(rng.normal(0, 0.05)) * digit_height - letter.shape[0])
        x += letter.shape[1] + float(rng.uniform(-0.05, 0.3)) * digit_height
    return sheet.paint(1)[0]
