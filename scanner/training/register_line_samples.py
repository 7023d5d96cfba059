"""Line images of handwritten registers: their numbers, and words without a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import read_gray
from scanner.image.background import flatten_background
from scanner.recognition.ctc import CHARACTERS
from scanner.recognition.line_image import line_pixels, make_line_image
from scanner.training.line_sets import LabelledLines
from scanner.training.page_window_samples import cut_line_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.datasets.register_pages import RegisterPage
    from scanner.types import Box, Image

    Edges = tuple[float, float, float, float]

_BOX_MARGIN_HEIGHTS = 0.08
"""Margin around a register's box, in its heights, in which the rows of the writing are searched: boxes are loose, and
some cut off a tail."""
_MAX_BOX_HEIGHT_MEDIANS = 2.2
"""Highest box of one line of writing, in medians of the page; higher ones hold several lines."""
_WORDS_PER_NUMBER = 0.35
"""Windows of words without a number, per number."""
_WHOLE_PICTURE_SHARE = 0.3
"""Share of the numbers cut out along their box as pictures of their own, the others as windows of the page."""


@dataclass(frozen=True, slots=True, eq=False)
class RegisterLines:
    """The writing of register pages: what may be cut out of each."""

    gray: tuple[Image, ...]
    """The pages, uint8."""
    flat: tuple[Image, ...]
    """The pages flattened."""
    numbers: tuple[tuple[int, str, Box, Edges], ...]
    """Index of the page, text, box, and edges of the writing (left, top, right, bottom), of each number."""
    words: tuple[tuple[int, Edges], ...]
    """Index of the page and edges of lines without a digit."""


def load_register_lines(pages: Sequence[RegisterPage]) -> RegisterLines:
    """Load register pages, and find the rows of the writing in each loose box.

    Raises:
        DataError: if an image cannot be read.
    """
    grays = tuple(read_gray(page.path) for page in pages)
    numbers: list[tuple[int, str, Box, Edges]] = []
    words: list[tuple[int, Edges]] = []
    for index, (page, gray) in enumerate(zip(pages, grays, strict=True)):
        highest = _MAX_BOX_HEIGHT_MEDIANS * float(np.median([box.height for box in page.boxes] or [0]))
        for text, box in zip(page.numbers, page.boxes, strict=True):
            if set(text) <= set(CHARACTERS) and box.height <= highest:
                numbers.append((index, text, box, _writing_edges(gray, box)))
        words += [
            (index, _writing_edges(gray, line.box))
            for line in page.lines
            if line.text.isalpha() and line.box.height <= highest
        ]
    return RegisterLines(grays, tuple(flatten_background(gray) for gray in grays), tuple(numbers), tuple(words))


def _widen(box: Box, image: Image) -> tuple[int, int, int, int]:
    """The box with a margin, within the page: left, top, right, bottom."""
    margin = round(_BOX_MARGIN_HEIGHTS * box.height)
    height, width = image.shape
    return (
        max(box.x - margin, 0),
        max(box.y - margin, 0),
        min(box.right + margin, width),
        min(box.bottom + margin, height),
    )


def _writing_edges(gray: Image, box: Box) -> Edges:
    left, top, right, bottom = _widen(box, gray)
    line = make_line_image(gray[top:bottom, left:right])
    return float(box.x), top + line.writing_top, float(box.right), top + line.writing_bottom


def unvaried_register_lines(registers: RegisterLines) -> LabelledLines:
    """Lines of all numbers, cut along their boxes."""
    images = tuple(_cut_picture(registers.gray[page], box) for page, _, box, _ in registers.numbers)
    texts = tuple(text for _, text, _, _ in registers.numbers)
    return LabelledLines("registers", images, texts, False, np.arange(len(images)))


def vary_register_lines(registers: RegisterLines, count: int, rng: np.random.Generator) -> LabelledLines:
    """Lines of ``count`` windows drawn at random: numbers, and words with the empty text.

    The words' ``source_ids`` follow those of the numbers.
    """
    images, texts, sources = [], [], []
    for _ in range(count):
        if registers.words and rng.random() < _WORDS_PER_NUMBER / (1 + _WORDS_PER_NUMBER):
            index = int(rng.integers(len(registers.words)))
            page, edges = registers.words[index]
            images.append(cut_line_at(registers.flat[page], _part_of_words(edges, rng), rng))
            texts.append("")
            sources.append(len(registers.numbers) + index)
            continue
        index = int(rng.integers(len(registers.numbers)))
        page, text, box, edges = registers.numbers[index]
        if rng.random() < _WHOLE_PICTURE_SHARE:
            images.append(_cut_picture(registers.gray[page], box))
        else:
            images.append(cut_line_at(registers.flat[page], edges, rng))
        texts.append(text)
        sources.append(index)
    return LabelledLines("registers", tuple(images), tuple(texts), False, np.array(sources, np.int64))


def _cut_picture(gray: Image, box: Box) -> Image:
    left, top, right, bottom = _widen(box, gray)
    return line_pixels(gray[top:bottom, left:right])


def _part_of_words(edges: Edges, rng: np.random.Generator) -> Edges:
    """A part of a line of words about as wide as a number."""
    left, top, right, bottom = edges
    width = min((bottom - top) * float(rng.uniform(1.2, 5)), right - left)
    start = left + float(rng.uniform(0, right - left - width + 1e-6))
    return start, top, start + width, bottom
