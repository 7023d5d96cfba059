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

from scanner.classify import CLASSIFIERS, load_classifier
from scanner.confidence import calibration_table, expected_calibration_error, worst_gap, worst_gap_by_chance
from scanner.coverage import coverage_at, error_curve
from scanner.isolation import program
from scanner.line import line_image
from scanner.models import Models, load_models
from scanner.options import DEFAULT_OPTIONS, Charset, Readers, ScanOptions
from scanner.pipeline import scan_page
from scanner.reader import load_reader
from scanner.review import apply_max_error
from scanner.synthesis.pages import write_samples
from scanner.training import data
from scanner.training.data import Part
from scanner.training.kept_aside import TAKEN_ERRORS, judged, scanned
from scanner.training.pages_aside import read_pages_aside
from scanner.training.real_pages import TURNS, pages_in, points_lost, read_real_pages
from scanner.truth import read_truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.classify import Classifier
    from scanner.coverage import Judged
    from scanner.evaluate import Counts
    from scanner.reader import NumberReader
    from scanner.training.data import Strip
    from scanner.types import Image, PageResult

_RUNS = 7
"""Starts of the program that are timed; the median is reported."""
_REAL_PAGES = {
    "exam covers": ("exam_ids",),
    "logs": ("logs",),
    "worksheet": ("worksheets",),
    "pages of almost all print": ("exam_answers", "blank_exam", "questionnaires"),
}
"""Folders of the data's pages that are reported on together; nothing is trained on them."""
_TURNED = ("exam covers", "logs", "worksheet")
"""Those that are read turned as well: the others have hardly a number to lose."""
_TIMED_PAGE = "exam_ids/page_00.png"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report."""

    name: str
    value: str
    """With its unit."""
    sample: str
    """What it was measured on."""


def measure(folder: Path) -> Iterator[Figure]:
    """Measure everything, one figure at a time.

    Args:
        folder: the data folder.

    Raises:
        DataError: if a part of the data is missing.
        MissingPartError: if weights are missing.
    """
    for name in CLASSIFIERS:
        yield from _isolated_digits(folder, load_classifier(name))
    models = load_models()
    alone = Models(models.digits)
    yield _by_contours("cheque amounts by contours alone", data.cheques(folder, Part.TEST), alone)
    yield _by_contours("clinic cells by contours alone", data.clinic(folder, Part.TEST), alone)
    yield from _whole_numbers(folder, models)
    yield from _speed(folder, load_reader())
    yield from _page_numbers(folder, models)
    yield from _page_seconds(folder, models)
    yield from _synthesised_pages(folder)
    yield from _start_times()


def _isolated_digits(folder: Path, classifier: Classifier) -> Iterator[Figure]:
    for samples in (data.mnist(folder, Part.TEST), *data.digit_sources(folder, Part.TEST)):
        right = np.array([reading.digit for reading in classifier.read(samples.frames)]) == samples.labels
        name = f"{samples.name} digits right, {classifier.name.upper()}"
        yield Figure(name, f"{right.mean():.2%}", f"{len(right):,} digits")


def _by_contours(name: str, strips: Sequence[Strip], models: Models) -> Figure:
    """Share of pictures of one number on which just that number is found; separators do not count."""
    readings = judged(strips, scanned(strips, models, _CONTOURS), Charset.DIGITS)
    return Figure(name, _exact(readings), f"{len(strips):,} numbers")


_CONTOURS = ScanOptions(Readers.CONTOURS)


def _whole_numbers(folder: Path, models: Models) -> Iterator[Figure]:
    """Pictures of one number each, read as the program reads them without being told."""
    cheques, clinic = data.cheques(folder, Part.TEST), data.clinic(folder, Part.TEST)
    results = list(scanned(cheques, models, DEFAULT_OPTIONS))
    amounts = judged(cheques, results, Charset.DIGITS)
    cells = judged(clinic, scanned(clinic, models, DEFAULT_OPTIONS), Charset.DIGITS)
    decimal = ScanOptions(charset=Charset.DECIMAL)
    written = judged(clinic, scanned(clinic, models, decimal), Charset.DECIMAL)
    yield Figure("cheque amounts exact", _exact(amounts), f"{len(amounts):,} amounts")
    yield Figure("clinic cells, digits exact", _exact(cells), f"{len(cells):,} cells")
    yield Figure("clinic cells, with separators", _exact(written), f"{len(written):,} cells")
    for name, readings in (("cheques", amounts), ("clinic cells", cells)):
        taken = coverage_at(error_curve(readings), TAKEN_ERRORS)
        yield Figure(f"{name} that need no look, at 1 % errors", f"{taken:.1%}", f"{len(readings):,} numbers")
    yield _not_flagged(cheques, results)
    yield from _calibration([*amounts, *cells])


def _speed(folder: Path, reader: NumberReader) -> Iterator[Figure]:
    for name, strips in (
        ("cheques", data.cheques(folder, Part.TEST)),
        ("clinic cells", data.clinic(folder, Part.TEST)),
    ):
        yield Figure(f"numbers a second on a core, {name}", f"{_per_second(reader, strips):.0f}", _TIMED_ON)


def _calibration(readings: Sequence[Judged]) -> Iterator[Figure]:
    sure = [reading.confidence for reading in readings]
    table = calibration_table(sure, [reading.right for reading in readings])
    name = "expected against true errors"
    yield Figure(f"{name}, mean of tenths", f"{expected_calibration_error(table):.1f} pts", f"{len(sure):,} numbers")
    yield Figure(f"{name}, worst tenth", f"{worst_gap(table):.1f} pts", f"{table[0].count} numbers in a tenth")
    others = sorted(abs(tenth.gap) for tenth in table)[:-1]
    yield Figure("... the second worst tenth", f"{max(others, default=0.0):.1f} pts", "")
    yield Figure("... worst by chance, were they true", f"{worst_gap_by_chance(sure):.1f} pts", "median of 200 draws")


def _not_flagged(strips: Sequence[Strip], results: Sequence[PageResult]) -> Figure:
    """What ``--max-error`` leaves without a flag, and how many of them are wrong."""
    pages = [
        replace(page, numbers=tuple(number for number in page.numbers if not number.review))
        for page in apply_max_error(results, TAKEN_ERRORS)
    ]
    left = [reading for reading in judged(strips, pages, Charset.DIGITS) if reading.confidence]
    wrong = sum(not reading.right for reading in left)
    value = f"{len(left) / len(strips):.1%}"
    return Figure("cheques not flagged with --max-error 1%", value, f"{wrong} wrong of {len(left)}")


_BATCH = 16
_TIMED_ON = f"batches of {_BATCH}, pictures in memory"


def _exact(readings: Sequence[Judged]) -> str:
    return f"{np.mean([reading.right for reading in readings]):.1%}"


def _per_second(reader: NumberReader, strips: Sequence[Strip]) -> float:
    """Numbers read in a second on one core, from gray pictures to texts; the fastest of some rounds."""
    pictures = [data.read_gray(strip.path) for strip in strips]
    batches = [pictures[start : start + _BATCH] for start in range(0, len(pictures) - _BATCH + 1, _BATCH)]
    if not batches:
        return 0.0
    with _one_thread():
        fastest = min(_seconds_to_read(reader, batches) for _ in range(_ROUNDS))
    return _BATCH * len(batches) / fastest


_ROUNDS = 3
"""Whatever else the machine does makes a round slower, never faster."""


def _seconds_to_read(reader: NumberReader, batches: Sequence[Sequence[Image]]) -> float:
    # Processor time: what else runs on the machine does not count.
    started = time.process_time()
    for batch in batches:
        reader.read([line_image(gray) for gray in batch], Charset.DIGITS)
    return time.process_time() - started


def _page_numbers(folder: Path, models: Models) -> Iterator[Figure]:
    """Real pages, by what kind of page they are; those that are not in the folder's truth are left out.

    Those with numbers are read as they are and turned.
    """
    truths = read_truth(folder / "pages" / "truth.json")
    losses = []
    for name, folders in _REAL_PAGES.items():
        chosen = [truth for truth in truths if truth.file.split("/")[0] in folders]
        if chosen:
            upright = read_real_pages(folder / "pages", chosen, models)
            if upright.numbers:
                yield _exact_of(f"{name}, numbers read", upright)
            pages = "1 page" if len(chosen) == 1 else f"{len(chosen)} pages"
            yield Figure("... false numbers beside them", str(upright.false), pages)
            for turn in TURNS if name in _TURNED and upright.numbers else ():
                lying = read_real_pages(folder / "pages", chosen, models, turn)
                losses.append(points_lost(upright, lying))
                yield _exact_of(f"... read {turn.name}", lying)
    if losses:
        yield Figure("worst loss by a turn or half resolution", f"{max(losses):.1f} pts", "of the pages above")


def _exact_of(name: str, counts: Counts) -> Figure:
    return Figure(name, f"{counts.exact / counts.numbers:.1%}", f"{counts.numbers} numbers")


def _page_seconds(folder: Path, models: Models) -> Iterator[Figure]:
    """Processor time of a page, from its file to its numbers; the fastest of some rounds."""
    path = folder / "pages" / _TIMED_PAGE
    if path.is_file():
        with _one_thread():
            fastest = min(_seconds_to_scan(path, models) for _ in range(_ROUNDS))
        yield Figure("a letter page, decoded and read", f"{fastest:.2f} s", "200 dpi, on a core, models loaded")


def _seconds_to_scan(path: Path, models: Models) -> float:
    started = time.process_time()
    for page in pages_in(path):
        scan_page(page, models)
    return time.process_time() - started


def _synthesised_pages(folder: Path) -> Iterator[Figure]:
    found = read_pages_aside(folder, _SYNTHESISED, _PROCESSES)
    yield Figure("synthesised pages, number F1", f"{found.f1:.1%}", f"{found.written:,} numbers")
    yield Figure("... precision", f"{found.precision:.1%}", f"{found.read:,} readings")
    yield Figure("... recall", f"{found.recall:.1%}", f"{found.written:,} numbers")
    yield Figure("... false numbers a page", f"{found.false / found.pages:.2f}", f"{found.pages} pages")


_SYNTHESISED = 200
"""Pages: some 1,500 handwritten numbers, and five minutes of processor time."""
_PROCESSES = 2


@contextmanager
def _one_thread() -> Iterator[None]:
    """OpenCV works in one thread for a while."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


def _start_times() -> Iterator[Figure]:
    yield Figure("digitscan --help", f"{_seconds(['--help']):.2f} s", f"median of {_RUNS} starts")
    with tempfile.TemporaryDirectory() as scratch:
        page = next(path for path in write_samples(Path(scratch)) if path.suffix == ".png")
        arguments = ["scan", str(page), "--out", str(Path(scratch) / "results.csv")]
        yield Figure(
            "cold start, one page read, CSV written", f"{_seconds(arguments):.2f} s", f"median of {_RUNS} starts"
        )


def _seconds(arguments: Iterable[str]) -> float:
    """Median wall-clock time of the whole process."""
    command = [*program("scanner"), *arguments]
    return statistics.median(_timed(command) for _ in range(_RUNS))


def _timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - this interpreter, our own arguments
    return time.perf_counter() - started


def format_figures(figures: Iterable[Figure]) -> Iterator[str]:
    """One line of text per figure, in columns."""
    for figure in figures:
        yield f"{figure.name:<42} {figure.value:>9}   {figure.sample}"
