"""Draw the readings on the page they were read from, so that a person can check them at a glance.

Colour and shape point to what needs attention: the colour of a box shows the confidence of its reading, on a scale that
can be read with colour blindness and in a black-and-white print; a dashed box and a question mark ask for a look.  A
number that could not be read has a colour of its own and a question mark alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.results.annotation_legend import KeyEntry, add_key
from scanner.results.label_drawing import (
    TEXT_COLOUR,
    Colour,
    Rectangle,
    draw_dashed_outline,
    draw_label,
    draw_outline,
    label_size,
    load_font,
)
from scanner.results.summary import count_to_review, count_unread
from scanner.types import Box, Number, PageImage, PageResult

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw

    from scanner.types import Image

    _RectangleArray = NDArray[np.int64]
    """Shape (n, 4): one ``Rectangle`` a row."""

MIN_SURE_CONFIDENCE = 0.95
"""Lowest confidence drawn as sure: at worst, one such number in twenty is wrong.  A choice."""
MIN_FAIR_CONFIDENCE = 0.80
"""Lowest confidence drawn as fair: at worst, one such number in five is wrong.  Below: doubtful.  A choice."""

# Blue, amber and red differ in lightness as well as in hue, so that people with protanopia, deuteranopia or tritanopia
# can distinguish them, and so can anyone on a grey print (Okabe & Ito, Color Universal Design, 2008).
SURE_COLOUR: Colour = (0, 90, 181)
FAIR_COLOUR: Colour = (230, 159, 0)
DOUBTFUL_COLOUR: Colour = (200, 30, 20)
UNREAD_COLOUR: Colour = (110, 40, 130)
"""Colour of a number that could not be read, which has no confidence to show.  On a grey print the question mark, which
is all of its label, tells it apart."""

TEXT_HEIGHT_PER_BOX_HEIGHT = 0.7
"""Height of a label's text per height of the number's box: a little smaller than the writing, so that it looks like a
note."""
MIN_TEXT_HEIGHT_PER_PAGE_SIZE = 0.013
"""Smallest text per page size (the root of its area): 3 mm on A4, still legible on a page fitted to a screen."""
MAX_TEXT_HEIGHT_PER_PAGE_SIZE = 0.022
"""Largest text per page size (the root of its area): larger text only hides more of the page."""
MIN_TEXT_HEIGHT_PIXELS = 11
"""Smallest text in pixels: below it text is illegible however small the picture is."""

LINE_WIDTH_PER_PAGE_SIZE = 0.0014
"""Line width per page size (the root of its area): a third of a millimetre on A4, like a fine pen."""
INK_CLEARANCE_LINE_WIDTHS = 2
"""Space between the ink and its box, in line widths."""
REVIEW_OUTLINE_LINE_WIDTHS = 2
"""Thickness of a dashed outline, in line widths: it has to catch the eye although part of it is missing."""

MIN_INK_CONTRAST_LEVELS = 20
"""Smallest difference in grey levels (0-255) between the page's lightest pixel and its ink; less is paper grain."""
HIDDEN_INK_WEIGHT = 5
"""Cost of hiding an ink pixel relative to a pixel of a number's box: writing covers about a fifth of its box."""


@dataclass(frozen=True)
class _DrawingSizes:
    """Sizes for drawing on a page, in pixels."""

    page_width: int
    page_height: int
    line_width: int
    min_text_height: float
    max_text_height: float

    @classmethod
    def for_page(cls, width: int, height: int) -> _DrawingSizes:
        size = math.sqrt(width * height)
        min_text = max(MIN_TEXT_HEIGHT_PIXELS, MIN_TEXT_HEIGHT_PER_PAGE_SIZE * size)
        return cls(
            page_width=width,
            page_height=height,
            line_width=max(1, round(LINE_WIDTH_PER_PAGE_SIZE * size)),
            min_text_height=min_text,
            max_text_height=max(min_text, MAX_TEXT_HEIGHT_PER_PAGE_SIZE * size),
        )

    def text_height(self, box: Box) -> int:
        return round(min(max(TEXT_HEIGHT_PER_BOX_HEIGHT * box.height, self.min_text_height), self.max_text_height))


