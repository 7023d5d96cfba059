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

from scanner.plates import TEXT_COLOUR, Colour, Span, draw_outline, draw_plate, fill, load_font, plate_size
from scanner.types import Box, Number, Page, PageResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from PIL.ImageDraw import ImageDraw

    from scanner.types import Image

    _Spans = NDArray[np.int64]
    """Shape (n, 4): one ``Span`` a row."""

SURE_CONFIDENCE = 0.95
"""From here a number counts as sure: one such number in twenty is wrong at worst."""
FAIR_CONFIDENCE = 0.80
"""From here to ``SURE_CONFIDENCE`` a number is fair, below it doubtful: one in five is wrong."""

# Blue, amber and red differ in lightness as well as in hue, so that they stay
# apart for protanopes, deuteranopes and tritanopes and on a grey print
# (Okabe & Ito, Color Universal Design, 2008).
SURE_COLOUR: Colour = (0, 90, 181)
FAIR_COLOUR: Colour = (230, 159, 0)
DOUBTFUL_COLOUR: Colour = (200, 30, 20)

TEXT_PER_BOX_HEIGHT = 0.7
"""A label a little smaller than the writing reads as a note to it."""
MIN_TEXT_PER_PAGE = 0.013
"""Of the page's size (root of its area): on A4, 3 mm type, which a page fitted to a screen still shows legibly."""
MAX_TEXT_PER_PAGE = 0.022
"""Of the page's size: larger type only hides more of the page."""
MIN_TEXT = 11
"""Pixels: smaller type is not legible however small the picture is."""

LINE_PER_PAGE = 0.0014
"""Of the page's size: on A4 a line of a third of a millimetre, as of a fine pen."""
CLEARANCE = 2
"""Space between the ink and its box, in line widths."""
REVIEW_LINES = 2
"""Thickness of a dashed line, in line widths: it has to catch the eye although half of it is missing."""
DASH = 3
"""Length of a dash, in its thickness: short enough for three along a digit."""
DASH_GAP = 1
"""Space between dashes, in their thickness."""

MIN_INK_CONTRAST = 20
"""Grey levels from the page's lightest pixel to its ink: less is the paper's own grain."""
INK_WEIGHT = 5
"""Cost of a hidden ink pixel, that of a hidden pixel of a number's box being 1: writing covers a fifth of its box."""

MAX_LEGEND_SHARE = 0.5
"""Of the page's width: on anything smaller, such as the picture of a single number, a legend is in the way."""


@dataclass(frozen=True)
class _Style:
    """Sizes of this page's drawing, pixels."""

    width: int
    height: int
    line: int
    min_text: float
    max_text: float

    @classmethod
    def for_page(cls, width: int, height: int) -> _Style:
        size = math.sqrt(width * height)
        min_text = max(MIN_TEXT, MIN_TEXT_PER_PAGE * size)
        return cls(
            width=width,
            height=height,
            line=max(1, round(LINE_PER_PAGE * size)),
            min_text=min_text,
            max_text=max(min_text, MAX_TEXT_PER_PAGE * size),
        )

    def text_height(self, box: Box) -> int:
        return round(min(max(TEXT_PER_BOX_HEIGHT * box.height, self.min_text), self.max_text))


@dataclass(frozen=True)
class _Costs:
    """What a plate would hide."""

    taken: _Spans
    """Numbers and other plates."""
    ink: NDArray[np.int32]
    """Integral of the page's ink, shape (height + 1, width + 1)."""

    def of(self, place: Span) -> int:
        """Cost of a plate at ``place``."""
        height, width = self.ink.shape
        left, right = min(place.left, width - 1), min(place.right, width - 1)
        top, bottom = min(place.top, height - 1), min(place.bottom, height - 1)
        ink = self.ink
        hidden = int(ink[bottom, right] - ink[top, right] - ink[bottom, left] + ink[top, left])
        return _overlap(place, self.taken) + INK_WEIGHT * hidden


