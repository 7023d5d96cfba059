"""Tables pasted together of photographed numbers: cells of clinic logbooks and amounts of cheques."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.data_folder import read_gray
from scanner.datasets.labelled_ink import OTHER_INK
from scanner.image.background import flatten_background
from scanner.image.binarization import binarize
from scanner.image.components import label_components
from scanner.synthesis import scans
from scanner.synthesis.page_content import PageNumber, PixelClass, find_outline
from scanner.synthesis.scans import SyntheticPage
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.datasets.labelled_crops import LabelledCrop
    from scanner.types import Image

    Generator = np.random.Generator

_CHARACTER_HEIGHT_RANGE = (18.0, 34.0)
"""Height of numbers on a page, pixels, drawn log-uniformly: cells have numbers 20 pixels high."""
_HEIGHT_SIGMA = 0.14
"""Standard deviation of the logarithm of the height of a number on its page.  A choice."""
_MIN_BORDER_SHARE = 0.6
"""Ink that touches an edge of a crop and spans this part of it is the border of its cell."""
_NEIGHBOUR_MARGIN_SHARE = 0.12
"""Ink that touches an edge of a crop and has its middle this close to it belongs to the next cell, or to a border."""
_MAX_HEIGHT_SHARE = 0.9
"""Ink that touches an edge of a crop and is as high as this part of it is a border as well."""
_MIN_HEIGHT_SHARE = 0.25
"""Minimum height of a number, relative to its crop: of one that is lower, parts are missing."""
_MIN_DIGIT_WIDTH_HEIGHTS = 0.2
"""Minimum width of a number per digit, in its heights: of a narrower one, digits are missing.  A choice: a 1 has less,
but a number has other digits and gaps."""
_STROKE_DARKNESS, _STROKE_PERCENTILE = 140, 75
"""Darkness, of 255, given to this percentile of the ink of each number: pencil and felt pen are seldom on one page."""
_MIN_PART_HEIGHT_SHARE = 0.12
"""Minimum height of ink of a number, relative to its highest: anything lower is a speck.  A choice."""
_SAME_HAND_REACH = 40
"""Numbers of a column are as close as this in their data set, where neighbours often share a hand."""


@dataclass(frozen=True, slots=True, eq=False)
class MosaicCrop:
    """A photographed number that can be pasted on a page."""

    flat: Image
    """Shape (H, W): darkness relative to the paper, 0 = paper."""
    writing: Image
    """Shape (H, W): 255 where the ink is of the number."""
    box: Box
    """Box of the number."""
    digit_boxes: tuple[Box, ...]
    """Box of each digit, if known."""


@dataclass(frozen=True, slots=True)
class NumberMosaicSource:
    """Draws pages of pasted numbers."""

    collections: tuple[tuple[MosaicCrop, ...], ...]
    """Numbers by data set, neighbours next to each other."""
    alphabets: tuple[tuple[Image, ...], ...]
    """Drawn letters for the cells that hold none."""

    def __call__(self, rng: Generator) -> SyntheticPage:
        """Draw a page; the same generator state gives the same one."""
        return draw_number_mosaic(rng, self)


def load_mosaic_crops(crops: Iterable[LabelledCrop]) -> tuple[MosaicCrop, ...]:
    """Load labelled crops without those whose number cannot be told from the border of its cell."""
    loaded = (_load_crop(crop) for crop in crops if any(character.isdigit() for character in crop.text))
    return tuple(crop for crop in loaded if crop is not None)


def _load_crop(crop: LabelledCrop) -> MosaicCrop | None:
    flat = flatten_background(read_gray(crop.path))
    ink = binarize(flat)
    rows, columns = flat.shape
    components = label_components(ink.mask)
    if not len(components):
        return None
    x, y, width, height = components.boxes.T
    touches = (x <= 1) | (y <= 1) | (x + width >= columns - 1) | (y + height >= rows - 1)
    middle_x, middle_y = (x + width / 2) / columns, (y + height / 2) / rows
    margin = _NEIGHBOUR_MARGIN_SHARE
    outer = (middle_x < margin) | (middle_x > 1 - margin) | (middle_y < margin) | (middle_y > 1 - margin)
    spans = (width >= _MIN_BORDER_SHARE * columns) | (height >= _MAX_HEIGHT_SHARE * rows)
    written = ~(touches & (spans | (outer & (np.minimum(width, height) <= margin * rows))))
    if written.any():
        written &= height >= _MIN_PART_HEIGHT_SHARE * height[written].max()
    if not written.any():
        return None
    writing = np.where(np.concatenate([[False], written])[components.labels], np.uint8(255), np.uint8(0))
    box = Box(*cv2.boundingRect(writing))
    digits = sum(character.isdigit() for character in crop.text)
    is_whole = box.height >= _MIN_HEIGHT_SHARE * rows and box.width >= _MIN_DIGIT_WIDTH_HEIGHTS * digits * box.height
    # A digit that touches the border of its cell was taken for a part of it.
    has_all = all(writing[part.y : part.bottom, part.x : part.right].any() for part in crop.boxes)
    darkness = float(np.percentile(flat[writing > 0], _STROKE_PERCENTILE))
    even = np.asarray(cv2.convertScaleAbs(flat, alpha=_STROKE_DARKNESS / max(darkness, 1)), np.uint8)
    return MosaicCrop(even, writing, box, crop.boxes) if is_whole and has_all else None


def draw_number_mosaic(rng: Generator, source: NumberMosaicSource) -> SyntheticPage:
    """Draw a table with numbers, words and empty cells, and scan or photograph it.

    Args:
        rng: the same state gives the same page.
        source: what to paste.
    """
    character = float(np.exp(rng.uniform(*np.log(_CHARACTER_HEIGHT_RANGE))))
    columns = rng.uniform(2.5, 7.0, int(rng.integers(3, 9))) * character
    pitch = float(rng.uniform(1.35, 3.0)) * character
    rows = int(rng.integers(6, max(int(1100 / pitch), 8)))
    left, top = float(rng.uniform(0.5, 3)) * character, float(rng.uniform(0.5, 5)) * character
    edges = left + np.concatenate([[0], np.cumsum(columns)])
    shape = (round(top + rows * pitch + 2 * character), round(edges[-1] + rng.uniform(0.5, 3) * character))
    mosaic = _Mosaic(shape, character, float(rng.uniform(0.5, 1.4)))
    mosaic.rule(edges, top + pitch * np.arange(rows + 1), rng)
    for first, last in pairwise(edges.tolist()):
        fill = _column_filler(source, rng)
        for row in range(rows):
            cell = Box(round(first), round(top + row * pitch), max(round(last - first), 1), max(round(pitch), 1))
            if fill is not None and rng.random() < 0.87:
                fill(mosaic, cell, rng)
    page = mosaic.to_page(rng)
    return scans.simulate_photograph(page, rng) if rng.random() < 0.3 else scans.simulate_scan(page, rng)


def _column_filler(source: NumberMosaicSource, rng: Generator) -> Callable[[_Mosaic, Box, Generator], None] | None:
    """What fills the cells of a column: a function of the mosaic, the cell and the generator; None for nothing."""
    draw = rng.random()
    if draw < 0.1:
        return None
    if draw < 0.25 and source.alphabets:
        alphabet = source.alphabets[int(rng.integers(len(source.alphabets)))]
        most = int(rng.choice([1, 1, 4, 7]))
        return lambda mosaic, cell, rng: mosaic.write_word(alphabet, int(rng.integers(1, most + 1)), cell, rng)
    crops = source.collections[int(rng.integers(len(source.collections)))]
    start = int(rng.integers(len(crops)))
    is_tight = rng.random() < 0.75

    def paste(mosaic: _Mosaic, cell: Box, rng: Generator) -> None:
        crop = crops[(start + int(rng.integers(_SAME_HAND_REACH))) % len(crops)]
        mosaic.paste(crop, cell, is_tight, rng)

    return paste


class _Mosaic:
    """A page in the making."""

    def __init__(self, shape: tuple[int, int], character: float, contrast: float) -> None:
        self._character, self._contrast = character, contrast
        self._ratio = np.ones(shape, np.float32)
        self._classes = np.zeros(shape, np.uint8)
        self._numbers: list[PageNumber] = []

    def rule(self, xs: NDArray[np.floating], ys: NDArray[np.floating], rng: Generator) -> None:
        draw = rng.random()
        if draw < 0.2:
            return
        thickness, light = int(rng.integers(1, 4)), float(rng.uniform(0.1, 0.85))
        lines = [((xs[0], y), (xs[-1], y)) for y in ys]
        if draw > 0.4:
            lines += [((x, ys[0]), (x, ys[-1])) for x in xs]
        for (x0, y0), (x1, y1) in np.rint(lines).astype(int).tolist():
            area = np.s_[y0 : max(y1, y0 + thickness), x0 : max(x1, x0 + thickness)]
            self._ratio[area] = light
            self._classes[area] = PixelClass.RULE

    def paste(self, crop: MosaicCrop, cell: Box, is_tight: bool, rng: Generator) -> None:
        height = self._character * float(np.exp(rng.normal(0, _HEIGHT_SIGMA)))
        scale = height / crop.box.height
        if crop.box.width * scale > cell.width * float(rng.uniform(0.9, 1.1)):
            scale = cell.width * float(rng.uniform(0.75, 1.05)) / crop.box.width
            if scale * crop.box.height < 0.5 * self._character:
                return
        margin = max(round(0.12 * crop.box.height), 2)
        area = (
            Box(crop.box.x - margin, crop.box.y - margin, crop.box.width + 2 * margin, crop.box.height + 2 * margin)
            if is_tight
            else Box(0, 0, crop.flat.shape[1], crop.flat.shape[0])
        )
        x0, y0 = max(area.x, 0), max(area.y, 0)
        part = np.s_[y0 : area.bottom, x0 : area.right]
        size = tuple(max(round(side * scale), 1) for side in crop.flat[part].shape[::-1])
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        flat = np.asarray(cv2.resize(crop.flat[part], size, interpolation=interpolation), np.uint8)
        writing = np.asarray(cv2.resize(crop.writing[part], size, interpolation=cv2.INTER_LINEAR), np.uint8)
        room = cell.width - crop.box.width * scale, cell.height - crop.box.height * scale
        wanted_x = cell.x + room[0] * float(rng.beta(2, 2)) + rng.normal(0, 0.05) * self._character
        wanted_y = cell.y + room[1] * float(rng.uniform(0.35, 0.75)) + rng.normal(0, 0.08) * self._character
        left, top = round(wanted_x - (crop.box.x - x0) * scale), round(wanted_y - (crop.box.y - y0) * scale)
        classes = np.where(writing > 110, np.uint8(PixelClass.DIGIT), np.uint8(PixelClass.PAPER))
        if not is_tight:
            other = (flat > 60) & (cv2.dilate(writing, np.ones((5, 5), np.uint8)) == 0)
            classes[other] = OTHER_INK
        if not (writing > 110).any() or not self._lay(flat, classes, left, top):
            return
        digits = tuple(
            Box(
                round(left + (box.x - x0) * scale),
                round(top + (box.y - y0) * scale),
                max(round(box.width * scale), 1),
                max(round(box.height * scale), 1),
            )
            for box in crop.digit_boxes
        )
        self._numbers.append(PageNumber("", find_outline(writing, left, top), "handwritten", digit_boxes=digits))

    def write_word(self, alphabet: Sequence[Image], length: int, cell: Box, rng: Generator) -> None:
        height = max(round(self._character * float(rng.uniform(0.7, 1.1))), 4)
        letters = [alphabet[int(rng.integers(len(alphabet)))] for _ in range(length)]
        scaled = [
            cv2.resize(letter, (max(round(letter.shape[1] * height / letter.shape[0]), 1), height))
            for letter in letters
        ]
        word = np.hstack(scaled)
        if word.shape[1] > cell.width:
            return
        flat = np.asarray(word * float(rng.uniform(0.5, 0.9)), np.uint8)
        classes = np.where(word > 100, np.uint8(PixelClass.WRITING), np.uint8(PixelClass.PAPER))
        left = cell.x + int(rng.integers(cell.width - word.shape[1] + 1))
        self._lay(flat, classes, left, cell.y + max((cell.height - height) // 2, 0))

    def _lay(self, flat: NDArray[np.uint8], classes: Image, left: int, top: int) -> bool:
        """Lay ink on the page; whether it fits on it."""
        rows, columns = flat.shape
        area = np.s_[top : top + rows, left : left + columns]
        if left < 0 or top < 0 or self._ratio[area].shape != flat.shape:
            return False
        self._ratio[area] *= np.clip(1 - flat / np.float32(255) * np.float32(self._contrast), 0.02, 1)
        self._classes[area][classes > 0] = classes[classes > 0]
        return True

    def to_page(self, rng: Generator) -> SyntheticPage:
        paper = rng.uniform(190, 255) * np.array([rng.uniform(0.88, 1), rng.uniform(0.95, 1), 1.0])
        # A blue pen takes little of the blue light.
        taken = rng.uniform(0.4, 1.0, 3) if rng.random() < 0.4 else np.ones(3)
        image = np.stack(
            [level * (1 - (1 - self._ratio) * share) for level, share in zip(paper, taken, strict=True)], axis=-1
        )
        return SyntheticPage(np.asarray(image, np.uint8), self._classes, tuple(self._numbers), 150.0, "mosaic")
