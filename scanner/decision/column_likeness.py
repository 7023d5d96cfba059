"""How like the other numbers in its column of a table each number is."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.decision.located_numbers import LocatedNumber
    from scanner.decision.reader_fusion import FusedReading
    from scanner.types import Box

TablePlace = tuple[int, int, int]
"""Table, row and column, each from 1."""
_MAX_LOG_RATIO = 2.0
"""Largest logarithm of a ratio of sizes, and its negative."""
_MIN_COLUMN_NUMBERS = 3
"""Minimum number of others in a column that a number is compared with."""
_UNDECIDED_NUMBERS = 2
"""Number of others, half of them like it, that are added to those: three say less than thirty.  A choice."""


def table_places(numbers: Sequence[LocatedNumber], boxes: Sequence[Box]) -> list[TablePlace | None]:
    """Table, row and column of each number; None outside of tables, and in cells with several lines of numbers.

    Those are room to write in: what stands there is not like what stands above.
    """
    places = [(number.table, number.row, number.column) for number in numbers]
    members: dict[TablePlace, list[Box]] = {}
    for place, box in zip(places, boxes, strict=True):
        members.setdefault(place, []).append(box)
    roomy = {
        place
        for place, inside in members.items()
        if any(a.bottom < b.center[1] and a.center[1] < b.y for a, b in itertools.permutations(inside, 2))
    }
    return [place if place[0] and place[2] and place not in roomy else None for place in places]


def others_in_cell(places: Sequence[TablePlace | None]) -> list[float]:
    """Number of others in the same cell of a table, two at most."""
    counts = Counter(places)
    return [0.0 if place is None else float(min(counts[place] - 1, 2)) for place in places]


def column_likeness(
    places: Sequence[TablePlace | None], readings: Sequence[FusedReading], boxes: Sequence[Box]
) -> NDArray[np.float64]:
    """How like the others in its column each number is, in its digits, its decimals and its height: shape (N, 3)."""
    columns: dict[tuple[int, int], list[int]] = {}
    for index, place in enumerate(places):
        if place is not None:
            columns.setdefault((place[0], place[2]), []).append(index)
    likeness = np.zeros((len(places), 3))
    for members in columns.values():
        if len(members) <= _MIN_COLUMN_NUMBERS:
            continue
        forms = [(len(readings[index].digits), _decimals(readings[index].text)) for index in members]
        counts = [Counter(values) for values in zip(*forms, strict=True)]
        heights = np.array([boxes[index].height for index in members], np.float64)
        for index, form in zip(members, forms, strict=True):
            same = [of_value[value] - 1 for of_value, value in zip(counts, form, strict=True)]
            likeness[index, :2] = (np.array(same) + 0.5 * _UNDECIDED_NUMBERS) / (
                len(members) - 1 + _UNDECIDED_NUMBERS
            ) - 0.5
            likeness[index, 2] = -abs(log_ratio(boxes[index].height, float(np.median(heights))))
    return likeness


def _decimals(text: str) -> int:
    """Number of characters behind the last point or comma; 0 without one."""
    return len(text) - 1 - max(text.rfind("."), text.rfind(",")) if "." in text or "," in text else 0


def log_ratio(value: float, reference: float) -> float:
    """Logarithm of a ratio of sizes, ``_MAX_LOG_RATIO`` at most either way."""
    ratio = math.log(max(value, 1e-3) / max(reference, 1e-3))
    return float(np.clip(ratio, -_MAX_LOG_RATIO, _MAX_LOG_RATIO))
