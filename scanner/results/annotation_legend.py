"""The key below an annotated page: what was found on the page, and what the colours and lines of the boxes mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.results.label_drawing import (
    LABEL_TINT_SHARE,
    Colour,
    Rectangle,
    digit_extent,
    draw_dashed_outline,
    draw_outline,
    draw_text,
    fill_rectangle,
    load_font,
    tint,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw

    from scanner.results.label_drawing import Font

MAX_KEY_HEIGHT_SHARE = 0.12
"""Largest height of the key as a share of the page's; the picture of a single number has no key."""
BACKGROUND_COLOUR: Colour = (255, 255, 255)
RULE_COLOUR: Colour = (190, 190, 190)

# The layout, in units of the height of the text.
_ROW_HEIGHT = 2.0
_VERTICAL_PADDING = 0.6
_MARGIN = 1.0
_SWATCH_WIDTH = 2.2
_SWATCH_HEIGHT = 1.25
_SWATCH_GAP = 0.5
_ENTRY_GAP = 1.6
_WORD_SPACE = "  "
"""Space between words: a single space of Pillow's font disappears at the height of small print."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One entry of the key: a small box drawn as on the page, and what it means."""

    meaning: str
    colour: Colour
    is_dashed: bool = False
    is_double: bool = False
    """Whether there is a second outline within the first."""
    sample: str = ""
    """Text in the box; empty for none."""
    is_struck_through: bool = False
    """Whether a line is drawn through the text, as through the label of a number that is crossed out."""


@dataclass(frozen=True, slots=True)
class _PlacedEntry:
    """An entry or the heading, with its left edge in pixels and its row."""

    entry: KeyEntry | None
    """None for the heading, which has no box."""
    text: str
    x: int
    row: int


def add_key(picture: Picture, heading: str, entries: Sequence[KeyEntry], text_height: int, line_width: int) -> Picture:
    """Add the key below the picture of a page.

    It is below the page and not on it, so that it never hides ink and always has the same position.  Pixels of the page
    keep their coordinates.

    Args:
        picture: the annotated page, RGB.
        heading: text before the entries.
        entries: the entries, left to right; they wrap to further rows on a narrow page.
        text_height: size of the text, pixels.
        line_width: thickness of outlines, pixels.

    Returns:
        A new, higher picture, or ``picture`` itself where the key would be higher than ``MAX_KEY_HEIGHT_SHARE`` of it
        or an entry wider than it.
    """
    import PIL.Image
    import PIL.ImageDraw

    font = load_font(text_height)
    placed = _place_entries(PIL.ImageDraw.Draw(picture), picture.width, heading, entries, font, text_height)
    row_height = round(_ROW_HEIGHT * text_height)
    height = line_width + round(_VERTICAL_PADDING * text_height) + (placed[-1].row + 1) * row_height if placed else 0
    if not placed or height > MAX_KEY_HEIGHT_SHARE * picture.height:
        return picture
    page_height = picture.height
    extended = PIL.Image.new("RGB", (picture.width, page_height + height), BACKGROUND_COLOUR)
    extended.paste(picture)
    draw = PIL.ImageDraw.Draw(extended)
    fill_rectangle(draw, Rectangle(0, page_height, picture.width, page_height + line_width), RULE_COLOUR)
    first_middle = page_height + line_width + (height - line_width - placed[-1].row * row_height) / 2
    for entry in placed:
        _draw_entry(draw, entry, first_middle + entry.row * row_height, font, text_height, line_width)
    return extended


def _place_entries(
    draw: ImageDraw, page_width: int, heading: str, entries: Sequence[KeyEntry], font: Font, text_height: int
) -> list[_PlacedEntry]:
    """Lay the heading and the entries out in rows; empty if one is wider than the page."""
    margin, gap = round(_MARGIN * text_height), round(_ENTRY_GAP * text_height)
    swatch = round((_SWATCH_WIDTH + _SWATCH_GAP) * text_height)
    placed: list[_PlacedEntry] = []
    x, row = margin, 0
    items: list[tuple[KeyEntry | None, str]] = [(None, heading), *((entry, entry.meaning) for entry in entries)]
    for entry, words in items:
        text = words.replace(" ", _WORD_SPACE)
        width = math.ceil(draw.textlength(text, font=font)) + (swatch if entry else 0)
        if margin + width + margin > page_width:
            return []
        if x + width + margin > page_width:
            x, row = margin, row + 1
        placed.append(_PlacedEntry(entry, text, x, row))
        x += width + gap
    return placed


def _draw_entry(
    draw: ImageDraw, placed: _PlacedEntry, middle: float, font: Font, text_height: int, line_width: int
) -> None:
    top, bottom = digit_extent(draw, font)
    text_y = middle - (top + bottom) / 2
    x = placed.x
    if placed.entry is not None:
        width, height = round(_SWATCH_WIDTH * text_height), round(_SWATCH_HEIGHT * text_height)
        box_top = round(middle - height / 2)
        _draw_swatch(draw, placed.entry, Rectangle(x, box_top, x + width, box_top + height), text_y, font, line_width)
        x += round((_SWATCH_WIDTH + _SWATCH_GAP) * text_height)
    draw_text(draw, (x, text_y), placed.text, font)


def _draw_swatch(draw: ImageDraw, entry: KeyEntry, box: Rectangle, text_y: float, font: Font, line_width: int) -> None:
    if entry.is_dashed:
        draw_dashed_outline(draw, box, entry.colour, line_width)
    else:
        fill_rectangle(draw, box, tint(entry.colour, LABEL_TINT_SHARE))
        draw_outline(draw, box, entry.colour, line_width)
    if entry.is_double:
        inset = 2 * line_width
        inner = Rectangle(box.left + inset, box.top + inset, box.right - inset, box.bottom - inset)
        draw_outline(draw, inner, entry.colour, line_width)
    if entry.sample:
        width = draw.textlength(entry.sample, font=font)
        text_x = (box.left + box.right - width) / 2
        draw_text(draw, (text_x, text_y), entry.sample, font, strike_width=line_width if entry.is_struck_through else 0)
