"""Components -> runs: pieces of ink on one line, near enough to be one number, word or sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.intervals import points_within
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from scanner.components import Components

_SPECK_STROKES = 1.0
"""A component with less ink than this many squared stroke widths is a speck: a point made by the pen has more."""
_LOWEST = 2.0
"""Stroke widths: lower runs are points and dashes, whatever the page says of them."""
TALLEST_STROKES = 45.0
"""A headline with a fine pen: no character is more stroke widths high."""
LOWEST_STROKES = 3.0
"""A comma: what nothing tells to be a character is more stroke widths high."""
_CHARACTER_STROKES = (LOWEST_STROKES, TALLEST_STROKES)
_TALLER = 75
"""Percentile of the heights that stands for the page: on a form most characters are small print, some are boxes."""
_LARGEST = 3.5
"""A component taller than this many character heights is no character but a frame, a picture or a scribble."""
NEAR = 1.4
"""Largest gap within a run, in heights of the taller neighbour: the blank after a thousands point, or the pitch of
a comb field."""
_OVERLAP = 0.4
"""Part of the lower neighbour's height that must lie beside the other: less, and they are on different lines."""
_DIGITS_AMONG_SIGNS = 75
"""Percentile of a run's heights that is its digits': in a sum, half the characters are signs and exponents."""
_SMALL = 0.35
"""A component lower than this part of the run's height is a point, a dash or a detached bar, and sets no size."""
_FULL = 0.5
"""Members at least this part of the run's height stand on its baseline."""
_POINT = 0.4
"""A point or a comma is at most this part of the run's height high and wide, ..."""
_ABOVE, _BELOW = 0.45, 0.35
"""... its middle lies no more than so many heights above and below the baseline, ..."""
_BETWEEN = 0.2
"""... and not under the middle of a digit: up to this part of it from either side."""
_SPECK = 0.05
"""Squared stroke widths: the point of a pale pen among others has as much ink, the grain of the paper less."""
_PARTING = 0.3
"""Ink of another kind parts a run if it is at least this many heights long: a point belongs to the number."""


@dataclass(frozen=True, slots=True)
class Run:
    """Components on one line."""

    members: tuple[int, ...]
    """Indices of components, by their left edge."""
    box: Box
    """Around all of them, pixels of the straightened page."""
    height: float
    """Typical height of a character in it, pixels."""


def character_height(components: Components, stroke_width: float) -> float:
    """Height of the taller characters on the page: of the handwriting on a form, not of the small print.

    Returns:
        Pixels: the upper quartile of the heights of the components that can be characters;
        the page's shorter side if there are none; 0.0 on a page without ink.
    """
    if not len(components) or stroke_width == 0:
        return 0.0
    heights = components.boxes[:, 3]
    low, high = (limit * stroke_width for limit in _CHARACTER_STROKES)
    fitting = components.boxes[(heights >= low) & (heights <= high)]
    if not fitting.size:
        return float(min(components.labels.shape))
    # Taller boxes with others within are printed to write in.
    taller = np.flatnonzero(fitting[:, 3] >= np.percentile(fitting[:, 3], _TALLER))
    fitting = fitting[~enclosing(fitting, taller, 0.0)]
    return float(np.percentile(fitting[:, 3], _TALLER)) if fitting.size else float(min(components.labels.shape))


def enclosing(boxes: NDArray[np.int32], outer: NDArray[np.int64], least: float) -> NDArray[np.bool_]:
    """Which of some boxes have another within.

    Args:
        boxes: shape (N, 4).
        outer: indices of those that are asked for.
        least: height of what counts within, in heights of the outer box.

    Returns:
        Shape (N,).
    """
    found = np.zeros(len(boxes), bool)
    x, y, width, height = boxes.T
    right, bottom = x + width, y + height
    for which, inner in points_within(y, y[outer] + 1, bottom[outer] - 1):
        box = outer[which]
        inside = (x[inner] > x[box]) & (right[inner] < right[box]) & (bottom[inner] < bottom[box])
        found[box[inside & (height[inner] >= least * height[box])]] = True
    return found


def characters(components: Components, stroke_width: float, height: float) -> NDArray[np.int64]:
    """Which components are neither specks nor frames, pictures and scribbles.

    Args:
        components: of the page without rules.
        stroke_width: typical, pixels.
        height: of a character on the page, from :func:`character_height`.

    Returns:
        Their indices, by their left edge.
    """
    chosen = np.flatnonzero(
        (components.areas >= _SPECK_STROKES * stroke_width**2)
        & (components.boxes[:, 3] <= max(_LARGEST * height, _CHARACTER_STROKES[0] * stroke_width))
    )
    return chosen[np.argsort(components.boxes[chosen, 0], kind="stable")]


def find_runs(
    components: Components, members: NDArray[np.int64], stroke_width: float, near: float = NEAR
) -> tuple[Run, ...]:
    """Chain components to runs.

    Args:
        components: of the page without rules.
        members: those to chain, from :func:`characters`.
        stroke_width: typical, pixels.
        near: largest gap, in heights of the taller neighbour.

    Returns:
        In no particular order; runs of nothing but points and dashes are left out.
    """
    groups = chains(components.boxes[members], near)
    return tuple(run for group in groups for run in _runs_of(members[group], components, stroke_width))


