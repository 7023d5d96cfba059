"""Numbers written by hand: digits of a pool with separators, freely spaced or one to a cell of a comb field.

Unlike in ``pen.draw_text``, digits touch, overlap and are joined, and things that are not read stand beside the number:
a dash after an amount, a currency sign, a unit, the X in an unused cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis.glyph_warps import bend_ink, stroke_width, widen_strokes
from scanner.synthesis.ingredients import MIN_VISIBLE_INK
from scanner.synthesis.ink_sheet import InkSheet
from scanner.synthesis.number_hand import NumberHand
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.synthesis.ingredients import DigitCrops, DigitPool, NumberMaterial
    from scanner.types import Image

    Generator = np.random.Generator

_COMB_SHARE = 0.18
"""Share of numbers without separators that are written into the cells of a comb field; a choice."""
_ONE_HAND_SHARE = 0.75
"""Share of numbers by one hand, where the pool knows hands; the others mix hands for variety; a choice."""
_MIN_POINT_HEIGHTS = 0.07
"""Minimum size of a point, in digit heights: smaller ones vanish in the picture, and the text would be wrong."""
_COMPANION_SHARE = 0.3
"""Share of free numbers with something beside them that is not read; a choice."""
_LETTERS_BEHIND_SHARE = 0.35
"""Share of what is written behind numbers that is letters, as in 8A; a choice."""
_WORD_CROP_HEIGHT_PIXELS = 40
"""Height of the capitals in crops of handwritten words and units, pixels."""
_PRINT_DIGIT_HEIGHT_PIXELS = 17
"""Height of the digits and capitals in printed crops, pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class WrittenInk:
    """Ink of a number and of what stands beside it, cropped."""

    ink: Image
    """Shape (H, W), uint8, 255 = ink."""
    number_box: Box | None
    """Box of the digits and separators in the ink, to within a stroke width; None if there is no number."""
    dividers: tuple[float, ...]
    """Columns of the borders of the comb cells, which may lie outside of the ink; empty if there is no comb field."""
    baseline: float
    """Row of the baseline."""


def write_number(text: str, material: NumberMaterial, digit_height: float, rng: Generator) -> WrittenInk:
    """Write a number.

    Args:
        text: at least one of the characters ``0-9 , . -``.
        material: what to compose it of.
        digit_height: pixels.
        rng: the same state gives the same ink.

    Returns:
        The ink, cropped.
    """
    shares = np.array([pool.share for pool in material.pools])
    pool = material.pools[int(rng.choice(len(shares), p=shares / shares.sum()))]
    crops = pool.digit_crops
    if pool.hands and rng.random() < _ONE_HAND_SHARE:
        crops = pool.hands[int(rng.integers(len(pool.hands)))]
    ones = crops[1]
    pen_width = stroke_width(ones[int(rng.integers(len(ones)))]) / pool.body_side
    hand = NumberHand.random(digit_height, pen_width, rng)
    scribe = _Scribe(hand, crops, pool, material, InkSheet())
    if text.isdigit() and rng.random() < _COMB_SHARE:
        pitch = float(rng.uniform(0.75, 2.4)) * digit_height
        scribe.write_into_cells(text, pitch, rng)
        extent = scribe.sheet.extent()
        dividers = scribe.fill_cells_beside(len(text), pitch, rng)
        return _finish(scribe, extent, dividers, rng)
    end = scribe.write_freely(text, rng)
    extent = scribe.sheet.extent()
    if rng.random() < _COMPANION_SHARE:
        scribe.write_companions(text, end, rng)
    return _finish(scribe, extent, (), rng)


