"""Components of digits that touch what is none, parted: an underline, a ring around a number, a slash, a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import Components, label_components
from scanner.layout.ink_classes import CLASSES_OF_NUMBER_KIND, DIGIT_CLASSES, InkClass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.layout.ink_classes import InkClassMap
    from scanner.options import NumberKind
_DIGIT_LIKE_CLASSES = [*DIGIT_CLASSES, InkClass.RULE]
"""The rules are out: what looks like one still is of a digit that crosses them."""
_MIN_WANTED_SHARE, _MAX_DIGIT_LIKE_SHARE = 0.1, 0.8
"""Of such a component so much of the ink is of digits: of one that is all of a kind it is less or more."""
_MIN_PART_INK_SQUARED_STROKES = 2.0
"""Squared stroke widths: smaller pieces go with what they are on."""


def split_by_ink_class(
    components: Components,
    class_shares: NDArray[np.float64],
    ink_class_map: InkClassMap,
    number_kind: NumberKind,
    stroke_width: float,
) -> Components:
    """Part the components in which digits, printed or written, touch ink of another kind.

    Args:
        components: of the straightened page, without rules.
        class_shares: what each is, from :func:`scanner.layout.ink_classes.component_class_shares`.
        ink_class_map: of the same page.
        number_kind: which numbers are wanted; the others may stay what they are.
        stroke_width: typical, pixels.

    Returns:
        The same pixels; the same object if there is nothing to part.
    """
    wanted, digits = (
        class_shares[:, list(kinds)].sum(axis=1) for kinds in (CLASSES_OF_NUMBER_KIND[number_kind], _DIGIT_LIKE_CLASSES)
    )
    smallest = _MIN_PART_INK_SQUARED_STROKES * stroke_width**2
    mixed = np.flatnonzero(
        (wanted > _MIN_WANTED_SHARE) & (digits < _MAX_DIGIT_LIKE_SHARE) & (components.areas >= 2 * smallest)
    )
    labels, boxes, areas = components.labels, components.boxes, components.areas
    for index in mixed.tolist():
        x, y, width, height = components.boxes[index].tolist()
        window = (slice(y, y + height), slice(x, x + width))
        own = components.labels[window] == index + 1
        pieces = _split_masks(own, _digit_probabilities(ink_class_map, (x, y, width, height)) >= 0.5, smallest)
        if len(pieces) < 2:
            continue
        if labels is components.labels:
            labels, boxes, areas = labels.copy(), boxes.copy(), areas.copy()
        numbers = [index, *range(len(areas), len(areas) + len(pieces) - 1)]
        for number, piece in zip(numbers, pieces, strict=True):
            labels[window][piece] = number + 1
        extents = np.array([_mask_box(piece, x, y) for piece in pieces], np.int32)
        sizes = np.array([np.count_nonzero(piece) for piece in pieces], np.int32)
        boxes[index], areas[index] = extents[0], sizes[0]
        boxes, areas = np.concatenate([boxes, extents[1:]]), np.concatenate([areas, sizes[1:]])
    return components if labels is components.labels else Components(labels, boxes, areas)


def _digit_probabilities(kind_map: InkClassMap, box: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """That each pixel of a box is of digits, between the cells as one goes over into the next."""
    x, y, width, height = box
    across, down = kind_map.cells_per_page_pixel
    shear = np.array([[across, 0, (x + 0.5) * across - 0.5], [0, down, (y + 0.5) * down - 0.5]])
    found = cv2.warpAffine(
        np.ascontiguousarray(kind_map.probabilities[..., _DIGIT_LIKE_CLASSES].sum(axis=2)),
        shear,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, np.float32)


def _split_masks(own: NDArray[np.bool_], is_digit: NDArray[np.bool_], smallest: float) -> list[NDArray[np.bool_]]:
    """The component in pieces each of which is of digits or of none; one only if there is nothing to part."""
    of_digits = own & is_digit
    for side in (True, False):
        part = of_digits if side else own & ~of_digits
        found = label_components(part.view(np.uint8))
        small = np.isin(found.labels, np.flatnonzero(found.areas < smallest) + 1)
        of_digits = of_digits & ~small if side else of_digits | small
    return [
        found.labels == index + 1
        for part in (of_digits, own & ~of_digits)
        for found in (label_components(part.view(np.uint8)),)
        for index in range(len(found))
    ]


def _mask_box(piece: NDArray[np.bool_], x: int, y: int) -> tuple[int, int, int, int]:
    left, top, width, height = cv2.boundingRect(piece.view(np.uint8))
    return x + left, y + top, width, height
