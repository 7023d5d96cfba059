"""Small pages for the stress tests, written with the synthetic pen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.atomic_write import write_image
from scanner.synthesis.pen import draw_text, random_writer

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.types import Image

_PAGE_WIDTH, _PAGE_HEIGHT = 360, 150
"""Size of a page, pixels: reading it takes some hundredths of a second, so that the tests exercise the batch."""
_DIGIT_HEIGHT = 32
"""Height of a digit, pixels: usual handwriting at 150 dpi."""
_LINE_TOPS = (24, 88)
"""Rows at which the two numbers begin, pixels."""
_LEFT_MARGIN = 30
_PAPER_GRAY = 250


def draw_small_page(rng: np.random.Generator) -> Image:
    """Draw a page with two numbers: grey, shape (H, W), uint8."""
    page = np.full((_PAGE_HEIGHT, _PAGE_WIDTH), _PAPER_GRAY, np.uint8)
    writer = random_writer(rng)
    for top in _LINE_TOPS:
        text = "".join(map(str, rng.integers(0, 10, rng.integers(3, 7))))
        ink = draw_text(text, writer, rng, _DIGIT_HEIGHT)[0][: _PAGE_HEIGHT - top, : _PAGE_WIDTH - _LEFT_MARGIN]
        height, width = ink.shape
        part = page[top : top + height, _LEFT_MARGIN : _LEFT_MARGIN + width]
        np.minimum(part, _PAPER_GRAY - np.minimum(ink, _PAPER_GRAY), out=part)
    return page


def write_small_pages(folder: Path, count: int, seed: int) -> tuple[Path, ...]:
    """Write small pages as PNG files; their paths in the order of a batch.

    Raises:
        OutputError: if they cannot be written.
    """
    rng = np.random.default_rng(seed)
    paths = tuple(folder / f"{number:05}.png" for number in range(1, count + 1))
    for path in paths:
        write_image(path, draw_small_page(rng))
    return paths
