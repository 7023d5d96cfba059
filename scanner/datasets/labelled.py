"""Labelled digits for training and for measuring, from the data folder.

The folder is given by ``--data`` or the variable DIGITSCAN_DATA; what it holds
and under which names is in CONTRIBUTING.  Without one, MNIST alone comes from
``keras.datasets``.

Whatever is measured is never trained on.  The split is by what makes samples
alike (the cheque block, the exam sitting, the clinic block), not by sample.
"""

from __future__ import annotations

import csv
import enum
import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from scanner.errors import DataError
from scanner.image.background import flatten_background
from scanner.image.binarization import binarize
from scanner.image.components import cut_glyph, label_components
from scanner.image.digit_frame import digit_frame, digit_frames
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from scanner.types import Image

DATA_FOLDER_VARIABLE = "DIGITSCAN_DATA"

NO_DIGIT_LABEL = 10
"""Label of what is not a digit."""

_SAMPLES_PER_BLOCK = 20
"""Neighbouring cheques come from the same bank and often the same hand: they are split in blocks of this many."""
_CLINIC_CELLS_PER_BLOCK = 100
"""The same for clinic cells, which come a logbook page at a time."""


class DataSplit(enum.Enum):
    """Which samples: to train on, to choose and calibrate with, or to report on."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True, eq=False)
class DigitSamples:
    """Framed digits with labels."""

    name: str
    frames: Image
    """Shape (N, 28, 28), 0 = paper."""
    labels: NDArray[np.int64]
    """Shape (N,), 0-9 or NO_DIGIT."""


@dataclass(frozen=True, slots=True)
class LabelledCrop:
    """A picture of one number, cut out already."""

    path: Path
    text: str
    boxes: tuple[Box, ...]
    """One per digit, left to right; empty where the truth has none."""


def resolve_data_folder(option: Path | None) -> Path | None:
    """The folder named by the option or else by DIGITSCAN_DATA; None if by neither.

    Raises:
        DataError: if the folder named is not there.
    """
    named = option or (Path(os.environ[DATA_FOLDER_VARIABLE]) if os.environ.get(DATA_FOLDER_VARIABLE) else None)
    if named is not None and not named.is_dir():
        raise DataError(f"{named}: there is no such data folder; name another with --data or {DATA_FOLDER_VARIABLE}")
    return named


def split_of_group(group: int) -> DataSplit:
    """Which part a group of alike samples belongs to: every fifth is for the report, every tenth to choose with."""
    if group % 5 == 4:
        return DataSplit.TEST
    return DataSplit.VALIDATION if group % 10 == 3 else DataSplit.TRAIN


def load_mnist(folder: Path | None, split: DataSplit) -> DigitSamples:
    """MNIST as published: 60,000 to train on, 10,000 to report on.

    Raises:
        DataError: if it is neither in the folder nor to be had through Keras.
    """
    half = "test" if split is DataSplit.TEST else "train"
    if folder is not None and (folder / "mnist.npz").is_file():
        digits, labels = _load_arrays(folder / "mnist.npz", f"x_{half}", f"y_{half}")
    else:
        digits, labels = _download_mnist(half)
    if split is not DataSplit.TEST:
        # The last 5,000 are held back to watch and to calibrate with, as is usual.
        cut = slice(0, 55_000) if split is DataSplit.TRAIN else slice(55_000, None)
        digits, labels = digits[cut], labels[cut]
    return DigitSamples("mnist", digit_frames(digits), labels.astype(np.int64))


def _download_mnist(half: str) -> tuple[Image, NDArray[np.uint8]]:
    try:
        from keras.datasets import mnist as keras_mnist

        train, test = keras_mnist.load_data()
    # Keras raises a bare Exception where the download fails.
    except Exception as error:
        raise DataError(f"MNIST is neither in a data folder nor to be had through Keras ({error})") from error
    digits, labels = test if half == "test" else train
    return digits, labels


def load_usps(folder: Path, split: DataSplit) -> DigitSamples:
    """US postal digits (16 x 16); split by position, as they come in no known order of hands."""
    return _load_isolated_digits(folder / "isolated" / "usps.npz", split, _SAMPLES_PER_BLOCK)


def load_ardis(folder: Path, split: DataSplit) -> DigitSamples:
    """Swedish church-book digits: slanted, barred sevens."""
    return _load_isolated_digits(folder / "isolated" / "ardis.npz", split, _SAMPLES_PER_BLOCK)


def load_exam_boxes(folder: Path, split: DataSplit) -> DigitSamples:
    """Digits cut from exam answer boxes, frames and specks left in; split by exam sitting."""
    path = folder / "isolated" / "exam_boxes.npz"
    digits, labels, batches = _load_arrays(path, "x", "y", "batch")
    groups = np.unique(batches, return_inverse=True)[1]
    chosen = np.array([split_of_group(int(group)) is split for group in groups])
    inks = (binarize(flatten_background(digit)).strength for digit in digits[chosen])
    kept = [(digit_frame(ink), label) for ink, label in zip(inks, labels[chosen], strict=True) if ink.any()]
    return _stack_samples("exam_boxes", kept)


def load_pad_drawings(folder: Path) -> DigitSamples:
    """Digits drawn in the pad and saved with their label, as ``drawn/<label>/*.png``; all of them are to train on.

    Raises:
        DataError: if a picture cannot be read.
    """
    paths = sorted(path for label in range(10) for path in (folder / "drawn" / str(label)).glob("*.png"))
    inks = ((255 - read_gray(path), int(path.parent.name)) for path in paths)
    return _stack_samples("drawn in the pad", [(digit_frame(ink), label) for ink, label in inks if ink.any()])


def load_cheques(folder: Path, split: DataSplit) -> tuple[LabelledCrop, ...]:
    """Cheque amounts with a box per digit; split by block of neighbouring cheques.

    Raises:
        DataError: if the truth file is missing or not in the format expected.
    """
    path = folder / "cheques" / "truth.json"
    try:
        entries = sorted(json.loads(path.read_text("utf-8")), key=lambda entry: str(entry["image"]))
        return tuple(
            _parse_cheque(folder / "cheques" / "images", entry)
            for index, entry in enumerate(entries)
            if split_of_group(index // _SAMPLES_PER_BLOCK) is split
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: not readable as cheque truth ({error})") from error


def _parse_cheque(images: Path, entry: dict[str, Any]) -> LabelledCrop:
    boxes = tuple(Box(*box) for box in entry["boxes"])
    if len(boxes) != len(entry["text"]):
        raise ValueError(f"{entry['image']} has {len(boxes)} boxes for {len(entry['text'])} digits")
    return LabelledCrop(images / entry["image"], entry["text"], boxes)


def load_clinic_cells(folder: Path, split: DataSplit) -> tuple[LabelledCrop, ...]:
    """Cells of clinic logbooks, with separators as written; split by block of neighbouring cells.

    Raises:
        DataError: if the truth file is missing or not in the format expected.
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


def read_gray(path: Path) -> Image:
    """A picture as gray, shape (H, W).

    Raises:
        DataError: if it cannot be read.
    """
    gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if gray is None:
        raise DataError(f"{path}: not readable as a picture")
    return np.asarray(gray, np.uint8)


def cut_cheque_digits(crops: Iterable[LabelledCrop]) -> DigitSamples:
    """The digits of cheques cut at their true boxes."""
    return _cut_samples("cheques", ((strip, zip(strip.boxes, map(int, strip.text), strict=True)) for strip in crops))


def cut_cheque_digits_loosely(crops: Iterable[LabelledCrop], rng: np.random.Generator, copies: int) -> DigitSamples:
    """The same, cut a little wide, narrow or aside, as a cut that is not the truth will be."""

    def cuts(strip: LabelledCrop) -> Iterator[tuple[Box, int]]:
        for box, text in zip(strip.boxes, strip.text, strict=True):
            for left, top, right, bottom in rng.normal(0, _CUT_JITTER_HEIGHTS * box.height, (copies, 4)):
                x, y = round(box.x + left), round(box.y + top)
                yield Box(x, y, max(round(box.right + right) - x, 1), max(round(box.bottom + bottom) - y, 1)), int(text)

    return _cut_samples("cheques, cut loosely", ((strip, cuts(strip)) for strip in crops))


def cut_cheques_wrongly(crops: Iterable[LabelledCrop], rng: np.random.Generator) -> DigitSamples:
    """Cheque ink cut where no digit is: two in one, half of one, and half of one with half of the next."""

    def cuts(strip: LabelledCrop) -> Iterator[tuple[Box, int]]:
        for left, right in zip(strip.boxes, strip.boxes[1:], strict=False):
            both = Box.around((left, right))
            yield both, NO_DIGIT_LABEL
            # Halves of two digits far apart never come to lie in one cut.
            if right.x - left.right < _MAX_CROSS_CUT_GAP_HEIGHTS * both.height:
                start = round(left.x + left.width * rng.uniform(0.4, 0.6))
                end = round(right.x + right.width * rng.uniform(0.4, 0.6))
                yield Box(start, both.y, max(end - start, 1), both.height), NO_DIGIT_LABEL
        for box, text in zip(strip.boxes, strip.text, strict=True):
            middle = max(round(box.width * rng.uniform(0.35, 0.65)), 1)
            if text not in _LEFT_HALF_IS_DIGIT and rng.random() < _KEPT_HALVES_SHARE:
                yield Box(box.x, box.y, middle, box.height), NO_DIGIT_LABEL
            if text not in _RIGHT_HALF_IS_DIGIT and box.width > middle and rng.random() < _KEPT_HALVES_SHARE:
                yield Box(box.x + middle, box.y, box.width - middle, box.height), NO_DIGIT_LABEL

    return _cut_samples("cheques, cut wrongly", ((strip, cuts(strip)) for strip in crops))


_MAX_CROSS_CUT_GAP_HEIGHTS = 0.15
"""Digits nearer than this, in heights, may be cut across."""
_KEPT_HALVES_SHARE = 0.5
"""Share of the halves that are taken as examples: there are many, and real digits must stay the majority."""
_LEFT_HALF_IS_DIGIT = frozenset("1")
_RIGHT_HALF_IS_DIGIT = frozenset("14789")
"""Half of these has the shape of another digit: the leg of a 4, 7 or 9 is a 1, the right half of an 8 is a 3."""


def _cut_samples(name: str, strips: Iterable[tuple[LabelledCrop, Iterable[tuple[Box, int]]]]) -> DigitSamples:
    kept: list[tuple[Image, int]] = []
    for strip, cuts in strips:
        ink = binarize(flatten_background(read_gray(strip.path)))
        components = label_components(ink.mask)
        for box, label in cuts:
            glyph = cut_glyph(ink, components, _clip_box(box, ink.mask)).strength
            if glyph.any():
                kept.append((digit_frame(glyph), label))
    return _stack_samples(name, kept)


def _clip_box(box: Box, image: Image) -> Box:
    height, width = image.shape
    x, y = min(max(box.x, 0), width - 1), min(max(box.y, 0), height - 1)
    return Box(x, y, max(min(box.right, width) - x, 1), max(min(box.bottom, height) - y, 1))


_CUT_JITTER_HEIGHTS = 0.06
"""Standard deviation of a loose cut's edge, as part of the digit's height."""

_PRINTED_LETTERS_LIKE_DIGITS = frozenset("BDGIJ")
"""Printed letters left out of "no digit": only what stands around them tells them from digits."""
_DRAWN_LETTERS_UNLIKE_DIGITS = frozenset("acefhkmnrvwx")
"""Drawn letters that are no digit in anybody's hand; the others are left out for the same reason."""


def load_non_digits(folder: Path, split: DataSplit) -> DigitSamples:
    """Letters and operators, as examples of "no digit"; split by position."""
    kept: list[tuple[Image, int]] = []
    base = folder / "not_digits"
    letters, names = _load_arrays(base / "letters_printed.npz", "x", "y")
    kept += _non_digit_frames(letters, [str(name) not in _PRINTED_LETTERS_LIKE_DIGITS for name in names])
    drawn, places = _load_arrays(base / "letters_drawn.npz", "x", "y")
    kept += _non_digit_frames(
        255 - drawn, [chr(ord("a") + int(place) - 1) in _DRAWN_LETTERS_UNLIKE_DIGITS for place in places]
    )
    symbols, names = _load_arrays(base / "symbols.npz", "x", "y")
    # A slash has the shape of a one.
    kept += _non_digit_frames(symbols, ["slash" not in str(name) for name in names])
    chosen = [pair for index, pair in enumerate(kept) if split_of_group(index // _SAMPLES_PER_BLOCK) is split]
    return _stack_samples("letters and operators", chosen)


def load_drawn_alphabets(folder: Path, split: DataSplit) -> tuple[tuple[Image, ...], ...]:
    """The letters a-z as each of some people drew them: uint8, 255 = ink, cut left and right; split by person.

    Raises:
        DataError: if the source is missing.
    """
    drawn, places = _load_arrays(folder / "not_digits" / "letters_drawn.npz", "x", "y")
    by_letter = [255 - drawn[places == place] for place in range(1, 27)]
    people = (index for index in range(min(map(len, by_letter))) if split_of_group(index) is split)
    return tuple(tuple(_crop_columns_to_ink(letters[person]) for letters in by_letter) for person in people)


def _crop_columns_to_ink(cover: Image) -> Image:
    inked = np.flatnonzero(cover.any(axis=0))
    return np.ascontiguousarray(cover[:, inked[0] : inked[-1] + 1]) if inked.size else cover


def _non_digit_frames(inks: Image, wanted: Iterable[bool]) -> list[tuple[Image, int]]:
    kept = (_make_light_on_dark(ink) for ink, keep in zip(inks, wanted, strict=True) if keep)
    return [(digit_frame(ink), NO_DIGIT_LABEL) for ink in kept if ink.any()]


def _make_light_on_dark(ink: Image) -> Image:
    return 255 - ink if np.median(ink) > 127 else ink


def _load_isolated_digits(path: Path, part: DataSplit, block: int) -> DigitSamples:
    digits, labels = _load_arrays(path, "x", "y")
    chosen = np.array([split_of_group(index // block) is part for index in range(len(digits))])
    return DigitSamples(path.stem, digit_frames(digits[chosen]), labels[chosen].astype(np.int64))


def _load_arrays(path: Path, *names: str) -> tuple[NDArray[Any], ...]:
    """The arrays of these names in an npz file.

    Raises:
        DataError: if there is no such file, or it lacks one of them.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return tuple(arrays[name] for name in names)
    # EOFError: an empty file; TypeError: a single array, without names.
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: not readable as arrays {', '.join(names)} ({error})") from error


def _stack_samples(name: str, pairs: list[tuple[Image, int]]) -> DigitSamples:
    if not pairs:
        return DigitSamples(name, np.empty((0, 28, 28), np.uint8), np.empty(0, np.int64))
    return DigitSamples(name, np.stack([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs], np.int64))


def load_digit_sources(folder: Path, split: DataSplit) -> Iterator[DigitSamples]:
    """All isolated digits of the folder but MNIST, one source at a time."""
    yield load_usps(folder, split)
    yield load_ardis(folder, split)
    yield load_exam_boxes(folder, split)
    yield cut_cheque_digits(load_cheques(folder, split))
