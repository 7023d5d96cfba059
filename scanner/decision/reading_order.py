"""Bring the numbers of a page into reading order: rows from the top, and columns from the left within a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence


_MIN_ROW_OVERLAP_SHARE = 0.35
"""Minimum vertical overlap of neighbours in one row, as a share of the lower one's height."""


@dataclass(frozen=True, slots=True)
class RowPosition:
    """Row and column of a number among all numbers of the page."""

    index: int
    """Index of its box in the input."""
    row: int
    """From 1."""
    column: int
    """From 1."""


def assign_rows(boxes: Sequence[Box]) -> tuple[RowPosition, ...]:
    """Number the rows and columns of a page, and sort into reading order.

    A number joins the row whose last number it overlaps most, vertically: a row may climb or sag across the page, since
    only neighbours must overlap.

    Args:
        boxes: boxes of the numbers, in any order.

    Returns:
        One position per box, by row, then column.
    """
    rows: list[list[int]] = []
    for index in sorted(range(len(boxes)), key=boxes.__getitem__):
        overlaps = [_vertical_overlap_share(boxes[row[-1]], boxes[index]) for row in rows]
        best = max(range(len(rows)), key=overlaps.__getitem__, default=None)
        if best is not None and overlaps[best] >= _MIN_ROW_OVERLAP_SHARE:
            rows[best].append(index)
        else:
            rows.append([index])
    rows.sort(key=lambda row: sum(boxes[index].center[1] for index in row) / len(row))
    return tuple(
        RowPosition(index, row_number, column)
        for row_number, row in enumerate(rows, 1)
        for column, index in enumerate(row, 1)
    )


def _vertical_overlap_share(a: Box, b: Box) -> float:
    """Vertical overlap of two boxes as a share of the lower one's height; negative if they do not overlap."""
    shared = min(a.bottom, b.bottom) - max(a.y, b.y)
    return shared / min(a.height, b.height)
