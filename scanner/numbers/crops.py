"""Places on a page -> pictures of one number for the number reader, and its readings back onto the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.numbers.text_lines import TextLine
    from scanner.types import Image, Ink


_MARGIN_HEIGHTS = 0.6
"""Heights of paper put around: what is at the very edge of a picture is taken for its border."""

_MAX_GAP_HEIGHTS = 0.6
"""Gaps wider than this many heights of a character are closed to so much: two columns of a table are no further apart
to the reader than two words, ..."""

_MAX_COMB_GAP_HEIGHTS = 0.15
"""... and the digits in a comb field as close as in a number: they are one."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberCrop:
    """A place where one number stands, by itself."""

    image: Image
    """Shape (H, W), uint8, dark ink on light paper."""
    mask: Image
    """Shape (H, W): 255 where there is ink, else 0."""
    page_columns: NDArray[np.int64]
    """Shape (W,): the column of the straightened page shown in each column of the picture, ascending."""
    page_top: int
    """Row of the straightened page at the picture's upper edge; may be negative."""


def crop_text_line(text_line: TextLine, ink_without_rules: Ink, components: Components) -> NumberCrop:
    """The ink of a run, without that of others, on white paper.

    Args:
        text_line: whose numbers are to be read.
        ink_without_rules: of the straightened page, without rules.
        components: of ``ink.mask``.
    """
    return _crop(text_line, ink_without_rules, components, _MAX_GAP_HEIGHTS)


def crop_comb_digits(text_line: TextLine, ink_without_rules: Ink, components: Components) -> NumberCrop:
    """The same for the ink in a comb field, which is one number."""
    return _crop(text_line, ink_without_rules, components, _MAX_COMB_GAP_HEIGHTS)


def _crop(run: TextLine, ink: Ink, components: Components, gap: float) -> NumberCrop:
    rows, columns = slice(run.box.y, run.box.bottom), slice(run.box.x, run.box.right)
    own, shown = components.cut_out(np.array(run.component_indices), run.box)
    kept = _columns_without_gaps(shown.any(axis=0), max(round(gap * run.character_height), 1))
    paper = round(_MARGIN_HEIGHTS * run.character_height) + 1
    picture, mask = (
        np.pad(image[:, kept], paper, constant_values=value)
        for image, value in (
            (np.where(shown, 255 - ink.strength[rows, columns], np.uint8(255)), 255),
            (own.view(np.uint8) * np.uint8(255), 0),
        )
    )
    return NumberCrop(picture, mask, run.box.x + np.pad(kept, paper, mode="edge"), run.box.y - paper)


def whole_picture_crop(gray: Image, mask: Image) -> NumberCrop:
    """A picture of one number as it is."""
    return NumberCrop(gray, mask, np.arange(gray.shape[1]), 0)


def _columns_without_gaps(inked: NDArray[np.bool_], longest: int) -> NDArray[np.int64]:
    """Columns to keep so that no gap is wider than ``longest``."""
    columns = np.arange(len(inked))
    last_inked = np.maximum.accumulate(np.where(inked, columns, -1))
    return np.flatnonzero(columns - last_inked <= longest)
