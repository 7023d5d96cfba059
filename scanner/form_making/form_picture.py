"""Draw the fields of a form on its reference, or on a page laid on it, so that a person can check them at a glance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from scanner.forms.form import FieldKind
from scanner.results.annotated_page import DOUBTFUL_COLOUR, SURE_COLOUR, UNREAD_COLOUR
from scanner.results.annotation_legend import KeyEntry, add_key
from scanner.results.label_drawing import (
    Colour,
    Rectangle,
    draw_dashed_outline,
    draw_label,
    draw_outline,
    fill_rectangle,
    label_size,
    load_font,
)
from scanner.results.label_placement import LabelSize, Unlabelled, place_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.ImageDraw import ImageDraw

    from scanner.forms.form import Form, FormField
    from scanner.types import Box, Image

_TICK_COLOUR: Colour = (0, 120, 90)
_COLOURS = {
    FieldKind.COMB: SURE_COLOUR,
    FieldKind.NUMBER: SURE_COLOUR,
    FieldKind.DECIMAL: DOUBTFUL_COLOUR,
    FieldKind.TICK: _TICK_COLOUR,
    FieldKind.TEXT_IMAGE: UNREAD_COLOUR,
}
"""Colours of the kinds.  A comb has its dividers, and a picture is dashed, so that they differ on a grey print too."""
_MEANINGS = {
    FieldKind.COMB: "comb",
    FieldKind.NUMBER: "number",
    FieldKind.DECIMAL: "decimal",
    FieldKind.TICK: "tick",
    FieldKind.TEXT_IMAGE: "picture, not read",
}
_TEXT_HEIGHT_PER_PAGE_SIZE = 0.013
"""Height of names, relative to the root of the page's area: they are longer than numbers."""
_MIN_TEXT_HEIGHT_PIXELS = 11
_CROWDED_TEXT_SHARE = 0.7
"""Height of names where there is no room, relative to that."""
_LINE_WIDTH_PER_PAGE_SIZE = 0.0014


def draw_form(image: Image, form: Form) -> Image:
    """Draw all fields with their names, and a key to their kinds below the page.

    A column of a table is named above its first field; its other fields are called after it and their row.

    Args:
        image: the reference, or a page laid on it; shape (H, W, 3), uint8, BGR; it is not changed.
        form: the form, its fields in pixels of the reference.

    Returns:
        A new image of the same width and at least that height.
    """
    import PIL.Image
    import PIL.ImageDraw

    size = math.sqrt(image.shape[0] * image.shape[1])
    line_width = max(1, round(_LINE_WIDTH_PER_PAGE_SIZE * size))
    text_height = max(_MIN_TEXT_HEIGHT_PIXELS, round(_TEXT_HEIGHT_PER_PAGE_SIZE * size))
    picture = PIL.Image.fromarray(np.ascontiguousarray(image[:, :, ::-1]))
    draw = PIL.ImageDraw.Draw(picture)
    fields = form.all_fields()
    for field in fields:
        _draw_field(draw, field, line_width)
    labels = list(_labels(form))
    heights = tuple(max(round(share * text_height), 8) for share in (1, _CROWDED_TEXT_SHARE))
    unlabelled = [_unlabelled(draw, text, box, heights, line_width) for text, box, _ in labels]
    placed = place_labels(image, unlabelled, text_height, line_width)
    for (_, _, colour), label in zip(labels, placed, strict=True):
        if label.line is not None:
            draw.line((label.line.start, label.line.end), fill=colour, width=line_width)
    for (text, _, colour), label in zip(labels, placed, strict=True):
        draw_label(draw, label.rectangle, text, load_font(label.size.text_height), colour, line_width)
    kinds = [kind for kind in FieldKind if any(field.kind is kind for field in fields)]
    entries = [
        KeyEntry(_MEANINGS[kind], _COLOURS[kind], is_dashed=kind is FieldKind.TEXT_IMAGE, sample=_sample(kind))
        for kind in kinds
    ]
    count = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
    with_key = add_key(picture, f"{form.name}: {count}", entries, text_height, line_width)
    return np.ascontiguousarray(np.asarray(with_key, np.uint8)[:, :, ::-1])


def _sample(kind: FieldKind) -> str:
    return "1|2" if kind is FieldKind.COMB else ""


def _draw_field(draw: ImageDraw, field: FormField, line_width: int) -> None:
    colour, rectangle = _COLOURS[field.kind], _rectangle(field.box)
    if field.kind is FieldKind.TEXT_IMAGE:
        draw_dashed_outline(draw, rectangle, colour, line_width)
    else:
        draw_outline(draw, rectangle, colour, line_width)
    for cell in range(1, field.cells or 1):
        x = field.box.x + field.box.width * cell // (field.cells or 1)
        fill_rectangle(draw, Rectangle(x, rectangle.top, x + line_width, rectangle.bottom), colour)


def _labels(form: Form) -> Iterator[tuple[str, Box, Colour]]:
    """Text, box and colour of each label."""
    for field in form.fields:
        yield field.name, field.box, _COLOURS[field.kind]
    for table in form.tables:
        yield table.name, table.box, SURE_COLOUR
        for column, first in zip(table.columns, table.fields(), strict=False):
            yield column.name, first.box, _COLOURS[column.kind]


def _unlabelled(draw: ImageDraw, text: str, box: Box, heights: tuple[int, ...], line_width: int) -> Unlabelled:
    sizes = [LabelSize(height, *label_size(draw, text, load_font(height), line_width)) for height in heights]
    rectangle = _rectangle(box)
    return Unlabelled(rectangle, rectangle, tuple(sizes[:1]), tuple(sizes[1:]))


def _rectangle(box: Box) -> Rectangle:
    return Rectangle(box.x, box.y, box.right, box.bottom)
