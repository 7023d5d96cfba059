"""What synthesised pages are made of: fonts to print with, digits and letters to write with."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets import labelled
from scanner.datasets.number_material import load_digit_pools
from scanner.errors import DataError
from scanner.synthesis import documents, fonts

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.ingredients import DigitPool
    from scanner.synthesis.scans import SyntheticPage
    from scanner.synthesis.writing import DrawnAlphabet


HELD_OUT_FAMILIES = frozenset({"Computer Modern Sans", "Liberation Sans", "Nimbus Sans", "STIXGeneral"})
"""Families that no page to train on is printed with.  Named, not counted: which fonts there are differs by machine."""


@dataclass(frozen=True, slots=True, eq=False)
class HandwritingSources:
    """What people drew, to write on pages with."""

    pools: tuple[DigitPool, ...] = ()
    """Of digits; without any all digits are written with the pen."""
    alphabets: tuple[DrawnAlphabet, ...] = ()
    """Of letters; without any all words are."""


def find_training_fonts() -> tuple[FontFamily, ...]:
    """The families to train with: packaged ones and the system's, without those held aside.

    Raises:
        DataError: if there are none.
    """
    found = fonts.group_by_family(fonts.find_packaged_fonts() + fonts.find_system_fonts())
    return _require_fonts(tuple(family for family in found if family.name not in HELD_OUT_FAMILIES))


def find_held_out_fonts() -> tuple[FontFamily, ...]:
    """The families held aside.  Of packaged ones alone: what is measured with them is the same on every machine.

    Raises:
        DataError: if there are none.
    """
    found = fonts.group_by_family(fonts.find_packaged_fonts())
    return _require_fonts(tuple(family for family in found if family.name in HELD_OUT_FAMILIES))


def _require_fonts(families: tuple[FontFamily, ...]) -> tuple[FontFamily, ...]:
    if not families:
        raise DataError("the fonts to print pages with are not installed: pip install 'digitscan[train]'")
    return families


def load_handwriting(folder: Path | None, seed: int, split: labelled.DataSplit) -> HandwritingSources:
    """The digits and letters of one part of the data folder; nothing without a folder.

    Raises:
        DataError: if the folder lacks a source.
    """
    if folder is None:
        return HandwritingSources()
    return HandwritingSources(
        load_digit_pools(folder, np.random.default_rng((seed, 0)), split), labelled.load_drawn_alphabets(folder, split)
    )


def font_packages() -> tuple[str, ...]:
    """The Python packages that packaged fonts come from."""
    names = {entry.dist.name for entry in entry_points(group="fonts_ttf") if entry.dist is not None}
    return tuple(sorted(names | ({"matplotlib"} if find_spec("matplotlib") else set())))


def synthesize_page_within_dpi(
    rng: np.random.Generator,
    families: tuple[FontFamily, ...],
    handwriting: HandwritingSources,
    dpi_range: tuple[float, float],
) -> SyntheticPage:
    """A page at a resolution between these, their logarithm evenly."""
    dpi = float(np.exp(rng.uniform(*np.log(dpi_range))))
    return documents.synthesize_page(rng, families, handwriting.pools, dpi, alphabets=handwriting.alphabets)
