"""What lies around and on a photographed sheet: a desk, the facing page, a spiral binding, fingers, a pen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import page_content, scans

if TYPE_CHECKING:
    from scanner.synthesis.scans import SyntheticPage
    from scanner.types import Box, Image

    Generator = np.random.Generator

_DESK_COLOURS = (
    (40, 70, 110),
    (70, 110, 150),
    (30, 45, 70),
    (130, 165, 190),
    (110, 110, 110),
    (45, 45, 45),
    (20, 20, 20),
    (190, 190, 190),
    (90, 60, 40),
    (60, 90, 60),
)
"""Colours of tables and floors, BGR: woods, greys, blue and green cloth."""
_SKIN_COLOURS = ((150, 180, 225), (110, 145, 195), (75, 105, 150), (45, 65, 95), (205, 200, 200))
"""Colours of fingers, BGR, and of a glove."""


def draw_desk(width: int, height: int, rng: Generator) -> Image:
    """Draw a table top, shape (height, width, 3), uint8: plain, grained like wood, or rough like cloth."""
    colour = np.array(_DESK_COLOURS[int(rng.integers(len(_DESK_COLOURS)))], np.float32) * float(rng.uniform(0.7, 1.3))
    kind = rng.random()
    if kind < 0.3:
        return np.full((height, width, 3), np.clip(colour, 0, 255), np.uint8)
    # Noise stretched along the boards looks like grain; unstretched, like cloth.
    shape = (max(height // 3, 2), max(width // 60, 2)) if kind < 0.75 else (max(height // 3, 2), max(width // 3, 2))
    shape = shape[::-1] if kind < 0.75 and rng.random() < 0.5 else shape
    grain = rng.normal(0, float(rng.uniform(3, 20)), shape).astype(np.float32)
    large = cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(large[:, :, None] + colour, 0, 255), np.uint8)


def surround_page(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Lay the page on a desk, often beside the facing page of a book, with a binding between them."""
    height, width = page.pixel_classes.shape
    left, top, right, bottom = (round(float(n)) for n in rng.uniform(0.0, 0.12, 4) * (width, height, width, height))
    size = (width + left + right, height + top + bottom)
    image = draw_desk(*size, rng)
    classes = np.zeros(size[::-1], np.uint8)
    numbers = list(page.numbers)
    moved = [page_content.map_number(number, lambda points: points + np.array([left, top])) for number in numbers]
    if rng.random() < 0.35:
        on_left = rng.random() < 0.5
        strip = left if on_left else right
        if strip > 8:
            # A strip of the page itself stands for its neighbour.
            part = page.image[:, width - strip :] if on_left else page.image[:, :strip]
            part_classes = page.pixel_classes[:, width - strip :] if on_left else page.pixel_classes[:, :strip]
            start = 0 if on_left else left + width
            image[top : top + height, start : start + strip] = part
            classes[top : top + height, start : start + strip] = part_classes
            first = width - strip if on_left else 0
            inside = [n for n in numbers if n.box.x >= first and n.box.right <= first + strip]
            offset = np.array([start - first, top])
            moved += [page_content.map_number(number, lambda points: points + offset) for number in inside]
    image[top : top + height, left : left + width] = page.image
    classes[top : top + height, left : left + width] = page.pixel_classes
    if rng.random() < 0.5:
        _darken_edges(image, (left, top, width, height), rng)
    if rng.random() < 0.12:
        _draw_spiral(image, left if rng.random() < 0.5 else left + width, (top, top + height), page.dpi, rng)
    return replace(page, image=image, pixel_classes=classes, numbers=scans.sort_in_reading_order(moved))


