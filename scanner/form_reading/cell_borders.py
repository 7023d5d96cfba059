"""Find the lines that are printed around the cells of fields, even where they are faint, short or broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.form_reading.placed_fields import PlacedField
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.tables import Cell
    from scanner.types import Image

BAND_CELL_SHARE = 0.14
"""Distance from the border of a cell, as a share of its shorter side, within which the printed line lies: what
registration may be off, and half the line.  A choice."""
_MIN_COVERED_SHARE = 0.6
"""Minimum share of a border along which a line has ink: a stroke beside the border is shorter, and a printed line has
gaps where the scan is faint.  A choice."""


def find_cell_borders(ink: MeasuredInk, placed: Sequence[PlacedField]) -> Image:
    """Find the ink of the lines around the cells.

    Args:
        ink: ink of the rectified page.
        placed: fields on that page.

    Returns:
        Shape (height, width), 255 where the ink is such a line.
    """
    borders = np.zeros_like(ink.mask)
    for window, along in _border_windows(placed, ink.mask.shape):
        part = ink.mask[window]
        if part.size:
            borders[window] |= _lines_along(part, along)
    return borders


def _border_windows(placed: Sequence[PlacedField], shape: tuple[int, ...]) -> Iterator[tuple[tuple[slice, slice], int]]:
    """The band around each border, and the axis along which it runs: 0 if it is upright."""
    for cell in _cells_once(placed):
        box = cell.box
        reach = max(round(BAND_CELL_SHARE * min(box.width, box.height)), 2)
        for x in (box.x, box.right):
            yield (slice(max(box.y, 0), box.bottom), slice(max(x - reach, 0), min(x + reach + 1, shape[1]))), 0
        for y in (box.y, box.bottom):
            yield (slice(max(y - reach, 0), min(y + reach + 1, shape[0])), slice(max(box.x, 0), box.right)), 1


def _cells_once(placed: Iterable[PlacedField]) -> list[Cell]:
    return [cell for place in placed for cell in place.cells]


def _lines_along(part: Image, along: int) -> Image:
    """Ink of the rows, or columns, of a band that are inked along most of it, with their ragged edges."""
    covered = np.count_nonzero(part, axis=along) >= _MIN_COVERED_SHARE * part.shape[along]
    if not covered.any():
        return np.zeros_like(part)
    grown: NDArray[np.bool_] = covered.copy()
    grown[1:] |= covered[:-1]
    grown[:-1] |= covered[1:]
    return np.where(grown[None] if along == 0 else grown[:, None], part, np.uint8(0))
