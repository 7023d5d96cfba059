"""Texts on plates, and lines, drawn with Pillow on a picture of a page.

What :mod:`scanner.results.annotated_page` and :mod:`scanner.debug` draw with.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font = FreeTypeFont | ImageFont

Colour = tuple[int, int, int]
"""Red, green, blue, 0-255 each."""

TEXT_COLOUR: Colour = (20, 20, 20)
LABEL_TINT_SHARE = 0.12
"""Share of the box's colour in its label's plate; the rest is white, which keeps the contrast above 12:1."""


class Rectangle(NamedTuple):
    """A rectangle on the page with inclusive left and top, exclusive right and bottom; it may leave the page."""

    left: int
    top: int
    right: int
    bottom: int


def load_font(height: int) -> Font:
    """Pillow's own font, the same on every machine, of this size in pixels."""
    from PIL import ImageFont

    return ImageFont.load_default(size=height)


def label_size(draw: ImageDraw, text: str, font: Font, line_width: int) -> tuple[int, int]:
    """Width and height of the plate for a text, with its outline ``line_width`` pixels thick."""
    # The height is that of a digit, whatever the text, so that plates in a row line up.
    _, top, _, bottom = draw.textbbox((0, 0), "0", font=font)
    margin = 2 * (line_width + _label_padding(bottom - top))
    return math.ceil(draw.textlength(text, font=font)) + margin, math.ceil(bottom - top) + margin


def draw_label(draw: ImageDraw, rectangle: Rectangle, text: str, font: Font, colour: Colour, line_width: int) -> None:
    """Draw a text on a plate of the size from :func:`label_size`, outlined and tinted in a colour."""
    fill_rectangle(draw, rectangle, tint(colour, LABEL_TINT_SHARE))
    draw_outline(draw, rectangle, colour, line_width)
    _, top, _, bottom = draw.textbbox((0, 0), "0", font=font)
    inset = line_width + _label_padding(bottom - top)
    draw.text((rectangle.left + inset, rectangle.top + inset - top), text, font=font, fill=TEXT_COLOUR)


def tint(colour: Colour, share: float) -> Colour:
    """White with so much of a colour in it, 0-1."""
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


def _label_padding(digit_height: float) -> int:
    return max(1, round(digit_height / 5))
