"""How well whole pages are read: synthesised ones, of fonts and with digits that nothing was trained with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.labelled import DataSplit
from scanner.datasets.page_material import (
    HandwritingSources,
    find_held_out_fonts,
    load_handwriting,
    synthesize_page_within_dpi,
)
from scanner.datasets.parallel import parallel_map, split_into_ranges
from scanner.evaluation.alignment import match_boxes
from scanner.evaluation.ground_truth import keep_digits
from scanner.pipeline import scan_page
from scanner.recognition.models import load_models
from scanner.types import Box, PageImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.page_content import PageNumber
    from scanner.types import Number


_PAGE_SEED = 1_000_005
"""Of pages that no training and no card has seen."""

_DPI_RANGE = (100.0, 300.0)
"""Between these resolutions pages are drawn, their logarithm evenly: from a snapshot to a good scan."""

_PAGES_PER_TASK = 5
"""Handed to a process at a time, which loads the models for each lot."""


@dataclass(frozen=True, slots=True)
class ReadingCounts:
    """What became of the handwritten numbers of some pages; crossed-out ones count neither way."""

    pages: int = 0
    written: int = 0
    read: int = 0
    correct: int = 0
    """Read where they are written, digit for digit."""
    false: int = 0
    """Read where no handwritten number is."""

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
        """Share of what was read that is right, 0-1."""
        return self.correct / max(self.read, 1)

    @property
    def recall(self) -> float:
        """Share of what is written that was read right, 0-1."""
        return self.correct / max(self.written, 1)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0-1."""
        return 2 * self.correct / max(self.read + self.written, 1)


def count_readings(numbers: Iterable[PageNumber], read_numbers: Sequence[Number]) -> ReadingCounts:
    """Compare what was read on a page with what is written there.

    A reading belongs to the number that its box overlaps most, or else to the
    one in whose box its centre lies or the other way round.
    """
    written = [number for number in numbers if number.kind == "handwritten" and keep_digits(number.text)]
    wanted = [number for number in written if not number.crossed_out]
    crossed_out = [number.box for number in written if number.crossed_out]
    pairs = match_boxes([number.box for number in wanted], [number.box for number in read_numbers])
    partner = {j: i for i, j in pairs if i is not None and j is not None}
    missed = [i for i, j in pairs if i is not None and j is None]
    passed_over = 0
    for j in (j for i, j in pairs if i is None and j is not None):
        box = read_numbers[j].box
        i = next((i for i in missed if _either_center_inside(box, wanted[i].box)), None)
        if i is not None:
            partner[j] = i
            missed.remove(i)
        elif any(_either_center_inside(box, other) for other in crossed_out):
            passed_over += 1
    right = sum(keep_digits(read_numbers[j].text) == keep_digits(wanted[i].text) for j, i in partner.items())
    counted = len(read_numbers) - passed_over
    return ReadingCounts(1, len(wanted), counted, right, counted - len(partner))


def _either_center_inside(a: Box, b: Box) -> bool:
    """Whether the centre of one box lies in the other."""
    return _contains(a, b.center) or _contains(b, a.center)


def _contains(box: Box, point: tuple[float, float]) -> bool:
    return box.x <= point[0] < box.right and box.y <= point[1] < box.bottom


def read_synthetic_pages(folder: Path | None, count: int, processes: int) -> ReadingCounts:
    """Synthesise pages, read them by default settings, and compare.

    Args:
        folder: whose digits of the part to report on are written on the pages; the pen alone if None.
        count: of pages.
        processes: that synthesise and read them; how many changes nothing else.

    Raises:
        DataError: if the folder lacks a source, or the fonts are not installed.
        MissingPartError: if weights are missing.
    """
    drawn = load_handwriting(folder, _PAGE_SEED, DataSplit.TEST)
    make = partial(_read_pages_of_task, find_held_out_fonts(), drawn)
    return sum(
        parallel_map(make, split_into_ranges(count, _PAGES_PER_TASK), processes, items_per_task=1), ReadingCounts()
    )


def _read_pages_of_task(families: tuple[FontFamily, ...], drawn: HandwritingSources, indices: range) -> ReadingCounts:
    cv2.setNumThreads(1)
    models = load_models()
    found = ReadingCounts()
    for index in indices:
        page = synthesize_page_within_dpi(np.random.default_rng((_PAGE_SEED, index)), families, drawn, _DPI_RANGE)
        found += count_readings(page.numbers, scan_page(PageImage(f"{index}.png", 1, page.image), models).numbers)
    return found
