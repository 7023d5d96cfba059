"""Where the fields of a form are on a page that was registered to its reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.forms.form import FieldKind
from scanner.layout.comb_fields import CombField
from scanner.layout.form_structure import FormStructure
from scanner.layout.line_segments import Rule
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
    row: int = 0
    """Row of its table, from 1; 0 if it is in none."""
    column: int = 0
    """Column of its table, from 1; 0 if it is in none."""

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


def place_rules(rules: Sequence[Rule], scale: float) -> tuple[Rule, ...]:
    """Place the rules of a reference on a page.

    Args:
        rules: in pixels of the reference.
        scale: pixels of the rectified page per pixel of the reference.
    """
    return tuple(
        Rule(
            rule.direction,
            _to_page(rule.begin, scale),
            _to_page(rule.end, scale),
            _to_page(rule.across_at_begin, scale),
            _to_page(rule.across_at_end, scale),
            rule.thickness * scale,
        )
        for rule in rules
    )


def _to_page(value: float, scale: float) -> float:
    """A coordinate in the middle of a pixel, scaled."""
    return (value + 0.5) * scale - 0.5


def structure_of(placed: Sequence[PlacedField]) -> FormStructure:
    """What a form says is printed on its pages: tables, comb fields, and frames, one for each cell of a comb."""
    numbers = sorted({each.table for each in placed if each.table})
    tables = tuple(_table_of(each for each in placed if each.table == number) for number in numbers)
    combs = tuple(CombField(each.cells) for each in placed if each.field.kind is FieldKind.COMB)
    frames = tuple(
        cell for each in placed if not each.table or each.field.kind is FieldKind.COMB for cell in each.cells
    )
    return FormStructure(tables, combs, frames)


def _place(field: FormField, scale: float, table: int = 0, row: int = 0, column: int = 0) -> PlacedField:
    if field.kind is FieldKind.COMB and field.cells is not None:
        cells = tuple(_cell(field.box, scale, index, field.cells, 1, index + 1) for index in range(field.cells))
    else:
        cells = (_cell(field.box, scale, 0, 1, max(row, 1), max(column, 1)),)
    return PlacedField(field, cells, table, row, column)


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
    cells = tuple(_whole_cell(each) for each in placed)
    return Table(max(cell.row for cell in cells), max(cell.column for cell in cells), cells)


def _whole_cell(placed: PlacedField) -> Cell:
    first, last = placed.cells[0].corners, placed.cells[-1].corners
    return Cell(placed.row, placed.column, (first[0], last[1], last[2], first[3]))
