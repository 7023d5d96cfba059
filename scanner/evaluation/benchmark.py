"""Measure the figures that the README reports, on data not used for training or tuning."""

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

from scanner.datasets.data_folder import DataSplit, read_gray
from scanner.datasets.isolated_digits import load_digit_sources, load_mnist
from scanner.datasets.labelled_crops import load_cheques, load_clinic_cells
from scanner.decision.review import flag_for_max_error
from scanner.evaluation.calibration_error import (
    calibration_table,
    expected_calibration_error,
    max_calibration_error,
    max_calibration_error_by_chance,
)
from scanner.evaluation.digit_sheets import DigitSheetCounts, read_digit_sheets
from scanner.evaluation.ground_truth import read_truth
from scanner.evaluation.number_crops import ACCEPTED_ERROR_RATE, judge_crops, scan_crops
from scanner.evaluation.real_pages import VARIANTS, decode_pages, evaluate_real_pages, exact_points_lost
from scanner.evaluation.risk_coverage import coverage_at_error, risk_coverage_curve
from scanner.evaluation.synthetic_pages import read_synthetic_pages
from scanner.isolated_python import program
from scanner.options import CLASSIFIER_NAMES, DEFAULT_OPTIONS, Charset, Readers, ScanOptions
from scanner.pipeline import scan_page
from scanner.reading_models import Models, load_digit_classifier, load_models
from scanner.recognition.line_image import line_pixels
from scanner.recognition.line_reader import load_line_reader
from scanner.synthesis.sample_pages import write_sample_pages
from scanner.weights import CROP_READER_WEIGHTS, folder_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.datasets.labelled_crops import LabelledCrop
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
    "worksheets": ("worksheets",),
    "pages of print": ("exam_answers", "blank_exam", "questionnaires"),
}
"""Folders of real pages that are reported on together; no training uses them."""
_VARIED_GROUPS = ("exam covers", "logs", "worksheets")
"""Groups that are read changed as well; the others have hardly any numbers that could be lost."""
_TIMED_PAGE_FILE = "exam_ids/page_00.png"
"""Real page whose processing is timed."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured figure."""

    name: str
    """Name of the figure, unique within a benchmark."""
    value: str
    """The figure with its unit, as it is printed."""
    measured_on: str
    """Sample size or conditions."""


def run_benchmark(folder: Path, weights: Path | None = None) -> Iterator[Measurement]:
    """Measure all figures, one at a time.

    Args:
        folder: the data folder.
        weights: folder of weights; those that it lacks come with the program.

    Raises:
        DataError: if a source is missing.
        NotInstalledError: if weights are missing.
    """
    for name in CLASSIFIER_NAMES:
        yield from _measure_isolated_digits(folder, load_digit_classifier(name, weights))
    models = load_models(folder=weights)
    cheques, clinic = load_cheques(folder, DataSplit.TEST), load_clinic_cells(folder, DataSplit.TEST)
    contours_alone = Models(models.digit_classifier)
    yield _measure_contour_reading("cheque amounts exact, contours alone", cheques, contours_alone)
    yield _measure_contour_reading("clinic cells exact, contours alone", clinic, contours_alone)
    yield from _measure_number_crops(cheques, clinic, models)
    yield from _measure_reader_speed(
        cheques, clinic, load_line_reader(folder=folder_with(CROP_READER_WEIGHTS, weights))
    )
    yield from _measure_real_pages(folder, models)
    yield from _measure_page_time(folder, models)
    yield from _measure_digit_sheets(folder, models)
    yield from _measure_synthetic_pages(folder, weights)
    yield from _measure_start_times()


def _measure_isolated_digits(folder: Path, classifier: Classifier) -> Iterator[Measurement]:
    for samples in (load_mnist(folder, DataSplit.TEST), *load_digit_sources(folder, DataSplit.TEST)):
        correct = np.array([reading.digit for reading in classifier.read(samples.frames)]) == samples.labels
        name = f"{samples.name} digits correct, {classifier.name.upper()}"
        yield Measurement(name, _format_share(float(correct.mean()), 2), f"{len(correct):,} digits")


def _measure_contour_reading(name: str, crops: Sequence[LabelledCrop], models: Models) -> Measurement:
    """Share of number crops in which exactly the true number is found; separators are ignored."""
    readings = judge_crops(crops, scan_crops(crops, models, _CONTOUR_OPTIONS), Charset.DIGITS)
    return Measurement(name, _format_exact_share(readings), f"{len(crops):,} numbers")


_CONTOUR_OPTIONS = ScanOptions(Readers.CONTOURS)