def _ink_integral(image: Image) -> NDArray[np.int32]:
    """Count of dark pixels above and left of each pixel; good enough to find free paper, not to read."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    # Otsu's threshold splits even an empty page; the tones must lie apart as paper and ink do.
    threshold, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    if int(grey.max()) - threshold < MIN_INK_CONTRAST:
        dark = np.zeros_like(grey)
    return np.asarray(cv2.integral(dark), dtype=np.int32)


def colour_of(confidence: float) -> Colour:
    """Colour for a confidence (0-1): blue when sure, amber when fair, red when doubtful.  As RGB."""
    if confidence >= SURE_CONFIDENCE:
        return SURE_COLOUR
    if confidence >= FAIR_CONFIDENCE:
        return FAIR_COLOUR
    return DOUBTFUL_COLOUR


def annotate(page: Page, result: PageResult) -> Image:
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
    style = _Style.for_page(width, height)
    canvas = PIL.Image.fromarray(np.ascontiguousarray(page.image[:, :, ::-1]))
    draw = PIL.ImageDraw.Draw(canvas)

    frames = [_frame(number.box, style) for number in result.numbers]
    for number, frame in zip(result.numbers, frames, strict=True):
        _draw_frame(draw, number, frame, style)
    # First the frames, then the plates as they are placed; what is still zero is empty and hides nothing.
    taken = np.zeros((2 * len(frames), 4), dtype=np.int64)
    taken[: len(frames)] = np.array(frames, dtype=np.int64).reshape(-1, 4)
    ink = _ink_integral(page.image)
    for i, (number, frame) in enumerate(zip(result.numbers, frames, strict=True)):
        others = taken.copy()
        # A plate may share its own frame's line, but not hide the ink.
        others[i] = (number.box.x, number.box.y, number.box.right, number.box.bottom)
        taken[len(frames) + i] = _draw_label(draw, number, frame, _Costs(others, ink), style)
    _draw_legend(draw, result, _Costs(taken, ink), style)
    return np.ascontiguousarray(np.asarray(canvas)[:, :, ::-1])


def _frame(box: Box, style: _Style) -> Span:
    """Outer edge of the line drawn around ``box``, kept on the page so that no side is lost."""
    margin = (1 + CLEARANCE) * style.line
    return Span(
        max(0, box.x - margin),
        max(0, box.y - margin),
        min(style.width, box.right + margin),
        min(style.height, box.bottom + margin),
    )


def _draw_frame(draw: ImageDraw, number: Number, frame: Span, style: _Style) -> None:
    colour = colour_of(number.confidence)
    if not number.review:
        draw_outline(draw, frame, colour, style.line)
        return
    left, top, right, bottom = frame
    line = REVIEW_LINES * style.line
    for start, end in _dashes(left, right, line):
        fill(draw, Span(start, top, end, top + line), colour)
        fill(draw, Span(start, bottom - line, end, bottom), colour)
    for start, end in _dashes(top, bottom, line):
        fill(draw, Span(left, start, left + line, end), colour)
        fill(draw, Span(right - line, start, right, end), colour)


def _dashes(start: int, end: int, line: int) -> Iterator[tuple[int, int]]:
    """Dashes from ``start`` to ``end``, with a whole one at either end so that the corners are closed."""
    period = (DASH + DASH_GAP) * line
    gaps = max(1, round((end - start - DASH * line) / period))
    step = (end - start - DASH * line) / gaps
    for i in range(gaps + 1):
        at = round(start + i * step)
        yield max(start, at), min(end, at + DASH * line)


def _draw_label(draw: ImageDraw, number: Number, frame: Span, costs: _Costs, style: _Style) -> Span:
    """Write the reading where it hides least; return the plate's place."""
    text = f"{number.text}?" if number.review else number.text
    font = load_font(style.text_height(number.box))
    plate = _place(frame, plate_size(draw, text, font, style.line), costs, style)
    draw_plate(draw, plate, text, font, colour_of(number.confidence), style.line)
    return plate


def _place(frame: Span, size: tuple[int, int], costs: _Costs, style: _Style) -> Span:
    """The first place on the page around ``frame`` that hides nothing, or else the one that hides least."""
    width, height = size
    left, top, right, bottom = frame
    # The plate's line falls on the frame's, as a tab's does on its card.
    above, below, beside = top + style.line - height, bottom - style.line, (top + bottom - height) // 2
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
        x = max(0, min(corner_x, style.width - width))
        y = max(0, min(corner_y, style.height - height))
        places.append(Span(x, y, x + width, y + height))
    return min(places, key=costs.of)


def _overlap(span: Span, others: _Spans) -> int:
    """Pixels of ``span`` that lie in ``others`` (n, 4), those in several counted as often."""
    columns = np.minimum(span.right, others[:, 2]) - np.maximum(span.left, others[:, 0])
    rows = np.minimum(span.bottom, others[:, 3]) - np.maximum(span.top, others[:, 1])
    return int((columns.clip(0) * rows.clip(0)).sum())


def _draw_legend(draw: ImageDraw, result: PageResult, costs: _Costs, style: _Style) -> None:
    """Say in a free corner, the bottom ones first, how many numbers there are and how many to look at."""
    text = _legend(result)
    font = load_font(round(style.min_text))
    width, height = plate_size(draw, text, font, style.line)
    if width > MAX_LEGEND_SHARE * style.width or height > style.height:
        return
    corners = (Span(x, y, x + width, y + height) for y in (style.height - height, 0) for x in (0, style.width - width))
    free = [corner for corner in corners if not _overlap(corner, costs.taken)]
    if free:
        draw_plate(draw, min(free, key=costs.of), text, font, TEXT_COLOUR, style.line)


def _legend(result: PageResult) -> str:
    if not result.numbers:
        return "no numbers"
    count = len(result.numbers)
    doubtful = sum(bool(number.review) for number in result.numbers)
    numbers = "1 number" if count == 1 else f"{count} numbers"
    return f"{numbers}, {doubtful or 'none'} to look at"
