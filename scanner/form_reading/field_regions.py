"""Find where in its field the number of each field stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.layout.number_finder import NumberRegion, join_regions
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.form_reading.field_writing import FieldWriting
    from scanner.form_reading.placed_fields import PlacedField
    from scanner.layout.cell_assignment import CellAssignment

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


def find_field_regions(
    seen: Sequence[NumberRegion], placed: Sequence[PlacedField], writing: Sequence[FieldWriting], inked: CellAssignment
) -> FieldRegions:
    """Give each field with writing in it one region: what the page network sees in it, else all its ink.

    Args:
        seen: numbers that the page network sees.
        placed: the fields.
        writing: what is written in each.
        inked: components by cell, for the structure that ``placed`` is.
    """
    regions, fields = [], []
    for index, (place, written) in enumerate(zip(placed, writing, strict=True)):
        ink = written.component_indices
        if not place.field.kind.is_numeric or not ink.size:
            continue
        inside = [region for region in seen if _share_inside(region.box, place.box) >= _MIN_SHARE_IN_FIELD]
        box = Box.around(inked.components.box(int(component)) for component in ink)
        region = join_regions(inside) if inside else NumberRegion(box, _UNSEEN_SCORE)
        if place.field.cells is not None:
            region = replace(region, box=box, crosses_lines=True)
        regions.append(region)
        fields.append(index)
    return FieldRegions(tuple(regions), tuple(fields))


def _share_inside(box: Box, field: Box) -> float:
    """Share of a box that lies in a field."""
    width = min(box.right, field.right) - max(box.x, field.x)
    height = min(box.bottom, field.bottom) - max(box.y, field.y)
    return max(width, 0) * max(height, 0) / (box.width * box.height)
