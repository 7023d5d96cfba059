"""Make the line image that a line reader reads from a picture of a number or text line.

The paper is removed, and the writing is scaled to one height and to full contrast.  Training and scanning both use
this module.  Ink is not thresholded: the reader learns to tell a pen from a printed border or pattern.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.background import flatten_background
from scanner.image.binarization import find_ink_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

LINE_HEIGHT = 32
"""Height of a line image, pixels."""
WIDTH_MULTIPLE = 8
"""The width of a line image is a multiple of this, pixels."""
COLUMNS_PER_STEP = 4
"""Columns of a line image per step of the output of a line reader's network."""
MAX_LINE_WIDTH = 640
"""Maximum width of a line image, pixels: room for more than thirty digits.  Wider lines are squeezed."""

BUCKET_WIDTHS = (64, 88, 112, 144, 184, 240, 320, 448, MAX_LINE_WIDTH + WIDTH_MULTIPLE)
"""Widths to which line images are padded with paper when several are read together, pixels.  A line goes into the
narrowest bucket that adds at least ``WIDTH_MULTIPLE`` columns, so its reading does not depend on the other lines."""

_WRITING_HEIGHT_ROWS = 21
"""Height that the writing is scaled to, pixels.  The other rows are for tails and errors of the estimated height."""
_MARGIN_COLUMNS = 8
"""Width of the paper added at either end, pixels, so that a 1 at the very edge has surroundings."""
_MIN_WRITING_HEIGHT_SHARE = 0.38
"""Minimum height of the writing, as a share of the picture's height.  Without it, a lone dash would be enlarged to a
bar."""
_MIN_UNDERLINE_WIDTH_SHARE = 0.45
"""Minimum length of an underline or border anywhere, as a share of the picture's width."""
_MIN_UNDERLINE_LENGTH_HEIGHTS = 0.8
"""Minimum length of an underline or border anywhere, in heights of the picture.  The bar of a 7 or 5 is shorter."""
_MIN_BORDER_LENGTH_HEIGHTS = 0.45
"""Minimum length of a border in the outer rows and columns, in heights of the picture.  If it is really the bar of a 7,
the writing is only one stroke lower without it."""
_OUTER_ROWS_HEIGHTS = 0.14
"""Height of the outer rows at the top and the bottom, in heights of the picture.  It is less than the width of the
outer columns, since the foot of a 2 is a level line as well."""
_OUTER_COLUMNS_HEIGHTS = 0.22
"""Width of the outer columns at the left and the right, in heights of the picture."""
_MIN_TALL_COMPONENT_SHARE = 0.55
"""Minimum height of the components that define the height of the writing, as a share of the tallest.  Lower ones are
points, specks and neighbours' tails."""
_MAX_STRAY_INK_SHARE = 0.05
"""Maximum share of the ink above the writing, and below it, that is left out with such low components.  Writing that is
cut off cannot be read; writing that is small can."""
_SIDE_MARGIN_HEIGHTS = 0.4
"""Width kept beside the outermost ink, in heights of the writing: there may be a stroke too faint for the mask."""
_MIN_FULL_INK_LEVEL = 24
"""Minimum darkness of full ink (0-255), so that the noise of an empty cell is not stretched to black."""
_FULL_INK_PERCENTILE = 70
"""Percentile of the darkness of the ink that becomes black."""


@dataclass(frozen=True, slots=True, eq=False)
class LineImage:
    """A line image and its position in the picture it was made from."""

    pixels: Image
    """Shape (LINE_HEIGHT, W), uint8, 0 = paper, 255 = ink; W is a multiple of WIDTH_MULTIPLE, at most
    MAX_LINE_WIDTH."""
    scale: float
    """Columns of the line image per column of the picture."""
    crop_left: float
    """Column of the picture at the left edge of the line image; may be negative."""
    writing_top: float
    """Row of the picture where the writing begins."""
    writing_bottom: float
    """Row of the picture where the writing ends."""

    def to_crop_x(self, x: float) -> float:
        """Map an x coordinate from the line image to the picture; 0 is the left edge of column 0 in both."""
        return self.crop_left + x / self.scale


def bucket_width(width: int) -> int:
    """Width from ``BUCKET_WIDTHS`` to which a line image of this width is padded."""
    return next(bucket for bucket in BUCKET_WIDTHS if bucket >= width + WIDTH_MULTIPLE)


def line_pixels(gray: Image) -> Image:
    """Make a line image and return its pixels only."""
    return make_line_image(gray).pixels


def make_line_image(gray: Image) -> LineImage:
    """Make a line image.

    Args:
        gray: picture of a number or text line, shape (H, W), uint8, dark writing on light paper; legible from about 12
            rows.

    Raises:
        ValueError: if the picture has no pixels.
    """
    if gray.ndim != 2 or not gray.size:
        raise ValueError(f"a line image needs a gray picture with at least one pixel, not one of shape {gray.shape}")
    flat = flatten_background(gray)
    mask = find_ink_mask(flat)
    writing = _remove_printed_lines(flat, mask)
    top, bottom = _find_writing_rows(writing if writing.any() else mask)
    first, last = _find_ink_columns(mask | writing, round(_SIDE_MARGIN_HEIGHTS * (bottom - top)))
    return _scale_to_line(flat, (top, bottom), (first, last), _full_ink_level(flat, writing))


def make_line_image_at_rows(flat: Image, top: float, bottom: float) -> LineImage:
    """Make a line image of a window of a page, where it is known which rows the writing fills.

    Rules, dividers and neighbours' ink stay in.  All columns of the window are kept.

    Args:
        flat: window of a flattened page, shape (H, W), uint8, 0 = paper, from
            :func:`scanner.image.background.flatten_background`.  Rows of a quarter of the height of the writing above
            and below it are used; where the window lacks them they are taken for paper.
        top: row where the writing begins; may lie outside the window.
        bottom: row where it ends; more than ``top``.

    Raises:
        ValueError: if the window has no pixels, or there are no rows of writing.
    """
    if flat.ndim != 2 or not flat.size:
        raise ValueError(f"a line image needs a window with at least one pixel, not one of shape {flat.shape}")
    if bottom <= top:
        raise ValueError(f"no writing is between rows {top:g} and {bottom:g}")
    rows = flat[max(math.floor(top), 0) : max(math.ceil(bottom), 1)]
    level = 255.0
    if rows.size:
        rows = np.ascontiguousarray(rows)
        mask = find_ink_mask(rows)
        writing = _remove_printed_lines(rows, mask)
        level = _full_ink_level(rows, writing if writing.any() else mask)
    return _scale_to_line(flat, (top, bottom), (0, flat.shape[1]), level)


def _scale_to_line(
    flat: Image, writing_rows: tuple[float, float], columns: tuple[int, int], full_ink_level: float
) -> LineImage:
    """Scale some columns of a flattened picture so that the writing has the height and darkness of every line image."""
    (top, bottom), (first, last) = writing_rows, columns
    scale = _WRITING_HEIGHT_ROWS / (bottom - top)
    columns_scaled = math.ceil((last - first) * scale)
    squeeze = min((MAX_LINE_WIDTH - 2 * _MARGIN_COLUMNS) / columns_scaled, 1.0)
    size = (max(round(columns_scaled * squeeze), 1), LINE_HEIGHT)
    scale_x = size[0] / (last - first)
    middle = (top + bottom) / 2
    crop = _cut_padded_rows(flat[:, first:last], middle - LINE_HEIGHT / 2 / scale, middle + LINE_HEIGHT / 2 / scale)
    pixels = cv2.convertScaleAbs(_resize(crop, size), alpha=255 / full_ink_level)
    width = min(math.ceil((size[0] + 2 * _MARGIN_COLUMNS) / WIDTH_MULTIPLE) * WIDTH_MULTIPLE, MAX_LINE_WIDTH)
    image = np.zeros((LINE_HEIGHT, width), np.uint8)
    image[:, _MARGIN_COLUMNS : _MARGIN_COLUMNS + size[0]] = pixels
    return LineImage(image, scale_x, first - _MARGIN_COLUMNS / scale_x, top, bottom)