@dataclass(frozen=True)
class _LabelCosts:
    """What a label would hide, depending on its position."""

    occupied: _RectangleArray
    """Boxes of numbers and labels."""
    ink_integral: NDArray[np.int32]
    """Integral image of the page's ink, shape (height + 1, width + 1)."""

    def cost_at(self, label: Rectangle) -> int:
        """Cost of a label at this position."""
        height, width = self.ink_integral.shape
        left, right = min(label.left, width - 1), min(label.right, width - 1)
        top, bottom = min(label.top, height - 1), min(label.bottom, height - 1)
        ink = self.ink_integral
        hidden = int(ink[bottom, right] - ink[top, right] - ink[bottom, left] + ink[top, left])
        return _overlap_pixels(label, self.occupied) + HIDDEN_INK_WEIGHT * hidden


def confidence_colour(confidence: float) -> Colour:
    """Choose the colour for a confidence (0-1): blue for sure, amber for fair, red for doubtful.  As RGB."""
    if confidence >= MIN_SURE_CONFIDENCE:
        return SURE_COLOUR
    if confidence >= MIN_FAIR_CONFIDENCE:
        return FAIR_COLOUR
    return DOUBTFUL_COLOUR


def _number_colour(number: Number) -> Colour:
    return UNREAD_COLOUR if number.is_unread else confidence_colour(number.confidence)


def annotate_page(page: PageImage, result: PageResult) -> Image:
    """Draw the numbers on the page as :func:`draw_readings` does, and a key to the colours below it.

    A picture that is too small for the key, such as that of a single number, has none.

    Args:
        page: the page as decoded; it is not changed.
        result: what was read on it, boxes in pixels of the page.

    Returns:
        A new ``uint8`` BGR image of the page's width and at least its height, shape (height, width, 3).  Pixels of the
        page keep their coordinates.
    """
    sizes = _page_sizes(page)
    picture = _draw_on_page(page, result, sizes)
    entries = _key_entries(result) if result.numbers else []
    return _to_bgr(add_key(picture, _heading(result), entries, round(sizes.min_text_height), sizes.line_width))


def draw_readings(page: PageImage, result: PageResult) -> Image:
    """Draw every number's box and reading on the page.

    The reading stands above its box; where it would leave the page there, or hide other numbers or much writing, it
    stands below or beside it.  A number with a reason for review has a dashed box and a question mark, one that could
    not be read only the question mark; the reading of a number that is crossed out is struck through.

    Args:
        page: the page as decoded; it is not changed.
        result: what was read on it, boxes in pixels of the page.

    Returns:
        A new ``uint8`` BGR image of the page's shape (height, width, 3).
    """
    return _to_bgr(_draw_on_page(page, result, _page_sizes(page)))


def _draw_on_page(page: PageImage, result: PageResult, sizes: _DrawingSizes) -> Picture:
    import PIL.Image
    import PIL.ImageDraw

    canvas = PIL.Image.fromarray(np.ascontiguousarray(page.image[:, :, ::-1]))
    draw = PIL.ImageDraw.Draw(canvas)
    outlines = [_outline_rectangle(number.box, sizes) for number in result.numbers]
    for number, outline in zip(result.numbers, outlines, strict=True):
        colour = _number_colour(number)
        if number.review_reason:
            draw_dashed_outline(draw, outline, colour, REVIEW_OUTLINE_LINE_WIDTHS * sizes.line_width)
        else:
            draw_outline(draw, outline, colour, sizes.line_width)
    # First the outlines, then the labels as they are placed; rows that are still zero are empty and cost nothing.
    occupied = np.zeros((2 * len(outlines), 4), dtype=np.int64)
    occupied[: len(outlines)] = np.array(outlines, dtype=np.int64).reshape(-1, 4)
    ink = _ink_integral(page.image)
    for i, (number, outline) in enumerate(zip(result.numbers, outlines, strict=True)):
        others = occupied.copy()
        # A label may share the line of its own outline, but not hide the ink.
        others[i] = (number.box.x, number.box.y, number.box.right, number.box.bottom)
        occupied[len(outlines) + i] = _label_number(draw, number, outline, _LabelCosts(others, ink), sizes)
    return canvas


def _page_sizes(page: PageImage) -> _DrawingSizes:
    height, width = page.image.shape[:2]
    return _DrawingSizes.for_page(width, height)


def _to_bgr(picture: Picture) -> Image:
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[:, :, ::-1])


