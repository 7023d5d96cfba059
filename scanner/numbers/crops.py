"""Cut numbers out of a page as crops for a line reader.

A crop holds the ink of one text line alone, with wide gaps narrowed; it records which column of the page each of its
columns shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.image.measured_ink import MeasuredInk
    from scanner.numbers.text_lines import TextLine
    from scanner.types import Image


_MARGIN_HEIGHTS = 0.6
"""Width of the paper added on each side, in character heights: line readers take ink at the very edge for a border."""

_MAX_GAP_HEIGHTS = 0.6
"""Gaps of a text line are narrowed to this, in character heights.  Two columns of a table then look to the line reader
like two words."""

_MAX_COMB_GAP_HEIGHTS = 0.15
"""Gaps in a comb field are narrowed to this, in character heights: as close as digits of one number stand."""


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
    return _crop(text_line, ink, _MAX_GAP_HEIGHTS)


def crop_comb_digits(text_line: TextLine, ink: MeasuredInk) -> NumberCrop:
    """Crop the ink of a comb field, which is one number; arguments as for :func:`crop_text_line`."""
    return _crop(text_line, ink, _MAX_COMB_GAP_HEIGHTS)


def _crop(line: TextLine, ink: MeasuredInk, max_gap: float) -> NumberCrop:
    rows, columns = slice(line.box.y, line.box.bottom), slice(line.box.x, line.box.right)
    own, with_soft_edge = ink.components.cut_out(np.array(line.component_indices), line.box)
    has_ink = np.asarray(with_soft_edge.any(axis=0))
    kept = _columns_without_gaps(has_ink, max(round(max_gap * line.character_height), 1))
    margin = round(_MARGIN_HEIGHTS * line.character_height) + 1
    image, mask = (
        np.pad(pixels[:, kept], margin, constant_values=value)
        for pixels, value in (
            (np.where(with_soft_edge, 255 - ink.strength[rows, columns], np.uint8(255)), 255),
            (own.view(np.uint8) * np.uint8(255), 0),
        )
    )
    return NumberCrop(image, mask, line.box.x + np.pad(kept, margin, mode="edge"), line.box.y - margin)


def whole_picture_crop(gray: Image, mask: Image) -> NumberCrop:
    """Take a picture of one number as a crop, unchanged."""
    return NumberCrop(gray, mask, np.arange(gray.shape[1]), 0)


def _columns_without_gaps(has_ink: NDArray[np.bool_], max_gap: int) -> NDArray[np.int64]:
    """Columns to keep so that no gap is wider than ``max_gap`` columns."""
    columns = np.arange(len(has_ink))
    last_with_ink = np.maximum.accumulate(np.where(has_ink, columns, -1))
    return np.flatnonzero(columns - last_with_ink <= max_gap)
