"""Evaluation of the orientation found: real pages and tables of two-digit numbers, each the four ways up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.page_sources import HandwritingSources, HeldOutSeed, find_held_out_fonts, load_handwriting
from scanner.datasets.parallel_map import parallel_map, split_into_ranges
from scanner.errors import DataError
from scanner.evaluation.benchmark import Measurement
from scanner.options import PageOrCrop, Readers, ScanOptions
from scanner.preparation import isolate_page, orientation_judges, rectify_page
from scanner.reading_models import load_networks
from scanner.sources.decoding import decode_file
from scanner.sources.discovery import find_files
from scanner.synthesis.number_tables import synthesize_number_table
from scanner.types import PageImage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scanner.geometry.orientation import OrientationJudges
    from scanner.synthesis.fonts import FontFamily
    from scanner.types import Image

NUMBER_TABLE_COUNT = 500
"""Tables of two-digit numbers."""
DPI_RANGE = (100.0, 300.0)
"""Resolutions of the tables, drawn log-uniformly: from a snapshot to a good scan."""
_PROCESS_COUNT = 2
"""Processes that synthesize and look at them; the figures do not depend on it."""
_TABLES_PER_TASK = 10
"""Tables given to a process at a time."""
_TURNS_OF_SIDEWAYS_FILES = {"logbooks/b857fe01.jpg": 3}
"""Quarter turns counter-clockwise that set those real pages upright that came another way up."""
_OPTIONS = ScanOptions(page_or_crop=PageOrCrop.PAGE)


@dataclass(frozen=True, slots=True)
class OrientationCounts:
    """Counts of pages, each shown the four ways up."""

    pages: int = 0
    upright_turned: int = 0
    """Upright ones that were turned."""
    set_upright: int = 0
    """Of the three turned ones of each page, those that were set upright."""
    left: int = 0
    """Turned ones that were left as they were."""
    turned_wrongly: int = 0
    """Turned ones that were turned another way."""

    def __add__(self, other: OrientationCounts) -> OrientationCounts:
        return OrientationCounts(
            self.pages + other.pages,
            self.upright_turned + other.upright_turned,
            self.set_upright + other.set_upright,
            self.left + other.left,
            self.turned_wrongly + other.turned_wrongly,
        )

    @property
    def turned(self) -> int:
        """Pages shown another way than upright."""
        return 3 * self.pages


def load_judges(weights: Path | None = None) -> OrientationJudges:
    """Load what tells which way up a page is.

    Args:
        weights: folder of weights; those that it lacks come with the program.

    Raises:
        NotInstalledError: if weights are missing.
    """
    judges = orientation_judges(load_networks(readers=Readers.CONTOURS, folder=weights))
    assert judges is not None
    return judges


def count_orientations(image: Image, judges: OrientationJudges, upright_turns: int = 0) -> OrientationCounts:
    """Show a page the four ways up, and count.

    Args:
        image: shape (H, W, 3), uint8, BGR.
        judges: from :func:`scanner.preparation.orientation_judges`.
        upright_turns: quarter turns counter-clockwise that set ``image`` upright.
    """
    upright = np.rot90(image, upright_turns)
    found = [_find_quarter_turns(np.rot90(upright, -turns).copy(), judges) for turns in range(4)]
    return OrientationCounts(
        1,
        upright_turned=int(found[0] != 0),
        set_upright=sum(found[turns] == turns for turns in (1, 2, 3)),
        left=sum(found[turns] == 0 for turns in (1, 2, 3)),
        turned_wrongly=sum(found[turns] not in {0, turns} for turns in (1, 2, 3)),
    )


def _find_quarter_turns(image: Image, judges: OrientationJudges) -> int:
    return rectify_page(isolate_page(image, _OPTIONS), judges, _OPTIONS).pose.quarter_turns


def count_real_pages(folder: Path, weights: Path | None = None) -> dict[str, OrientationCounts]:
    """Show all pages in the subfolders of a folder the four ways up; counts by subfolder.

    Args:
        folder: the folder.
        weights: folder of weights, for :func:`load_judges`.

    Raises:
        DataError: if there are none, or one cannot be read.
        NotInstalledError: if weights are missing.
    """
    judges = load_judges(weights)
    counts: dict[str, OrientationCounts] = defaultdict(OrientationCounts)
    for page in chain.from_iterable(decode_file(ref) for ref in find_files([folder])):
        if not isinstance(page, PageImage):
            raise DataError(f"{folder}: {page.error}")
        turns = _TURNS_OF_SIDEWAYS_FILES.get(page.file, 0)
        counts[page.file.split("/")[0]] += count_orientations(page.image, judges, turns)
    return dict(counts)


def count_number_tables(
    folder: Path | None, count: int, processes: int, weights: Path | None = None
) -> OrientationCounts:
    """Synthesize tables of two-digit numbers with fonts and digits that no training uses, and show them the four ways.

    Args:
        folder: data folder whose test split the tables are written with; None for the pen alone.
        count: number of tables.
        processes: number of processes; it does not change the counts.
        weights: folder of weights, for :func:`load_judges`.

    Raises:
        DataError: if the folder lacks a source, or the fonts are not installed.
        NotInstalledError: if weights are missing.
    """
    handwriting = load_handwriting(folder, HeldOutSeed.ORIENTATION_BENCHMARK, DataSplit.TEST)
    count_task = partial(_count_tables_of_task, find_held_out_fonts(), handwriting, weights)
    tasks = split_into_ranges(count, _TABLES_PER_TASK)
    return sum(parallel_map(count_task, tasks, processes, items_per_task=1), OrientationCounts())


def _count_tables_of_task(
    families: tuple[FontFamily, ...], handwriting: HandwritingSources, weights: Path | None, indices: range
) -> OrientationCounts:
    cv2.setNumThreads(1)
    judges = load_judges(weights)
    return sum(
        (count_orientations(image, judges) for image in _number_tables(families, handwriting, indices)),
        OrientationCounts(),
    )


def _number_tables(
    families: tuple[FontFamily, ...], handwriting: HandwritingSources, indices: range
) -> Iterator[Image]:
    for index in indices:
        rng = np.random.default_rng((HeldOutSeed.ORIENTATION_BENCHMARK, index))
        dpi = float(np.exp(rng.uniform(*np.log(DPI_RANGE))))
        yield synthesize_number_table(rng, families, handwriting.pools, dpi).image


def run_orientation_benchmark(folder: Path, weights: Path | None = None) -> Iterator[Measurement]:
    """Measure how pages that lie the four ways up are turned.

    Args:
        folder: the data folder.
        weights: folder of weights, for :func:`load_judges`.

    Raises:
        DataError: if pages or sources are missing.
        NotInstalledError: if weights are missing.
    """
    real = count_real_pages(folder / "pages", weights)
    tables = count_number_tables(folder, NUMBER_TABLE_COUNT, _PROCESS_COUNT, weights)
    together = sum(real.values(), OrientationCounts())
    for name, counts in (*real.items(), ("real pages together", together), ("tables of two-digit numbers", tables)):
        pages = "1 page" if counts.pages == 1 else f"{counts.pages} pages"
        yield Measurement(f"{name}: upright ones turned", str(counts.upright_turned), pages)
        share = f"{100 * counts.set_upright / counts.turned:.1f} %"
        left = f"{counts.turned} turned ones, {counts.left} left, {counts.turned_wrongly} turned wrongly"
        yield Measurement(f"{name}: turned ones set upright", share, left)
