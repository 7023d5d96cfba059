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
    from scanner.synthesis.page_content import Colour
    from scanner.synthesis.writing import DrawnAlphabet, Hand

    Generator = np.random.Generator

_TYPE_SIZE_RANGE_MM = (1.9, 4.9)
"""Smallest and largest type, mm per em: from the 5.5 points of crowded forms to 14 points."""
_FORM_COLOURS: tuple[Colour, ...] = (
    (90, 130, 50),
    (60, 60, 160),
    (165, 100, 40),
    (200, 150, 90),
    (50, 120, 215),
    (150, 70, 130),
    (60, 90, 120),
    (150, 150, 150),
)
"""Colours that forms are printed in, BGR: green, red, blue, light blue, orange, purple, brown, grey."""
_COLOURED_FORM_SHARE = 0.35
"""Share of pages with rules, and often print, in a colour; a choice."""
_DIGIT_HEIGHT_RANGE_MM = (2.4, 6.5)
"""Smallest and largest height of handwritten digits, mm."""


@dataclass(frozen=True, slots=True)
class PageStyle:
    """What a page is printed and written with."""

    dpi: float
    """Pixels per inch of paper."""
    body: TextStyle
    bold: TextStyle
    italic: TextStyle
    rule_ink: InkStyle
    rule_width: float
    """Thickness of printed rules, pixels."""
    hand: Hand
    """The hand that fills in the page."""
    other_hand: Hand
    """The hand of another person, who marks or signs the page."""

    def mm_to_pixels(self, millimetres: float) -> int:
        """Convert a length to whole pixels, at least 1."""
        return max(round(millimetres * self.dpi / 25.4), 1)


def random_page_style(
    rng: Generator,
    families: Sequence[FontFamily],
    pools: Sequence[DigitPool],
    alphabets: Sequence[DrawnAlphabet],
    dpi: float,
) -> PageStyle:
    """Draw the style of a page at random."""
    family = families[int(rng.integers(len(families)))]
    bold_family = families[int(rng.integers(len(families)))] if rng.random() < 0.25 else family
    pixel_mm = 25.4 / dpi
    size = max(round(float(np.exp(rng.uniform(*np.log(_TYPE_SIZE_RANGE_MM)))) / pixel_mm), 7)
    grey = int(rng.choice([0, 20, 45, 70, 110], p=[0.35, 0.3, 0.2, 0.1, 0.05]))
    black = InkStyle((grey, grey, grey), float(rng.uniform(0.75, 1.0)))
    coloured = rng.random() < _COLOURED_FORM_SHARE
    rules = InkStyle((grey, grey, grey), float(rng.uniform(0.5, 1.0)))
    if coloured:
        colour = np.array(_FORM_COLOURS[int(rng.integers(len(_FORM_COLOURS)))]) + rng.integers(-30, 31, 3)
        blue, green, red = (int(n) for n in np.clip(colour, 0, 235))
        rules = InkStyle((blue, green, red), float(rng.uniform(0.5, 1.0)))
    body_ink = rules if coloured and rng.random() < 0.45 else black
    digit_height = float(np.exp(rng.uniform(*np.log(_DIGIT_HEIGHT_RANGE_MM)))) / pixel_mm
    # On a page in large print, people write no smaller than most of its letters.
    digit_height = max(digit_height, 0.7 * size)
    hand = writing.random_hand(rng, pools, max(round(digit_height), 8), pixel_mm, alphabets)
    other_height = max(round(digit_height * float(rng.uniform(0.8, 1.4))), 8)
    other_hand = writing.random_hand(rng, pools, other_height, pixel_mm, alphabets)
    return PageStyle(
        dpi=dpi,
        body=TextStyle(family.regular, size, body_ink),
        bold=TextStyle(bold_family.bold, size, black),
        italic=TextStyle(family.italic, size, body_ink),
        rule_ink=rules,
        rule_width=max(float(np.clip(rng.lognormal(np.log(0.2), 0.4), 0.08, 0.6)) / pixel_mm, 0.6),
        hand=hand,
        other_hand=other_hand,
    )
