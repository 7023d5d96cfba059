"""Sheets of the sample pages, with print and handwriting.

A sheet is a value: each function returns a new one.  It has the outlines of the numbers written on it, so that their
boxes are tight even after the sheet is rotated or photographed by ``capture``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis.page_content import GRAIN_SIZE_PIXELS, outline_box
from scanner.synthesis.pen import Writer, draw_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.synthesis.page_content import Colour
    from scanner.types import Box, Image

_MIN_VISIBLE_INK = 32
"""Minimum ink (0-255) that counts as part of a number."""
_HERSHEY_CAPITAL_HEIGHT_PIXELS = 22
"""Height of the capitals of OpenCV's Hershey fonts at scale 1, pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class SheetNumber:
    """A number on a sheet."""

    text: str
    outline: NDArray[np.float64]
    """Convex hull of its ink: shape (N, 2), (x, y) of pixel centres on the sheet."""

    @property
    def box(self) -> Box:
        """Smallest box around the outline."""
        return outline_box(self.outline)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A sheet of paper with print and handwriting."""

    image: Image
    """Shape (height, width, 3), uint8, BGR."""
    numbers: tuple[SheetNumber, ...] = ()
    """Numbers in the order written."""


@dataclass(frozen=True, slots=True)
class SheetHand:
    """A writer with a pen."""

    writer: Writer
    height: int
    """Height of a digit, pixels."""
    colour: Colour
    """BGR of full ink."""
    opacity: float = 0.92
    """How much of the paper full ink hides, 0-1."""
    grain: float = 0.1
    """Unevenness: relative standard deviation of the coverage."""


def blank_sheet(width: int, height: int, colour: Colour) -> Sheet:
    """A blank sheet, ``width`` x ``height`` pixels."""
    return Sheet(np.full((height, width, 3), colour, np.uint8))


def print_rule(sheet: Sheet, start: tuple[int, int], end: tuple[int, int], colour: Colour, thickness: int = 1) -> Sheet:
    """Print a straight line from ``start`` to ``end``, both (x, y)."""
    image = sheet.image.copy()
    cv2.line(image, start, end, colour, thickness, cv2.LINE_AA)
    return replace(sheet, image=image)


def print_form_frame(sheet: Sheet, box: Box, colour: Colour, thickness: int = 1) -> Sheet:
    """Print the outline of ``box``."""
    image = sheet.image.copy()
    cv2.rectangle(image, (box.x, box.y), (box.right - 1, box.bottom - 1), colour, thickness)
    return replace(sheet, image=image)


def print_words(sheet: Sheet, words: str, start: tuple[int, int], capital: int, colour: Colour) -> Sheet:
    """Print ``words`` from ``start``, (x, y) of their baseline, with capitals ``capital`` pixels high."""
    image = sheet.image.copy()
    cv2.putText(
        image, words, start, cv2.FONT_HERSHEY_DUPLEX, capital / _HERSHEY_CAPITAL_HEIGHT_PIXELS, colour, 1, cv2.LINE_AA
    )
    return replace(sheet, image=image)


def handwrite_text(sheet: Sheet, text: str, start: tuple[int, int], hand: SheetHand, rng: np.random.Generator) -> Sheet:
    """Write ``text`` from ``start``, (x, y) of its baseline; each sequence of digits is added as a number.

    Raises:
        ValueError: if a character has no letterform, or the text does not fit on the sheet.
    """
    ink, boxes = draw_text(text, hand.writer, rng, hand.height)
    placed, left, top = _lay_ink(sheet, ink, boxes, start, hand, rng)
    numbers = [_to_sheet_number(match, ink, boxes, (left, top)) for match in re.finditer(r"\d+", text)]
    return replace(placed, numbers=(*sheet.numbers, *numbers))


def write_flush_right(
    sheet: Sheet, text: str, end: tuple[int, int], hand: SheetHand, rng: np.random.Generator
) -> Sheet:
    """Write as ``handwrite_text`` does, but up to ``end``, (x, y) of the end of the baseline."""
    preview, _ = draw_text(text, hand.writer, _copy_generator(rng), hand.height)
    return handwrite_text(sheet, text, (end[0] - preview.shape[1], end[1]), hand, rng)


def write_in_cells(sheet: Sheet, digits: str, cells: Sequence[Box], hand: SheetHand, rng: np.random.Generator) -> Sheet:
    """Write a number with one digit per cell, roughly centred.

    Raises:
        ValueError: if there are not as many cells as digits, or a digit does not fit on the sheet.
    """
    outlines = []
    for digit, cell in zip(digits, cells, strict=True):
        ink, boxes = draw_text(digit, hand.writer, rng, hand.height)
        offset = rng.normal(0.0, 0.04, 2) * (cell.width, cell.height)
        x, y = np.rint(np.array(cell.center) + offset).astype(int).tolist()
        start = (x - ink.shape[1] // 2, y + hand.height // 2)
        sheet, left, top = _lay_ink(sheet, ink, boxes, start, hand, rng)
        outlines.append(_find_outline(ink, boxes, (left, top)))
    return replace(sheet, numbers=(*sheet.numbers, SheetNumber(digits, np.concatenate(outlines))))


def _copy_generator(rng: np.random.Generator) -> np.random.Generator:
    """A copy of the generator in the same state."""
    bits = type(rng.bit_generator)()
    bits.state = rng.bit_generator.state
    return np.random.Generator(bits)


def _lay_ink(
    sheet: Sheet,
    ink: Image,
    boxes: Sequence[Box | None],
    start: tuple[int, int],
    hand: SheetHand,
    rng: np.random.Generator,
) -> tuple[Sheet, int, int]:
    """Lay ``ink`` on the sheet with its baseline from ``start``; the sheet, and the x and y of the ink."""
    baseline = int(np.median([box.bottom for box in boxes if box is not None]))
    left, top = start[0], start[1] - baseline
    height, width = ink.shape
    if left < 0 or top < 0 or left + width > sheet.image.shape[1] or top + height > sheet.image.shape[0]:
        raise ValueError(f"{width} x {height} pixels of handwriting do not fit on the sheet at ({left}, {top})")
    grain = cv2.GaussianBlur(rng.normal(0.0, 1.0, ink.shape), (0, 0), GRAIN_SIZE_PIXELS)
    strength = hand.grain / max(float(grain.std()), 1e-9)
    coverage = np.clip(ink / 255.0 * hand.opacity * (1.0 + strength * grain), 0.0, 1.0)[:, :, None]
    image = sheet.image.copy()
    window = image[top : top + height, left : left + width]
    window[:] = np.rint(window * (1.0 - coverage) + np.array(hand.colour) * coverage).astype(np.uint8)
    return replace(sheet, image=image), left, top


def _to_sheet_number(
    match: re.Match[str], ink: Image, boxes: Sequence[Box | None], corner: tuple[int, int]
) -> SheetNumber:
    return SheetNumber(match.group(), _find_outline(ink, boxes[match.start() : match.end()], corner))


def _find_outline(ink: Image, boxes: Sequence[Box | None], corner: tuple[int, int]) -> NDArray[np.float64]:
    """Convex hull of the ink within ``boxes``, with the ink's top left corner at ``corner`` of the sheet."""
    visible = np.zeros_like(ink)
    for box in boxes:
        if box is not None:
            part = np.s_[box.y : box.bottom, box.x : box.right]
            visible[part] = ink[part] >= _MIN_VISIBLE_INK
    points = np.argwhere(visible)[:, ::-1]
    hull = cv2.convexHull(np.ascontiguousarray(points, np.int32)).reshape(-1, 2)
    return np.asarray(hull + np.array(corner), np.float64)
