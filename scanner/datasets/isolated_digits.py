"""Labelled isolated digits, framed.  Without a data folder MNIST alone comes from ``keras.datasets``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import (
    SAMPLES_PER_BLOCK,
    DataSplit,
    DigitSamples,
    load_arrays,
    split_of_group,
    stack_samples,
)
from scanner.datasets.labelled_crops import cut_cheque_digits, load_cheques
from scanner.errors import DataError
from scanner.image.background import flatten_background
from scanner.image.binarization import binarize
from scanner.image.digit_frame import digit_frame, digit_frames

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.types import Image


def load_mnist(folder: Path | None, split: DataSplit) -> DigitSamples:
    """Load MNIST as published: 60,000 digits to train and validate on, 10,000 to test on.

    Raises:
        DataError: if it is neither in the folder nor available through Keras.
    """
    half = "test" if split is DataSplit.TEST else "train"
    if folder is not None and (folder / "mnist.npz").is_file():
        digits, labels = load_arrays(folder / "mnist.npz", f"x_{half}", f"y_{half}")
    else:
        digits, labels = _download_mnist(half)
    if split is not DataSplit.TEST:
        # The last 5,000 are the validation split, as is usual.
        cut = slice(0, 55_000) if split is DataSplit.TRAIN else slice(55_000, None)
        digits, labels = digits[cut], labels[cut]
    return DigitSamples("mnist", digit_frames(digits), labels.astype(np.int64))


def _download_mnist(half: str) -> tuple[Image, NDArray[np.uint8]]:
    try:
        from keras.datasets import mnist as keras_mnist

        train, test = keras_mnist.load_data()
    # Keras raises a bare Exception where the download fails.
    except Exception as error:
        raise DataError(f"MNIST is neither in a data folder nor available through Keras ({error})") from error
    digits, labels = test if half == "test" else train
    return digits, labels


def load_usps(folder: Path, split: DataSplit) -> DigitSamples:
    """Load US postal digits (16 x 16); split by position, as nothing is known of their writers."""
    return _load_isolated_digits(folder / "isolated" / "usps.npz", split, SAMPLES_PER_BLOCK)


def load_ardis(folder: Path, split: DataSplit) -> DigitSamples:
    """Load digits of Swedish church books: slanted, with crossed sevens; split by position."""
    return _load_isolated_digits(folder / "isolated" / "ardis.npz", split, SAMPLES_PER_BLOCK)


def load_exam_boxes(folder: Path, split: DataSplit) -> DigitSamples:
    """Load digits cut out of exam answer boxes, with parts of the box and specks left in; split by exam sitting."""
    path = folder / "isolated" / "exam_boxes.npz"
    digits, labels, batches = load_arrays(path, "x", "y", "batch")
    groups = np.unique(batches, return_inverse=True)[1]
    chosen = np.array([split_of_group(int(group)) is split for group in groups])
    inks = (binarize(flatten_background(digit)).strength for digit in digits[chosen])
    kept = [(digit_frame(ink), label) for ink, label in zip(inks, labels[chosen], strict=True) if ink.any()]
    return stack_samples("exam_boxes", kept)


def load_digit_sources(folder: Path, split: DataSplit) -> Iterator[DigitSamples]:
    """Load all isolated digits of the folder except MNIST, one source at a time.

    Raises:
        DataError: if a source is missing.
    """
    yield load_usps(folder, split)
    yield load_ardis(folder, split)
    yield load_exam_boxes(folder, split)
    yield cut_cheque_digits(load_cheques(folder, split))


def _load_isolated_digits(path: Path, split: DataSplit, block: int) -> DigitSamples:
    digits, labels = load_arrays(path, "x", "y")
    chosen = np.array([split_of_group(index // block) is split for index in range(len(digits))])
    return DigitSamples(path.stem, digit_frames(digits[chosen]), labels[chosen].astype(np.int64))
