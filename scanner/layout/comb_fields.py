"""Find comb fields: rows of boxes, or of gaps between ticks on a line, with room for one digit each."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.line_segments import Direction, Rule
from scanner.layout.tables import Cell
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.tables import Table
    from scanner.types import Image

_MIN_CELLS = 3
"""Minimum number of cells of a comb field: two boxes side by side may be anything.  A choice."""
_MAX_CELL_SIZE_DIFFERENCE_SHARE = 0.25
"""Maximum difference between the width, or height, of a cell and the median of its comb field, relative to the median.
A choice."""
CELL_HEIGHT_RANGE_WIDTHS = (0.7, 2.5)
"""Minimum and maximum height of a cell for one digit, in its widths: a lower one has room for several.  A choice."""
_MIN_CELL_HEIGHT_WIDTHS = 0.45
"""Minimum height of a cell of a comb field, in its widths.  A choice: people write one digit into boxes twice as wide
as high if there are many; cells with several are no comb field (:mod:`scanner.numbers.comb_digits`)."""
_MAX_FRAME_GAP_WIDTHS = 0.6
"""Maximum gap between separate boxes of one comb field, in their widths.  A choice."""
_MAX_CELL_GAP_WIDTHS = 0.1
"""Maximum gap between the cells of one comb field in a table, in their widths.  A choice."""
_MIN_CELL_HEIGHT_PITCHES = 1.3
"""Minimum height of a cell between ticks, in pitches of the ticks: digits are higher than low ticks.  A choice."""
_MAX_TICK_THICKNESS_STROKES = 2.5
"""Maximum thickness of a tick, stroke widths.  A choice."""
_MIN_TICK_HEIGHT_STROKES = 2.0
"""Minimum height of a tick, stroke widths: anything lower is the ragged edge of the line.  A choice."""
_MAX_MERGED_CELLS = 3
"""Maximum number of merged cells that are split for their width alone, between two cells for a digit.  A choice."""
_MIN_LOST_SIDE_INK_SHARE = 0.3
"""Minimum share, by length, of lost sides that is still ink, if more cells merged or if they are at an end of the row.
A choice."""
_MAX_ABSENT_SIDE_INK_SHARE = 0.1
"""Maximum share of ink where a single side was lost entirely: a name in a wide cell has more.  A choice."""
MAX_PITCH_ERROR_SHARE = 0.12
"""Maximum distance of the sides or ticks of a comb field from their regular positions, in pitches: strokes are less
regular.  A choice."""
_MAX_TICK_LENGTH_DIFFERENCE_SHARE = 0.25
"""Maximum difference between the length of a tick and the median, relative to that, on top of two pixels.  A choice."""
_MAX_MISSING_TICK_SHARE = 0.2
"""Maximum share of the ticks that is hidden by digits or lost.  A choice."""
_MIN_TICK_PITCH_HEIGHTS = 0.8
"""Minimum pitch of the ticks, character heights.  A choice."""


@dataclass(frozen=True, slots=True)
class CombField:
    """Cells for one digit each, which together hold one number, in pixels of the rectified page."""

    cells: tuple[Cell, ...]
    """Cells from left to right; all in row 1, in columns from 1."""
    ticks: tuple[Rule, ...] = ()
    """Vertical lines between the cells of a comb field that stands on a line; empty if it consists of boxes."""

    @property
    def box(self) -> Box:
        """Box around all cells."""
        return Box.around(cell.box for cell in self.cells)


def find_comb_fields_in_table(table: Table, mask: Image) -> tuple[CombField, ...]:
    """Find comb fields among the rows of a table: neighbours of one width whose sides end with the row.

    Where the sides continue above or below, the table has columns, with a number in each.

    Args:
        table: table on the rectified page.
        mask: ink of the same page with its rules, shape (H, W).
    """
    comb_fields = []
    for row in range(1, table.row_count + 1):
        cells = _split_at_lost_sides([cell for cell in table.cells if cell.row == row], mask)
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


def _split_at_lost_sides(cells: Sequence[Cell], mask: Image) -> list[Cell]:
    """Split cells that merged because sides were lost: beside cells for a digit, and several times as wide."""
    fitting = [_fits_a_digit(cell) for cell in cells]
    if sum(fitting) < _MIN_CELLS:
        return list(cells)
    pitch = float(np.median([cell.width for cell, fits in zip(cells, fitting, strict=True) if fits]))
    row: list[Cell] = []
    for index, cell in enumerate(cells):
        count = round(cell.width / pitch)
        before, behind = index > 0 and fitting[index - 1], index < len(cells) - 1 and fitting[index + 1]
        regular = abs(cell.width - count * pitch) <= MAX_PITCH_ERROR_SHARE * pitch
        parts = _split_equally(cell, count) if (before or behind) and regular and count > 1 else [cell]
        among = before and behind and count <= _MAX_MERGED_CELLS
        row.extend(parts if among or _are_sides_lost(parts, mask) else [cell])
    return row


def _are_sides_lost(parts: Sequence[Cell], mask: Image) -> bool:
    """Whether the ink between these cells looks like that of lost sides, and like nothing else."""
    inked = []
    for cell in parts[1:]:
        upper, lower = np.array(cell.corners[0]), np.array(cell.corners[3])
        x, y = np.rint(np.linspace(upper, lower, max(round(cell.height), 2))).astype(np.intp).T
        beside = np.clip(x + np.array([[-1], [0], [1]]), 0, mask.shape[1] - 1)
        inked.append(float((mask[np.clip(y, 0, mask.shape[0] - 1), beside] > 0).any(axis=0).mean()))
    return bool(inked) and (
        float(np.mean(inked)) >= _MIN_LOST_SIDE_INK_SHARE
        or (len(inked) == 1 and inked[0] <= _MAX_ABSENT_SIDE_INK_SHARE)
    )


def _split_equally(cell: Cell, count: int) -> list[Cell]:
    """Split a cell into equal parts, side by side."""
    a, b, c, d = np.array(cell.corners)
    top = [(float(x), float(y)) for x, y in np.linspace(a, b, count + 1)]
    bottom = [(float(x), float(y)) for x, y in np.linspace(d, c, count + 1)]
    return [replace(cell, corners=(top[i], top[i + 1], bottom[i + 1], bottom[i])) for i in range(count)]


def _fits_a_digit(cell: Cell) -> bool:
    lowest, highest = _MIN_CELL_HEIGHT_WIDTHS, CELL_HEIGHT_RANGE_WIDTHS[1]
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


def find_comb_field_on_rule(rule: Rule, ink: MeasuredInk) -> CombField | None:
    """Find the comb field whose ticks stand on a rule; None if there is none.

    Args:
        rule: rule on the rectified page.
        ink: ink of the same page with its rules.
    """
    if rule.direction is not Direction.HORIZONTAL:
        return None
    ticks = _find_ticks(rule, ink.mask, ink.stroke_width)
    if len(ticks) < _MIN_CELLS:
        return None
    pitch = float(np.median(np.diff(ticks[:, 0])))
    if pitch < _MIN_TICK_PITCH_HEIGHTS * ink.character_height:
        return None
    expected = len(np.arange(ticks[0, 0], ticks[-1, 0] + pitch / 2, pitch))
    steps = (ticks[:, 0] - ticks[0, 0]) / pitch
    regular = abs(steps - np.rint(steps)).max() <= MAX_PITCH_ERROR_SHARE
    if not regular or len(ticks) < (1 - _MAX_MISSING_TICK_SHARE) * expected:
        return None
    pitch = (ticks[-1, 0] - ticks[0, 0]) / round(steps[-1])
    edges = [ticks[0, 0] + pitch * i for i in range(round(steps[-1]) + 1)]
    tall = max(float(np.median(ticks[:, 1])), _MIN_CELL_HEIGHT_PITCHES * pitch)
    cells = [
        Cell(
            1,
            i,
            (
                (a, rule.across_at(a) - tall),
                (b, rule.across_at(b) - tall),
                (b, rule.across_at(b)),
                (a, rule.across_at(a)),
            ),
        )
        for i, (a, b) in enumerate(itertools.pairwise(edges), 1)
    ]
    if len(cells) < _MIN_CELLS:
        return None
    return CombField(tuple(cells), tuple(_tick_as_rule(rule, *tick) for tick in ticks.tolist()))


def _tick_as_rule(line: Rule, x: float, length: float, thickness: float) -> Rule:
    return Rule(Direction.VERTICAL, line.across_at(x) - line.thickness / 2 - length, line.across_at(x), x, x, thickness)


def _inked_height_above(
    mask: Image, feet: NDArray[np.int64], columns: NDArray[np.int64], reach: int
) -> NDArray[np.int64]:
    """Number of unbroken pixels of ink upwards from each foot, at most ``reach``; shape (N,)."""
    rows = np.clip(feet[None] - np.arange(reach)[:, None], 0, mask.shape[0] - 1)
    inked = mask[rows, columns[None]] > 0
    return np.where(inked.all(axis=0), reach, np.argmin(inked, axis=0))


def _find_ticks(line: Rule, mask: Image, stroke_width: float) -> NDArray[np.float64]:
    """Ticks on a line, thin strokes of about one length: x, length and thickness of each, pixels, shape (N, 3)."""
    columns = np.arange(max(int(line.begin) - 1, 0), min(int(line.end) + 2, mask.shape[1]))
    if not columns.size:
        return np.empty((0, 3))
    reach = int(
        min(line.length / _MIN_CELLS * 2, line.across_at(float(columns[0])), line.across_at(float(columns[-1])))
    )
    if reach < 1:
        return np.empty((0, 3))
    feet = (line.across_at_begin + line.slope * (columns - line.begin) - line.thickness / 2 - 1).astype(np.int64)
    # In most columns the lowest pixels show that there is no tick.
    lowest = min(max(math.ceil(_MIN_TICK_HEIGHT_STROKES * stroke_width), 1), reach)
    lengths = _inked_height_above(mask, feet, columns, lowest)
    tall = lengths == lowest
    lengths[tall] = _inked_height_above(mask, feet[tall], columns[tall], reach)
    standing = np.concatenate([[False], lengths >= _MIN_TICK_HEIGHT_STROKES * stroke_width, [False]])
    changes = np.flatnonzero(standing[1:] != standing[:-1])
    thin = [
        ((columns[a] + columns[b - 1]) / 2, float(lengths[a:b].max()), float(b - a))
        for a, b in zip(changes[::2], changes[1::2], strict=True)
        if b - a <= _MAX_TICK_THICKNESS_STROKES * stroke_width
    ]
    ticks = np.array(thin).reshape(-1, 3)
    if not len(ticks):
        return ticks
    typical = np.median(ticks[:, 1])
    ticks = ticks[np.abs(ticks[:, 1] - typical) <= _MAX_TICK_LENGTH_DIFFERENCE_SHARE * typical + 2]
    return np.asarray(ticks, np.float64)
