"""Paper of synthetic pages and its wear: tint, stains, bleed-through, punched holes, staples, dirt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import page_content
from scanner.synthesis.page_content import InkElement, InkLayer, InkStyle, PageContent, PixelClass

if TYPE_CHECKING:
    from scanner.types import Image

    Generator = np.random.Generator

_PAPER_TINTS = (
    (255, 255, 255),
    (250, 252, 252),
    (235, 245, 250),
    (205, 235, 245),
    (240, 225, 250),
    (250, 240, 220),
    (220, 245, 225),
    (170, 225, 240),
    (215, 195, 240),
    (195, 225, 195),
    (235, 215, 190),
    (190, 205, 215),
)
"""Colours of paper, BGR: white, cream, and the pastels of carbon copies, old paper and coloured forms."""
_PAPER_TINT_SHARES = np.array([0.34, 0.22, 0.12, 0.08, 0.03, 0.04, 0.03, 0.03, 0.02, 0.03, 0.02, 0.04])
"""How common each colour is; a choice."""


def blank_paper(width: int, height: int, rng: Generator) -> Image:
    """Draw blank paper, shape (height, width, 3), uint8: white or tinted, even or blotchy."""
    tint = np.array(_PAPER_TINTS[int(rng.choice(len(_PAPER_TINTS), p=_PAPER_TINT_SHARES))], np.float32)
    tint = tint * float(rng.uniform(0.86, 1.0)) if rng.random() < 0.5 else tint
    if rng.random() < 0.6:
        return np.full((height, width, 3), tint, np.uint8)
    # Clouds of several sizes, the coarse ones stronger, none finer than four pixels.
    small_width, small_height = width // 4 + 1, height // 4 + 1
    clouds = np.zeros((small_height, small_width), np.float32)
    for parts, depth in ((3, 1.5), (9, 1.0), (40, 0.6)):
        size = max(small_width // parts, 4)
        coarse = rng.normal(0, rng.uniform(0, depth), (small_height // size + 3, small_width // size + 3)).astype(
            np.float32
        )
        clouds += cv2.resize(coarse, (small_width, small_height), interpolation=cv2.INTER_CUBIC)
    tinted = cv2.resize(clouds[:, :, None] + tint, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.convertScaleAbs(tinted), np.uint8)


def add_cup_ring(page: Image, dpi: float, rng: Generator) -> Image:
    """Add the ring that a cup leaves."""
    height, width = page.shape[:2]
    radius = round(dpi * float(rng.uniform(0.9, 1.7)))
    center = int(rng.integers(width)), int(rng.integers(height))
    coverage = np.zeros((height, width), np.uint8)
    cv2.circle(coverage, center, radius, 110, -1)
    cv2.circle(coverage, center, radius, 255, max(round(dpi * 0.04), 1))
    soft = cv2.GaussianBlur(coverage, (0, 0), max(0.012 * dpi, 0.5))
    opacity = soft.astype(np.float32)[:, :, None] * np.float32(rng.uniform(0.1, 0.4) / 255)
    return np.asarray(page + opacity * (np.array([90, 130, 165], np.float32) - page), np.uint8)


def add_bleed_through(page: Image, back_ink: Image, strength: float) -> Image:
    """Add the print of the back of the page, showing through mirrored and blurred.

    Args:
        page: shape (H, W, 3), uint8.
        back_ink: ink on the back, as seen from there: shape (H, W), uint8, 255 = ink.
        strength: share of its darkness that shows through, 0-1.
    """
    mirrored = cv2.GaussianBlur(np.ascontiguousarray(back_ink[:, ::-1]), (0, 0), 1.2)
    return np.asarray(page * (1 - mirrored.astype(np.float32)[:, :, None] * np.float32(strength / 255)), np.uint8)


def draw_punched_holes(width: int, height: int, dpi: float, rng: Generator) -> PageContent:
    """Draw two to four punched holes along an edge: dark discs, or only their shadowed rims."""
    count = int(rng.choice([2, 3, 4]))
    pitch = {2: 3.15, 3: 4.25, 4: 3.15}[count] * dpi
    radius, x = round(0.11 * dpi), round(dpi * float(rng.uniform(0.3, 0.5)))
    on_right = rng.random() < 0.15
    shadow_only = rng.random() < 0.6
    grey = int(rng.integers(0, 130))
    elements = []
    for index in range(count):
        y = round(height / 2 + (index - (count - 1) / 2) * pitch)
        side = 2 * radius + 5
        coverage = np.zeros((side, side), np.uint8)
        middle = (radius + 2, radius + 2)
        if shadow_only:
            start = float(rng.uniform(150, 230))
            cv2.ellipse(
                coverage,
                middle,
                (radius, radius),
                0,
                start,
                start + float(rng.uniform(90, 200)),
                255,
                max(radius // 5, 1),
                cv2.LINE_AA,
            )
        else:
            cv2.circle(coverage, middle, radius, 255, -1, cv2.LINE_AA)
        left = (width - x if on_right else x) - radius
        elements.append(
            InkElement(coverage, left, y - radius, PixelClass.MARK, InkLayer.PRINT, InkStyle((grey, grey, grey), 0.9))
        )
    return PageContent(tuple(elements))


def draw_staple(width: int, dpi: float, rng: Generator) -> PageContent:
    """Draw a staple in the top left corner."""
    x, y = (dpi * float(n) for n in rng.uniform(0.15, 0.5, 2))
    angle, length = float(rng.uniform(-0.2, 1.3)), 0.45 * dpi
    x = min(x, width / 4)
    path = np.array([(x, y), (x + length * np.cos(angle), y - length * np.sin(angle) * 0.6)])
    return page_content.draw_stroke(
        path, max(0.02 * dpi, 1), InkStyle((110, 110, 110), 0.9), PixelClass.MARK, InkLayer.STAMP
    )


def draw_specks(width: int, height: int, dpi: float, rng: Generator) -> PageContent:
    """Draw specks of dirt on the glass."""
    elements: list[PageContent] = []
    for _ in range(int(rng.integers(1, 25))):
        position = rng.uniform(0, (width, height))
        size = float(abs(rng.normal(0, 0.008))) * dpi
        path = np.array([position, position + rng.normal(0, size + 0.3, 2)])
        grey = int(rng.integers(0, 170))
        elements.append(
            page_content.draw_stroke(
                path, max(size, 0.6), InkStyle((grey, grey, grey), 0.8), PixelClass.MARK, InkLayer.PRINT
            )
        )
    return page_content.merge_contents(elements)
