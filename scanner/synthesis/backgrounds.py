"""What is printed behind the text of forms: security patterns, repeated emblems, tinted panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import fonts, page_content, wording
from scanner.synthesis.page_content import InkElement, InkLayer, InkStyle, PageContent, PixelClass
from scanner.types import Box

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.synthesis.page_style import PageStyle
    from scanner.types import Image

    Generator = np.random.Generator

_BACKGROUND_COLOURS: tuple[page_content.Colour, ...] = (
    (190, 190, 190),
    (170, 170, 170),
    (215, 190, 150),
    (150, 190, 215),
    (165, 205, 165),
    (190, 170, 215),
    (150, 205, 220),
)
"""Colours of what is printed behind a text, BGR."""


def draw_security_pattern(page: Box, dpi: float, rng: Generator) -> PageContent:
    """Draw fine waves, hatching or dots all over the page, as on cheques and tickets."""
    millimetre = dpi / 25.4
    side = max(round(60 * millimetre), 64)
    tile = np.zeros((side, side), np.uint8)
    kind = rng.random()
    if kind < 0.2:
        step = max(float(rng.uniform(0.8, 2.5)) * millimetre, 3.0)
        for y in np.arange(0, side, step):
            for x in np.arange(0, side, step):
                cv2.circle(tile, (round(float(x)), round(float(y))), max(round(0.15 * step), 1), 255, -1)
    else:
        x = np.arange(0, side + 4, 4, dtype=np.float64)
        for _ in range(int(rng.integers(1, 4))):
            step = max(float(rng.uniform(0.7, 3.0)) * millimetre, 2.5)
            # Whole waves, so that the tiles fit together.
            waves, depth = int(rng.integers(0, 7)), float(rng.uniform(0.2, 2.5)) * step
            turn = float(rng.uniform(0, 0.5))
            for index, y in enumerate(np.arange(-step, side + step, step)):
                path = np.stack([x, y + depth * np.sin(2 * np.pi * waves * x / side + turn * index)], axis=1)
                cv2.polylines(tile, [np.rint(path * 16).astype(np.int32)], False, 255, 1, cv2.LINE_AA, 4)
            tile = np.ascontiguousarray(tile.T) if rng.random() < 0.4 else tile
    return _lay_tiles(tile, page, rng, float(rng.uniform(0.15, 0.6)))


def draw_emblems(page: Box, dpi: float, font: Path, rng: Generator) -> PageContent:
    """Draw a pale emblem again and again across the page: a ring with a shape or with letters."""
    side = max(round(float(rng.uniform(12, 45)) * dpi / 25.4), 24)
    tile = np.zeros((side, side), np.uint8)
    middle, radius = side // 2, round(0.4 * side)
    cv2.circle(tile, (middle, middle), radius, 255, max(side // 14, 1), cv2.LINE_AA)
    if rng.random() < 0.5:
        corners = middle + rng.normal(0, 0.2 * side, (int(rng.integers(3, 7)), 2))
        cv2.fillConvexPoly(tile, cv2.convexHull(np.rint(corners).astype(np.int32)), 255, cv2.LINE_AA)
    else:
        letters = wording.random_letters(rng, int(rng.integers(1, 4))).upper()
        coverage = fonts.render_text(letters, font, max(side // (len(letters) + 1), 8))[0]
        height, width = min(coverage.shape[0], side), min(coverage.shape[1], side)
        top, left = (side - height) // 2, (side - width) // 2
        window = tile[top : top + height, left : left + width]
        np.maximum(window, coverage[:height, :width], out=window)
    return _lay_tiles(tile, page, rng, float(rng.uniform(0.12, 0.45)))


def draw_tinted_panels(page: Box, page_style: PageStyle, rng: Generator) -> PageContent:
    """Draw panels in a pale tint of the form's colour, as behind the parts that are to be filled in."""
    blue, green, red = (round(255 - (255 - channel) * 0.35) for channel in page_style.rule_ink.colour)
    ink = InkStyle((blue, green, red), float(rng.uniform(0.4, 1.0)))
    contents = []
    for _ in range(int(rng.integers(1, 4))):
        left, right = sorted(rng.uniform(0, 1, 2))
        top, bottom = sorted(rng.uniform(0, 1, 2))
        box = Box(
            round(left * page.width), round(top * page.height),
            max(round((right - left) * page.width), 4), max(round((bottom - top) * page.height), 4),
        )  # fmt: skip  # in columns
        coverage = np.full((box.height, box.width), 255, np.uint8)
        element = InkElement(coverage, box.x, box.y, PixelClass.PAPER, InkLayer.BACKGROUND, ink)
        contents.append(PageContent((element,)))
    return page_content.merge_contents(contents)


def _lay_tiles(tile: Image, page: Box, rng: Generator, opacity: float) -> PageContent:
    """Cover the page, or a panel of it, with tiles."""
    area = page
    if rng.random() < 0.3:
        height = max(round(float(rng.uniform(0.1, 0.6)) * page.height), 4)
        area = Box(page.x, page.y + round(float(rng.uniform(0, 1)) * (page.height - height)), page.width, height)
    rows, columns = -(-area.height // tile.shape[0]), -(-area.width // tile.shape[1])
    coverage = np.ascontiguousarray(np.tile(tile, (rows, columns))[: area.height, : area.width])
    colour = _BACKGROUND_COLOURS[int(rng.integers(len(_BACKGROUND_COLOURS)))]
    element = InkElement(coverage, area.x, area.y, PixelClass.MARK, InkLayer.BACKGROUND, InkStyle(colour, opacity))
    return PageContent((element,))
