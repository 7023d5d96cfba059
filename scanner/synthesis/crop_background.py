"""Surroundings of the number in a synthetic crop: margins, borders, security patterns, neighbours, and the camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.digit_frame import BODY_SIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.synthesis.ingredients import NumberMaterial
    from scanner.types import Image

    Generator = np.random.Generator


def add_cell_margins(ink: Image, digit_height: float, rng: Generator) -> Image:
    """Add margins to the ink; now and then the crop cuts off its edge."""
    height, width = ink.shape
    if rng.random() < 0.5:
        margins = rng.uniform(-0.06, 0.35, 4) * digit_height
    else:
        margins = np.abs(rng.normal(0, (0.5, 0.5, 1.0, 1.2))) * digit_height
    # Something is left even of a point or dash, which is lower than the margin cut off.
    limits = (height - 1) // 2, (height - 1) // 2, (width - 1) // 2, (width - 1) // 2
    top, bottom, left, right = (
        max(round(float(margin)), -limit) for margin, limit in zip(margins, limits, strict=True)
    )
    ink = ink[max(-top, 0) : height - max(-bottom, 0), max(-left, 0) : width - max(-right, 0)]
    return np.asarray(
        cv2.copyMakeBorder(ink, max(top, 0), max(bottom, 0), max(left, 0), max(right, 0), cv2.BORDER_CONSTANT, value=0),
        np.uint8,
    )


def draw_surroundings(ink: Image, material: NumberMaterial, digit_height: float, rng: Generator) -> NDArray[np.float32]:
    """Draw the print around the number: darkness 0-1, in the shape of the ink; neighbours are drawn into ``ink``."""
    height, width = ink.shape
    darkness = np.zeros((height, width), np.float32)
    if rng.random() < 0.35 and material.security_patterns:
        source = material.security_patterns[rng.integers(len(material.security_patterns))]
        zoom = digit_height / 42 * float(np.exp(rng.normal(0, 0.25)))
        rows, columns = (min(max(round(n / zoom), 1), limit) for n, limit in zip(ink.shape, source.shape, strict=True))
        y, x = rng.integers(source.shape[0] - rows + 1), rng.integers(source.shape[1] - columns + 1)
        pattern = cv2.resize(source[y : y + rows, x : x + columns], (width, height), interpolation=cv2.INTER_AREA)
        darkness += pattern.astype(np.float32) * np.float32(rng.uniform(0.08, 0.5) / 255)
    if rng.random() < 0.45:
        _draw_borders(darkness, digit_height, rng)
    if rng.random() < 0.15:
        _draw_neighbour(ink, material, digit_height, rng)
    return darkness


def _draw_borders(darkness: NDArray[np.float32], digit_height: float, rng: Generator) -> None:
    """Draw the borders of the cell near the edges, or an underline, slightly skewed."""
    height, width = darkness.shape
    thickness = max(round(digit_height * rng.uniform(0.02, 0.09)), 1)
    depth = float(rng.uniform(0.15, 1.0))
    chosen = [False, True, False, False] if rng.random() < 0.4 else rng.random(4) < 0.6
    inset = np.abs(rng.normal(0, 0.12, (4, 2))) * digit_height
    skew = rng.normal(0, 0.015, 4) * (width, width, height, height)
    ends = (
        ((0, inset[0, 0]), (width, inset[0, 0] + skew[0])),
        ((0, height - inset[1, 0]), (width, height - inset[1, 0] + skew[1])),
        ((inset[2, 0], 0), (inset[2, 0] + skew[2], height)),
        ((width - inset[3, 0], 0), (width - inset[3, 0] + skew[3], height)),
    )
    for line, is_drawn in zip(ends, chosen, strict=True):
        if is_drawn:
            start, end = ((round(x), round(y)) for x, y in line)
            cv2.line(darkness, start, end, depth * float(rng.uniform(0.5, 1)), thickness, cv2.LINE_AA)


def _draw_neighbour(ink: Image, material: NumberMaterial, digit_height: float, rng: Generator) -> None:
    """Draw the edge of a digit above, below or beside the number, cut off by the edge of the crop."""
    pool = material.pools[rng.integers(len(material.pools))]
    crops = pool.digit_crops[rng.integers(10)]
    crop = cv2.resize(crops[rng.integers(len(crops))], None, fx=digit_height / BODY_SIDE, fy=digit_height / BODY_SIDE)
    height, width = ink.shape
    visible = rng.uniform(0.08, 0.22)
    side = rng.integers(3)
    if side == 2:
        part = crop[:, : max(round(visible * crop.shape[1]), 1)]
        y = int(rng.integers(max(height - part.shape[0], 0) + 1))
        window = ink[y : y + part.shape[0], width - part.shape[1] :]
        # Only where there is paper beside the number; otherwise it could be taken for its last digit.
        if width < 3 * digit_height or window.any():
            return
    else:
        rows = max(round(visible * crop.shape[0]), 1)
        part = crop[-rows:] if side == 0 else crop[:rows]
        x = int(rng.integers(max(width - part.shape[1], 0) + 1))
        window = ink[:rows, x : x + part.shape[1]] if side == 0 else ink[-rows:, x : x + part.shape[1]]
    np.maximum(window, part[: window.shape[0], : window.shape[1]], out=window)


def photograph_crop(ink: Image, darkness: NDArray[np.float32], digit_height: float, rng: Generator) -> Image:
    """Render the ink and print on paper as a camera sees it: grey, shape (H, W), uint8, blurred and compressed."""
    height, width = ink.shape
    contrast = rng.uniform(0.25, 0.95)
    coverage = _vary_pen_width(ink, digit_height, rng).astype(np.float32) * np.float32(contrast / 255)
    darkness = darkness * np.float32(contrast * rng.uniform(0.3, 1.2))
    paper = rng.uniform(110, 250) * (1 + np.linspace(-1, 1, width, dtype=np.float32) * rng.normal(0, 0.08))
    paper = paper[None] * (1 + np.linspace(-1, 1, height, dtype=np.float32)[:, None] * rng.normal(0, 0.05))
    gray = paper * (1 - np.maximum(coverage, darkness))
    sigma = abs(rng.normal(0, 0.033)) * digit_height
    if sigma > 0.3:
        gray = cv2.GaussianBlur(gray, (0, 0), sigma)
    if rng.random() < 0.6:
        gray = gray + rng.standard_normal(gray.shape, np.float32) * np.float32(abs(rng.normal(0, 5 * contrast)))
    image = np.clip(gray, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))]
        image = cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_GRAYSCALE)
    return np.asarray(image, np.uint8)


def _vary_pen_width(ink: Image, digit_height: float, rng: Generator) -> Image:
    """Make the strokes thicker or thinner, by up to a fourteenth of the digit height."""
    kind, size = rng.random(), max(round(digit_height * rng.uniform(0.02, 0.07)), 1) + 1
    if kind < 0.3:
        return np.asarray(cv2.dilate(ink, np.ones((size, size), np.uint8)), np.uint8)
    if kind < 0.5:
        thin = cv2.erode(ink, np.ones((size, size), np.uint8))
        # Blended, so that thin strokes do not vanish.
        return np.asarray(cv2.addWeighted(thin, 0.75, ink, 0.25, 0), np.uint8)
    return ink
