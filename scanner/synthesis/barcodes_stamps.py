"""Barcodes, stamps, logos, corner marks and watermarks of synthetic pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import fonts, page_content, printed, wording
from scanner.synthesis.page_content import InkElement, InkLayer, InkStyle, PageContent, PageNumber, PixelClass

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.types import Box, Image

    Generator = np.random.Generator

_STAMP_COLOURS: tuple[page_content.Colour, ...] = (
    (140, 50, 40),
    (50, 40, 170),
    (60, 60, 60),
    (110, 40, 110),
    (50, 110, 40),
)


def draw_qr_like_code(box: Box, black: InkStyle, rng: Generator) -> PageContent:
    """Draw random modules with finder patterns in three corners, like a QR code."""
    count = int(rng.choice([21, 25, 29, 33, 37]))
    modules = (rng.random((count, count)) < 0.5).astype(np.uint8)
    finder = np.zeros((8, 8), np.uint8)
    finder[:7, :7] = 1
    finder[1:6, 1:6] = 0
    finder[2:5, 2:5] = 1
    modules[:8, :8], modules[:8, -8:], modules[-8:, :8] = finder, finder[:, ::-1], finder[::-1]
    side = min(box.width, box.height)
    return _mark_content(_scale_modules(modules, (side, side)), box, black)


def draw_barcode(box: Box, black: InkStyle, rng: Generator) -> PageContent:
    """Draw random bars of one to four module widths across the box."""
    widths = rng.choice([1, 2, 3, 4], size=int(rng.integers(24, 60)), p=[0.5, 0.28, 0.14, 0.08])
    bars = np.concatenate([np.full(width, index % 2 == 0) for index, width in enumerate(widths)]).astype(np.uint8)
    return _mark_content(_scale_modules(bars[None], (box.width, box.height)), box, black)


def draw_stamp(center: tuple[int, int], radius: int, font: Path, rng: Generator) -> PageContent:
    """Draw an unevenly inked rubber stamp: a ring of text with a date, or a frame with a word or date.

    Digits in it are printed numbers.
    """
    size = max(radius // 3, 8)
    side = 2 * (radius + 2) + 1
    coverage = np.zeros((side, side), np.uint8)
    numbers = []
    is_round = rng.random() < 0.55
    thickness = max(radius // 24, 1)
    middle = radius + 2
    if is_round:
        cv2.circle(coverage, (middle, middle), radius, 255, thickness, cv2.LINE_AA)
        if rng.random() < 0.6:
            cv2.circle(coverage, (middle, middle), round(0.58 * radius), 255, max(thickness // 2, 1), cv2.LINE_AA)
        np.maximum(
            coverage,
            _bend_text_to_ring(
                f"{wording.random_heading(rng).upper()} * {wording.random_name(rng).upper()} *", font, size, middle
            ),
            out=coverage,
        )
    else:
        half = round(radius * float(rng.uniform(0.4, 0.65)))
        cv2.rectangle(coverage, (2, middle - half), (side - 3, middle + half), 255, thickness + 1, cv2.LINE_AA)
    if rng.random() < 0.7 or not is_round:
        text = (
            wording.random_date(rng).upper()
            if rng.random() < 0.7
            else wording.choose(rng, ("PAID", "RECEIVED", "COPY", "VOID"))
        )
        small = max(round(size * (0.55 if is_round else 0.85)), 7)
        limit = (1.1 if is_round else 1.8) * radius
        while small > 6 and fonts.open_font(font, small).getlength(text) > limit:
            small -= 1
        start = (middle - round(fonts.open_font(font, small).getlength(text) / 2), middle + small // 3)
        line = printed.typeset_line(text, start, printed.TextStyle(font, small, InkStyle((0, 0, 0))))
        for element in line.elements:
            _paste_element(coverage, element)
        numbers = [(number.text, number.outline) for number in line.numbers]
    rotation = cv2.getRotationMatrix2D((middle, middle), float(rng.normal(0, 14)), 1.0)
    coverage = np.asarray(cv2.warpAffine(coverage, rotation, (side, side)), np.uint8)
    clouds = cv2.resize(rng.uniform(0.35, 1.25, (5, 5)), (side, side), interpolation=cv2.INTER_CUBIC)
    uneven = np.asarray(np.clip(coverage * clouds, 0, 255), np.uint8)
    left, top = center[0] - middle, center[1] - middle
    colour = _STAMP_COLOURS[int(rng.integers(len(_STAMP_COLOURS)))]
    element = InkElement(
        uneven, left, top, PixelClass.MARK, InkLayer.STAMP, InkStyle(colour, float(rng.uniform(0.5, 0.95)), 0.25)
    )
    rotated = [(text, cv2.transform(hull[None], rotation)[0] + (left, top)) for text, hull in numbers]
    return PageContent(
        (element,), tuple(PageNumber(text, np.asarray(hull, np.float64), "printed") for text, hull in rotated)
    )


def draw_logo(box: Box, black: InkStyle, rng: Generator) -> PageContent:
    """Draw a logo of a few random shapes."""
    side = min(box.width, box.height)
    coverage = np.zeros((side, side), np.uint8)
    for _ in range(int(rng.integers(2, 5))):
        corners = rng.integers(0, side, (int(rng.integers(3, 6)), 2)).astype(np.int32)
        if rng.random() < 0.5:
            cv2.fillConvexPoly(coverage, cv2.convexHull(corners), int(rng.choice([0, 255])), cv2.LINE_AA)
        else:
            reach = int(rng.integers(side // 6 + 1, side // 2 + 2))
            cv2.circle(coverage, (int(corners[0, 0]), int(corners[0, 1])), reach, 255, max(side // 12, 1), cv2.LINE_AA)
    return _mark_content(coverage, box, black) if coverage.any() else draw_barcode(box, black, rng)


def draw_corner_marks(box: Box, black: InkStyle, width: float) -> PageContent:
    """Draw angles in the four corners of a page, by which form readers align it."""
    length = box.width // 9
    contents = []
    for x, direction_x in ((box.x, 1), (box.right, -1)):
        for y, direction_y in ((box.y, 1), (box.bottom, -1)):
            path = np.array([(x + direction_x * length, y), (x, y), (x, y + direction_y * length)], np.float64)
            contents.append(page_content.draw_stroke(path, width, black, PixelClass.RULE, InkLayer.PRINT))
    return page_content.merge_contents(contents)


def draw_watermark(box: Box, font: Path, rng: Generator) -> PageContent:
    """Draw a pale word diagonally across the page."""
    text = wording.choose(rng, ("COPY", "DRAFT", "SPECIMEN", wording.random_name(rng).upper()))
    size = min(round(1.3 * box.width / len(text)), 900)
    coverage = fonts.render_text(text, font, size)[0]
    side = int(np.hypot(*coverage.shape)) + 2
    canvas = np.zeros((side, side), np.uint8)
    top, left = (side - coverage.shape[0]) // 2, (side - coverage.shape[1]) // 2
    canvas[top : top + coverage.shape[0], left : left + coverage.shape[1]] = coverage
    rotation = cv2.getRotationMatrix2D((side / 2, side / 2), float(rng.uniform(20, 60)), 1.0)
    turned = np.asarray(cv2.warpAffine(canvas, rotation, (side, side)), np.uint8)
    x, y = (round(n) for n in box.center)
    pale = InkStyle((150, 150, 150), float(rng.uniform(0.1, 0.3)))
    return PageContent((InkElement(turned, x - side // 2, y - side // 2, PixelClass.MARK, InkLayer.BACKGROUND, pale),))


def _bend_text_to_ring(text: str, font: Path, size: int, middle: int) -> Image:
    """Bend a line of text into a ring, with the baseline on the inside; text too long for the ring is cut off."""
    small = max(round(size * 0.75), 7)
    outer = round(0.93 * middle)
    inner = max(outer - round(1.15 * small), 2)
    circumference = round(2 * np.pi * outer)
    coverage, _, top, _ = fonts.render_text(text, font, small)
    unrolled = np.zeros((outer - inner, circumference), np.uint8)
    used = coverage[: outer - inner, :circumference]
    first = max(min(small + top, outer - inner - used.shape[0]), 0)
    unrolled[first : first + used.shape[0], : used.shape[1]] = used
    y, x = np.mgrid[0 : 2 * middle + 1, 0 : 2 * middle + 1].astype(np.float32) - np.float32(middle)
    along = (np.arctan2(y, x) % (2 * np.pi)) / (2 * np.pi) * circumference
    across = outer - np.hypot(x, y)
    return np.asarray(
        cv2.remap(unrolled, along.astype(np.float32), across.astype(np.float32), cv2.INTER_LINEAR), np.uint8
    )


def _scale_modules(modules: Image, size: tuple[int, int]) -> Image:
    return np.asarray(cv2.resize(modules * 255, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def _mark_content(coverage: Image, box: Box, black: InkStyle) -> PageContent:
    return PageContent((InkElement(coverage, box.x, box.y, PixelClass.MARK, InkLayer.PRINT, black),))


def _paste_element(coverage: Image, element: InkElement) -> None:
    """Add an element to the coverage of a mask; its position is relative to the mask, and the rest is cut off."""
    height, width = coverage.shape
    top, left = max(element.top, 0), max(element.left, 0)
    part = element.coverage[top - element.top : height - element.top, left - element.left : width - element.left]
    window = coverage[top : top + part.shape[0], left : left + part.shape[1]]
    np.maximum(window, part, out=window)
