"""How a number reader does on the numbers kept aside, and what its probabilities mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.confidence import Calibration, calibration_table, worst_gap
from scanner.coverage import Judged, coverage_at, error_curve
from scanner.line import line_image
from scanner.reader import Charset, NumberReader
from scanner.training import data
from scanner.training.calibrate import fit_calibration
from scanner.training.data import Part
from scanner.truth import digits_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from scanner.training.data import Strip

_TAKEN_ERRORS = 0.01
"""Share of errors at which it is told how many readings need no look."""


def judged(reader: NumberReader, strips: Sequence[Strip], charset: Charset) -> list[Judged]:
    """Read pictures of one number each and hold them against their texts, separators left out where they are not read.

    Raises:
        DataError: if a picture cannot be read.
    """
    readings = reader.read([line_image(data.read_gray(strip.path)) for strip in strips], charset)
    as_compared = digits_of if charset is Charset.DIGITS else str
    return [
        Judged(reading.probability, as_compared(reading.text) == as_compared(strip.text))
        for reading, strip in zip(readings, strips, strict=True)
    ]


def judged_sources(reader: NumberReader, folder: Path, part: Part) -> Iterator[tuple[str, list[Judged]]]:
    """All numbers of a part, by source and by what is read of them.

    Raises:
        DataError: if a source is missing.
    """
    yield "cheques, digits", judged(reader, data.cheques(folder, part), Charset.DIGITS)
    clinic = data.clinic(folder, part)
    yield "clinic, digits", judged(reader, clinic, Charset.DIGITS)
    yield "clinic, with separators", judged(reader, clinic, Charset.DECIMAL)


def calibrated_numbers(weights: bytes, folder: Path) -> Calibration:
    """What a number reader's probabilities mean, from the validation part of all sources.

    Raises:
        DataError: if a source is missing.
    """
    reader = NumberReader(weights, 1.0)
    readings = [reading for _, some in judged_sources(reader, folder, Part.VALIDATION) for reading in some]
    return fit_calibration([reading.confidence for reading in readings], [reading.right for reading in readings])


def number_scores(reader: NumberReader, folder: Path) -> dict[str, dict[str, float]]:
    """Scores on the test part.

    Returns:
        By source: the share of numbers right, the widest gap between the
        expected and the true errors of a tenth in percentage points, and the
        share of the readings that can be taken with at most 1 % of errors.

    Raises:
        DataError: if a source is missing.
    """
    return {name: _scores(readings) for name, readings in judged_sources(reader, folder, Part.TEST)}


def _scores(readings: Sequence[Judged]) -> dict[str, float]:
    right = [reading.right for reading in readings]
    table = calibration_table([reading.confidence for reading in readings], right)
    return {
        "right": round(float(np.mean(right)), 4),
        "worst tenth, points": round(worst_gap(table), 2),
        "taken at 1 % errors": round(coverage_at(error_curve(readings), _TAKEN_ERRORS), 4),
    }
