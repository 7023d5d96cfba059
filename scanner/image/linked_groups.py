"""Group items that are linked in pairs: pixel runs that touch, boxes side by side, rules that meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def group_roots(count: int, first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.int64]:
    """Find the groups of items that are linked directly or through others.

    ``scipy.sparse.csgraph.connected_components`` finds the same groups: the 88,000 pixel runs of a letter page in 7 ms
    instead of 14, but the usual few hundred in 0.14 ms instead of 0.07; and importing it would add 0.3 s to the start
    of every worker.

    Args:
        count: number of items.
        first: one item of each linked pair, shape (P,).
        second: the other item, shape (P,).

    Returns:
        For each item the smallest index in its group, shape (count,).
    """
    roots = np.arange(count)
    while first.size:
        one, other = roots[first], roots[second]
        np.minimum.at(roots, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(further := roots[roots], roots):
            roots = further
        apart = roots[first] != roots[second]
        first, second = first[apart], second[apart]
    return roots
