"""Windows of pages with the numbers in them, cut as a finder of numbers would have cut them, to train the reader on.

Unlike a picture of one number, a window shows what stands around a number on a page: rules, dividers of a comb field,
the ends of neighbours.  Where the number ends is known only roughly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.background import flatten_background, to_gray
from scanner.recognition.ctc import CHARACTERS
from scanner.recognition.line_image import make_line_image_at_rows
from scanner.synthesis.page_content import PixelClass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.synthesis.page_content import PageNumber
    from scanner.synthesis.scans import SyntheticPage
    from scanner.types import Image

    Generator = np.random.Generator
    Edges = tuple[float, float, float, float]

_EDGE_ERROR_HEIGHTS, _END_ERROR_HEIGHTS = 0.06, 0.1
"""Standard deviation of the error of a window's upper and lower edge, and of its ends, in heights of the number."""
_MAX_EDGE_ERROR_HEIGHTS, _MAX_END_ERROR_HEIGHTS = 0.16, 0.2
"""Largest errors of the edges and of the ends; the margin beyond the ends makes up for an error that cuts ink off."""
_SIDE_MARGINS_HEIGHTS = (0.22, 0.6)
"""Least and greatest width kept beside a number, in its heights."""
_FREE_GAP_SHARE, _LEAST_FREE_MARGIN_HEIGHTS = 0.6, 0.06
"""Share of the gap to the next number that the margin beside a number takes up at most, and the margin that is kept
however small the gap, in heights of the number."""
_MIN_NUMBER_HEIGHT_PIXELS = 9
"""Height of the smallest numbers that are read; lower ones are illegible."""
_NEIGHBOUR_PAINTED_OUT_SHARE = 0.5
"""Share of the neighbours whose ink is painted out, as a page does that knows where they are."""
_RULES_PAINTED_OUT_SHARE = 0.15
"""Share of the windows without rules."""
_MAX_SKEW = 0.045
"""Pages whose lines rise or fall by more than this, as a slope, are left out: scanning would straighten them."""
_PRINTED_NUMBER_SHARE = 0.25
"""Share of the printed numbers that are read, beside all of the handwritten ones."""
_ROW_WINDOW_SHARE = 0.3
"""Windows of two or three neighbours in a row, per number with a neighbour."""
_MAX_GAP_IN_ROW_HEIGHTS = 5.0
"""Widest gap between two numbers that one window shows, in heights of the lower one."""
_EMPTY_WINDOW_SHARE = 0.14
"""Windows without a number, per window with one."""
_MAX_LEGIBLE_STRIKETHROUGH_SHARE = 0.35
"""Largest share of foreign ink in the box of a crossed-out number that is still legible; a choice."""
_MIN_ILLEGIBLE_STRIKETHROUGH_SHARE = 0.6
"""Minimum share of foreign ink in the box of a crossed-out number that cannot be read at all, as when it is scribbled
over; between the two shares the true text is unknown."""
_MIN_VISIBLE_DARKNESS = 60
"""Darkness of the darkest pixel of a line image, of 255, below which it shows no ink."""
_MAX_TEXT_LENGTH = 40
"""Maximum number of characters in the text of a window."""


@dataclass(frozen=True, slots=True, eq=False)
class _FlatPage:
    flat: Image
    pixel_classes: Image
    numbers: tuple[PageNumber, ...]
    edges: NDArray[np.float64]
    """Shape (N, 4): left, top, right and bottom of each number."""

    def around(self, numbers: Sequence[PageNumber], edges: Edges) -> list[int]:
        """Indices of the other numbers that reach into these edges."""
        left, top, right, bottom = edges
        x1, y1, x2, y2 = self.edges.T
        inside = np.flatnonzero((x1 < right) & (x2 > left) & (y1 < bottom) & (y2 > top))
        return [index for index in inside.tolist() if not any(self.numbers[index] is number for number in numbers)]


def cut_page_windows(page: SyntheticPage, rng: Generator) -> Iterator[tuple[Image, str]]:
    """Cut windows out of a synthetic page; none if it is skewed.

    Args:
        page: a page, upright.
        rng: the same state gives the same windows.

    Yields:
        Line images with their texts: of each handwritten number, of some printed ones, of some neighbours together,
        with a space between them, and of some places without a number, whose text is empty.
    """
    if _skew(page.numbers) > _MAX_SKEW:
        return
    edges = np.array([_edges(number) for number in page.numbers], np.float64).reshape(-1, 4)
    flat_page = _FlatPage(flatten_background(to_gray(page.image)), page.pixel_classes, page.numbers, edges)
    count = 0
    for numbers in _window_numbers(page.numbers, rng):
        text = _text_in_window(flat_page, numbers)
        if text is None:
            continue
        image = _cut_numbers(flat_page, numbers, rng)
        # A number on a part of the page that is darker than any shadow is lost, and there is nothing to read.
        if not text or image.max() >= _MIN_VISIBLE_DARKNESS:
            yield image, text
            count += 1
    heights = [number.box.height for number in page.numbers if number.box.height >= _MIN_NUMBER_HEIGHT_PIXELS]
    if heights:
        yield from _cut_empty_windows(flat_page, float(np.median(heights)), round(_EMPTY_WINDOW_SHARE * count) + 1, rng)


