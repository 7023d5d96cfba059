"""Evaluation on sheets of single digits, made from digits that no training uses."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import load_arrays
from scanner.options import DEFAULT_OPTIONS, ScanOptions
from scanner.pipeline import scan_page
from scanner.synthesis.digit_sheets import (
    EMPTY_CELL,
    DigitSheetStyle,
    draw_digit_sheet,
    pen_digit_source,
    sample_digit_source,
)
from scanner.types import PageImage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from scanner.reading_models import Models
    from scanner.synthesis.digit_sheets import DigitSheet, DigitSource
    from scanner.types import Number

_SHEETS_SEED = 1_000_011
"""Seed of the sheets; no training uses it."""
_MNIST_BODY_SIDE = 20
"""Longer side of a digit of MNIST, pixels."""
_MAX_OFFSET_PITCHES = 0.5
"""Maximum distance of a reading from the middle of its cell, pitches: any further is in another cell."""

SHEET_STYLES = (
    DigitSheetStyle(20, light_on_dark=True),
    DigitSheetStyle(20),
    DigitSheetStyle(24, degrees=1.2),
    DigitSheetStyle(24, degrees=-2, noise=6, jpeg_quality=75),
    DigitSheetStyle(28, jpeg_quality=50),
    DigitSheetStyle(32, noise=8),
    DigitSheetStyle(36, ruled=True),
    DigitSheetStyle(40, light_on_dark=True, jpeg_quality=60),
    DigitSheetStyle(48, ruled=True, degrees=0.6, jpeg_quality=80),
    DigitSheetStyle(60),
)
"""Sheets of 5,000 digits as they are published and scanned: the first is like the one that comes with OpenCV."""


@dataclass(frozen=True, slots=True)
class DigitSheetCounts:
    """Counts on some sheets."""

    written: int = 0
    correct: int = 0
    """Digits that were read rightly, as a number of their own, in their row and column and at their place."""
    readings: int = 0
    unflagged: int = 0
    """Readings that are not flagged for review."""
    unflagged_errors: int = 0
    """Those of ``unflagged`` that are not correct."""
    seconds: float = 0.0
    """Wall-clock time from images to results."""
    processor_seconds: float = 0.0

    def __add__(self, other: DigitSheetCounts) -> DigitSheetCounts:
        return DigitSheetCounts(
            self.written + other.written,
            self.correct + other.correct,
            self.readings + other.readings,
            self.unflagged + other.unflagged,
            self.unflagged_errors + other.unflagged_errors,
            self.seconds + other.seconds,
            self.processor_seconds + other.processor_seconds,
        )


def read_digit_sheets(
    folder: Path | None,
    models: Models,
    styles: Sequence[DigitSheetStyle] = SHEET_STYLES,
    options: ScanOptions = DEFAULT_OPTIONS,
) -> Iterator[DigitSheetCounts]:
    """Draw sheets, scan them and count.

    Args:
        folder: data folder, of which the test digits of MNIST are taken; None for digits of the synthetic pen.
        models: models to scan with.
        styles: what the sheets look like.
        options: how to scan them.

    Yields:
        The counts of each sheet.

    Raises:
        DataError: if there is no MNIST in the folder.
    """
    source = _load_source(folder)
    for index, style in enumerate(styles):
        sheet = draw_digit_sheet(style, source, np.random.default_rng((_SHEETS_SEED, index)))
        page = PageImage(f"{index}.png", 1, sheet.image)
        began, processor_began = time.perf_counter(), time.process_time()
        numbers = scan_page(page, models, options).numbers
        yield count_digits(sheet, numbers) + DigitSheetCounts(
            seconds=time.perf_counter() - began, processor_seconds=time.process_time() - processor_began
        )


def count_digits(sheet: DigitSheet, numbers: Sequence[Number]) -> DigitSheetCounts:
    """Compare the numbers read on a sheet with its digits."""
    correct = [_is_correct(sheet, number) for number in numbers]
    unflagged = [is_correct for number, is_correct in zip(numbers, correct, strict=True) if not number.review_reason]
    return DigitSheetCounts(
        int(np.count_nonzero(sheet.digits != EMPTY_CELL)),
        sum(correct),
        len(numbers),
        len(unflagged),
        unflagged.count(False),
    )


def _is_correct(sheet: DigitSheet, number: Number) -> bool:
    row, column = number.row - 1, number.column - 1
    if row >= sheet.digits.shape[0] or column >= sheet.digits.shape[1]:
        return False
    pitch = float(np.hypot(*(sheet.centers[0, 1] - sheet.centers[0, 0])))
    offset = float(np.hypot(*(np.array(number.box.center) - sheet.centers[row, column])))
    return number.text == str(sheet.digits[row, column]) and offset <= _MAX_OFFSET_PITCHES * pitch


def _load_source(folder: Path | None) -> DigitSource:
    if folder is None:
        return pen_digit_source(np.random.default_rng(_SHEETS_SEED))
    inks, labels = load_arrays(folder / "mnist.npz", "x_test", "y_test")
    return sample_digit_source(inks, labels.astype(np.int64), _MNIST_BODY_SIDE)
