"""Which samples go into a training run, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets import labelled
from scanner.datasets.labelled import DataSplit
from scanner.datasets.pen_samples import draw_pen_digits, draw_pen_signs

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.datasets.labelled import DigitSamples


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """Sources, and how often each goes into an epoch."""

    sources: tuple[DigitSamples, ...]
    repeats: tuple[int, ...]

    def epoch_arrays(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """All frames and labels of one epoch, sources in order."""
        frames = [source.frames for source, n in zip(self.sources, self.repeats, strict=True) for _ in range(n)]
        labels = [source.labels for source, n in zip(self.sources, self.repeats, strict=True) for _ in range(n)]
        return np.concatenate(frames), np.concatenate(labels)


def build_training_set(folder: Path | None, seed: int) -> TrainingSet:
    """The digits to train on; MNIST and the pen alone if there is no data folder.

    Small sources are repeated until real paper, not MNIST, is what an epoch
    shows most of its variety in.

    Raises:
        DataError: if the folder lacks a source.
    """
    part = DataSplit.TRAIN
    rng = np.random.default_rng(seed)
    weighted: list[tuple[DigitSamples, int]] = [
        (labelled.load_mnist(folder, part), 1),
        (draw_pen_digits(rng, 12_000), 1),
        (draw_pen_signs(rng, 16_000), 1),
    ]
    if folder is not None:
        strips = labelled.load_cheques(folder, part)
        weighted += [
            (labelled.load_usps(folder, part), 1),
            (labelled.load_ardis(folder, part), 1),
            (labelled.load_exam_boxes(folder, part), 4),
            (labelled.cut_cheque_digits(strips), 4),
            (labelled.cut_cheque_digits_loosely(strips, rng, copies=6), 1),
            (labelled.cut_cheques_wrongly(strips, rng), 1),
            (labelled.load_non_digits(folder, part), 1),
            (labelled.load_pad_drawings(folder), 4),
        ]
    weighted = [(source, n) for source, n in weighted if len(source.labels)]
    return TrainingSet(tuple(source for source, _ in weighted), tuple(n for _, n in weighted))


def load_validation_samples(folder: Path | None) -> tuple[DigitSamples, ...]:
    """Samples to watch a training run and to calibrate with: digits and what is none, of the validation part."""
    if folder is None:
        return (labelled.load_mnist(folder, DataSplit.VALIDATION),)
    return (
        labelled.load_mnist(folder, DataSplit.VALIDATION),
        *labelled.load_digit_sources(folder, DataSplit.VALIDATION),
        labelled.load_non_digits(folder, DataSplit.VALIDATION),
    )
