"""Calibrating the reader of text lines on synthesised pages."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.labelled import DataSplit
from scanner.datasets.page_material import (
    HandwritingSources,
    find_training_fonts,
    load_handwriting,
    synthesize_page_within_dpi,
)
from scanner.datasets.parallel import parallel_map, split_into_ranges
from scanner.evaluation.alignment import match_boxes
from scanner.evaluation.ground_truth import keep_digits
from scanner.evaluation.synthetic_pages import _DPI_RANGE, _PAGES_PER_TASK
from scanner.layout.ink_classes import load_page_network
from scanner.options import PageOrCrop, ScanOptions
from scanner.pipeline import run_stages
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.line_reader import LineReader
from scanner.recognition.models import Models
from scanner.training.calibration import CalibrationReading
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scanner.pipeline import StageOutputs
    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.page_content import PageNumber


_CALIBRATION_PAGE_COUNT = 240
"""Pages: some 4,000 numbers."""

_CALIBRATION_SEED = 1_000_007
"""Of pages that no training has seen."""


def read_calibration_lines(weights: bytes, folder: Path | None, processes: int) -> list[CalibrationReading]:
    """How a reader of runs reads the numbers that are found on synthesised pages, to calibrate it with.

    Args:
        weights: of the reader.
        folder: whose digits of the validation part are written on the pages; the pen alone if None.
        processes: that synthesise and read them.

    Raises:
        DataError: if the folder lacks a source, or the fonts are not installed.
        MissingPartError: if the digit or the page network is missing.
    """
    drawn = load_handwriting(folder, _CALIBRATION_SEED, DataSplit.VALIDATION)
    make = partial(_read_lines_of_task, find_training_fonts(), drawn, weights)
    made = parallel_map(make, split_into_ranges(_CALIBRATION_PAGE_COUNT, _PAGES_PER_TASK), processes, items_per_task=1)
    return [reading for lot in made for reading in lot]


def _read_lines_of_task(
    families: tuple[FontFamily, ...], drawn: HandwritingSources, weights: bytes, indices: range
) -> list[CalibrationReading]:
    cv2.setNumThreads(1)
    models = Models(load_classifier("cnn"), text_line_reader=LineReader(weights), page_network=load_page_network())
    found: list[CalibrationReading] = []
    for index in indices:
        page = synthesize_page_within_dpi(
            np.random.default_rng((_CALIBRATION_SEED, index)), families, drawn, _DPI_RANGE
        )
        found += _calibration_readings(
            page.numbers, run_stages(page.image, models, ScanOptions(page_or_crop=PageOrCrop.PAGE))
        )
    return found


def _calibration_readings(numbers: Iterable[PageNumber], stages: StageOutputs) -> list[CalibrationReading]:
    """How the number reader read each number that it found."""
    written = [n for n in numbers if n.kind == "handwritten" and not n.crossed_out and keep_digits(n.text)]
    read = [
        (place.contour_claim, place.line_claim)
        for place in stages.located
        if place.line_claim and place.line_claim.digits
    ]
    to_original = stages.rectified.page_map.box_to_original
    boxes = [to_original(Box.around(digit.box for digit in claim.digits)) for _, claim in read]
    found = []
    for i, j in match_boxes([number.box for number in written], boxes):
        if i is not None and j is not None:
            contours, claim = read[j]
            text = keep_digits(claim.opinion.text)
            right, same = text == keep_digits(written[i].text), text == contours.opinion.text
            found.append(CalibrationReading(claim.opinion.confidence, right, same))
    return found