def _measure_number_crops(
    cheques: Sequence[LabelledCrop], clinic: Sequence[LabelledCrop], models: Models
) -> Iterator[Measurement]:
    """Number crops, scanned with default options except for the character set: cheques are labelled by digits only."""
    digits = ScanOptions(charset=Charset.DIGITS)
    results = list(scan_crops(cheques, models, digits))
    amounts = judge_crops(cheques, results, Charset.DIGITS)
    cells = judge_crops(clinic, scan_crops(clinic, models, digits), Charset.DIGITS)
    with_separators = judge_crops(clinic, scan_crops(clinic, models, DEFAULT_OPTIONS), Charset.DECIMAL)
    yield Measurement("cheque amounts exact", _format_exact_share(amounts), f"{len(amounts):,} amounts")
    yield Measurement("clinic cells exact, digits", _format_exact_share(cells), f"{len(cells):,} cells")
    share = _format_exact_share(with_separators)
    yield Measurement("clinic cells exact, with separators", share, f"{len(with_separators):,} cells")
    for name, readings in (("cheque amounts", amounts), ("clinic cells", cells)):
        accepted = coverage_at_error(risk_coverage_curve(readings), ACCEPTED_ERROR_RATE)
        yield Measurement(f"{name} accepted at 1 % errors", _format_share(accepted), f"{len(readings):,} numbers")
    yield _measure_unflagged(cheques, results)
    yield from _measure_calibration([*amounts, *cells])


def _measure_unflagged(crops: Sequence[LabelledCrop], results: Sequence[PageResult]) -> Measurement:
    """Share of numbers that ``--max-error`` does not flag for review, and how many of them are wrong."""
    pages = [
        replace(page, numbers=tuple(number for number in page.numbers if not number.review_reason))
        for page in flag_for_max_error(results, ACCEPTED_ERROR_RATE)
    ]
    unflagged = [reading for reading in judge_crops(crops, pages, Charset.DIGITS) if reading.confidence]
    wrong = sum(not reading.correct for reading in unflagged)
    name = "cheque amounts not flagged, --max-error 1%"
    return Measurement(name, _format_share(len(unflagged) / len(crops)), f"{wrong} wrong of {len(unflagged)}")


def _measure_calibration(readings: Sequence[JudgedReading]) -> Iterator[Measurement]:
    confidences = [reading.confidence for reading in readings]
    table = calibration_table(confidences, [reading.correct for reading in readings])
    on_all, on_tenth = f"{len(confidences):,} numbers", f"{table[0].count} numbers in a tenth"
    yield Measurement("expected calibration error", _format_points(expected_calibration_error(table)), on_all)
    yield Measurement("maximum calibration error", _format_points(max_calibration_error(table)), on_tenth)
    others = sorted(abs(each.gap) for each in table)[:-1]
    yield Measurement("second largest calibration error", _format_points(max(others, default=0.0)), on_tenth)
    by_chance = max_calibration_error_by_chance(confidences)
    name = "maximum calibration error by chance"
    yield Measurement(name, _format_points(by_chance), "if perfectly calibrated, median of 200 draws")


def _format_share(share: float, decimals: int = 1) -> str:
    return f"{100 * share:.{decimals}f} %"


def _format_exact_share(readings: Sequence[JudgedReading]) -> str:
    return _format_share(float(np.mean([reading.correct for reading in readings])))


def _format_points(points: float) -> str:
    return f"{points:.1f} points"


def _measure_reader_speed(
    cheques: Sequence[LabelledCrop], clinic: Sequence[LabelledCrop], reader: LineReader
) -> Iterator[Measurement]:
    for name, crops in (("cheque amounts", cheques), ("clinic cells", clinic)):
        speed = f"{_numbers_per_second(reader, crops):.0f}"
        yield Measurement(f"{name} per second and core", speed, _SPEED_CONDITIONS)


_TIMED_BATCH_SIZE = 16
"""Number crops read at a time when the speed is measured; a choice."""
_SPEED_CONDITIONS = f"batches of {_TIMED_BATCH_SIZE}, images in memory"


def _numbers_per_second(reader: LineReader, crops: Sequence[LabelledCrop]) -> float:
    """Numbers read per second on one core, from grey images to texts; the fastest of some repetitions."""
    images = [read_gray(crop.path) for crop in crops]
    batches = [
        images[start : start + _TIMED_BATCH_SIZE]
        for start in range(0, len(images) - _TIMED_BATCH_SIZE + 1, _TIMED_BATCH_SIZE)
    ]
    if not batches:
        return 0.0
    with single_threaded_opencv():
        fastest = min(_seconds_to_read(reader, batches) for _ in range(_TIMING_REPETITIONS))
    return _TIMED_BATCH_SIZE * len(batches) / fastest


_TIMING_REPETITIONS = 3
"""Repetitions of which the fastest counts: other work on the machine makes one slower, never faster."""


def _seconds_to_read(reader: LineReader, batches: Sequence[Sequence[Image]]) -> float:
    # Processor time, which other programs on the machine hardly affect.
    started = time.process_time()
    for batch in batches:
        reader.read_numbers([line_pixels(gray) for gray in batch], Charset.DIGITS)
    return time.process_time() - started


