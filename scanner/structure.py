"""The structure of a form: its rules as tables, comb fields, frames and underlines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.comb import Comb, combs_in_table, combs_of_frames
from scanner.grid import Cell, Table, find_grids, is_squared_paper
from scanner.segments import Direction

if TYPE_CHECKING:
    from scanner.rules import Ruling
    from scanner.segments import Rule
    from scanner.types import Box, Ink

_REACH = 1.5
"""Stroke widths by which two lines that meet may miss each other, ..."""
_LEAST_REACH = 4.0
"""... or so many pixels, where strokes are finer than the noise."""
_FEWEST_COLUMNS = 3
"""A table of pale lines has so many columns: lined paper may have a margin, ..."""
_WHOLE = 0.6
"""... and at least this part of its cells are closed: lined paper with print on it makes cells of all sizes."""


@dataclass(frozen=True, slots=True)
class Structure:
    """What is printed on a form to write in; all in pixels of the straightened page."""

    tables: tuple[Table, ...] = ()
    """Two cells or more, from top to bottom; a strip that is nothing but a comb is not among them."""
    combs: tuple[Comb, ...] = ()
    """One number each, one digit per cell; one that stands in a table is in its cells as well."""
    frames: tuple[Cell, ...] = ()
    """Boxes by themselves."""
    underlines: tuple[Rule, ...] = ()
    """Level rules that belong to none of those."""


def find_structure(ink: Ink, ruling: Ruling, character_height: float) -> Structure:
    """Make out what the rules of a page are.

    Args:
        ink: of the straightened page, with its rules.
        ruling: of the same page, from :func:`scanner.ticks.with_ticks`.
        character_height: of the taller characters, pixels.
    """
    rules = ruling.rules
    if not rules:
        return Structure(combs=ruling.combs)
    reach = max(_REACH * ink.stroke_width, _LEAST_REACH)
    tables: list[Table] = []
    combs = list(ruling.combs)
    boxes: list[Cell] = []
    used: set[int] = set()
    for grid in find_grids(rules, reach, character_height):
        used.update(grid.rules)
        if is_squared_paper(grid.table):
            continue
        strips = combs_in_table(grid.table, ink.mask)
        combs.extend(strips)
        if len(grid.table.cells) == 1:
            boxes.extend(grid.table.cells)
        elif sum(len(strip.cells) for strip in strips) < len(grid.table.cells):
            tables.append(grid.table)
    rows = combs_of_frames(boxes)
    in_rows = {cell.corners for comb in rows for cell in comb.cells}
    underlines = (rule for index, rule in enumerate(rules) if index not in used and rule.direction is Direction.LEVEL)
    frames = tuple(cell for cell in boxes if cell.corners not in in_rows)
    return Structure(tuple(tables), (*combs, *rows), frames, tuple(underlines))


def completed(seen: Structure, every: Structure) -> Structure:
    """The structure that is seen, with the tables that pale lines make, or make whole.

    Pale level lines alone are those of lined paper.

    Args:
        seen: by the rules that are ink.
        every: by those that are paler as well.
    """
    tables = [table for table in every.tables if _is_whole(table)]
    boxes = [table.box for table in tables]
    tables += [table for table in seen.tables if not any(_overlap(table.box, box) for box in boxes)]
    return replace(seen, tables=tuple(sorted(tables, key=lambda table: (table.box.y, table.box.x))))


def _is_whole(table: Table) -> bool:
    """Whether it has columns, and hardly a side between two cells is lost."""
    alone = sum(cell.rows == cell.columns == 1 for cell in table.cells)
    return table.columns >= _FEWEST_COLUMNS and alone >= _WHOLE * table.rows * table.columns


def _overlap(a: Box, b: Box) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom
