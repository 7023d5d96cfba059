"""Complete combs of which writing hides a part: a form repeats a comb, and sets one below the other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_SIZE_DIFFERENCE_SHARE = 0.1
"""Maximum difference of the sizes of combs that are the same."""
_MAX_OFFSET_SHARE = 0.2
"""Maximum offset of a divider from its place, in cell widths."""
_MIN_DIVIDER_SHARE = 0.5
"""Minimum share of the dividers that are seen of a comb whose like is on the page."""
_MIN_OCCURRENCES = 2
"""Fewest combs below each other to which others are completed, and more than there are like those: one alone may be
wider by a cell."""
_MAX_HEIGHT_RATIO = 2.5
"""Maximum ratio of the heights of such combs: one may have room for larger digits."""


@dataclass(frozen=True, slots=True)
class Comb:
    """Cells of equal width side by side."""

    box: Box
    """All of them."""
    cells: int
    """How many."""

    @property
    def pitch(self) -> float:
        """Width of a cell, pixels."""
        return self.box.width / self.cells

    @property
    def dividers(self) -> tuple[float, ...]:
        """Places of the lines between cells."""
        return tuple(self.box.x + self.pitch * number for number in range(1, self.cells))


def complete_combs(combs: Sequence[Comb], parts: Sequence[Sequence[Box]]) -> list[Comb]:
    """Find the combs that are like others on the page, though a part of each is not seen.

    Args:
        combs: combs that were found, some perhaps without their first or last cells.
        parts: neighbouring cells that are no comb by themselves, each at least one.

    Returns:
        All combs; none overlaps another by its middle.
    """
    completed: list[Comb] = []
    for comb in combs:
        whole = _below_another(comb.box, (comb.box,), combs)
        completed.append(comb if whole is None else whole)
    for part in parts:
        box = Box.around(part)
        found = _like_another(box, part, combs) or _below_another(box, part, combs)
        if found is not None:
            completed.append(found)
    distinct: list[Comb] = []
    for comb in sorted(completed, key=lambda comb: -comb.cells):
        if not any(_share_middle(comb.box, other.box) for other in distinct):
            distinct.append(comb)
    return distinct


def _like_another(box: Box, part: Sequence[Box], combs: Sequence[Comb]) -> Comb | None:
    """The comb of the size of another, if half of the dividers are seen."""
    seen = np.array([(a.right + b.x) / 2 for a, b in pairwise(part)])
    for comb in combs:
        sizes = ((box.width, comb.box.width), (box.height, comb.box.height))
        if not len(seen) or any(abs(own - other) > _MAX_SIZE_DIFFERENCE_SHARE * other for own, other in sizes):
            continue
        places = np.array(comb.dividers) + box.x - comb.box.x
        offsets = np.abs(places[:, None] - seen).min(axis=1)
        if (offsets <= _MAX_OFFSET_SHARE * comb.pitch).mean() >= _MIN_DIVIDER_SHARE:
            return Comb(box, comb.cells)
    return None


def _below_another(box: Box, part: Sequence[Box], combs: Sequence[Comb]) -> Comb | None:
    """The comb above or below another one, as wide, if a cell or some begin and end where cells of the other do."""
    for comb in combs:
        tolerance = _MAX_OFFSET_SHARE * comb.pitch
        edges = np.array([comb.box.x, *comb.dividers, comb.box.right])
        is_part = comb.box.x - tolerance <= box.x and box.right <= comb.box.right + tolerance
        if (
            not is_part
            or _occurrences(comb.box, combs) < max(_MIN_OCCURRENCES, _occurrences(box, combs) + 1)
            or box.width > comb.box.width - comb.pitch / 2
            or max(box.height, comb.box.height) > _MAX_HEIGHT_RATIO * min(box.height, comb.box.height)
        ):
            continue
        fits = (
            cell.width > comb.pitch / 2
            and np.abs(edges - cell.x).min() <= tolerance
            and np.abs(edges - cell.right).min() <= tolerance
            for cell in part
        )
        if any(fits):
            return Comb(Box(comb.box.x, box.y, comb.box.width, box.height), comb.cells)
    return None


def _occurrences(box: Box, combs: Sequence[Comb]) -> int:
    """Number of combs that begin and end where a box does."""
    return sum(
        max(abs(comb.box.x - box.x), abs(comb.box.right - box.right)) <= _MAX_OFFSET_SHARE * comb.pitch
        for comb in combs
    )


def _share_middle(a: Box, b: Box) -> bool:
    return a.includes(b.center) or b.includes(a.center)
