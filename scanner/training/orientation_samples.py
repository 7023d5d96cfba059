"""Characters to train the orientation network on, cut from synthetic pages as a scan cuts them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.data_folder import split_of_group
from scanner.datasets.page_sources import synthesize_page_within_dpi
from scanner.datasets.parallel_map import parallel_map, split_into_ranges
from scanner.geometry.orientation import cut_characters
from scanner.options import PageOrCrop, ScanOptions
from scanner.preparation import isolate_page, rectify_page
from scanner.synthesis import fonts
from scanner.synthesis.number_tables import synthesize_number_table
from scanner.synthesis.text_sheets import synthesize_text_sheet

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.datasets.data_folder import DataSplit
    from scanner.datasets.page_sources import HandwritingSources
    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.scans import SyntheticPage
    from scanner.types import Image

DPI_RANGE = (80.0, 250.0)
"""Resolutions of the pages, drawn log-uniformly; a choice: beyond, the images of characters are all alike."""
_PAGE_SHARE, _TABLE_SHARE, _PRINT_SHARE = 0.4, 0.2, 0.2
"""Shares of pages of any type, of tables of two-digit numbers, and of sheets of print; the others are sheets in
handwriting fonts.  A choice."""
_PAGES_PER_TASK = 25
"""Pages given to a process at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class OrientationSources:
    """What pages are made of."""

    print_families: tuple[FontFamily, ...]
    handwriting_families: tuple[FontFamily, ...]
    """Handwriting fonts; if empty, those of print are used in their place."""
    handwriting: HandwritingSources


def find_handwriting_families(folder: Path | None, split: DataSplit) -> tuple[FontFamily, ...]:
    """Find the families of handwriting fonts of one split of the data folder; none without a folder, or without fonts.

    Args:
        folder: the data folder.
        split: families are split by the order of their names.
    """
    if folder is None:
        return ()
    families = fonts.group_by_family(fonts.find_fonts_in(folder / "fonts" / "handwriting"))
    return tuple(family for index, family in enumerate(families) if split_of_group(index) is split)


def make_character_samples(sources: OrientationSources, seed: int, page_count: int, processes: int) -> Image:
    """Cut characters from synthetic pages.

    Args:
        sources: what pages are made of.
        seed: of the pages.
        page_count: number of pages.
        processes: number of processes; it does not change the characters.

    Returns:
        Upright characters, shape (N, side, side), uint8, about 60 of each page.
    """
    tasks = split_into_ranges(page_count, _PAGES_PER_TASK)
    cut_task = partial(_cut_characters_of_task, sources, seed)
    return np.concatenate(list(parallel_map(cut_task, tasks, processes, items_per_task=1)))


def _cut_characters_of_task(sources: OrientationSources, seed: int, page_indices: range) -> Image:
    cv2.setNumThreads(1)
    characters = []
    for index in page_indices:
        page = _synthesize_page(np.random.default_rng((seed, index)), sources)
        ink = rectify_page(isolate_page(page.image, _OPTIONS), None, _OPTIONS).ink
        characters.append(cut_characters(ink, ink.components))
    return np.concatenate(characters)


_OPTIONS = ScanOptions(page_or_crop=PageOrCrop.PAGE)


def _synthesize_page(rng: np.random.Generator, sources: OrientationSources) -> SyntheticPage:
    dpi = float(np.exp(rng.uniform(*np.log(DPI_RANGE))))
    kind = rng.random()
    if kind < _PAGE_SHARE:
        return synthesize_page_within_dpi(rng, sources.print_families, sources.handwriting, DPI_RANGE)
    if kind < _PAGE_SHARE + _TABLE_SHARE:
        return synthesize_number_table(rng, sources.print_families, sources.handwriting.pools, dpi)
    is_print = kind < _PAGE_SHARE + _TABLE_SHARE + _PRINT_SHARE or not sources.handwriting_families
    families = sources.print_families if is_print else sources.handwriting_families
    return synthesize_text_sheet(rng, families, dpi)
