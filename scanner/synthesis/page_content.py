"""Ink on a page, before it is on the page: elements with what they are, and the numbers among them.

What is printed and written is put together as values, ``PageContent``, and laid
on the paper at the end in one go: the picture and the mask that says what each
of its pixels is come from the same coverage and cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.types import Image

Colour = tuple[int, int, int]
RowAndColumn = tuple[int, int]


class PixelClass(IntEnum):
    """What a pixel of a page is."""

    PAPER = 0
    """Paper, and what shines through or stains it."""
    DIGIT = 1
    """Handwritten digits, with the points and commas within a number."""
    PRINT = 2
    """Printed letters and signs."""
    WRITING = 3
    """Handwritten letters, words, signatures, and the signs between numbers."""
    RULE = 4
    """Printed rules, boxes and frames."""
    MARK = 5
    """All else: codes, stamps, ticks, crosses, scribbles, what a number is crossed out with, holes."""
    PRINTED_DIGIT = 6
    """Printed digits, with the points and commas within a number."""


class InkLayer(IntEnum):
    """What lies over what."""

    PRINT = 0
    STAMP = 1
    WORDS = 2
    DIGITS = 3
    HAND_MARKS = 4


@dataclass(frozen=True, slots=True)
class InkStyle:
    """What a element is printed or written with."""

    colour: Colour
    """BGR of full ink."""
    opacity: float = 1.0
    """How much of the paper full ink hides, 0-1."""
    grain: float = 0.0
    """How unevenly it takes to the paper: relative standard deviation."""


@dataclass(frozen=True, slots=True, eq=False)
class InkElement:
    """Ink in one place."""

    coverage: Image
    """Shape (H, W), uint8, 255 = full ink."""
    left: int
    top: int
    pixel_class: PixelClass
    layer: InkLayer
    ink: InkStyle

    @property
    def box(self) -> Box:
        """Of the whole coverage."""
        return Box(self.left, self.top, self.coverage.shape[1], self.coverage.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class PageNumber:
    """A number on a page."""

    text: str
    outline: NDArray[np.float64]
    """Convex hull of its ink: shape (N, 2), (x, y) of pixel centres on the page."""
    kind: str
    """``handwritten`` or ``printed``."""
    crossed_out: bool = False
    row_and_column: RowAndColumn | None = None
    """Row and column in a table or a strip of boxes, from 0; None outside of any."""

    @property
    def box(self) -> Box:
        """Smallest box around the outline."""
        return outline_box(self.outline)


@dataclass(frozen=True, slots=True, eq=False)
class PageContent:
    """Pieces of ink and the numbers among them."""

    elements: tuple[InkElement, ...] = ()
    numbers: tuple[PageNumber, ...] = ()

    def __add__(self, other: PageContent) -> PageContent:
        return PageContent(self.elements + other.elements, self.numbers + other.numbers)

    @property
    def box(self) -> Box:
        """Around all elements; there must be some."""
        return Box.around(element.box for element in self.elements)


# A pixel with less coverage than this is not called ink.
_MIN_LABELLED_COVER = 96
# Standard deviation of the grains that pencil and ballpoint leave, pixels.
GRAIN_SIZE_PIXELS = 0.8


def merge_contents(contents: Iterable[PageContent]) -> PageContent:
    """All of ``contents`` in their order."""
    gathered = list(contents)
    return PageContent(
        tuple(element for content in gathered for element in content.elements),
        tuple(number for content in gathered for number in content.numbers),
    )


def move_content(content: PageContent, dx: int, dy: int) -> PageContent:
    """The content elsewhere."""
    elements = tuple(replace(element, left=element.left + dx, top=element.top + dy) for element in content.elements)
    numbers = tuple(replace(number, outline=number.outline + np.array([dx, dy])) for number in content.numbers)
    return PageContent(elements, numbers)


def outline_box(outline: NDArray[np.float64]) -> Box:
    """Smallest box around an outline, shape (N, 2), (x, y) of pixel centres."""
    left, top = np.floor(outline.min(axis=0) + 0.5).astype(int).tolist()
    right, bottom = np.floor(outline.max(axis=0) + 0.5).astype(int).tolist()
    return Box(left, top, right - left + 1, bottom - top + 1)


def find_outline(coverage: Image, left: int, top: int) -> NDArray[np.float64]:
    """Convex hull of the ink of a coverage whose top left corner lies at ``(left, top)``.

    Raises:
        ValueError: if there is no ink.
    """
    points = cv2.findNonZero((coverage >= _ink_threshold(coverage)).view(np.uint8))
    if points is None:
        raise ValueError("no ink to draw an outline around")
    return np.asarray(cv2.convexHull(points).reshape(-1, 2) + np.array([left, top]), np.float64)


def draw_rule(start: tuple[float, float], end: tuple[float, float], width: float, ink: InkStyle) -> PageContent:
    """A printed rule from ``start`` to ``end``, (x, y), ``width`` pixels wide."""
    return draw_stroke(np.array([start, end], np.float64), width, ink, PixelClass.RULE, InkLayer.PRINT)


def draw_form_frame(box: Box, width: float, ink: InkStyle) -> PageContent:
    """The printed outline of a box."""
    return merge_contents(draw_rule(start, end, width, ink) for start, end in _frame_sides(box))


def draw_dashed_form_frame(box: Box, width: float, ink: InkStyle, pattern: Sequence[float]) -> PageContent:
    """The outline of a box in dashes: lengths of line and gap in turn, pixels, over and over."""
    dashes = []
    for (x, y), (end_x, end_y) in _frame_sides(box):
        length = float(np.hypot(end_x - x, end_y - y))
        direction = np.array([end_x - x, end_y - y]) / max(length, 1.0)
        position, index = 0.0, 0
        while position < length:
            end = min(position + max(pattern[index % len(pattern)], 1.0), length)
            if index % 2 == 0:
                path = np.stack([(x, y) + direction * position, (x, y) + direction * end])
                dashes.append(draw_stroke(path, width, ink, PixelClass.RULE, InkLayer.PRINT))
            position, index = end, index + 1
    return merge_contents(dashes)


def _frame_sides(box: Box) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    right, bottom = box.right, box.bottom
    return pairwise([(box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom), (box.x, box.y)])


def fill_box(box: Box, ink: InkStyle, pixel_class: PixelClass = PixelClass.RULE) -> PageContent:
    """A printed area."""
    coverage = np.full((box.height, box.width), 255, np.uint8)
    return PageContent((InkElement(coverage, box.x, box.y, pixel_class, InkLayer.PRINT, ink),))


def draw_stroke(
    path: NDArray[np.float64], width: float, ink: InkStyle, pixel_class: PixelClass, layer: InkLayer
) -> PageContent:
    """A line along ``path``, shape (N, 2), (x, y) on the page; widths below a pixel make it paler."""
    whole = max(round(width), 1)
    reach = whole // 2 + 2
    left, top = (int(n) for n in np.floor(path.min(axis=0)) - reach)
    right, bottom = (int(n) for n in np.ceil(path.max(axis=0)) + reach + 1)
    coverage = np.zeros((bottom - top, right - left), np.uint8)
    # Positions in sixteenths of a pixel.
    points = np.rint((path - (left, top)) * 16).astype(np.int32)
    level = round(255 * min(max(width, 0.4), 1.0))
    cv2.polylines(coverage, [points], False, level, whole, cv2.LINE_AA, 4)
    return PageContent((InkElement(coverage, left, top, pixel_class, layer, ink),))


def lay_on_paper(paper: Image, content: PageContent, rng: np.random.Generator) -> tuple[Image, Image]:
    """Lay ink on paper.

    Args:
        paper: shape (H, W, 3), BGR; not changed.
        content: what lies beyond the edges of the paper is cut off.
        rng: of the grain.

    Returns:
        The page, and its labels: shape (H, W), uint8, values of ``PixelClass``.
    """
    page = paper.copy()
    labels = np.zeros(paper.shape[:2], np.uint8)
    for element in sorted(content.elements, key=lambda element: element.layer):
        _lay_element(element, page, labels, rng)
    return page, labels


def _lay_element(element: InkElement, page: Image, labels: Image, rng: np.random.Generator) -> None:
    height, width = page.shape[:2]
    rows = slice(max(element.top, 0), min(element.top + element.coverage.shape[0], height))
    columns = slice(max(element.left, 0), min(element.left + element.coverage.shape[1], width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    coverage = element.coverage[rows.start - element.top : rows.stop - element.top, columns.start - element.left :]
    coverage = coverage[:, : columns.stop - columns.start]
    share = coverage.astype(np.float32) * np.float32(element.ink.opacity / 255)
    if element.ink.grain:
        grain = cv2.GaussianBlur(rng.standard_normal(coverage.shape, np.float32), (0, 0), GRAIN_SIZE_PIXELS)
        # The blur leaves a third of the deviation of the noise.
        share = np.clip(share * (1 + 3 * np.float32(element.ink.grain) * grain), 0, 1)
    window = page[rows, columns]
    share = share[:, :, None]
    window[:] = window + share * (np.array(element.ink.colour, np.float32) - window) + np.float32(0.5)
    labels[rows, columns][coverage >= _ink_threshold(element.coverage)] = element.pixel_class


def _ink_threshold(coverage: Image) -> int:
    """Fine lines have no pixel of full ink and are seen all the same."""
    return max(min(_MIN_LABELLED_COVER, int(coverage.max()) // 2), 1)