def parted(
    runs: Iterable[Run], strangers: NDArray[np.int64], components: Components, stroke_width: float
) -> tuple[Run, ...]:
    """Part runs where ink of another kind stands between their members: a sign, a slash, a word.

    Args:
        runs: from :func:`find_runs`.
        strangers: components that were not to be chained.
        components: of the page without rules.
        stroke_width: typical, pixels.
    """
    x, y, width, height = components.boxes[strangers].T
    middle_x, middle_y = x + width / 2, y + height / 2
    size = np.maximum(width, height)
    pieces = []
    for run in runs:
        members = np.array(run.members)
        left = components.boxes[members, 0]
        right = left + components.boxes[members, 2]
        between = (middle_x > run.box.x) & (middle_x < run.box.right) & (size >= _PARTING * run.height)
        between &= (middle_y > run.box.y) & (middle_y < run.box.bottom)
        # A ring around a number, or a line through it, stands between none of its digits.
        middles = (left + right) / 2
        between &= ~((x[:, None] < middles) & (middles < (x + width)[:, None])).any(axis=1)
        # What stands above or below a member parts it from nothing.
        cuts = [at for at in np.sort(middle_x[between]) if not ((left < at) & (right > at)).any()]
        side = np.searchsorted(cuts, middles)
        for part in np.unique(side):
            pieces += _runs_of(members[side == part], components, stroke_width)
    return tuple(pieces)


def with_points(
    runs: Iterable[Run], specks: NDArray[np.int64], components: Components, stroke_width: float
) -> tuple[Run, ...]:
    """Add to each run the points and commas between its digits, be they as small as specks.

    Args:
        runs: from :func:`find_runs`.
        specks: components that are in no run and may be part of a number.
        components: of the page without rules.
        stroke_width: typical, pixels.
    """
    specks = specks[components.areas[specks] >= _SPECK * stroke_width**2]
    x, _, width, _ = components.boxes[specks].T
    order = np.argsort(x + width / 2, kind="stable")
    specks, middles = specks[order], (x + width / 2)[order]
    found = []
    for run in runs:
        members = np.array(run.members)
        left, top, wide, high = components.boxes[members].T
        full = high >= _FULL * run.height
        if not full.any():
            found.append(run)
            continue
        baseline = float(np.median((top + high)[full]))
        near = slice(*np.searchsorted(middles, (run.box.x, run.box.right)))
        _, y, width, height = components.boxes[specks[near]].T
        above, middle = baseline - (y + height / 2), middles[near, None]
        point = np.maximum(width, height) <= _POINT * run.height
        point &= (above <= _ABOVE * run.height) & (above >= -_BELOW * run.height)
        begin, end = (left + _BETWEEN * wide)[full], (left + (1 - _BETWEEN) * wide)[full]
        point &= ~((begin < middle) & (middle < end)).any(axis=1)
        found.append(_with_members(run, specks[near][point], components))
    return tuple(found)


def _with_members(run: Run, more: NDArray[np.int64], components: Components) -> Run:
    if not more.size:
        return run
    members = np.concatenate([np.array(run.members), more])
    members = members[np.argsort(components.boxes[members, 0], kind="stable")]
    indices = tuple(members.tolist())
    return Run(indices, Box.around(components.box(index) for index in indices), run.height)


def _runs_of(members: NDArray[np.int64], components: Components, stroke_width: float) -> list[Run]:
    """The run of these components; none if they are points and dashes only."""
    heights = components.boxes[members, 3]
    tallest = float(heights.max())
    if tallest < _LOWEST * stroke_width:
        return []
    full_size = heights >= max(_SMALL * tallest, 1)
    indices = tuple(int(index) for index in members)
    box = Box.around(components.box(index) for index in indices)
    return [Run(indices, box, float(np.percentile(heights[full_size], _DIGITS_AMONG_SIGNS)))]


def chains(boxes: NDArray[np.int32], near: float) -> list[NDArray[np.int64]]:
    """Group boxes that stand side by side.

    Args:
        boxes: shape (N, 4), sorted by their left edge.
        near: largest gap between neighbours, in heights of the taller.

    Returns:
        Indices into ``boxes``, each group by the left edge.
    """
    if not len(boxes):
        return []
    leader = np.arange(len(boxes))
    x, y, width, height = boxes.T
    right, bottom = x + width, y + height
    # All that ends before is out of reach: a page of thousands of specks must not compare each with each.
    starts = np.searchsorted(np.maximum.accumulate(right), x - near * height.max())
    for index in range(1, len(boxes)):
        before = slice(int(starts[index]), index)
        beside = np.minimum(bottom[before], bottom[index]) - np.maximum(y[before], y[index])
        taller = np.maximum(height[before], height[index])
        lower = np.minimum(height[before], height[index])
        linked = (x[index] - right[before] <= near * taller) & (beside >= _OVERLAP * lower)
        for other in np.unique(leader[before][linked]):
            leader[leader == other] = leader[index]
    return [np.flatnonzero(leader == first) for first in np.unique(leader)]
