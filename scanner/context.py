"""What ink is, judged with what stands beside it: the letters of a word agree, and so do the cells of a column.

The page network judges each piece of ink by what it sees around; here the
pieces that belong together by the layout of the page are heard together.  The
log odds of a piece, of its word, of its line and of its column are added with
weights (naive Bayes, its independence tempered by weights below one).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.kinds import InkKind
from scanner.runs import chains

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from scanner.cells import InCells

_WORD_GAP = 0.45
"""The letters of a word, and the digits of a number, stand at most this many heights apart ..."""
_LINE_GAP = 1.6
"""... and those of a line, or in boxes side by side, this many."""
_WORD_WEIGHT = 0.6
_LINE_WEIGHT = 0.4
_COLUMN_WEIGHT = 0.5
"""How much company counts beside a piece's own look."""
_FEWEST_CELLS = 3
"""A column speaks for its cells if so many others in it hold ink."""
_MAY_BE = 0.1
"""Only pieces that are digits with this probability, and what is beside them, are judged together: a page of print has
thousands that are not."""
_SURROUNDINGS = 12.0
"""Heights of such a piece that its surroundings reach to either side: a word, or a row of boxes."""
_SPEAKS = 0.5
"""What is a rule or a mark with this probability says nothing of its neighbours, ..."""
_SURE = 0.85
"""... and with this one cannot be talked out of it."""
_LEAST = 0.02
"""No kind is thought less probable than this: the network is that often surely wrong."""


def in_context(shares: NDArray[np.float64], inked: InCells, members: NDArray[np.int64]) -> NDArray[np.float64]:
    """Judge pieces of ink together.

    Args:
        shares: what each component is by itself, from :func:`scanner.kinds.kinds_of`.
        inked: the components, by cells.
        members: those that can be characters, by their left edge.

    Returns:
        As ``shares``; those of other components are as they were.
    """
    members = members[_near_digits(shares, inked, members)]
    lines = shares[members][:, [InkKind.RULE, InkKind.MARK]].sum(axis=1)
    speaking, heard = members[lines < _SPEAKS], members[lines < _SURE]
    if not len(speaking):
        return shares
    logs = np.log(np.clip(shares, _LEAST, None))
    total = logs.copy()
    weights = inked.components.areas.astype(np.float64)
    weights[~np.isin(np.arange(len(weights)), speaking)] = 0
    cells = [heard[inked.owner[heard] == place] for place in np.unique(inked.owner[heard])]
    for gap, weight in ((_WORD_GAP, _WORD_WEIGHT), (_LINE_GAP, _LINE_WEIGHT)):
        for group in _chained(inked, cells, gap):
            total[group] += weight * _mean(shares, weights, group)
    for column, cell in _columns(inked, cells):
        total[cell] += _COLUMN_WEIGHT * _mean(shares, weights, column)
    odds = np.exp(total - total.max(axis=1, keepdims=True))
    judged = shares.copy()
    judged[heard] = (odds / odds.sum(axis=1, keepdims=True))[heard]
    return judged


def _near_digits(shares: NDArray[np.float64], inked: InCells, members: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the pieces stand in a line with one that may be a digit, not far away: the others need no judging."""
    chances = shares[members][:, [InkKind.DIGIT, InkKind.PRINTED_DIGIT]].sum(axis=1)
    x, y, width, height = inked.components.boxes[members].T
    near = np.zeros(len(members), bool)
    for index in np.flatnonzero(chances >= _MAY_BE):
        reach = _SURROUNDINGS * max(float(height[index]), 1.0)
        near |= (
            (y < y[index] + height[index])
            & (y + height > y[index])
            & (x < x[index] + width[index] + reach)
            & (x + width > x[index] - reach)
        )
    return near


def _chained(inked: InCells, cells: list[NDArray[np.int64]], gap: float) -> Iterable[NDArray[np.int64]]:
    """Pieces in one line that no wider gap and no border parts."""
    for cell in cells:
        for chain in chains(inked.components.boxes[cell], gap):
            yield cell[chain]


def _columns(inked: InCells, cells: list[NDArray[np.int64]]) -> Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Each cell of a table, after what stands in the other cells of its column."""
    by_column: dict[tuple[int, int], list[NDArray[np.int64]]] = {}
    for cell in cells:
        owner = int(inked.owner[cell[0]])
        if owner >= 0 and inked.places[owner].table:
            place = inked.places[owner]
            by_column.setdefault((place.table, place.cell.column), []).append(cell)
    for column in by_column.values():
        for index, cell in enumerate(column):
            others = column[:index] + column[index + 1 :]
            if len(others) >= _FEWEST_CELLS:
                yield np.concatenate(others), cell


def _mean(shares: NDArray[np.float64], weights: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Logarithm of what the ink of a group is on the whole; even where none of it speaks."""
    if not weights[group].any():
        return np.zeros(shares.shape[1])
    mean = np.average(shares[group], axis=0, weights=weights[group])
    logs: NDArray[np.float64] = np.log(np.clip(mean, _LEAST, None))
    return logs
