"""Count the ascenders and descenders of print.

Lines of print have several times as many ascenders and capitals as descenders (Caprari, "Algorithm for text page
up/down orientation determination", Pattern Recognition Letters 2000).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.image.interval_search import points_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAX_VOTERS = 400
"""Maximum number of characters that are compared with their neighbours, evenly spread over the page.  A choice."""
_MAX_NEIGHBOUR_SIZE_RATIO = 2.0
"""Maximum ratio of the longer sides of neighbours.  A choice."""
_MAX_NEIGHBOUR_DISTANCE_SIZES = 1.0
"""Maximum distance of neighbours, in longer sides of the character.  A choice."""
_MAX_ALIGNED_OFFSET_HEIGHTS = 0.1
"""Maximum offset of the lower, or the upper, edges of aligned neighbours, in heights of the lower one.  A choice."""
_MIN_PROTRUSION_HEIGHTS = 0.2
"""Minimum height of an ascender above its neighbour, and depth of a descender below it, in heights of the lower one.  A
choice."""


def count_ascenders_and_descenders(boxes: NDArray[np.int32]) -> tuple[int, int]:
    """Count the characters that stand higher than their nearest neighbour, and those that reach lower.

    Args:
        boxes: x, y, width, height of the characters, pixels, shape (N, 4).

    Returns:
        Pairs side by side whose lower edges are aligned, but not their upper ones; and the other way round.
    """
    if not len(boxes):
        return 0, 0
    x, y, width, height = boxes.T.astype(np.float64)
    right, bottom, longer = x + width, y + height, np.maximum(width, height)
    one, other = _nearest_neighbours(x, y, right, bottom, longer)
    # Only pairs that overlap in height, and not in width.
    beside = _gaps_between(x[one], right[one], x[other], right[other]) > 0
    beside &= _gaps_between(y[one], bottom[one], y[other], bottom[other]) == 0
    one, other = one[beside], other[beside]
    lower = np.minimum(height[one], height[other])
    at_top, at_bottom = np.abs(y[one] - y[other]) / lower, np.abs(bottom[one] - bottom[other]) / lower
    ascenders = (at_bottom < _MAX_ALIGNED_OFFSET_HEIGHTS) & (at_top > _MIN_PROTRUSION_HEIGHTS)
    descenders = (at_top < _MAX_ALIGNED_OFFSET_HEIGHTS) & (at_bottom > _MIN_PROTRUSION_HEIGHTS)
    return int(np.count_nonzero(ascenders)), int(np.count_nonzero(descenders))


def _nearest_neighbours(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    right: NDArray[np.float64],
    bottom: NDArray[np.float64],
    longer: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of characters, evenly spread, that have a neighbour of their size, and of the nearest one of each."""
    voters = evenly_spread_indices(len(x), _MAX_VOTERS)
    reach = _MAX_NEIGHBOUR_DISTANCE_SIZES * longer[voters]
    highest = float((bottom - y).max(initial=0))
    near = []
    for which, other in points_within(y, y[voters] - reach - highest, bottom[voters] + reach):
        one = voters[which]
        # Most of the characters at that height are too far to the side.
        close = _gaps_between(x[one], right[one], x[other], right[other]) <= reach[which]
        one, other = one[close], other[close]
        across = _gaps_between(x[one], right[one], x[other], right[other])
        down = _gaps_between(y[one], bottom[one], y[other], bottom[other])
        distance = np.hypot(across, down)
        alike = (
            (longer[other] <= _MAX_NEIGHBOUR_SIZE_RATIO * longer[one])
            & (longer[other] >= longer[one] / _MAX_NEIGHBOUR_SIZE_RATIO)
            & (one != other)
        )
        fitting = alike & (distance <= _MAX_NEIGHBOUR_DISTANCE_SIZES * longer[one])
        near.append((one[fitting], other[fitting], distance[fitting]))
    one, other, distance = (np.concatenate(column) for column in zip(*near, strict=True))
    order = np.lexsort((other, distance, one))
    one, first = np.unique(one[order], return_index=True)
    return one, other[order][first]


def _gaps_between(
    begin: NDArray[np.float64], end: NDArray[np.float64], other: NDArray[np.float64], other_end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Gap between spans, pixels; 0 where they overlap."""
    return np.asarray(np.maximum(np.maximum(begin - other_end, other - end), 0))


def evenly_spread_indices(count: int, limit: int) -> NDArray[np.int64]:
    """Indices of at most ``limit`` of ``count`` items, evenly spread."""
    return np.arange(count) if count <= limit else np.linspace(0, count - 1, limit).astype(np.int64)
