"""Labelled letters and operators: samples of "no digit", and alphabets to write words with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import (
    SAMPLES_PER_BLOCK,
    DataSplit,
    DigitSamples,
    load_arrays,
    split_of_group,
    stack_samples,
)
from scanner.image.digit_frame import digit_frame
from scanner.types import NO_DIGIT_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scanner.types import Image

_PRINTED_LETTERS_LIKE_DIGITS = frozenset("BDGIJ")
"""Printed letters that are no samples of "no digit": only their context distinguishes them from digits."""
_DRAWN_LETTERS_UNLIKE_DIGITS = frozenset("acefhkmnrvwx")
"""Handwritten letters that nobody writes like a digit; only these are samples of "no digit"."""


def load_non_digits(folder: Path, split: DataSplit) -> DigitSamples:
    """Load letters and operators as samples of "no digit"; split by position.

    Raises:
        DataError: if a source is missing.
    """
    kept: list[tuple[Image, int]] = []
    base = folder / "not_digits"
    letters, names = load_arrays(base / "letters_printed.npz", "x", "y")
    kept += _non_digit_frames(letters, [str(name) not in _PRINTED_LETTERS_LIKE_DIGITS for name in names])
    drawn, letter_numbers = load_arrays(base / "letters_drawn.npz", "x", "y")
    kept += _non_digit_frames(
        255 - drawn, [chr(ord("a") + int(number) - 1) in _DRAWN_LETTERS_UNLIKE_DIGITS for number in letter_numbers]
    )
    symbols, names = load_arrays(base / "symbols.npz", "x", "y")
    # A slash has the shape of a one.
    kept += _non_digit_frames(symbols, ["slash" not in str(name) for name in names])
    chosen = [pair for index, pair in enumerate(kept) if split_of_group(index // SAMPLES_PER_BLOCK) is split]
    return stack_samples("letters and operators", chosen)


def _non_digit_frames(inks: Image, keep: Iterable[bool]) -> list[tuple[Image, int]]:
    kept = (_make_light_on_dark(ink) for ink, kept in zip(inks, keep, strict=True) if kept)
    return [(digit_frame(ink), NO_DIGIT_LABEL) for ink in kept if ink.any()]


def _make_light_on_dark(ink: Image) -> Image:
    return 255 - ink if np.median(ink) > 127 else ink


def load_drawn_alphabets(folder: Path, split: DataSplit) -> tuple[tuple[Image, ...], ...]:
    """Load the letters a-z as several people drew them; split by person.

    Returns:
        One tuple of 26 images per person: uint8, 255 = ink, cropped to the ink at the left and right.

    Raises:
        DataError: if the source is missing.
    """
    drawn, letter_numbers = load_arrays(folder / "not_digits" / "letters_drawn.npz", "x", "y")
    by_letter = [255 - drawn[letter_numbers == number] for number in range(1, 27)]
    people = (index for index in range(min(map(len, by_letter))) if split_of_group(index) is split)
    return tuple(tuple(_crop_columns_to_ink(letters[person]) for letters in by_letter) for person in people)


def _crop_columns_to_ink(coverage: Image) -> Image:
    inked = np.flatnonzero(coverage.any(axis=0))
    return np.ascontiguousarray(coverage[:, inked[0] : inked[-1] + 1]) if inked.size else coverage
