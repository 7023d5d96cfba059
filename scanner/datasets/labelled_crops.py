"""Labelled images of one number each: cheque amounts, clinic logbook cells, and the digits cut out of cheques."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scanner.datasets.data_folder import (
    SAMPLES_PER_BLOCK,
    DataSplit,
    DigitSamples,
    read_gray,
    split_of_group,
    stack_samples,
)
from scanner.errors import DataError
from scanner.image.background import flatten_background
from scanner.image.binarization import binarize
from scanner.image.components import cut_glyph, label_components
from scanner.image.digit_frame import digit_frame
from scanner.types import NO_DIGIT_LABEL, Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scanner.types import Image

_CLINIC_CELLS_PER_BLOCK = 100
"""Neighbouring clinic cells that go to the same split: they are in the order of the logbook pages."""


@dataclass(frozen=True, slots=True)
class LabelledCrop:
    """An image of one number, already cut out of its page."""

    path: Path
    text: str
    boxes: tuple[Box, ...]
    """One box per digit, left to right, in pixels of the image; empty where the truth has none."""


def load_cheques(folder: Path, split: DataSplit) -> tuple[LabelledCrop, ...]:
    """Load cheque amounts with a box per digit; split by block of neighbouring cheques.

    Raises:
        DataError: if the truth file is missing or malformed.
    """
    path = folder / "cheques" / "truth.json"
    try:
        entries = sorted(json.loads(path.read_text("utf-8")), key=lambda entry: str(entry["image"]))
        return tuple(
            _parse_cheque(folder / "cheques" / "images", entry)
            for index, entry in enumerate(entries)
            if split_of_group(index // SAMPLES_PER_BLOCK) is split
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: not readable as cheque truth ({error})") from error


def _parse_cheque(images: Path, entry: dict[str, Any]) -> LabelledCrop:
    boxes = tuple(Box(*box) for box in entry["boxes"])
    if len(boxes) != len(entry["text"]):
        raise ValueError(f"{entry['image']} has {len(boxes)} boxes for {len(entry['text'])} digits")
    return LabelledCrop(images / entry["image"], entry["text"], boxes)


def load_clinic_cells(folder: Path, split: DataSplit) -> tuple[LabelledCrop, ...]:
    """Load cells of clinic logbooks, separators as written; split by block of neighbouring cells.

    Raises:
        DataError: if the truth file is missing or malformed.
    """
    path = folder / "clinic" / "truth.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: int(Path(row["image"]).stem))
        return tuple(
            LabelledCrop(folder / "clinic" / "images" / row["image"], row["text"], ())
            for index, row in enumerate(rows)
            if split_of_group(index // _CLINIC_CELLS_PER_BLOCK) is split
        )
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: not readable as clinic truth ({error})") from error


def cut_cheque_digits(crops: Iterable[LabelledCrop]) -> DigitSamples:
    """Cut the digits of cheques at their true boxes."""
    return _cut_samples("cheques", ((crop, zip(crop.boxes, map(int, crop.text), strict=True)) for crop in crops))


def cut_cheque_digits_loosely(crops: Iterable[LabelledCrop], rng: np.random.Generator, copies: int) -> DigitSamples:
    """Cut the digits of cheques a little too wide, too narrow or off centre, as a segmentation without truth would.

    Args:
        crops: the cheques.
        rng: the same generator state gives the same cuts.
        copies: cuts per digit.
    """

    def cuts(crop: LabelledCrop) -> Iterator[tuple[Box, int]]:
        for box, text in zip(crop.boxes, crop.text, strict=True):
            for left, top, right, bottom in rng.normal(0, _CUT_JITTER_HEIGHTS * box.height, (copies, 4)):
                x, y = round(box.x + left), round(box.y + top)
                yield Box(x, y, max(round(box.right + right) - x, 1), max(round(box.bottom + bottom) - y, 1)), int(text)

    return _cut_samples("cheques, cut loosely", ((crop, cuts(crop)) for crop in crops))


def cut_cheques_wrongly(crops: Iterable[LabelledCrop], rng: np.random.Generator) -> DigitSamples:
    """Cut cheques where there is no single digit: two digits, half a digit, or halves of two neighbours."""

    def cuts(crop: LabelledCrop) -> Iterator[tuple[Box, int]]:
        for left, right in zip(crop.boxes, crop.boxes[1:], strict=False):
            both = Box.around((left, right))
            yield both, NO_DIGIT_LABEL
            # Halves of two digits that are far apart never end up in one cut.
            if right.x - left.right < _MAX_CROSS_CUT_GAP_HEIGHTS * both.height:
                start = round(left.x + left.width * rng.uniform(0.4, 0.6))
                end = round(right.x + right.width * rng.uniform(0.4, 0.6))
                yield Box(start, both.y, max(end - start, 1), both.height), NO_DIGIT_LABEL
        for box, text in zip(crop.boxes, crop.text, strict=True):
            middle = max(round(box.width * rng.uniform(0.35, 0.65)), 1)
            if text not in _LEFT_HALF_IS_DIGIT and rng.random() < _KEPT_HALVES_SHARE:
                yield Box(box.x, box.y, middle, box.height), NO_DIGIT_LABEL
            if text not in _RIGHT_HALF_IS_DIGIT and box.width > middle and rng.random() < _KEPT_HALVES_SHARE:
                yield Box(box.x + middle, box.y, box.width - middle, box.height), NO_DIGIT_LABEL

    return _cut_samples("cheques, cut wrongly", ((crop, cuts(crop)) for crop in crops))


_CUT_JITTER_HEIGHTS = 0.06
"""Standard deviation of each edge of a loose cut, in heights of the digit; a choice."""
_MAX_CROSS_CUT_GAP_HEIGHTS = 0.15
"""Widest gap between two digits, in their height, across which a wrong cut is made; a choice."""
_KEPT_HALVES_SHARE = 0.5
"""Share of the half digits taken as samples: there are many, and real digits must stay the majority."""
_LEFT_HALF_IS_DIGIT = frozenset("1")
"""Digits whose left half has the shape of a digit, so that it is no example of "no digit"."""
_RIGHT_HALF_IS_DIGIT = frozenset("14789")
"""Digits whose right half has the shape of a digit: the stem of a 4, 7 or 9 is a 1, the right half of an 8 is a 3."""


def _cut_samples(name: str, crops_and_cuts: Iterable[tuple[LabelledCrop, Iterable[tuple[Box, int]]]]) -> DigitSamples:
    kept: list[tuple[Image, int]] = []
    for crop, cuts in crops_and_cuts:
        ink = binarize(flatten_background(read_gray(crop.path)))
        components = label_components(ink.mask)
        for box, label in cuts:
            glyph = cut_glyph(ink, components, _clip_box(box, ink.mask)).strength
            if glyph.any():
                kept.append((digit_frame(glyph), label))
    return stack_samples(name, kept)


def _clip_box(box: Box, image: Image) -> Box:
    height, width = image.shape
    x, y = min(max(box.x, 0), width - 1), min(max(box.y, 0), height - 1)
    return Box(x, y, max(min(box.right, width) - x, 1), max(min(box.bottom, height) - y, 1))
