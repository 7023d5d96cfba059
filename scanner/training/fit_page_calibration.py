"""Readings of synthetic pages to calibrate the reader of text lines with."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.page_sources import (
    HandwritingSources,
    HeldOutSeed,
    find_training_fonts,
    load_handwriting,
    synthesize_page_within_dpi,
)
from scanner.datasets.parallel_map import parallel_map, split_into_ranges
from scanner.evaluation.alignment import match_boxes
from scanner.evaluation.ground_truth import keep_digits
from scanner.evaluation.synthetic_pages import DPI_RANGE, PAGES_PER_TASK
from scanner.layout.ink_classes import load_page_network
from scanner.options import PageOrCrop, ScanOptions
from scanner.pipeline import run_stages
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.line_reader import LineReader
from scanner.recognition.models import Models
from scanner.training.fit_calibration import CalibrationReading
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scanner.pipeline import StageOutputs
    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.page_content import PageNumber


_CALIBRATION_PAGE_COUNT = 240
"""Synthetic pages to calibrate with; they have some 4,000 numbers."""

_SEED = HeldOutSeed.LINE_READER_CALIBRATION


def read_calibration_lines(weights: bytes, folder: Path | None, processes: int) -> list[CalibrationReading]:
    """Read the numbers of synthetic pages with a reader of text lines, to calibrate it.

    Args:
        weights: ONNX file of the reader.
        folder: data folder whose validation split the pages are written with; None for the pen alone.
        processes: number of processes that synthesize and read pages.

    Raises:
        DataError: if the folder lacks a source, or the fonts are not installed.
        NotInstalledError: if the digit or the page network is missing.
    """
    handwriting = load_handwriting(folder, _SEED, DataSplit.VALIDATION)
    read_task = partial(_read_lines_of_task, find_training_fonts(), handwriting, weights)
    tasks = split_into_ranges(_CALIBRATION_PAGE_COUNT, PAGES_PER_TASK)
    return [reading for readings in parallel_map(read_task, tasks, processes, items_per_task=1) for reading in readings]


def _read_lines_of_task(
    families: tuple[FontFamily, ...], handwriting: HandwritingSources, weights: bytes, page_indices: range
) -> list[CalibrationReading]:
    cv2.setNumThreads(1)
    models = Models(load_classifier("cnn"), text_line_reader=LineReader(weights), page_network=load_page_network())
    readings: list[CalibrationReading] = []
    for index in page_indices:
        page = synthesize_page_within_dpi(np.random.default_rng((_SEED, index)), families, handwriting, DPI_RANGE)
        stages = run_stages(page.image, models, ScanOptions(page_or_crop=PageOrCrop.PAGE))
        readings += _calibration_readings(page.numbers, stages)
    return readings


def _calibration_readings(numbers: Iterable[PageNumber], stages: StageOutputs) -> list[CalibrationReading]:
    """The line reader's readings of handwritten numbers, matched with the truth by their boxes."""
    written = [n for n in numbers if n.kind == "handwritten" and not n.crossed_out and keep_digits(n.text)]
    claims = [
        (located.contour_claim, located.line_claim)
        for located in stages.located.numbers
        if located.line_claim and located.line_claim.digits
    ]
    to_original = stages.prepared.rectified.page_map.box_to_original
    boxes = [to_original(Box.around(digit.box for digit in line_claim.digits)) for _, line_claim in claims]
    readings = []
    for i, j in match_boxes([number.box for number in written], boxes):
        if i is not None and j is not None:
            contour_claim, line_claim = claims[j]
            text = keep_digits(line_claim.opinion.text)
            correct, confirmed = text == keep_digits(written[i].text), text == contour_claim.opinion.text
            readings.append(CalibrationReading(line_claim.opinion.confidence, correct, confirmed))
    return readings
