"""Pages of registers with a label for their ink, as far as their transcribers' boxes tell what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.labelled_ink import OTHER_INK, UNKNOWN_INK
from scanner.errors import DataError
from scanner.image.background import flatten_background, to_gray
from scanner.image.binarization import binarize
from scanner.image.measured_ink import measure_ink
from scanner.layout.rules import find_rules, remove_rules
from scanner.synthesis.page_content import PageNumber, PixelClass, find_outline
from scanner.synthesis.scans import SyntheticPage

if TYPE_CHECKING:
    from scanner.datasets.register_pages import RegisterPage
    from scanner.image.components import Components
    from scanner.types import Box, Image

_MIN_INSIDE_SHARE = 0.6
"""Minimum part of the height and of the width of ink that lies in the box of a number it belongs to.  A choice: boxes
are loose, and tails of the line above reach into them."""
_MAX_OUTSIDE_SHARE = 0.35
"""Ink with more than this in the box of a number, but too little to belong to it, may be a digit of it."""
_MIN_INK_HEIGHT_SHARE = 0.3
"""Minimum height of the ink of a number in its box: with less, it was lost to a rule or to a neighbour."""


def label_register_page(page: RegisterPage) -> SyntheticPage:
    """Label the ink of a page.

    Numbers whose ink cannot be told from their surroundings, digits amid words, and ink outside of all lines are
    unknown.

    Raises:
        DataError: if its image cannot be read.
    """
    image = cv2.imread(str(page.path), cv2.IMREAD_COLOR)
    if image is None:
        raise DataError(f"{page.path}: not readable as a picture")
    bgr = np.asarray(image, np.uint8)
    ink = measure_ink(binarize(flatten_background(to_gray(bgr))))
    rules = find_rules(ink)
    without_rules = remove_rules(ink, rules)
    classes = np.where(without_rules.mask > 0, np.uint8(UNKNOWN_INK), np.uint8(PixelClass.PAPER))
    classes[rules.pixels > 0] = PixelClass.RULE
    first_row = min((box.y for box in page.boxes), default=0)
    for line in page.lines:
        if not any(character.isdigit() for character in line.text):
            is_writing = line.box.center[1] > first_row and any(character.islower() for character in line.text)
            _label_box(classes, line.box, PixelClass.WRITING if is_writing else OTHER_INK)
    numbers = []
    for box in page.boxes:
        found = _ink_of_number(box, without_rules.components)
        if found is None:
            _label_box(classes, box, UNKNOWN_INK)
        else:
            mask, left, top = found
            rows, columns = mask.shape
            classes[top : top + rows, left : left + columns][mask > 0] = PixelClass.DIGIT
            numbers.append(PageNumber("", find_outline(mask, left, top), "handwritten"))
    return SyntheticPage(bgr, classes, tuple(numbers), 150.0, "register")


def _label_box(classes: Image, box: Box, label: int) -> None:
    """Label the ink in a box that is not of a rule."""
    area = classes[max(box.y, 0) : max(box.bottom, 0), max(box.x, 0) : max(box.right, 0)]
    area[(area != PixelClass.PAPER) & (area != PixelClass.RULE)] = label


def _ink_of_number(box: Box, components: Components) -> tuple[Image, int, int] | None:
    """Mask of the ink of a number with its left and top, None if it is not found."""
    x, y, width, height = components.boxes.T
    shared_x = np.minimum(x + width, box.right) - np.maximum(x, box.x)
    shared_y = np.minimum(y + height, box.bottom) - np.maximum(y, box.y)
    inside = np.minimum(shared_x / width, shared_y / height)
    own = np.flatnonzero(inside >= _MIN_INSIDE_SHARE)
    if not own.size or ((inside >= _MAX_OUTSIDE_SHARE) & (inside < _MIN_INSIDE_SHARE)).any():
        return None
    left, top = int(x[own].min()), int(y[own].min())
    right, bottom = int((x + width)[own].max()), int((y + height)[own].max())
    if bottom - top < _MIN_INK_HEIGHT_SHARE * box.height:
        return None
    mask = np.isin(components.labels[top:bottom, left:right], own + 1)
    return np.where(mask, np.uint8(255), np.uint8(0)), left, top
