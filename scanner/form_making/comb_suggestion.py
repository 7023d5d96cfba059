"""Find the combs among the printed cells of a form: neighbours of equal width, one for each digit of a number."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from scanner.form_making.repeated_combs import Comb, complete_combs
from scanner.forms.form_entries import MAX_CELLS
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.form_making.cell_contents import PageContents

_MAX_GAP_HEIGHTS = 0.6
"""Maximum gap, character heights, between cells with a line between them; with a double line as well."""
_MAX_FRAME_GAP_WIDTHS = 0.6
"""Maximum gap between separate boxes of a comb, in their widths."""
_MAX_LEVEL_DIFFERENCE_SHARE = 0.3
"""Maximum difference of the upper, and of the lower, sides of neighbours, in cell heights."""
_MAX_CELL_WIDTH_HEIGHTS = 5.0
"""Maximum width of a cell, character heights: a digit needs two."""
_CELL_HEIGHT_RANGE_WIDTHS = (0.45, 2.5)
"""Minimum and maximum height of a cell, in its widths."""
_MAX_DIVIDER_OFFSET_SHARE = 0.2
"""Maximum offset of a divider from its place, in cell widths."""
_MIN_DIVIDER_SHARE = 0.7
"""Minimum share of the dividers that are seen: strokes along one may hide it."""
_MIN_CELLS = 2
"""Fewest cells of a comb."""
_MAX_CUT_PARTS = 2
"""Most parts that a stroke, a 1 or a 7 as high as the cell, cuts a cell into."""
_MAX_SIZE_DIFFERENCE_SHARE = 0.15
"""Maximum difference between the width of a cell that was cut and that of its neighbours."""


def find_combs(
    cells: Sequence[Box], page: PageContents, character_height: float
) -> tuple[tuple[Comb, ...], tuple[Box, ...]]:
    """Find the combs of a page.

    Where the dividers continue above or below, the cells are columns of a table, which hold a number each.

    Args:
        cells: printed cells of the page.
        page: what stands on the page.
        character_height: pixels.

    Returns:
        The combs, and the cells that are in none.
    """
    gap = _MAX_GAP_HEIGHTS * character_height
    combs: list[Comb] = []
    unlike: list[list[Box]] = []
    for row in _rows_of_neighbours(cells, gap):
        for stretch in _stretches(row, character_height):
            found = _comb_of(stretch)
            if found is None:
                unlike.append(stretch)
            elif not (
                _continues(found, cells, gap)
                or (found.cells <= _MAX_CUT_PARTS and _is_cut_cell(found, row, cells, page, gap))
            ):
                combs.append(found)
    combs = complete_combs(combs, [stretch for stretch in unlike if stretch])
    return tuple(combs), tuple(cell for cell in cells if not any(comb.box.includes(cell.center) for comb in combs))


def _rows_of_neighbours(cells: Sequence[Box], gap: float) -> list[list[Box]]:
    """Cells side by side, from left to right."""
    rows: list[list[Box]] = []
    for cell in sorted(cells, key=lambda cell: cell.x):
        for row in rows:
            left = row[-1]
            level = _MAX_LEVEL_DIFFERENCE_SHARE * min(cell.height, left.height)
            reach = max(gap, _MAX_FRAME_GAP_WIDTHS * min(max(left.width, cell.width), 2 * left.height))
            if (
                abs(cell.y - left.y) <= level
                and abs(cell.bottom - left.bottom) <= level
                and -gap <= cell.x - left.right <= reach
            ):
                row.append(cell)
                break
        else:
            rows.append([cell])
    return rows


def _stretches(row: Sequence[Box], character_height: float) -> Iterator[list[Box]]:
    """Parts of a row of cells that are narrow enough for single digits."""
    stretch: list[Box] = []
    for cell in row:
        if cell.width <= _MAX_CELL_WIDTH_HEIGHTS * character_height:
            stretch.append(cell)
            continue
        yield stretch
        stretch = []
    yield stretch


def _comb_of(stretch: Sequence[Box]) -> Comb | None:
    """The comb that neighbours are, though strokes may have cut some in two, or hidden a divider."""
    if len(stretch) < _MIN_CELLS:
        return None
    box = Box.around(stretch)
    dividers = np.array([(a.right + b.x) / 2 for a, b in pairwise(stretch)])
    # The wider half are whole cells: strokes make them narrower.
    width = float(np.percentile([cell.width for cell in stretch], 60))
    line = float(np.median([max(b.x - a.right, 0) for a, b in pairwise(stretch)]))
    count = round((box.width + line) / (width + line))
    if not _MIN_CELLS <= count <= MAX_CELLS:
        return None
    pitch = (box.width + line) / count
    lowest, highest = _CELL_HEIGHT_RANGE_WIDTHS
    if not lowest * pitch <= box.height <= highest * pitch:
        return None
    places = box.x - line / 2 + pitch * np.arange(1, count)
    seen = np.abs(places[:, None] - dividers).min(axis=1) <= _MAX_DIVIDER_OFFSET_SHARE * pitch
    return Comb(box, count) if seen.mean() >= _MIN_DIVIDER_SHARE else None


def _continues(comb: Comb, cells: Sequence[Box], gap: float) -> bool:
    """Whether a divider of a comb goes on between the cells above or below."""
    pitch = comb.box.width / comb.cells
    places = comb.box.x + pitch * np.arange(1, comb.cells)
    for cell in cells:
        beside = min(abs(cell.bottom - comb.box.y), abs(cell.y - comb.box.bottom))
        overlaps = cell.x < comb.box.right and comb.box.x < cell.right
        if beside <= gap and overlaps:
            offsets = np.abs(np.array([[cell.x], [cell.right]]) - places)
            if offsets.min() <= _MAX_DIVIDER_OFFSET_SHARE * pitch:
                return True
    return False


def _is_cut_cell(comb: Comb, row: Sequence[Box], cells: Sequence[Box], page: PageContents, gap: float) -> bool:
    """Whether a stroke cut a cell of a table in two: its neighbours are as wide as both parts.

    A heading may be as wide as the comb below it.
    """
    tolerance = _MAX_SIZE_DIFFERENCE_SHARE * comb.box.width
    beside = (cell for cell in row if abs(cell.right - comb.box.x) <= gap or abs(cell.x - comb.box.right) <= gap)
    if any(abs(cell.width - comb.box.width) <= tolerance for cell in beside):
        return True
    return any(
        min(abs(cell.bottom - comb.box.y), abs(cell.y - comb.box.bottom)) <= gap
        and max(abs(cell.x - comb.box.x), abs(cell.right - comb.box.right)) <= tolerance
        and not page.within(cell).is_printed
        for cell in cells
    )
