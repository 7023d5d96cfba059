"""Draw on pictures of a page, in pixels of the page, and add headings that say what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.results.annotated_page import DOUBTFUL_COLOUR, FAIR_COLOUR, SURE_COLOUR
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

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL.ImageDraw import ImageDraw

    from scanner.results.label_drawing import Font
    from scanner.types import Box, Image

Point = tuple[float, float]
"""A point on the page, (x, y) in pixels."""
Legend = Sequence[tuple[Colour, str]]
"""Colours and their meaning."""

# Okabe & Ito, "Color Universal Design", 2008: protanopes, deuteranopes and tritanopes can distinguish these colours.
BLACK: Colour = (40, 40, 40)
GREY: Colour = (150, 150, 150)
ORANGE: Colour = (230, 159, 0)
SKY: Colour = (86, 180, 233)
GREEN: Colour = (0, 158, 115)
BLUE: Colour = (0, 114, 178)
VERMILLION: Colour = (213, 94, 0)
PURPLE: Colour = (204, 121, 167)
WHITE: Colour = (255, 255, 255)

CONFIDENCE_LEGEND: Legend = ((SURE_COLOUR, "sure"), (FAIR_COLOUR, "fair"), (DOUBTFUL_COLOUR, "doubtful"))
"""Meaning of the colours of :func:`scanner.results.annotated_page.confidence_colour`."""

MAX_PAGE_PICTURE_SIDE = 2400
"""Maximum longer side of a picture of a page, pixels: digits on A4 at 300 dpi are still separate."""
_ENLARGED_SIDE_PIXELS = 1000
"""Longer side, pixels, up to which a small page is enlarged by a whole factor, so that its pixels can be seen."""
_MAX_SCALE = 8
"""Maximum scale of a small page."""
_MIN_HEADING_WIDTH = 900
"""Minimum width of a heading, pixels; the rest beside a narrower picture is white."""
_LINE_THICKNESS_SHARE = 0.0011
"""Thickness of a line, as a share of the picture's longer side: at most 3 pixels."""
_LABEL_HEIGHT_SHARE = 0.01
"""Height of a label, as a share of the picture's longer side."""
_MIN_LABEL_HEIGHT_PIXELS = 13
"""Minimum height of a label, pixels."""
_HEADING_TEXT_HEIGHT_SHARE = 0.016
"""Height of the text of a heading, as a share of the picture's width."""
_HEADING_TEXT_HEIGHT_RANGE_PIXELS = (17, 30)
"""Minimum and maximum height of the text of a heading, pixels."""
_FADED_INK_DARKNESS = 0.25
"""Darkness of ink that is only shown for orientation, full ink being 1."""


@dataclass(frozen=True, slots=True)
class View:
    """The scale at which a page is shown."""

    scale: float
    """Pixels of the picture per pixel of the page."""
    size: tuple[int, int]
    """(width, height) of the picture, pixels."""

    @classmethod
    def of(cls, width: int, height: int, max_side: int = MAX_PAGE_PICTURE_SIDE) -> View:
        """View of a page of this size: as it is, reduced to ``max_side`` pixels, or enlarged if it is small."""
        side = max(width, height)
        scale = max_side / side if side > max_side else float(max(min(_ENLARGED_SIDE_PIXELS // side, _MAX_SCALE), 1))
        return cls(scale, (max(round(width * scale), 1), max(round(height * scale), 1)))

    def scale_image(self, image: Image) -> Image:
        """Scale an image of the page, shape (height, width) or (height, width, 3); the result is BGR."""
        interpolation = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_NEAREST
        scaled = cv2.resize(image, self.size, interpolation=interpolation)
        return np.asarray(scaled if scaled.ndim == 3 else cv2.cvtColor(scaled, cv2.COLOR_GRAY2BGR), np.uint8)

    def to_picture_point(self, point: Point) -> Point:
        """Point of the picture that shows a point of the page."""
        return (point[0] + 0.5) * self.scale, (point[1] + 0.5) * self.scale

    def to_picture_span(self, box: Box) -> Rectangle:
        """Part of the picture that shows a box on the page, at least one pixel."""
        left, top = round(box.x * self.scale), round(box.y * self.scale)
        return Rectangle(
            left, top, max(round(box.right * self.scale), left + 1), max(round(box.bottom * self.scale), top + 1)
        )


class Canvas:
    """A picture of a page, to draw on."""

    def __init__(self, picture: Image, view: View) -> None:
        """Show a picture of the page at the scale of the view, shape (height, width, 3), BGR."""
        import PIL.Image
        import PIL.ImageDraw

        self._view = view
        self._picture = PIL.Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1]))
        self._draw = PIL.ImageDraw.Draw(self._picture)
        self.line = max(1, round(_LINE_THICKNESS_SHARE * max(view.size)))
        self._text = max(_MIN_LABEL_HEIGHT_PIXELS, round(_LABEL_HEIGHT_SHARE * max(view.size)))

    def box(self, box: Box, colour: Colour) -> None:
        """Draw an outline around a box."""
        left, top, right, bottom = self._view.to_picture_span(box)
        line = self.line
        draw_outline(self._draw, Rectangle(left - line, top - line, right + line, bottom + line), colour, line)

    def polygon(self, corners: Iterable[Point], colour: Colour, lines: int = 1) -> None:
        """Draw a closed polygon, its line ``lines`` times as thick as usual."""
        points = [self._view.to_picture_point(corner) for corner in corners]
        self._draw.line([*points, points[0], points[1]], fill=colour, width=lines * self.line, joint="curve")

    def segment(self, ends: Sequence[Point], colour: Colour, lines: int = 1) -> None:
        """Draw a straight line, ``lines`` times as thick as usual."""
        self._draw.line([self._view.to_picture_point(end) for end in ends], fill=colour, width=lines * self.line)

    def label(self, text: str, corner: Point, colour: Colour) -> None:
        """Draw a label with its lower left corner at a point of the page, or as near as the picture allows."""
        font = load_font(self._text)
        width, height = label_size(self._draw, text, font, 1)
        x, y = self._view.to_picture_point(corner)
        left = max(0, min(round(x), self._view.size[0] - width))
        top = max(0, min(round(y) - height, self._view.size[1] - height))
        draw_label(self._draw, Rectangle(left, top, left + width, top + height), text, font, colour, 1)

    def note(self, text: str, box: Box, colour: Colour) -> None:
        """Write into the upper left corner of a box, as small as necessary; nothing if it would not be legible."""
        span = self._view.to_picture_span(box)
        room = span.right - span.left - 4 * self.line, span.bottom - span.top - 4 * self.line
        size = min(self._text, room[1])
        width = self._draw.textlength(text, font=load_font(max(size, 1)))
        size = round(min(size, size * room[0] / max(width, 1)))
        if size >= _MIN_LABEL_HEIGHT_PIXELS // 2:
            inset = 2 * self.line + 2
            corner, font = (span.left + inset, span.top + inset), load_font(size)
            left, top, right, bottom = (round(edge) for edge in self._draw.textbbox(corner, text, font=font))
            fill_rectangle(self._draw, Rectangle(left - 1, top - 1, right + 2, bottom + 2), WHITE)
            self._draw.text(corner, text, font=font, fill=colour)

    def image(self) -> Image:
        """The picture, BGR."""
        return np.ascontiguousarray(np.asarray(self._picture)[:, :, ::-1])


