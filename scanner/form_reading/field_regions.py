"""Find where in its field the number of each field stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.number_finder import NumberRegion, join_regions
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from scanner.form_reading.placed_fields import PlacedField
    from scanner.layout.cell_assignment import CellAssignment

_MIN_INK_HEIGHT_STROKES = 3.0
"""Minimum height or width of ink that is writing in a field, stroke widths: what is smaller is a speck or a point.  A
choice."""
_MIN_SHARE_IN_FIELD = 0.5
"""Minimum share of the area of a region seen by the page network that is within a field.  A choice: more than
elsewhere."""
_UNSEEN_SCORE = 0.1
"""Score of ink in a field in which the page network sees no number.  A choice."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldRegions:
    """The regions of the numbers of a page read with a form."""

    regions: tuple[NumberRegion, ...]
    field_of_region: tuple[int, ...]
    """Index of the field of each."""
    ink_of_field: Mapping[int, NDArray[np.int64]]
    """Indices of the components that are writing in each field, if there are any."""


def find_field_regions(
    seen: Sequence[NumberRegion], placed: Sequence[PlacedField], inked: CellAssignment
) -> FieldRegions:
    """Give each field with writing in it one region: what the page network sees in it, else all its ink.

    Args:
        seen: numbers that the page network sees.
        placed: the fields.
        inked: components by cell, for the structure that ``placed`` is.
    """
    ink_of_field = _writing_by_field(placed, inked)
    regions, fields = [], []
    for index, place in enumerate(placed):
        ink = ink_of_field.get(index)
        if not place.field.kind.is_numeric or ink is None:
            continue
        inside = [region for region in seen if _share_inside(region.box, place.box) >= _MIN_SHARE_IN_FIELD]
        box = Box.around(inked.components.box(int(component)) for component in ink)
        region = join_regions(inside) if inside else NumberRegion(box, _UNSEEN_SCORE)
        if place.field.cells is not None:
            region = replace(region, box=Box.around([region.box, box]), crosses_lines=True)
        regions.append(region)
        fields.append(index)
    return FieldRegions(tuple(regions), tuple(fields), ink_of_field)


def _writing_by_field(placed: Sequence[PlacedField], inked: CellAssignment) -> dict[int, NDArray[np.int64]]:
    field_of_cell = {cell.corners: index for index, place in enumerate(placed) for cell in place.cells}
    owners = np.array([field_of_cell.get(each.cell.corners, -1) for each in inked.form_cells] + [-1], np.int64)
    owner = owners[inked.form_cell_of_component]
    sizes = inked.components.boxes[:, 2:].max(axis=1, initial=0)
    is_writing = (sizes >= _MIN_INK_HEIGHT_STROKES * inked.ink.stroke_width) & (owner >= 0)
    return {int(index): np.flatnonzero(is_writing & (owner == index)) for index in np.unique(owner[is_writing])}


def _share_inside(box: Box, field: Box) -> float:
    """Share of a box that lies in a field."""
    width = min(box.right, field.right) - max(box.x, field.x)
    height = min(box.bottom, field.bottom) - max(box.y, field.y)
    return max(width, 0) * max(height, 0) / (box.width * box.height)
