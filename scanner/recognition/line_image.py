"""Picture of one number -> the line image that the number reader reads.

The one place where a number is brought to the reader's form: paper taken away,
writing brought to one height and to full contrast.  Training and scanning both
call it.  Nothing is thresholded away: what is pen and what is a printed border
or pattern is for the reader to tell.
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
"""Rows of a line image."""
WIDTH_MULTIPLE = 8
"""The width of a line image is a multiple of this."""
MAX_LINE_WIDTH = 640
"""Columns of a line image at most: room for more than thirty digits; what is wider is squeezed."""

BUCKET_WIDTHS = (64, 88, 112, 144, 184, 240, 320, 448, MAX_LINE_WIDTH + WIDTH_MULTIPLE)
"""Widths to which line images are filled up with paper when they are read together; a line goes into the narrowest
that leaves it STEP columns, so that its reading does not depend on what it is read with."""

_WRITING_HEIGHT_ROWS = 21
"""Rows that the writing fills: the rest is for tails, and for what the estimate of its height misses."""
_MARGIN_COLUMNS = 8
"""Columns of paper added at either end, so that a 1 at the very edge has surroundings."""
_MIN_WRITING_HEIGHT_SHARE = 0.38
"""Writing is taken to fill at least this part of the picture's height: a dash alone is not blown up to a bar."""
_MIN_UNDERLINE_WIDTH_SHARE = 0.45
"""A level run longer than this part of the picture's width, and ..."""
_MIN_UNDERLINE_LENGTH_HEIGHTS = 0.8
"""... than this many of its heights, is an underline or border: the bar of a 7 or 5 is shorter."""
_MIN_BORDER_LENGTH_HEIGHTS = 0.45
"""In the outer rows and columns a run longer than this part of the height is a border too.  The bar of a 7 goes with
it, and costs the height of the writing no more than the width of its stroke."""
_OUTER_ROWS_HEIGHTS, _OUTER_COLUMNS_HEIGHTS = 0.14, 0.22
"""What counts as outer, as part of the picture's height.  Fewer rows than columns: the foot of a 2 is a level run."""
_MIN_TALL_COMPONENT_SHARE = 0.55
"""Pieces of ink at least this tall, of the tallest, make the height of the writing; the others are points, specks and
neighbours' tails.  But ..."""
_MAX_STRAY_INK_SHARE = 0.05
"""... no more than this share of the ink at the top and at the bottom is left out: writing that is cut off cannot be
read, writing that is small can."""
_SIDE_MARGIN_HEIGHTS = 0.4
"""Columns kept beside the outermost ink, as part of the height of the writing: a stroke too faint for the mask may
stand there."""
_MIN_FULL_INK_LEVEL = 24
"""Full ink is at least this dark (of 255): an empty cell is not stretched into black noise."""
_FULL_INK_PERCENTILE = 70
"""This percentile of the ink becomes black."""


@dataclass(frozen=True, slots=True, eq=False)
class LineImage:
    """A line image, and where it lies in the picture it was made from."""

    pixels: Image
    """Shape (HEIGHT, W), uint8, 0 = paper, 255 = ink; W is a multiple of STEP, at most WIDEST."""
    scale: float
    """Columns of the line image per column of the picture."""
    crop_left: float
    """Column of the picture at the left edge of the line image; may be negative."""
    writing_top: float
    """Row of the picture where the writing begins."""
    writing_bottom: float
    """Row of the picture where the writing ends."""

    def to_crop_x(self, x: float) -> float:
        """Map an x of the line image to the picture; both count pixel edges, so 0 is the left edge of column 0."""
        return self.crop_left + x / self.scale


def bucket_width(width: int) -> int:
    """Width from BUCKETS to which a line image of ``width`` is filled up."""
    return next(wide for wide in BUCKET_WIDTHS if wide >= width + WIDTH_MULTIPLE)


def line_pixels(gray: Image) -> Image:
    """The image of :func:`make_line_image` alone."""
    return make_line_image(gray).pixels


