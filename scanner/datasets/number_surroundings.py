"""What stands beside numbers: handwritten signs, words and units, and print; all cropped to the ink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import SAMPLES_PER_BLOCK, DataSplit, load_arrays, split_of_group
from scanner.synthesis import wording
from scanner.synthesis.cursive_words import random_word_style, render_words
from scanner.synthesis.fonts import render_text
from scanner.synthesis.handwriting_fonts import render_varied_word
from scanner.synthesis.ingredients import MIN_VISIBLE_INK, crop_image_to_ink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scanner.types import Image

    Generator = np.random.Generator

_SIGN_NAMES = ((",", "comma"), ("-", "minus"), (".", "point"))
"""Separators and their names in ``signs/unipen.npz``."""
_LETTERS_LIKE_DIGITS = frozenset("OIlSZBgqiosbzDQGJ|")
"""Letters that have the shape of digits: words that consist of hardly anything else teach nothing."""
_WORD_HEIGHT_PIXELS = 40
"""Height of capitals in handwritten words, pixels."""
_FONT_WORD_SHARE = 0.4
"""Share of handwritten words in a font, if there are any; a choice."""
_PRINT_SIZE_PIXELS = 24
"""Size of print, pixels per em."""
_HANDWRITTEN_UNITS = wording.word_list(
    "kg cm mm km m % $ h min R$ F Fr C USD EUR Rs pts am pm ans ml kWh A A A K M N R W x yrs"
)
"""Units, currency signs, and letters of classes and grades, none of which has the shape of a digit."""
_PRINTED_SUFFIXES = wording.word_list(
    "/10 /20 /100 /5 /25 /50 /40 kg cm mm km m % $ EUR USD points pts h min kWh ml ,- Mark Fr. F"
)
"""What forms print after the room for a number."""


def find_data_fonts(folder: Path | None, kind: str) -> tuple[Path, ...]:
    """Find the fonts in the folder ``fonts/<kind>`` of a data folder, sorted; none without it."""
    return () if folder is None else tuple(sorted((folder / "fonts" / kind).glob("*.ttf")))


def load_drawn_signs(folder: Path, split: DataSplit) -> tuple[tuple[str, tuple[Image, ...]], ...]:
    """Load handwritten commas, hyphens and points, if the folder has any; split by position.

    Returns:
        Pairs of a character and its crops, uint8, 255 = ink.

    Raises:
        DataError: if the file is damaged.
    """
    path = folder / "signs" / "unipen.npz"
    if not path.is_file():
        return ()
    loaded = load_arrays(path, *(name for _, name in _SIGN_NAMES))
    return tuple(
        (character, _crop_signs(images, split)) for (character, _), images in zip(_SIGN_NAMES, loaded, strict=True)
    )


def _crop_signs(images: Image, split: DataSplit) -> tuple[Image, ...]:
    inks = (255 - image if np.median(image) > 127 else image for image in images)
    return tuple(
        crop_image_to_ink(np.ascontiguousarray(ink))
        for index, ink in enumerate(inks)
        if split_of_group(index // SAMPLES_PER_BLOCK) is split and ink.max() > MIN_VISIBLE_INK
    )


def draw_word_crops(fonts: Sequence[Path], count: int, rng: Generator) -> tuple[Image, ...]:
    """Draw ``count`` handwritten words of three letters or more, with the pen or in handwriting fonts."""
    return tuple(_draw_word(_random_word(rng), fonts, rng) for _ in range(count))


def draw_unit_crops(fonts: Sequence[Path], count: int, rng: Generator) -> tuple[Image, ...]:
    """Draw ``count`` handwritten units and currency signs, with the pen or in handwriting fonts."""
    return tuple(_draw_word(wording.choose(rng, _HANDWRITTEN_UNITS), fonts, rng) for _ in range(count))


def draw_printed_words(fonts: Sequence[Path], count: int, rng: Generator) -> tuple[Image, ...]:
    """Print ``count`` words and field names without digits; none without fonts."""
    if not fonts:
        return ()
    texts = (
        wording.random_field_name(rng) if rng.random() < 0.5 else _random_word(rng).capitalize() for _ in range(count)
    )
    return tuple(_print(text + (":" if rng.random() < 0.4 else ""), fonts, rng) for text in texts)


def draw_printed_suffixes(fonts: Sequence[Path], count: int, rng: Generator) -> tuple[Image, ...]:
    """Print ``count`` times what forms print after the room for a number; none without fonts."""
    if not fonts:
        return ()
    return tuple(_print(wording.choose(rng, _PRINTED_SUFFIXES), fonts, rng) for _ in range(count))


def _random_word(rng: Generator) -> str:
    """A word of at least three letters, half of them unlike digits."""
    while True:
        word = wording.random_name(rng) if rng.random() < 0.4 else wording.random_word(rng)
        if len(word) >= 3 and 2 * sum(letter not in _LETTERS_LIKE_DIGITS for letter in word) >= len(word):
            return word


def _draw_word(word: str, fonts: Sequence[Path], rng: Generator) -> Image:
    if fonts and rng.random() < _FONT_WORD_SHARE:
        return render_varied_word(word, fonts[int(rng.integers(len(fonts)))], rng)
    style = random_word_style(rng, float(rng.uniform(0.05, 0.13)))
    return crop_image_to_ink(render_words(word, style, _WORD_HEIGHT_PIXELS, rng)[0])


def _print(text: str, fonts: Sequence[Path], rng: Generator) -> Image:
    return crop_image_to_ink(render_text(text, fonts[int(rng.integers(len(fonts)))], _PRINT_SIZE_PIXELS)[0])
