"""Digits and signs from the project's own pen, framed for training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.labelled import NO_DIGIT_LABEL, DigitSamples
from scanner.image.digit_frame import digit_frame
from scanner.synthesis.pen import random_writer, render_character

if TYPE_CHECKING:
    from scanner.types import Image

_CHARACTERS_PER_WRITER = 20
"""As many as make a hand count in the sample without making it the sample."""
_HEIGHT_RANGE_PIXELS = (12, 64)
"""Digit heights in pixels, smallest and largest: from a cell photographed badly to a page at 300 dpi."""
_NON_DIGIT_CHARACTERS = "+-x=()" * 5 + "acehkmnruvwAEHKMNRT"
"""Characters that are no digits in any hand; the signs of sums most of all, being the most common neighbours of
numbers and the most like digits: a parenthesis like a 1, a plus like a 4 or a crossed 7."""


def draw_pen_digits(rng: np.random.Generator, count: int) -> DigitSamples:
    """``count`` digits by many writers."""
    return _draw_samples("pen digits", "0123456789", rng, count)


def draw_pen_signs(rng: np.random.Generator, count: int) -> DigitSamples:
    """``count`` operators, parentheses and letters by many writers, labelled as no digit."""
    return _draw_samples("pen signs", _NON_DIGIT_CHARACTERS, rng, count)


def _draw_samples(name: str, characters: str, rng: np.random.Generator, count: int) -> DigitSamples:
    frames: list[Image] = []
    labels: list[int] = []
    while len(frames) < count:
        writer = random_writer(rng)
        for character in rng.choice(list(characters), min(_CHARACTERS_PER_WRITER, count - len(frames))):
            height = int(np.exp(rng.uniform(*np.log(_HEIGHT_RANGE_PIXELS))))
            frames.append(digit_frame(render_character(str(character), writer, rng, height)))
            labels.append(int(character) if character.isdigit() else NO_DIGIT_LABEL)
    return DigitSamples(name, np.stack(frames), np.array(labels, np.int64))
