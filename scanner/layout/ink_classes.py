"""Classes of ink, as the page network sees them: of each small square of a page, of components, and of numbers.

By its shape an O is a 0 and an l is a 1, printed or written; only the surroundings distinguish them.  So the classes
come from a network that sees the whole page at once (:mod:`scanner.layout.page_network`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.options import NumberKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.image.measured_ink import MeasuredInk
    from scanner.types import Box, Ink

_SAMPLING_STEP_PIXELS = 2
"""Sampling step, pixels, when components are classified, if strokes are at least as wide.  A choice."""
_MAX_UNPRINTED_PAGE_PRINT_SHARE = 0.05
"""Maximum share of printed letters and signs in the ink of a page on which nothing is printed.  A choice."""
_MIN_CANDIDATE_PROBABILITY = 0.3
"""Minimum probability of a component to be of the requested kind, for it to be possibly part of a number: its
neighbours decide.  A choice."""
_MIN_NUMBER_KIND_SHARE = 0.5
"""Minimum share of the ink of a number that is of the requested kind.  A choice: more than anything else."""
_MIN_CERTAIN_DIGIT_SHARE = 0.95
"""Minimum share of digits in ink that counts as digits however badly it reads: two touching ones read as none.  A
choice."""
_MIN_LOG_ODDS = -12.0
"""Minimum log odds of ink to be of digits: other readings can still outweigh it.  A choice."""


class InkClass(IntEnum):
    """Classes of ink, in the order of the network's outputs."""

    DIGIT = 0
    """Handwritten digits, with the points and commas within a number."""
    PRINT = 1
    """Printed letters and signs."""
    WRITING = 2
    """Handwritten letters, words, signatures, and the signs between numbers."""
    RULE = 3
    """Rules, boxes and frames."""
    MARK = 4
    """Anything else: bar codes, stamps, ticks, crosses, scribbles, lines that cross out numbers, holes."""
    PRINTED_DIGIT = 5
    """Printed digits, with the points and commas within a number."""


DIGIT_CLASSES = [InkClass.DIGIT, InkClass.PRINTED_DIGIT]
"""Classes of the ink of numbers, of either kind."""


CLASSES_OF_NUMBER_KIND = {
    NumberKind.HANDWRITTEN: (InkClass.DIGIT,),
    NumberKind.PRINTED: (InkClass.PRINTED_DIGIT,),
    NumberKind.ANY: tuple(DIGIT_CLASSES),
}
"""Classes of the ink of numbers of each kind."""


@dataclass(frozen=True, slots=True, eq=False)
class InkClassMap:
    """Ink classes of a page, in square cells."""

    probabilities: NDArray[np.float32]
    """Shape (rows, columns, len(InkClass)): probabilities that sum to 1, meaningless in cells without ink."""
    cells_per_page_pixel: tuple[float, float]
    """Cells per pixel of the page, horizontally and vertically."""


def class_certainty(ink_class_map: InkClassMap, ink: Ink) -> float:
    """How certain the page network is of the ink of a page: the mean log probability of the most probable class.

    Args:
        ink_class_map: ink classes of the page.
        ink: ink of the same page.

    Returns:
        At most 0; 0 for a page without ink.
    """
    most_probable = ink_class_map.probabilities.max(axis=2)
    rows, columns = most_probable.shape
    strength = cv2.resize(ink.strength, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float64)
    total = float(strength.sum())
    return float((strength * np.log(most_probable)).sum() / total) if total else 0.0


def assume_handwritten_without_print(ink_class_map: InkClassMap, ink: Ink) -> InkClassMap:
    """Reclassify printed digits as handwritten on a page with hardly any other print.

    Print is recognized by the print beside it.  A number alone on a sheet has none, and a neat hand would be taken for
    print; but nobody prints one number on a page.

    Args:
        ink_class_map: ink classes of the page.
        ink: ink of the same page.

    Returns:
        The same object for any other page.
    """
    rows, columns = ink_class_map.probabilities.shape[:2]
    weights = cv2.resize(ink.strength, (columns, rows), interpolation=cv2.INTER_AREA)
    amounts = np.tensordot(np.asarray(weights, np.float64), ink_class_map.probabilities, 2)
    written = amounts[InkClass.DIGIT] + amounts[InkClass.WRITING]
    has_print = amounts[InkClass.PRINT] > _MAX_UNPRINTED_PAGE_PRINT_SHARE * amounts.sum()
    if has_print or amounts[InkClass.PRINTED_DIGIT] <= written:
        return ink_class_map
    probabilities = ink_class_map.probabilities.copy()
    probabilities[..., InkClass.DIGIT] += probabilities[..., InkClass.PRINTED_DIGIT]
    probabilities[..., InkClass.PRINTED_DIGIT] = 0
    return InkClassMap(probabilities, ink_class_map.cells_per_page_pixel)


