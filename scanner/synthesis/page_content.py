"""The content of a page as values: elements of ink with their pixel class, and the numbers among them.

Content is composed first and laid on the paper in one step, so that the image and its pixel classes come from the same
coverage and cannot disagree.
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
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.types import Image

Colour = tuple[int, int, int]
"""Blue, green and red, 0-255."""
RowAndColumn = tuple[int, int]
"""Row and column in a table or comb field, from 0."""


class PixelClass(IntEnum):
    """The class of a pixel of a page."""

    PAPER = 0
    """Paper, also where it is stained or shows print from behind."""
    DIGIT = 1
    """Handwritten digits, including points and commas within a number."""
    PRINT = 2
    """Printed letters and signs."""
    WRITING = 3
    """Handwritten letters, words, signatures, and the signs between numbers."""
    RULE = 4
    """Printed rules, boxes and frames."""
    MARK = 5
    """Everything else: codes, stamps, ticks, crosses, scribbles, strikethrough, holes."""
    PRINTED_DIGIT = 6
    """Printed digits, including points and commas within a number."""


class InkLayer(IntEnum):
    """Order in which elements are laid on the page, the lowest first."""

    BACKGROUND = -1
    PRINT = 0
    STAMP = 1
    WORDS = 2
    DIGITS = 3
    HAND_MARKS = 4


@dataclass(frozen=True, slots=True)
class InkStyle:
    """Colour and texture of ink."""

    colour: Colour
    """BGR of full ink."""
    opacity: float = 1.0
    """How much of the paper full ink hides, 0-1."""
    grain: float = 0.0
    """Unevenness: relative standard deviation of the coverage."""


@dataclass(frozen=True, slots=True, eq=False)
class InkElement:
    """A mask of ink at a position on the page."""

    coverage: Image
    """Shape (H, W), uint8, 255 = full ink."""
    left: int
    """x of its left edge on the page."""
    top: int
    """y of its top edge on the page."""
    pixel_class: PixelClass
    layer: InkLayer
    ink: InkStyle

    @property
    def box(self) -> Box:
        """Box of the whole mask."""
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
    """Row and column in a table or comb field, from 0; None for other numbers."""
    optional: bool = False
    """Whether nobody asks for it, and nobody minds it: it stands amid words, is a small note, or cannot be made out."""
    digit_boxes: tuple[Box, ...] = ()
    """Box of the ink of each handwritten digit, from the left, without signs; empty where they are not known."""

    @property
    def box(self) -> Box:
        """Smallest box around the outline."""
        return outline_box(self.outline)


@dataclass(frozen=True, slots=True, eq=False)
class PageContent:
    """Elements of ink and the numbers among them."""

    elements: tuple[InkElement, ...] = ()
    numbers: tuple[PageNumber, ...] = ()

    def __add__(self, other: PageContent) -> PageContent:
        return PageContent(self.elements + other.elements, self.numbers + other.numbers)

    @property
    def box(self) -> Box:
        """Smallest box around all elements; there must be at least one."""
        return Box.around(element.box for element in self.elements)


_MIN_LABELLED_COVERAGE = 96
"""Minimum coverage (0-255) of a pixel that counts as ink."""
GRAIN_SIZE_PIXELS = 0.8
"""Grain of pencil and ballpoint lines: standard deviation of a Gaussian, pixels."""


def merge_contents(contents: Iterable[PageContent]) -> PageContent:
    """Merge contents, in their order."""
    merged = list(contents)
    return PageContent(
        tuple(element for content in merged for element in content.elements),
        tuple(number for content in merged for number in content.numbers),
    )


def as_optional(content: PageContent) -> PageContent:
    """The content with all its numbers marked as optional."""
    return PageContent(content.elements, tuple(replace(number, optional=True) for number in content.numbers))


def move_content(content: PageContent, dx: int, dy: int) -> PageContent:
    """Move content by (``dx``, ``dy``) pixels."""
    elements = tuple(replace(element, left=element.left + dx, top=element.top + dy) for element in content.elements)
    return PageContent(elements, tuple(_move_number(number, dx, dy) for number in content.numbers))


def _move_number(number: PageNumber, dx: int, dy: int) -> PageNumber:
    boxes = tuple(Box(box.x + dx, box.y + dy, box.width, box.height) for box in number.digit_boxes)
    return replace(number, outline=number.outline + np.array([dx, dy]), digit_boxes=boxes)


def map_number(number: PageNumber, mapping: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> PageNumber:
    """Map the outline and the digit boxes of a number to other places, as when its page is turned or bent.

    Args:
        number: any number.
        mapping: from points, shape (N, 2), (x, y) of pixel centres, to their new places.
    """
    corners = [
        np.array([(x, y) for x in (box.x, box.right - 1) for y in (box.y, box.bottom - 1)], np.float64)
        for box in number.digit_boxes
    ]
    points = mapping(np.concatenate([number.outline, *corners]))
    count = len(number.outline)
    boxes = tuple(outline_box(points[first : first + 4]) for first in range(count, len(points), 4))
    return replace(number, outline=points[:count], digit_boxes=boxes)


def outline_box(outline: NDArray[np.float64]) -> Box:
    """Smallest box around an outline, shape (N, 2), (x, y) of pixel centres."""
    left, top = np.floor(outline.min(axis=0) + 0.5).astype(int).tolist()
    right, bottom = np.floor(outline.max(axis=0) + 0.5).astype(int).tolist()
    return Box(left, top, right - left + 1, bottom - top + 1)


def find_outline(coverage: Image, left: int, top: int) -> NDArray[np.float64]:
    """Find the convex hull of the ink of a coverage mask whose top left corner is at ``(left, top)``.

    Raises:
        ValueError: if there is no ink.
    """
    points = cv2.findNonZero((coverage >= _ink_threshold(coverage)).view(np.uint8))
    if points is None:
        raise ValueError("there is no ink to outline")
    return np.asarray(cv2.convexHull(points).reshape(-1, 2) + np.array([left, top]), np.float64)


def draw_rule(start: tuple[float, float], end: tuple[float, float], width: float, ink: InkStyle) -> PageContent:
    """Draw a printed rule from ``start`` to ``end``, (x, y), ``width`` pixels thick."""
    return draw_stroke(np.array([start, end], np.float64), width, ink, PixelClass.RULE, InkLayer.PRINT)


def draw_form_frame(box: Box, width: float, ink: InkStyle) -> PageContent:
    """Draw the printed outline of a box."""
    return merge_contents(draw_rule(start, end, width, ink) for start, end in _frame_sides(box))


def draw_dashed_form_frame(box: Box, width: float, ink: InkStyle, pattern: Sequence[float]) -> PageContent:
    """Draw a dashed outline of a box; ``pattern`` has the lengths of dash and gap in turn, pixels, and is repeated."""
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
    """Fill a box with ink."""
    coverage = np.full((box.height, box.width), 255, np.uint8)
    return PageContent((InkElement(coverage, box.x, box.y, pixel_class, InkLayer.PRINT, ink),))


def draw_stroke(
    path: NDArray[np.float64], width: float, ink: InkStyle, pixel_class: PixelClass, layer: InkLayer
) -> PageContent:
    """Draw a line along ``path``, shape (N, 2), (x, y) on the page; lines thinner than a pixel are paler."""
    thickness = max(round(width), 1)
    reach = thickness // 2 + 2
    left, top = (int(n) for n in np.floor(path.min(axis=0)) - reach)
    right, bottom = (int(n) for n in np.ceil(path.max(axis=0)) + reach + 1)
    coverage = np.zeros((bottom - top, right - left), np.uint8)
    # In sixteenths of a pixel.
    points = np.rint((path - (left, top)) * 16).astype(np.int32)
    level = round(255 * min(max(width, 0.4), 1.0))
    cv2.polylines(coverage, [points], False, level, thickness, cv2.LINE_AA, 4)
    return PageContent((InkElement(coverage, left, top, pixel_class, layer, ink),))


def lay_on_paper(paper: Image, content: PageContent, rng: np.random.Generator) -> tuple[Image, Image]:
    """Lay content on paper.

    Args:
        paper: shape (H, W, 3), uint8, BGR; not changed.
        content: cut off at the edges of the paper.
        rng: source of the grain.

    Returns:
        The page, and its pixel classes: shape (H, W), uint8, values of ``PixelClass``.
    """
    page = paper.copy()
    pixel_classes = np.zeros(paper.shape[:2], np.uint8)
    for element in sorted(content.elements, key=lambda element: element.layer):
        _lay_element(element, page, pixel_classes, rng)
    return page, pixel_classes


def _lay_element(element: InkElement, page: Image, pixel_classes: Image, rng: np.random.Generator) -> None:
    height, width = page.shape[:2]
    rows = slice(max(element.top, 0), min(element.top + element.coverage.shape[0], height))
    columns = slice(max(element.left, 0), min(element.left + element.coverage.shape[1], width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    coverage = element.coverage[rows.start - element.top : rows.stop - element.top, columns.start - element.left :]
    coverage = coverage[:, : columns.stop - columns.start]
    opacity = coverage.astype(np.float32) * np.float32(element.ink.opacity / 255)
    if element.ink.grain:
        grain = cv2.GaussianBlur(rng.standard_normal(coverage.shape, np.float32), (0, 0), GRAIN_SIZE_PIXELS)
        # The blur leaves a third of the standard deviation.
        opacity = np.clip(opacity * (1 + 3 * np.float32(element.ink.grain) * grain), 0, 1)
    window = page[rows, columns]
    opacity = opacity[:, :, None]
    window[:] = window + opacity * (np.array(element.ink.colour, np.float32) - window) + np.float32(0.5)
    pixel_classes[rows, columns][coverage >= _ink_threshold(element.coverage)] = element.pixel_class


def _ink_threshold(coverage: Image) -> int:
    """Minimum coverage that counts as ink; lower for fine lines, which have no pixel of full coverage."""
    return max(min(_MIN_LABELLED_COVERAGE, int(coverage.max()) // 2), 1)
