"""Lay out tiles, small pictures with text, on a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.debug.canvas import WHITE
from scanner.results.label_drawing import TEXT_COLOUR, Colour, load_font

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.types import Image

SHEET_WIDTH = 1800
"""Width of a sheet, pixels."""
_MAX_SHEET_HEIGHT = 8000
"""Height, pixels, at which a sheet ends: a page mistaken for nothing but digits has thousands of them, and the first
show it well enough."""
TILE_GAP = 14
"""Gap between two tiles, pixels."""
TEXT_HEIGHT = 17
"""Height of text, pixels."""
_BORDER_GREY = 200
"""Grey value of the border of a tile."""


def lay_out_tiles(tiles: Iterable[Image]) -> Image:
    """Lay out tiles with borders in rows, from left to right, as many as fit."""
    rows: list[Image] = []
    row: list[Image] = []
    used, height, left_out = TILE_GAP, 0, 0
    for bare in tiles:
        if height > _MAX_SHEET_HEIGHT:
            left_out += 1
            continue
        tile = _add_tile_border(bare)
        if row and used + tile.shape[1] + TILE_GAP > SHEET_WIDTH:
            rows.append(_make_row(row))
            height += rows[-1].shape[0]
            row, used = [], TILE_GAP
        row.append(tile)
        used += tile.shape[1] + TILE_GAP
    if row:
        rows.append(_make_row(row))
    if left_out:
        rows.append(_make_row([draw_text_lines([(f"... and {left_out} more", TEXT_COLOUR)])]))
    return np.concatenate(rows).astype(np.uint8)


def _add_tile_border(tile: Image) -> Image:
    within = np.pad(tile, ((4, 4), (6, 6), (0, 0)), constant_values=255)
    return np.pad(within, ((1, 1), (1, 1), (0, 0)), constant_values=_BORDER_GREY)


def _make_row(tiles: Sequence[Image]) -> Image:
    height = max(tile.shape[0] for tile in tiles) + TILE_GAP
    row = np.full((height, SHEET_WIDTH, 3), 255, np.uint8)
    x = TILE_GAP
    for tile in tiles:
        part = tile[:, : SHEET_WIDTH - x]
        row[TILE_GAP // 2 : TILE_GAP // 2 + part.shape[0], x : x + part.shape[1]] = part
        x += tile.shape[1] + TILE_GAP
    return row


def draw_text_lines(texts: Sequence[tuple[str, Colour]], min_width: int = 1) -> Image:
    """Draw lines of text on white, at least ``min_width`` pixels wide."""
    import PIL.Image
    import PIL.ImageDraw

    font, pitch = load_font(TEXT_HEIGHT), TEXT_HEIGHT + 5
    width = max([min_width, *(round(font.getlength(text)) + 4 for text, _ in texts)])
    picture = PIL.Image.new("RGB", (width, pitch * len(texts)), WHITE)
    draw = PIL.ImageDraw.Draw(picture)
    for index, (text, colour) in enumerate(texts):
        draw.text((1, index * pitch), text, font=font, fill=colour)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def stack_pictures(parts: Sequence[Image]) -> Image:
    """Stack pictures below each other on white."""
    width = max(part.shape[1] for part in parts)
    return np.concatenate(
        [np.pad(part, ((0, 0), (0, width - part.shape[1]), (0, 0)), constant_values=255) for part in parts]
    ).astype(np.uint8)


def enlarge(image: Image, scale: int) -> Image:
    """Enlarge a grey image by a whole number, so that its pixels can be seen; BGR."""
    large = np.repeat(np.repeat(image, scale, axis=0), scale, axis=1)
    return np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR), np.uint8)