def _remove_printed_lines(flat: Image, mask: Image) -> Image:
    """Mask of the writing, thresholded without the borders and underlines, which are often darker."""
    lines = _find_printed_lines(mask)
    if not lines.any():
        return mask
    # Of a line that is not quite level, opening finds parts of single rows; the remnants lie right beside them.
    printed = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    unprinted = cv2.bitwise_and(flat, cv2.bitwise_not(printed))
    mask = find_ink_mask(np.asarray(unprinted, np.uint8))
    return np.asarray(cv2.bitwise_and(mask, cv2.bitwise_not(printed)), np.uint8)


def _find_writing_rows(writing: Image) -> tuple[float, float]:
    """Top and bottom of the writing, specks left out; those of the picture if there is no writing."""
    height = writing.shape[0]
    stats = cv2.connectedComponentsWithStats(writing, connectivity=8)[2][1:]
    if not len(stats):
        return 0.0, float(height)
    tops, heights = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    tall = heights >= _MIN_TALL_COMPONENT_SHARE * heights.max()
    top, bottom = int(tops[tall].min()), int((tops + heights)[tall].max())
    ink = np.cumsum(np.count_nonzero(writing, axis=1))
    top = min(top, int(np.searchsorted(ink, _MAX_STRAY_INK_SHARE * ink[-1])))
    bottom = max(bottom, int(np.searchsorted(ink, (1 - _MAX_STRAY_INK_SHARE) * ink[-1])) + 1)
    missing = max(_MIN_WRITING_HEIGHT_SHARE * height - (bottom - top), 0.0)
    return top - missing / 2, bottom + missing / 2


def _find_printed_lines(mask: Image) -> Image:
    """Find underlines and borders: long level lines anywhere, and shorter level or vertical ones near the edges."""
    height, width = mask.shape
    lines = _open_mask(
        mask, (max(round(_MIN_UNDERLINE_WIDTH_SHARE * width), round(_MIN_UNDERLINE_LENGTH_HEIGHTS * height), 3), 1)
    )
    length = max(round(_MIN_BORDER_LENGTH_HEIGHTS * height), 3)
    rows, columns = round(_OUTER_ROWS_HEIGHTS * height), round(_OUTER_COLUMNS_HEIGHTS * height)
    for outer in (slice(0, rows), slice(height - rows, height)):
        lines[outer] |= _open_mask(mask[outer], (length, 1))
    for outer in (slice(0, columns), slice(max(width - columns, 0), width)):
        lines[:, outer] |= _open_mask(mask[:, outer], (1, length))
    return lines


def _open_mask(mask: Image, size: tuple[int, int]) -> Image:
    if size[0] > mask.shape[1] or size[1] > mask.shape[0] or not mask.size:
        return np.zeros_like(mask)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(size[::-1], np.uint8)), np.uint8)


def _find_ink_columns(mask: Image, margin: int) -> tuple[int, int]:
    """First column with ink and the column after the last, widened by ``margin``; all columns if there is no ink."""
    inked = np.flatnonzero(mask.any(axis=0))
    if not inked.size:
        return 0, mask.shape[1]
    return max(int(inked[0]) - margin, 0), min(int(inked[-1]) + 1 + margin, mask.shape[1])


def _full_ink_level(flat: Image, mask: Image) -> float:
    values: NDArray[np.uint8] = flat[mask > 0]
    if not values.size:
        return 255.0
    # np.percentile takes ten times as long for so few values.
    rank = _FULL_INK_PERCENTILE * (values.size - 1) // 100
    values.partition(rank)
    return max(float(values[rank]), _MIN_FULL_INK_LEVEL)


def _cut_padded_rows(image: Image, top: float, bottom: float) -> Image:
    """Rows ``top`` to ``bottom``, rounded, at least one; padded with paper where the image has none."""
    first, last = round(top), max(round(bottom), round(top) + 1)
    inside = image[max(first, 0) : max(min(last, len(image)), 0)]
    padded = cv2.copyMakeBorder(
        inside, max(-first, 0), max(last - max(len(image), first), 0), 0, 0, cv2.BORDER_CONSTANT, value=0
    )
    return np.asarray(padded, np.uint8)


def _resize(image: Image, size: tuple[int, int]) -> Image:
    shrinking = size[1] < image.shape[0]
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC), np.uint8)