def cover_page(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Cover a part of the page at its edge by fingers or a pen; numbers that are covered are left out."""
    height, width = page.pixel_classes.shape
    mask = np.zeros((height, width), np.uint8)
    unit = page.dpi
    if rng.random() < 0.7:
        colour = _SKIN_COLOURS[int(rng.integers(len(_SKIN_COLOURS)))]
        side = int(rng.integers(4))
        at = float(rng.uniform(0.1, 0.9))
        for finger in range(int(rng.integers(1, 4))):
            along = at + finger * 0.8 * unit / (width if side < 2 else height)
            center = [(along * width, 0), (along * width, height), (0, along * height), (width, along * height)][side]
            reach, thick = float(rng.uniform(0.4, 1.1)) * unit, float(rng.uniform(0.28, 0.42)) * unit
            axes = (thick, reach) if side < 2 else (reach, thick)
            cv2.ellipse(
                mask, (round(center[0]), round(center[1])), (round(axes[0]), round(axes[1])),
                float(rng.normal(0, 12)), 0, 360, 255, -1, cv2.LINE_AA,
            )  # fmt: skip  # in columns
    else:
        blue, green, red = (int(n) for n in rng.integers(0, 200, 3))
        colour = (blue, green, red)
        start = rng.uniform((0, 0), (width, height))
        angle, length = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(3, 6)) * unit
        end = start + length * np.array([np.cos(angle), np.sin(angle)])
        ends = [(round(float(x)), round(float(y))) for x, y in (start, end)]
        cv2.line(mask, ends[0], ends[1], 255, max(round(0.3 * unit), 2), cv2.LINE_AA)
    shadow = cv2.GaussianBlur(mask, (0, 0), max(0.06 * unit, 0.8))
    # Rounded by light from above: brighter in the middle.
    depth = cv2.GaussianBlur(mask, (0, 0), max(0.12 * unit, 1.0)).astype(np.float32) / 255
    image = page.image * (1 - shadow.astype(np.float32)[:, :, None] * np.float32(0.35 / 255))
    shade = np.array(colour, np.float32) * (0.45 + 0.55 * depth[:, :, None])
    opacity = mask.astype(np.float32)[:, :, None] / 255
    image = image + opacity * (shade - image)
    classes = page.pixel_classes.copy()
    classes[mask > 100] = 0
    numbers = tuple(number for number in page.numbers if not _is_covered(mask, number.box))
    return replace(page, image=np.asarray(np.clip(image, 0, 255), np.uint8), pixel_classes=classes, numbers=numbers)


def _is_covered(mask: Image, box: Box) -> bool:
    part = mask[max(box.y, 0) : box.bottom, max(box.x, 0) : box.right]
    return bool(part.size) and float(part.mean()) > 0.04 * 255


def _darken_edges(image: Image, area: tuple[int, int, int, int], rng: Generator) -> None:
    """Draw the shadow that the sheet casts on the desk."""
    left, top, width, height = area
    shadow = np.zeros(image.shape[:2], np.uint8)
    offset = max(round(0.004 * width), 1)
    cv2.rectangle(shadow, (left - offset, top - offset), (left + width + offset, top + height + offset), 255, -1)
    shadow = np.asarray(cv2.GaussianBlur(shadow, (0, 0), 2.0 * offset), np.uint8)
    shadow[top : top + height, left : left + width] = 0
    depth = np.float32(rng.uniform(0.2, 0.7) / 255)
    image[:] = np.asarray(image * (1 - shadow.astype(np.float32)[:, :, None] * depth), np.uint8)


def _draw_spiral(image: Image, x: int, span: tuple[int, int], dpi: float, rng: Generator) -> None:
    """Draw the holes and wires of a spiral binding along a vertical edge."""
    pitch = max(dpi * float(rng.uniform(0.2, 0.36)), 4.0)
    radius = max(round(0.09 * dpi), 2)
    wire = int(rng.integers(20, 230))
    for y in np.arange(span[0] + pitch, span[1] - pitch, pitch):
        for side in (-1, 1):
            cv2.circle(image, (x + side * 2 * radius, round(float(y))), radius, (25, 25, 25), -1, cv2.LINE_AA)
        cv2.ellipse(
            image, (x, round(float(y))), (2 * radius, max(radius // 2, 1)), 8, 180, 360, (wire, wire, wire),
            max(radius // 2, 1), cv2.LINE_AA,
        )  # fmt: skip  # in columns
