"""Classify the ink of a page with the page network, which sees all ink in its surroundings.

By its shape an O is a 0 and an l is a 1, printed or written; only the surroundings distinguish them.  So the network
sees the whole page at once, its characters scaled to one height, and classifies the ink in each small square of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.options import NumberKind
from scanner.weights import PAGE_NETWORK_WEIGHTS, invalid_weights_error, load_weights, models_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.image.measured_ink import MeasuredInk
    from scanner.types import Box, Image, Ink

CHARACTER_HEIGHT_PIXELS = 11
"""Height of the page's taller characters in the network's input, pixels.  A choice: the strokes of a digit are then
little more than a pixel wide, and a letter page has half a megapixel."""
OUTPUT_STRIDE = 4
"""Pixels of the network's input per cell of its output, in either direction.  Given by the network."""
INPUT_SIDE_MULTIPLE = 8
"""The sides of the network's input are multiples of this, pixels.  Given by the network."""
_MAX_INPUT_PIXELS = 6_000_000
"""Maximum pixels of the network's input; characters of a larger page are scaled down further.  A choice."""
_MAX_SCALE = 1.6
"""Maximum scale of a page: smaller characters have no recognizable shape.  A choice."""
_MARGIN_PIXELS = 16
"""Margin around the ink in the network's input, pixels: more empty paper takes time and adds no information.  A
choice."""
_SAMPLING_STEP_PIXELS = 2
"""Sampling step, pixels, when components are classified, if strokes are at least as wide.  A choice."""
_MAX_UNPRINTED_PAGE_PRINT_SHARE = 0.05
"""Maximum share of printed letters and signs in the ink of a page on which nothing is printed.  A choice."""
_MIN_CANDIDATE_PROBABILITY = 0.3
"""Minimum probability of a component to be of the requested kind, for it to be possibly part of a number: its
neighbours decide.  A choice."""
_MIN_NUMBER_KIND_SHARE = 0.5
"""Minimum share of the ink of a number that is of the requested kind.  A choice: more than anything else."""
_MIN_MARK_PROBABILITY = 0.6
"""Minimum probability of a component in a comb cell to be a mark or a rule, for it to be a cross, a dash or a remnant
of a rule.  A choice."""
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


def input_scale(character_height: float, shape: tuple[int, int]) -> float:
    """Scale from a page of this shape (rows, columns) to the network's input, given its character height in pixels."""
    room = (_MAX_INPUT_PIXELS / max(shape[0] * shape[1], 1)) ** 0.5
    return float(min(CHARACTER_HEIGHT_PIXELS / max(character_height, 1.0), _MAX_SCALE, room))


def scale_to_input(strength: Image, scale: float) -> Image:
    """Scale ink to the network's input: shape (rows, columns), multiples of ``INPUT_SIDE_MULTIPLE``; 255 = full ink."""
    height, width = (max(round(side * scale / INPUT_SIDE_MULTIPLE), 1) * INPUT_SIDE_MULTIPLE for side in strength.shape)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(strength, (width, height), interpolation=interpolation), np.uint8)


def _ink_window(input_image: Image) -> tuple[slice, slice]:
    """Window around the ink with a margin; its sides are multiples of ``INPUT_SIDE_MULTIPLE``, and not 0."""
    x, y, width, height = cv2.boundingRect(input_image)
    rows, columns = input_image.shape
    return _align_to_multiple(y, height, rows), _align_to_multiple(x, width, columns)


def _align_to_multiple(begin: int, length: int, most: int) -> slice:
    first = max(begin - _MARGIN_PIXELS, 0) // INPUT_SIDE_MULTIPLE * INPUT_SIDE_MULTIPLE
    behind = min(-(-(begin + length + _MARGIN_PIXELS) // INPUT_SIDE_MULTIPLE) * INPUT_SIDE_MULTIPLE, most)
    return slice(first, max(behind, INPUT_SIDE_MULTIPLE))


def space_to_depth(input_image: Image) -> NDArray[np.float32]:
    """Convert an image to the network's input tensor: each square of two by two pixels becomes one with four channels.

    OpenCV processes eight channels at a time: with one channel, seven eighths of the work of the first layer, which has
    a stride of two anyway, would be wasted.

    Args:
        input_image: shape (H, W), multiples of 2; 255 = full ink.

    Returns:
        Shape (1, 4, H / 2, W / 2), 0-1.
    """
    rows, columns = (side // 2 for side in input_image.shape)
    squares = input_image.reshape(rows, 2, columns, 2).transpose(1, 3, 0, 2)
    return np.multiply(squares, np.float32(1 / 255), dtype=np.float32).reshape(1, 4, rows, columns)


class PageNetwork:
    """Network that classifies the ink of a page."""

    def __init__(self, weights: bytes) -> None:
        """Load the network from the bytes of its ONNX file."""
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))

    def logits(self, input_image: Image) -> NDArray[np.float32]:
        """Logits for an image, shape (H, W) -> (H / OUTPUT_STRIDE, W / OUTPUT_STRIDE, len(InkClass))."""
        self._net.setInput(space_to_depth(input_image))
        return np.array(self._net.forward()[0], np.float32)

    def classify_ink(self, ink: MeasuredInk) -> InkClassMap:
        """Classify the ink of a page.

        Args:
            ink: ink of the rectified page, with its rules.
        """
        rows, columns = ink.strength.shape
        input_image = scale_to_input(ink.strength, input_scale(ink.character_height, (rows, columns)))
        cell_rows, cell_columns = (side // OUTPUT_STRIDE for side in input_image.shape)
        probabilities = np.zeros((cell_rows, cell_columns, len(InkClass)), np.float32)
        window = _ink_window(input_image)
        logits = self.logits(input_image[window])
        odds = np.exp(logits - logits.max(axis=2, keepdims=True))
        cells = tuple(slice(side.start // OUTPUT_STRIDE, side.stop // OUTPUT_STRIDE) for side in window)
        probabilities[cells] = odds / odds.sum(axis=2, keepdims=True)
        return InkClassMap(probabilities, (cell_columns / columns, cell_rows / rows))


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


def load_page_network(folder: Path | None = None) -> PageNetwork:
    """Load the page network.

    Args:
        folder: folder of the weights; None for those that come with the program.

    Raises:
        NotInstalledError: if its weights are missing or damaged.
    """
    folder = folder or models_folder()
    weights, _ = load_weights(folder, PAGE_NETWORK_WEIGHTS)
    try:
        return PageNetwork(weights)
    except cv2.error as error:
        raise invalid_weights_error(folder / PAGE_NETWORK_WEIGHTS, error) from error


def may_be_number(class_shares: NDArray[np.float64], number_kind: NumberKind) -> NDArray[np.bool_]:
    """Which components may be part of numbers of a kind, by their ink classes, shape (N, len(InkClass))."""
    probabilities = class_shares[:, CLASSES_OF_NUMBER_KIND[number_kind]].sum(axis=1)
    return np.asarray(probabilities >= _MIN_CANDIDATE_PROBABILITY, np.bool_)


def is_mark(class_shares: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which components are marks, dashes or rules, by their ink classes, shape (N, len(InkClass))."""
    probabilities = class_shares[:, [InkClass.MARK, InkClass.RULE]].sum(axis=1)
    return np.asarray(probabilities >= _MIN_MARK_PROBABILITY, np.bool_)


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
    own = np.array(component_indices)
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
