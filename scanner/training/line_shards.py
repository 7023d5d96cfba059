"""Shards of training lines: each holds lines of all sources, made from nothing but the data folder and a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.labelled_crops import load_cheques, load_clinic_cells
from scanner.datasets.number_sources import load_number_material
from scanner.datasets.page_sources import find_training_fonts, load_handwriting, synthesize_page_within_dpi
from scanner.datasets.register_pages import load_register_pages
from scanner.training.line_sets import LabelledLines
from scanner.training.number_line_samples import (
    RealNumbers,
    load_real_numbers,
    splice_lines,
    synthesize_lines,
    unvaried_lines,
    vary_lines,
)
from scanner.training.page_window_samples import cut_page_windows
from scanner.training.register_line_samples import (
    RegisterLines,
    load_register_lines,
    unvaried_register_lines,
    vary_register_lines,
)

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.datasets.page_sources import HandwritingSources
    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.ingredients import NumberMaterial
    from scanner.types import Image

_DPI_RANGE = (80.0, 260.0)
"""Resolutions of the pages, drawn log-uniformly; lines of higher ones look no different to the reader."""


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """How many lines of each source a shard has."""

    synthetic: int = 1_600
    """Synthetic pictures of one number."""
    pages: int = 24
    """Synthetic pages, each with some eighty windows."""
    cheques: int = 600
    clinic: int = 700
    registers: int = 700
    spliced: int = 500
    """Lines spliced from two cheques."""


@dataclass(frozen=True, slots=True, eq=False)
class RealSources:
    """Real numbers of one split."""

    numbers: tuple[RealNumbers, ...]
    """Cheques and clinic cells."""
    registers: RegisterLines

    def unvaried(self) -> tuple[LabelledLines, ...]:
        """The lines of each source as they are."""
        return (*map(unvaried_lines, self.numbers), unvaried_register_lines(self.registers))


def load_real_sources(folder: Path, split: DataSplit) -> RealSources:
    """Load the real numbers of a split.

    Args:
        folder: data folder.
        split: the split.

    Raises:
        DataError: if a source is missing.
    """
    numbers = (
        load_real_numbers("cheques", load_cheques(folder, split), separators_omitted=True),
        load_real_numbers("clinic", load_clinic_cells(folder, split), separators_omitted=False),
    )
    return RealSources(numbers, load_register_lines(load_register_pages(folder, split)))


class ShardMaker:
    """Makes shards of lines.  It is sent to other processes, and there loads what it makes them of."""

    def __init__(self, folder: Path | None, seed: int, plan: ShardPlan) -> None:
        """Say what shards are made of; ``folder`` is the data folder, if there is one."""
        self._folder, self._seed, self._plan = folder, seed, plan
        self._sources: _ShardSources | None = None

    def __call__(self, index: int) -> tuple[LabelledLines, ...]:
        """Make the shard of this index: always the same for the same seed.

        Raises:
            DataError: if a source is missing.
        """
        cv2.setNumThreads(1)
        if self._sources is None:
            self._sources = _load_shard_sources(self._folder, self._seed)
        sources, plan = self._sources, self._plan
        rng = np.random.default_rng((self._seed, 1, index))
        sets = [synthesize_lines(sources.material, plan.synthetic, rng), _page_lines(sources, plan.pages, rng)]
        if sources.real is not None:
            for numbers in sources.real.numbers:
                sets.append(vary_lines(numbers, {"cheques": plan.cheques, "clinic": plan.clinic}[numbers.name], rng))
                if numbers.name == "cheques":
                    sets.append(splice_lines(numbers, plan.spliced, rng))
            sets.append(vary_register_lines(sources.real.registers, plan.registers, rng))
        return tuple(sets)


@dataclass(frozen=True, slots=True, eq=False)
class _ShardSources:
    material: NumberMaterial
    families: tuple[FontFamily, ...]
    handwriting: HandwritingSources
    real: RealSources | None


def _load_shard_sources(folder: Path | None, seed: int) -> _ShardSources:
    real = None if folder is None else load_real_sources(folder, DataSplit.TRAIN)
    handwriting = load_handwriting(folder, seed, DataSplit.TRAIN)
    return _ShardSources(load_number_material(folder, seed), find_training_fonts(folder), handwriting, real)


def _page_lines(sources: _ShardSources, count: int, rng: np.random.Generator) -> LabelledLines:
    windows: list[tuple[Image, str]] = []
    for _ in range(count):
        page = synthesize_page_within_dpi(rng, sources.families, sources.handwriting, _DPI_RANGE)
        windows += cut_page_windows(page, rng)
    images, texts = tuple(image for image, _ in windows), tuple(text for _, text in windows)
    return LabelledLines("pages", images, texts, False, np.arange(len(windows)))
