"""Digits, crosses and dashes to tell apart: real ones and drawn ones, all as a scan of a form would have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import SAMPLES_PER_BLOCK, DataSplit, load_arrays, split_of_group
from scanner.datasets.isolated_digits import load_digit_sources, load_mnist
from scanner.datasets.number_surroundings import load_drawn_signs
from scanner.datasets.pen_samples import draw_pen_digits
from scanner.image.digit_frame import digit_frames
from scanner.recognition.blank_marks import CellInk
from scanner.synthesis.blank_marks import draw_cross_ink, draw_dash_ink, draw_one_ink
from scanner.synthesis.glyph_scans import scan_glyph
from scanner.synthesis.pen import random_writer, render_character

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from scanner.types import Image

    Generator = np.random.Generator

_PEN_MARK_HEIGHT = 64
"""Height of a digit of the pen that writes marks, pixels: larger than any that is scanned."""
_MARKS_PER_WRITER = 10
"""Marks drawn in one hand before the next.  A choice."""
_SYMBOLS = (
    ("multiplication_cross", CellInk.CROSS),
    ("subtraction_minus", CellInk.DASH),
    ("addition_plus", CellInk.DIGIT),
)
"""Names of handwritten operators, and what they are taken for.  A plus is no digit, but means something: without it,
half of all pluses were taken for dashes."""
_LETTER_X = 24
"""Number of the letter among those drawn."""


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """How many samples there are of each source; all are choices."""

    mnist: int = 8_000
    pen_digits: int = 1_500
    ones: int = 1_500
    """Strokes, upright and slanted, that are a 1."""
    crosses: int = 5_000
    dashes: int = 2_000
    pen_marks: int = 500
    """Crosses, and as many dashes, by the pen that writes digits."""
    copies: tuple[tuple[str, int], ...] = (("exam_boxes", 2), ("cheques", 2))
    """Real sources of which each glyph is scanned several times: few, and of paper like that of forms."""


@dataclass(frozen=True, slots=True, eq=False)
class CellInkSamples:
    """Frames of ink of one kind."""

    name: str
    kind: CellInk
    frames: Image
    """Shape (N, 28, 28), 0 = paper."""
    digits: tuple[int, ...] = ()
    """Which digit each is, if they are digits."""


def scan_samples(folder: Path, split: DataSplit, seed: int, plan: SamplePlan) -> tuple[CellInkSamples, ...]:
    """Load and draw samples, and scan each as cells of forms are scanned.

    Args:
        folder: data folder.
        split: of the real ones; drawn ones differ from split to split.
        seed: the same gives the same samples.
        plan: how many.

    Raises:
        DataError: if a source is missing.
    """
    rng = np.random.default_rng((seed, list(DataSplit).index(split)))
    return (*_scan_digits(folder, split, rng, plan), *_scan_marks(folder, split, rng, plan))


def load_letters_x(folder: Path) -> CellInkSamples:
    """Load the letters X that twenty people drew with a pointer, as they are: for measuring alone.

    Raises:
        DataError: if the source is missing.
    """
    drawn, letters = load_arrays(folder / "not_digits" / "letters_drawn.npz", "x", "y")
    return CellInkSamples("letters X", CellInk.CROSS, digit_frames(255 - drawn[letters == _LETTER_X]))


def _scan_digits(folder: Path, split: DataSplit, rng: Generator, plan: SamplePlan) -> Iterator[CellInkSamples]:
    mnist = load_mnist(folder, split)
    chosen = np.sort(rng.choice(len(mnist.labels), min(plan.mnist, len(mnist.labels)), replace=False))
    labels = tuple(mnist.labels[chosen].tolist())
    yield CellInkSamples(mnist.name, CellInk.DIGIT, _scan(mnist.frames[chosen], rng), labels)
    copies = dict(plan.copies)
    for source in (*load_digit_sources(folder, split), draw_pen_digits(rng, plan.pen_digits)):
        count = copies.get(source.name, 1)
        frames = _scan(np.tile(source.frames, (count, 1, 1)), rng)
        yield CellInkSamples(source.name, CellInk.DIGIT, frames, tuple(source.labels.tolist()) * count)
    frames = _scan((draw_one_ink(rng) for _ in range(plan.ones)), rng)
    yield CellInkSamples("drawn ones", CellInk.DIGIT, frames, (1,) * plan.ones)


def _scan_marks(folder: Path, split: DataSplit, rng: Generator, plan: SamplePlan) -> Iterator[CellInkSamples]:
    crosses = _scan((draw_cross_ink(rng) for _ in range(plan.crosses)), rng)
    yield CellInkSamples("drawn crosses", CellInk.CROSS, crosses)
    dashes = _scan((draw_dash_ink(rng) for _ in range(plan.dashes)), rng)
    yield CellInkSamples("drawn dashes", CellInk.DASH, dashes)
    for name, kind, character in (("pen crosses", CellInk.CROSS, "x"), ("pen dashes", CellInk.DASH, "-")):
        yield CellInkSamples(name, kind, _scan(_write(character, plan.pen_marks, rng), rng))
    for name, kind, inks in _load_real_signs(folder, split):
        yield CellInkSamples(name, kind, _scan(inks, rng))


def _load_real_signs(folder: Path, split: DataSplit) -> Iterator[tuple[str, CellInk, list[Image]]]:
    """Real handwritten signs, each uint8, 255 = ink; split by position."""
    symbols, names = load_arrays(folder / "not_digits" / "symbols.npz", "x", "y")
    for name, kind in _SYMBOLS:
        inks = [ink for i, ink in enumerate(symbols[names == name]) if split_of_group(i // SAMPLES_PER_BLOCK) is split]
        yield name, kind, [255 - ink if np.median(ink) > 127 else ink for ink in inks if np.ptp(ink)]
    for character, crops in load_drawn_signs(folder, split):
        if character == "-":
            yield "signs, minus", CellInk.DASH, list(crops)


def _write(character: str, count: int, rng: Generator) -> Iterator[Image]:
    for index in range(count):
        if index % _MARKS_PER_WRITER == 0:
            writer = random_writer(rng)
        yield render_character(character, writer, rng, _PEN_MARK_HEIGHT)


def _scan(inks: Iterable[Image], rng: Generator) -> Image:
    return digit_frames(scan_glyph(ink, rng) for ink in inks)
