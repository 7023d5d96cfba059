"""Numbers in reading order: rows on a page, and the order within a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence


_MIN_ROW_OVERLAP_SHARE = 0.35
"""Two numbers are in one row if this part of the lower one's height lies beside the other."""


@dataclass(frozen=True, slots=True)
class RowPosition:
    """Where a number stands among the others of the page."""

    index: int
    """Of its box."""
    row: int
    """From 1."""
    column: int
    """From 1."""


def assign_rows(boxes: Sequence[Box]) -> tuple[RowPosition, ...]:
    """Number rows and columns and sort into reading order.

    A number goes into the row whose last number lies most beside it: rows may
    climb or sag across the page, only neighbours must overlap.
    """
    rows: list[list[int]] = []
    for index in sorted(range(len(boxes)), key=boxes.__getitem__):
        beside = [_vertical_overlap_share(boxes[row[-1]], boxes[index]) for row in rows]
        best = max(range(len(rows)), key=beside.__getitem__, default=None)
        if best is not None and beside[best] >= _MIN_ROW_OVERLAP_SHARE:
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
    """Part of the lower box's height that lies beside the other."""
    shared = min(a.bottom, b.bottom) - max(a.y, b.y)
    return shared / min(a.height, b.height)
