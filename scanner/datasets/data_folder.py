"""The data folder: where it is, how its samples are split, and how its files are opened.

The folder is named by ``--data`` or by the variable DIGITSCAN_DATA; CONTRIBUTING lists its files and folders.  Nothing
that is measured on is ever trained on.  Samples are split by what makes them alike (the block of cheques, the exam
sitting, the block of clinic cells), not one by one.
"""

from __future__ import annotations

import enum
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from scanner.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.types import Image

DATA_FOLDER_VARIABLE = "DIGITSCAN_DATA"
"""Environment variable that names the data folder where no option does."""

SAMPLES_PER_BLOCK = 20
"""Neighbouring samples that go to the same split: neighbouring cheques share a bank and often a hand."""


class DataSplit(enum.Enum):
    """The splits of the samples: to train on, to choose and calibrate with, and to report on."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True, eq=False)
class DigitSamples:
    """Digit frames with their labels."""

    name: str
    frames: Image
    """Shape (N, 28, 28), 0 = paper."""
    labels: NDArray[np.int64]
    """Shape (N,), 0-9 or ``scanner.types.NO_DIGIT_LABEL``."""


def resolve_data_folder(option: Path | None) -> Path | None:
    """The folder named by the option, else by DIGITSCAN_DATA; None if neither names one.

    Raises:
        DataError: if the folder named does not exist.
    """
    named = option or (Path(os.environ[DATA_FOLDER_VARIABLE]) if os.environ.get(DATA_FOLDER_VARIABLE) else None)
    if named is not None and not named.is_dir():
        raise DataError(f"{named}: there is no such data folder; name another with --data or {DATA_FOLDER_VARIABLE}")
    return named


def split_of_group(group: int) -> DataSplit:
    """The split of a group of similar samples: every fifth group is for testing, one in ten for validation."""
    if group % 5 == 4:
        return DataSplit.TEST
    return DataSplit.VALIDATION if group % 10 == 3 else DataSplit.TRAIN


def read_gray(path: Path) -> Image:
    """Read an image file as grey, shape (H, W), uint8.

    Raises:
        DataError: if it cannot be read.
    """
    gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if gray is None:
        raise DataError(f"{path}: not readable as a picture")
    return np.asarray(gray, np.uint8)


def load_arrays(path: Path, *names: str) -> tuple[NDArray[Any], ...]:
    """Load the arrays of these names from an npz file.

    Raises:
        DataError: if the file does not exist, is damaged or lacks one of them.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return tuple(arrays[name] for name in names)
    # EOFError: an empty file; TypeError: a single array, without names.
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: not readable as arrays {', '.join(names)} ({error})") from error


def stack_samples(name: str, pairs: Sequence[tuple[Image, int]]) -> DigitSamples:
    """Stack pairs of frame and label; without any the arrays have length 0."""
    if not pairs:
        return DigitSamples(name, np.empty((0, 28, 28), np.uint8), np.empty(0, np.int64))
    return DigitSamples(name, np.stack([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs], np.int64))
