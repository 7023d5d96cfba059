"""Scores of the numbers that a page network finds on labelled pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.labelled_ink import UNKNOWN_INK
from scanner.layout.ink_classes import InkClass
from scanner.layout.number_finder import find_numbers
from scanner.layout.page_network import OUTPUT_STRIDE, maps_of_output
from scanner.training.page_samples import load_page_sample
from scanner.training.page_targets import page_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.layout.number_finder import NumberRegion
    from scanner.layout.page_network import PageView
    from scanner.training.page_samples import PageNetworkSample

_MIN_OVERLAP = 0.5
"""Minimum intersection over union of the boxes of a number that is found whole; usual in text detection."""


@dataclass(frozen=True, slots=True)
class NumberCounts:
    """How many numbers there are, and how many were found."""

    wanted: int = 0
    found: int = 0
    """Regions, without those where nothing is known."""
    whole: int = 0
    """Numbers whose box overlaps that of a region by half of both."""
    places: int = 0
    """Numbers with a region's middle in their box, each region and each number once."""

    def __add__(self, other: NumberCounts) -> NumberCounts:
        return NumberCounts(
            self.wanted + other.wanted, self.found + other.found, self.whole + other.whole, self.places + other.places
        )

    def scores(self) -> dict[str, float]:
        """Recall, precision and their harmonic mean, 0-1, of whole numbers; that of places too."""
        return {
            "number recall": self.whole / max(self.wanted, 1),
            "number precision": self.whole / max(self.found, 1),
            "number F1": 2 * self.whole / max(self.wanted + self.found, 1),
            "number places F1": 2 * self.places / max(self.wanted + self.found, 1),
        }


def score_page_network(
    network_output: Callable[[PageView], NDArray[np.float32]], paths: Iterable[Path]
) -> dict[str, float]:
    """Scores of a network on pages.

    Args:
        network_output: as :meth:`scanner.layout.page_network.PageNetwork.output`.
        paths: files of the samples.

    Returns:
        Scores of the numbers, and the recall of each ink class with the precision of handwritten digits, by amount of
        ink; all 0-1.
    """
    counts, confusion = NumberCounts(), np.zeros((len(InkClass), len(InkClass)))
    for path in paths:
        sample = load_page_sample(path)
        output = network_output(sample.view)
        maps = maps_of_output(output, (1 / OUTPUT_STRIDE, 1 / OUTPUT_STRIDE))
        counts += count_numbers(find_numbers(maps.number_cores), sample)
        predicted = maps.ink_classes.probabilities.argmax(axis=2)
        amounts = page_targets(sample).class_amounts
        for ink_class in InkClass:
            confusion[:, ink_class] += amounts[:, predicted == ink_class].sum(axis=1)
    return {name: round(float(score), 4) for name, score in (counts.scores() | _class_scores(confusion)).items()}


def _class_scores(confusion: NDArray[np.float64]) -> dict[str, float]:
    correct, true, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    recalls = {
        f"{ink_class.name.lower().replace('_', ' ')} recall": correct[ink_class] / max(true[ink_class], 1)
        for ink_class in InkClass
    }
    return recalls | {"digit precision": correct[InkClass.DIGIT] / max(predicted[InkClass.DIGIT], 1)}


def count_numbers(regions: Sequence[NumberRegion], sample: PageNetworkSample) -> NumberCounts:
    """Count the numbers of a page that are among the regions found, in pixels of the network's input."""
    found = np.array([(*region.box[:2], region.box.right, region.box.bottom) for region in regions], np.float64)
    found = found.reshape(-1, 4)
    boxes = np.concatenate([sample.quads.min(axis=1), sample.quads.max(axis=1)], axis=1).astype(np.float64)
    wanted, others = boxes[sample.is_wanted], boxes[~sample.is_wanted]
    overlaps = _overlaps(found, wanted)
    inside = _middles_inside(found, wanted)
    known = ~_middles_inside(found, others).any(axis=1) & ~_on_unknown_ink(found, sample)
    judged = known | (overlaps.max(axis=1, initial=0) >= _MIN_OVERLAP) | inside.any(axis=1)
    whole = _match(np.where(overlaps >= _MIN_OVERLAP, overlaps, 0))
    return NumberCounts(len(wanted), int(judged.sum()), whole, _match(np.where(inside, overlaps + 1e-6, 0)))


def _overlaps(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of each pair of boxes, shape (found, wanted)."""
    low = np.maximum(found[:, None, :2], wanted[None, :, :2])
    high = np.minimum(found[:, None, 2:], wanted[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (found, wanted)]
    return np.asarray(shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9), np.float64)


def _middles_inside(found: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    middles = (found[:, None, :2] + found[:, None, 2:]) / 2
    return np.asarray(((middles >= boxes[None, :, :2]) & (middles <= boxes[None, :, 2:])).all(axis=2), np.bool_)


def _on_unknown_ink(found: NDArray[np.float64], sample: PageNetworkSample) -> NDArray[np.bool_]:
    """Whether most of the ink in each box is unknown, or is of handwritten digits of no number that is known."""
    result = np.zeros(len(found), np.bool_)
    for index, (left, top, right, bottom) in enumerate(found.astype(int).tolist()):
        labels = sample.labels[top:bottom, left:right]
        unknown = np.count_nonzero((labels == UNKNOWN_INK) | (labels == InkClass.DIGIT))
        result[index] = 2 * unknown > np.count_nonzero(labels <= InkClass.PRINTED_DIGIT) + unknown
    return result


def _match(values: NDArray[np.float64]) -> int:
    """Number of pairs, each row and column once, of the greatest values above 0 first."""
    values = values.copy()
    pairs = 0
    while values.size and values.max() > 0:
        row, column = np.unravel_index(values.argmax(), values.shape)
        values[row], values[:, column] = 0, 0
        pairs += 1
    return pairs
