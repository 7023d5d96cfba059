"""How a number crop gets onto a picture: pen and paper, light, then a scanner, camera, microfilm or copier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis.glyph_warps import widen_strokes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

    Generator = np.random.Generator
    Levels = NDArray[np.float32]

_INK_LEVEL = 127
"""Ink of at least this (0-255) is the stroke itself and not its edge."""
_LAMP_PAPER = 230.0
"""Grey level of the paper under the lamp of a copier or microfilm camera."""
_PENCIL_SHARE = 0.16
"""Share of numbers in pencil or with a failing pen; a choice."""
_POOR_PICTURE_SHARE = 0.4
"""Share of pictures that are pale, blurred or noisy; a choice."""
_NIB_SHARE = 0.1
"""Share of numbers with a nib that writes thick and thin; a choice."""
_FELT_SHARE = 0.08
"""Share of numbers with a felt pen that bleeds; a choice."""


def photograph_crop(ink: Image, darkness: Levels, digit_height: float, scale: float, rng: Generator) -> Image:
    """Render the ink and print on paper as a camera or scanner sees it.

    Args:
        ink: shape (H, W), uint8, 255 = ink.
        darkness: same shape, float32, 0-1: darkness of what is printed.
        digit_height: pixels.
        scale: size of the picture relative to the ink, at most 1.
        rng: the same state gives the same picture.

    Returns:
        The picture, grey, uint8, dark on light, rounded to whole pixels of ``scale`` times the shape of the ink.
    """
    # Pale, blurred and noisy pictures are often all of it, and the others none.
    is_poor = bool(rng.random() < _POOR_PICTURE_SHARE)
    contrast = float(rng.uniform(0.25, 0.75) if is_poor else rng.uniform(0.42, 0.97))
    coverage = _apply_pen(ink, digit_height, rng) * np.float32(contrast)
    printed = darkness * np.float32(contrast * rng.uniform(0.3, 1.2))
    device = ("copier", "microfilm", "sharpening camera", "camera")[int(rng.choice(4, p=[0.1, 0.08, 0.07, 0.75]))]
    has_own_light = device in ("copier", "microfilm")
    light = np.float32(_LAMP_PAPER) if has_own_light else _random_light(ink.shape, digit_height, rng)
    gray = light * (1 - np.clip(np.maximum(coverage, printed), 0, 1))
    gray = _blur(gray, digit_height, rng, is_poor=is_poor)
    if scale < 1:
        size = max(round(ink.shape[1] * scale), 1), max(round(ink.shape[0] * scale), 1)
        interpolation = cv2.INTER_AREA if rng.random() < 0.85 else cv2.INTER_LINEAR
        gray = np.asarray(cv2.resize(gray, size, interpolation=interpolation), np.float32)
    if rng.random() < 0.65:
        gray = gray + _noise(gray.shape, contrast if is_poor else 0.5 * contrast, rng)
    if has_own_light:
        ink_level = _typical_ink_level(gray, ink, _LAMP_PAPER * (1 - 0.6 * contrast))
        copy = _copy_in_two_levels if device == "copier" else _copy_to_microfilm
        return _store(copy(gray, ink_level, digit_height * scale, rng), rng)
    if rng.random() < 0.25:
        # Gamma and exposure of the camera, some over- or underexposed.
        gray = 255 * np.clip(gray / 255 * rng.uniform(0.85, 1.25), 0, 1) ** np.float32(np.exp(rng.normal(0, 0.3)))
    image = np.clip(gray, 0, 255).astype(np.uint8)
    if device == "sharpening camera":
        soft = cv2.GaussianBlur(image, (0, 0), max(0.06 * digit_height * scale, 0.5))
        image = np.asarray(cv2.addWeighted(image, 2.2, soft, -1.2, 0), np.uint8)
    return _store(image, rng)


def _apply_pen(ink: Image, digit_height: float, rng: Generator) -> Levels:
    """Write with a pen: the darkness of the ink, 0-1."""
    kind = rng.random()
    if kind < _FELT_SHARE:
        wide = widen_strokes(ink, digit_height * float(rng.uniform(0.05, 0.12)))
        soft = cv2.GaussianBlur(wide, (0, 0), digit_height * float(rng.uniform(0.01, 0.03)) + 0.1)
        return soft.astype(np.float32) / np.float32(255)
    if kind < _FELT_SHARE + _NIB_SHARE:
        ink = _write_with_nib(ink, digit_height, rng)
    elif kind < 0.4:
        ink = widen_strokes(ink, digit_height * float(rng.uniform(0.01, 0.07)))
    elif kind < 0.64:
        ink = widen_strokes(ink, -digit_height * float(rng.uniform(0.005, 0.045)))
    coverage = ink.astype(np.float32) / np.float32(255)
    if rng.random() < _PENCIL_SHARE:
        # Pencil takes to the grain of the paper.
        grain = rng.standard_normal(ink.shape, np.float32) * np.float32(rng.uniform(0.05, 0.35))
        coverage *= np.clip(np.float32(rng.uniform(0.5, 0.95)) + grain, 0, 1)
    elif rng.random() < 0.3:
        coverage *= _smooth_field(ink.shape, max(0.5 * digit_height, 2.0), float(rng.uniform(0.05, 0.3)), rng)
    return coverage


def _write_with_nib(ink: Image, digit_height: float, rng: Generator) -> Image:
    """Thin the strokes, then widen them in the direction of a broad nib or of the pressure of a pointed one."""
    thin = widen_strokes(ink, -0.03 * digit_height)
    kernel = _line_kernel(float(rng.uniform(0.06, 0.14)) * digit_height, float(rng.uniform(-1.0, 0.6)))
    return np.asarray(cv2.dilate(thin, (kernel > 0).view(np.uint8)), np.uint8)


def _line_kernel(length: float, angle: float) -> Levels:
    """A straight line in a square of odd side, its sum 1; the angle in radians, clockwise from level."""
    side = 2 * int(length / 2) + 3
    kernel = np.zeros((side, side), np.float32)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    start, end = (tuple(np.rint((side // 2 + sign * reach) * 16).astype(int).tolist()) for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_8, 4)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _smooth_field(shape: tuple[int, ...], knot_spacing: float, spread: float, rng: Generator) -> Levels:
    """A smooth random field with the mean 1, at least 0."""
    knots = rng.standard_normal((int(shape[0] / knot_spacing) + 2, int(shape[1] / knot_spacing) + 2), np.float32)
    field = cv2.resize(knots, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.maximum(1 + field * np.float32(spread), 0), np.float32)


def _random_light(shape: tuple[int, ...], digit_height: float, rng: Generator) -> Levels:
    """Grey levels of the bare paper: uneven light, stains, and shadows with an edge."""
    height, width = shape
    paper = float(rng.uniform(100, 252))
    across = 1 + np.linspace(-1, 1, width, dtype=np.float32) * np.float32(rng.normal(0, 0.08))
    down = 1 + np.linspace(-1, 1, height, dtype=np.float32) * np.float32(rng.normal(0, 0.05))
    light = np.float32(paper) * across[None] * down[:, None]
    if rng.random() < 0.15:
        light *= _smooth_field(shape, digit_height * float(rng.uniform(0.6, 3)), float(rng.uniform(0.02, 0.1)), rng)
    if rng.random() < 0.1:
        light *= _shadow(height, width, digit_height, rng)
    return np.asarray(light, np.float32)


def _shadow(height: int, width: int, digit_height: float, rng: Generator) -> Levels:
    """A shadow with a straight edge, hard or soft, anywhere across the crop; or a fold, dark on one side."""
    angle, position = float(rng.uniform(0, np.pi)), float(rng.uniform(0.1, 0.9))
    x = np.arange(width, dtype=np.float32)[None] - np.float32(position * width)
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(rng.uniform(0, 1) * height)
    distance = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    softness = np.float32(digit_height * rng.uniform(0.02, 0.8) + 0.3)
    depth = np.float32(rng.uniform(0.1, 0.55))
    if rng.random() < 0.2:
        return np.asarray(1 - depth * np.exp(-np.abs(distance) / softness), np.float32)
    return np.asarray(1 - depth * np.clip(0.5 + distance / softness, 0, 1), np.float32)


def _blur(gray: Levels, digit_height: float, rng: Generator, *, is_poor: bool) -> Levels:
    """Blur by focus, some by motion."""
    sigma = abs(float(rng.normal(0, 0.04 if is_poor else 0.018))) * digit_height
    if sigma > 0.3:
        gray = np.asarray(cv2.GaussianBlur(gray, (0, 0), sigma), np.float32)
    if rng.random() < (0.12 if is_poor else 0.02):
        kernel = _line_kernel(float(rng.uniform(0.05, 0.16)) * digit_height, float(rng.uniform(0, np.pi)))
        gray = np.asarray(cv2.filter2D(gray, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)
    return gray


def _noise(shape: tuple[int, ...], contrast: float, rng: Generator) -> Levels:
    """Noise of the sensor; some of it in blotches, as cameras leave them in the dark."""
    size = np.float32(abs(rng.normal(0, 3.5 * contrast + 1)))
    noise = rng.standard_normal(shape, np.float32) * size
    if rng.random() < 0.3:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.8), np.float32) * np.float32(2)
    return noise


def _store(image: Image, rng: Generator) -> Image:
    """What happens to the finished picture: enlargement and JPEG, some of it twice."""
    if rng.random() < 0.15:
        factor = float(rng.uniform(1.2, 2.5))
        image = np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)
    for _ in range(int(rng.choice(3, p=[0.5, 0.42, 0.08]))):
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 90))]
        image = np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_GRAYSCALE), np.uint8)
    return image


def _typical_ink_level(gray: Levels, ink: Image, default: float) -> float:
    """The median grey level where there is ink; ``default`` where there is none."""
    mask = cv2.resize(ink, gray.shape[::-1], interpolation=cv2.INTER_AREA) > _INK_LEVEL
    return float(np.median(gray[mask])) if mask.any() else default


def _copy_to_microfilm(gray: Levels, ink_level: float, digit_height: float, rng: Generator) -> Image:
    """Copy to film of high contrast: black ink with a pale halo on even, grainy paper."""
    middle = ink_level + (_LAMP_PAPER - ink_level) * float(rng.uniform(0.3, 0.75))
    steepness = float(rng.uniform(5, 14)) / max(_LAMP_PAPER - ink_level, 8.0)
    film = 1 / (1 + np.exp(-(gray - np.float32(middle)) * np.float32(steepness)))
    black, paper = float(rng.uniform(5, 60)), float(rng.uniform(130, 235))
    film = black + film * np.float32(paper - black)
    halo = cv2.GaussianBlur(film, (0, 0), max(0.1 * digit_height, 0.8))
    film += (film - halo) * np.float32(rng.uniform(0.0, 0.5)) + _noise(film.shape, float(rng.uniform(0, 1)), rng)
    return np.asarray(np.clip(film, 0, 255).astype(np.uint8), np.uint8)


def _copy_in_two_levels(gray: Levels, ink_level: float, digit_height: float, rng: Generator) -> Image:
    """Threshold as a copier or fax does, so that strokes break or run together; half are softened afterwards."""
    level = ink_level + (_LAMP_PAPER - ink_level) * float(rng.uniform(0.2, 0.75))
    smooth = cv2.GaussianBlur(gray, (0, 0), min(0.6, 0.03 * digit_height))
    two_level = np.where(smooth < level, 0, 255).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(two_level, (0, 0), 0.6) if rng.random() < 0.5 else two_level, np.uint8)
