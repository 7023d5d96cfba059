"""Comb fields: strips of boxes, or of ticks on a line, with room for one digit each."""

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

    from scanner.layout.tables import Table
    from scanner.types import Image

_MIN_CELLS = 3
"""Cells: two boxes side by side may be anything."""
_MAX_CELL_SIZE_DIFFERENCE_SHARE = 0.25
"""A cell's width, and its height, differ from the median by at most this part of it."""
_CELL_HEIGHT_RANGE_WIDTHS = (0.7, 2.5)
"""Height of a cell in widths: what is lower has room for more than one digit."""
_MAX_FRAME_GAP_WIDTHS = 0.6
"""Separate boxes of one strip stand at most this many widths apart."""
_MIN_CELL_HEIGHT_PITCHES = 1.3
"""A cell between ticks is this many widths high, if the ticks are lower: the digits stand higher than they."""
_MAX_TICK_THICKNESS_STROKES = 2.5
"""Stroke widths."""
_MIN_TICK_HEIGHT_STROKES = 2.0
"""Stroke widths: less is the raggedness of the line."""
_MAX_MERGED_CELLS = 3
"""Cells that may look like one since the sides between them were lost.  If they are more, or stand at an end, ..."""
_MIN_LOST_SIDE_INK_SHARE = 0.3
"""... the sides have left ink in this part of their length, ..."""
_MAX_ABSENT_SIDE_INK_SHARE = 0.1
"""... or it is one and there is nothing in its place: a name in one cell would stand there."""
_MAX_PITCH_ERROR_SHARE = 0.12
"""Sides and ticks are off their regular places by at most this part of the pitch: strokes are not so regular."""
_MAX_TICK_LENGTH_DIFFERENCE_SHARE = 0.25
"""Ticks differ in length by at most this part of it, and two pixels."""
_MAX_MISSING_TICK_SHARE = 0.2
"""This part of the ticks may be hidden by digits or lost."""
_MIN_TICK_PITCH_HEIGHTS = 0.8
"""Pitch of the ticks, in character heights, at least."""


@dataclass(frozen=True, slots=True)
class CombField:
    """Cells for one digit each, which together hold one number."""

    cells: tuple[Cell, ...]
    """From left to right: row 1, columns from 1."""
    ticks: tuple[Rule, ...] = ()
    """Upright lines that part the cells, if they stand on a line by themselves."""

    @property
    def box(self) -> Box:
        """Around all cells."""
        return Box.around(cell.box for cell in self.cells)


def find_comb_fields_in_table(table: Table, mask: Image) -> tuple[CombField, ...]:
    """Strips among the rows of a table: neighbours of one width whose sides end with the row.

    Where the sides go on above or below, the table has columns, with a number in each.

    Args:
        table: of the straightened page.
        mask: ink of the same page with its rules, shape (H, W).
    """
    found = []
    for row in range(1, table.row_count + 1):
        cells = _split_at_lost_sides([cell for cell in table.cells if cell.row == row], mask)
        for strip in _find_equal_neighbours(cells):
            between = range(strip[0].column + 1, strip[-1].column + strip[-1].column_span)
            goes_on = any(
                edge in between
                for cell in table.cells
                if cell.row + cell.row_span == row or cell.row == row + strip[0].row_span
                for edge in (cell.column, cell.column + cell.column_span)
            )
            if not goes_on:
                found.append(_build_comb_field(strip))
    return tuple(found)


def _split_at_lost_sides(cells: Sequence[Cell], mask: Image) -> list[Cell]:
    """Cells of a row, those by cells for a digit that are several as wide parted: the sides between were lost."""
    fitting = [_fits_a_digit(cell) for cell in cells]
    if sum(fitting) < _MIN_CELLS:
        return list(cells)
    pitch = float(np.median([cell.width for cell, fits in zip(cells, fitting, strict=True) if fits]))
    found: list[Cell] = []
    for index, cell in enumerate(cells):
        count = round(cell.width / pitch)
        before, behind = index > 0 and fitting[index - 1], index < len(cells) - 1 and fitting[index + 1]
        regular = abs(cell.width - count * pitch) <= _MAX_PITCH_ERROR_SHARE * pitch
        parts = _split_equally(cell, count) if (before or behind) and regular and count > 1 else [cell]
        among = before and behind and count <= _MAX_MERGED_CELLS
        found.extend(parts if among or _are_sides_lost(parts, mask) else [cell])
    return found


def _are_sides_lost(parts: Sequence[Cell], mask: Image) -> bool:
    """Whether what stands between these cells may be sides that were lost, and is nothing else."""
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
    """A cell in equal parts, side by side."""
    a, b, c, d = np.array(cell.corners)
    top = [(float(x), float(y)) for x, y in np.linspace(a, b, count + 1)]
    bottom = [(float(x), float(y)) for x, y in np.linspace(d, c, count + 1)]
    return [replace(cell, corners=(top[i], top[i + 1], bottom[i + 1], bottom[i])) for i in range(count)]


def _fits_a_digit(cell: Cell) -> bool:
    return _CELL_HEIGHT_RANGE_WIDTHS[0] * cell.width <= cell.height <= _CELL_HEIGHT_RANGE_WIDTHS[1] * cell.width