def fade_ink(strength: Image) -> Image:
    """Draw ink, 255 = full, in light grey on white."""
    return np.asarray(255 - cv2.convertScaleAbs(strength, alpha=_FADED_INK_DARKNESS), np.uint8)


def add_heading(picture: Image, title: str, notes: Sequence[str], legend: Legend = ()) -> Image:
    """Add a heading to a picture: a title, notes, and a legend.

    Args:
        picture: shape (height, width, 3), BGR.
        title: what the picture shows.
        notes: paragraphs, wrapped to the picture's width.
        legend: colours and their meaning.
    """
    import PIL.Image
    import PIL.ImageDraw

    width = max(picture.shape[1], _MIN_HEADING_WIDTH)
    low, high = _HEADING_TEXT_HEIGHT_RANGE_PIXELS
    text = min(max(round(_HEADING_TEXT_HEIGHT_SHARE * width), low), high)
    blank = PIL.Image.new("RGB", (width, width), WHITE)
    height = _draw_heading(PIL.ImageDraw.Draw(blank), width, text, title, notes, legend)
    heading = np.asarray(blank)[:height, :, ::-1]
    body = np.pad(picture, ((0, 0), (0, width - picture.shape[1]), (0, 0)), constant_values=255)
    return np.concatenate([heading, body]).astype(np.uint8)


def _draw_heading(draw: ImageDraw, width: int, text: int, title: str, notes: Sequence[str], legend: Legend) -> int:
    """Draw a heading, and return its height."""
    font, margin, pitch = load_font(text), text // 2, round(1.4 * text)
    y = margin
    draw.text((margin, y), title, font=load_font(round(1.25 * text)), fill=TEXT_COLOUR)
    y += round(1.35 * pitch)
    for line in (line for note in notes for line in _wrap_text(draw, note, font, width - 2 * margin)):
        draw.text((margin, y), line, font=font, fill=TEXT_COLOUR)
        y += pitch
    x = margin
    for colour, meaning in legend:
        needed = round(draw.textlength(meaning, font=font)) + 3 * text
        if x > margin and x + needed > width:
            x, y = margin, y + pitch
        swatch = Rectangle(x, y + text // 8, x + text, y + text // 8 + text)
        fill_rectangle(draw, swatch, colour)
        draw_outline(draw, swatch, GREY, 1)
        draw.text((x + round(1.4 * text), y), meaning, font=font, fill=TEXT_COLOUR)
        x += needed
    y += (pitch if legend else 0) + margin
    fill_rectangle(draw, Rectangle(0, y, width, y + 2), GREY)
    return y + 2


def _wrap_text(draw: ImageDraw, note: str, font: Font, width: int) -> list[str]:
    lines: list[str] = []
    for word in note.split():
        if lines and draw.textlength(f"{lines[-1]} {word}", font=font) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
