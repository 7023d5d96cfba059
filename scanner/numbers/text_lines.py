"""Components -> runs: pieces of ink on one line, near enough to be one number, word or sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.character_height import MIN_CHARACTER_HEIGHT_STROKES
from scanner.image.linked_groups import group_roots
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from scanner.image.components import Components


_MIN_CHARACTER_INK_SQUARED_STROKES = 1.0
"""A component with less ink than this many squared stroke widths is a speck: a point made by the pen has more."""

_MIN_LINE_HEIGHT_STROKES = 2.0
"""Stroke widths: lower runs are points and dashes, whatever the page says of them."""

_MAX_CHARACTER_SIZE_HEIGHTS = 3.5
"""A component taller than this many character heights is no character but a frame, a picture or a scribble."""

MAX_CHARACTER_GAP_HEIGHTS = 1.4
"""Largest gap within a run, in heights of the taller neighbour: the blank after a thousands point, or the pitch of
a comb field."""

_MIN_NEIGHBOUR_OVERLAP_SHARE = 0.4
"""Part of the lower neighbour's height that must lie beside the other: less, and they are on different lines."""

_DIGIT_HEIGHT_PERCENTILE = 75
"""Percentile of a run's heights that is its digits': in a sum, half the characters are signs and exponents."""

_MIN_SIZED_HEIGHT_SHARE = 0.35
"""A component lower than this part of the run's height is a point, a dash or a detached bar, and sets no size."""

_MIN_BASELINE_HEIGHT_SHARE = 0.5
"""Members at least this part of the run's height stand on its baseline."""

_MAX_PUNCTUATION_SIZE_HEIGHTS = 0.4
"""A point or a comma is at most this part of the run's height high and wide, ..."""

_MAX_ABOVE_BASELINE_HEIGHTS, _MAX_BELOW_BASELINE_HEIGHTS = 0.45, 0.35
"""... its middle lies no more than so many heights above and below the baseline, ..."""

_MAX_PUNCTUATION_OVERLAP_SHARE = 0.2
"""... and not under the middle of a digit: up to this part of it from either side."""

_MIN_PUNCTUATION_INK_SQUARED_STROKES = 0.05
"""Squared stroke widths: the point of a pale pen among others has as much ink, the grain of the paper less."""

