"""Which digit samples the classifiers are trained on, and how often each source is repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets import isolated_digits, labelled_crops, non_digits
from scanner.datasets.data_folder import DataSplit
from scanner.datasets.own_digits import load_own_digits
from scanner.datasets.pen_samples import draw_pen_digits, draw_pen_signs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.datasets.data_folder import DigitSamples


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """Sources of samples, and how often each is repeated in an epoch."""

    sources: tuple[DigitSamples, ...]
    repeats: tuple[int, ...]
    """One count per source, at least 1."""

    @classmethod
    def each_once(cls, sources: Sequence[DigitSamples]) -> TrainingSet:
        """A set in which no source is repeated."""
        return cls(tuple(sources), (1,) * len(sources))

    def epoch_arrays(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """All frames (N, 28, 28) and labels (N,) of one epoch, sources in order."""
        frames = [source.frames for source, n in zip(self.sources, self.repeats, strict=True) for _ in range(n)]
        labels = [source.labels for source, n in zip(self.sources, self.repeats, strict=True) for _ in range(n)]
        return np.concatenate(frames), np.concatenate(labels)


def build_training_set(folder: Path | None, seed: int) -> TrainingSet:
    """Load the samples to train on; MNIST and pen samples alone without a data folder.

    Small sources are repeated so that real paper, not MNIST, gives an epoch most of its variety.

    Raises:
        DataError: if the folder lacks a source.
    """
    split = DataSplit.TRAIN
    rng = np.random.default_rng(seed)
    sources_and_repeats: list[tuple[DigitSamples, int]] = [
        (isolated_digits.load_mnist(folder, split), 1),
        (draw_pen_digits(rng, 12_000), 1),
        (draw_pen_signs(rng, 16_000), 1),
    ]
    if folder is not None:
        cheques = labelled_crops.load_cheques(folder, split)
        sources_and_repeats += [
            (isolated_digits.load_usps(folder, split), 1),
            (isolated_digits.load_ardis(folder, split), 1),
            (isolated_digits.load_exam_boxes(folder, split), 4),
            (labelled_crops.cut_cheque_digits(cheques), 4),
            (labelled_crops.cut_cheque_digits_loosely(cheques, rng, copies=6), 1),
            (labelled_crops.cut_cheques_wrongly(cheques, rng), 1),
            (non_digits.load_non_digits(folder, split), 1),
            (load_own_digits(folder / "drawn"), 4),
        ]
    sources, repeats = zip(*((source, n) for source, n in sources_and_repeats if len(source.labels)), strict=True)
    return TrainingSet(sources, repeats)


def load_validation_samples(folder: Path | None) -> tuple[DigitSamples, ...]:
    """Load the samples of the validation split, digits and others, to monitor training and to calibrate with."""
    split = DataSplit.VALIDATION
    if folder is None:
        return (isolated_digits.load_mnist(folder, split),)
    return (
        isolated_digits.load_mnist(folder, split),
        *isolated_digits.load_digit_sources(folder, split),
        non_digits.load_non_digits(folder, split),
    )