def jitter_edges(edges: Edges, rng: Generator) -> Edges:
    """Move the edges of a number's box (left, top, right, bottom) as far as a finder may be wrong."""
    left, top, right, bottom = edges
    height = bottom - top
    up, down = np.clip(rng.normal(0, _EDGE_ERROR_HEIGHTS, 2), -_MAX_EDGE_ERROR_HEIGHTS, _MAX_EDGE_ERROR_HEIGHTS)
    ends = np.clip(rng.normal(0, _END_ERROR_HEIGHTS, 2), -_MAX_END_ERROR_HEIGHTS, _MAX_END_ERROR_HEIGHTS)
    return (
        left + float(ends[0]) * height,
        top + float(up) * height,
        right + float(ends[1]) * height,
        bottom + float(down) * height,
    )


def cut_line_at(flat: Image, edges: Edges, rng: Generator, free: tuple[float, float] = (np.inf, np.inf)) -> Image:
    """Cut a line image at edges (left, top, right, bottom), with a random margin beside them.

    Args:
        flat: flattened page, or a window of one.
        edges: of the number, pixels of ``flat``.
        rng: source of the errors of the edges, and of the margins.
        free: widest margin at the left and the right, pixels.
    """
    left, top, right, bottom = jitter_edges(edges, rng)
    margins = np.minimum(rng.uniform(*_SIDE_MARGINS_HEIGHTS, 2) * (edges[3] - edges[1]), free)
    first = min(max(round(left - margins[0]), 0), flat.shape[1] - 1)
    last = max(min(round(right + margins[1]), flat.shape[1]), first + 1)
    return make_line_image_at_rows(flat[:, first:last], top, bottom).pixels


def _edges(number: PageNumber) -> Edges:
    box = number.box
    return box.x, box.y, box.right, box.bottom


def _skew(numbers: Sequence[PageNumber]) -> float:
    """How much the lines of the page rise or fall: the median of the slopes from the first digit to the last."""
    slopes = [
        abs((last[1] - first[1]) / max(last[0] - first[0], 1.0))
        for first, last in (
            (number.digit_boxes[0].center, number.digit_boxes[-1].center)
            for number in numbers
            if len(number.digit_boxes) > 2
        )
    ]
    return float(np.median(slopes)) if slopes else 0.0


def _window_numbers(numbers: Sequence[PageNumber], rng: Generator) -> Iterator[tuple[PageNumber, ...]]:
    """The numbers to show in each window: one, or neighbours in a row."""
    legible = [number for number in numbers if number.box.height >= _MIN_NUMBER_HEIGHT_PIXELS]
    for index, number in enumerate(legible):
        if number.kind == "handwritten" or rng.random() < _PRINTED_NUMBER_SHARE:
            yield (number,)
        if number.kind == "handwritten" and rng.random() < _ROW_WINDOW_SHARE:
            row = [number]
            for neighbour in legible[index + 1 : index + 1 + int(rng.integers(1, 3))]:
                if neighbour.kind != "handwritten" or not _are_neighbours(row[-1], neighbour):
                    break
                row.append(neighbour)
            if len(row) > 1:
                yield tuple(row)


def _are_neighbours(left: PageNumber, right: PageNumber) -> bool:
    """Whether one number follows the other on the same line, at about the same height."""
    a, b = left.box, right.box
    lower = min(a.height, b.height)
    overlap = min(a.bottom, b.bottom) - max(a.y, b.y)
    gap = b.x - a.right
    return (
        overlap > 0.6 * lower and lower > 0.6 * max(a.height, b.height) and 0 <= gap < _MAX_GAP_IN_ROW_HEIGHTS * lower
    )


def _text_in_window(page: _FlatPage, numbers: Sequence[PageNumber]) -> str | None:
    """The text of a window; None if it is not known."""
    texts = []
    for number in numbers:
        hidden = _strikethrough_ink_share(page, number)
        if _MAX_LEGIBLE_STRIKETHROUGH_SHARE < hidden < _MIN_ILLEGIBLE_STRIKETHROUGH_SHARE:
            return None
        if hidden <= _MAX_LEGIBLE_STRIKETHROUGH_SHARE:
            texts.append(number.text)
    text = " ".join(texts)
    # A space within a number stands for a gap in it, which is read over.
    known = all(set(each) <= set(CHARACTERS) - {" "} for each in texts)
    return text if known and len(text) <= _MAX_TEXT_LENGTH else None