def find_comb_fields_in_frames(form_frames: Iterable[Cell]) -> tuple[CombField, ...]:
    """Strips of separate boxes in one row."""
    chains: list[list[Cell]] = []
    for cell in sorted(form_frames, key=lambda cell: cell.box.x):
        for chain in chains:
            left = chain[-1]
            gap = cell.corners[0][0] - left.corners[1][0]
            beside = abs(cell.corners[0][1] - left.corners[1][1])
            if (
                -cell.width / 2 < gap <= _MAX_FRAME_GAP_WIDTHS * left.width
                and beside <= _MAX_CELL_SIZE_DIFFERENCE_SHARE * left.height
            ):
                chain.append(cell)
                break
        else:
            chains.append([cell])
    return tuple(
        _build_comb_field(strip)
        for chain in chains
        for strip in _find_equal_neighbours(chain, touching=_MAX_FRAME_GAP_WIDTHS)
    )


def _find_equal_neighbours(cells: Sequence[Cell], touching: float = 0.1) -> list[list[Cell]]:
    """Longest strips of neighbours of about one size that fit a digit, ``touching`` widths apart at most."""
    strips: list[list[Cell]] = []
    for cell in cells:
        if not _fits_a_digit(cell):
            continue
        if strips:
            strip = strips[-1]
            width, height = (float(np.median([getattr(x, side) for x in strip])) for side in ("width", "height"))
            near = cell.corners[0][0] - strip[-1].corners[1][0] <= touching * width
            alike = (
                abs(cell.width - width) <= _MAX_CELL_SIZE_DIFFERENCE_SHARE * width
                and abs(cell.height - height) <= _MAX_CELL_SIZE_DIFFERENCE_SHARE * height
            )
            if near and alike and cell.row_span == strip[-1].row_span:
                strip.append(cell)
                continue
        strips.append([cell])
    return [strip for strip in strips if len(strip) >= _MIN_CELLS]


def _build_comb_field(strip: Iterable[Cell]) -> CombField:
    return CombField(
        tuple(replace(cell, row=1, column=i, row_span=1, column_span=1) for i, cell in enumerate(strip, 1))
    )


def find_comb_field_on_rule(rule: Rule, mask: Image, stroke_width: float, character_height: float) -> CombField | None:
    """The cells between ticks that stand on a level rule, if there are ticks.

    Args:
        rule: level.
        mask: ink with its rules, shape (H, W).
        stroke_width: typical, pixels.
        character_height: of a character, pixels.
    """
    if rule.direction is not Direction.HORIZONTAL:
        return None
    ticks = _find_ticks(rule, mask, stroke_width)
    if len(ticks) < _MIN_CELLS:
        return None
    pitch = float(np.median(np.diff(ticks[:, 0])))
    if pitch < _MIN_TICK_PITCH_HEIGHTS * character_height:
        return None
    places = np.arange(ticks[0, 0], ticks[-1, 0] + pitch / 2, pitch)
    step = (ticks[:, 0] - ticks[0, 0]) / pitch
    if abs(step - np.rint(step)).max() > _MAX_PITCH_ERROR_SHARE or len(ticks) < (1 - _MAX_MISSING_TICK_SHARE) * len(
        places
    ):
        return None
    pitch = (ticks[-1, 0] - ticks[0, 0]) / round(step[-1])
    edges = [ticks[0, 0] + pitch * i for i in range(round(step[-1]) + 1)]
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
    """How many pixels in a row upwards from each foot are ink, ``reach`` at most; shape (N,)."""
    rows = np.clip(feet[None] - np.arange(reach)[:, None], 0, mask.shape[0] - 1)
    inked = mask[rows, columns[None]] > 0
    return np.where(inked.all(axis=0), reach, np.argmin(inked, axis=0))


def _find_ticks(line: Rule, mask: Image, stroke_width: float) -> NDArray[np.float64]:
    """Shape (N, 3): where thin strokes of one length stand on the line, that length, and how thick they are."""
    columns = np.arange(max(int(line.begin) - 1, 0), min(int(line.end) + 2, mask.shape[1]))
    if not columns.size:
        return np.empty((0, 3))
    reach = int(
        min(line.length / _MIN_CELLS * 2, line.across_at(float(columns[0])), line.across_at(float(columns[-1])))
    )
    if reach < 1:
        return np.empty((0, 3))
    feet = (line.across_at_begin + line.slope * (columns - line.begin) - line.thickness / 2 - 1).astype(np.int64)
    # Most columns are done with a look at the lowest pixels, and need no look at all a tick may have.
    lowest = min(max(math.ceil(_MIN_TICK_HEIGHT_STROKES * stroke_width), 1), reach)
    lengths = _inked_height_above(mask, feet, columns, lowest)
    tall = lengths == lowest
    lengths[tall] = _inked_height_above(mask, feet[tall], columns[tall], reach)
    standing = np.concatenate([[False], lengths >= _MIN_TICK_HEIGHT_STROKES * stroke_width, [False]])
    changes = np.flatnonzero(standing[1:] != standing[:-1])
    found = [
        ((columns[a] + columns[b - 1]) / 2, float(lengths[a:b].max()), float(b - a))
        for a, b in zip(changes[::2], changes[1::2], strict=True)
        if b - a <= _MAX_TICK_THICKNESS_STROKES * stroke_width
    ]
    ticks = np.array(found).reshape(-1, 3)
    if not len(ticks):
        return ticks
    typical = np.median(ticks[:, 1])
    ticks = ticks[np.abs(ticks[:, 1] - typical) <= _MAX_TICK_LENGTH_DIFFERENCE_SHARE * typical + 2]
    return np.asarray(ticks, np.float64)
