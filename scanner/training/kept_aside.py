"""How numbers cut out already are read, and what the number reader's probabilities mean, on a part of the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.confidence import AgreementCalibration, Calibration, calibration_table, max_calibration_error
from scanner.coverage import JudgedReading, coverage_at_error, risk_coverage_curve
from scanner.line import line_pixels
from scanner.models import Models
from scanner.options import Charset, PageOrCrop, Readers, ScanOptions
from scanner.pipeline import scan_page
from scanner.reader import LineReader
from scanner.training import data
from scanner.training.calibrate import fit_calibration
from scanner.training.data import DataSplit
from scanner.truth import keep_digits
from scanner.types import PageImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from scanner.classify import Classifier
    from scanner.models import Models
    from scanner.training.data import LabelledCrop
    from scanner.types import PageResult

ACCEPTED_ERROR_RATE = 0.01
"""Share of errors at which it is told how many readings need no look."""


def scan_crops(crops: Iterable[LabelledCrop], models: Models, options: ScanOptions) -> Iterator[PageResult]:
    """Each picture as ``digitscan scan`` reads it.

    Raises:
        DataError: if a picture cannot be read.
    """
    for strip in crops:
        image = np.asarray(cv2.cvtColor(data.read_gray(strip.path), cv2.COLOR_GRAY2BGR), np.uint8)
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


@dataclass(frozen=True, slots=True)
class CalibrationReading:
    """How a number reader read one number."""

    raw_probability: float
    """What it says how probable that is, uncalibrated."""
    correct: bool
    confirmed: bool
    """Whether the contours said the same."""


def calibrate_line_reader(weights: bytes, classifier: Classifier, folder: Path) -> tuple[Calibration, AgreementCalibration]:
    """What a number reader's probabilities mean, alone and beside the contours, from the validation part.

    Raises:
        DataError: if a source is missing.
    """
    reader, by_contours = LineReader(weights), ScanOptions(Readers.CONTOURS, PageOrCrop.CROP)
    found: list[CalibrationReading] = []
    for _, strips, charset in _labelled_crop_sources(folder, DataSplit.VALIDATION):
        readings = reader.read_numbers([line_pixels(data.read_gray(strip.path)) for strip in strips], charset)
        as_compared = keep_digits if charset is Charset.DIGITS else str
        cut = ("".join(n.text for n in page.numbers) for page in scan_crops(strips, Models(classifier), by_contours))
        found += [
            CalibrationReading(r.probability, as_compared(r.text) == as_compared(s.text), keep_digits(r.text) == text)
            for r, s, text in zip(readings, strips, cut, strict=True)
        ]
    return calibrate_from_readings(found)


def calibrate_from_readings(readings: Sequence[CalibrationReading]) -> tuple[Calibration, AgreementCalibration]:
    """What probabilities mean, alone and where the contours confirm or dispute the reading."""
    raw, right = [reading.raw_probability for reading in readings], [reading.correct for reading in readings]
    calibration = fit_calibration(raw, right)
    alone, hit, same = calibration.apply(raw), np.array(right), np.array([each.confirmed for each in readings])
    curves = (fit_calibration(alone[some].tolist(), hit[some].tolist()) for some in (same, ~same))
    return calibration, AgreementCalibration(*curves)


def _labelled_crop_sources(folder: Path, part: DataSplit) -> tuple[tuple[str, Sequence[LabelledCrop], Charset], ...]:
    """Pictures of one number each, by source and by what is read of them."""
    cheques, clinic = data.load_cheques(folder, part), data.load_clinic_cells(folder, part)
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
