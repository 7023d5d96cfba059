"""Make the pages that the page network is trained on, each a file, so that an interruption loses none.

There are four sources: synthetic pages, tables pasted together of photographed cells and cheque amounts, the pages of
registers, and real pages of all other kinds.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.labelled_crops import load_cheques, load_clinic_cells
from scanner.datasets.non_digits import load_drawn_alphabets
from scanner.datasets.number_mosaics import NumberMosaicSource, load_mosaic_crops
from scanner.datasets.page_sources import (
    HandwritingSources,
    HeldOutSeed,
    find_held_out_fonts,
    find_training_fonts,
    load_handwriting,
    synthesize_page_within_dpi,
)
from scanner.datasets.parallel_map import parallel_map, split_into_ranges
from scanner.datasets.register_pages import load_register_pages
from scanner.datasets.register_sheets import label_register_page
from scanner.isolated_python import isolated
from scanner.training.known_pages import make_known_pages
from scanner.training.page_samples import make_page_sample, save_page_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.scans import SyntheticPage
    from scanner.training.page_plan import PageNetworkPlan

    ReportLine = Callable[[str], None]
    DrawPage = Callable[[np.random.Generator], SyntheticPage]

_SYNTHETIC = "synthetic"
"""Start of the names of synthetic pages."""
_DPI_RANGE = (90.0, 250.0)
"""Resolutions of synthetic pages, drawn log-uniformly; higher ones look no different to the network."""
_PAGES_PER_TASK = 16
"""Pages sent to a process at a time; their material is sent again with each task."""


@dataclass(frozen=True, slots=True)
class SyntheticPageSource:
    """Draws synthetic pages."""

    families: tuple[FontFamily, ...]
    """Fonts to print with."""
    handwriting: HandwritingSources
    """Digits and letters to write with."""

    def __call__(self, rng: np.random.Generator) -> SyntheticPage:
        """Draw a page; the same generator state gives the same one."""
        return synthesize_page_within_dpi(rng, self.families, self.handwriting, _DPI_RANGE)


def make_page_files(
    draw_page: DrawPage, folder: Path, name: str, seed: int, count: int, processes: int
) -> tuple[Path, ...]:
    """Make ``count`` pages of a source, except those that are in the folder already.

    Args:
        draw_page: draws a page; picklable.
        folder: where the files are written; created if missing.
        name: start of the names of the files.
        seed: page ``index`` is made from the seed ``(seed, index)``.
        count: number of pages.
        processes: number of processes that make them.

    Returns:
        The files, by index.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = page_paths(folder, name, count)
    missing = [index for index, path in enumerate(paths) if not path.exists()]
    chunks = [
        tuple(missing[indices.start : indices.stop]) for indices in split_into_ranges(len(missing), _PAGES_PER_TASK)
    ]
    make_task = partial(_make_files_of_task, draw_page, seed, paths)
    for _ in parallel_map(make_task, chunks, processes, items_per_task=1):
        pass
    return paths


def page_paths(folder: Path, name: str, count: int) -> tuple[Path, ...]:
    """Files of the first ``count`` pages of a source, by index."""
    return tuple(folder / f"{name}-{index:05}.npz" for index in range(count))


def _make_files_of_task(draw_page: DrawPage, seed: int, paths: tuple[Path, ...], indices: tuple[int, ...]) -> int:
    cv2.setNumThreads(1)
    for index in indices:
        if paths[index].exists():
            continue
        rng = np.random.default_rng((seed, index))
        # There is nothing to learn from an empty page: draw another one.
        while (sample := make_page_sample(draw_page(rng))) is None:
            pass
        save_page_sample(paths[index], sample)
    return len(indices)


def load_mosaic_source(folder: Path, with_clinic: bool) -> NumberMosaicSource:
    """Load the photographed numbers of the training split, to paste pages together of.

    Raises:
        DataError: if a source is missing.
    """
    split = DataSplit.TRAIN
    labelled = [load_cheques(folder, split)]
    if with_clinic:
        # Twice: cells are like what stands in tables.
        labelled = [load_clinic_cells(folder, split)] * 2 + labelled
    return NumberMosaicSource(
        tuple(load_mosaic_crops(crops) for crops in labelled), load_drawn_alphabets(folder, split)
    )


