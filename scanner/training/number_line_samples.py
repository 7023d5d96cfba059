"""Line images of pictures of one number: synthetic ones, real ones varied, and real ones spliced."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.data_folder import read_gray
from scanner.image.background import flatten_background
from scanner.recognition.line_image import (
    LINE_HEIGHT,
    MAX_LINE_WIDTH,
    WIDTH_MULTIPLE,
    line_pixels,
    make_line_image,
)
from scanner.synthesis.number_crops import draw_number_crop
from scanner.training.line_sets import LabelledLines
from scanner.training.page_window_samples import cut_line_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.datasets.labelled_crops import LabelledCrop
    from scanner.recognition.line_image import LineImage
    from scanner.synthesis.ingredients import NumberMaterial
    from scanner.types import Image

_CROP_JITTER_HEIGHTS = 0.05
"""Standard deviation of each edge of a varied crop, in heights of the crop; a choice."""
_CUT_AT_ROWS_SHARE = 0.4
"""Share of the varied crops that are cut as a window of a page, whose rows a finder of numbers gave roughly."""


def synthesize_lines(material: NumberMaterial, count: int, rng: np.random.Generator) -> LabelledLines:
    """Synthesize ``count`` lines; the same for the same state of ``rng``."""
    crops = [draw_number_crop(material, rng) for _ in range(count)]
    images = tuple(_line_of(gray, rng) for gray, _ in crops)
    return LabelledLines("synthetic", images, tuple(text for _, text in crops), False, np.arange(count))


@dataclass(frozen=True, slots=True, eq=False)
class RealNumbers:
    """Real pictures of one number each, and what their writing fills."""

    name: str
    pictures: tuple[Image, ...]
    """Grey, uint8, dark on light."""
    lines: tuple[LineImage, ...]
    """Line image of each picture."""
    texts: tuple[str, ...]
    boundaries: tuple[tuple[int, ...] | None, ...]
    """Columns of each line image between its digits; None where they are not known."""
    separators_omitted: bool
    """Whether the texts leave out separators that may be visible."""


def load_real_numbers(name: str, crops: Sequence[LabelledCrop], *, separators_omitted: bool) -> RealNumbers:
    """Load the pictures of labelled crops.

    Raises:
        DataError: if an image cannot be read.
    """
    pictures = tuple(read_gray(crop.path) for crop in crops)
    lines = tuple(make_line_image(picture) for picture in pictures)
    boundaries = tuple(_digit_boundaries(crop, line) for crop, line in zip(crops, lines, strict=True))
    return RealNumbers(name, pictures, lines, tuple(crop.text for crop in crops), boundaries, separators_omitted)


def _digit_boundaries(crop: LabelledCrop, line: LineImage) -> tuple[int, ...] | None:
    """Column of the line image between each digit and the next; None if no columns separate them."""
    between = [(a.right + b.x) / 2 for a, b in itertools.pairwise(crop.boxes)]
    if not between or any(a >= b for a, b in itertools.pairwise(between)):
        return None
    return tuple(round((x - line.crop_left) * line.scale) for x in between)


def unvaried_lines(numbers: RealNumbers) -> LabelledLines:
    """Lines of the pictures as they are."""
    images = tuple(line.pixels for line in numbers.lines)
    return LabelledLines(numbers.name, images, numbers.texts, numbers.separators_omitted, np.arange(len(images)))


def vary_lines(numbers: RealNumbers, count: int, rng: np.random.Generator) -> LabelledLines:
    """Lines of ``count`` pictures drawn at random, with other edges, scale, blur and contrast."""
    chosen = rng.choice(len(numbers.pictures), count, replace=count > len(numbers.pictures))
    images = tuple(_line_of(_vary_crop(numbers.pictures[index], rng), rng) for index in chosen)
    texts = tuple(numbers.texts[index] for index in chosen)
    return LabelledLines(numbers.name, images, texts, numbers.separators_omitted, chosen.astype(np.int64))


def splice_lines(numbers: RealNumbers, count: int, rng: np.random.Generator) -> LabelledLines:
    """Splice lines from the beginning of one real number and the end of another, both cut between digits.

    They show real handwriting in numbers that nobody wrote, so that the network cannot memorize which digits follow
    each other.  Their texts leave out separators.

    Args:
        numbers: some of them with known boundaries.
        count: number of lines; none are made if no number has known boundaries.
        rng: the same state gives the same lines.
    """
    splittable = [
        (line.pixels, text, columns)
        for line, text, columns in zip(numbers.lines, numbers.texts, numbers.boundaries, strict=True)
        if columns is not None
    ]
    images: list[Image] = []
    texts: list[str] = []
    while len(images) < count and splittable:
        (front, text, columns), (back, rest, others) = (splittable[i] for i in rng.integers(len(splittable), size=2))
        first, second = int(rng.integers(len(columns))), int(rng.integers(len(others)))
        left, right = front[:, : columns[first]], back[:, others[second] :]
        width = left.shape[1] + right.shape[1]
        if width + WIDTH_MULTIPLE > MAX_LINE_WIDTH:
            continue
        line = np.zeros((LINE_HEIGHT, -(-width // WIDTH_MULTIPLE) * WIDTH_MULTIPLE), np.uint8)
        line[:, :width] = np.hstack([left, right])
        images.append(line)
        texts.append(text[: first + 1] + rest[second + 1 :])
    return LabelledLines("spliced", tuple(images), tuple(texts), True, np.arange(len(images)))


def _line_of(gray: Image, rng: np.random.Generator) -> Image:
    """The line image of a picture, or of a window cut out of it as out of a page."""
    if rng.random() >= _CUT_AT_ROWS_SHARE:
        return line_pixels(gray)
    line = make_line_image(gray)
    left, right = line.to_crop_x(0), line.to_crop_x(line.pixels.shape[1])
    # A line image shows more beside the writing than a finder's box.
    inset = min(0.5 * (line.writing_bottom - line.writing_top), (right - left) / 4)
    edges = (left + inset, line.writing_top, right - inset, line.writing_bottom)
    return cut_line_at(flatten_background(gray), edges, rng)


def _vary_crop(gray: Image, rng: np.random.Generator) -> Image:
    """Vary a number crop as another segmentation, scanner or light would have."""
    height, width = gray.shape
    top, bottom, left, right = (round(float(n)) for n in rng.normal(0.02, _CROP_JITTER_HEIGHTS, 4) * height)
    # Beyond the image there is only paper.
    inside = gray[max(top, 0) : height - max(bottom, 0), max(left, 0) : width - max(right, 0)]
    above, below, before, behind = (max(-n, 0) for n in (top, bottom, left, right))
    paper = float(np.percentile(gray, 80))
    cut = cv2.copyMakeBorder(inside, above, below, before, behind, cv2.BORDER_CONSTANT, value=paper)
    factor = float(np.exp(rng.normal(0, 0.2)))
    cut = cv2.resize(cut, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    if rng.random() < 0.3:
        cut = cv2.GaussianBlur(cut, (0, 0), float(rng.uniform(0.3, 1.0)))
    gain, offset = rng.uniform(0.6, 1.1), rng.uniform(-20, 20)
    return np.asarray(cv2.convertScaleAbs(cut, alpha=float(gain), beta=float(offset + (1 - gain) * 128)), np.uint8)
