"""Components -> runs: pieces of ink on one line, near enough to be one number, word or sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.types import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.components import Components

_SPECK_STROKES = 1.0
"""A component with less ink than this many squared stroke widths is a speck: a point made by the pen has more."""
_CHARACTER_STROKES = (3.0, 45.0)
"""Heights, in stroke widths, that a character can have: between a comma and a headline with a fine pen."""
_LARGEST = 3.0
"""A component taller than this many character heights is no character but a frame, a picture or a scribble."""
_NEAR = 1.4
"""Largest gap within a run, in heights of the taller neighbour: the blank after a thousands point, the pitch of a comb."""
_OVERLAP = 0.4
"""Part of the lower neighbour's height that must lie beside the other: less, and they are on different lines."""
_SMALL = 0.35
"""A component lower than this part of the run's height is a point, a dash or a detached bar, and sets no size."""


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
    """Typical height of a character on the page.

    Returns:
        Pixels: the median height of the components that can be characters; that of the page
        if there are none; 0.0 on a page without ink.
    """
    if not len(components) or stroke_width == 0:
        return 0.0
    heights = components.boxes[:, 3]
    low, high = (limit * stroke_width for limit in _CHARACTER_STROKES)
    fitting = heights[(heights >= low) & (heights <= high)]
    return float(np.median(fitting)) if fitting.size else float(min(components.labels.shape))


def find_runs(components: Components, stroke_width: float, height: float) -> tuple[Run, ...]:
    """Chain components to runs.

    Args:
        components: of the page without rules.
        stroke_width: typical, pixels.
        height: of a character on the page, from :func:`character_height`.

    Returns:
        In no particular order; runs of nothing but points and dashes are left out.
    """
    boxes, areas = components.boxes, components.areas
    candidates = np.flatnonzero(
        (areas >= _SPECK_STROKES * stroke_width**2)
        & (boxes[:, 3] <= max(_LARGEST * height, _CHARACTER_STROKES[0] * stroke_width))
    )
    order = candidates[np.argsort(boxes[candidates, 0], kind="stable")]
    chains = _chains(boxes[order])
    runs = []
    for chain in chains:
        members = order[chain]
        heights = boxes[members, 3]
        tallest = float(heights.max())
        typical = float(np.median(heights[heights >= max(_SMALL * tallest, 1)]))
        if tallest >= _CHARACTER_STROKES[0] * stroke_width:
            box = Box.around(components.box(index) for index in members)
            runs.append(Run(tuple(int(index) for index in members), box, typical))
    return tuple(runs)


def _chains(boxes: NDArray[np.int32]) -> list[NDArray[np.int64]]:
    """Indices of boxes, sorted by their left edge, that hang together."""
    leader = np.arange(len(boxes))
    x, y, width, height = boxes.T
    right, bottom = x + width, y + height
    for index in range(1, len(boxes)):
        beside = np.minimum(bottom[:index], bottom[index]) - np.maximum(y[:index], y[index])
        taller = np.maximum(height[:index], height[index])
        lower = np.minimum(height[:index], height[index])
        near = (x[index] - right[:index] <= _NEAR * taller) & (beside >= _OVERLAP * lower)
        for other in np.unique(leader[:index][near]):
            leader[leader == other] = leader[index]
    return [np.flatnonzero(leader == first) for first in np.unique(leader)]
