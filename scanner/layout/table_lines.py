"""Lines of a table: the rules at one position, in the coordinates of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MIN_LINE_COVERAGE_SHARE = 0.5
"""Minimum share of the common side of two cells along which the line between them runs: noise may have removed the
rest.  A choice."""


@dataclass(frozen=True, slots=True, eq=False)
class TableLine:
    """The rules of a table at one position across."""

    position: float
    """Mean position of its rules across, weighted by length, pixels."""
    spans: NDArray[np.float64]
    """Where its rules begin and end along the line, shape (N, 2)."""

    def covers(self, begin: float, end: float) -> bool:
        """Whether its rules run along enough of the way from ``begin`` to ``end``."""
        shared = np.minimum(self.spans[:, 1], end) - np.maximum(self.spans[:, 0], begin)
        return float(np.maximum(shared, 0).sum()) >= MIN_LINE_COVERAGE_SHARE * (end - begin)


def merge_into_lines(ends: Sequence[tuple[float, ...]], tolerance: float) -> list[TableLine]:
    """Merge rules that have about the same position across.

    Args:
        ends: (across, along) at the beginning and at the end of each rule, in the coordinates of the table.
        tolerance: maximum distance, pixels, from one rule of a line to the next.

    Returns:
        Lines by position.
    """
    spans = sorted(((first + last) / 2, begin, end) for first, begin, last, end in ends)
    lines: list[TableLine] = []
    start = 0
    for index in range(1, len(spans) + 1):
        if index == len(spans) or spans[index][0] - spans[index - 1][0] > tolerance:
            across, begin, end = np.array(spans[start:index]).T
            lines.append(TableLine(float(np.average(across, weights=end - begin)), np.stack([begin, end], axis=1)))
            start = index
    return lines


def remove_lines_ending_between(
    lines: list[TableLine], perpendicular: list[TableLine], tolerance: float
) -> list[TableLine]:
    """Remove lines that end between two perpendicular ones: long pen strokes, and underlines in a cell."""
    if not perpendicular:
        return lines
    positions = np.array([line.position for line in perpendicular])

    def may_end(at: float) -> bool:
        return at < positions[0] or at > positions[-1] or float(np.abs(positions - at).min()) <= tolerance

    return [line for line in lines if may_end(float(line.spans.min())) and may_end(float(line.spans.max()))]


def add_lost_sides(lines: list[TableLine], perpendicular: list[TableLine], tolerance: float) -> list[TableLine]:
    """Add lost outer sides: where the perpendicular lines run beyond the outermost line, all to one position."""
    if len(perpendicular) < 2 or not lines:
        return lines
    begins = sorted(float(line.spans[:, 0].min()) for line in perpendicular)
    ends = sorted((float(line.spans[:, 1].max()) for line in perpendicular), reverse=True)
    positions = [line.position for line in perpendicular]
    whole = np.array([[min(positions), max(positions)]])
    if lines[0].position - begins[0] > 2 * tolerance and begins[1] - begins[0] <= tolerance:
        lines = [TableLine((begins[0] + begins[1]) / 2, whole), *lines]
    if ends[0] - lines[-1].position > 2 * tolerance and ends[0] - ends[1] <= tolerance:
        lines = [*lines, TableLine((ends[0] + ends[1]) / 2, whole)]
    return lines
