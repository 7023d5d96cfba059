"""Synthetic number crops, as cut from forms, cheques, registers and logbooks, with their text.

The digits come from pools of digit crops: real ones of a data set, with its many hands, or those of the pen and of
handwriting fonts.  The crop shows what surrounds a number on a page: rules, the borders of its cell, a security
pattern, parts of neighbours, print.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis.crop_background import add_cell_margins, draw_paper
from scanner.synthesis.crop_capture import photograph_crop
from scanner.synthesis.crop_neighbours import draw_neighbours
from scanner.synthesis.crop_rules import draw_rules
from scanner.synthesis.non_numbers import draw_non_number
from scanner.synthesis.number_texts import random_number_text
from scanner.synthesis.number_writing import write_number
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.synthesis.ingredients import NumberMaterial
    from scanner.types import Image

    Generator = np.random.Generator

_DIGIT_HEIGHT_RANGE_PIXELS = (9, 44)
"""Smallest and largest height of a digit in a crop, pixels: from a poor photograph of a page to a scan at 300 dpi."""
_MIN_DRAWING_HEIGHT_PIXELS = 24
"""Digits that are lower than this are drawn twice as large and reduced with the rest of the crop."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberPicture:
    """A crop of one number, and where the number is in it."""

    pixels: Image
    """Grey, shape (H, W), uint8, dark on light."""
    text: str
    """What is written; "" if there is no number."""
    number_box: Box | None
    """Box of the digits and separators, to within a few pixels; it may extend beyond the edge.  None without one."""


def draw_number_picture(material: NumberMaterial, rng: Generator) -> NumberPicture:
    """Draw a crop of one number or, one time in ten, of a field without a number.

    Args:
        material: what to compose it of.
        rng: the same state gives the same picture.
    """
    text = random_number_text(rng)
    digit_height = float(np.exp(rng.uniform(*np.log(_DIGIT_HEIGHT_RANGE_PIXELS))))
    scale = 0.5 if digit_height < _MIN_DRAWING_HEIGHT_PIXELS else 1.0
    drawn_height = digit_height / scale
    written = write_number(text, material, drawn_height, rng) if text else draw_non_number(material, drawn_height, rng)
    ink, (left, top) = add_cell_margins(written.ink, drawn_height, rng)
    darkness = draw_paper((ink.shape[0], ink.shape[1]), material, drawn_height, rng)
    dividers = tuple(column + left for column in written.dividers)
    draw_rules(darkness, written.baseline + top, dividers, drawn_height, rng)
    draw_neighbours(ink, darkness, material, drawn_height, rng)
    pixels = photograph_crop(ink, darkness, drawn_height, scale, rng)
    if written.number_box is None:
        return NumberPicture(pixels, text, None)
    box = written.number_box
    zoom_y, zoom_x = pixels.shape[0] / ink.shape[0], pixels.shape[1] / ink.shape[1]
    x, y = round((box.x + left) * zoom_x), round((box.y + top) * zoom_y)
    size = max(round(box.width * zoom_x), 1), max(round(box.height * zoom_y), 1)
    return NumberPicture(pixels, text, Box(x, y, *size))


def draw_number_crop(material: NumberMaterial, rng: Generator) -> tuple[Image, str]:
    """Draw what ``draw_number_picture`` does; its pixels and its text."""
    picture = draw_number_picture(material, rng)
    return picture.pixels, picture.text
