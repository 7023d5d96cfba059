"""How numbers cut out already are read, and what the number reader's probabilities mean, on a part of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets import labelled
from scanner.datasets.labelled import DataSplit
from scanner.evaluation.calibration_error import calibration_table, max_calibration_error
from scanner.evaluation.ground_truth import keep_digits
from scanner.evaluation.risk_coverage import JudgedReading, coverage_at_error, risk_coverage_curve
from scanner.options import Charset, ScanOptions
from scanner.pipeline import scan_page
from scanner.recognition.line_reader import LineReader
from scanner.recognition.models import Models
from scanner.types import PageImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from scanner.datasets.labelled import LabelledCrop
    from scanner.recognition.digit_classifier import Classifier
    from scanner.recognition.models import Models
    from scanner.types import PageResult


ACCEPTED_ERROR_RATE = 0.01
"""Share of errors at which it is told how many readings need no look."""


def scan_crops(crops: Iterable[LabelledCrop], models: Models, options: ScanOptions) -> Iterator[PageResult]:
    """Each picture as ``digitscan scan`` reads it.

    Raises:
        DataError: if a picture cannot be read.
    """
    for strip in crops:
        image = np.asarray(cv2.cvtColor(labelled.read_gray(strip.path), cv2.COLOR_GRAY2BGR), np.uint8)
        yield scan_page(PageImage(strip.path.name, 1, image), models, options)


def judge_crops(crops: Sequence[LabelledCrop], results: Iterable[PageResult], charset: Charset) -> list[JudgedReading]:
    """Hold the readings of pictures of one number each against their texts, separators left out where none are read.

    Where no number is found or several are, none is right; nothing is as unsure as can be.
    """
    as_compared = keep_digits if charset is Charset.DIGITS else str
    return [
        JudgedReading(
            min((number.confidence for number in result.numbers), default=0.0),
            [as_compared(number.text) for number in result.numbers] == [as_compared(strip.text)],
        )
        for strip, result in zip(crops, results, strict=True)
    ]


def score_readers(classifier: Classifier, reader: LineReader, folder: Path) -> dict[str, dict[str, float]]:
    """Scores of both readers together on the test part, as the program reads without being told.

    Returns:
        By source: the share of numbers right, the widest gap between the
        expected and the true errors of a tenth in percentage points, and the
        share of the readings that can be taken with at most 1 % of errors.

    Raises:
        DataError: if a source is missing.
    """
    return {
        name: _score_readings(
            judge_crops(strips, scan_crops(strips, Models(classifier, reader), ScanOptions(charset=charset)), charset)
        )
        for name, strips, charset in _labelled_crop_sources(folder, DataSplit.TEST)
    }


def _labelled_crop_sources(folder: Path, part: DataSplit) -> tuple[tuple[str, Sequence[LabelledCrop], Charset], ...]:
    """Pictures of one number each, by source and by what is read of them."""
    cheques, clinic = labelled.load_cheques(folder, part), labelled.load_clinic_cells(folder, part)
    return (
        ("cheques, digits", cheques, Charset.DIGITS),
        ("clinic, digits", clinic, Charset.DIGITS),
        ("clinic, with separators", clinic, Charset.DECIMAL),
    )


def _score_readings(readings: Sequence[JudgedReading]) -> dict[str, float]:
    right = [reading.correct for reading in readings]
    table = calibration_table([reading.confidence for reading in readings], right)
    return {
        "right": round(float(np.mean(right)), 4),
        "worst tenth, points": round(max_calibration_error(table), 2),
        "taken at 1 % errors": round(coverage_at_error(risk_coverage_curve(readings), ACCEPTED_ERROR_RATE), 4),
    }
