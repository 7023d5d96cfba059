"""Find the boxes to tick that somebody ticked: a cross cuts their paper into triangles, but leaves their sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cv2.typing import MatLike
    from numpy.typing import NDArray

    from scanner.form_making.printed_cells import PrintedLines

_MIN_SIDE_COVERAGE = 0.85
"""Minimum share of each side that is a line."""
_MAX_OFFSET_SHARE = 0.12
"""Maximum difference of a side from its place, and of boxes of one size, relative to their size."""
_MAX_OFFSET_IN_LINE_SHARE = 0.25
"""Maximum offset of boxes in one line, in their size."""
_MIN_LIKE = 2
"""Fewest boxes of a size of which more are looked for: one alone may be anything."""


def find_boxes_like(empty: Sequence[Box], lines: PrintedLines, taken: Iterable[Box]) -> tuple[Box, ...]:
    """Find boxes of the same sizes as some, in line with one of them, by their sides alone.

    Args:
        empty: the paper within boxes that were found.
        lines: lines of the page.
        taken: where none are looked for: cells that were found.

    Returns:
        The paper within the others.
    """
    found: list[Box] = []
    occupied = list(taken)
    for group in _groups_of_one_size(empty):
        if len(group) < _MIN_LIKE:
            continue
        for box in _boxes_of_size(lines, group[0].width, group[0].height):
            if any(_are_in_line(box, other) for other in group) and not any(_overlap(box, other) for other in occupied):
                found.append(box)
                occupied.append(box)
    return tuple(found)


def _groups_of_one_size(boxes: Iterable[Box]) -> list[list[Box]]:
    groups: list[list[Box]] = []
    for box in boxes:
        for group in groups:
            sides = ((box.width, group[0].width), (box.height, group[0].height))
            if all(abs(own - other) <= _MAX_OFFSET_SHARE * other for own, other in sides):
                group.append(box)
                break
        else:
            groups.append([box])
    return groups


def _are_in_line(a: Box, b: Box) -> bool:
    """Whether boxes of one size are side by side, or below each other."""
    beside, below = abs(a.center[1] - b.center[1]) / b.height, abs(a.center[0] - b.center[0]) / b.width
    return min(beside, below) <= _MAX_OFFSET_IN_LINE_SHARE


def _boxes_of_size(lines: PrintedLines, width: int, height: int) -> list[Box]:
    """Boxes with a line along each side."""
    rows, columns = lines.horizontal.shape
    if width + 2 >= columns or height + 2 >= rows:
        return []
    reach = max(round(_MAX_OFFSET_SHARE * min(width, height)), 1)
    across = _covered(cv2.dilate(lines.horizontal, np.ones((2 * reach + 1, 1), np.uint8)), width, 1)
    down = _covered(cv2.dilate(lines.vertical, np.ones((1, 2 * reach + 1), np.uint8)), 1, height)
    # Paper from (x, y) on has lines at y - 1 and y + height, and at x - 1 and x + width.
    sides = (
        across[: rows - height - 1, 1 : columns - width],
        across[height + 1 :, 1 : columns - width],
        down[1 : rows - height, : columns - width - 1],
        down[1 : rows - height, width + 1 :],
    )
    fits = np.logical_and.reduce(sides).astype(np.uint8)
    _, _, _, middles = cv2.connectedComponentsWithStats(fits, connectivity=8, ltype=cv2.CV_32S)
    return [Box(round(x) + 1, round(y) + 1, width, height) for x, y in middles[1:].tolist()]


def _covered(mask: MatLike, width: int, height: int) -> NDArray[np.bool_]:
    """Whether enough of the window of this size that begins at each pixel is part of a mask."""
    share = cv2.boxFilter(mask, cv2.CV_32F, (width, height), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(share >= _MIN_SIDE_COVERAGE * 255)


def _overlap(a: Box, b: Box) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom
