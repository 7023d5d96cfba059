"""Labelled pages to train the page network on: the page as the network sees it, its ink and its numbers."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.labelled_ink import OTHER_INK, UNKNOWN_INK
from scanner.geometry.rectification import ScannedPage, isolate_sheet, rectify
from scanner.image.background import flatten_background, is_negative, to_gray
from scanner.image.binarization import binarize
from scanner.image.faint_ink import add_faint_ink
from scanner.layout.ink_classes import InkClass
from scanner.layout.page_network import PageView, input_scale, view_page
from scanner.options import NumberKind, ScanOptions
from scanner.synthesis.page_content import PixelClass, map_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.geometry.rectification import RectifiedPage
    from scanner.synthesis.page_content import PageNumber
    from scanner.synthesis.scans import SyntheticPage
    from scanner.types import Image

PIXEL_CLASS_OF_INK_CLASS = {
    InkClass.DIGIT: PixelClass.DIGIT,
    InkClass.PRINT: PixelClass.PRINT,
    InkClass.WRITING: PixelClass.WRITING,
    InkClass.RULE: PixelClass.RULE,
    InkClass.MARK: PixelClass.MARK,
    InkClass.PRINTED_DIGIT: PixelClass.PRINTED_DIGIT,
}
"""The pixel class of the synthesis for each ink class."""

NO_INK_LABEL = 253
"""Label of a pixel without ink; ``UNKNOWN_INK`` and ``OTHER_INK`` are labels as well."""

SAMPLE_SCALE = 12 / 11
"""Scale of a sample relative to the network's input: most patches are then scaled down, which blurs them less."""

_MIN_INK_SHARE = 0.25
"""Minimum share of a pixel of the network's input that is covered by ink of a class, for it to be ink.  A choice."""
_UNLABELLED_REACH_PIXELS = 4
"""Unlabelled ink as near as this to labelled ink, in pixels of the network's input, is its soft edge.  A choice."""
_MIN_SLOPED_LENGTH_HEIGHTS = 4.0
"""Minimum length, in heights, of a number with a box along its baseline.  A choice: shorter ones have none."""
_MAX_SLOPE_DEGREES = 10.0
"""Maximum slope of the box of a number.  A choice: steeper ones are not levelled by deskewing a page."""
_RECTIFY_OPTIONS = ScanOptions(correct_orientation=False)


@dataclass(frozen=True, slots=True, eq=False)
class PageNetworkSample:
    """A page as the network sees it, with what it should answer.

    Coordinates are those of pixels of the network's input, the corner of the top left pixel at (0, 0).
    """

    strength: Image
    """Shape (H, W), see :class:`scanner.layout.page_network.PageView`."""
    tone: Image
    """Shape (H / 2, W / 2, 3), likewise."""
    labels: Image
    """Shape (H, W): the ``InkClass`` of each pixel, or ``NO_INK_LABEL``, ``OTHER_INK`` or ``UNKNOWN_INK``."""
    quads: NDArray[np.float32]
    """Shape (N, 4, 2): corners (x, y) of the box of each number, from the top left clockwise."""
    is_wanted: NDArray[np.bool_]
    """Shape (N,): whether the number must be found; others may be found or not."""
    has_digits: NDArray[np.bool_]
    """Shape (N,): whether the digits of the number are among ``digit_boxes``."""
    digit_boxes: NDArray[np.float32]
    """Shape (M, 4): left, top, right and bottom of each handwritten digit."""

    @property
    def view(self) -> PageView:
        """The page as the network sees it."""
        return PageView(self.strength, self.tone)


def make_page_sample(page: SyntheticPage) -> PageNetworkSample | None:
    """Make a sample of a labelled page, rectified as the program does, its skew included.

    Args:
        page: its pixel classes may be ``UNKNOWN_INK`` and ``OTHER_INK`` as well.

    Returns:
        The sample; None if there is no ink on the page.
    """
    image = page.image
    if is_negative(to_gray(image)):
        image = np.asarray(cv2.bitwise_not(image), np.uint8)
    gray = to_gray(image)
    flat = flatten_background(gray)
    scan = isolate_sheet(ScannedPage(gray, flat, binarize(flat)))
    scan = ScannedPage(gray, scan.flat, add_faint_ink(gray, scan.flat, scan.ink), scan.sheet_corners)
    rectified = rectify(scan, None, _RECTIFY_OPTIONS)
    if not rectified.ink.character_height:
        return None
    numbers = [
        map_number(number, lambda points: _to_rectified(points, rectified))
        for number in page.numbers
        if number.kind == NumberKind.HANDWRITTEN.value
    ]
    return sample_of_rectified(image, rectified, _rectified_classes(page, rectified), numbers)


def sample_of_rectified(
    image: Image, rectified: RectifiedPage, pixel_classes: Image, numbers: Sequence[PageNumber]
) -> PageNetworkSample:
    """Make a sample of a page that was rectified.

    Args:
        image: the original page, BGR, dark ink on light paper.
        rectified: the same page; it has ink.
        pixel_classes: of the rectified page, shape (H, W); ``UNKNOWN_INK`` and ``OTHER_INK`` are among them.
        numbers: its handwritten numbers, in pixels of the rectified page.
    """
    scale = SAMPLE_SCALE * input_scale(rectified.ink.character_height, rectified.flat.shape)
    view = view_page(rectified.ink, rectified.flat, image, rectified.page_map, scale)
    labels = _label_ink(pixel_classes, rectified.ink.mask, view.strength.shape)
    rows, columns = view.strength.shape
    factors = np.array([columns / rectified.flat.shape[1], rows / rectified.flat.shape[0]])
    return PageNetworkSample(view.strength, view.tone, labels, *_number_arrays(numbers, factors))


def _rectified_classes(page: SyntheticPage, rectified: RectifiedPage) -> Image:
    return rectified.page_map.warp_labels(page.pixel_classes)


def _to_rectified(points: NDArray[np.float64], rectified: RectifiedPage) -> NDArray[np.float64]:
    return rectified.page_map.to_target(points)


def _number_arrays(
    numbers: Sequence[PageNumber], factors: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float32]]:
    """The last four fields of a sample; ``factors`` are pixels of the input per pixel of the rectified page, (x, y)."""
    quads = [number_quad((number.outline + 0.5) * factors, float(factors.mean())) for number in numbers]
    digits = [
        np.array([box.x, box.y, box.right, box.bottom]) * np.tile(factors, 2)
        for number in numbers
        for box in number.digit_boxes
    ]
    return (
        np.array(quads, np.float32).reshape(-1, 4, 2),
        np.array([not (number.crossed_out or number.optional) for number in numbers], np.bool_),
        np.array([bool(number.digit_boxes) for number in numbers], np.bool_),
        np.array(digits, np.float32).reshape(-1, 4),
    )


def number_quad(outline: NDArray[np.float64], pixel: float) -> NDArray[np.float64]:
    """The box of a number along its baseline, or an upright one for a short number.

    Args:
        outline: shape (N, 2), (x, y) of the middles of its outermost pixels.
        pixel: side of those pixels.

    Returns:
        Its corners from the top left clockwise, shape (4, 2).
    """
    (left, top), (right, bottom) = outline.min(axis=0) - pixel / 2, outline.max(axis=0) + pixel / 2
    if right - left >= _MIN_SLOPED_LENGTH_HEIGHTS * (bottom - top) / 2:
        corners = cv2.boxPoints(cv2.minAreaRect(outline.astype(np.float32))).astype(np.float64)
        corners = corners[np.argsort(corners[:, 0])]
        ends = [end[np.argsort(end[:, 1])] for end in (corners[:2], corners[2:])]
        (top_left, bottom_left), (top_right, bottom_right) = ends
        along, down = top_right - top_left, bottom_left - top_left
        length, height = max(float(np.hypot(*along)), 1e-6), max(float(np.hypot(*down)), 1e-6)
        is_level = abs(along[1]) <= np.tan(np.radians(_MAX_SLOPE_DEGREES)) * along[0]
        if is_level and length >= _MIN_SLOPED_LENGTH_HEIGHTS * height:
            along, down = along / length * pixel / 2, down / height * pixel / 2
            return np.array(
                [
                    top_left - along - down,
                    top_right + along - down,
                    bottom_right + along + down,
                    bottom_left - along + down,
                ]
            )
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _label_ink(pixel_classes: Image, mask: Image, shape: tuple[int, ...]) -> Image:
    """Label the pixels of the network's input, ``shape`` (H, W), by the class of most of their ink.

    Unlabelled ink away from labelled strokes of this side of the page is a mark: show-through and stains.
    """
    size = (shape[1], shape[0])
    sources = {int(ink_class): int(pixel_class) for ink_class, pixel_class in PIXEL_CLASS_OF_INK_CLASS.items()}
    sources |= {OTHER_INK: OTHER_INK, UNKNOWN_INK: UNKNOWN_INK}
    best = np.full(shape, round(255 * _MIN_INK_SHARE), np.uint8)
    labels = np.full(shape, NO_INK_LABEL, np.uint8)

    def share_of(pixel_class: int) -> Image:
        covered = np.where((pixel_classes == pixel_class) & (mask > 0), np.uint8(255), np.uint8(0))
        return np.asarray(cv2.resize(covered, size, interpolation=cv2.INTER_AREA), np.uint8)

    for label, pixel_class in sources.items():
        share = share_of(pixel_class)
        labels[share > best] = label
        np.maximum(best, share, out=best)
    reach = 2 * _UNLABELLED_REACH_PIXELS + 1
    near = cv2.dilate((labels != NO_INK_LABEL).view(np.uint8), np.ones((reach, reach), np.uint8)).view(bool)
    labels[(share_of(PixelClass.PAPER) > round(255 * _MIN_INK_SHARE)) & ~near] = InkClass.MARK
    return labels


def save_page_sample(path: Path, sample: PageNetworkSample) -> None:
    """Save a sample, compressed; whole or not at all."""
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.savez_compressed(file, **{field.name: getattr(sample, field.name) for field in fields(sample)})
    part.replace(path)


def load_page_sample(path: Path) -> PageNetworkSample:
    """Load a sample that was saved."""
    with np.load(path, allow_pickle=False) as arrays:
        return PageNetworkSample(**{field.name: arrays[field.name] for field in fields(PageNetworkSample)})
