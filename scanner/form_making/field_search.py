"""Find what may be fields on a page: combs, tables, boxes, and boxes to tick."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.form_making.cell_contents import PageContents
from scanner.form_making.cell_grids import build_grids
from scanner.form_making.comb_suggestion import find_combs
from scanner.form_making.grid_fields import fields_of_grid
from scanner.form_making.marked_boxes import find_boxes_like
from scanner.form_making.pictured_places import PicturedPlaces
from scanner.form_making.printed_cells import (
    LONG_SIDE_HEIGHTS,
    SHORT_SIDE_HEIGHTS,
    find_printed_cells,
    find_printed_lines,
    merge_cells,
)
from scanner.forms.form import ReferenceState
from scanner.forms.form_mistakes import MIN_OVERLAP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.form_making.grid_fields import GridField, GridTable
    from scanner.form_making.printed_cells import PrintedLines
    from scanner.form_making.repeated_combs import Comb
    from scanner.preparation import PreparationOutputs
    from scanner.types import Box

_TICK_SIDE_RANGE_HEIGHTS = (0.7, 2.4)
"""Minimum and maximum side, character heights, of a box to tick."""
_MAX_TICK_ASPECT = 1.4
"""Maximum ratio of the sides of a box to tick."""
_MIN_FILLED_SHARE = 0.1
"""Minimum share of the fields with handwriting on a page that somebody has filled in.  To take a blank form for a
filled one does less harm than the other way round: a reader would take what is written for print."""


@dataclass(frozen=True, slots=True)
class FoundFields:
    """What may be fields on a page, in its pixels; none overlaps another."""

    combs: tuple[Comb, ...]
    tables: tuple[GridTable, ...]
    boxes: tuple[GridField, ...]
    ticks: tuple[Box, ...]
    """Boxes to tick, ticked or not."""
    state: ReferenceState = ReferenceState.BLANK
    """Whether somebody has written on the page."""


def find_fields(prepared: PreparationOutputs, state: ReferenceState | None = None) -> FoundFields:
    """Find what may be fields on a level page.

    Args:
        prepared: the page, prepared with ``levelling.LEVEL_OPTIONS``.
        state: whether somebody has written on it; None to judge by what is seen in the fields.
    """
    ink = prepared.rectified.ink
    seen = (prepared.scan.gray, prepared.rectified.flat, ink, prepared.rules.rules)
    lines, long_lines = (find_printed_lines(*seen, length) for length in (SHORT_SIDE_HEIGHTS, LONG_SIDE_HEIGHTS))
    cells = merge_cells(*(find_printed_cells(each, ink.character_height) for each in (long_lines, lines)))
    page = PageContents.of_page(prepared, cells)
    pictures = PicturedPlaces.of_page(prepared)
    found = _group(cells, page, pictures, lines, ink.character_height)
    if state is None:
        state = _judge_state(found, page)
    if state is ReferenceState.BLANK:
        found = _group(cells, page.as_blank(), pictures, lines, ink.character_height)
    return replace(found, state=state)


def _group(
    cells: Sequence[Box], page: PageContents, pictures: PicturedPlaces, lines: PrintedLines, height: float
) -> FoundFields:
    combs, others = find_combs(cells, page, height)
    of_grids = [fields_of_grid(grid, page, combs, height) for grid in build_grids(others, height)]
    tables = tuple(table for of_grid, _ in of_grids for table in of_grid)
    taken = [comb.box for comb in combs] + [table.box for table in tables]
    boxes, ticks = [], []
    for field in (field for _, of_grid in of_grids for field in of_grid):
        if not _is_no_field(field, pictures, height) and not _overlaps(field.box, taken):
            taken.append(field.box)
            if _is_tick(field, height):
                ticks.append(field.box)
            else:
                boxes.append(field)
    ticks += (box for box in find_boxes_like(ticks, lines, taken) if not pictures.include(box))
    return FoundFields(combs, tables, tuple(boxes), tuple(ticks))


def _judge_state(found: FoundFields, page: PageContents) -> ReferenceState:
    """Judge whether somebody has written on a page, by what is seen in its fields."""
    contents = [page.within(comb.box) for comb in found.combs] + [field.contents for field in found.boxes]
    contents += [each for table in found.tables for column in table.columns for each in column.contents]
    filled = sum(each.is_filled for each in contents) + sum(page.has_ink(box) for box in found.ticks)
    is_filled = filled and filled >= _MIN_FILLED_SHARE * (len(contents) + len(found.ticks))
    return ReferenceState.FILLED if is_filled else ReferenceState.BLANK


def _is_no_field(field: GridField, pictures: PicturedPlaces, height: float) -> bool:
    """Whether a cell is the inside of a letter, or in a picture."""
    is_small = max(field.box.width, field.box.height) <= _TICK_SIDE_RANGE_HEIGHTS[1] * height
    return (field.is_alone and is_small and not _is_tick(field, height)) or pictures.include(field.box)


def _is_tick(field: GridField, height: float) -> bool:
    least, most = (side * height for side in _TICK_SIDE_RANGE_HEIGHTS)
    shorter, longer = sorted((field.box.width, field.box.height))
    return field.is_alone and least <= shorter and longer <= min(most, _MAX_TICK_ASPECT * shorter)


def _overlaps(box: Box, others: Iterable[Box]) -> bool:
    """Whether a box overlaps one of others by as much as no form may have it."""
    for other in others:
        across = min(box.right, other.right) - max(box.x, other.x)
        down = min(box.bottom, other.bottom) - max(box.y, other.y)
        smaller = min(box.width * box.height, other.width * other.height)
        if min(across, down) > 0 and across * down >= MIN_OVERLAP * smaller:
            return True
    return False