def assume_writing_is_digits(ink_class_map: InkClassMap) -> InkClassMap:
    """Reclassify handwriting as digits, on a page of which this is known.

    Single digits apart from each other are taken for letters now and then: one in twenty.
    """
    probabilities = ink_class_map.probabilities.copy()
    probabilities[..., InkClass.DIGIT] += probabilities[..., InkClass.WRITING]
    probabilities[..., InkClass.WRITING] = 0
    return InkClassMap(probabilities, ink_class_map.cells_per_page_pixel)


def component_class_shares(ink: MeasuredInk, ink_class_map: InkClassMap) -> NDArray[np.float64]:
    """Ink classes of each component: mean probabilities over its ink.

    Args:
        ink: ink of the page.
        ink_class_map: ink classes of the same page.

    Returns:
        Shape (N, len(InkClass)); rows sum to 1.
    """
    components = ink.components
    step = _SAMPLING_STEP_PIXELS if ink.stroke_width >= _SAMPLING_STEP_PIXELS else 1
    labels = np.ascontiguousarray(components.labels[::step, ::step])
    inked = np.flatnonzero(labels != 0)
    y = inked // labels.shape[1]
    owner = labels.reshape(-1)[inked] - 1
    sampled = probabilities_at(ink_class_map, y * step, (inked - y * labels.shape[1]) * step)
    count = len(components)
    samples = np.bincount(owner, minlength=count)
    sums = np.stack([np.bincount(owner, of_class, minlength=count) for of_class in sampled.T], axis=1)
    # A component that the sampling missed has the classes of the middle of its box.
    missed = np.flatnonzero(samples == 0)
    left, top, width, height = components.boxes[missed].T
    sums[missed], samples[missed] = probabilities_at(ink_class_map, top + height // 2, left + width // 2), 1
    shares: NDArray[np.float64] = sums / samples[:, None]
    return shares


def probabilities_at(ink_class_map: InkClassMap, y: NDArray[np.integer], x: NDArray[np.integer]) -> NDArray[np.float32]:
    """Ink class probabilities at some pixels of the page; shape (N, len(InkClass))."""
    across, down = ink_class_map.cells_per_page_pixel
    rows, columns = ink_class_map.probabilities.shape[:2]
    row = np.minimum((y * down).astype(np.intp), rows - 1)
    column = np.minimum((x * across).astype(np.intp), columns - 1)
    by_cell = ink_class_map.probabilities.reshape(rows * columns, -1)
    probabilities: NDArray[np.float32] = np.take(by_cell, row * columns + column, axis=0)
    return probabilities


def may_be_number(class_shares: NDArray[np.float64], number_kind: NumberKind) -> NDArray[np.bool_]:
    """Which components may be part of numbers of a kind, by their ink classes, shape (N, len(InkClass))."""
    probabilities = class_shares[:, CLASSES_OF_NUMBER_KIND[number_kind]].sum(axis=1)
    return np.asarray(probabilities >= _MIN_CANDIDATE_PROBABILITY, np.bool_)


def classify_number_kind(
    class_shares: NDArray[np.float64], areas: NDArray[np.int32], number_kind: NumberKind
) -> tuple[str, float]:
    """Classify a number as handwritten or printed, by all of its ink.

    Args:
        class_shares: ink classes of its components, shape (N, len(InkClass)), N at least 1.
        areas: pixels of ink of each, shape (N,).
        number_kind: requested kind of numbers.

    Returns:
        ``handwritten`` or ``printed``, empty if it is not of that kind or no number; and the share of its ink that is
        of that kind, 0-1.
    """
    mean = np.average(class_shares, axis=0, weights=np.maximum(areas, 1))
    share = float(mean[list(CLASSES_OF_NUMBER_KIND[number_kind])].sum())
    if share < _MIN_NUMBER_KIND_SHARE:
        return "", share
    written = mean[InkClass.DIGIT] >= mean[InkClass.PRINTED_DIGIT]
    return str((NumberKind.HANDWRITTEN if written else NumberKind.PRINTED).value), share


def digit_log_odds(
    boxes: Sequence[Box], component_indices: Sequence[int], class_shares: NDArray[np.float64], components: Components
) -> list[float]:
    """Log odds that the ink in some boxes of a text line is of digits, printed or not, by its ink classes.

    Args:
        boxes: boxes of the hypotheses of single digits.
        component_indices: components of the text line.
        class_shares: ink classes of all components, from :func:`component_class_shares`.
        components: components of the page without rules.

    Returns:
        Log odds of each box, from ``_MIN_LOG_ODDS`` to infinity.
    """
    own = np.array(component_indices, np.int64)
    x, _, width, _ = components.boxes[own].T
    digits = class_shares[own][:, DIGIT_CLASSES].sum(axis=1)
    log_odds = []
    for box in boxes:
        shared = np.clip(np.minimum(x + width, box.right) - np.maximum(x, box.x), 0, None)
        weight = components.areas[own] * shared / width
        share = float(weight @ digits / weight.sum()) if weight.any() else 0.5
        odds = math.log(max(share, 1e-9) / (1 - share)) if share < _MIN_CERTAIN_DIGIT_SHARE else math.inf
        log_odds.append(max(odds, _MIN_LOG_ODDS))
    return log_odds