_MIN_SPLITTING_INK_HEIGHTS = 0.3
"""Ink of another kind parts a run if it is at least this many heights long: a point belongs to the number."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """Components on one line."""

    component_indices: tuple[int, ...]
    """Indices of components, by their left edge."""
    box: Box
    """Around all of them, pixels of the straightened page."""
    character_height: float
    """Typical height of a character in it, pixels."""


def select_characters(components: Components, stroke_width: float, character_height: float) -> NDArray[np.int64]:
    """Which components are neither specks nor frames, pictures and scribbles.

    Args:
        components: of the page without rules.
        stroke_width: typical, pixels.
        character_height: of a character on the page, from :func:`character_height`.

    Returns:
        Their indices, by their left edge.
    """
    chosen = np.flatnonzero(
        (components.areas >= _MIN_CHARACTER_INK_SQUARED_STROKES * stroke_width**2)
        & (
            components.boxes[:, 3]
            <= max(_MAX_CHARACTER_SIZE_HEIGHTS * character_height, MIN_CHARACTER_HEIGHT_STROKES * stroke_width)
        )
    )
    return chosen[np.argsort(components.boxes[chosen, 0], kind="stable")]


def find_text_lines(
    components: Components,
    component_indices: NDArray[np.int64],
    stroke_width: float,
    max_gap: float = MAX_CHARACTER_GAP_HEIGHTS,
) -> tuple[TextLine, ...]:
    """Chain components to runs.

    Args:
        components: of the page without rules.
        component_indices: those to chain, from :func:`select_characters`.
        stroke_width: typical, pixels.
        max_gap: largest gap, in heights of the taller neighbour.

    Returns:
        In no particular order; runs of nothing but points and dashes are left out.
    """
    groups = chain_boxes(components.boxes[component_indices], max_gap)
    return tuple(
        run for group in groups for run in _line_of_components(component_indices[group], components, stroke_width)
    )


def split_at_other_ink(
    text_lines: Iterable[TextLine], other_indices: NDArray[np.int64], components: Components, stroke_width: float
) -> tuple[TextLine, ...]:
    """Part runs where ink of another kind stands between their members: a sign, a slash, a word.

    Args:
        text_lines: from :func:`find_text_lines`.
        other_indices: components that were not to be chained.
        components: of the page without rules.
        stroke_width: typical, pixels.
    """
    x, y, width, height = components.boxes[other_indices].T
    middle_x, middle_y = x + width / 2, y + height / 2
    size = np.maximum(width, height)
    pieces = []
    for run in text_lines:
        members = np.array(run.component_indices)
        left = components.boxes[members, 0]
        right = left + components.boxes[members, 2]
        between = (
            (middle_x > run.box.x)
            & (middle_x < run.box.right)
            & (size >= _MIN_SPLITTING_INK_HEIGHTS * run.character_height)
        )
        between &= (middle_y > run.box.y) & (middle_y < run.box.bottom)
        # A ring around a number, or a line through it, stands between none of its digits.
        middles = (left + right) / 2
        between &= ~((x[:, None] < middles) & (middles < (x + width)[:, None])).any(axis=1)
        # What stands above or below a member parts it from nothing.
        cuts = [at for at in np.sort(middle_x[between]) if not ((left < at) & (right > at)).any()]
        side = np.searchsorted(cuts, middles)
        for part in np.unique(side):
            pieces += _line_of_components(members[side == part], components, stroke_width)
    return tuple(pieces)


def add_punctuation(
    text_lines: Iterable[TextLine], loose_indices: NDArray[np.int64], components: Components, stroke_width: float
) -> tuple[TextLine, ...]:
    """Add to each run the points and commas between its digits, be they as small as specks.

    Args:
        text_lines: from :func:`find_text_lines`.
        loose_indices: components that are in no run and may be part of a number.
        components: of the page without rules.
        stroke_width: typical, pixels.
    """
    loose_indices = loose_indices[
        components.areas[loose_indices] >= _MIN_PUNCTUATION_INK_SQUARED_STROKES * stroke_width**2
    ]
    x, _, width, _ = components.boxes[loose_indices].T
    order = np.argsort(x + width / 2, kind="stable")
    loose_indices, middles = loose_indices[order], (x + width / 2)[order]
    found = []
    for run in text_lines:
        members = np.array(run.component_indices)
        left, top, wide, high = components.boxes[members].T
        full = high >= _MIN_BASELINE_HEIGHT_SHARE * run.character_height
        if not full.any():
            found.append(run)
            continue
        baseline = float(np.median((top + high)[full]))
        near = slice(*np.searchsorted(middles, (run.box.x, run.box.right)))
        _, y, width, height = components.boxes[loose_indices[near]].T
        above, middle = baseline - (y + height / 2), middles[near, None]
        point = np.maximum(width, height) <= _MAX_PUNCTUATION_SIZE_HEIGHTS * run.character_height
        point &= (above <= _MAX_ABOVE_BASELINE_HEIGHTS * run.character_height) & (
            above >= -_MAX_BELOW_BASELINE_HEIGHTS * run.character_height
        )
        begin, end = (
            (left + _MAX_PUNCTUATION_OVERLAP_SHARE * wide)[full],
            (left + (1 - _MAX_PUNCTUATION_OVERLAP_SHARE) * wide)[full],
        )
        point &= ~((begin < middle) & (middle < end)).any(axis=1)
        found.append(_add_components(run, loose_indices[near][point], components))
    return tuple(found)


def _add_components(run: TextLine, more: NDArray[np.int64], components: Components) -> TextLine:
    if not more.size:
        return run
    members = np.concatenate([np.array(run.component_indices), more])
    members = members[np.argsort(components.boxes[members, 0], kind="stable")]
    indices = tuple(members.tolist())
    return TextLine(indices, Box.around(components.box(index) for index in indices), run.character_height)


def _line_of_components(members: NDArray[np.int64], components: Components, stroke_width: float) -> list[TextLine]:
    """The run of these components; none if they are points and dashes only."""
    heights = components.boxes[members, 3]
    tallest = float(heights.max())
    if tallest < _MIN_LINE_HEIGHT_STROKES * stroke_width:
        return []
    full_size = heights >= max(_MIN_SIZED_HEIGHT_SHARE * tallest, 1)
    indices = tuple(int(index) for index in members)
    box = Box.around(components.box(index) for index in indices)
    return [TextLine(indices, box, float(np.percentile(heights[full_size], _DIGIT_HEIGHT_PERCENTILE)))]


def chain_boxes(boxes: NDArray[np.int32], max_gap: float) -> list[NDArray[np.int64]]:
    """Group boxes that stand side by side.

    Args:
        boxes: shape (N, 4), sorted by their left edge.
        max_gap: largest gap between neighbours, in heights of the taller.

    Returns:
        Indices into ``boxes``, each group by the left edge; the groups by their last member.
    """
    if not len(boxes):
        return []
    x, y, width, height = boxes.T
    right, bottom = x + width, y + height
    # All that ends before is out of reach: a page of thousands of specks must not compare each with each.
    starts = np.searchsorted(np.maximum.accumulate(right), x - max_gap * height.max())
    links = []
    for index in range(1, len(boxes)):
        before = slice(int(starts[index]), index)
        beside = np.minimum(bottom[before], bottom[index]) - np.maximum(y[before], y[index])
        taller = np.maximum(height[before], height[index])
        lower = np.minimum(height[before], height[index])
        linked = (x[index] - right[before] <= max_gap * taller) & (beside >= _MIN_NEIGHBOUR_OVERLAP_SHARE * lower)
        links.append(np.flatnonzero(linked) + before.start)
    later = np.repeat(np.arange(1, len(boxes)), [len(earlier) for earlier in links])
    roots = group_roots(len(boxes), np.concatenate([np.arange(0), *links]), later)
    groups = [np.flatnonzero(roots == root) for root in np.unique(roots)]
    return sorted(groups, key=lambda group: int(group[-1]))
