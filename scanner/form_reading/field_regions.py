"""Find where in its field the number of each field stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.number_finder import NumberRegion, join_regions
from scanner.numbers.candidates import NumberCandidates
from scanner.numbers.region_ink import NO_REGION, region_text_lines
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.form_reading.blank_cells import WrittenCell
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
    fields: tuple[int, ...]
    """Index of the field of each region; no two are the same."""
    candidates: NumberCandidates
    """Their ink.  Marks that mean nothing belong to no number, and are not shown to who reads one."""


def find_field_regions(
    seen: Sequence[NumberRegion],
    placed: Sequence[PlacedField],
    contents: Sequence[Sequence[WrittenCell | None]],
    inked: CellAssignment,
) -> FieldRegions:
    """Give each field of a number with a digit in it one region: what the page network sees in it, else its ink.

    Args:
        seen: numbers that the page network sees.
        placed: the fields.
        contents: what is written in the cells of each.
        inked: components by cell, for the structure that ``placed`` is.
    """
    regions, fields = [], []
    for index, (place, cells) in enumerate(zip(placed, contents, strict=True)):
        if place.field.kind.is_numeric and (region := _region_of(place, cells, seen, inked)):
            regions.append(region)
            fields.append(index)
    lines, region_of = region_text_lines(regions, inked.ink)
    marks = [cell.component_indices for cells in contents for cell in cells if cell is not None and cell.is_mark]
    if marks:
        # As if they were another number, they are painted out.
        region_of[np.concatenate(marks)] = len(regions)
    return FieldRegions(
        tuple(regions), tuple(fields), NumberCandidates(np.flatnonzero(region_of != NO_REGION), lines, region_of)
    )


def _region_of(
    place: PlacedField,
    cells: Sequence[WrittenCell | None],
    seen: Sequence[NumberRegion],
    inked: CellAssignment,
) -> NumberRegion | None:
    """The region of a field; None if there is no digit in it."""
    digits = [cell for cell in cells if cell is not None and not cell.is_mark]
    inside = [region for region in seen if _share_inside(region.box, place.box) >= _MIN_SHARE_IN_FIELD]
    if place.field.cells is None:
        if any(cell is not None and cell.is_mark for cell in cells):
            return None
        if inside:
            return join_regions(inside)
    if not digits:
        return None
    members = np.concatenate([cell.component_indices for cell in digits])
    box = Box.around(inked.components.box(index) for index in members.tolist())
    score = max((region.score for region in inside), default=_UNSEEN_SCORE)
    return NumberRegion(box, score, crosses_lines=place.field.cells is not None)


def _share_inside(box: Box, field: Box) -> float:
    """Share of a box that lies in a field."""
    width = min(box.right, field.right) - max(box.x, field.x)
    height = min(box.bottom, field.bottom) - max(box.y, field.y)
    return max(width, 0) * max(height, 0) / (box.width * box.height)
