"""Scanning and photographing of synthetic pages.

Every function transforms the pixel classes and the numbers together with the image, so that they stay on their ink.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.background import to_gray
from scanner.synthesis import lighting, page_content
from scanner.synthesis.page_content import PageNumber, PixelClass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.types import Image

    Generator = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticPage:
    """A scanned page with its truth."""

    image: Image
    """Shape (height, width, 3), uint8, BGR."""
    pixel_classes: Image
    """Shape (height, width), uint8: the ``PixelClass`` of each pixel."""
    numbers: tuple[PageNumber, ...]
    """Numbers in reading order: by lines from the top, in a line from the left."""
    dpi: float
    """Pixels per inch of paper."""
    page_type: str = ""
    """Type of the page; see ``documents.PAGE_TYPES``."""


_MIN_LINE_OVERLAP_SHARE = 0.5
"""Minimum vertical overlap of two numbers on one line, as a share of the lower height."""
_MIN_LEGIBLE_CONTRAST = 11.0
"""Minimum difference of ink and paper, grey levels of 255, of numbers that people make out: 28 of 1,020 have less,
and most of those cannot be read."""
_MIN_LEGIBLE_HEIGHT_PIXELS = 7
"""Minimum height of the tallest digit of a number, pixels: below, a blurred 3, 5, 6 and 8 look alike."""
_MAX_LOST_BOX_SHARE = 0.15
"""Maximum share of its box that a number on the page may lose beyond the edge."""


def warp_page(
    page: SyntheticPage, matrix: NDArray[np.float64], size: tuple[int, int], outside_level: int
) -> SyntheticPage:
    """Warp the page by a homography.

    Args:
        page: any page.
        matrix: shape (3, 3), from pixels of the page to pixels of the result.
        size: width and height of the result, pixels.
        outside_level: grey level outside the page, 0-255.

    Returns:
        The page, without numbers that are now outside; the others in reading order.
    """
    grey = (outside_level, outside_level, outside_level)
    image = cv2.warpPerspective(page.image, matrix, size, flags=cv2.INTER_LINEAR, borderValue=grey)
    pixel_classes = cv2.warpPerspective(page.pixel_classes, matrix, size, flags=cv2.INTER_NEAREST)
    numbers = [
        page_content.map_number(number, lambda points: np.asarray(cv2.perspectiveTransform(points[None], matrix)[0]))
        for number in page.numbers
    ]
    return replace(
        page,
        image=np.asarray(image, np.uint8),
        pixel_classes=np.asarray(pixel_classes, np.uint8),
        numbers=sort_in_reading_order(keep_inside(numbers, size)),
    )


def keep_inside(numbers: Sequence[PageNumber], size: tuple[int, int]) -> list[PageNumber]:
    """Numbers that lie on a page of this width and height, but for a little; outlines are cut off at its edges."""
    kept = []
    for number in numbers:
        inside = np.clip(number.outline, 0, np.array(size) - 1.0)
        if _outline_box_area(inside) >= (1 - _MAX_LOST_BOX_SHARE) * _outline_box_area(number.outline):
            kept.append(replace(number, outline=inside))
    return kept


def tilt_page(page: SyntheticPage, degrees: float, outside_level: int) -> SyntheticPage:
    """Rotate the page about its centre, clockwise for positive ``degrees``, and enlarge it to show all of it."""
    height, width = page.image.shape[:2]
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    spread = cv2.transform(corners[None], matrix[:2])[0]
    low, high = np.floor(spread.min(axis=0)), np.ceil(spread.max(axis=0))
    matrix[:2, 2] -= low
    return warp_page(page, matrix, (int(high[0] - low[0]), int(high[1] - low[1])), outside_level)


def turn_page(page: SyntheticPage, quarter_turns: int) -> SyntheticPage:
    """Turn the page clockwise by quarter turns; no pixel changes its value."""
    height, width = page.image.shape[:2]
    quarter = np.array([[0.0, -1.0, height - 1.0], [1.0, 0.0, 0.0]])
    half = np.array([[-1.0, 0.0, width - 1.0], [0.0, -1.0, height - 1.0]])
    back = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width - 1.0]])
    matrix = (np.eye(2, 3), quarter, half, back)[quarter_turns % 4]
    numbers = [
        page_content.map_number(number, lambda points: points @ matrix[:, :2].T + matrix[:, 2])
        for number in page.numbers
    ]
    image = np.ascontiguousarray(np.rot90(page.image, -quarter_turns))
    pixel_classes = np.ascontiguousarray(np.rot90(page.pixel_classes, -quarter_turns))
    return replace(page, image=image, pixel_classes=pixel_classes, numbers=sort_in_reading_order(numbers))


def simulate_photograph(page: SyntheticPage, rng: Generator, *, fills_frame: bool = False) -> SyntheticPage:
    """Photograph the page by hand with a phone: in perspective and uneven light, with shadow, blur and noise.

    Args:
        page: any page.
        rng: source of randomness.
        fills_frame: whether the picture shows the page to its edges, and not all of them, instead of what is around it.
    """
    height, width = page.image.shape[:2]
    margin = rng.uniform(-0.08, 0.0, (4, 2)) if fills_frame else rng.uniform(-0.01, 0.09, (4, 2))
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * (1 - 2 * margin) + margin
    size = np.array([width, height], np.float32)
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32) * size
    matrix = cv2.getPerspectiveTransform(square, (corners * size).astype(np.float32))
    warped = warp_page(page, np.asarray(matrix, np.float64), (width, height), int(rng.integers(20, 150)))
    image = blur_image(warped.image, float(rng.uniform(0.3, 1.3)) * page.dpi / 200)
    if rng.random() < 0.15:
        image = blur_by_motion(image, float(rng.uniform(0.008, 0.028)) * page.dpi, float(rng.uniform(0, np.pi)))
    if rng.random() < 0.35:
        paper, ink = paper_and_ink_levels(page)
        image = lighting.fade(image, paper - ink, rng)
    image = lighting.expose(lighting.light_by_lamp(image, 1.0, rng), rng)
    if rng.random() < 0.03:
        image = lighting.add_moire(image, rng)
    image = add_sensor_noise(image, float(rng.uniform(0.5, 5.0)), rng)
    return replace(warped, image=compress_as_jpeg(image, int(rng.integers(25, 95))))


def simulate_scan(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Scan the page with an office scanner: skewed, blurred and noisy, in colour, grey or black and white."""
    draw = rng.random()
    if draw < 0.12:
        outside_level = int(rng.choice([0, 40, 235, 255]))
        page = tilt_page(page, float(rng.uniform(3, 15) * rng.choice([-1, 1])), outside_level)
    elif draw < 0.8:
        page = tilt_page(page, float(rng.normal(0, 0.7)), int(rng.choice([0, 230, 250, 255])))
    image = page.image
    if rng.random() < 0.6:
        image = blur_image(image, float(rng.uniform(0.25, 0.9)) * max(page.dpi / 200, 0.5))
    if rng.random() < 0.3:
        image = lighting.light_by_lamp(image, 0.15, rng)
    mode = rng.random()
    if mode < 0.22:
        return make_bilevel(replace(page, image=image), rng)
    if mode < 0.6:
        image = to_gray(image)
    if rng.random() < 0.12:
        paper, ink = paper_and_ink_levels(page)
        image = lighting.fade(image, paper - ink, rng)
    image = add_sensor_noise(image, float(abs(rng.normal(0, 3))), rng)
    if image.ndim == 2:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    if rng.random() < 0.5:
        image = compress_as_jpeg(image, int(rng.integers(15, 95)))
    return replace(page, image=image)


