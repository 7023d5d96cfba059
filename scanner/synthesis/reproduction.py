"""What copying does to pages: cut-outs, low resolution, enlargement, photocopies, microfilm, negatives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.background import to_gray
from scanner.synthesis import scans
from scanner.synthesis.page_content import PixelClass

if TYPE_CHECKING:
    from scanner.synthesis.scans import SyntheticPage

    Generator = np.random.Generator

_SMALLEST_DIGITS_PIXELS = 9.0
"""Height of handwritten digits below which pages are not reduced: smaller ones cannot be read."""


def cut_out(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Cut a part out of the page, as people crop a picture to a table: its edges may cut through print and rules."""
    height, width = page.pixel_classes.shape
    left, right = sorted(rng.uniform(0, 1, 2))
    top, bottom = sorted(rng.uniform(0, 1, 2))
    # Most of the page stays.
    x, end_x = round(0.35 * left * width), round((1 - 0.35 * (1 - right)) * width)
    y, end_y = round(0.4 * top * height), round((1 - 0.4 * (1 - bottom)) * height)
    matrix = np.array([[1.0, 0.0, -x], [0.0, 1.0, -y], [0.0, 0.0, 1.0]])
    return scans.warp_page(page, matrix, (max(end_x - x, 8), max(end_y - y, 8)), 255)


def reduce_resolution(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Reduce the page so that its digits are few pixels high; often it is enlarged again, or sharpened."""
    heights = [number.box.height for number in page.numbers if number.kind == "handwritten"]
    if not heights:
        return page
    digit = float(np.median(heights))
    target = float(np.exp(rng.uniform(np.log(_SMALLEST_DIGITS_PIXELS), np.log(22.0))))
    if digit <= 1.1 * target:
        return page
    small = _scale_page(page, target / digit, cv2.INTER_AREA)
    kind = rng.random()
    if kind < 0.35:
        return _scale_page(small, float(rng.uniform(1.3, 2.6)), cv2.INTER_CUBIC)
    if kind < 0.55:
        blurred = cv2.GaussianBlur(small.image, (0, 0), 1.0)
        sharp = cv2.addWeighted(small.image, float(rng.uniform(1.5, 2.5)), blurred, float(rng.uniform(-1.2, -0.5)), 0)
        return replace(small, image=np.asarray(sharp, np.uint8))
    return small


def copy_to_microfilm(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Copy the page to microfilm: grey and grainy, with dark margins, or reversed, white on black."""
    height, width = page.pixel_classes.shape
    margins = np.rint(rng.uniform(0, 0.14, 4) * (width, height, width, height)).astype(int)
    left, top, right, bottom = (int(n) for n in margins)
    dark, bright = float(rng.uniform(0, 60)), float(rng.uniform(190, 245))
    gamma = float(rng.uniform(0.7, 1.8))
    table = dark + (bright - dark) * (np.arange(256) / 255) ** gamma
    grey = cv2.LUT(to_gray(page.image), np.rint(table).astype(np.uint8))
    framed = cv2.copyMakeBorder(grey, top, bottom, left, right, cv2.BORDER_CONSTANT, value=float(rng.uniform(0, 45)))
    soft = np.asarray(cv2.GaussianBlur(framed, (0, 0), float(rng.uniform(0.3, 0.8))), np.float32)
    grain = np.asarray(cv2.GaussianBlur(rng.standard_normal(soft.shape, np.float32), (0, 0), 0.7), np.float32)
    framed = soft + grain * np.float32(rng.uniform(1, 14))
    level = np.clip(framed, 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        level = np.asarray(255 - level, np.uint8)
    matrix = np.array([[1.0, 0.0, left], [0.0, 1.0, top], [0.0, 0.0, 1.0]])
    moved = scans.warp_page(page, matrix, (width + left + right, height + top + bottom), 0)
    return replace(moved, image=np.repeat(level[:, :, None], 3, axis=2))


def photocopy(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Photocopy the page, once or twice: hard contrast, thick or thin strokes, dirt, black edges."""
    image = to_gray(page.image)
    paper, ink = scans.paper_and_ink_levels(page)
    for _ in range(int(rng.integers(1, 3))):
        soft = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.4, 0.9)) * max(page.dpi / 150, 0.6)).astype(
            np.float32
        )
        # Between the paper and the ink, so that writing does not vanish.
        middle = ink + float(rng.uniform(0.45, 0.9)) * (paper - ink)
        steepness = float(rng.uniform(1.5, 4.0))
        image = np.asarray(np.clip((soft - middle) * steepness + middle, 0, 255), np.uint8)
    noise = rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(0, 6))
    image = np.asarray(np.clip(image + noise, 0, 255), np.uint8)
    copied = replace(page, image=np.repeat(image[:, :, None], 3, axis=2))
    return scans.add_scanner_edges(copied, rng) if rng.random() < 0.6 else copied


def add_streaks(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Add the thin lines that dirt on the glass of a feeder draws along the page."""
    image, classes = page.image.copy(), page.pixel_classes.copy()
    for _ in range(int(rng.integers(1, 4))):
        x, thick = int(rng.integers(classes.shape[1])), max(round(page.dpi * float(rng.uniform(0.002, 0.012))), 1)
        grey, depth = float(rng.integers(0, 200)), float(rng.uniform(0.2, 0.9))
        part = image[:, x : x + thick]
        image[:, x : x + thick] = np.asarray(part + (grey - part.astype(np.float32)) * depth, np.uint8)
        free = classes[:, x : x + thick] == PixelClass.PAPER
        classes[:, x : x + thick][free] = PixelClass.MARK
    return replace(page, image=image, pixel_classes=classes)


def _scale_page(page: SyntheticPage, factor: float, interpolation: int) -> SyntheticPage:
    height, width = page.pixel_classes.shape
    size = max(round(width * factor), 8), max(round(height * factor), 8)
    # Pixel centres: the middle of the first pixel is at 0.5 of the page's own pixels.
    matrix = np.array([[factor, 0.0, factor / 2 - 0.5], [0.0, factor, factor / 2 - 0.5], [0.0, 0.0, 1.0]])
    scaled = scans.warp_page(replace(page, image=page.image[:1, :1]), matrix, size, 255)
    image = cv2.resize(page.image, size, interpolation=interpolation)
    classes = cv2.resize(page.pixel_classes, size, interpolation=cv2.INTER_NEAREST)
    return replace(
        scaled, image=np.asarray(image, np.uint8), pixel_classes=np.asarray(classes, np.uint8), dpi=page.dpi * factor
    )
