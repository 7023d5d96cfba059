"""Where the fields of a form are on a page that was registered to its reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.forms.form import FieldKind
from scanner.layout.comb_fields import CombField
from scanner.layout.form_structure import FormStructure
from scanner.layout.tables import Cell, Table
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.forms.form import Form, FormField, FormTable


@dataclass(frozen=True, slots=True)
class PlacedField:
    """A field and its cells, in pixels of the rectified page."""

    field: FormField
    cells: tuple[Cell, ...]
    """The cells of a comb from left to right; of every other field one."""
    table: int = 0
    """Number of its table in the form, from 1; 0 if it is in none."""

    @property
    def box(self) -> Box:
        """Box of the field."""
        return Box.around(cell.box for cell in self.cells)


def place_fields(form: Form, scale: float) -> tuple[PlacedField, ...]:
    """Place all fields of a form, in the order of ``form.all_fields()``.

    Args:
        form: the form.
        scale: pixels of the rectified page per pixel of the reference.
    """
    alone = tuple(_place(field, scale) for field in form.fields)
    return alone + tuple(
        placed for number, table in enumerate(form.tables, 1) for placed in _place_table(table, number, scale)
    )


def structure_of(placed: Sequence[PlacedField]) -> FormStructure:
    """What a form says is printed on its pages: tables, comb fields, and frames, one for each cell of a comb."""
    numbers = sorted({each.table for each in placed if each.table})
    tables = tuple(_table_of(each for each in placed if each.table == number) for number in numbers)
    combs = tuple(CombField(each.cells) for each in placed if each.field.kind is FieldKind.COMB)
    frames = tuple(
        cell for each in placed if not each.table or each.field.kind is FieldKind.COMB for cell in each.cells
    )
    return FormStructure(tables, combs, frames)


def _place(field: FormField, scale: float, table: int = 0, row: int = 1, column: int = 1) -> PlacedField:
    if field.kind is not FieldKind.COMB or field.cells is None:
        return PlacedField(field, (_cell(field.box, scale, 0, 1, row, column),), table)
    cells = tuple(_cell(field.box, scale, index, field.cells, 1, index + 1) for index in range(field.cells))
    return PlacedField(field, cells, table)


def _place_table(table: FormTable, number: int, scale: float) -> Iterable[PlacedField]:
    columns = len(table.columns)
    for index, field in enumerate(table.fields()):
        yield _place(field, scale, number, index // columns + 1, index % columns + 1)


def _cell(box: Box, scale: float, index: int, count: int, row: int, column: int) -> Cell:
    """A cell of a box that is shared equally by ``count`` of them; corners are on the middle of pixels."""
    left = (box.x + box.width * index / count) * scale - 0.5
    right = (box.x + box.width * (index + 1) / count) * scale - 0.5
    top, bottom = box.y * scale - 0.5, box.bottom * scale - 0.5
    return Cell(row, column, ((left, top), (right, top), (right, bottom), (left, bottom)))


def _table_of(placed: Iterable[PlacedField]) -> Table:
    cells = tuple(
        cell if each.field.kind is not FieldKind.COMB else _whole_cell(each) for each in placed for cell in each.cells[:1]
    )
    return Table(max(cell.row for cell in cells), max(cell.column for cell in cells), cells)


def _whole_cell(placed: PlacedField) -> Cell:
    first, last = placed.cells[0], placed.cells[-1]
    return Cell(first.row, first.column, (first.corners[0], last.corners[1], last.corners[2], first.corners[3]))
