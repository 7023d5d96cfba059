"""The material of synthetic pages: fonts to print with, digits and letters to write with."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.non_digits import load_drawn_alphabets
from scanner.datasets.number_sources import load_digit_pools
from scanner.errors import DataError
from scanner.synthesis import documents, fonts

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.datasets.data_folder import DataSplit
    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.ingredients import DigitPool
    from scanner.synthesis.scans import SyntheticPage
    from scanner.synthesis.writing import DrawnAlphabet


HELD_OUT_FAMILIES = frozenset(
    {"Computer Modern Sans", "Liberation Sans", "Nimbus Sans", "STIXGeneral"}
    # Of the data folder; the first two are drawn like two of those above.
    | {"Arimo", "STIX Two Text", "Courier Prime", "Fira Sans", "Gelasio", "Oswald", "Zilla Slab"}
)
"""Families that no training page is printed with.  Chosen by name, as the fonts installed differ between machines."""

PRINT_FONTS_FOLDER = "fonts/print"
"""Folder of print fonts in the data folder; it may be missing."""


@enum.unique
class HeldOutSeed(enum.IntEnum):
    """Seeds of synthetic pages that no training uses; different ones for each purpose."""

    PAGE_NETWORK_VALIDATION = 1_000_003
    PAGE_NETWORK_TEST = 1_000_004
    BENCHMARK = 1_000_005
    ORIENTATION_NETWORK = 1_000_011
    ORIENTATION_BENCHMARK = 1_000_012
    LINE_READER_CALIBRATION = 1_000_007
    FORM_BENCHMARK = 1_000_013


@dataclass(frozen=True, slots=True, eq=False)
class HandwritingSources:
    """Handwriting of real people to write pages with."""

    pools: tuple[DigitPool, ...] = ()
    """Pools of digits; if empty, all digits are written with the pen."""
    alphabets: tuple[DrawnAlphabet, ...] = ()
    """Alphabets of letters; if empty, all words are written with the pen."""


def find_training_fonts(folder: Path | None = None) -> tuple[FontFamily, ...]:
    """Find the font families to train with: packaged ones, the system's and the data folder's, except those held out.

    Args:
        folder: data folder; None for none.

    Raises:
        DataError: if there are none.
    """
    paths = fonts.find_packaged_fonts() + fonts.find_system_fonts() + _fonts_of_folder(folder)
    found = fonts.group_by_family(paths)
    return _require_fonts(tuple(family for family in found if family.name not in HELD_OUT_FAMILIES))


def find_held_out_fonts(folder: Path | None = None) -> tuple[FontFamily, ...]:
    """Find the held-out font families, among packaged ones and the data folder's, the same on every machine.

    Args:
        folder: data folder; None for none.

    Raises:
        DataError: if there are none.
    """
    found = fonts.group_by_family(fonts.find_packaged_fonts() + _fonts_of_folder(folder))
    return _require_fonts(tuple(family for family in found if family.name in HELD_OUT_FAMILIES))


def _fonts_of_folder(folder: Path | None) -> tuple[Path, ...]:
    return fonts.find_fonts_in(folder / PRINT_FONTS_FOLDER) if folder is not None else ()


def _require_fonts(families: tuple[FontFamily, ...]) -> tuple[FontFamily, ...]:
    if not families:
        raise DataError("the fonts to print pages with are not installed: pip install 'digitscan[train]'")
    return families


def load_handwriting(folder: Path | None, seed: int, split: DataSplit) -> HandwritingSources:
    """Load the digits and letters of one split of the data folder; none without a folder.

    Raises:
        DataError: if the folder lacks a source.
    """
    if folder is None:
        return HandwritingSources()
    return HandwritingSources(
        load_digit_pools(folder, np.random.default_rng((seed, 0)), split), load_drawn_alphabets(folder, split)
    )


def font_packages() -> tuple[str, ...]:
    """Names of the installed Python packages that bring fonts."""
    names = {entry.dist.name for entry in entry_points(group="fonts_ttf") if entry.dist is not None}
    return tuple(sorted(names | ({"matplotlib"} if find_spec("matplotlib") else set())))


def synthesize_page_within_dpi(
    rng: np.random.Generator,
    families: tuple[FontFamily, ...],
    handwriting: HandwritingSources,
    dpi_range: tuple[float, float],
) -> SyntheticPage:
    """Synthesize a page at a resolution drawn log-uniformly from ``dpi_range``."""
    dpi = float(np.exp(rng.uniform(*np.log(dpi_range))))
    return documents.synthesize_page(rng, families, handwriting.pools, dpi, alphabets=handwriting.alphabets)
