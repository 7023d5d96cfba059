"""Find what is written in each cell of each field: ink that is neither print, nor a speck, nor of its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.form_reading.cell_borders import BAND_CELL_SHARE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.form_reading.placed_fields import PlacedField
    from scanner.image.components import Components
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.cell_assignment import CellAssignment
    from scanner.layout.tables import Cell
    from scanner.types import Image

_MIN_SIZE_CELL_SHARE = 0.15
"""Minimum height or width of the largest ink of a cell with writing in it, as a share of the cell's shorter side: what
is smaller is specks.  A choice."""
_MIN_SIZE_STROKES = 1.5
"""The same in stroke widths, for cells hardly larger than a stroke.  A choice."""
_MAX_LINE_STROKES = 1.5
"""Maximum thickness of a printed line that was taken out of a character, with its edges, stroke widths.  A choice."""
_MIN_PART_AREA_SQUARED_STROKES = 0.3
"""Minimum ink of a part of what is written, squared stroke widths: a point has as much.  A choice."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldWriting:
    """What is written in the cells of a field."""

    cells: tuple[NDArray[np.int64], ...]
    """Indices of the components in each cell; none if nothing is written in it."""

    @property
    def component_indices(self) -> NDArray[np.int64]:
        """Indices of all components."""
        return np.concatenate(self.cells)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in any cell."""
        return not any(cell.size for cell in self.cells)


def find_field_writing(placed: Sequence[PlacedField], inked: CellAssignment) -> tuple[FieldWriting, ...]:
    """Find what is written in each field.

    Args:
        placed: the fields.
        inked: components by cell, without print, for the structure that ``placed`` is.
    """
    index_of = {each.cell.corners: index for index, each in enumerate(inked.form_cells)}
    by_cell = _components_by_cell(inked)
    nothing = np.empty(0, np.int64)
    members = [[by_cell.get(index_of[cell.corners], nothing) for cell in place.cells] for place in placed]
    found = [
        [_writing_in(of_cell, cell, inked.ink) for of_cell, cell in zip(of_field, place.cells, strict=True)]
        for of_field, place in zip(members, placed, strict=True)
    ]
    return tuple(
        FieldWriting(_join_across_borders(cells, np.concatenate(of_field), inked.ink))
        for cells, of_field in zip(found, members, strict=True)
    )


def glyph_strength(component_indices: NDArray[np.int64], ink: MeasuredInk) -> Image:
    """Cut out the ink of some components, at least one; shape (height, width), uint8, 0 = paper."""
    components = ink.components
    left, top, width, height = components.boxes[component_indices].T
    window = np.s_[int(top.min()) : int((top + height).max()), int(left.min()) : int((left + width).max())]
    is_own = np.isin(components.labels[window], component_indices + 1)
    return np.where(is_own, ink.strength[window], np.uint8(0))


def _components_by_cell(inked: CellAssignment) -> dict[int, NDArray[np.int64]]:
    owner = inked.form_cell_of_component
    if not owner.size:
        return {}
    order = np.argsort(owner, kind="stable")
    cells, begins = np.unique(owner[order], return_index=True)
    if not len(cells):
        # Nothing parted is one part.
        return {}
    return dict(zip(cells.tolist(), np.split(order, begins[1:]), strict=True))


def _writing_in(members: NDArray[np.int64], cell: Cell, ink: MeasuredInk) -> NDArray[np.int64]:
    """Those of the components of a cell that are writing."""
    components = ink.components
    area_limit = _MIN_PART_AREA_SQUARED_STROKES * ink.stroke_width**2
    chosen = members[(components.areas[members] >= area_limit) & ~_is_at_border(members, cell, components)]
    sizes = components.boxes[chosen, 2:].max(axis=1, initial=0)
    side = min(cell.width, cell.height)
    if sizes.max(initial=0) < max(_MIN_SIZE_CELL_SHARE * side, _MIN_SIZE_STROKES * ink.stroke_width):
        return chosen[:0]
    return chosen


def _join_across_borders(
    cells: Sequence[NDArray[np.int64]], members: NDArray[np.int64], ink: MeasuredInk
) -> tuple[NDArray[np.int64], ...]:
    """Add to the writing of each cell of a field what stands right beside it, at a border or beyond one.

    Where a character crosses a printed line, the line was taken out of it.
    """
    written = np.concatenate(cells)
    loose = np.setdiff1d(members, written)
    if not written.size or not loose.size:
        return tuple(cells)
    cell_of = np.concatenate([np.full(len(cell), index) for index, cell in enumerate(cells)])
    added: list[list[int]] = [[] for _ in cells]
    for index in loose.tolist():
        beside = _components_beside(index, ink)
        near = np.isin(written, beside)
        if near.any():
            added[int(np.bincount(cell_of[near]).argmax())].append(index)
    return tuple(np.union1d(cell, np.array(more, np.int64)) for cell, more in zip(cells, added, strict=True))


def _components_beside(index: int, ink: MeasuredInk) -> NDArray[np.int64]:
    """Indices of the components that are as near to one as the two sides of a printed line."""
    components, reach = ink.components, round(_MAX_LINE_STROKES * ink.stroke_width) + 1
    x, y, width, height = components.boxes[index].tolist()
    window = np.s_[max(y - reach, 0) : y + height + reach, max(x - reach, 0) : x + width + reach]
    labels = components.labels[window]
    near = cv2.dilate((labels == index + 1).view(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    found = np.unique(labels[near & (labels > 0)]).astype(np.int64) - 1
    return np.asarray(found[found != index], np.int64)


def _is_at_border(members: NDArray[np.int64], cell: Cell, components: Components) -> NDArray[np.bool_]:
    """Whether components lie so near a border of the cell that they are what is left of a printed line."""
    box, band = cell.box, BAND_CELL_SHARE * min(cell.width, cell.height)
    left, top, width, height = components.boxes[members].T
    right, bottom = left + width, top + height
    is_beside = (right <= box.x + band) | (left >= box.right - band)
    is_above_or_below = (bottom <= box.y + band) | (top >= box.bottom - band)
    return np.asarray(is_beside | is_above_or_below, np.bool_)
