"""The figures of the README, measured on data that no training and no tuning has seen."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets import labelled
from scanner.datasets.labelled import DataSplit
from scanner.decision.review import flag_for_max_error
from scanner.evaluation.calibration_error import (
    calibration_table,
    expected_calibration_error,
    max_calibration_error,
    max_calibration_error_by_chance,
)
from scanner.evaluation.ground_truth import read_truth
from scanner.evaluation.number_crops import ACCEPTED_ERROR_RATE, judge_crops, scan_crops
from scanner.evaluation.real_pages import VARIANTS, decode_pages, exact_points_lost, read_real_pages
from scanner.evaluation.risk_coverage import coverage_at_error, risk_coverage_curve
from scanner.evaluation.synthetic_pages import read_synthetic_pages
from scanner.isolation import program
from scanner.options import CLASSIFIER_NAMES, DEFAULT_OPTIONS, Charset, Readers, ScanOptions
from scanner.pipeline import scan_page
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.line_image import line_pixels
from scanner.recognition.line_reader import load_line_reader
from scanner.recognition.models import Models, load_models
from scanner.synthesis.sample_pages import write_sample_pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.datasets.labelled import LabelledCrop
    from scanner.evaluation.comparison import OutcomeCounts
    from scanner.evaluation.risk_coverage import JudgedReading
    from scanner.recognition.digit_classifier import Classifier
    from scanner.recognition.line_reader import LineReader
    from scanner.types import Image, PageResult

_TIMED_START_COUNT = 7
"""Starts of the program that are timed; the median is reported."""
_REAL_PAGE_GROUPS = {
    "exam covers": ("exam_ids",),
    "logs": ("logs",),
    "worksheet": ("worksheets",),
    "pages of almost all print": ("exam_answers", "blank_exam", "questionnaires"),
}
"""Folders of the data's pages that are reported on together; nothing is trained on them."""
_GROUPS_READ_AS_VARIANTS = ("exam covers", "logs", "worksheet")
"""Those that are read turned as well: the others have hardly a number to lose."""
_TIMED_PAGE_FILE = "exam_ids/page_00.png"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line of the report."""

    name: str
    value: str
    """With its unit."""
    measured_on: str
    """What it was measured on."""


def run_benchmark(folder: Path) -> Iterator[Measurement]:
    """Measure everything, one figure at a time.

    Args:
        folder: the data folder.

    Raises:
        DataError: if a part of the data is missing.
        MissingPartError: if weights are missing.
    """
    for name in CLASSIFIER_NAMES:
        yield from _measure_isolated_digits(folder, load_classifier(name))
    models = load_models()
    alone = Models(models.digit_classifier)
    yield _measure_contour_reading(
        "cheque amounts by contours alone", labelled.load_cheques(folder, DataSplit.TEST), alone
    )
    yield _measure_contour_reading(
        "clinic cells by contours alone", labelled.load_clinic_cells(folder, DataSplit.TEST), alone
    )
    yield from _measure_number_crops(folder, models)
    yield from _measure_reader_speed(folder, load_line_reader())
    yield from _measure_real_pages(folder, models)
    yield from _measure_page_time(folder, models)
    yield from _measure_synthetic_pages(folder)
    yield from _measure_start_times()


def _measure_isolated_digits(folder: Path, classifier: Classifier) -> Iterator[Measurement]:
    for samples in (labelled.load_mnist(folder, DataSplit.TEST), *labelled.load_digit_sources(folder, DataSplit.TEST)):
        right = np.array([reading.digit for reading in classifier.read(samples.frames)]) == samples.labels
        name = f"{samples.name} digits right, {classifier.name.upper()}"
        yield Measurement(name, f"{right.mean():.2%}", f"{len(right):,} digits")


def _measure_contour_reading(name: str, strips: Sequence[LabelledCrop], models: Models) -> Measurement:
    """Share of pictures of one number on which just that number is found; separators do not count."""
    readings = judge_crops(strips, scan_crops(strips, models, _CONTOUR_OPTIONS), Charset.DIGITS)
    return Measurement(name, _format_exact_share(readings), f"{len(strips):,} numbers")


_CONTOUR_OPTIONS = ScanOptions(Readers.CONTOURS)


def _measure_number_crops(folder: Path, models: Models) -> Iterator[Measurement]:
    """Pictures of one number each, read as the program reads them without being told."""
    cheques, clinic = labelled.load_cheques(folder, DataSplit.TEST), labelled.load_clinic_cells(folder, DataSplit.TEST)
    results = list(scan_crops(cheques, models, DEFAULT_OPTIONS))
    amounts = judge_crops(cheques, results, Charset.DIGITS)
    cells = judge_crops(clinic, scan_crops(clinic, models, DEFAULT_OPTIONS), Charset.DIGITS)
    decimal = ScanOptions(charset=Charset.DECIMAL)
    written = judge_crops(clinic, scan_crops(clinic, models, decimal), Charset.DECIMAL)
    yield Measurement("cheque amounts exact", _format_exact_share(amounts), f"{len(amounts):,} amounts")
    yield Measurement("clinic cells, digits exact", _format_exact_share(cells), f"{len(cells):,} cells")
    yield Measurement("clinic cells, with separators", _format_exact_share(written), f"{len(written):,} cells")
    for name, readings in (("cheques", amounts), ("clinic cells", cells)):
        taken = coverage_at_error(risk_coverage_curve(readings), ACCEPTED_ERROR_RATE)
        yield Measurement(f"{name} that need no look, at 1 % errors", f"{taken:.1%}", f"{len(readings):,} numbers")
    yield _measure_unflagged(cheques, results)
    yield from _measure_calibration([*amounts, *cells])


def _measure_reader_speed(folder: Path, reader: LineReader) -> Iterator[Measurement]:
    for name, strips in (
        ("cheques", labelled.load_cheques(folder, DataSplit.TEST)),
        ("clinic cells", labelled.load_clinic_cells(folder, DataSplit.TEST)),
    ):
        yield Measurement(
            f"numbers a second on a core, {name}", f"{_numbers_per_second(reader, strips):.0f}", _SPEED_CONDITIONS
        )


def _measure_calibration(readings: Sequence[JudgedReading]) -> Iterator[Measurement]:
    sure = [reading.confidence for reading in readings]
    table = calibration_table(sure, [reading.correct for reading in readings])
    name = "expected against true errors"
    yield Measurement(
        f"{name}, mean of tenths", f"{expected_calibration_error(table):.1f} pts", f"{len(sure):,} numbers"
    )
    yield Measurement(
        f"{name}, worst tenth", f"{max_calibration_error(table):.1f} pts", f"{table[0].count} numbers in a tenth"
    )
    others = sorted(abs(tenth.gap) for tenth in table)[:-1]
    yield Measurement("... the second worst tenth", f"{max(others, default=0.0):.1f} pts", "")
    yield Measurement(
        "... worst by chance, were they true", f"{max_calibration_error_by_chance(sure):.1f} pts", "median of 200 draws"
    )


def _measure_unflagged(strips: Sequence[LabelledCrop], results: Sequence[PageResult]) -> Measurement:
    """What ``--max-error`` leaves without a flag, and how many of them are wrong."""
    pages = [
        replace(page, numbers=tuple(number for number in page.numbers if not number.review_reason))
        for page in flag_for_max_error(results, ACCEPTED_ERROR_RATE)
    ]
    left = [reading for reading in judge_crops(strips, pages, Charset.DIGITS) if reading.confidence]
    wrong = sum(not reading.correct for reading in left)
    value = f"{len(left) / len(strips):.1%}"
    return Measurement("cheques not flagged with --max-error 1%", value, f"{wrong} wrong of {len(left)}")


_TIMED_BATCH_SIZE = 16
_SPEED_CONDITIONS = f"batches of {_TIMED_BATCH_SIZE}, pictures in memory"


def _format_exact_share(readings: Sequence[JudgedReading]) -> str:
    return f"{np.mean([reading.correct for reading in readings]):.1%}"


def _numbers_per_second(reader: LineReader, strips: Sequence[LabelledCrop]) -> float:
    """Numbers read in a second on one core, from gray pictures to texts; the fastest of some rounds."""
    pictures = [labelled.read_gray(strip.path) for strip in strips]
    batches = [
        pictures[start : start + _TIMED_BATCH_SIZE]
        for start in range(0, len(pictures) - _TIMED_BATCH_SIZE + 1, _TIMED_BATCH_SIZE)
    ]
    if not batches:
        return 0.0
    with _single_threaded_opencv():
        fastest = min(_seconds_to_read(reader, batches) for _ in range(_TIMING_REPETITIONS))
    return _TIMED_BATCH_SIZE * len(batches) / fastest


_TIMING_REPETITIONS = 3
"""Whatever else the machine does makes a round slower, never faster."""


def _seconds_to_read(reader: LineReader, batches: Sequence[Sequence[Image]]) -> float:
    # Processor time: what else runs on the machine does not count.
    started = time.process_time()
    for batch in batches:
        reader.read_numbers([line_pixels(gray) for gray in batch], Charset.DIGITS)
    return time.process_time() - started


def _measure_real_pages(folder: Path, models: Models) -> Iterator[Measurement]:
    """Real pages, by what kind of page they are; those that are not in the folder's truth are left out.

    Those with numbers are read as they are and turned.
    """
    truths = read_truth(folder / "pages" / "truth.json")
    losses = []
    for name, folders in _REAL_PAGE_GROUPS.items():
        chosen = [truth for truth in truths if truth.file.split("/")[0] in folders]
        if chosen:
            upright = read_real_pages(folder / "pages", chosen, models)
            if upright.written:
                yield _exact_share_measurement(f"{name}, numbers read", upright)
            pages = "1 page" if len(chosen) == 1 else f"{len(chosen)} pages"
            yield Measurement("... false numbers beside them", str(upright.false), pages)
            for turn in VARIANTS if name in _GROUPS_READ_AS_VARIANTS and upright.written else ():
                lying = read_real_pages(folder / "pages", chosen, models, turn)
                losses.append(exact_points_lost(upright, lying))
                yield _exact_share_measurement(f"... read {turn.name}", lying)
    if losses:
        yield Measurement("worst loss by a turn or half resolution", f"{max(losses):.1f} pts", "of the pages above")


def _exact_share_measurement(name: str, counts: OutcomeCounts) -> Measurement:
    return Measurement(name, f"{counts.exact / counts.written:.1%}", f"{counts.written} numbers")


def _measure_page_time(folder: Path, models: Models) -> Iterator[Measurement]:
    """Processor time of a page, from its file to its numbers; the fastest of some rounds."""
    path = folder / "pages" / _TIMED_PAGE_FILE
    if path.is_file():
        with _single_threaded_opencv():
            fastest = min(_seconds_to_scan(path, models) for _ in range(_TIMING_REPETITIONS))
        yield Measurement("a letter page, decoded and read", f"{fastest:.2f} s", "200 dpi, on a core, models loaded")


def _seconds_to_scan(path: Path, models: Models) -> float:
    started = time.process_time()
    for page in decode_pages(path):
        scan_page(page, models)
    return time.process_time() - started


def _measure_synthetic_pages(folder: Path) -> Iterator[Measurement]:
    found = read_synthetic_pages(folder, _SYNTHETIC_PAGE_COUNT, _PROCESS_COUNT)
    yield Measurement("synthesised pages, number F1", f"{found.f1:.1%}", f"{found.written:,} numbers")
    yield Measurement("... precision", f"{found.precision:.1%}", f"{found.read:,} readings")
    yield Measurement("... recall", f"{found.recall:.1%}", f"{found.written:,} numbers")
    yield Measurement("... false numbers a page", f"{found.false / found.pages:.2f}", f"{found.pages} pages")


_SYNTHETIC_PAGE_COUNT = 200
"""Pages: some 1,500 handwritten numbers, and five minutes of processor time."""
_PROCESS_COUNT = 2


@contextmanager
def _single_threaded_opencv() -> Iterator[None]:
    """OpenCV works in one thread for a while."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


def _measure_start_times() -> Iterator[Measurement]:
    yield Measurement(
        "digitscan --help", f"{_median_process_seconds(['--help']):.2f} s", f"median of {_TIMED_START_COUNT} starts"
    )
    with tempfile.TemporaryDirectory() as scratch:
        page = next(path for path in write_sample_pages(Path(scratch)) if path.suffix == ".png")
        arguments = ["scan", str(page), "--out", str(Path(scratch) / "results.csv")]
        yield Measurement(
            "cold start, one page read, CSV written",
            f"{_median_process_seconds(arguments):.2f} s",
            f"median of {_TIMED_START_COUNT} starts",
        )


def _median_process_seconds(arguments: Iterable[str]) -> float:
    """Median wall-clock time of the whole process."""
    command = [*program("scanner"), *arguments]
    return statistics.median(_process_seconds(command) for _ in range(_TIMED_START_COUNT))


def _process_seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - this interpreter, our own arguments
    return time.perf_counter() - started


def format_measurements(measurements: Iterable[Measurement]) -> Iterator[str]:
    """One line of text per figure, in columns."""
    for figure in measurements:
        yield f"{figure.name:<42} {figure.value:>9}   {figure.measured_on}"
