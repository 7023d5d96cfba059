"""Which samples go into a training run, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.training import data
from scanner.training.data import Part
from scanner.training.penned import pen_digits, pen_signs

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.training.data import Samples


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """Sources, and how often each goes into an epoch."""

    sources: tuple[Samples, ...]
    repeats: tuple[int, ...]

    def epoch(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """All frames and labels of one epoch, sources in order."""
        frames = [source.frames for source, n in zip(self.sources, self.repeats, strict=True) for _ in range(n)]
        labels = [source.labels for source, n in zip(self.sources, self.repeats, strict=True) for _ in range(n)]
        return np.concatenate(frames), np.concatenate(labels)


def training_set(folder: Path | None, seed: int) -> TrainingSet:
    """The digits to train on; MNIST and the pen alone if there is no data folder.

    Small sources are repeated until real paper, not MNIST, is what an epoch
    shows most of its variety in.

    Raises:
        DataError: if the folder lacks a source.
    """
    part = Part.TRAIN
    rng = np.random.default_rng(seed)
    weighted: list[tuple[Samples, int]] = [
        (data.mnist(folder, part), 2),
        (pen_digits(rng, 12_000), 1),
        (pen_signs(rng, 16_000), 1),
    ]
    if folder is not None:
        strips = data.cheques(folder, part)
        weighted += [
            (data.usps(folder, part), 1),
            (data.ardis(folder, part), 1),
            (data.exam_boxes(folder, part), 4),
            (data.cheque_digits(strips), 4),
            (data.loose_cheque_digits(strips, rng, copies=6), 1),
            (data.wrong_cuts(strips, rng), 1),
            (data.not_digits(folder, part), 1),
            (data.drawn(folder), 4),
        ]
    weighted = [(source, n) for source, n in weighted if len(source.labels)]
    return TrainingSet(tuple(source for source, _ in weighted), tuple(n for _, n in weighted))


def validation_set(folder: Path | None) -> tuple[Samples, ...]:
    """Samples to watch a training run and to calibrate with: digits and what is none, of the validation part."""
    if folder is None:
        return (data.mnist(folder, Part.VALIDATION),)
    return (
        data.mnist(folder, Part.VALIDATION),
        *data.digit_sources(folder, Part.VALIDATION),
        data.not_digits(folder, Part.VALIDATION),
    )
