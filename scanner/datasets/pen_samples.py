"""Digits and signs drawn with the synthetic pen, framed for training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import DigitSamples
from scanner.image.digit_frame import digit_frame
from scanner.synthesis.ingredients import crop_image_to_ink
from scanner.synthesis.letterforms import WORLD_FORMS
from scanner.synthesis.pen import random_writer, render_character
from scanner.types import NO_DIGIT_LABEL

if TYPE_CHECKING:
    from scanner.synthesis.ingredients import DigitCrops
    from scanner.types import Image

_CHARACTERS_PER_WRITER = 20
"""Characters drawn in one hand before the next; a choice: enough to show the hand, too few for it to dominate."""
_HEIGHT_RANGE_PIXELS = (12, 64)
"""Smallest and largest digit height in pixels: from a poorly photographed cell to a page at 300 dpi."""
_NON_DIGIT_CHARACTERS = "+-x=()" * 5 + "acehkmnruvwAEHKMNRT"
"""Characters that nobody writes like a digit.  Signs of sums are most frequent: they are the most common neighbours of
numbers and the most like digits (a parenthesis like a 1, a plus like a 4 or a crossed 7)."""

PEN_BODY_SIDE = 40
"""Height of an ordinary digit in the crops of a hand, pixels: as large as the largest digits written with them."""
_INSTANCES_PER_HAND = 2
"""Crops of each digit in a hand."""

_UNPRACTISED_SHARE = 0.12
"""Share of hands as of children and of people who seldom write; a choice."""


def draw_pen_hand(rng: np.random.Generator) -> DigitCrops:
    """Draw the digits of one writer.

    Returns:
        Crops of each digit 0-9, uint8, 255 = ink, ordinary digits about ``PEN_BODY_SIDE`` pixels high.
    """
    writer = random_writer(rng, WORLD_FORMS)
    if rng.random() < _UNPRACTISED_SHARE:
        writer = replace(writer, shape_jitter=float(rng.uniform(0.03, 0.05)), habit_size=float(rng.uniform(0.05, 0.08)))
    return tuple(
        tuple(
            crop_image_to_ink(render_character(digit, writer, rng, PEN_BODY_SIDE)) for _ in range(_INSTANCES_PER_HAND)
        )
        for digit in "0123456789"
    )


def draw_pen_digits(rng: np.random.Generator, count: int) -> DigitSamples:
    """Draw ``count`` digits in many hands."""
    return _draw_samples("pen digits", "0123456789", rng, count)


def draw_pen_signs(rng: np.random.Generator, count: int) -> DigitSamples:
    """Draw ``count`` operators, parentheses and letters in many hands, labelled as no digit."""
    return _draw_samples("pen signs", _NON_DIGIT_CHARACTERS, rng, count)


def _draw_samples(name: str, characters: str, rng: np.random.Generator, count: int) -> DigitSamples:
    frames: list[Image] = []
    labels: list[int] = []
    while len(frames) < count:
        writer = random_writer(rng, WORLD_FORMS)
        for character in rng.choice(list(characters), min(_CHARACTERS_PER_WRITER, count - len(frames))):
            height = int(np.exp(rng.uniform(*np.log(_HEIGHT_RANGE_PIXELS))))
            frames.append(digit_frame(render_character(str(character), writer, rng, height)))
            labels.append(int(character) if character.isdigit() else NO_DIGIT_LABEL)
    return DigitSamples(name, np.stack(frames), np.array(labels, np.int64))
