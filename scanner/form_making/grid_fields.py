"""Tell which cells of a grid are to be written in, and which rows of them are a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.form_making.cell_contents import CellContents, PageContents
    from scanner.form_making.cell_grids import CellGrid
    from scanner.form_making.repeated_combs import Comb

_MIN_PRINTED_SHARE = 0.5
"""Minimum share of cells with print in a row of headings, or a column of labels."""
_MIN_SINGLE_SHARE = 0.5
"""Minimum share of the squares of a column, or a row, of a table that are cells by themselves."""
_MIN_TABLE_SINGLE_SHARE = 0.7
"""The same of a whole table."""
_MIN_TABLE_ROWS, _MIN_TABLE_COLUMNS = 2, 2
"""Minimum number of rows and of columns of a table; fewer are fields."""
_MIN_LIST_ROWS = 4
"""Minimum number of rows of a table with a single column."""
_MAX_COMB_CELL_WIDTH_HEIGHTS = 3.5
"""Maximum width, character heights, of a column for a single digit."""
_MAX_COMB_WIDTH_DIFFERENCE_SHARE = 0.25
"""Maximum difference of the widths of such columns, relative to the mean."""
_LABELLING_ROUNDS = 4
"""How often it is asked which rows are headings, without the columns of labels, and the other way round."""


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column of a table."""

    left: int
    right: int
    comb_cells: int
    """Number of its cells for one digit each; 0 if it is no comb."""
    contents: tuple[CellContents, ...]
    """What stands in it, row by row."""


@dataclass(frozen=True, slots=True)
class GridTable:
    """Rows of cells to write in."""

    rows: tuple[int, ...]
    """Upper edges of the rows, and the lower edge of the last one, pixels."""
    columns: tuple[GridColumn, ...]
    headings: tuple[Box, ...]
    """The cells above its columns that have print in them, down to the table."""

    @property
    def box(self) -> Box:
        """All cells."""
        x, y = self.columns[0].left, self.rows[0]
        return Box(x, y, self.columns[-1].right - x, self.rows[-1] - y)


@dataclass(frozen=True, slots=True)
class GridField:
    """A cell to write in that is in no table."""

    box: Box
    contents: CellContents
    is_alone: bool
    """Whether it shares no line with another cell."""


def fields_of_grid(
    grid: CellGrid, page: PageContents, combs: Sequence[Comb], character_height: float
) -> tuple[tuple[GridTable, ...], tuple[GridField, ...]]:
    """Find the tables in a grid, without the headings and labels that are printed in it, and the fields beside them.

    Args:
        grid: cells that share lines.
        page: what stands on the page.
        combs: combs of the page, which no table may cover.
        character_height: pixels.
    """
    contents = [page.within(cell) for cell in grid.cells]
    printed = _printed_squares(grid, page, contents)
    headings, labels = _headings_and_labels(printed)
    single = (grid.owners >= 0) & ~grid.spanning
    tables: list[GridTable] = []
    used = np.zeros(grid.owners.shape, bool)
    for rows in _runs(~headings):
        columns = _table_columns(single[rows], printed[rows], labels)
        shape = rows.stop - rows.start, columns.stop - columns.start
        if shape[1] < 1 or shape[0] < (_MIN_TABLE_ROWS if shape[1] >= _MIN_TABLE_COLUMNS else _MIN_LIST_ROWS):
            continue
        if single[rows, columns].mean() < _MIN_TABLE_SINGLE_SHARE:
            continue
        table = _build_table(grid, page, rows, columns, headings, character_height)
        if not any(table.box.includes(comb.box.center) for comb in combs):
            tables.append(table)
            used[rows, columns] = True
    if not tables:
        found = ((cell, page.within(cell)) for cell in grid.paper)
    else:
        beside = ~(used | headings[:, None] | labels)
        whole = [i for i in range(len(grid.cells)) if beside[grid.owners == i].all()]
        found = ((grid.cells[i], contents[i]) for i in whole)
    fields = tuple(GridField(cell, each, is_alone=len(grid.paper) == 1) for cell, each in found if not each.is_printed)
    return tuple(tables), fields


