"""The material of synthetic numbers: pools of real and pen-drawn digits, signs, texts and backgrounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.isolated_digits import load_ardis, load_mnist, load_usps
from scanner.datasets.labelled_crops import cut_cheque_digits, load_cheques, load_clinic_cells
from scanner.datasets.pen_samples import draw_pen_digits, draw_pen_signs
from scanner.synthesis.ingredients import DigitPool, NumberMaterial, crop_to_ink, draw_security_patterns
from scanner.synthesis.number_crops import draw_number_crop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scanner.datasets.data_folder import DigitSamples
    from scanner.types import Image


CROPS_PER_CHUNK = 500
"""Number crops drawn from one seed: each chunk has its own, so that the number of processes changes nothing."""

_SOURCE_WEIGHTS = {"mnist": 3.0, "usps": 0.7, "ardis": 1.2, "cheques": 2.5, "pen digits": 1.5}
"""Relative frequency with which a number is written with the digits of each source; a choice."""

_PEN_DIGIT_COUNT = 6_000
"""Digits of the pool drawn with the pen, to train with."""

_QUICK_PEN_DIGIT_COUNT = 1_500
"""Digits of that pool where a user is waiting for pictures to look at."""


def load_number_material(folder: Path | None, seed: int) -> NumberMaterial:
    """Load the material of numbers to train on: MNIST, the pen and, given a folder, its digits and texts.

    Raises:
        DataError: if the folder lacks a source.
    """
    split, rng = DataSplit.TRAIN, np.random.default_rng((seed, 0))
    pools = load_digit_pools(folder, rng, split)
    texts = () if folder is None else tuple(crop.text for crop in load_clinic_cells(folder, split))
    return NumberMaterial(pools, crop_to_ink(draw_pen_signs(rng, 1_000).frames), texts, draw_security_patterns(rng))


def load_digit_pools(folder: Path | None, rng: np.random.Generator, split: DataSplit) -> tuple[DigitPool, ...]:
    """Load digits to write with: of MNIST, the pen and, given a folder, of the sources in it.

    Raises:
        DataError: if the folder lacks a source.
    """
    sources: list[DigitSamples] = [load_mnist(folder, split), draw_pen_digits(rng, _PEN_DIGIT_COUNT)]
    if folder is not None:
        sources += [
            load_usps(folder, split),
            load_ardis(folder, split),
            cut_cheque_digits(load_cheques(folder, split)),
        ]
    return tuple(_to_digit_pool(source) for source in sources)


def draw_pen_material(seed: int) -> NumberMaterial:
    """Draw the material of numbers with the pen alone: quick, and without anybody's data."""
    rng = np.random.default_rng((seed, 0))
    pool = _to_digit_pool(draw_pen_digits(rng, _QUICK_PEN_DIGIT_COUNT))
    return NumberMaterial((pool,), crop_to_ink(draw_pen_signs(rng, 100).frames), (), draw_security_patterns(rng))


def draw_number_crops(material: NumberMaterial, count: int, seed: int) -> Iterator[tuple[Image, str]]:
    """Draw ``count`` grey number crops with their texts: the numbers that ``synthesize_lines`` makes lines of."""
    for index in range(-(-count // CROPS_PER_CHUNK)):
        rng = np.random.default_rng((seed, 1, index))
        for _ in range(min(CROPS_PER_CHUNK, count - index * CROPS_PER_CHUNK)):
            yield draw_number_crop(material, rng)


def _to_digit_pool(samples: DigitSamples) -> DigitPool:
    digits = tuple(crop_to_ink(samples.frames[samples.labels == digit]) for digit in range(10))
    return DigitPool(digits, _SOURCE_WEIGHTS[samples.name])
