"""Find comb fields: rows of boxes with room for one digit each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.tables import Cell
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.layout.tables import Table

_MIN_CELLS = 3
"""Minimum number of cells of a comb field: two boxes side by side may be anything.  A choice."""
_MAX_CELL_SIZE_DIFFERENCE_SHARE = 0.25
"""Maximum difference between the width, or height, of a cell and the median of its comb field, relative to the median.
A choice."""
_CELL_HEIGHT_RANGE_WIDTHS = (0.45, 2.5)
"""Minimum and maximum height of a cell of a comb field, in its widths.  A choice: people write one digit into boxes
twice as wide as high if there are many."""
_MAX_FRAME_GAP_WIDTHS = 0.6
"""Maximum gap between separate boxes of one comb field, in their widths.  A choice."""
_MAX_CELL_GAP_WIDTHS = 0.1
"""Maximum gap between the cells of one comb field in a table, in their widths.  A choice."""


@dataclass(frozen=True, slots=True)
class CombField:
    """Cells for one digit each, which together hold one number, in pixels of the rectified page."""

    cells: tuple[Cell, ...]
    """Cells from left to right; all in row 1, in columns from 1."""

    @property
    def box(self) -> Box:
        """Box around all cells."""
        return Box.around(cell.box for cell in self.cells)


def find_comb_fields_in_table(table: Table) -> tuple[CombField, ...]:
    """Find comb fields among the rows of a table: neighbours of one width whose sides end with the row.

    Where the sides continue above or below, the table has columns, with a number in each.

    Args:
        table: table on the rectified page.
    """
    comb_fields = []
    for row in range(1, table.row_count + 1):
        cells = [cell for cell in table.cells if cell.row == row]
        for comb_cells in _find_equal_neighbours(cells):
            inner = range(comb_cells[0].column + 1, comb_cells[-1].column + comb_cells[-1].column_span)
            continues = any(
                edge in inner
                for cell in table.cells
                if cell.row + cell.row_span == row or cell.row == row + comb_cells[0].row_span
                for edge in (cell.column, cell.column + cell.column_span)
            )
            if not continues:
                comb_fields.append(_build_comb_field(comb_cells))
    return tuple(comb_fields)


def _fits_a_digit(cell: Cell) -> bool:
    lowest, highest = _CELL_HEIGHT_RANGE_WIDTHS
    return lowest * cell.width <= cell.height <= highest * cell.width


def find_comb_fields_in_frames(form_frames: Iterable[Cell]) -> tuple[CombField, ...]:
    """Find comb fields of separate boxes in one row."""
    rows: list[list[Cell]] = []
    for cell in sorted(form_frames, key=lambda cell: cell.box.x):
        for row in rows:
            left = row[-1]
            gap = cell.corners[0][0] - left.corners[1][0]
            beside = abs(cell.corners[0][1] - left.corners[1][1])
            if (
                -cell.width / 2 < gap <= _MAX_FRAME_GAP_WIDTHS * left.width
                and beside <= _MAX_CELL_SIZE_DIFFERENCE_SHARE * left.height
            ):
                row.append(cell)
                break
        else:
            rows.append([cell])
    return tuple(
        _build_comb_field(cells) for row in rows for cells in _find_equal_neighbours(row, max_gap=_MAX_FRAME_GAP_WIDTHS)
    )


def _find_equal_neighbours(cells: Sequence[Cell], max_gap: float = _MAX_CELL_GAP_WIDTHS) -> list[list[Cell]]:
    """Longest groups of neighbours of about one size that fit a digit, at most ``max_gap`` widths apart."""
    groups: list[list[Cell]] = []
    for cell in cells:
        if not _fits_a_digit(cell):
            continue
        if groups:
            group = groups[-1]
            width = float(np.median([other.width for other in group]))
            height = float(np.median([other.height for other in group]))
            near = cell.corners[0][0] - group[-1].corners[1][0] <= max_gap * width
            alike = (
                abs(cell.width - width) <= _MAX_CELL_SIZE_DIFFERENCE_SHARE * width
                and abs(cell.height - height) <= _MAX_CELL_SIZE_DIFFERENCE_SHARE * height
            )
            if near and alike and cell.row_span == group[-1].row_span:
                group.append(cell)
                continue
        groups.append([cell])
    return [group for group in groups if len(group) >= _MIN_CELLS]


def _build_comb_field(cells: Iterable[Cell]) -> CombField:
    return CombField(
        tuple(replace(cell, row=1, column=i, row_span=1, column_span=1) for i, cell in enumerate(cells, 1))
    )
