"""Draw what was read onto the page it was read from, for a person to check at a glance.

The eye finds what needs attention by colour and by shape: the colour of a box
says how sure its reading is, on a scale that survives colour-blindness and a
black-and-white print; a dashed box and a question mark ask for a look.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.results.label_drawing import (
    TEXT_COLOUR,
    Colour,
    Rectangle,
    draw_label,
    draw_outline,
    fill_rectangle,
    label_size,
    load_font,
)
from scanner.types import Box, Number, PageImage, PageResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from PIL.ImageDraw import ImageDraw

    from scanner.types import Image

    _RectangleArray = NDArray[np.int64]
    """Shape (n, 4): one ``Rectangle`` a row."""

MIN_SURE_CONFIDENCE = 0.95
"""From here a number counts as sure: one such number in twenty is wrong at worst."""
MIN_FAIR_CONFIDENCE = 0.80
"""From here to ``MIN_SURE_CONFIDENCE`` a number is fair, below it doubtful: one in five is wrong."""

# Blue, amber and red differ in lightness as well as in hue, so that they stay
# apart for protanopes, deuteranopes and tritanopes and on a grey print
# (Okabe & Ito, Color Universal Design, 2008).
SURE_COLOUR: Colour = (0, 90, 181)
FAIR_COLOUR: Colour = (230, 159, 0)
DOUBTFUL_COLOUR: Colour = (200, 30, 20)

TEXT_HEIGHT_PER_BOX_HEIGHT = 0.7
"""A label a little smaller than the writing reads as a note to it."""
MIN_TEXT_HEIGHT_PER_PAGE_SIZE = 0.013
"""Of the page's size (root of its area): on A4, 3 mm type, which a page fitted to a screen still shows legibly."""
MAX_TEXT_HEIGHT_PER_PAGE_SIZE = 0.022
"""Of the page's size: larger type only hides more of the page."""
MIN_TEXT_HEIGHT_PIXELS = 11
"""Pixels: smaller type is not legible however small the picture is."""

LINE_WIDTH_PER_PAGE_SIZE = 0.0014
"""Of the page's size: on A4 a line of a third of a millimetre, as of a fine pen."""
INK_CLEARANCE_LINE_WIDTHS = 2
"""Space between the ink and its box, in line widths."""
REVIEW_OUTLINE_LINE_WIDTHS = 2
"""Thickness of a dashed line, in line widths: it has to catch the eye although half of it is missing."""
DASH_LENGTH_PER_THICKNESS = 3
"""Length of a dash, in its thickness: short enough for three along a digit."""
DASH_GAP_PER_THICKNESS = 1
"""Space between dashes, in their thickness."""

MIN_INK_CONTRAST_LEVELS = 20
"""Grey levels from the page's lightest pixel to its ink: less is the paper's own grain."""
HIDDEN_INK_WEIGHT = 5
"""Cost of a hidden ink pixel, that of a hidden pixel of a number's box being 1: writing covers a fifth of its box."""

MAX_LEGEND_WIDTH_SHARE = 0.5
"""Of the page's width: on anything smaller, such as the picture of a single number, a legend is in the way."""


@dataclass(frozen=True)
class _DrawingSizes:
    """Sizes of this page's drawing, pixels."""

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
    """What a plate would hide."""

    occupied: _RectangleArray
    """Numbers and other plates."""
    ink_integral: NDArray[np.int32]
    """Integral of the page's ink, shape (height + 1, width + 1)."""

    def cost_at(self, place: Rectangle) -> int:
        """Cost of a plate at ``place``."""
        height, width = self.ink_integral.shape
        left, right = min(place.left, width - 1), min(place.right, width - 1)
        top, bottom = min(place.top, height - 1), min(place.bottom, height - 1)
        ink = self.ink_integral
        hidden = int(ink[bottom, right] - ink[top, right] - ink[bottom, left] + ink[top, left])
        return _overlap_pixels(place, self.occupied) + HIDDEN_INK_WEIGHT * hidden


