"""Digits and signs from the project's own pen, framed for training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.frame import frame
from scanner.synthesis.pen import random_writer, render
from scanner.training.data import NO_DIGIT, Samples

if TYPE_CHECKING:
    from scanner.types import Image

_DIGITS_PER_WRITER = 20
"""As many as make a hand count in the sample without making it the sample."""
_HEIGHTS = (12, 64)
"""Digit heights in pixels, smallest and largest: from a cell photographed badly to a page at 300 dpi."""
_SIGNS = "+-x=()" * 5 + "acehkmnruvwAEHKMNRT"
"""Characters that are no digits in any hand; the signs of sums most of all, being the most common neighbours of
numbers and the most like digits: a parenthesis like a 1, a plus like a 4 or a crossed 7."""


def pen_digits(rng: np.random.Generator, count: int) -> Samples:
    """``count`` digits by many writers."""
    return _written("pen digits", "0123456789", rng, count)


def pen_signs(rng: np.random.Generator, count: int) -> Samples:
    """``count`` operators, parentheses and letters by many writers, labelled as no digit."""
    return _written("pen signs", _SIGNS, rng, count)


def _written(name: str, characters: str, rng: np.random.Generator, count: int) -> Samples:
    frames: list[Image] = []
    labels: list[int] = []
    while len(frames) < count:
        writer = random_writer(rng)
        for character in rng.choice(list(characters), min(_DIGITS_PER_WRITER, count - len(frames))):
            height = int(np.exp(rng.uniform(*np.log(_HEIGHTS))))
            frames.append(frame(render(str(character), writer, rng, height)))
            labels.append(int(character) if character.isdigit() else NO_DIGIT)
    return Samples(name, np.stack(frames), np.array(labels, np.int64))
