"""Sheets of running text in one font: in capitals, in columns, in other alphabets, on lines."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import fonts, page_content, paper_wear, printed, scans, wording
from scanner.synthesis.page_content import InkStyle
from scanner.synthesis.printed import TextStyle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.page_content import PageContent
    from scanner.synthesis.scans import SyntheticPage

    Generator = np.random.Generator

_SIDE_RANGE_PIXELS = (500, 1400)
"""Shortest and longest side of a sheet, pixels; a choice."""
_TYPE_SIZE_RANGE_PIXELS = (12, 44)
"""Smallest and largest type, pixels per em; a choice."""
_ALPHABETS = tuple(
    "".join(chr(code) for code in range(first, behind))
    for first, behind in (
        (0x430, 0x450), (0x3B1, 0x3CA), (0x561, 0x587), (0x5D0, 0x5EB), (0x627, 0x64B), (0x10D0, 0x10F1),
        (0x4E00, 0x5200), (0x3041, 0x3097), (0xAC00, 0xAE00), (0x0E01, 0x0E2F), (0x0915, 0x0939),
    )
)  # fmt: skip  # an alphabet after the other
"""Cyrillic, Greek, Armenian, Hebrew, Arabic, Georgian, Chinese, Japanese, Korean, Thai and Devanagari letters."""
_OTHER_ALPHABET_SHARE = 0.5
"""Share of sheets in another alphabet, of those in a font that has one; a choice."""
_CAPITALS_SHARE, _TITLE_CASE_SHARE, _RULED_SHARE, _SLANTED_SHARE = 0.25, 0.1, 0.3, 0.5
"""Shares of sheets all in capitals, with a capital for each word, with ruled lines, and slanted; a choice."""
_SLANT_DEVIATION = 0.12
"""Standard deviation of the slant, dx/dy; a choice."""


def synthesize_text_sheet(rng: Generator, families: Sequence[FontFamily], dpi: float) -> SyntheticPage:
    """Synthesize a sheet of text, as a scanner delivers it, upright but for the skew of the scanner.

    Args:
        rng: with the same state, fonts and library versions, the page is the same.
        families: fonts of print or handwriting, at least one.
        dpi: resolution, which only the blur of the scanner depends on.
    """
    width, height = (int(side) for side in rng.integers(*_SIDE_RANGE_PIXELS, 2))
    family = families[int(rng.integers(len(families)))]
    face = (family.regular, family.bold, family.italic)[int(rng.choice(3, p=[0.6, 0.2, 0.2]))]
    grey = int(rng.integers(0, 110))
    ink = InkStyle((grey, grey, grey), float(rng.uniform(0.6, 1.0)), float(rng.uniform(0.0, 0.2)))
    text_style = TextStyle(face, int(rng.integers(*_TYPE_SIZE_RANGE_PIXELS)), ink)
    content = _set_lines(rng, text_style, width, height)
    image, pixel_classes = page_content.lay_on_paper(paper_wear.blank_paper(width, height, rng), content, rng)
    if rng.random() < _SLANTED_SHARE:
        slant = float(rng.normal(0, _SLANT_DEVIATION))
        matrix = np.array([[1.0, -slant, max(slant, 0.0) * height], [0.0, 1.0, 0.0]])
        size = (width + round(abs(slant) * height), height)
        image = np.asarray(cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
        pixel_classes = np.asarray(cv2.warpAffine(pixel_classes, matrix, size, flags=cv2.INTER_NEAREST), np.uint8)
    return scans.simulate_scan(scans.SyntheticPage(image, pixel_classes, (), dpi, "text sheet"), rng)


def _set_lines(rng: Generator, text_style: TextStyle, width: int, height: int) -> PageContent:
    """Lines of text from the top to the bottom, in one to four columns, some of them left out."""
    alphabets = _alphabets_of(text_style.font_path)
    alphabet = wording.choose(rng, alphabets) if alphabets and rng.random() < _OTHER_ALPHABET_SHARE else ""
    case, is_ruled = rng.random(), rng.random() < _RULED_SHARE
    number_share = float(rng.choice([0.0, 0.03, 0.2, 1.0], p=[0.3, 0.4, 0.2, 0.1]))
    filled_share, column_count = rng.uniform(0.3, 1.0), int(rng.choice([1, 1, 1, 2, 3, 4]))
    margin, step = int(rng.integers(10, 80)), text_style.size * rng.uniform(1.1, 2.2)
    column_width = (width - 2 * margin) // column_count
    contents = []
    for y in np.arange(2 * text_style.size, height - text_style.size, step):
        baseline = round(float(y))
        for x in range(margin, margin + column_count * column_width, column_width):
            if rng.random() > filled_share:
                continue
            words = _random_words(rng, alphabet) if alphabet else wording.random_running_words(rng, 16, number_share)
            text = printed.shorten_to_width(" ".join(words), round(column_width * rng.uniform(0.3, 1.0)), text_style)
            if case < _CAPITALS_SHARE:
                text = text.upper()
            elif case < _CAPITALS_SHARE + _TITLE_CASE_SHARE:
                text = text.title()
            contents.append(printed.typeset_line(text, (x, baseline), text_style))
        if is_ruled:
            below = baseline + 0.3 * text_style.size
            contents.append(page_content.draw_rule((margin, below), (width - margin, below), 1.5, text_style.ink))
    return page_content.merge_contents(contents)


def _random_words(rng: Generator, alphabet: str) -> list[str]:
    """Twelve random strings of letters of an alphabet."""
    lengths = rng.integers(1, 10, 12)
    return ["".join(alphabet[int(index)] for index in rng.integers(len(alphabet), size=length)) for length in lengths]


@lru_cache(maxsize=256)
def _alphabets_of(path: Path) -> tuple[str, ...]:
    """Those of the alphabets that a font has, by three letters of each."""
    font = fonts.open_font(path, 24)
    missing = bytes(font.getmask("\U0010fffd"))
    return tuple(
        alphabet
        for alphabet in _ALPHABETS
        if all(bytes(font.getmask(alphabet[index])) not in {missing, b""} for index in (1, 7, 15))
    )
