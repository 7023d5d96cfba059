"""Suggest a form file for a page: the combs, boxes and tables that are printed on it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from scanner.form_making.field_names import FieldNames
from scanner.form_making.field_search import find_fields
from scanner.forms.form import FieldKind, Form, FormColumn, FormField, FormTable, ReferenceState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.form_making.grid_fields import GridColumn, GridField, GridTable
    from scanner.forms.form import Reference
    from scanner.preparation import PreparationOutputs
    from scanner.sources.pdf_words import PlacedWord

_PICTURE_HEIGHT_HEIGHTS = 4.0
"""Minimum height, character heights, of a box for a signature, a stamp or a few lines of text."""
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
    found = find_fields(prepared, state)
    height, is_filled = prepared.rectified.ink.character_height, found.state is ReferenceState.FILLED
    names = FieldNames(words)
    fields = [FormField(name="", box=comb.box, kind=FieldKind.COMB, cells=comb.cells) for comb in found.combs]
    fields += [FormField(name="", box=box, kind=FieldKind.TICK) for box in found.ticks]
    fields += (
        FormField(name="", box=field.box, kind=_kind_of_box(field, height, is_filled=is_filled))
        for field in found.boxes
    )
    return Form(
        name=name,
        reference=replace(reference, state=found.state),
        fields=tuple(replace(field, name=names.of_field(field.box)) for field in _in_reading_order(fields)),
        tables=tuple(_form_table(table, names, height, is_filled=is_filled) for table in found.tables),
    )


def _kind_of_box(field: GridField, height: float, *, is_filled: bool) -> FieldKind:
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
