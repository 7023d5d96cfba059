"""Pair true numbers with readings by where they are.

Both functions return pairs of an index into the truth and one into the readings, None where there is no counterpart;
each index occurs exactly once.  A reading with empty text, found but not read, is paired only if nothing else is there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from scanner.evaluation.alignment import MIN_BOX_IOU, intersection_over_union

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.evaluation.alignment import IndexPair
    from scanner.evaluation.ground_truth import Point
    from scanner.types import Box

    _Candidate = tuple[tuple[float, ...], int, int]


def match_boxes_loosely(
    true_boxes: Sequence[Box],
    true_texts: Sequence[str | None],
    read_boxes: Sequence[Box],
    read_texts: Sequence[str],
) -> list[IndexPair]:
    """Pair each box with a reading whose middle lies in it, or that overlaps it as detections are matched.

    Transcribers draw boxes loosely: they hold parts of neighbours, or lines below.  A reading belongs to that of its
    boxes which it overlaps most, and only if another reading took that one, to another.  Of several readings of a box
    one with the right text is taken, or else the one that overlaps it most.

    Args:
        true_boxes: boxes of the true numbers.
        true_texts: their texts; None for one that a person could not read.
        read_boxes: boxes of the readings.
        read_texts: their texts.
    """
    overlaps = {
        (i, j): overlap
        for i, j in _touching(map(_sides, true_boxes), map(_sides, read_boxes))
        if (overlap := intersection_over_union(true_boxes[i], read_boxes[j])) >= MIN_BOX_IOU
        or true_boxes[i].includes(read_boxes[j].center)
    }
    largest: defaultdict[int, float] = defaultdict(float)
    for (_, j), overlap in overlaps.items():
        largest[j] = max(largest[j], overlap)
    candidates = (
        ((not read_texts[j], overlap < largest[j], true_texts[i] != read_texts[j], -overlap), i, j)
        for (i, j), overlap in overlaps.items()
    )
    return _match_greedily(candidates, len(true_boxes), len(read_boxes))


def match_places(places: Sequence[Point], read_boxes: Sequence[Box], read_texts: Sequence[str]) -> list[IndexPair]:
    """Pair each place with the reading found there.

    A reading is found at a place that lies in its box, or that is at most its height away from its middle.  Nearest
    pairs go first, those with the place in the box before the others.

    Args:
        places: middle of each true number.
        read_boxes: boxes of the readings.
        read_texts: their texts.
    """
    candidates = (
        ((not read_texts[j], not inside, distance), i, j)
        for i, j in _touching(((*place, *place) for place in places), (_sides(box, box.height) for box in read_boxes))
        for box in [read_boxes[j]]
        for inside, distance in [(box.includes(places[i]), math.dist(box.center, places[i]))]
        if inside or distance <= box.height
    )
    return _match_greedily(candidates, len(places), len(read_boxes))


def _sides(box: Box, margin: int = 0) -> tuple[int, int, int, int]:
    """The left, upper, right and lower sides of a box with a margin."""
    return box.x - margin, box.y - margin, box.right + margin, box.bottom + margin


def _touching(first: Iterable[Sequence[float]], second: Iterable[Sequence[float]]) -> list[tuple[int, int]]:
    """The pairs of boxes, given by their sides, that overlap or touch: an index into each."""
    # Few of a page's boxes are near each other, so that the others are better left out all together.
    a, b = (np.array(list(sides), np.float64).reshape(-1, 4) for sides in (first, second))
    touch = (a[:, None, :2] <= b[:, 2:]).all(axis=2) & (b[:, :2] <= a[:, None, 2:]).all(axis=2)
    return [(i, j) for i, j in np.argwhere(touch).tolist()]


def _match_greedily(candidates: Iterable[_Candidate], true_count: int, read_count: int) -> list[IndexPair]:
    """Take pairs by increasing rank, each index once."""
    partner: dict[int, int] = {}
    used: set[int] = set()
    for _, i, j in sorted(candidates):
        if i not in partner and j not in used:
            partner[i] = j
            used.add(j)
    return [(i, partner.get(i)) for i in range(true_count)] + [(None, j) for j in range(read_count) if j not in used]
