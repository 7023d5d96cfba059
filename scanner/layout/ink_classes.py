"""Ink -> what kind of ink it is: the page network, which sees each piece in its surroundings.

By its shape an O is a 0 and an l is a 1, printed or written; what stands around
tells them apart.  So the network sees the whole page at once, its characters
scaled to one height, and says of each small cell what the ink in it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.options import NumberKind
from scanner.weights import invalid_weights_error, load_weights, models_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.types import Box, Image, Ink

CHARACTER_HEIGHT_PIXELS = 11
"""Height of the page's taller characters as the network sees them, pixels: the strokes of a digit are little more than
a pixel wide then, and a letter page has half a megapixel."""
OUTPUT_STRIDE = 4
"""Pixels of the network's picture to one cell of its answer, each way."""
INPUT_SIDE_MULTIPLE = 8
"""Sides of the network's picture are multiples of this."""
_MAX_INPUT_PIXELS = 6_000_000
"""Pixels of the largest picture the network is shown; on a larger page characters are shown smaller."""
_MAX_SCALE = 1.6
"""A page is enlarged at most so much: what is smaller has no shape to tell it by."""
_MARGIN_PIXELS = 16
"""Pixels of the network's picture around the ink that it is shown: margins have nothing to tell and take time."""
_SAMPLING_STEP_PIXELS = 2
"""Where strokes are at least this wide, every second pixel both ways is enough to tell what a component is."""


class InkClass(IntEnum):
    """What ink can be; the network's outputs in order."""

    DIGIT = 0
    """Handwritten digits, with the points and commas within a number."""
    PRINT = 1
    """Printed letters and signs."""
    WRITING = 2
    """Handwritten letters, words, signatures, and the signs between numbers."""
    RULE = 3
    """Rules, boxes and frames."""
    MARK = 4
    """All else: codes, stamps, ticks, crosses, scribbles, what a number is crossed out with, holes."""
    PRINTED_DIGIT = 5
    """Printed digits, with the points and commas within a number."""


DIGIT_CLASSES = [InkClass.DIGIT, InkClass.PRINTED_DIGIT]
"""What numbers are made of."""


CLASSES_OF_NUMBER_KIND = {
    NumberKind.HANDWRITTEN: (InkClass.DIGIT,),
    NumberKind.PRINTED: (InkClass.PRINTED_DIGIT,),
    NumberKind.ANY: tuple(DIGIT_CLASSES),
}
"""The ink of which they are made."""


@dataclass(frozen=True, slots=True, eq=False)
class InkClassMap:
    """What the ink of a page is, cell by cell."""

    probabilities: NDArray[np.float32]
    """Shape (rows, columns, len(InkKind)): probabilities that sum to 1.  Where there is no ink they mean nothing."""
    cells_per_page_pixel: tuple[float, float]
    """Cells to the pixel of the page, across and down."""


def input_scale(character_height: float, shape: tuple[int, int]) -> float:
    """How many times as large the network is shown a page of this shape (rows, columns)."""
    room = (_MAX_INPUT_PIXELS / max(shape[0] * shape[1], 1)) ** 0.5
    return float(min(CHARACTER_HEIGHT_PIXELS / max(character_height, 1.0), _MAX_SCALE, room))


def scale_to_input(strength: Image, scale: float) -> Image:
    """The ink as the network sees it: shape (rows, columns), multiples of ``INPUT_SIDE_MULTIPLE``, 255 = full ink."""
    height, width = (max(round(side * scale / INPUT_SIDE_MULTIPLE), 1) * INPUT_SIDE_MULTIPLE for side in strength.shape)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(strength, (width, height), interpolation=way), np.uint8)


def _ink_window(shown: Image) -> tuple[slice, slice]:
    """The part with ink and a little paper around it; its sides are multiples of ``INPUT_SIDE_MULTIPLE``, and not 0."""
    x, y, width, height = cv2.boundingRect(shown)
    rows, columns = shown.shape
    return _align_to_multiple(y, height, rows), _align_to_multiple(x, width, columns)


