"""Find which points lie in which intervals without comparing every pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

_MAX_PAIRS_PER_BLOCK = 1_000_000
"""Pairs yielded at a time: a page of noise has more than fit into memory."""


def points_within(
    points: ArrayLike, low: ArrayLike, high: ArrayLike
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Find the points from ``low`` to ``high`` of each interval, both included.

    Args:
        points: shape (N,), in any order.
        low: lower ends of the intervals, shape (M,).
        high: upper ends, shape (M,); an interval that ends before it begins holds none.

    Yields:
        Index of the interval and index of the point for each pair, in blocks; all pairs of one interval come in one
        block.
    """
    points = np.asarray(points)
    order = np.argsort(points, kind="stable")
    ordered = points[order]
    first = np.searchsorted(ordered, low, side="left")
    count = np.maximum(np.searchsorted(ordered, high, side="right") - first, 0)
    total = np.cumsum(count)
    begin = 0
    while begin < len(count):
        before = int(total[begin - 1]) if begin else 0
        end = max(int(np.searchsorted(total, before + _MAX_PAIRS_PER_BLOCK, side="right")), begin + 1)
        intervals = np.repeat(np.arange(begin, end), count[begin:end])
        nth_inside = np.arange(len(intervals)) - (total[begin:end] - count[begin:end] - before)[intervals - begin]
        yield intervals, order[first[intervals] + nth_inside]
        begin = end
