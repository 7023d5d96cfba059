"""Suggest a form file for a page: the combs, boxes and tables that are printed on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from scanner.form_making.cell_contents import PageContents
from scanner.form_making.cell_grids import build_grids
from scanner.form_making.comb_suggestion import find_combs
from scanner.form_making.field_names import FieldNames
from scanner.form_making.grid_fields import fields_of_grid
from scanner.form_making.marked_boxes import find_boxes_like
from scanner.form_making.pictured_places import PicturedPlaces
from scanner.form_making.printed_cells import find_printed_cells, find_printed_lines
from scanner.forms.form import FieldKind, Form, FormColumn, FormField, FormTable, ReferenceState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.form_making.comb_suggestion import Comb
    from scanner.form_making.grid_fields import GridColumn, GridField, GridTable
    from scanner.forms.form import Reference
    from scanner.preparation import PreparationOutputs
    from scanner.sources.pdf_words import PlacedWord
    from scanner.types import Box

_TICK_SIDE_RANGE_HEIGHTS = (0.7, 2.4)
"""Minimum and maximum side, character heights, of a box to tick."""
_MAX_TICK_ASPECT = 1.4
"""Maximum ratio of the sides of a box to tick."""
_PICTURE_HEIGHT_HEIGHTS = 4.0
"""Minimum height, character heights, of a box for a signature, a stamp or a few lines of text."""
_MIN_FILLED_COUNT, _MIN_FILLED_SHARE = 2, 0.1
"""Minimum number of fields with handwriting, and their share of all, on a page that is filled: either is enough."""
_MAX_ROW_OFFSET_SHARE = 0.1
"""Maximum offset of a row of a table from where it would be if all were of equal height, in heights of a row."""


def suggest_form(
    prepared: PreparationOutputs,
    name: str,
    reference: Reference,
    words: Sequence[PlacedWord] = (),
    state: ReferenceState | None = None,
) -> Form:
    """Suggest a form for a level page.

    Args:
        prepared: the page, prepared with ``levelling.LEVEL_OPTIONS``.
        name: what the form is called.
        reference: where the page is; its ``state`` is not looked at.
        words: what is printed on the page, if that is known, for names.
        state: whether somebody has written on it; None to judge by what is seen in its fields.

    Returns:
        The form; without fields and tables if none are found.
    """
    ink = prepared.rectified.ink
    height = ink.character_height
    lines = find_printed_lines(prepared.scan.gray, prepared.rectified.flat, ink, prepared.rules.rules)
    cells = find_printed_cells(lines, height)
    page = PageContents.of_page(prepared, cells)
    pictures = PicturedPlaces.of_page(prepared)
    found = _find(cells, page, pictures, height)
    if state is None:
        state = found.judge_state(page)
    is_filled = state is ReferenceState.FILLED
    if not is_filled:
        found = _find(cells, page.as_blank(), pictures, height)
    ticked = find_boxes_like(found.ticks(height), lines, found.places)
    names = FieldNames(words)
    fields = [FormField(name="", box=comb.box, kind=FieldKind.COMB, cells=comb.cells) for comb in found.combs]
    fields += (
        FormField(name="", box=field.box, kind=_kind_of_box(field, height, is_filled=is_filled))
        for field in found.boxes
    )
    fields += (FormField(name="", box=box, kind=FieldKind.TICK) for box in ticked if not pictures.include(box))
    return Form(
        name=name,
        reference=replace(reference, state=state),
        fields=tuple(replace(field, name=names.of_field(field.box)) for field in _in_reading_order(fields)),
        tables=tuple(_form_table(table, names, height, is_filled=is_filled) for table in found.tables),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What may be fields."""

    combs: tuple[Comb, ...]
    tables: tuple[GridTable, ...]
    boxes: tuple[GridField, ...]

    def ticks(self, height: float) -> tuple[Box, ...]:
        """Boxes to tick that are empty."""
        return tuple(field.box for field in self.boxes if _is_tick(field, height))

    @property
    def places(self) -> tuple[Box, ...]:
        """Where they are."""
        return (
            *(comb.box for comb in self.combs),
            *(table.box for table in self.tables),
            *(field.box for field in self.boxes),
        )

    def judge_state(self, page: PageContents) -> ReferenceState:
        """Judge whether somebody has written on the page, by what is seen in the fields."""
        contents = [page.within(comb.box) for comb in self.combs] + [field.contents for field in self.boxes]
        contents += [each for table in self.tables for column in table.columns for each in column.contents]
        filled = sum(each.is_filled for each in contents)
        is_filled = filled >= _MIN_FILLED_COUNT and filled >= _MIN_FILLED_SHARE * len(contents)
        return ReferenceState.FILLED if is_filled else ReferenceState.BLANK