def make_register_files(folder: Path, split: DataSplit, pages_folder: Path) -> tuple[Path, ...]:
    """Make the pages of registers of a split, except those that are in ``pages_folder`` already.

    Raises:
        DataError: if the truth or an image is missing.
    """
    pages_folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for page in load_register_pages(folder, split):
        path = pages_folder / f"register-{split.value}-{page.path.stem}.npz"
        if not path.exists() and (sample := make_page_sample(label_register_page(page))) is not None:
            save_page_sample(path, sample)
        paths.append(path)
    return tuple(path for path in paths if path.exists())


@dataclass(frozen=True, slots=True)
class PageFiles:
    """Files of the pages to train and measure on."""

    synthetic: tuple[Path, ...]
    mosaics: tuple[Path, ...]
    registers: tuple[Path, ...]
    known_pages: tuple[Path, ...]
    """Real pages of all other kinds."""
    validation: tuple[Path, ...]
    """Synthetic pages with held-out fonts and handwriting."""
    validation_registers: tuple[Path, ...]
    test: tuple[Path, ...]


def make_training_pages(
    folder: Path | None,
    pages_folder: Path,
    seed: int,
    plan: PageNetworkPlan,
    report_line: ReportLine,
    without: Collection[str] = (),
) -> PageFiles:
    """Make the pages that training begins with, those that are not in the folder yet.

    Args:
        folder: data folder; without one there are synthetic pages only.
        pages_folder: where the pages are written, for all runs of a seed.
        seed: of the pages to train on.
        plan: how many.
        report_line: called with each line of progress.
        without: names of sources and kinds of pages that are left out.
    """
    report_line(f"making {plan.synthetic_pages:,} synthetic pages, {plan.mosaics} mosaics, and reading real pages")
    make = partial(make_page_files, folder=pages_folder, processes=plan.processes)
    held_out = {
        split: make(
            SyntheticPageSource(find_held_out_fonts(folder), load_handwriting(folder, held_out_seed, split)),
            name=split.value,
            seed=held_out_seed,
            count=count,
        )
        for split, held_out_seed, count in (
            (DataSplit.VALIDATION, HeldOutSeed.PAGE_NETWORK_VALIDATION, plan.validation_pages),
            (DataSplit.TEST, HeldOutSeed.PAGE_NETWORK_TEST, plan.test_pages),
        )
    }
    _make_synthetic_pages(folder, pages_folder, seed, plan.pages_at(0), plan.processes)
    mosaics: tuple[Path, ...] = ()
    registers: dict[DataSplit, tuple[Path, ...]] = {}
    known_pages: tuple[Path, ...] = ()
    if folder is not None:
        with_clinic = "clinic" not in without
        name = "mosaic" if with_clinic else "mosaic-of-cheques"
        mosaics = make(load_mosaic_source(folder, with_clinic), name=name, seed=seed, count=plan.mosaics)
        registers = {
            split: make_register_files(folder, split, pages_folder) for split in (DataSplit.TRAIN, DataSplit.VALIDATION)
        }
        known_pages = make_known_pages(folder, pages_folder.parent, seed, plan.processes, without).samples
    return PageFiles(
        page_paths(pages_folder, _SYNTHETIC, plan.synthetic_pages),
        mosaics,
        () if "registers" in without else registers.get(DataSplit.TRAIN, ()),
        known_pages,
        held_out[DataSplit.VALIDATION],
        registers.get(DataSplit.VALIDATION, ()),
        held_out[DataSplit.TEST],
    )


def _make_synthetic_pages(folder: Path | None, pages_folder: Path, seed: int, count: int, processes: int) -> None:
    source = SyntheticPageSource(find_training_fonts(folder), load_handwriting(folder, seed, DataSplit.TRAIN))
    make_page_files(source, pages_folder, _SYNTHETIC, seed, count, processes)


@contextmanager
def other_pages_made(folder: Path | None, pages_folder: Path, seed: int, plan: PageNetworkPlan) -> Iterator[None]:
    """Make the pages that training does not begin with in another process, which ends with the ``with`` block."""
    arguments = (folder, pages_folder, seed, plan.synthetic_pages, 1)
    maker = get_context("spawn").Process(target=_make_synthetic_pages, args=arguments)
    with isolated():
        maker.start()
    try:
        yield
    finally:
        maker.terminate()
        maker.join()