def _ink_integral(image: Image) -> NDArray[np.int32]:
    """Count of dark pixels above and left of each pixel; good enough to find free paper, not to read."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    # Otsu's threshold splits even an empty page; the tones must lie apart as paper and ink do.
    threshold, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    if int(grey.max()) - threshold < MIN_INK_CONTRAST_LEVELS:
        dark = np.zeros_like(grey)
    return np.asarray(cv2.integral(dark), dtype=np.int32)


def confidence_colour(confidence: float) -> Colour:
    """Colour for a confidence (0-1): blue when sure, amber when fair, red when doubtful.  As RGB."""
    if confidence >= MIN_SURE_CONFIDENCE:
        return SURE_COLOUR
    if confidence >= MIN_FAIR_CONFIDENCE:
        return FAIR_COLOUR
    return DOUBTFUL_COLOUR


def annotate_page(page: PageImage, result: PageResult) -> Image:
    """Draw every number's box and reading on the page.

    The reading stands above its box; where that would leave the page or hide
    other numbers or much writing it stands below or beside it.  A number with a reason for
    review has a dashed box and a question mark.  A legend stands in a corner
    that is free of numbers, if there is one.

    Args:
        page: the page as decoded; it is not changed.
        result: what was read on it, boxes in the page's pixels.

    Returns:
        A new image of the page's shape (height, width, 3), ``uint8``, BGR.
    """
    import PIL.Image
    import PIL.ImageDraw

    height, width = page.image.shape[:2]
    style = _DrawingSizes.for_page(width, height)
    canvas = PIL.Image.fromarray(np.ascontiguousarray(page.image[:, :, ::-1]))
    draw = PIL.ImageDraw.Draw(canvas)

    frames = [_outline_rectangle(number.box, style) for number in result.numbers]
    for number, frame in zip(result.numbers, frames, strict=True):
        _draw_outline_of_number(draw, number, frame, style)
    # First the frames, then the plates as they are placed; what is still zero is empty and hides nothing.
    taken = np.zeros((2 * len(frames), 4), dtype=np.int64)
    taken[: len(frames)] = np.array(frames, dtype=np.int64).reshape(-1, 4)
    ink = _ink_integral(page.image)
    for i, (number, frame) in enumerate(zip(result.numbers, frames, strict=True)):
        others = taken.copy()
        # A plate may share its own frame's line, but not hide the ink.
        others[i] = (number.box.x, number.box.y, number.box.right, number.box.bottom)
        taken[len(frames) + i] = _label_number(draw, number, frame, _LabelCosts(others, ink), style)
    _draw_legend(draw, result, _LabelCosts(taken, ink), style)
    return np.ascontiguousarray(np.asarray(canvas)[:, :, ::-1])


def _outline_rectangle(box: Box, style: _DrawingSizes) -> Rectangle:
    """Outer edge of the line drawn around ``box``, kept on the page so that no side is lost."""
    margin = (1 + INK_CLEARANCE_LINE_WIDTHS) * style.line_width
    return Rectangle(
        max(0, box.x - margin),
        max(0, box.y - margin),
        min(style.page_width, box.right + margin),
        min(style.page_height, box.bottom + margin),
    )


def _draw_outline_of_number(draw: ImageDraw, number: Number, frame: Rectangle, style: _DrawingSizes) -> None:
    colour = confidence_colour(number.confidence)
    if not number.review_reason:
        draw_outline(draw, frame, colour, style.line_width)
        return
    left, top, right, bottom = frame
    line = REVIEW_OUTLINE_LINE_WIDTHS * style.line_width
    for start, end in _dash_intervals(left, right, line):
        fill_rectangle(draw, Rectangle(start, top, end, top + line), colour)
        fill_rectangle(draw, Rectangle(start, bottom - line, end, bottom), colour)
    for start, end in _dash_intervals(top, bottom, line):
        fill_rectangle(draw, Rectangle(left, start, left + line, end), colour)
        fill_rectangle(draw, Rectangle(right - line, start, right, end), colour)


def _dash_intervals(start: int, end: int, line: int) -> Iterator[tuple[int, int]]:
    """Dashes from ``start`` to ``end``, with a whole one at either end so that the corners are closed."""
    period = (DASH_LENGTH_PER_THICKNESS + DASH_GAP_PER_THICKNESS) * line
    gaps = max(1, round((end - start - DASH_LENGTH_PER_THICKNESS * line) / period))
    step = (end - start - DASH_LENGTH_PER_THICKNESS * line) / gaps
    for i in range(gaps + 1):
        at = round(start + i * step)
        yield max(start, at), min(end, at + DASH_LENGTH_PER_THICKNESS * line)


def _label_number(
    draw: ImageDraw, number: Number, frame: Rectangle, costs: _LabelCosts, style: _DrawingSizes
) -> Rectangle:
    """Write the reading where it hides least; return the plate's place."""
    text = f"{number.text}?" if number.review_reason else number.text
    font = load_font(style.text_height(number.box))
    plate = _choose_label_position(frame, label_size(draw, text, font, style.line_width), costs, style)
    draw_label(draw, plate, text, font, confidence_colour(number.confidence), style.line_width)
    return plate