def _find(cells: Sequence[Box], page: PageContents, pictures: PicturedPlaces, height: float) -> _Found:
    combs, others = find_combs(cells, page, height)
    of_grids = [fields_of_grid(grid, page, combs, height) for grid in build_grids(others, height)]
    return _Found(
        combs,
        tuple(table for tables, _ in of_grids for table in tables),
        tuple(field for _, fields in of_grids for field in fields if not _is_no_field(field, pictures, height)),
    )


def _is_no_field(field: GridField, pictures: PicturedPlaces, height: float) -> bool:
    """Whether a cell is the inside of a letter, or in a picture."""
    is_small = max(field.box.width, field.box.height) <= _TICK_SIDE_RANGE_HEIGHTS[1] * height
    return (field.is_alone and is_small and not _is_tick(field, height)) or pictures.include(field.box)


def _is_tick(field: GridField, height: float) -> bool:
    least, most = (side * height for side in _TICK_SIDE_RANGE_HEIGHTS)
    shorter, longer = sorted((field.box.width, field.box.height))
    return field.is_alone and least <= shorter and longer <= min(most, _MAX_TICK_ASPECT * shorter)


def _kind_of_box(field: GridField, height: float, *, is_filled: bool) -> FieldKind:
    if _is_tick(field, height):
        return FieldKind.TICK
    is_number = is_filled and field.contents.has_number
    is_writing = is_filled and field.contents.has_writing
    is_high = field.box.height >= _PICTURE_HEIGHT_HEIGHTS * height
    return FieldKind.TEXT_IMAGE if is_writing or (is_high and not is_number) else FieldKind.NUMBER


def _kind_of_column(column: GridColumn, row_height: float, height: float, *, is_filled: bool) -> FieldKind:
    if column.comb_cells:
        return FieldKind.COMB
    count = len(column.contents)
    numbers = is_filled * sum(each.has_number for each in column.contents)
    writing = is_filled * sum(each.has_writing for each in column.contents)
    printed = sum(each.is_printed for each in column.contents)
    is_high = row_height >= _PICTURE_HEIGHT_HEIGHTS * height
    return (
        FieldKind.TEXT_IMAGE
        if writing > numbers or 2 * printed > count or (is_high and not numbers)
        else FieldKind.NUMBER
    )


def _form_table(table: GridTable, names: FieldNames, height: float, *, is_filled: bool) -> FormTable:
    rows = len(table.rows) - 1
    row_height = table.box.height / rows
    column_names = names.of_columns([(column.left, column.right) for column in table.columns], table.headings)
    columns = [
        FormColumn(
            name=name,
            kind=_kind_of_column(column, row_height, height, is_filled=is_filled),
            cells=column.comb_cells or None,
            width=column.right - column.left,
        )
        for name, column in zip(column_names, table.columns, strict=True)
    ]
    # One width is left to follow from the box, so that whoever moves a side of it has nothing else to change.
    columns[-1] = replace(columns[-1], width=None)
    offsets = [abs(edge - table.box.y - row * row_height) for row, edge in enumerate(table.rows)]
    is_even = max(offsets) <= _MAX_ROW_OFFSET_SHARE * row_height
    return FormTable(
        name=names.of_table(table.box),
        box=table.box,
        columns=tuple(columns),
        rows=rows,
        row_heights=() if is_even else tuple(bottom - top for top, bottom in pairwise(table.rows)),
    )


def _in_reading_order(fields: Iterable[FormField]) -> list[FormField]:
    """Line by line: fields of which half the height is shared are in one line."""
    lines: list[list[FormField]] = []
    for field in sorted(fields, key=lambda field: field.box.center[1]):
        first = lines[-1][0].box if lines else None
        shared = min(first.bottom, field.box.bottom) - max(first.y, field.box.y) if first else 0
        if first and 2 * shared >= min(first.height, field.box.height):
            lines[-1].append(field)
        else:
            lines.append([field])
    return [field for line in lines for field in sorted(line, key=lambda field: field.box.x)]