def _measure_real_pages(folder: Path, models: Models) -> Iterator[Measurement]:
    """Real pages by group, unchanged and varied; groups without a page in the truth are left out."""
    truths = read_truth(folder / "pages" / "truth.json")
    losses: list[float] = []
    for name, folders in _REAL_PAGE_GROUPS.items():
        chosen = [truth for truth in truths if truth.file.split("/")[0] in folders]
        if not chosen:
            continue
        unchanged = evaluate_real_pages(folder / "pages", chosen, models)
        if unchanged.totals.written:
            yield _exact_share_measurement(f"{name}: numbers exact", unchanged.totals)
        page_count = "1 page" if len(chosen) == 1 else f"{len(chosen)} pages"
        yield Measurement(f"{name}: false numbers", str(unchanged.totals.false), page_count)
        if rows := unchanged.rows_correct:
            yield Measurement(f"{name}: numbers in their row", f"{sum(rows)} of {len(rows)}", page_count)
        if name in _VARIED_GROUPS and unchanged.totals.written:
            varied = [evaluate_real_pages(folder / "pages", chosen, models, variant).totals for variant in VARIANTS]
            losses += [exact_points_lost(unchanged.totals, counts) for counts in varied]
            for variant, counts in zip(VARIANTS, varied, strict=True):
                yield _exact_share_measurement(f"{name}: exact {variant.name}", counts)
            worst = min(varied, key=lambda counts: counts.exact / counts.written)
            yield _exact_share_measurement(f"{name}: exact at worst", worst)
    if losses:
        name = "largest loss by a change"
        yield Measurement(name, _format_points(max(losses)), "of the pages above")


def _exact_share_measurement(name: str, counts: OutcomeCounts) -> Measurement:
    return Measurement(name, _format_share(counts.exact / counts.written), f"{counts.written} numbers")


def _measure_page_time(folder: Path, models: Models) -> Iterator[Measurement]:
    """Processor time of a page, from its file to its numbers; the fastest of some repetitions."""
    path = folder / "pages" / _TIMED_PAGE_FILE
    if path.is_file():
        with single_threaded_opencv():
            fastest = min(_seconds_to_scan(path, models) for _ in range(_TIMING_REPETITIONS))
        yield Measurement("letter page decoded and read", f"{fastest:.2f} s", "200 dpi, one core, models loaded")


def _seconds_to_scan(path: Path, models: Models) -> float:
    started = time.process_time()
    for page in decode_pages(path):
        scan_page(page, models)
    return time.process_time() - started


def _measure_digit_sheets(folder: Path, models: Models) -> Iterator[Measurement]:
    sheets = list(read_digit_sheets(folder, models))
    counts = sum(sheets, DigitSheetCounts())
    written = f"{counts.written:,} MNIST test digits on {len(sheets)} sheets"
    yield Measurement(
        "sheets of digits: right, in their cells", _format_share(counts.correct / counts.written, 2), written
    )
    wrong = f"{counts.unflagged_errors} wrong of {counts.unflagged:,}"
    yield Measurement("sheets of digits: not flagged", _format_share(counts.unflagged / counts.readings), wrong)
    seconds = f"{counts.seconds / len(sheets):.1f} s"
    yield Measurement(
        "sheet of 5,000 digits read", seconds, f"{counts.processor_seconds / len(sheets):.1f} s of processor"
    )


def _measure_synthetic_pages(folder: Path, weights: Path | None) -> Iterator[Measurement]:
    counts = read_synthetic_pages(folder, _SYNTHETIC_PAGE_COUNT, _PROCESS_COUNT, weights)
    written, pages = f"{counts.written:,} numbers", f"{counts.pages} pages"
    yield Measurement("synthetic pages: F1 of numbers", _format_share(counts.f1), written)
    yield Measurement("synthetic pages: precision", _format_share(counts.precision), f"{counts.read:,} readings")
    yield Measurement("synthetic pages: recall", _format_share(counts.recall), written)
    yield Measurement("synthetic pages: false numbers per page", f"{counts.false / counts.pages:.2f}", pages)


_SYNTHETIC_PAGE_COUNT = 200
"""Synthetic pages that are read: some 1,500 handwritten numbers, and five minutes of processor time."""
_PROCESS_COUNT = 2
"""Processes that synthesize and read them; the figures do not depend on it."""


@contextmanager
def single_threaded_opencv() -> Iterator[None]:
    """Let OpenCV use one thread only within a ``with`` block."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


def _measure_start_times() -> Iterator[Measurement]:
    conditions = f"median of {_TIMED_START_COUNT} starts"
    yield Measurement("digitscan --help", f"{_median_process_seconds(['--help']):.2f} s", conditions)
    with tempfile.TemporaryDirectory() as scratch:
        page = next(path for path in write_sample_pages(Path(scratch)) if path.suffix == ".png")
        seconds = _median_process_seconds(["scan", str(page), "--out", str(Path(scratch) / "results.csv")])
        yield Measurement("digitscan scan of one page", f"{seconds:.2f} s", conditions)


def _median_process_seconds(arguments: Iterable[str]) -> float:
    """Median wall-clock time of a whole process of the program."""
    command = [*program("scanner"), *arguments]
    return statistics.median(_process_seconds(command) for _ in range(_TIMED_START_COUNT))


def _process_seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - this interpreter, our own arguments
    return time.perf_counter() - started


def format_measurements(measurements: Iterable[Measurement]) -> Iterator[str]:
    """Format each figure as a line of text, in columns."""
    for figure in measurements:
        yield f"{figure.name:<44} {figure.value:>12}   {figure.measured_on}"
