"""What synthesised numbers are made of: pools of real and drawn digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets import labelled
from scanner.datasets.pen_samples import draw_pen_digits, draw_pen_signs
from scanner.synthesis.ingredients import DigitPool, NumberMaterial, crop_to_ink, draw_security_patterns
from scanner.synthesis.number_crops import draw_number_crop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scanner.datasets.labelled import DigitSamples
    from scanner.types import Image


_STRINGS_PER_CHUNK = 500
"""Strings put together at a time, each chunk from a seed of its own: the same whatever the number of processes."""

_SOURCE_SHARES = {"mnist": 3.0, "usps": 0.7, "ardis": 1.2, "cheques": 2.5, "pen digits": 1.5}
"""How often a string is written with the digits of each source."""

_PEN_DIGIT_COUNT = 6_000

_QUICK_PEN_DIGIT_COUNT = 1_500
"""Fewer, where somebody waits for pictures to look at."""


def load_number_material(folder: Path | None, seed: int) -> NumberMaterial:
    """What strings are put together from: MNIST, the pen and, if there is a folder, the digits and texts in it.

    Raises:
        DataError: if the folder lacks a source.
    """
    part, rng = labelled.DataSplit.TRAIN, np.random.default_rng((seed, 0))
    pools = load_digit_pools(folder, rng, part)
    texts = () if folder is None else tuple(strip.text for strip in labelled.load_clinic_cells(folder, part))
    return NumberMaterial(pools, crop_to_ink(draw_pen_signs(rng, 1_000).frames), texts, draw_security_patterns(rng))


def load_digit_pools(folder: Path | None, rng: np.random.Generator, split: labelled.DataSplit) -> tuple[DigitPool, ...]:
    """Digits to write with: of MNIST, the pen and, if there is a folder, the sources in it.

    Raises:
        DataError: if the folder lacks a source.
    """
    sources: list[DigitSamples] = [labelled.load_mnist(folder, split), draw_pen_digits(rng, _PEN_DIGIT_COUNT)]
    if folder is not None:
        sources += [
            labelled.load_usps(folder, split),
            labelled.load_ardis(folder, split),
            labelled.cut_cheque_digits(labelled.load_cheques(folder, split)),
        ]
    return tuple(_to_digit_pool(source) for source in sources)


def draw_pen_material(seed: int) -> NumberMaterial:
    """The same from the pen alone, at once and without data of others."""
    rng = np.random.default_rng((seed, 0))
    pool = _to_digit_pool(draw_pen_digits(rng, _QUICK_PEN_DIGIT_COUNT))
    return NumberMaterial((pool,), crop_to_ink(draw_pen_signs(rng, 100).frames), (), draw_security_patterns(rng))


def draw_number_crops(material: NumberMaterial, count: int, seed: int) -> Iterator[tuple[Image, str]]:
    """The gray pictures of the first ``count`` strings of :func:`synthesize_lines`, and their texts."""
    for index in range(-(-count // _STRINGS_PER_CHUNK)):
        rng = np.random.default_rng((seed, 1, index))
        for _ in range(min(_STRINGS_PER_CHUNK, count - index * _STRINGS_PER_CHUNK)):
            yield draw_number_crop(material, rng)


def _to_digit_pool(samples: DigitSamples) -> DigitPool:
    digits = tuple(crop_to_ink(samples.frames[samples.labels == digit]) for digit in range(10))
    return DigitPool(digits, _SOURCE_SHARES[samples.name])