def _ink_integral(image: Image) -> NDArray[np.int32]:
    """Count the dark pixels above and to the left of each pixel; good enough to find free paper, not to read."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    # Otsu's threshold splits even an empty page; the grey levels must differ as much as those of paper and ink.
    threshold, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    if int(grey.max()) - threshold < MIN_INK_CONTRAST_LEVELS:
        dark = np.zeros_like(grey)
    return np.asarray(cv2.integral(dark), dtype=np.int32)


def _outline_rectangle(box: Box, sizes: _DrawingSizes) -> Rectangle:
    """Outer edge of the line drawn around ``box``, kept on the page so that no side is lost."""
    margin = (1 + INK_CLEARANCE_LINE_WIDTHS) * sizes.line_width
    return Rectangle(
        max(0, box.x - margin),
        max(0, box.y - margin),
        min(sizes.page_width, box.right + margin),
        min(sizes.page_height, box.bottom + margin),
    )


def _label_number(
    draw: ImageDraw, number: Number, outline: Rectangle, costs: _LabelCosts, sizes: _DrawingSizes
) -> Rectangle:
    """Write the reading where it hides least; return the rectangle of its label."""
    text = f"{number.text}?" if number.review_reason else number.text
    font = load_font(sizes.text_height(number.box))
    label = _choose_label_position(outline, label_size(draw, text, font, sizes.line_width), costs, sizes)
    colour = _number_colour(number)
    draw_label(draw, label, text, font, colour, sizes.line_width, struck_through=number.crossed_out)
    return label


def _choose_label_position(
    outline: Rectangle, size: tuple[int, int], costs: _LabelCosts, sizes: _DrawingSizes
) -> Rectangle:
    """The first position on the page around ``outline`` that hides nothing, or else the one that hides least."""
    width, height = size
    left, top, right, bottom = outline
    # One line of the label coincides with the outline's, like the tab on an index card.
    above, below, beside = top + sizes.line_width - height, bottom - sizes.line_width, (top + bottom - height) // 2
    corners = (
        (left, above),
        (right - width, above),
        (left, below),
        (right - width, below),
        (right, beside),
        (left - width, beside),
    )
    candidates = []
    for corner_x, corner_y in corners:
        x = max(0, min(corner_x, sizes.page_width - width))
        y = max(0, min(corner_y, sizes.page_height - height))
        candidates.append(Rectangle(x, y, x + width, y + height))
    return min(candidates, key=costs.cost_at)


def _overlap_pixels(rectangle: Rectangle, others: _RectangleArray) -> int:
    """Count the pixels of ``rectangle`` in ``others``, shape (n, 4); those in several count as often."""
    columns = np.minimum(rectangle.right, others[:, 2]) - np.maximum(rectangle.left, others[:, 0])
    rows = np.minimum(rectangle.bottom, others[:, 3]) - np.maximum(rectangle.top, others[:, 1])
    return int((columns.clip(0) * rows.clip(0)).sum())


def _heading(result: PageResult) -> str:
    if not result.numbers:
        return "No numbers found"
    count = len(result.numbers)
    numbers = "1 number" if count == 1 else f"{count} numbers"
    unread = count_unread(result)
    return f"{numbers}, {count_to_review(result) or 'none'} to look at" + (
        f", {unread} of them unread" if unread else ""
    )


def _key_entries(result: PageResult) -> list[KeyEntry]:
    entries = [
        KeyEntry(f"{MIN_SURE_CONFIDENCE:.0%} sure or more", SURE_COLOUR),
        KeyEntry(f"{MIN_FAIR_CONFIDENCE * 100:.0f} to {MIN_SURE_CONFIDENCE:.0%}", FAIR_COLOUR),
        KeyEntry(f"below {MIN_FAIR_CONFIDENCE:.0%}", DOUBTFUL_COLOUR),
        KeyEntry("look at it", TEXT_COLOUR, is_dashed=True, sample="?"),
    ]
    if any(number.crossed_out for number in result.numbers):
        entries.append(KeyEntry("crossed out", TEXT_COLOUR, sample="12", is_struck_through=True))
    if any(number.is_unread for number in result.numbers):
        entries.append(KeyEntry("unread", UNREAD_COLOUR, is_dashed=True, sample="?"))
    return entries
