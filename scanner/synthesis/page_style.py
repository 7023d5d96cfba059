"""The style of a synthetic page: its resolution, type, rules and the hands that fill it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import writing
from scanner.synthesis.page_content import InkStyle
from scanner.synthesis.printed import TextStyle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.ingredients import DigitPool
    from scanner.synthesis.writing import DrawnAlphabet, Hand

    Generator = np.random.Generator

# Sizes of type, millimetres to the em: 7 to 14 points.
_TYPE_SIZE_RANGE_MM = (2.5, 4.9)
# Height of handwritten digits, millimetres.
_DIGIT_HEIGHT_RANGE_MM = (2.4, 6.5)


@dataclass(frozen=True, slots=True)
class PageStyle:
    """What a page is printed and written with."""

    dpi: float
    body: TextStyle
    bold: TextStyle
    italic: TextStyle
    rule_ink: InkStyle
    rule_width: float
    """Pixels."""
    hand: Hand
    other_hand: Hand
    """Somebody else's, who marks or signs."""

    def mm_to_pixels(self, millimetres: float) -> int:
        """A length on the page."""
        return max(round(millimetres * self.dpi / 25.4), 1)


def random_page_style(
    rng: Generator,
    families: Sequence[FontFamily],
    pools: Sequence[DigitPool],
    alphabets: Sequence[DrawnAlphabet],
    dpi: float,
) -> PageStyle:
    """Type, rules and hands of a page."""
    family = families[int(rng.integers(len(families)))]
    other = families[int(rng.integers(len(families)))] if rng.random() < 0.25 else family
    pixel = 25.4 / dpi
    size = max(round(float(rng.uniform(*_TYPE_SIZE_RANGE_MM)) / pixel), 7)
    grey = int(rng.choice([0, 20, 45, 70, 110], p=[0.35, 0.3, 0.2, 0.1, 0.05]))
    black = InkStyle((grey, grey, grey), float(rng.uniform(0.75, 1.0)))
    coloured = rng.random() < 0.2
    tint = tuple(int(n) for n in rng.integers(60, 220, 3)) if coloured else (grey, grey, grey)
    rules = InkStyle((tint[0], tint[1], tint[2]), float(rng.uniform(0.5, 1.0)))
    body_ink = rules if coloured and rng.random() < 0.3 else black
    digit = float(np.exp(rng.uniform(*np.log(_DIGIT_HEIGHT_RANGE_MM)))) / pixel
    # Who fills in large print writes no smaller than most of its letters.
    digit = max(digit, 0.7 * size)
    hand = writing.random_hand(rng, pools, max(round(digit), 8), pixel, alphabets)
    other_height = max(round(digit * float(rng.uniform(0.8, 1.4))), 8)
    marker = writing.random_hand(rng, pools, other_height, pixel, alphabets)
    return PageStyle(
        dpi=dpi,
        body=TextStyle(family.regular, size, body_ink),
        bold=TextStyle(other.bold, size, black),
        italic=TextStyle(family.italic, size, body_ink),
        rule_ink=rules,
        rule_width=max(float(np.clip(rng.lognormal(np.log(0.2), 0.4), 0.08, 0.6)) / pixel, 0.6),
        hand=hand,
        other_hand=marker,
    )