def make_bilevel(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Make the page black and white, as fax machines do, by a global or local threshold, with specks.

    The threshold keeps most of the handwritten digits, however faint, because the truth must still hold for the image.
    """
    grey = to_gray(page.image)
    paper = float(np.percentile(grey[::7, ::7], 75))
    digits = grey[page.pixel_classes == PixelClass.DIGIT]
    faintest = (
        float(np.percentile(digits, rng.uniform(75, 92))) if digits.size else paper * float(rng.uniform(0.35, 0.8))
    )
    noisy = grey + rng.standard_normal(grey.shape, np.float32) * np.float32(rng.uniform(0, 5))
    contrast = max(paper - faintest, 4.0)
    if rng.random() < 0.3:
        # Averaged over a quarter of an inch, ink hardly darkens the paper.
        local = cv2.blur(grey, (max(round(page.dpi / 4), 3),) * 2).astype(np.float32)
        black = noisy < local - 0.55 * contrast
    else:
        black = noisy < paper - contrast * float(rng.uniform(0.5, 1.0))
    flat = np.where(black, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        count = int(grey.size * float(10 ** rng.uniform(-6, -4)))
        y, x = rng.integers(0, grey.shape[0], count), rng.integers(0, grey.shape[1], count)
        flat[y, x] = 0
    return replace(page, image=np.repeat(flat[:, :, None], 3, axis=2))


def paper_and_ink_levels(page: SyntheticPage) -> tuple[float, float]:
    """Usual grey level of the paper, and of the fainter ones of the handwritten digits or, without any, of all ink."""
    grey = to_gray(page.image)
    paper = float(np.percentile(grey[::7, ::7], 75))
    digits = grey[page.pixel_classes == PixelClass.DIGIT]
    if not digits.size:
        digits = grey[page.pixel_classes != PixelClass.PAPER]
    return paper, float(np.percentile(digits, 60)) if digits.size else 0.4 * paper


def mark_illegible_numbers(page: SyntheticPage) -> SyntheticPage:
    """Mark handwritten numbers as optional that are too small, or whose ink hardly differs from the paper around it."""
    grey = to_gray(page.image)
    numbers = [
        replace(number, optional=True)
        if number.kind == "handwritten" and not _is_legible(grey, page.pixel_classes, number)
        else number
        for number in page.numbers
    ]
    return replace(page, numbers=tuple(numbers))


def _is_legible(grey: Image, pixel_classes: Image, number: PageNumber) -> bool:
    if number.digit_boxes and max(box.height for box in number.digit_boxes) < _MIN_LEGIBLE_HEIGHT_PIXELS:
        return False
    box = number.box
    reach = max(box.height // 4, 2)
    part = np.s_[max(box.y - reach, 0) : box.bottom + reach, max(box.x - reach, 0) : box.right + reach]
    classes, levels = pixel_classes[part], grey[part]
    ink, paper = levels[classes == PixelClass.DIGIT], levels[classes == PixelClass.PAPER]
    if ink.size == 0 or paper.size == 0:
        return True
    # Of most of the ink, not of its darkest pixels alone: half a digit is not legible.
    usual = float(np.median(paper))
    noise = float(np.median(np.abs(paper - usual)))
    return abs(usual - float(np.median(ink))) >= max(_MIN_LEGIBLE_CONTRAST, 1.2 * noise)


def compress_as_jpeg(image: Image, quality: int) -> Image:
    """Compress the image as JPEG and decode it; ``quality`` is 0-100."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def add_scanner_edges(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Add the dark edge of the scanner glass on one or two sides of the page."""
    image, pixel_classes = page.image.copy(), page.pixel_classes.copy()
    height, width = pixel_classes.shape
    for _ in range(int(rng.integers(1, 3))):
        depth = max(round(page.dpi * float(rng.uniform(0.01, 0.12))), 1)
        slope = np.asarray(rng.uniform(0, depth, 2))
        side, grey = int(rng.integers(4)), int(rng.integers(0, 110))
        far = float(width if side < 2 else height)
        edge, direction = (0.0, 1.0) if side % 2 == 0 else (far, -1.0)
        end = float(height if side < 2 else width)
        area = np.array([(edge, 0), (edge + direction * slope[0], 0), (edge + direction * slope[1], end), (edge, end)])
        area = area if side < 2 else area[:, ::-1]
        polygon = np.rint(area).astype(np.int32)
        cv2.fillPoly(image, [polygon], (grey, grey, grey))
        cv2.fillPoly(pixel_classes, [polygon], int(PixelClass.MARK))
    return replace(page, image=image, pixel_classes=pixel_classes)


def sort_in_reading_order(numbers: list[PageNumber] | tuple[PageNumber, ...]) -> tuple[PageNumber, ...]:
    """Sort numbers by lines from the top, in a line from the left."""
    lines: list[list[PageNumber]] = []
    for number in sorted(numbers, key=lambda number: number.box.center[1]):
        box = number.box
        for line in lines[-3:]:
            last = line[-1].box
            overlap = min(box.bottom, last.bottom) - max(box.y, last.y)
            if overlap > _MIN_LINE_OVERLAP_SHARE * min(box.height, last.height):
                line.append(number)
                break
        else:
            lines.append([number])
    return tuple(number for line in lines for number in sorted(line, key=lambda number: number.box.x))


def add_sensor_noise(image: Image, sigma: float, rng: Generator) -> Image:
    """Add Gaussian sensor noise, the same on all channels."""
    noise = rng.standard_normal(image.shape[:2], np.float32) * np.float32(sigma)
    channels = noise if image.ndim == 2 else cv2.merge([noise] * 3)
    return np.asarray(cv2.add(image, channels, dtype=cv2.CV_8U), np.uint8)


def blur_by_motion(image: Image, length: float, angle: float) -> Image:
    """Blur the image along a straight line, ``length`` pixels long, at ``angle``, radians, as an unsteady hand does."""
    reach = max(int(np.ceil(length / 2)), 1)
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    ends = np.rint(16 * (reach + np.array([-1, 1])[:, None] * length / 2 * np.array([np.cos(angle), np.sin(angle)])))
    cv2.polylines(kernel, [ends.astype(np.int32)], False, 255, 1, cv2.LINE_AA, 4)
    weights = kernel.astype(np.float32) / max(float(kernel.sum()), 1.0)
    return np.asarray(cv2.filter2D(image, -1, weights), np.uint8)


def blur_image(image: Image, sigma: float) -> Image:
    """Blur the image by a Gaussian of ``sigma`` pixels."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


def _outline_box_area(hull: NDArray[np.float64]) -> float:
    """Area of the box around an outline, including its outermost pixels."""
    size = np.ptp(hull, axis=0) + 1
    return float(size[0] * size[1])
