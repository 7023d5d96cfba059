"""Draw the readings on the page they were read from, so that a person can check them at a glance.

Colour and shape point to what needs attention: the colour of a box shows the confidence of its reading, on a scale that
can be read with colour blindness and in a black-and-white print; a dashed box and a question mark ask for a look.  A
number that could not be read has a colour of its own and a question mark alone.  Form fields with nothing to check
are only hinted at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from scanner.results.label_placement import LabelSize, Unlabelled, place_labels
from scanner.results.summary import count_to_review, count_unread, numbers_to_count
from scanner.types import PICTURE_KIND, TICK_KIND, Box, Number, PageImage, PageResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw

    from scanner.types import Image

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
CHECKED_COLOUR: Colour = (0, 130, 85)
"""Colour of a number that a person has decided on; on a grey print it is between blue and amber."""
EMPTY_COLOUR: Colour = (150, 150, 150)
"""Colour of a form field that is empty, has no tick, or is a picture, and that nobody needs to look at."""

TEXT_HEIGHT_PER_BOX_HEIGHT = 0.7
"""Height of a label's text per height of the number's box: a little smaller than the writing, so that it looks like a
note."""
MIN_TEXT_HEIGHT_PER_PAGE_SIZE = 0.013
"""Smallest text per page size (the root of its area): 3 mm on A4, still legible on a page fitted to a screen."""
MAX_TEXT_HEIGHT_PER_PAGE_SIZE = 0.022
"""Largest text per page size (the root of its area): larger text only hides more of the page."""
MIN_TEXT_HEIGHT_PIXELS = 11
"""Smallest text in pixels that is set without need."""
CROWDED_TEXT_HEIGHT_PER_MIN_HEIGHT = 0.5
"""Smallest text where there is no room, relative to the smallest without need."""
MIN_CROWDED_TEXT_HEIGHT_PIXELS = 9
"""Smallest text in pixels where there is no room: below it text is illegible however small the picture is."""

LINE_WIDTH_PER_PAGE_SIZE = 0.0014
"""Line width per page size (the root of its area): a third of a millimetre on A4, like a fine pen."""
INK_CLEARANCE_LINE_WIDTHS = 2
"""Space between the ink and its box, in line widths."""
EMPTY_LINE_WIDTHS_SHARE = 0.5
"""Thickness of the outline of an empty form field, in line widths.  A choice."""
REVIEW_OUTLINE_LINE_WIDTHS = 2
"""Thickness of a dashed outline, in line widths: it has to catch the eye although part of it is missing."""


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

    def text_heights(self, box: Box) -> tuple[int, ...]:
        """Heights of the text of a number's label that are easily read, the one to prefer first."""
        preferred = min(max(TEXT_HEIGHT_PER_BOX_HEIGHT * box.height, self.min_text_height), self.max_text_height)
        return _heights_between(preferred, self.min_text_height)

    def crowded_text_heights(self) -> tuple[int, ...]:
        """Heights of the text where there is no room for more, likewise."""
        lowest = max(MIN_CROWDED_TEXT_HEIGHT_PIXELS, CROWDED_TEXT_HEIGHT_PER_MIN_HEIGHT * self.min_text_height)
        return _heights_between((lowest + self.min_text_height) / 2, lowest)


def _heights_between(highest: float, lowest: float) -> tuple[int, ...]:
    return tuple(dict.fromkeys(map(round, (highest, (highest + lowest) / 2, lowest))))


def confidence_colour(confidence: float) -> Colour:
    """Choose the colour for a confidence (0-1): blue for sure, amber for fair, red for doubtful.  As RGB."""
    if confidence >= MIN_SURE_CONFIDENCE:
        return SURE_COLOUR
    if confidence >= MIN_FAIR_CONFIDENCE:
        return FAIR_COLOUR
    return DOUBTFUL_COLOUR


def _number_colour(number: Number) -> Colour:
    if _is_blank(number):
        return EMPTY_COLOUR
    if number.checked:
        return CHECKED_COLOUR
    return UNREAD_COLOUR if number.is_unread else confidence_colour(number.confidence)


def _is_blank(number: Number) -> bool:
    """Whether it is a form field in which there is nothing to check, which is drawn without a label."""
    is_unticked = number.kind == TICK_KIND and number.text == "0"
    return not number.review_reason and (number.is_empty or is_unticked or number.kind == PICTURE_KIND)


