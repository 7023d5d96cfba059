"""Evaluation on labelled number crops: scan them, judge the readings, and score both readers together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets import labelled_crops
from scanner.datasets.data_folder import DataSplit, read_gray
from scanner.evaluation.calibration_error import calibration_table, max_calibration_error
from scanner.evaluation.ground_truth import keep_digits
from scanner.evaluation.risk_coverage import JudgedReading, coverage_at_error, risk_coverage_curve
from scanner.options import Charset, ScanOptions
from scanner.pipeline import scan_page
from scanner.reading_models import Models
from scanner.types import PageImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from scanner.datasets.labelled_crops import LabelledCrop
    from scanner.recognition.digit_classifier import Classifier
    from scanner.recognition.line_reader import LineReader
    from scanner.types import PageResult


ACCEPTED_ERROR_RATE = 0.01
"""Share of errors at which the share of readings that need no review is reported; a choice."""


def scan_crops(crops: Iterable[LabelledCrop], models: Models, options: ScanOptions) -> Iterator[PageResult]:
    """Scan each image as ``digitscan scan`` does.

    Raises:
        DataError: if an image cannot be read.
    """
    for crop in crops:
        image = np.asarray(cv2.cvtColor(read_gray(crop.path), cv2.COLOR_GRAY2BGR), np.uint8)
        yield scan_page(PageImage(crop.path.name, 1, image), models, options)


def normalize_text(text: str, charset: Charset) -> str:
    """The part of a text that is compared: its digits, or all of it where separators are read as well."""
    return keep_digits(text) if charset is Charset.DIGITS else text


def judge_crops(crops: Sequence[LabelledCrop], results: Iterable[PageResult], charset: Charset) -> list[JudgedReading]:
    """Compare the result of each number crop with its text.

    A result without a number is wrong with confidence 0, one with several numbers is wrong with the lowest of theirs.
    """
    return [
        JudgedReading(
            min((number.confidence for number in result.numbers), default=0.0),
            [normalize_text(number.text, charset) for number in result.numbers] == [normalize_text(crop.text, charset)],
        )
        for crop, result in zip(crops, results, strict=True)
    ]


def score_readers(classifier: Classifier, reader: LineReader, folder: Path) -> dict[str, dict[str, float]]:
    """Score both readers together on the test split, with default options except for the character set.

    Returns:
        By source: the share of exact readings; the maximum calibration error of a tenth of the readings, in percentage
        points; and the share of the readings that can be accepted with at most 1 % of errors.

    Raises:
        DataError: if a source is missing.
    """
    return {
        name: _score_readings(
            judge_crops(crops, scan_crops(crops, Models(classifier, reader), ScanOptions(charset=charset)), charset)
        )
        for name, crops, charset in labelled_crop_sources(folder, DataSplit.TEST)
    }


def labelled_crop_sources(folder: Path, split: DataSplit) -> tuple[tuple[str, Sequence[LabelledCrop], Charset], ...]:
    """The name of each source of number crops, its crops, and the characters read in them."""
    cheques, clinic = labelled_crops.load_cheques(folder, split), labelled_crops.load_clinic_cells(folder, split)
    return (
        ("cheques, digits", cheques, Charset.DIGITS),
        ("clinic, digits", clinic, Charset.DIGITS),
        ("clinic, with separators", clinic, Charset.DECIMAL),
    )


def _score_readings(readings: Sequence[JudgedReading]) -> dict[str, float]:
    correct = [reading.correct for reading in readings]
    table = calibration_table([reading.confidence for reading in readings], correct)
    return {
        "exact": round(float(np.mean(correct)), 4),
        "max calibration error of tenths, points": round(max_calibration_error(table), 2),
        "coverage at 1 % errors": round(coverage_at_error(risk_coverage_curve(readings), ACCEPTED_ERROR_RATE), 4),
    }
