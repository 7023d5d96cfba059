"""Labels and outlines drawn on a picture of a page with Pillow.

Used by :mod:`scanner.results.annotated_page` and :mod:`scanner.debug`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font = FreeTypeFont | ImageFont

Colour = tuple[int, int, int]
"""Red, green and blue, 0-255 each."""

TEXT_COLOUR: Colour = (20, 20, 20)
LABEL_TINT_SHARE = 0.12
"""Share of the box's colour in the background of its label; the rest is white, so text has a contrast above 12:1."""
DASH_LENGTH_PER_THICKNESS = 3
"""Length of a dash in units of the line's thickness: short enough for three along a digit."""
DASH_GAP_PER_THICKNESS = 1
"""Space between dashes in units of the line's thickness."""


class Rectangle(NamedTuple):
    """A rectangle on the page: left and top lie inside it, right and bottom do not; it may extend beyond the page."""

    left: int
    top: int
    right: int
    bottom: int


def load_font(height: int) -> Font:
    """Load Pillow's own font, the same on every machine, at a size in pixels."""
    from PIL import ImageFont

    return ImageFont.load_default(size=height)


def label_size(draw: ImageDraw, text: str, font: Font, line_width: int) -> tuple[int, int]:
    """Width and height in pixels of the label for a text, with its outline ``line_width`` pixels thick."""
    # The height is that of a digit, whatever the text, so that labels side by side line up.
    top, bottom = digit_extent(draw, font)
    margin = 2 * (line_width + _label_padding(bottom - top))
    return math.ceil(draw.textlength(text, font=font)) + margin, math.ceil(bottom - top) + margin


def digit_extent(draw: ImageDraw, font: Font) -> tuple[float, float]:
    """Top and bottom of a digit in pixels below the point at which its text is drawn."""
    _, top, _, bottom = draw.textbbox((0, 0), "0", font=font)
    return top, bottom


def draw_label(
    draw: ImageDraw,
    rectangle: Rectangle,
    text: str,
    font: Font,
    colour: Colour,
    line_width: int,
    *,
    struck_through: bool = False,
) -> None:
    """Draw a label of the size from :func:`label_size`: a text in a box outlined and tinted in a colour."""
    fill_rectangle(draw, rectangle, tint(colour, LABEL_TINT_SHARE))
    draw_outline(draw, rectangle, colour, line_width)
    top, bottom = digit_extent(draw, font)
    inset = line_width + _label_padding(bottom - top)
    position = rectangle.left + inset, rectangle.top + inset - top
    draw_text(draw, position, text, font, strike_width=line_width if struck_through else 0)


def draw_text(draw: ImageDraw, position: tuple[float, float], text: str, font: Font, *, strike_width: int = 0) -> None:
    """Draw a text at the point (x, y), with a line through it if ``strike_width``, in pixels, is not 0."""
    draw.text(position, text, font=font, fill=TEXT_COLOUR)
    if strike_width:
        x, y = position
        middle = y + sum(digit_extent(draw, font)) / 2
        overhang = strike_width
        end = x + draw.textlength(text, font=font) + overhang
        draw.line((x - overhang, middle, end, middle), fill=TEXT_COLOUR, width=strike_width)


def tint(colour: Colour, share: float) -> Colour:
    """Mix a share (0-1) of a colour with white."""
    red, green, blue = (round(255 + share * (c - 255)) for c in colour)
    return red, green, blue


def fill_rectangle(draw: ImageDraw, rectangle: Rectangle, colour: Colour) -> None:
    """Fill a rectangle."""
    # Pillow's rectangles include their last row and column.
    draw.rectangle(
        (
            rectangle.left,
            rectangle.top,
            max(rectangle.left, rectangle.right - 1),
            max(rectangle.top, rectangle.bottom - 1),
        ),
        fill=colour,
    )


def draw_outline(draw: ImageDraw, rectangle: Rectangle, colour: Colour, line_width: int) -> None:
    """Draw the outline of a rectangle, ``line_width`` pixels thick, inside it."""
    right, bottom = max(rectangle.left, rectangle.right - 1), max(rectangle.top, rectangle.bottom - 1)
    draw.rectangle((rectangle.left, rectangle.top, right, bottom), outline=colour, width=line_width)


def draw_dashed_outline(draw: ImageDraw, rectangle: Rectangle, colour: Colour, line_width: int) -> None:
    """Draw the dashed outline of a rectangle, ``line_width`` pixels thick, inside it."""
    left, top, right, bottom = rectangle
    for start, end in _dash_intervals(left, right, line_width):
        fill_rectangle(draw, Rectangle(start, top, end, top + line_width), colour)
        fill_rectangle(draw, Rectangle(start, bottom - line_width, end, bottom), colour)
    for start, end in _dash_intervals(top, bottom, line_width):
        fill_rectangle(draw, Rectangle(left, start, left + line_width, end), colour)
        fill_rectangle(draw, Rectangle(right - line_width, start, right, end), colour)


def _dash_intervals(start: int, end: int, line_width: int) -> Iterator[tuple[int, int]]:
    """Dashes from ``start`` to ``end``, with a whole one at either end so that the corners are closed."""
    dash = DASH_LENGTH_PER_THICKNESS * line_width
    period = dash + DASH_GAP_PER_THICKNESS * line_width
    gaps = max(1, round((end - start - dash) / period))
    step = (end - start - dash) / gaps
    for i in range(gaps + 1):
        dash_start = round(start + i * step)
        yield max(start, dash_start), min(end, dash_start + dash)


def _label_padding(digit_height: float) -> int:
    return max(1, round(digit_height / 5))