@dataclass(frozen=True, slots=True, eq=False)
class _Scribe:
    """Puts the characters of a number on a sheet, the first digit at x = 0, the baseline at y = 0."""

    hand: NumberHand
    crops: DigitCrops
    pool: DigitPool
    material: NumberMaterial
    sheet: InkSheet

    def write_freely(self, text: str, rng: Generator) -> float:
        """Write the characters one after the other; the x where the number ends."""
        hand, height = self.hand, self.hand.digit_height
        x, joint = 0.0, None
        for index, character in enumerate(text):
            y = float(rng.normal(0, hand.baseline_drift)) * height + hand.baseline_slope * x
            if not character.isdigit():
                x = self._write_separator(character, x, y, rng)
                joint = None
                continue
            crop, drop = self._choose_digit(character, rng)
            left, top = x, y + drop - crop.shape[0]
            self.sheet.add_crop(crop, left, top)
            if joint and character == "0" and text[index - 1] == "0" and hand.joins_zeros and hand.gap < 0.3:
                self.sheet.add_stroke(joint, (left + 0.5 * crop.shape[1], top + 0.1 * crop.shape[0]), hand.pen_pixels)
            joint = left + 0.6 * crop.shape[1], top + float(rng.uniform(0.02, 0.3)) * crop.shape[0]
            x = left + crop.shape[1] + hand.random_gap(rng)
        return x - min(hand.gap, 0.4) * height

    def write_into_cells(self, text: str, pitch: float, rng: Generator) -> None:
        """Write one digit into each cell of a comb field, ``pitch`` pixels wide."""
        spread = float(rng.uniform(0.02, 0.13))
        for index, digit in enumerate(text):
            middle = (index + 0.5 + float(np.clip(rng.normal(0, spread), -0.3, 0.3))) * pitch
            y = float(rng.normal(0, max(self.hand.baseline_drift, 0.04))) * self.hand.digit_height
            crop, drop = self._choose_digit(digit, rng)
            if crop.shape[1] > 1.1 * pitch:
                narrow = max(round(0.9 * pitch), 2), crop.shape[0]
                crop = np.asarray(cv2.resize(crop, narrow, interpolation=cv2.INTER_AREA), np.uint8)
            self.sheet.add_crop(crop, middle - crop.shape[1] / 2, y + drop - crop.shape[0])

    def fill_cells_beside(self, used: int, pitch: float, rng: Generator) -> tuple[float, ...]:
        """Write X, dashes or nothing into cells left over beside the ``used`` ones; the borders of all cells."""
        before, after = (int(rng.integers(1, 4)) if rng.random() < share else 0 for share in (0.45, 0.12))
        filler = "X- "[int(rng.choice(3, p=[0.5, 0.2, 0.3]))]
        for index in (*range(-before, 0), *range(used, used + after)):
            if filler != " ":
                middle = (index + 0.5 + float(rng.normal(0, 0.06))) * pitch
                self._fill_cell(filler, middle, float(rng.normal(0, 0.06)) * self.hand.digit_height, pitch, rng)
        return tuple(index * pitch for index in range(-before, used + after + 1))

    def write_companions(self, text: str, end: float, rng: Generator) -> None:
        """Write what is not read before the number or after its ``end``, where no sign would be taken for its own."""
        if text[0].isdigit() and rng.random() < 0.35:
            self._write_prefix(rng)
        if text[-1].isdigit() and rng.random() < 0.85:
            self._write_suffix(end, rng)

    def _choose_digit(self, digit: str, rng: Generator) -> tuple[Image, float]:
        crops = self.crops[int(digit)]
        return self.hand.shape_digit(crops[int(rng.integers(len(crops)))], digit, self.pool.body_side, rng)

    def _fill_cell(self, character: str, middle: float, y: float, pitch: float, rng: Generator) -> None:
        height, pen = self.hand.digit_height, self.hand.pen_pixels
        reach, half = 0.5 * min(0.7 * pitch, height) * float(rng.uniform(0.6, 1.1)), 0.5 * height
        if character == "-":
            self.sheet.add_stroke((middle - reach, y - half), (middle + reach, y - half * rng.uniform(0.8, 1.2)), pen)
            return
        for rise in (0.8, -0.8):
            lift = rise * float(rng.uniform(0.8, 1.2)) * reach
            self.sheet.add_stroke((middle - reach, y - half - lift), (middle + reach, y - half + lift), pen)

    def _write_separator(self, character: str, x: float, y: float, rng: Generator) -> float:
        """Write a separator at ``x``; the ``x`` after it."""
        hand, height = self.hand, self.hand.digit_height
        x += (hand.separator_gap * float(rng.uniform(0.3, 1.0)) + float(rng.uniform(-0.05, 0.15))) * height
        if hand.gap > 0.3:
            x -= float(rng.uniform(0.0, 0.9)) * hand.gap * height
        lift = hand.point_height * height if character == "." else 0.0
        size = hand.separator_scale * height
        drawn = dict(self.material.sign_crops).get(character, ())
        if drawn and rng.random() < 0.4:
            crop = _resize_sign(drawn[int(rng.integers(len(drawn)))], character, size, hand.pen_pixels, rng)
            below = {".": 0.0, ",": 0.6 * crop.shape[0], "-": -0.45 * height}[character]
            self.sheet.add_crop(crop, x, y - lift + below - crop.shape[0] + float(rng.normal(0, 0.04)) * height)
            x += crop.shape[1]
        elif character == "-":
            length, level = float(rng.uniform(0.25, 0.75)) * size, y - float(rng.uniform(0.3, 0.65)) * height
            tilt = float(rng.normal(0, 0.06)) * height
            self.sheet.add_stroke((x, level), (x + length, level + tilt), hand.pen_pixels)
            x += length
        elif character == ".":
            level, extent = y - lift + float(rng.normal(-0.03, 0.05)) * height, rng.uniform(0.0, 0.1, 2) * size
            pen = max(round(hand.pen_pixels * float(rng.uniform(0.9, 1.7))), round(_MIN_POINT_HEIGHTS * height))
            self.sheet.add_stroke((x, level), (x + extent[0], level + extent[1]), pen)
            x += hand.pen_pixels
        else:
            length, level = float(rng.uniform(0.15, 0.45)) * size, y + float(rng.normal(-0.05, 0.06)) * height
            lean = length * float(rng.uniform(-0.1, 0.6))
            self.sheet.add_stroke((x, level), (x - lean, level + length), hand.pen_pixels)
            x += hand.pen_pixels
        return x + (float(rng.uniform(0.0, 0.3)) + hand.separator_gap * float(rng.uniform(0.3, 1.0))) * height

    def _write_suffix(self, x: float, rng: Generator) -> None:
        """Write what is not read after a number: letters, a dash or two, a point, a unit, something printed."""
        height, pen, kind = self.hand.digit_height, self.hand.pen_pixels, rng.random()
        if rng.random() < _LETTERS_BEHIND_SHARE and self.material.non_digit_crops:
            self._write_letters(x, rng)
        elif kind < 0.25 and self.material.unit_crops:
            self._add_word(self.material.unit_crops, x + float(rng.uniform(0.1, 0.8)) * height, 1.0, rng)
        elif kind < 0.45 and self.material.printed_suffixes:
            self._add_print(self.material.printed_suffixes, x + float(rng.uniform(0.2, 1.2)) * height, rng)
        elif kind < 0.65:
            mark = "." if rng.random() < 0.7 else ","
            self._write_separator(mark, x, 0.0, rng)
        else:
            y, length = -float(rng.uniform(0.1, 0.9)) * height, float(rng.uniform(0.25, 1.2)) * height
            x += float(rng.uniform(0.1, 0.45)) * height
            for _ in range(1 + (rng.random() < 0.4)):
                end = x + length, y + float(rng.normal(-0.05, 0.1)) * height
                self.sheet.add_stroke((x, y), end, pen)
                y += float(rng.uniform(0.15, 0.3)) * height

    def _write_letters(self, x: float, rng: Generator) -> None:
        """Write a letter or two as high as the digits from ``x`` on, as in 8A."""
        height = self.hand.digit_height
        for _ in range(1 + (rng.random() < 0.25)):
            letter = self.material.non_digit_crops[int(rng.integers(len(self.material.non_digit_crops)))]
            letter = resize_by(letter, height / max(letter.shape) * float(rng.uniform(0.7, 1.1)))
            x += float(rng.uniform(0.0, 0.4)) * height
            self.sheet.add_crop(letter, x, float(rng.normal(0, 0.06)) * height - letter.shape[0])
            x += letter.shape[1]

    def _write_prefix(self, rng: Generator) -> None:
        """Write what is not read before a number: a currency sign, an X, a dash of its own, a printed word."""
        height, kind = self.hand.digit_height, rng.random()
        if kind < 0.5 and self.material.unit_crops:
            self._add_word(self.material.unit_crops, -float(rng.uniform(0.25, 0.6)) * height, -1.0, rng)
        elif kind < 0.8 and self.material.printed_words:
            self._add_print(self.material.printed_words, -float(rng.uniform(0.4, 1.0)) * height, rng, ends_there=True)
        else:
            pitch = 0.9 * height
            for index in range(int(rng.integers(1, 3))):
                self._fill_cell("X", -(index + 1) * pitch, 0.0, pitch, rng)

    def _add_word(self, words: Sequence[Image], x: float, direction: float, rng: Generator) -> None:
        """Write a word from ``x`` to the right, or up to ``x`` if ``direction`` is negative."""
        scale = self.hand.digit_height / _WORD_CROP_HEIGHT_PIXELS * float(rng.uniform(0.6, 1.0))
        crop = resize_by(words[int(rng.integers(len(words)))], scale)
        left = x if direction > 0 else x - crop.shape[1]
        self.sheet.add_crop(crop, left, float(rng.normal(0, 0.06)) * self.hand.digit_height - crop.shape[0])

    def _add_print(self, prints: Sequence[Image], x: float, rng: Generator, *, ends_there: bool = False) -> None:
        scale = self.hand.digit_height / _PRINT_DIGIT_HEIGHT_PIXELS * float(rng.uniform(0.3, 0.9))
        crop = resize_by(prints[int(rng.integers(len(prints)))], scale)
        left = x - crop.shape[1] if ends_there else x
        self.sheet.add_crop(crop, left, float(rng.uniform(-0.3, 0.1)) * self.hand.digit_height - crop.shape[0])