def _choose_label_position(
    frame: Rectangle, size: tuple[int, int], costs: _LabelCosts, style: _DrawingSizes
) -> Rectangle:
    """The first place on the page around ``frame`` that hides nothing, or else the one that hides least."""
    width, height = size
    left, top, right, bottom = frame
    # The plate's line falls on the frame's, as a tab's does on its card.
    above, below, beside = top + style.line_width - height, bottom - style.line_width, (top + bottom - height) // 2
    corners = (
        (left, above),
        (right - width, above),
        (left, below),
        (right - width, below),
        (right, beside),
        (left - width, beside),
    )
    places = []
    for corner_x, corner_y in corners:
        x = max(0, min(corner_x, style.page_width - width))
        y = max(0, min(corner_y, style.page_height - height))
        places.append(Rectangle(x, y, x + width, y + height))
    return min(places, key=costs.cost_at)


def _overlap_pixels(span: Rectangle, others: _RectangleArray) -> int:
    """Pixels of ``span`` that lie in ``others`` (n, 4), those in several counted as often."""
    columns = np.minimum(span.right, others[:, 2]) - np.maximum(span.left, others[:, 0])
    rows = np.minimum(span.bottom, others[:, 3]) - np.maximum(span.top, others[:, 1])
    return int((columns.clip(0) * rows.clip(0)).sum())


def _draw_legend(draw: ImageDraw, result: PageResult, costs: _LabelCosts, style: _DrawingSizes) -> None:
    """Say in a free corner, the bottom ones first, how many numbers there are and how many to look at."""
    text = _legend_text(result)
    font = load_font(round(style.min_text_height))
    width, height = label_size(draw, text, font, style.line_width)
    if width > MAX_LEGEND_WIDTH_SHARE * style.page_width or height > style.page_height:
        return
    corners = (
        Rectangle(x, y, x + width, y + height)
        for y in (style.page_height - height, 0)
        for x in (0, style.page_width - width)
    )
    free = [corner for corner in corners if not _overlap_pixels(corner, costs.occupied)]
    if free:
        draw_label(draw, min(free, key=costs.cost_at), text, font, TEXT_COLOUR, style.line_width)


def _legend_text(result: PageResult) -> str:
    if not result.numbers:
        return "no numbers"
    count = len(result.numbers)
    doubtful = sum(bool(number.review_reason) for number in result.numbers)
    numbers = "1 number" if count == 1 else f"{count} numbers"
    return f"{numbers}, {doubtful or 'none'} to look at"
