"""The structure of a form: its rules as tables, comb fields, frames and underlines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.layout.comb_fields import CombField, find_comb_fields_in_frames, find_comb_fields_in_table
from scanner.layout.line_segments import Direction
from scanner.layout.rule_selection import corner_tolerance
from scanner.layout.tables import Cell, Table, find_tables, is_squared_paper

if TYPE_CHECKING:
    from scanner.layout.line_segments import Rule
    from scanner.layout.rules import Rules
    from scanner.types import Box, Ink

_MIN_PALE_TABLE_COLUMNS = 3
"""A table of pale lines has so many columns: lined paper may have a margin, ..."""
_MIN_CLOSED_CELL_SHARE = 0.6
"""... and at least this part of its cells are closed: lined paper with print on it makes cells of all sizes."""


@dataclass(frozen=True, slots=True)
class FormStructure:
    """What is printed on a form to write in; all in pixels of the straightened page."""

    tables: tuple[Table, ...] = ()
    """Two cells or more, from top to bottom; a strip that is nothing but a comb is not among them."""
    comb_fields: tuple[CombField, ...] = ()
    """One number each, one digit per cell; one that stands in a table is in its cells as well."""
    form_frames: tuple[Cell, ...] = ()
    """Boxes by themselves."""
    underlines: tuple[Rule, ...] = ()
    """Level rules that belong to none of those."""


def find_form_structure(ink: Ink, page_rules: Rules, character_height: float) -> FormStructure:
    """Make out what the rules of a page are.

    Args:
        ink: of the straightened page, with its rules.
        page_rules: of the same page, from :func:`scanner.layout.comb_ticks.extract_comb_ticks`.
        character_height: of the taller characters, pixels.
    """
    rules = page_rules.rules
    if not rules:
        return FormStructure(comb_fields=page_rules.comb_fields)
    tables: list[Table] = []
    combs = list(page_rules.comb_fields)
    boxes: list[Cell] = []
    used: set[int] = set()
    for grid in find_tables(rules, corner_tolerance(ink.stroke_width), character_height):
        used.update(grid.rule_indices)
        if is_squared_paper(grid.table):
            continue
        strips = find_comb_fields_in_table(grid.table, ink.mask)
        combs.extend(strips)
        if len(grid.table.cells) == 1:
            boxes.extend(grid.table.cells)
        elif sum(len(strip.cells) for strip in strips) < len(grid.table.cells):
            tables.append(grid.table)
    rows = find_comb_fields_in_frames(boxes)
    in_rows = {cell.corners for comb in rows for cell in comb.cells}
    underlines = (
        rule for index, rule in enumerate(rules) if index not in used and rule.direction is Direction.HORIZONTAL
    )
    frames = tuple(cell for cell in boxes if cell.corners not in in_rows)
    return FormStructure(tuple(tables), (*combs, *rows), frames, tuple(underlines))


def add_pale_tables(inked_structure: FormStructure, structure_with_pale_rules: FormStructure) -> FormStructure:
    """The structure that is seen, with the tables that pale lines make, or make whole.

    Pale level lines alone are those of lined paper.

    Args:
        inked_structure: by the rules that are ink.
        structure_with_pale_rules: by those that are paler as well.
    """
    tables = [table for table in structure_with_pale_rules.tables if _has_columns_and_closed_cells(table)]
    boxes = [table.box for table in tables]
    tables += [table for table in inked_structure.tables if not any(_boxes_overlap(table.box, box) for box in boxes)]
    return replace(inked_structure, tables=tuple(sorted(tables, key=lambda table: (table.box.y, table.box.x))))


def _has_columns_and_closed_cells(table: Table) -> bool:
    """Whether it has columns, and hardly a side between two cells is lost."""
    alone = sum(cell.row_span == cell.column_span == 1 for cell in table.cells)
    return (
        table.column_count >= _MIN_PALE_TABLE_COLUMNS
        and alone >= _MIN_CLOSED_CELL_SHARE * table.row_count * table.column_count
    )


def _boxes_overlap(a: Box, b: Box) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom
