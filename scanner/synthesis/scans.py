"""What becomes of a page between the desk and the file, with the truth about it taken along.

Every function here gives back a page whose labels and numbers still lie on
their ink: what moves the picture moves them too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.background import to_gray
from scanner.synthesis import capture
from scanner.synthesis.page_content import PageNumber, PixelClass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

    Generator = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticPage:
    """A page as it is scanned, and everything that is true about it."""

    image: Image
    """Shape (height, width, 3), uint8, BGR."""
    pixel_classes: Image
    """Shape (height, width), uint8: a value of ``ink.Label`` for each pixel."""
    numbers: tuple[PageNumber, ...]
    """In reading order: line by line from the top, in a line from the left."""
    dpi: float
    """Pixels per inch of paper."""
    page_type: str = ""
    """Which kind of page it is."""


# Two numbers stand in one line if they overlap by this share of the lower of the two.
_MIN_LINE_OVERLAP_SHARE = 0.5
# Numbers that lost more than this share of their box over the edge are no longer on the page.
_MAX_LOST_BOX_SHARE = 0.15


def warp_page(
    page: SyntheticPage, matrix: NDArray[np.float64], size: tuple[int, int], outside_level: int
) -> SyntheticPage:
    """Map the page by a homography.

    Args:
        page: any page.
        matrix: shape (3, 3), from its pixels to those of the result.
        size: width and height of the result.
        outside_level: grey level of what lies outside the page.

    Returns:
        The page without the numbers that came to lie outside; the rest in reading order.
    """
    grey = (outside_level, outside_level, outside_level)
    image = cv2.warpPerspective(page.image, matrix, size, flags=cv2.INTER_LINEAR, borderValue=grey)
    labels = cv2.warpPerspective(page.pixel_classes, matrix, size, flags=cv2.INTER_NEAREST)
    numbers = []
    for number in page.numbers:
        hull = cv2.perspectiveTransform(number.outline[None], matrix)[0]
        inside = np.clip(hull, 0, np.array(size) - 1.0)
        if _outline_box_area(inside) >= (1 - _MAX_LOST_BOX_SHARE) * _outline_box_area(hull):
            numbers.append(replace(number, outline=inside))
    return replace(
        page,
        image=np.asarray(image, np.uint8),
        pixel_classes=np.asarray(labels, np.uint8),
        numbers=sort_in_reading_order(numbers),
    )


def tilt_page(page: SyntheticPage, degrees: float, outside_level: int) -> SyntheticPage:
    """Turn the page about its centre, clockwise for positive ``degrees``, and show all of it."""
    height, width = page.image.shape[:2]
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    spread = cv2.transform(corners[None], matrix[:2])[0]
    low, high = np.floor(spread.min(axis=0)), np.ceil(spread.max(axis=0))
    matrix[:2, 2] -= low
    return warp_page(page, matrix, (int(high[0] - low[0]), int(high[1] - low[1])), outside_level)


def turn_page(page: SyntheticPage, quarter_turns: int) -> SyntheticPage:
    """The page turned clockwise by ``quarter_turns`` right angles, as it was put into the scanner; no pixel changes."""
    height, width = page.image.shape[:2]
    quarter = np.array([[0.0, -1.0, height - 1.0], [1.0, 0.0, 0.0]])
    half = np.array([[-1.0, 0.0, width - 1.0], [0.0, -1.0, height - 1.0]])
    back = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width - 1.0]])
    matrix = (np.eye(2, 3), quarter, half, back)[quarter_turns % 4]
    numbers = [replace(number, outline=number.outline @ matrix[:, :2].T + matrix[:, 2]) for number in page.numbers]
    image = np.ascontiguousarray(np.rot90(page.image, -quarter_turns))
    labels = np.ascontiguousarray(np.rot90(page.pixel_classes, -quarter_turns))
    return replace(page, image=image, pixel_classes=labels, numbers=sort_in_reading_order(numbers))


def simulate_photograph(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """The page on a table, taken by hand with a telephone: at an angle, in uneven light, a shadow over it, soft."""
    height, width = page.image.shape[:2]
    margin = rng.uniform(0.01, 0.09, (4, 2))
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * (1 - 2 * margin) + margin
    size = np.array([width, height], np.float32)
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32) * size
    matrix = cv2.getPerspectiveTransform(square, (corners * size).astype(np.float32))
    seen = warp_page(page, np.asarray(matrix, np.float64), (width, height), int(rng.integers(20, 150)))
    image = _apply_lamp(_blur(seen.image, float(rng.uniform(0.3, 1.3)) * page.dpi / 200), 1.0, rng)
    image = _add_noise(image, float(rng.uniform(0.5, 5.0)), rng)
    return replace(seen, image=compress_as_jpeg(image, int(rng.integers(45, 95))))


def _apply_lamp(image: Image, depth: float, rng: Generator) -> Image:
    """The image under a warm or cold lamp, in a shadow now and then; ``depth`` is the share of the effect, 0-1."""
    height, width = image.shape[:2]
    # Light changes slowly: it is reckoned at an eighth of the size.
    w, h = max(width // 8, 8), max(height // 8, 8)
    light = capture.lamp_brightness(
        w, h, (float(rng.uniform(0, 1)), float(rng.uniform(0, 1))), float(rng.uniform(0.1, 0.5))
    )
    if rng.random() < 0.5:
        x = float(rng.uniform(0.2, 0.9))
        corners = ((x, 1.2), (x + float(rng.normal(0, 0.2)), float(rng.uniform(-0.2, 0.7))), (1.2, 0.1), (1.2, 1.2))
        light *= capture.shadow_brightness(w, h, corners, float(rng.uniform(0.1, 0.45)), 0.03 * w)
    warmth = np.array([rng.uniform(0.8, 1.0), rng.uniform(0.93, 1.0), 1.0])
    small = (1 - depth * (1 - light[:, :, None] * warmth)).astype(np.float32)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(image, large, dtype=cv2.CV_8U), np.uint8)


def simulate_scan(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """An office scanner: askew by a little, now and then by much; soft, noisy, in grey, colour or two levels."""
    draw = rng.random()
    if draw < 0.12:
        beyond = int(rng.choice([0, 40, 235, 255]))
        page = tilt_page(page, float(rng.uniform(3, 15) * rng.choice([-1, 1])), beyond)
    elif draw < 0.8:
        page = tilt_page(page, float(rng.normal(0, 0.7)), int(rng.choice([0, 230, 250, 255])))
    image = page.image
    if rng.random() < 0.6:
        image = _blur(image, float(rng.uniform(0.25, 0.9)) * max(page.dpi / 200, 0.5))
    if rng.random() < 0.3:
        image = _apply_lamp(image, 0.15, rng)
    mode = rng.random()
    if mode < 0.3:
        return make_bilevel(replace(page, image=image), rng)
    if mode < 0.65:
        image = to_gray(image)
    image = _add_noise(image, float(abs(rng.normal(0, 3))), rng)
    if image.ndim == 2:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    if rng.random() < 0.5:
        image = compress_as_jpeg(image, int(rng.integers(30, 95)))
    return replace(page, image=image)


def make_bilevel(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Black or white, as fax machines and cheap scanners have it, by one level or by the surroundings, with specks.

    The level keeps most of the handwritten digits, however faint: what is gone
    from the picture could not be true of it.
    """
    grey = to_gray(page.image)
    paper = float(np.percentile(grey[::7, ::7], 75))
    digits = grey[page.pixel_classes == PixelClass.DIGIT]
    faintest = (
        float(np.percentile(digits, rng.uniform(75, 92))) if digits.size else paper * float(rng.uniform(0.35, 0.8))
    )
    ragged = grey + rng.standard_normal(grey.shape, np.float32) * np.float32(rng.uniform(0, 5))
    contrast = max(paper - faintest, 4.0)
    if rng.random() < 0.3:
        # Blurred over a quarter of an inch, ink hardly darkens its surroundings.
        local = cv2.blur(grey, (max(round(page.dpi / 4), 3),) * 2).astype(np.float32)
        black = ragged < local - 0.55 * contrast
    else:
        black = ragged < paper - contrast * float(rng.uniform(0.5, 1.0))
    flat = np.where(black, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        count = int(grey.size * float(10 ** rng.uniform(-6, -4)))
        y, x = rng.integers(0, grey.shape[0], count), rng.integers(0, grey.shape[1], count)
        flat[y, x] = 0
    return replace(page, image=np.repeat(flat[:, :, None], 3, axis=2))


def compress_as_jpeg(image: Image, quality: int) -> Image:
    """The image after JPEG compression; ``quality`` is 0-100."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def add_scanner_edges(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """The dark edge of the glass on one or two sides of the page: a mark."""
    image, labels = page.image.copy(), page.pixel_classes.copy()
    height, width = labels.shape
    for _ in range(int(rng.integers(1, 3))):
        deep = max(round(page.dpi * float(rng.uniform(0.01, 0.12))), 1)
        slope = np.asarray(rng.uniform(0, deep, 2))
        side, grey = int(rng.integers(4)), int(rng.integers(0, 110))
        far = float(width if side < 2 else height)
        edge, way = (0.0, 1.0) if side % 2 == 0 else (far, -1.0)
        end = float(height if side < 2 else width)
        area = np.array([(edge, 0), (edge + way * slope[0], 0), (edge + way * slope[1], end), (edge, end)])
        area = area if side < 2 else area[:, ::-1]
        polygon = np.rint(area).astype(np.int32)
        cv2.fillPoly(image, [polygon], (grey, grey, grey))
        cv2.fillPoly(labels, [polygon], int(PixelClass.MARK))
    return replace(page, image=image, pixel_classes=labels)


def sort_in_reading_order(numbers: list[PageNumber] | tuple[PageNumber, ...]) -> tuple[PageNumber, ...]:
    """Numbers line by line from the top, in a line from the left."""
    lines: list[list[PageNumber]] = []
    for number in sorted(numbers, key=lambda number: number.box.center[1]):
        box = number.box
        for line in lines[-3:]:
            last = line[-1].box
            shared = min(box.bottom, last.bottom) - max(box.y, last.y)
            if shared > _MIN_LINE_OVERLAP_SHARE * min(box.height, last.height):
                line.append(number)
                break
        else:
            lines.append([number])
    return tuple(number for line in lines for number in sorted(line, key=lambda number: number.box.x))


def _add_noise(image: Image, sigma: float, rng: Generator) -> Image:
    """Noise of the sensor, the same on all channels."""
    noise = rng.standard_normal(image.shape[:2], np.float32) * np.float32(sigma)
    same = noise if image.ndim == 2 else cv2.merge([noise] * 3)
    return np.asarray(cv2.add(image, same, dtype=cv2.CV_8U), np.uint8)


def _blur(image: Image, sigma: float) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


def _outline_box_area(hull: NDArray[np.float64]) -> float:
    """Of the box around the outline, with the width of its pixels."""
    size = np.ptp(hull, axis=0) + 1
    return float(size[0] * size[1])
