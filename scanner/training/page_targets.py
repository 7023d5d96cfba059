"""What the page network should answer for a page or patch: arrays made from its labels and boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.labelled_ink import UNKNOWN_INK
from scanner.layout.ink_classes import InkClass
from scanner.layout.number_finder import CORE_INSET_SHARE
from scanner.layout.page_network import CORE_STRIDE, OUTPUT_STRIDE
from scanner.training.page_samples import NO_INK_LABEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.training.page_samples import PageNetworkSample

_MIN_CORE_SIDE_PIXELS = 2.1
"""Minimum side of a core, pixels of the network's input: the core of a 1 would vanish otherwise."""
_DIGIT_CORE_SHARE = 0.45
"""Width and height of the middle of a digit, in those of the digit.  A choice: middles of touching digits are apart."""
_REFERENCE_CORE_AREA = 27.0
"""Area of the core of a number of three digits, pixels of the cores: its pixels have a weight of 1 in the loss."""
_CORE_WEIGHT_RANGE = (0.6, 4.0)
"""Least and greatest weight of a pixel in a core: a short number counts nearly as much as a long one.  A choice."""
_BARE_PAPER_WEIGHT = 0.25
"""Weight of a pixel away from all ink: there is nothing to learn, and most pixels are.  A choice."""
_GAP_WEIGHT = 3.0
"""Weight of a pixel between two numbers: taken for a core, it joins them.  A choice."""
_GAP_REACH_HEIGHTS = 0.6
"""Distance from a number, in its heights, of what lies between it and the next one.  A choice."""
_INK_REACH_PIXELS = 4
"""Distance from ink, pixels of the cores, from which paper is bare.  A choice."""
_UNKNOWN_MARGIN_HEIGHTS = 0.15
"""Margin, in heights, around a number that may be found or not.  A choice."""


@dataclass(frozen=True, slots=True, eq=False)
class PageTargets:
    """Answers for a page of H x W pixels of the network's input, in cells and in pixels of the cores."""

    class_amounts: NDArray[np.float32]
    """Shape (ink classes, H / 4, W / 4): share of each cell covered by ink of each class, 0-1."""
    cores: NDArray[np.bool_]
    """Shape (H / 2, W / 2): pixels in the core of a number."""
    core_weights: NDArray[np.float32]
    """Shape (H / 2, W / 2): weight of each pixel in the loss; 0 where nothing is known."""
    digits: NDArray[np.bool_]
    """Shape (H / 2, W / 2): pixels in the middle of a digit."""
    digit_weights: NDArray[np.float32]
    """Shape (H / 2, W / 2): likewise."""
    distances: NDArray[np.float32]
    """Shape (2, H / 4, W / 4): from the middle of a cell to the top and to the bottom of its number, cells."""
    distance_weights: NDArray[np.float32]
    """Shape (H / 4, W / 4): 0 outside of cores."""