def resize_by(crop: Image, factor: float) -> Image:
    """Resize a crop of ink by a factor, to at least one pixel in each direction."""
    size = max(round(crop.shape[1] * factor), 1), max(round(crop.shape[0] * factor), 1)
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(crop, size, interpolation=interpolation), np.uint8)


def crop_to_visible(ink: Image) -> tuple[Image, tuple[int, int]]:
    """Crop to the visible ink; the crop and the (x, y) of its top left corner.  Without ink one pixel is left."""
    x, y, width, height = cv2.boundingRect((ink > MIN_VISIBLE_INK).view(np.uint8))
    return ink[y : y + max(height, 1), x : x + max(width, 1)], (x, y)


def _resize_sign(crop: Image, character: str, size: float, pen: int, rng: Generator) -> Image:
    """Resize a handwritten separator, in strokes as wide as the pen."""
    low, high = {".": (0.0, 0.07), ",": (0.22, 0.5), "-": (0.25, 0.75)}[character]
    target = size * float(rng.uniform(low, high))
    # They are drawn with a line one or two pixels wide.
    resized = np.pad(resize_by(crop, target / max(crop.shape)), pen)
    return crop_to_visible(widen_strokes(np.where(resized > MIN_VISIBLE_INK, 255, 0).astype(np.uint8), float(pen - 1)))[
        0
    ]