def _has_label(number: Number) -> bool:
    """Whether there is a reading to draw: a person may have said that nobody can read it."""
    return bool(_label_text(number)) and not _is_blank(number)


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
    entries = _key_entries(result)
    return _to_bgr(add_key(picture, _heading(result), entries, round(sizes.min_text_height), sizes.line_width))


def draw_readings(page: PageImage, result: PageResult) -> Image:
    """Draw every number's box and reading on the page.

    The reading stands on its box, on the side where most numbers of the page have free paper, or else on another side;
    where there is no room it is smaller, or a thin line joins it to its box: see :func:`place_labels`.  A number with a
    reason for review has a dashed box and a question mark, one that could not be read only the question mark; the
    reading of a number that is crossed out is struck through.  An empty form field has a thin grey box alone.

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
        if _is_blank(number):
            draw_outline(draw, outline, colour, max(1, round(EMPTY_LINE_WIDTHS_SHARE * sizes.line_width)))
        elif number.review_reason:
            draw_dashed_outline(draw, outline, colour, REVIEW_OUTLINE_LINE_WIDTHS * sizes.line_width)
        else:
            draw_outline(draw, outline, colour, sizes.line_width)
    _draw_labels(draw, page, list(zip(result.numbers, outlines, strict=True)), sizes)
    return canvas


def _draw_labels(
    draw: ImageDraw, page: PageImage, outlined: Sequence[tuple[Number, Rectangle]], sizes: _DrawingSizes
) -> None:
    """Draw the readings of all numbers that have one, given with their outlines."""
    outlined = [(number, outline) for number, outline in outlined if _has_label(number)]
    numbers = [number for number, _ in outlined]
    unlabelled = [_unlabelled(draw, number, outline, sizes) for number, outline in outlined]
    labels = place_labels(page.image, unlabelled, round(sizes.min_text_height), sizes.line_width)
    for number, label in zip(numbers, labels, strict=True):
        if label.line is not None:
            draw.line((label.line.start, label.line.end), fill=_number_colour(number), width=sizes.line_width)
    for number, label in zip(numbers, labels, strict=True):
        draw_label(
            draw,
            label.rectangle,
            _label_text(number),
            load_font(label.size.text_height),
            _number_colour(number),
            sizes.line_width,
            struck_through=number.crossed_out,
        )


def _page_sizes(page: PageImage) -> _DrawingSizes:
    height, width = page.image.shape[:2]
    return _DrawingSizes.for_page(width, height)


def _to_bgr(picture: Picture) -> Image:
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[:, :, ::-1])


def _outline_rectangle(box: Box, sizes: _DrawingSizes) -> Rectangle:
    """Outer edge of the line drawn around ``box``, kept on the page so that no side is lost."""
    margin = (1 + INK_CLEARANCE_LINE_WIDTHS) * sizes.line_width
    return Rectangle(
        max(0, box.x - margin),
        max(0, box.y - margin),
        min(sizes.page_width, box.right + margin),
        min(sizes.page_height, box.bottom + margin),
    )


def _unlabelled(draw: ImageDraw, number: Number, outline: Rectangle, sizes: _DrawingSizes) -> Unlabelled:
    def label_sizes(heights: tuple[int, ...]) -> tuple[LabelSize, ...]:
        return tuple(
            LabelSize(height, *label_size(draw, _label_text(number), load_font(height), sizes.line_width))
            for height in heights
        )

    box = number.box
    return Unlabelled(
        box=Rectangle(box.x, box.y, box.right, box.bottom),
        outline=outline,
        sizes=label_sizes(sizes.text_heights(box)),
        crowded_sizes=label_sizes(sizes.crowded_text_heights()),
    )


def _label_text(number: Number) -> str:
    return f"{number.text}?" if number.review_reason else number.text


def _heading(result: PageResult) -> str:
    count = len(numbers_to_count(result))
    if not count:
        return "No numbers found"
    numbers = "1 number" if count == 1 else f"{count} numbers"
    unread = count_unread(result)
    return f"{numbers}, {count_to_review(result) or 'none'} to look at" + (
        f", {unread} of them unread" if unread else ""
    )


def _key_entries(result: PageResult) -> list[KeyEntry]:
    if not result.numbers:
        return []
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
    if any(number.checked for number in result.numbers):
        entries.append(KeyEntry("checked by a person", CHECKED_COLOUR))
    if any(map(_is_blank, result.numbers)):
        entries.append(KeyEntry("empty", EMPTY_COLOUR))
    return entries