def page_targets(sample: PageNetworkSample) -> PageTargets:
    """Make the answers for a sample, whose sides must be multiples of ``OUTPUT_STRIDE``."""
    rows, columns = (side // CORE_STRIDE for side in sample.strength.shape)
    drawing = _CoreDrawing(rows, columns)
    for quad, is_wanted in zip(sample.quads.astype(np.float64), sample.is_wanted, strict=True):
        drawing.draw(quad, bool(is_wanted))
    labels = sample.labels
    weights = _base_weights(labels)
    weights[(drawing.owners > 1) & ~drawing.cores] = _GAP_WEIGHT
    # Handwritten digits of no number that is known, such as one cut off by the edge of the page.
    strays = _cover((labels == InkClass.DIGIT).view(np.uint8)) & (drawing.owners == 0)
    unknown = _cover((labels == UNKNOWN_INK).view(np.uint8)) | strays
    digit_weights = weights.copy()
    weights[unknown | drawing.unwanted] = 0
    weights[drawing.cores] = drawing.core_weights[drawing.cores]
    digits = np.zeros((rows, columns), np.bool_)
    digit_weights[unknown] = 0
    for quad in sample.quads[~sample.has_digits]:
        digit_weights[_around(quad.astype(np.float64), 0.0, rows, columns)] = 0
    for box in sample.digit_boxes.astype(np.float64):
        middle = _middle_of_digit(box, rows, columns)
        digits[middle] = True
        digit_weights[middle] = 1
    return PageTargets(
        _class_amounts(labels),
        drawing.cores,
        weights,
        digits,
        digit_weights,
        drawing.distances,
        drawing.distance_weights,
    )


class _CoreDrawing:
    """Cores of numbers, drawn one after the other."""

    def __init__(self, rows: int, columns: int) -> None:
        self.cores = np.zeros((rows, columns), np.bool_)
        self.unwanted = np.zeros((rows, columns), np.bool_)
        self.core_weights = np.zeros((rows, columns), np.float32)
        self.owners = np.zeros((rows, columns), np.uint8)
        per_cell = OUTPUT_STRIDE // CORE_STRIDE
        self.distances = np.ones((2, rows // per_cell, columns // per_cell), np.float32)
        self.distance_weights = np.zeros((rows // per_cell, columns // per_cell), np.float32)

    def draw(self, quad: NDArray[np.float64], is_wanted: bool) -> None:
        rows, columns = self.cores.shape
        origin, along, down, length, height = _axes(quad)
        window = _around(quad, _GAP_REACH_HEIGHTS * height, rows, columns)
        y, x = np.mgrid[window]
        if not y.size:
            return
        offset = (np.stack([x, y], axis=-1) + 0.5) * CORE_STRIDE - origin
        across, depth = offset @ along, offset @ down
        beyond = np.maximum(np.maximum(-across, across - length), np.maximum(-depth, depth - height))
        self.owners[window] += beyond <= _GAP_REACH_HEIGHTS * height
        if not is_wanted:
            self.unwanted[window] |= beyond <= _UNKNOWN_MARGIN_HEIGHTS * height
            return
        half_length = max(length / 2 - CORE_INSET_SHARE * height, _MIN_CORE_SIDE_PIXELS / 2)
        half_height = max(height / 2 - CORE_INSET_SHARE * height, _MIN_CORE_SIDE_PIXELS / 2)
        core = (np.abs(across - length / 2) <= half_length) & (np.abs(depth - height / 2) <= half_height)
        if not core.any():
            return
        self.cores[window] |= core
        weight = np.clip((_REFERENCE_CORE_AREA / core.sum()) ** 0.5, *_CORE_WEIGHT_RANGE)
        self.core_weights[window][core] = weight
        per_cell = OUTPUT_STRIDE // CORE_STRIDE
        row, column = y[core] // per_cell, x[core] // per_cell
        inside = (row < self.distance_weights.shape[0]) & (column < self.distance_weights.shape[1])
        row, column = row[inside], column[inside]
        depth = (np.stack([column, row], axis=-1) + 0.5) * OUTPUT_STRIDE @ down - origin @ down
        # Distances along the vertical, as numbers are hardly sloped.
        depth = np.clip(depth, 0.05 * height, 0.95 * height)
        self.distances[0, row, column] = depth / OUTPUT_STRIDE
        self.distances[1, row, column] = (height - depth) / OUTPUT_STRIDE
        self.distance_weights[row, column] = weight


def _axes(
    quad: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float, float]:
    """Top left corner of a box, unit vectors to the right and down, length and height."""
    along = (quad[1] + quad[2] - quad[0] - quad[3]) / 2
    length = max(float(np.hypot(*along)), 1e-6)
    along = along / length
    down = np.array([-along[1], along[0]])
    offset = quad - quad[0]
    depths, places = offset @ down, offset @ along
    top, bottom = (depths[0] + depths[1]) / 2, (depths[2] + depths[3]) / 2
    left, right = (places[0] + places[3]) / 2, (places[1] + places[2]) / 2
    return quad[0] + left * along + top * down, along, down, float(right - left), max(float(bottom - top), 1e-6)


def _around(quad: NDArray[np.float64], margin: float, rows: int, columns: int) -> tuple[slice, slice]:
    """Window of the pixels of the cores around a box, ``margin`` in pixels of the network's input."""
    low = np.floor((quad.min(axis=0) - margin) / CORE_STRIDE).astype(int)
    high = np.ceil((quad.max(axis=0) + margin) / CORE_STRIDE).astype(int)
    left, top = np.clip(low, 0, (columns, rows)).tolist()
    right, bottom = np.clip(high, 0, (columns, rows)).tolist()
    return slice(top, bottom), slice(left, right)


def _middle_of_digit(box: NDArray[np.float64], rows: int, columns: int) -> tuple[slice, slice]:
    centre = (box[:2] + box[2:]) / 2 / CORE_STRIDE
    half = np.maximum((box[2:] - box[:2]) * _DIGIT_CORE_SHARE / 2, _MIN_CORE_SIDE_PIXELS / 2) / CORE_STRIDE
    # The pixels whose middle lies inside.
    left, top = np.clip(np.ceil(centre - half - 0.5).astype(int), 0, (columns, rows)).tolist()
    right, bottom = np.clip(np.floor(centre + half - 0.5).astype(int) + 1, 0, (columns, rows)).tolist()
    return slice(top, bottom), slice(left, right)


def _cover(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels of the cores at or next to some pixels of the network's input, which are 1 and not 0."""
    return cv2.dilate(_any_of_square(pixels), np.ones((3, 3), np.uint8)).view(bool)


def _any_of_square(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Maximum of each square of two by two pixels; ten times as fast as over two axes."""
    assert CORE_STRIDE == 2
    columns = np.maximum(pixels[:, ::2], pixels[:, 1::2])
    return np.maximum(columns[::2], columns[1::2])


def _base_weights(labels: NDArray[np.uint8]) -> NDArray[np.float32]:
    inked = _any_of_square((labels != NO_INK_LABEL).view(np.uint8))
    reach = 2 * _INK_REACH_PIXELS + 1
    near = cv2.dilate(inked, np.ones((reach, reach), np.uint8))
    return np.where(near > 0, np.float32(1), np.float32(_BARE_PAPER_WEIGHT))


def _class_amounts(labels: NDArray[np.uint8]) -> NDArray[np.float32]:
    rows, columns = (side // OUTPUT_STRIDE for side in labels.shape)
    amounts = np.empty((len(InkClass), rows, columns), np.float32)
    for ink_class in InkClass:
        covered = np.where(labels == ink_class, np.float32(1), np.float32(0))
        amounts[ink_class] = cv2.resize(covered, (columns, rows), interpolation=cv2.INTER_AREA)
    return amounts
