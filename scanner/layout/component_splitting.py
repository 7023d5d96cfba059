"""Split components in which digits touch other ink: an underline, a ring around a number, a slash, a letter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import label_components
from scanner.layout.ink_classes import CLASSES_OF_NUMBER_KIND, DIGIT_CLASSES, InkClass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.ink_classes import InkClassMap
    from scanner.options import NumberKind

_DIGIT_LIKE_CLASSES = [*DIGIT_CLASSES, InkClass.RULE]
"""Classes of the ink of digits.  Rules were removed: what still looks like one is part of a digit that crosses them."""
_MIN_DIGIT_SHARE, _MAX_DIGIT_LIKE_SHARE = 0.1, 0.8
"""Minimum share of digits of the requested kind, and maximum share of anything digit-like, in a component that is
split: with less or more it is all of one class.  A choice."""
_MIN_SPLIT_OFF_INK_SQUARED_STROKES = 2.0
"""Minimum ink of a part that is split off, squared stroke widths: smaller ones are errors of the ink class map along
borders between classes, and stay with the ink they touch.  A choice."""


def split_by_ink_class(
    ink: MeasuredInk,
    class_shares: NDArray[np.float64],
    ink_class_map: InkClassMap,
    number_kind: NumberKind,
) -> MeasuredInk:
    """Split the components in which digits, printed or written, touch ink of another class.

    Args:
        ink: ink of the rectified page, without rules.
        class_shares: ink classes of each component, from :func:`scanner.layout.ink_classes.component_class_shares`.
        ink_class_map: ink classes of the same page.
        number_kind: requested kind of numbers; components with others are not split.

    Returns:
        The same ink with its components split; the same object if there is nothing to split.
    """
    components = ink.components
    digits, digit_like = (
        class_shares[:, list(classes)].sum(axis=1)
        for classes in (CLASSES_OF_NUMBER_KIND[number_kind], _DIGIT_LIKE_CLASSES)
    )
    smallest = _MIN_SPLIT_OFF_INK_SQUARED_STROKES * ink.stroke_width**2
    mixed = np.flatnonzero(
        (digits > _MIN_DIGIT_SHARE) & (digit_like < _MAX_DIGIT_LIKE_SHARE) & (components.areas >= 2 * smallest)
    )
    parts = {}
    for index in mixed.tolist():
        x, y, width, height = components.boxes[index].tolist()
        own = components.labels[y : y + height, x : x + width] == index + 1
        masks = _split_mask(own, _digit_probabilities(ink_class_map, (x, y, width, height)) >= 0.5, smallest)
        if len(masks) > 1:
            parts[index] = masks
    return replace(ink, components=components.split(parts)) if parts else ink


def _digit_probabilities(ink_class_map: InkClassMap, box: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """Probability of each pixel of a box to be of digits, interpolated between the cells of the map."""
    x, y, width, height = box
    across, down = ink_class_map.cells_per_page_pixel
    to_cells = np.array([[across, 0, (x + 0.5) * across - 0.5], [0, down, (y + 0.5) * down - 0.5]])
    probabilities = cv2.warpAffine(
        np.ascontiguousarray(ink_class_map.probabilities[..., _DIGIT_LIKE_CLASSES].sum(axis=2)),
        to_cells,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(probabilities, np.float32)


def _split_mask(own: NDArray[np.bool_], is_digit: NDArray[np.bool_], smallest: float) -> list[NDArray[np.bool_]]:
    """Split a component into parts of digits and parts of other ink; a single part if there is nothing to split."""
    of_digits = own & is_digit
    of_digits &= ~_small_components(of_digits, smallest)
    of_digits |= _small_components(own & ~of_digits, smallest)
    return [
        components.labels == index + 1
        for part in (of_digits, own & ~of_digits)
        for components in (label_components(part.view(np.uint8)),)
        for index in range(len(components))
    ]


def _small_components(mask: NDArray[np.bool_], smallest: float) -> NDArray[np.bool_]:
    """Mask of the components with less ink than ``smallest``, pixels."""
    components = label_components(mask.view(np.uint8))
    return np.isin(components.labels, np.flatnonzero(components.areas < smallest) + 1)