def _printed_squares(grid: CellGrid, page: PageContents, contents: Sequence[CellContents]) -> NDArray[np.bool_]:
    """Which squares have print in them that leaves no room, shape (rows, columns): those of no cell as well."""
    printed = np.array([*(each.is_printed for each in contents), False])[grid.owners]
    for row, column in zip(*np.nonzero(grid.owners < 0), strict=True):
        printed[row, column] = page.within(grid.box(int(row), int(column))).is_printed
    return np.asarray(printed, np.bool_)


def _headings_and_labels(printed: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows are headings and which columns are labels; of a single cell, whether it is print."""
    headings, labels = (np.zeros(length, bool) for length in printed.shape)
    for _ in range(_LABELLING_ROUNDS):
        if not headings.all():
            labels = printed[~headings].mean(axis=0) >= _MIN_PRINTED_SHARE
        if not labels.all():
            headings = printed[:, ~labels].mean(axis=1) >= _MIN_PRINTED_SHARE
    return headings, labels


def _runs(which: NDArray[np.bool_]) -> Iterator[slice]:
    """Runs of neighbours that are chosen."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], which, [False]])))
    for begin, end in edges.reshape(-1, 2).tolist():
        yield slice(begin, end)


def _table_columns(single: NDArray[np.bool_], printed: NDArray[np.bool_], labels: NDArray[np.bool_]) -> slice:
    """From the first to the last column to write in, with those between them: a table has all of its columns."""
    usable = np.flatnonzero(
        ~labels & (single.mean(axis=0) >= _MIN_SINGLE_SHARE) & (printed.mean(axis=0) < _MIN_PRINTED_SHARE)
    )
    return slice(int(usable[0]), int(usable[-1]) + 1) if usable.size else slice(0, 0)


def _build_table(
    grid: CellGrid,
    page: PageContents,
    rows: slice,
    columns: slice,
    headings: NDArray[np.bool_],
    character_height: float,
) -> GridTable:
    groups = [[column] for column in range(columns.start, columns.stop)]
    if rows.start and headings[rows.start - 1]:
        groups = _comb_groups(grid, groups, rows.start - 1, character_height)
    built = []
    for group in groups:
        left, right = grid.columns[group[0]], grid.columns[group[-1] + 1]
        contents = tuple(
            page.within(Box(left, grid.rows[row], right - left, grid.rows[row + 1] - grid.rows[row]))
            for row in range(rows.start, rows.stop)
        )
        built.append(GridColumn(left, right, len(group) if len(group) > 1 else 0, contents))
    above = [row for row in range(rows.start) if headings[row : rows.start].all()]
    owners = np.unique(grid.owners[above, columns]) if above else np.array([], np.int64)
    return GridTable(
        grid.rows[rows.start : rows.stop + 1], tuple(built), tuple(grid.cells[i] for i in owners.tolist() if i >= 0)
    )


def _comb_groups(
    grid: CellGrid, groups: Sequence[list[int]], heading_row: int, character_height: float
) -> list[list[int]]:
    """Join neighbouring columns below one heading that are equally wide, and narrow enough for a digit each."""
    joined: list[list[int]] = []
    for group in groups:
        owner = grid.owners[heading_row, group[0]]
        if joined and owner >= 0 and owner == grid.owners[heading_row, joined[-1][0]]:
            joined[-1].extend(group)
        else:
            joined.append(list(group))
    split = []
    for group in joined:
        widths = np.diff([grid.columns[i] for i in (*group, group[-1] + 1)])
        is_comb = (
            widths.max() <= _MAX_COMB_CELL_WIDTH_HEIGHTS * character_height
            and np.ptp(widths) <= _MAX_COMB_WIDTH_DIFFERENCE_SHARE * widths.mean()
        )
        split += [group] if is_comb else [[column] for column in group]
    return split
