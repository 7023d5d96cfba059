"""The material of synthetic numbers: pools of real and pen-drawn digits, signs, texts and backgrounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.isolated_digits import load_ardis, load_mnist, load_usps
from scanner.datasets.labelled_crops import cut_cheque_digits, load_cheques
from scanner.datasets.number_surroundings import (
    draw_printed_suffixes,
    draw_printed_words,
    draw_unit_crops,
    draw_word_crops,
    find_data_fonts,
    load_drawn_signs,
)
from scanner.datasets.pen_samples import PEN_BODY_SIDE, draw_pen_hand, draw_pen_signs
from scanner.synthesis.handwriting_fonts import FONT_BODY_SIDE, draw_font_hand
from scanner.synthesis.ingredients import DigitPool, NumberMaterial, crop_to_ink, draw_security_patterns, pool_hands
from scanner.synthesis.number_crops import draw_number_crop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scanner.datasets.data_folder import DigitSamples
    from scanner.types import Image


CROPS_PER_CHUNK = 500
"""Number crops drawn from one seed: each chunk has its own, so that the number of processes changes nothing."""

_SOURCE_WEIGHTS = {"mnist": 2.4, "usps": 0.5, "ardis": 1.3, "cheques": 2.3, "pen digits": 2.2, "handwriting fonts": 1.3}
"""Relative frequency with which a number is written with the digits of each source; a choice."""

_PEN_HAND_COUNT = 350
"""Hands of the pool drawn with the pen, to train with."""

_FONT_HAND_COUNT = 350
"""Hands of the pool made of handwriting fonts, to train with."""

_QUICK_PEN_HAND_COUNT = 80
"""Hands of the pen where a user is waiting for pictures to look at."""


def load_number_material(folder: Path | None, seed: int) -> NumberMaterial:
    """Load the material of numbers to train on: MNIST, the pen and, given a folder, its digits and fonts.

    Raises:
        DataError: if the folder lacks a source.
    """
    split, rng = DataSplit.TRAIN, np.random.default_rng((seed, 0))
    pools = load_digit_pools(folder, rng, split)
    handwriting, printing = find_data_fonts(folder, "handwriting"), find_data_fonts(folder, "print")
    return NumberMaterial(
        pools=pools,
        non_digit_crops=crop_to_ink(draw_pen_signs(rng, 1_000).frames),
        security_patterns=draw_security_patterns(rng),
        sign_crops=() if folder is None else load_drawn_signs(folder, split),
        word_crops=draw_word_crops(handwriting, 500, rng),
        unit_crops=draw_unit_crops(handwriting, 150, rng),
        printed_words=draw_printed_words(printing, 400, rng),
        printed_suffixes=draw_printed_suffixes(printing, 200, rng),
    )


def load_digit_pools(folder: Path | None, rng: np.random.Generator, split: DataSplit) -> tuple[DigitPool, ...]:
    """Load digits to write with: of MNIST, the pen and, given a folder, of the sources in it.

    Raises:
        DataError: if the folder lacks a source.
    """
    pools = [_to_digit_pool(load_mnist(folder, split)), _draw_pen_pool(_PEN_HAND_COUNT, rng)]
    if folder is not None:
        sources = load_usps(folder, split), load_ardis(folder, split), cut_cheque_digits(load_cheques(folder, split))
        pools += [_to_digit_pool(source) for source in sources]
    if fonts := find_data_fonts(folder, "handwriting"):
        hands = [draw_font_hand(fonts, rng) for _ in range(_FONT_HAND_COUNT)]
        pools.append(pool_hands(hands, _SOURCE_WEIGHTS["handwriting fonts"], FONT_BODY_SIDE))
    return tuple(pools)


def draw_pen_material(seed: int) -> NumberMaterial:
    """Draw the material of numbers with the pen alone: quick, and without anybody's data."""
    rng = np.random.default_rng((seed, 0))
    return NumberMaterial(
        pools=(_draw_pen_pool(_QUICK_PEN_HAND_COUNT, rng),),
        non_digit_crops=crop_to_ink(draw_pen_signs(rng, 100).frames),
        security_patterns=draw_security_patterns(rng),
        word_crops=draw_word_crops((), 60, rng),
        unit_crops=draw_unit_crops((), 30, rng),
    )


def draw_number_crops(material: NumberMaterial, count: int, seed: int) -> Iterator[tuple[Image, str]]:
    """Draw ``count`` grey number crops with their texts: the numbers that ``synthesize_lines`` makes lines of."""
    for index in range(-(-count // CROPS_PER_CHUNK)):
        rng = np.random.default_rng((seed, 1, index))
        for _ in range(min(CROPS_PER_CHUNK, count - index * CROPS_PER_CHUNK)):
            yield draw_number_crop(material, rng)


def _draw_pen_pool(count: int, rng: np.random.Generator) -> DigitPool:
    hands = [draw_pen_hand(rng) for _ in range(count)]
    return pool_hands(hands, _SOURCE_WEIGHTS["pen digits"], PEN_BODY_SIDE)


def _to_digit_pool(samples: DigitSamples) -> DigitPool:
    digits = tuple(crop_to_ink(samples.frames[samples.labels == digit]) for digit in range(10))
    return DigitPool(digits, _SOURCE_WEIGHTS[samples.name])
