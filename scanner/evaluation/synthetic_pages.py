"""Evaluation on synthetic pages, printed and written with fonts and digits that no training uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.page_sources import (
    HandwritingSources,
    HeldOutSeed,
    find_held_out_fonts,
    load_handwriting,
    synthesize_page_within_dpi,
)
from scanner.datasets.parallel_map import parallel_map, split_into_ranges
from scanner.evaluation.alignment import match_boxes
from scanner.evaluation.ground_truth import keep_digits
from scanner.pipeline import scan_page
from scanner.reading_models import load_models
from scanner.types import Box, PageImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.page_content import PageNumber
    from scanner.types import Number


DPI_RANGE = (100.0, 300.0)
"""Resolutions of the pages, drawn log-uniformly: from a snapshot to a good scan."""

PAGES_PER_TASK = 5
"""Pages given to a process at a time, which loads the models for each task."""


@dataclass(frozen=True, slots=True)
class ReadingCounts:
    """Counts of handwritten numbers on some pages; crossed-out numbers and their readings are not counted."""

    pages: int = 0
    written: int = 0
    read: int = 0
    correct: int = 0
    """Readings at the position of a number with exactly its digits."""
    false: int = 0
    """Readings where there is no handwritten number."""

    def __add__(self, other: ReadingCounts) -> ReadingCounts:
        return ReadingCounts(
            self.pages + other.pages,
            self.written + other.written,
            self.read + other.read,
            self.correct + other.correct,
            self.false + other.false,
        )

    @property
    def precision(self) -> float:
        """Share of the readings that are correct, 0-1."""
        return self.correct / max(self.read, 1)

    @property
    def recall(self) -> float:
        """Share of the written numbers that were read correctly, 0-1."""
        return self.correct / max(self.written, 1)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0-1."""
        return 2 * self.correct / max(self.read + self.written, 1)


def count_readings(numbers: Iterable[PageNumber], read_numbers: Sequence[Number]) -> ReadingCounts:
    """Compare the numbers read on a page with the true ones.

    A reading is paired with the number whose box it overlaps most, or else with one whose box holds its centre or the
    other way round.
    """
    handwritten = [number for number in numbers if number.kind == "handwritten" and keep_digits(number.text)]
    expected = [number for number in handwritten if not number.crossed_out]
    crossed_out = [number.box for number in handwritten if number.crossed_out]
    pairs = match_boxes([number.box for number in expected], [number.box for number in read_numbers])
    partner = {j: i for i, j in pairs if i is not None and j is not None}
    missed = [i for i, j in pairs if i is not None and j is None]
    ignored = 0
    for j in (j for i, j in pairs if i is None and j is not None):
        box = read_numbers[j].box
        i = next((i for i in missed if _either_center_inside(box, expected[i].box)), None)
        if i is not None:
            partner[j] = i
            missed.remove(i)
        elif any(_either_center_inside(box, other) for other in crossed_out):
            ignored += 1
    correct = sum(keep_digits(read_numbers[j].text) == keep_digits(expected[i].text) for j, i in partner.items())
    counted = len(read_numbers) - ignored
    return ReadingCounts(1, len(expected), counted, correct, counted - len(partner))


def _either_center_inside(a: Box, b: Box) -> bool:
    """Whether the centre of either box lies in the other."""
    return _contains(a, b.center) or _contains(b, a.center)


def _contains(box: Box, point: tuple[float, float]) -> bool:
    return box.x <= point[0] < box.right and box.y <= point[1] < box.bottom


def read_synthetic_pages(folder: Path | None, count: int, processes: int, weights: Path | None = None) -> ReadingCounts:
    """Synthesize pages, scan them with default options, and count.

    Args:
        folder: data folder whose test split the pages are written with; None for the pen alone.
        count: number of pages.
        processes: number of processes that synthesize and scan pages; it does not change the counts.
        weights: folder of weights; those that it lacks come with the program.

    Raises:
        DataError: if the folder lacks a source, or the fonts are not installed.
        NotInstalledError: if weights are missing.
    """
    handwriting = load_handwriting(folder, HeldOutSeed.BENCHMARK, DataSplit.TEST)
    read_task = partial(_read_pages_of_task, find_held_out_fonts(), handwriting, weights)
    tasks = split_into_ranges(count, PAGES_PER_TASK)
    return sum(parallel_map(read_task, tasks, processes, items_per_task=1), ReadingCounts())


def _read_pages_of_task(
    families: tuple[FontFamily, ...], handwriting: HandwritingSources, weights: Path | None, page_indices: range
) -> ReadingCounts:
    cv2.setNumThreads(1)
    models = load_models(folder=weights)
    counts = ReadingCounts()
    for index in page_indices:
        rng = np.random.default_rng((HeldOutSeed.BENCHMARK, index))
        page = synthesize_page_within_dpi(rng, families, handwriting, DPI_RANGE)
        counts += count_readings(page.numbers, scan_page(PageImage(f"{index}.png", 1, page.image), models).numbers)
    return counts
