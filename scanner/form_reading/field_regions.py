"""Find where in its field the number of each field stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.number_finder import NumberRegion, join_regions
from scanner.numbers.candidates import NumberCandidates
from scanner.numbers.region_ink import region_text_lines
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.form_reading.blank_cells import WrittenCell
    from scanner.form_reading.placed_fields import PlacedField
    from scanner.layout.cell_assignment import CellAssignment
    from scanner.numbers.text_lines import TextLine

_MIN_SHARE_IN_FIELD = 0.5
"""Minimum share of the area of a region seen by the page network that is within a field.  A choice: more than
elsewhere."""
_MIN_DASH_RATIO, _MAX_DASH_HEIGHTS, _MAX_DASH_GAP_HEIGHTS = 1.5, 0.3, 1.0
"""Minimum width of a minus sign relative to its own height; and its maximum height, distance from the middle of the
digits and gap before them, relative to theirs.  A choice."""
_UNSEEN_SCORE = 0.1
"""Score of ink in a field in which the page network sees no number.  A choice."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldRegions:
    """The regions of the numbers of a page read with a form."""

    regions: tuple[NumberRegion, ...]
    fields: tuple[int, ...]
    """Index of the field of each region; no two are the same."""
    text_lines: tuple[TextLine, ...]
    """The ink of each."""
    comb_count: int
    """Number of regions that are combs; they come last."""
    region_of_component: NDArray[np.int64]
    """Index of the region of each component of the page, -1 for none.  Marks that mean nothing have one that no number
    has, so that they are not shown to who reads one."""

    @property
    def numbers(self) -> NumberCandidates:
        """The numbers that are in no comb, as on any page."""
        last = len(self.regions) - self.comb_count
        members = np.flatnonzero((self.region_of_component >= 0) & (self.region_of_component < last))
        return NumberCandidates(members, self.text_lines[:last], self.region_of_component)

    @property
    def combs(self) -> tuple[tuple[int, TextLine], ...]:
        """The field and the ink of each comb."""
        last = len(self.regions) - self.comb_count
        return tuple(zip(self.fields[last:], self.text_lines[last:], strict=True))


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
    found = [
        (index, region)
        for index, (place, cells) in enumerate(zip(placed, contents, strict=True))
        if place.field.kind.is_numeric and (region := _region_of(place, cells, seen, inked))
    ]
    found.sort(key=lambda pair: pair[1].crosses_lines)
    regions = [region for _, region in found]
    lines, region_of = region_text_lines(regions, inked.ink)
    marks = [cell.component_indices for cells in contents for cell in cells if cell is not None and cell.is_mark]
    if marks:
        # As if they were another number, they are painted out.
        region_of[np.concatenate(marks)] = len(regions)
    comb_count = sum(region.crosses_lines for region in regions)
    return FieldRegions(tuple(regions), tuple(index for index, _ in found), lines, comb_count, region_of)


def _region_of(
    place: PlacedField,
    cells: Sequence[WrittenCell | None],
    seen: Sequence[NumberRegion],
    inked: CellAssignment,
) -> NumberRegion | None:
    """The region of a field; None if there is no digit in it."""
    digits = [cell for cell in cells if cell is not None and not cell.is_mark]
    field_box = place.box
    inside = [region for region in seen if _share_inside(region.box, field_box) >= _MIN_SHARE_IN_FIELD]
    if not digits:
        is_mark = any(cell is not None for cell in cells)
        return None if is_mark or not inside or place.field.cells is not None else _join(inside)
    if place.field.cells is None and inside:
        return _with_minus(_join(inside), digits, inked)
    members = np.concatenate([cell.component_indices for cell in digits])
    box = Box.around(inked.components.box(index) for index in members.tolist())
    score = max((region.score for region in inside), default=_UNSEEN_SCORE)
    return NumberRegion(box, score, crosses_lines=place.field.cells is not None)


def _join(inside: Sequence[NumberRegion]) -> NumberRegion:
    """The region of a number that is in no comb, whatever lines the network sees it cross."""
    return replace(join_regions(inside), crosses_lines=False)


def _with_minus(region: NumberRegion, written: Sequence[WrittenCell], inked: CellAssignment) -> NumberRegion:
    """A region with the dash in front of it, of which the page network may see only the digits."""
    box = region.box
    for index in (index for cell in written for index in cell.component_indices.tolist()):
        dash = inked.components.box(index)
        is_dash = dash.width >= _MIN_DASH_RATIO * dash.height and dash.height <= _MAX_DASH_HEIGHTS * box.height
        is_level = abs(dash.center[1] - box.center[1]) <= _MAX_DASH_HEIGHTS * box.height
        gap = box.x - dash.right
        if is_dash and is_level and dash.x < box.x and gap <= _MAX_DASH_GAP_HEIGHTS * box.height:
            return replace(region, box=Box.around([box, dash]))
    return region


def _share_inside(box: Box, field: Box) -> float:
    """Share of a box that lies in a field."""
    width = min(box.right, field.right) - max(box.x, field.x)
    height = min(box.bottom, field.bottom) - max(box.y, field.y)
    return max(width, 0) * max(height, 0) / (box.width * box.height)