def _align_to_multiple(begin: int, length: int, most: int) -> slice:
    first = max(begin - _MARGIN_PIXELS, 0) // INPUT_SIDE_MULTIPLE * INPUT_SIDE_MULTIPLE
    behind = min(-(-(begin + length + _MARGIN_PIXELS) // INPUT_SIDE_MULTIPLE) * INPUT_SIDE_MULTIPLE, most)
    return slice(first, max(behind, INPUT_SIDE_MULTIPLE))


def space_to_depth(input_image: Image) -> NDArray[np.float32]:
    """A picture as the network takes it: the four pixels of each square of two by two are the channels of one place.

    OpenCV works on eight channels at a time: of one pixel and seven times nothing it would make most of the work of
    the first layer, which goes to every second pixel anyway.

    Args:
        input_image: shape (H, W), multiples of 2: 255 = full ink.

    Returns:
        Shape (1, 4, H / 2, W / 2): 0-1.
    """
    rows, columns = (side // 2 for side in input_image.shape)
    squares = input_image.reshape(rows, 2, columns, 2).transpose(1, 3, 0, 2)
    return np.multiply(squares, np.float32(1 / 255), dtype=np.float32).reshape(1, 4, rows, columns)


class PageNetwork:
    """Tells what the ink of a page is."""

    def __init__(self, weights: bytes) -> None:
        """Take the ONNX file's bytes."""
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))

    def logits(self, input_image: Image) -> NDArray[np.float32]:
        """Raw outputs for one picture, shape (H, W) -> (H / CELL, W / CELL, len(InkKind))."""
        self._net.setInput(space_to_depth(input_image))
        return np.array(self._net.forward()[0], np.float32)

    def classify_ink(self, ink: Ink, character_height: float) -> InkClassMap:
        """Look at a page.

        Args:
            ink: of the page upright, with its rules.
            character_height: of its taller characters, pixels.
        """
        rows, columns = ink.strength.shape
        shown = scale_to_input(ink.strength, input_scale(character_height, (rows, columns)))
        shares = np.zeros((shown.shape[0] // OUTPUT_STRIDE, shown.shape[1] // OUTPUT_STRIDE, len(InkClass)), np.float32)
        inked = _ink_window(shown)
        logits = self.logits(shown[inked])
        odds = np.exp(logits - logits.max(axis=2, keepdims=True))
        shares[tuple(slice(side.start // OUTPUT_STRIDE, side.stop // OUTPUT_STRIDE) for side in inked)] = (
            odds / odds.sum(axis=2, keepdims=True)
        )
        return InkClassMap(shares, (shares.shape[1] / columns, shares.shape[0] / rows))


_MAX_UNPRINTED_PAGE_PRINT_SHARE = 0.05
"""A page of whose ink less than this part is printed letters and signs is not printed."""


def assume_handwritten_without_print(ink_class_map: InkClassMap, ink: Ink) -> InkClassMap:
    """What the ink is if a page has nothing but digits: then they are written by hand.

    Print is told by the print beside it.  A number alone on a sheet has none, and
    a neat hand would be taken for a machine; nobody prints one number on a page.

    Args:
        ink_class_map: of the page.
        ink: of the same page.

    Returns:
        The same object for any other page.
    """
    rows, columns = ink_class_map.probabilities.shape[:2]
    weights = cv2.resize(ink.strength, (columns, rows), interpolation=cv2.INTER_AREA)
    amounts = np.tensordot(np.asarray(weights, np.float64), ink_class_map.probabilities, 2)
    written = amounts[InkClass.DIGIT] + amounts[InkClass.WRITING]
    if (
        amounts[InkClass.PRINT] > _MAX_UNPRINTED_PAGE_PRINT_SHARE * amounts.sum()
        or amounts[InkClass.PRINTED_DIGIT] <= written
    ):
        return ink_class_map
    shares = ink_class_map.probabilities.copy()
    shares[..., InkClass.DIGIT] += shares[..., InkClass.PRINTED_DIGIT]
    shares[..., InkClass.PRINTED_DIGIT] = 0
    return InkClassMap(shares, ink_class_map.cells_per_page_pixel)


def component_class_shares(
    components: Components, ink_class_map: InkClassMap, stroke_width: float
) -> NDArray[np.float64]:
    """What each component is: the mean over its ink.

    Returns:
        Shape (N, len(InkKind)); rows sum to 1.
    """
    step = _SAMPLING_STEP_PIXELS if stroke_width >= _SAMPLING_STEP_PIXELS else 1
    labels = np.ascontiguousarray(components.labels[::step, ::step])
    inked = np.flatnonzero(labels != 0)
    y = inked // labels.shape[1]
    owner = labels.reshape(-1)[inked] - 1
    found = probabilities_at(ink_class_map, y * step, (inked - y * labels.shape[1]) * step)
    count = len(components)
    amount = np.bincount(owner, minlength=count)
    sums = np.stack([np.bincount(owner, part, minlength=count) for part in found.T], axis=1)
    missed = np.flatnonzero(amount == 0)
    left, top, wide, high = components.boxes[missed].T
    sums[missed], amount[missed] = probabilities_at(ink_class_map, top + high // 2, left + wide // 2), 1
    shares: NDArray[np.float64] = sums / amount[:, None]
    return shares


def probabilities_at(ink_class_map: InkClassMap, y: NDArray[np.integer], x: NDArray[np.integer]) -> NDArray[np.float32]:
    """What the ink is at pixels of the page; shape (N, len(InkKind))."""
    across, down = ink_class_map.cells_per_page_pixel
    rows, columns = ink_class_map.probabilities.shape[:2]
    row, column = (
        np.minimum((y * down).astype(np.intp), rows - 1),
        np.minimum((x * across).astype(np.intp), columns - 1),
    )
    found: NDArray[np.float32] = np.take(
        ink_class_map.probabilities.reshape(rows * columns, -1), row * columns + column, axis=0
    )
    return found


def load_page_network(folder: Path | None = None) -> PageNetwork:
    """Load the page network.

    Args:
        folder: of the weights; those that came with the program if None.

    Raises:
        MissingPartError: if its weights are not there or damaged.
    """
    folder = folder or models_folder()
    weights, _ = load_weights(folder, "pages.onnx")
    try:
        return PageNetwork(weights)
    except cv2.error as error:
        raise invalid_weights_error(folder / "pages.onnx", error) from error


_MIN_CANDIDATE_PROBABILITY = 0.3
"""A component that is of the kind wanted with at least this probability may be part of a number: what stands beside it
decides."""
_MIN_NUMBER_KIND_SHARE = 0.5
"""The ink of a number is of the kind wanted with at least this probability."""


def may_be_number(class_shares: NDArray[np.float64], number_kind: NumberKind) -> NDArray[np.bool_]:
    """Which components may be part of numbers of a kind; ``class_shares`` from :func:`component_class_shares`."""
    found: NDArray[np.bool_] = (
        class_shares[:, CLASSES_OF_NUMBER_KIND[number_kind]].sum(axis=1) >= _MIN_CANDIDATE_PROBABILITY
    )
    return found


_MIN_MARK_PROBABILITY = 0.6
"""In a box for one digit, what is a mark or a rule with at least this probability is a cross, a dash or a remnant."""


def is_mark(class_shares: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which components are marks, dashes or rules, no characters; ``class_shares`` from :func:`component_class_shares`."""
    found: NDArray[np.bool_] = class_shares[:, [InkClass.MARK, InkClass.RULE]].sum(axis=1) >= _MIN_MARK_PROBABILITY
    return found


def classify_number_kind(
    class_shares: NDArray[np.float64], areas: NDArray[np.int32], number_kind: NumberKind
) -> tuple[str, float]:
    """What a number is, by all of its ink.

    Args:
        class_shares: of its components, shape (N, len(InkKind)), N at least 1.
        areas: pixels of ink of each, shape (N,).
        number_kind: what is wanted.

    Returns:
        ``handwritten`` or ``printed``, empty if it is not wanted, or no number; and how much of it is what is wanted,
        0-1.
    """
    mean = np.average(class_shares, axis=0, weights=np.maximum(areas, 1))
    share = float(mean[list(CLASSES_OF_NUMBER_KIND[number_kind])].sum())
    if share < _MIN_NUMBER_KIND_SHARE:
        return "", share
    written = mean[InkClass.DIGIT] >= mean[InkClass.PRINTED_DIGIT]
    return str((NumberKind.HANDWRITTEN if written else NumberKind.PRINTED).value), share


_MIN_CERTAIN_DIGIT_SHARE = 0.95
"""Ink that is of digits with at least this probability is, however badly it reads: two that touch read as none."""
_MIN_LOG_ODDS = -12.0
"""Log odds: nothing is surer not to be of digits."""


def digit_log_odds(
    boxes: Sequence[Box], component_indices: Sequence[int], class_shares: NDArray[np.float64], components: Components
) -> list[float]:
    """Log odds that each piece of a run is of digits, printed or not, by what the components in it are.

    Args:
        boxes: of the pieces.
        component_indices: components of the run.
        class_shares: of all components, from :func:`component_class_shares`.
        components: of the page without rules.
    """
    own = np.array(component_indices)
    x, _, width, _ = components.boxes[own].T
    digits = class_shares[own][:, DIGIT_CLASSES].sum(axis=1)
    found = []
    for box in boxes:
        shared = np.clip(np.minimum(x + width, box.right) - np.maximum(x, box.x), 0, None)
        weight = components.areas[own] * shared / width
        share = float(weight @ digits / weight.sum()) if weight.any() else 0.5
        odds = math.log(max(share, 1e-9) / (1 - share)) if share < _MIN_CERTAIN_DIGIT_SHARE else math.inf
        found.append(max(odds, _MIN_LOG_ODDS))
    return found