def _finish(scribe: _Scribe, extent: Box, dividers: tuple[float, ...], rng: Generator) -> WrittenInk:
    """Slant and bend the whole number and crop it to its ink."""
    hand = scribe.hand
    ink, (left, top) = scribe.sheet.paint(round(0.7 * hand.digit_height) + 2)
    # The middle of the digits stays where it is, and with it the middles of the cells.
    level = -0.5 * hand.digit_height
    matrix = np.array([[1, -hand.slant, hand.slant * (level - top)], [0, 1, 0]])
    slanted = np.asarray(cv2.warpAffine(ink, matrix, ink.shape[::-1], flags=cv2.INTER_LINEAR), np.uint8)
    spacing = float(rng.uniform(0.35, 0.9)) * hand.digit_height
    size = abs(float(rng.normal(0, 0.035))) * min(spacing, 0.7 * hand.digit_height)
    cropped, (x, y) = crop_to_visible(bend_ink(slanted, size, spacing, rng))
    shifts = [round(-hand.slant * (row - level)) for row in (extent.y, extent.bottom)]
    return WrittenInk(
        cropped,
        Box(
            extent.x + min(shifts) - left - x,
            extent.y - top - y,
            extent.width + max(shifts) - min(shifts),
            extent.height,
        ),
        tuple(column - left - x for column in dividers),
        float(-top - y),
    )