def _strikethrough_ink_share(page: _FlatPage, number: PageNumber) -> float:
    """Share of the ink in the box of a crossed-out number that is not its own, 0-1; 0 if it is not crossed out."""
    if not number.crossed_out:
        return 0.0
    box = number.box
    inside = page.pixel_classes[max(box.y, 0) : box.bottom, max(box.x, 0) : box.right]
    foreign, own = int((inside == PixelClass.MARK).sum()), int((inside == PixelClass.DIGIT).sum())
    return foreign / max(foreign + own, 1)


def _cut_numbers(page: _FlatPage, numbers: Sequence[PageNumber], rng: Generator) -> Image:
    edges = np.array([_edges(number) for number in numbers], np.float64)
    left, top = edges[:, :2].min(axis=0).tolist()
    right, bottom = edges[:, 2:].max(axis=0).tolist()
    around = 1.0 * (bottom - top)
    x, y = max(round(left - around), 0), max(round(top - around), 0)
    rows, columns = slice(y, round(bottom + around)), slice(x, round(right + around))
    window = page.flat[rows, columns].copy()
    _paint_out_others(window, page, (x, y), numbers, rng)
    if rng.random() < _RULES_PAINTED_OUT_SHARE:
        window[page.pixel_classes[rows, columns] == PixelClass.RULE] = 0
    level = page.around(numbers, (-np.inf, top, np.inf, bottom))
    free = free_margins((left, top, right, bottom), (page.edges[index].tolist() for index in level))
    return cut_line_at(window, (left - x, top - y, right - x, bottom - y), rng, free)


def free_margins(edges: Edges, others: Iterable[Edges]) -> tuple[float, float]:
    """Widest margins that show little of the next numbers in the row: a whole digit of theirs would be read.

    Args:
        edges: left, top, right and bottom of the number, pixels.
        others: those of the other numbers of the page.

    Returns:
        On the left and on the right, pixels; infinite if there is no other number.
    """
    left, top, right, bottom = edges
    gaps = [np.inf, np.inf]
    for other_left, other_top, other_right, other_bottom in others:
        if other_top >= bottom or other_bottom <= top:
            continue
        if other_left + other_right < 2 * left:
            gaps[0] = min(gaps[0], left - other_right)
        elif other_left + other_right > 2 * right:
            gaps[1] = min(gaps[1], other_left - right)
    least = _LEAST_FREE_MARGIN_HEIGHTS * (bottom - top)
    return max(_FREE_GAP_SHARE * gaps[0], least), max(_FREE_GAP_SHARE * gaps[1], least)


def _paint_out_others(
    window: Image, page: _FlatPage, corner: tuple[int, int], kept: Sequence[PageNumber], rng: Generator
) -> None:
    """Paint out the ink of some other numbers, but not where it may be that of the numbers ``kept``."""
    height, width = window.shape
    others = np.zeros(window.shape, np.uint8)
    for index in page.around(kept, (corner[0], corner[1], corner[0] + width, corner[1] + height)):
        if rng.random() < _NEIGHBOUR_PAINTED_OUT_SHARE:
            cv2.fillConvexPoly(others, np.rint(page.numbers[index].outline - corner).astype(np.int32), 255)
    if others.any():
        own = np.zeros(window.shape, np.uint8)
        for number in kept:
            cv2.fillConvexPoly(own, np.rint(number.outline - corner).astype(np.int32), 255)
        square = np.ones((5, 5), np.uint8)
        window[(cv2.dilate(others, square) > 0) & (cv2.dilate(own, square) == 0)] = 0


def _cut_empty_windows(
    page: _FlatPage, number_height: float, count: int, rng: Generator
) -> Iterator[tuple[Image, str]]:
    """Windows without a number: around words, print, marks and rules, now and then around nothing."""
    classes = page.pixel_classes
    digits = (classes == PixelClass.DIGIT) | (classes == PixelClass.PRINTED_DIGIT)
    inked = np.argwhere(np.isin(classes[::4, ::4], (PixelClass.PRINT, PixelClass.WRITING, PixelClass.MARK))) * 4
    for _ in range(count):
        height = number_height * float(np.exp(rng.normal(0, 0.25)))
        width = height * float(rng.uniform(1.3, 5))
        if len(inked) and rng.random() < 0.85:
            y, x = (float(n) for n in inked[rng.integers(len(inked))])
        else:
            y, x = float(rng.uniform(0, classes.shape[0])), float(rng.uniform(0, classes.shape[1]))
        left, top = x - width * rng.uniform(0.2, 0.8), y - height * rng.uniform(0.2, 0.8)
        edges = (left, top, left + width, top + height)
        outer = (
            slice(max(round(top - height), 0), round(top + 2 * height)),
            slice(max(round(left - height), 0), round(left + width + height)),
        )
        # A number in the margin would be part of what is seen.
        if not digits[outer].any() and page.flat[outer].size:
            window = page.flat[outer]
            offset_x, offset_y = outer[1].start, outer[0].start
            yield (
                cut_line_at(
                    window, (edges[0] - offset_x, edges[1] - offset_y, edges[2] - offset_x, edges[3] - offset_y), rng
                ),
                "",
            )
