"""Find the structure of a form: tables, comb fields, frames and underlines made of its rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.layout.comb_fields import CombField, find_comb_fields_in_frames, find_comb_fields_in_table
from scanner.layout.line_segments import Direction
from scanner.layout.rule_selection import corner_tolerance
from scanner.layout.tables import Cell, Table, find_tables, is_squared_paper

if TYPE_CHECKING:
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.line_segments import Rule
    from scanner.layout.rules import Rules
    from scanner.types import Box

_MIN_PALE_TABLE_COLUMNS = 3
"""Minimum number of columns of a table of pale lines: lined paper may have a margin line.  A choice."""
_MIN_CLOSED_CELL_SHARE = 0.6
"""Minimum share of the cells of a table of pale lines that span no rows or columns: lined paper with print on it makes
cells of all sizes.  A choice."""


@dataclass(frozen=True, slots=True)
class FormStructure:
    """What is printed on a form to write in, in pixels of the rectified page."""

    tables: tuple[Table, ...] = ()
    """Tables of two cells or more, from top to bottom, without those that are nothing but a comb field."""
    comb_fields: tuple[CombField, ...] = ()
    """Comb fields: one number each, one digit per cell.  The cells of one in a table are cells of the table as well."""
    form_frames: tuple[Cell, ...] = ()
    """Separate boxes."""
    underlines: tuple[Rule, ...] = ()
    """Horizontal rules that belong to none of those."""


def find_form_structure(ink: MeasuredInk, page_rules: Rules) -> FormStructure:
    """Find the tables, comb fields, frames and underlines that the rules of a page make.

    Args:
        ink: ink of the rectified page, with its rules.
        page_rules: rules of the same page.
    """
    rules = page_rules.rules
    if not rules:
        return FormStructure()
    tables: list[Table] = []
    comb_fields: list[CombField] = []
    frames: list[Cell] = []
    used: set[int] = set()
    for ruled in find_tables(rules, corner_tolerance(ink.stroke_width), ink.character_height):
        used.update(ruled.rule_indices)
        if is_squared_paper(ruled.table):
            continue
        in_table = find_comb_fields_in_table(ruled.table)
        comb_fields.extend(in_table)
        if len(ruled.table.cells) == 1:
            frames.extend(ruled.table.cells)
        elif sum(len(comb_field.cells) for comb_field in in_table) < len(ruled.table.cells):
            tables.append(ruled.table)
    of_frames = find_comb_fields_in_frames(frames)
    in_comb_field = {cell.corners for comb_field in of_frames for cell in comb_field.cells}
    underlines = (
        rule for index, rule in enumerate(rules) if index not in used and rule.direction is Direction.HORIZONTAL
    )
    separate = tuple(cell for cell in frames if cell.corners not in in_comb_field)
    return FormStructure(tuple(tables), (*comb_fields, *of_frames), separate, tuple(underlines))


def add_pale_tables(inked_structure: FormStructure, structure_with_pale_rules: FormStructure) -> FormStructure:
    """Add the tables that pale rules make, or complete, to the structure of the rules that are ink.

    Pale horizontal lines alone are those of lined paper.

    Args:
        inked_structure: structure of the rules that are ink.
        structure_with_pale_rules: structure of those and of the paler ones.
    """
    tables = [table for table in structure_with_pale_rules.tables if _has_columns_and_closed_cells(table)]
    boxes = [table.box for table in tables]
    tables += [table for table in inked_structure.tables if not any(_boxes_overlap(table.box, box) for box in boxes)]
    return replace(inked_structure, tables=tuple(sorted(tables, key=lambda table: (table.box.y, table.box.x))))


def _has_columns_and_closed_cells(table: Table) -> bool:
    """Whether a table has columns, and few sides between its cells are missing."""
    single = sum(cell.row_span == cell.column_span == 1 for cell in table.cells)
    return (
        table.column_count >= _MIN_PALE_TABLE_COLUMNS
        and single >= _MIN_CLOSED_CELL_SHARE * table.row_count * table.column_count
    )


def _boxes_overlap(a: Box, b: Box) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom
