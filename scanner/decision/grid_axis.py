"""Rows, or columns, of a table along one axis: which numbers share one, and how many lie before it.

Both are the same question once the lines of the table are even: numbers lie in clusters along the axis, and ruled
lines part them.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_MAX_CONFLICT_SHARE = 0.2
"""Maximum number of pairs of numbers that cannot share a row, relative to the numbers of the smaller of two clusters
that become one.  A choice: one number in a column of a few may be a false one."""
_MIN_OWN_SIDE_SHARE = 0.7
"""Minimum share of a cluster on its side of a line that parts it from the next.  A choice: some people write on the
line."""
_MIN_LINE_COVERAGE_SHARE = 0.4
"""Minimum share of the table along which a line runs.  A choice: less than half, as parts of a pale line are lost."""
_MAX_LINE_GAP_SHARE = 0.35
"""Maximum distance, in pitches, of pieces of one line, and of lines that count as one.  A choice: a jog is smaller, and
a row is larger."""
_ROW_HEIGHT_PITCHES = (0.6, 1.6)
"""Range of the heights of single rows, in pitches, in a table whose lines are trusted more than its distances.  A
choice."""
_MAX_PITCH_DEVIATION = 0.25
"""Maximum deviation of a distance from a multiple of the pitch, in pitches, in a table of even rows.  A choice."""
_MIN_USUAL_SIZE_SHARE = 0.5
"""Minimum number of numbers in a cluster that moves the others, relative to the cluster of the median number.  A
choice: half, as rows that are filled in partly are not rare, and false numbers that line up are."""
_MIN_EVEN_SHARE = 0.8
"""Minimum share of the distances between rows that are multiples of the pitch, in a table of even rows.  A choice."""


@dataclass(frozen=True, slots=True, eq=False)
class LinePieces:
    """Pieces of ruled lines of one direction, where they would lie if the lines were even."""

    positions: NDArray[np.float64]
    """Position of each along the axis, shape (N,), pixels."""
    spans: NDArray[np.float64]
    """Where each begins and ends, at right angles to the axis, shape (N, 2), pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Clusters of numbers along an axis, in its order."""

    owner: NDArray[np.int64]
    """The cluster of each number, from 0, shape (N,)."""
    means: tuple[float, ...]
    """Mean position of each cluster, pixels."""
    sizes: tuple[int, ...]
    """Number of numbers in each cluster."""


def cluster_positions(
    positions: NDArray[np.float64],
    apart: NDArray[np.bool_],
    lines: Sequence[float],
    limit: float,
    widest: float,
) -> Clusters:
    """Cluster numbers along an axis, from single ones up: the two nearest clusters become one as long as they may.

    This is agglomerative clustering by the distance of centroids with constraints, as in Davidson and Ravi,
    "Agglomerative hierarchical clustering with constraints", PKDD 2005.

    Args:
        positions: position of each number along the axis, shape (N,), pixels.
        apart: which numbers cannot be in one cluster, shape (N, N), symmetric.
        lines: positions of ruled lines that part clusters.
        limit: distance of clusters that are never one, pixels, unless they are between the same two lines.
        widest: maximum distance of two lines that have one row between them, pixels.
    """
    clusters = _first_clusters(positions, apart, lines, widest)
    means = [float(positions[members].mean()) for members in clusters]
    costs = [
        _merge_cost(first, second, positions, apart, lines, limit) for first, second in itertools.pairwise(clusters)
    ]
    while costs and (best := int(np.argmin(costs))) >= 0 and costs[best] < limit:
        clusters[best : best + 2] = [np.concatenate(clusters[best : best + 2])]
        means[best : best + 2] = [float(positions[clusters[best]].mean())]
        del costs[best]
        for left in (best - 1, best):
            if 0 <= left < len(costs):
                costs[left] = _merge_cost(clusters[left], clusters[left + 1], positions, apart, lines, limit)
    owner = np.zeros(len(positions), np.int64)
    order = np.argsort(means, kind="stable").tolist()
    for number, index in enumerate(order):
        owner[clusters[index]] = number
    return Clusters(owner, tuple(means[index] for index in order), tuple(len(clusters[index]) for index in order))


def _first_clusters(
    positions: NDArray[np.float64], apart: NDArray[np.bool_], lines: Sequence[float], widest: float
) -> list[NDArray[np.int64]]:
    """The numbers between two lines that are a row apart, and each of the others alone, along the axis."""
    between = np.searchsorted(np.asarray(lines), positions)
    clusters = []
    for index in np.unique(between).tolist():
        members = np.flatnonzero(between == index)
        members = members[np.argsort(positions[members], kind="stable")]
        is_row = 0 < index < len(lines) and lines[index] - lines[index - 1] <= widest
        conflicts = apart[np.ix_(members, members)].sum() / 2
        if is_row and conflicts <= _MAX_CONFLICT_SHARE * len(members):
            clusters.append(members)
        else:
            clusters += [np.array([member]) for member in members]
    return clusters


def _merge_cost(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    positions: NDArray[np.float64],
    apart: NDArray[np.bool_],
    lines: Sequence[float],
    limit: float,
) -> float:
    """Distance of two clusters; infinite if they may not be one."""
    a, b = float(positions[first].mean()), float(positions[second].mean())
    if abs(b - a) >= limit:
        return np.inf
    if apart[np.ix_(first, second)].sum() > _MAX_CONFLICT_SHARE * min(len(first), len(second)):
        return np.inf
    for line in lines:
        if a < line < b and all(
            share >= _MIN_OWN_SIDE_SHARE
            for share in ((positions[first] < line).mean(), (positions[second] > line).mean())
        ):
            return np.inf
    return abs(b - a)


def merge_line_pieces(pieces: LinePieces, length: float, pitch: float) -> list[float]:
    """Positions of the lines that run along enough of a table, from its pieces.

    Args:
        pieces: pieces of lines in the table.
        length: length of the table along its lines, pixels.
        pitch: distance of its lines, pixels.
    """
    order = np.argsort(pieces.positions, kind="stable")
    lines: list[float] = []
    group: list[int] = []
    for index in [*order.tolist(), -1]:
        if group and (
            index < 0 or pieces.positions[index] - _mean_position(pieces, group) > _MAX_LINE_GAP_SHARE * pitch
        ):
            if _covered_length(pieces.spans[group]) >= _MIN_LINE_COVERAGE_SHARE * length:
                lines.append(_mean_position(pieces, group))
            group = []
        group.append(index)
    return lines


def _mean_position(pieces: LinePieces, group: Sequence[int]) -> float:
    chosen = list(group)
    lengths = np.diff(pieces.spans[chosen], axis=1)[:, 0]
    return float(np.average(pieces.positions[chosen], weights=lengths))


def _covered_length(spans: NDArray[np.float64]) -> float:
    """Length of the union of some spans, shape (N, 2)."""
    covered, reached = 0.0, -np.inf
    for begin, end in sorted(spans.tolist()):
        covered += max(end - max(begin, reached), 0.0)
        reached = max(reached, end)
    return covered


def number_clusters(clusters: Clusters, lines: Sequence[float], pitch: float | None) -> list[int]:
    """Number the rows, or columns, of a table that clusters of numbers stand in, those without numbers counted.

    Where rows are even, the distances say how many there are; elsewhere the lines do, and where there is none between
    two rows of numbers they follow each other.  A cluster of few numbers may be a false one: it does not move the
    others.

    Args:
        clusters: along the axis.
        lines: positions of the lines, ascending.
        pitch: distance of the rows, pixels; None for columns, which are of any width.

    Returns:
        The number of each cluster, from 1.
    """
    means, sizes = np.array(clusters.means), np.array(clusters.sizes)
    usual = float(np.median(np.repeat(sizes, sizes)))
    strong = np.flatnonzero(sizes >= _MIN_USUAL_SIZE_SHARE * usual)
    before = np.searchsorted(np.asarray(lines), means)
    multiples = _multiples_of_pitch(means, strong, pitch)
    numbers = np.zeros(len(means), np.int64)
    numbers[strong[0]] = max(int(before[strong[0]]), 1)
    for step, (first, last) in enumerate(itertools.pairwise(strong.tolist())):
        count = max(int(before[last] - before[first]), 1)
        if multiples is not None and not _has_all_lines(lines, int(before[first]), int(before[last]), pitch):
            count = int(multiples[step]) if lines else min(int(multiples[step]), last - first)
        numbers[last] = numbers[first] + count
    for weak in np.setdiff1d(np.arange(len(means)), strong).tolist():
        nearest = int(strong[np.abs(means[strong] - means[weak]).argmin()])
        away = (
            (means[weak] - means[nearest]) / pitch
            if multiples is not None and pitch
            else before[weak] - before[nearest]
        )
        numbers[weak] = max(int(numbers[nearest] + np.rint(away)), 1)
    return [int(number) for number in numbers]


def _has_all_lines(lines: Sequence[float], first: int, last: int, pitch: float | None) -> bool:
    """Whether the lines around two rows, and all between, are a row apart; line ``first`` is that below the first."""
    if pitch is None or first < 1 or last >= len(lines):
        return False
    gaps = np.diff(lines[first - 1 : last + 1]) / pitch
    return bool(((gaps >= _ROW_HEIGHT_PITCHES[0]) & (gaps <= _ROW_HEIGHT_PITCHES[1])).all())


def _multiples_of_pitch(
    means: NDArray[np.float64], strong: NDArray[np.int64], pitch: float | None
) -> NDArray[np.int64] | None:
    """Distances of the strong clusters in pitches; None if they are not even."""
    if pitch is None or len(strong) < 3:
        return None
    distances = np.diff(means[strong])
    lowest, highest = (share * pitch for share in _ROW_HEIGHT_PITCHES)
    single = distances[(distances >= lowest) & (distances <= highest)]
    steps = distances / (float(np.median(single)) if len(single) else pitch)
    multiples = np.maximum(np.rint(steps), 1)
    even = float((np.abs(steps - multiples) <= _MAX_PITCH_DEVIATION).mean()) >= _MIN_EVEN_SHARE
    return multiples.astype(np.int64) if even else None
