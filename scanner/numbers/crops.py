"""Cut numbers out of a page as crops for a line reader.

A crop of a text line holds its ink alone, with wide gaps narrowed; one of a number that the page network has found is
grey, with all that stands around it.  A crop records which column of the page each of its columns shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.number_finder import NumberRegion
    from scanner.numbers.text_lines import TextLine
    from scanner.types import Image


_MARGIN_HEIGHTS = 0.6
"""Width of the paper added on each side, in character heights: line readers take ink at the very edge for a border."""

_MAX_GAP_HEIGHTS = 0.6
"""Gaps of a text line are narrowed to this, in character heights.  Two columns of a table then look to the line reader
like two words."""

_REGION_MARGIN_HEIGHTS = 0.4
"""Width kept on each side of a region, in its heights: the middle of what the reader has learnt from."""

_ROWS_BEYOND_HEIGHTS = 0.3
"""Rows kept above and below a region, in its heights: a little more than a line image shows."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberCrop:
    """A part of a page, usually with one number, and its position on the page."""

    image: Image
    """Shape (H, W), uint8, dark ink on light paper."""
    mask: Image
    """Shape (H, W), uint8: 255 where there is ink, else 0."""
    page_columns: NDArray[np.int64]
    """Shape (W,): for each column of the crop, the column of the rectified page shown in it; ascending."""
    page_top: int
    """Row of the rectified page at the crop's upper edge; may be negative."""
    writing_rows: tuple[float, float] | None = None
    """Rows of the crop where the writing begins and ends; None if they are not known yet."""


def crop_text_line(text_line: TextLine, ink: MeasuredInk) -> NumberCrop:
    """Crop the ink of a text line, without any other ink, onto white paper.

    Args:
        text_line: text line whose numbers are to be read.
        ink: ink of the rectified page without rules, with the components that the line is made of.
    """
    box = text_line.box
    rows, columns = slice(box.y, box.bottom), slice(box.x, box.right)
    own, with_soft_edge = ink.components.cut_out(np.array(text_line.component_indices, np.int64), box)
    has_ink = np.asarray(with_soft_edge.any(axis=0))
    kept = _columns_without_gaps(has_ink, max(round(_MAX_GAP_HEIGHTS * text_line.character_height), 1))
    margin = round(_MARGIN_HEIGHTS * text_line.character_height) + 1
    image, mask = (
        np.pad(pixels[:, kept], margin, constant_values=value)
        for pixels, value in (
            (np.where(with_soft_edge, 255 - ink.strength[rows, columns], np.uint8(255)), 255),
            (own.view(np.uint8) * np.uint8(255), 0),
        )
    )
    return NumberCrop(image, mask, box.x + np.pad(kept, margin, mode="edge"), box.y - margin)


def crop_region(
    line: TextLine, region: NumberRegion, flat: Image, ink: MeasuredInk, region_of_component: NDArray[np.int64]
) -> NumberCrop:
    """Crop a number that the page network has found: grey, with the rules and dividers it stands on.

    Only the ink of other numbers is painted out.  What is thresholded or cleaned before it is read is read worse: of
    448 numbers in logbooks 201 instead of 285.

    Args:
        line: its ink, with its region.
        region: the region.
        flat: darkness of the rectified page relative to the paper, shape (height, width).
        ink: ink of the page without rules, whose components ``line`` is made of.
        region_of_component: the region of each component, from :func:`scanner.numbers.region_ink.region_text_lines`.
    """
    box = region.box
    rise = abs(region.slope) * box.width / 2
    height = max(box.height - 2 * rise, 1.0)
    margin, beyond = round(_REGION_MARGIN_HEIGHTS * height), round(rise + _ROWS_BEYOND_HEIGHTS * height)
    left, right = max(box.x - margin, 0), min(box.right + margin, flat.shape[1])
    top, bottom = max(box.y - beyond, 0), min(box.bottom + beyond, flat.shape[0])
    window = np.s_[top:bottom, left:right]
    own, others = _own_and_other_ink(ink.components.labels[window], line, region_of_component)
    pixels = np.where(others, np.uint8(0), flat[window])
    mask = own.view(np.uint8) * np.uint8(255)
    if rise:
        pixels, mask = (_level(each, region.slope, box.center[0] - left) for each in (pixels, mask))
    rows = (box.y + rise - top, box.bottom - rise - top)
    return NumberCrop(np.asarray(255 - pixels, np.uint8), mask, np.arange(left, right), top, rows)


def _own_and_other_ink(
    labels: NDArray[np.int32], line: TextLine, region_of_component: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pixels are ink of the number, and which are ink of other numbers with its soft edge."""
    in_other_number = np.concatenate([[False], region_of_component >= 0])
    is_own = np.zeros(len(in_other_number), np.bool_)
    is_own[np.array(line.component_indices, np.int64) + 1] = True
    own = is_own[labels]
    others = (in_other_number & ~is_own)[labels]
    edge = np.ones((3, 3), np.uint8)
    soft, near_own = (cv2.dilate(each.view(np.uint8), edge).view(np.bool_) for each in (others, own))
    return own, np.asarray(soft & (others | ~near_own), np.bool_)


def _level(image: Image, slope: float, middle: float) -> Image:
    """Move the columns of an image up and down so that what falls by ``slope`` per column is level."""
    matrix = np.array([[1.0, 0.0, 0.0], [-slope, 1.0, slope * middle]])
    size = (image.shape[1], image.shape[0])
    return np.asarray(cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


def whole_picture_crop(gray: Image, mask: Image) -> NumberCrop:
    """Take a picture of one number as a crop, unchanged."""
    return NumberCrop(gray, mask, np.arange(gray.shape[1]), 0)


def _columns_without_gaps(has_ink: NDArray[np.bool_], max_gap: int) -> NDArray[np.int64]:
    """Columns to keep so that no gap is wider than ``max_gap`` columns."""
    columns = np.arange(len(has_ink))
    last_with_ink = np.maximum.accumulate(np.where(has_ink, columns, -1))
    return np.flatnonzero(columns - last_with_ink <= max_gap)
