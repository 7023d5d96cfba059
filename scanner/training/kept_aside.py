"""How numbers cut out already are read, and what the number reader's probabilities mean, on a part of the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.confidence import Agreement, Calibration, calibration_table, worst_gap
from scanner.coverage import Judged, coverage_at, error_curve
from scanner.line import line_image
from scanner.models import Models
from scanner.options import Charset, Layout, Readers, ScanOptions
from scanner.pipeline import scan_page
from scanner.reader import NumberReader
from scanner.training import data
from scanner.training.calibrate import fit_calibration
from scanner.training.data import Part
from scanner.truth import digits_of
from scanner.types import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from scanner.classify import Classifier
    from scanner.models import Models
    from scanner.training.data import Strip
    from scanner.types import PageResult

TAKEN_ERRORS = 0.01
"""Share of errors at which it is told how many readings need no look."""


def scanned(strips: Iterable[Strip], models: Models, options: ScanOptions) -> Iterator[PageResult]:
    """Each picture as ``digitscan scan`` reads it.

    Raises:
        DataError: if a picture cannot be read.
    """
    for strip in strips:
        image = np.asarray(cv2.cvtColor(data.read_gray(strip.path), cv2.COLOR_GRAY2BGR), np.uint8)
        yield scan_page(Page(strip.path.name, 1, image), models, options)


def judged(strips: Sequence[Strip], results: Iterable[PageResult], charset: Charset) -> list[Judged]:
    """Hold the readings of pictures of one number each against their texts, separators left out where none are read.

    Where no number is found or several are, none is right; nothing is as unsure as can be.
    """
    as_compared = digits_of if charset is Charset.DIGITS else str
    return [
        Judged(
            min((number.confidence for number in result.numbers), default=0.0),
            [as_compared(number.text) for number in result.numbers] == [as_compared(strip.text)],
        )
        for strip, result in zip(strips, results, strict=True)
    ]


def number_scores(classifier: Classifier, reader: NumberReader, folder: Path) -> dict[str, dict[str, float]]:
    """Scores of both readers together on the test part, as the program reads without being told.

    Returns:
        By source: the share of numbers right, the widest gap between the
        expected and the true errors of a tenth in percentage points, and the
        share of the readings that can be taken with at most 1 % of errors.

    Raises:
        DataError: if a source is missing.
    """
    return {
        name: _scores(
            judged(strips, scanned(strips, Models(classifier, reader), ScanOptions(charset=charset)), charset)
        )
        for name, strips, charset in _sources(folder, Part.TEST)
    }


@dataclass(frozen=True, slots=True)
class Reading:
    """How a number reader read one number."""

    raw: float
    """What it says how probable that is, uncalibrated."""
    right: bool
    confirmed: bool
    """Whether the contours said the same."""


def calibrated(weights: bytes, classifier: Classifier, folder: Path) -> tuple[Calibration, Agreement]:
    """What a number reader's probabilities mean, alone and beside the contours, from the validation part.

    Raises:
        DataError: if a source is missing.
    """
    reader, by_contours = NumberReader(weights), ScanOptions(Readers.CONTOURS, Layout.NUMBER)
    found: list[Reading] = []
    for _, strips, charset in _sources(folder, Part.VALIDATION):
        readings = reader.read([line_image(data.read_gray(strip.path)) for strip in strips], charset)
        as_compared = digits_of if charset is Charset.DIGITS else str
        cut = ("".join(n.text for n in page.numbers) for page in scanned(strips, Models(classifier), by_contours))
        found += [
            Reading(r.probability, as_compared(r.text) == as_compared(s.text), digits_of(r.text) == text)
            for r, s, text in zip(readings, strips, cut, strict=True)
        ]
    return calibrated_by(found)


def calibrated_by(readings: Sequence[Reading]) -> tuple[Calibration, Agreement]:
    """What probabilities mean, alone and where the contours confirm or dispute the reading."""
    raw, right = [reading.raw for reading in readings], [reading.right for reading in readings]
    calibration = fit_calibration(raw, right)
    alone, hit, same = calibration.apply(raw), np.array(right), np.array([each.confirmed for each in readings])
    curves = (fit_calibration(alone[some].tolist(), hit[some].tolist()) for some in (same, ~same))
    return calibration, Agreement(*curves)


def _sources(folder: Path, part: Part) -> tuple[tuple[str, Sequence[Strip], Charset], ...]:
    """Pictures of one number each, by source and by what is read of them."""
    cheques, clinic = data.cheques(folder, part), data.clinic(folder, part)
    return (
        ("cheques, digits", cheques, Charset.DIGITS),
        ("clinic, digits", clinic, Charset.DIGITS),
        ("clinic, with separators", clinic, Charset.DECIMAL),
    )


def _scores(readings: Sequence[Judged]) -> dict[str, float]:
    right = [reading.right for reading in readings]
    table = calibration_table([reading.confidence for reading in readings], right)
    return {
        "right": round(float(np.mean(right)), 4),
        "worst tenth, points": round(worst_gap(table), 2),
        "taken at 1 % errors": round(coverage_at(error_curve(readings), TAKEN_ERRORS), 4),
    }