def make_line_image(gray: Image) -> LineImage:
    """Bring a picture of one number to the form the reader reads.

    Args:
        gray: shape (H, W), uint8, dark writing on light paper, of any size; from 12 rows it can be read.

    Returns:
        The line image and its place in the picture.

    Raises:
        ValueError: if the picture has no pixels.
    """
    if gray.ndim != 2 or not gray.size:
        raise ValueError(f"a line is found in a gray picture with at least one pixel, not in shape {gray.shape}")
    flat = flatten_background(gray)
    mask = find_ink_mask(flat)
    writing = _remove_printed_lines(flat, mask)
    top, bottom = _find_writing_rows(writing if writing.any() else mask)
    scale = _WRITING_HEIGHT_ROWS / (bottom - top)
    first, last = _find_ink_columns(mask | writing, round(_SIDE_MARGIN_HEIGHTS * (bottom - top)))
    columns = math.ceil((last - first) * scale)
    squeeze = min((MAX_LINE_WIDTH - 2 * _MARGIN_COLUMNS) / columns, 1.0)
    size = (max(round(columns * squeeze), 1), LINE_HEIGHT)
    scale_x = size[0] / (last - first)
    middle = (top + bottom) / 2
    crop = _cut_padded_rows(flat[:, first:last], middle - LINE_HEIGHT / 2 / scale, middle + LINE_HEIGHT / 2 / scale)
    pixels = cv2.convertScaleAbs(_resize(crop, size), alpha=255 / _full_ink_level(flat, writing))
    width = min(math.ceil((size[0] + 2 * _MARGIN_COLUMNS) / WIDTH_MULTIPLE) * WIDTH_MULTIPLE, MAX_LINE_WIDTH)
    image = np.zeros((LINE_HEIGHT, width), np.uint8)
    image[:, _MARGIN_COLUMNS : _MARGIN_COLUMNS + size[0]] = pixels
    return LineImage(image, scale_x, first - _MARGIN_COLUMNS / scale_x, top, bottom)


def _remove_printed_lines(flat: Image, mask: Image) -> Image:
    """The mask of the writing: borders and underlines, often darker than it, have no say in what is ink."""
    lines = _find_printed_lines(mask)
    if not lines.any():
        return mask
    # A line a little out of level is opened in pieces of one row: what is left of it lies right beside.
    printed = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    rest = cv2.bitwise_and(flat, cv2.bitwise_not(printed))
    return np.asarray(cv2.bitwise_and(find_ink_mask(np.asarray(rest, np.uint8)), cv2.bitwise_not(printed)), np.uint8)


def _find_writing_rows(writing: Image) -> tuple[float, float]:
    """First and last row of the writing, specks left out; of the picture if there is none."""
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
    """Underlines and borders of the cell: long level runs anywhere, shorter ones and upright ones near the edges."""
    height, width = mask.shape
    lines = _open_mask(
        mask, (max(round(_MIN_UNDERLINE_WIDTH_SHARE * width), round(_MIN_UNDERLINE_LENGTH_HEIGHTS * height), 3), 1)
    )
    run = max(round(_MIN_BORDER_LENGTH_HEIGHTS * height), 3)
    rows, columns = round(_OUTER_ROWS_HEIGHTS * height), round(_OUTER_COLUMNS_HEIGHTS * height)
    for outer in (slice(0, rows), slice(height - rows, height)):
        lines[outer] |= _open_mask(mask[outer], (run, 1))
    for outer in (slice(0, columns), slice(max(width - columns, 0), width)):
        lines[:, outer] |= _open_mask(mask[:, outer], (1, run))
    return lines


def _open_mask(mask: Image, size: tuple[int, int]) -> Image:
    if size[0] > mask.shape[1] or size[1] > mask.shape[0] or not mask.size:
        return np.zeros_like(mask)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(size[::-1], np.uint8)), np.uint8)


def _find_ink_columns(mask: Image, beside: int) -> tuple[int, int]:
    """First and after-last column with ink of any kind, and ``beside`` more; all columns if there is none."""
    inked = np.flatnonzero(mask.any(axis=0))
    if not inked.size:
        return 0, mask.shape[1]
    return max(int(inked[0]) - beside, 0), min(int(inked[-1]) + 1 + beside, mask.shape[1])


def _full_ink_level(flat: Image, mask: Image) -> float:
    values: NDArray[np.uint8] = flat[mask > 0]
    if not values.size:
        return 255.0
    # np.percentile takes ten times as long for so few.
    rank = _FULL_INK_PERCENTILE * (values.size - 1) // 100
    values.partition(rank)
    return max(float(values[rank]), _MIN_FULL_INK_LEVEL)


def _cut_padded_rows(image: Image, top: float, bottom: float) -> Image:
    """Rows ``top`` to ``bottom`` rounded outwards to whole rows, paper where there are none."""
    first, last = round(top), max(round(bottom), round(top) + 1)
    inside = image[max(first, 0) : max(min(last, len(image)), 0)]
    padded = cv2.copyMakeBorder(
        inside, max(-first, 0), max(last - max(len(image), first), 0), 0, 0, cv2.BORDER_CONSTANT, value=0
    )
    return np.asarray(padded, np.uint8)


def _resize(image: Image, size: tuple[int, int]) -> Image:
    shrinking = size[1] < image.shape[0]
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC), np.uint8)
