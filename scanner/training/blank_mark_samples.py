"""Digits, crosses and dashes to tell apart: real ones, and drawn ones, all as a scan of a form would have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import SAMPLES_PER_BLOCK, DataSplit, load_arrays, split_of_group
from scanner.datasets.isolated_digits import load_digit_sources, load_mnist
from scanner.datasets.number_surroundings import load_drawn_signs
from scanner.datasets.pen_samples import draw_pen_digits
from scanner.image.digit_frame import digit_frame, digit_frames
from scanner.recognition.blank_marks import CellInk
from scanner.synthesis.blank_marks import draw_cross_ink, draw_dash_ink, draw_one_ink
from scanner.synthesis.glyph_scans import scan_glyph
from scanner.synthesis.pen import random_writer, render_character

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from scanner.types import Image

    Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """How many samples there are of each source."""

    mnist: int = 14_000
    """Of its 55,000 digits: as many as of all others together.  A choice."""
    pen_digits: int = 4_000
    ones: int = 2_000
    """Strokes, upright and slanted, that are a 1."""
    crosses: int = 7_000
    dashes: int = 3_000
    pen_marks: int = 1_000
    """Crosses by the pen that writes digits; half as many dashes."""
    real_copies: int = 2
    """How often each real mark and each digit of exam boxes and cheques is scanned."""


@dataclass(frozen=True, slots=True, eq=False)
class MarkSamples:
    """Frames of one kind of ink."""

    name: str
    kind: CellInk
    frames: Image
    """Shape (N, 28, 28), 0 = paper."""
    digits: tuple[int, ...] = ()
    """The digits they show, if any."""


def scan_samples(folder: Path, split: DataSplit, seed: int, plan: SamplePlan) -> Iterator[MarkSamples]:
    rng = np.random.default_rng((seed, list(DataSplit).index(split)))
    mnist = load_mnist(folder, split)
    chosen = np.sort(rng.choice(len(mnist.labels), min(plan.mnist, len(mnist.labels)), replace=False))
    yield MarkSamples("mnist", CellInk.DIGIT, _scan(mnist.frames[chosen], rng), tuple(mnist.labels[chosen].tolist()))
    for source in (*load_digit_sources(folder, split), draw_pen_digits(rng, plan.pen_digits)):
        copies = plan.real_copies if source.name in {"exam_boxes", "cheques"} else 1
        frames = _scan(np.tile(source.frames, (copies, 1, 1)), rng)
        yield MarkSamples(source.name, CellInk.DIGIT, frames, tuple(source.labels.tolist()) * copies)
    yield MarkSamples("drawn strokes", CellInk.DIGIT, _draw(draw_one_ink, plan.ones, rng), (1,) * plan.ones)
    yield MarkSamples("drawn crosses", CellInk.CROSS, _draw(draw_cross_ink, plan.crosses, rng))
    yield MarkSamples("drawn dashes", CellInk.DASH, _draw(draw_dash_ink, plan.dashes, rng))
    for kind, character, count in ((CellInk.CROSS, "x", plan.pen_marks), (CellInk.DASH, "-", plan.pen_marks // 2)):
        inks = (render_character(character, random_writer(rng), rng, 64) for _ in range(count))
        yield MarkSamples(f"pen {character}", kind, _scan(inks, rng))
    for name, kind, inks in load_real_marks(folder, split):
        yield MarkSamples(name, kind, _scan([ink for ink in inks for _ in range(plan.real_copies)], rng))


def load_real_marks(folder: Path, split: DataSplit) -> Iterator[tuple[str, CellInk, Sequence[Image]]]:
    symbols, names = load_arrays(folder / "not_digits" / "symbols.npz", "x", "y")
    for name, kind in (("multiplication_cross", CellInk.CROSS), ("subtraction_minus", CellInk.DASH)):
        inks = [255 - ink if np.median(ink) > 127 else ink for ink in symbols[names == name]]
        yield name, kind, [ink for i, ink in enumerate(inks) if split_of_group(i // SAMPLES_PER_BLOCK) is split and ink.any()]
    for character, crops in load_drawn_signs(folder, split):
        if character == "-":
            yield "unipen minus", CellInk.DASH, crops


def _draw(draw: Callable[[Generator], Image], count: int, rng: Generator) -> Image:
    return _scan((draw(rng) for _ in range(count)), rng)


def _scan(inks: Iterable[Image], rng: Generator) -> Image:
    return digit_frames(scan_glyph(ink, rng) for ink in inks)
