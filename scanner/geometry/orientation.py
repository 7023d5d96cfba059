"""Find the orientation of a page: upright, on its side, or upside down.

It is measured without reading the page:

* On its side: characters are closer to each other than lines are, and they are taller than wide.  A page is turned only
  if both indicate it.
* Upside down, with print: lines of print have several times as many ascenders and capitals as descenders (Caprari,
  "Algorithm for text page up/down orientation determination", Pattern Recognition Letters 2000).
* Upside down, with digits, which have neither: a digit classifier is confident on an upright page; on one that is
  upside down it is confident only of 0, 1, 8, and of 6 and 9 taken for each other.  It cannot judge print, because
  letters look more like digits when they are upside down.

Turning an upright page wrongly loses everything on it, and not turning one on its side loses no more: in doubt a page
stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.character_height import (
    MAX_CHARACTER_HEIGHT_STROKES,
    MIN_CHARACTER_HEIGHT_STROKES,
    TALL_CHARACTER_PERCENTILE,
)
from scanner.image.components import cut_glyph
from scanner.image.digit_frame import digit_frames
from scanner.image.interval_search import points_within
from scanner.types import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.types import Ink

DigitConfidences = Callable[[Image], Sequence[float]]
"""A function from digit frames, shape (N, 28, 28), to the probability of the most probable digit of each, 0-1."""

_CHARACTER_SIZE_RANGE_RATIO = 0.5, 2.0
"""Range of the longer side of a character, relative to that of the taller characters: no points, no frames.  A
choice."""
_MIN_CHARACTER_SIDE_RATIO = 0.2
"""Minimum ratio of a character's shorter side to its longer one: anything thinner is a rule.  A choice."""
_MAX_VOTERS = 400
"""Maximum number of characters whose nearest neighbours are counted, evenly spread over the page.  A choice."""
_MAX_NEIGHBOUR_SIZE_RATIO = 2.0
"""Maximum ratio of the longer sides of neighbours.  A choice."""
_MAX_NEIGHBOUR_DISTANCE_SIZES = 1.0
"""Maximum distance of neighbours, in longer sides of the character.  A choice."""

_MIN_SIDEWAYS_VOTES = 12
"""Minimum number of characters with their neighbour above or below on a page on its side.  A choice."""
_MIN_SIDEWAYS_MAJORITY_RATIO = 4.0
"""Minimum ratio of neighbours above or below to neighbours beside, on a page on its side.  Upright pages have 5 to 200
times as many neighbours beside as above or below."""
_MAX_SIDEWAYS_HEIGHT_TO_WIDTH_RATIO = 0.95
"""Maximum median ratio of height to width of the characters on a page on its side.  Upright digits and letters have
1.2 to 2."""

_MAX_ALIGNED_OFFSET_HEIGHTS = 0.1
"""Maximum offset of the lower, or the upper, edges of aligned neighbours, in heights of the lower one.  A choice."""
_MIN_PROTRUSION_HEIGHTS = 0.2
"""Minimum height of an ascender above its neighbour, and depth of a descender below it, in heights of the lower one.  A
choice."""
_MIN_PRINT_VOTES = 20
"""Minimum number of ascenders and descenders on a page of print.  Pages of print have 33 and more, pages of digits at
most 14."""
_MIN_PRINT_MAJORITY_RATIO = 2.0
"""Minimum ratio of ascenders to descenders in print, or of descenders to ascenders if it is upside down.  Pages of
print have 2.2 to 10."""
_MIN_PRINT_MAJORITY_SIGMAS = 3.0
"""Minimum difference of ascenders and descenders, in standard deviations of coin tosses.  A choice."""

_MIN_PRINT_VETO_VOTES = 8
"""Minimum number of ascenders, or descenders, that overrule the digit classifier on a page with too little print, if
there are ``_MIN_PRINT_MAJORITY_RATIO`` times as many as of the other.  A choice."""

_MAX_READ_CHARACTERS = 60
"""Maximum number of characters that the digit classifier reads, evenly spread over the page.  A choice."""
_MIN_DIGIT_CONFIDENCE = 0.5
"""Minimum confidence, upright or upside down, of characters that count as digits: signs have less both ways.  A
choice."""
_MIN_READ_DIGITS = 12
"""Minimum number of digits by which a page is turned.  A choice."""
_MIN_MEAN_CONFIDENCE = 0.94
"""Minimum mean confidence of upright digits.  They have 0.92 to 1.0, and at most 0.85 upside down; letters upside down
reached 0.93, but those are on pages of print."""
_MIN_UPSET_CONFIDENCE_DROP = 0.5
"""Minimum loss of confidence of a digit that reads worse when it is turned upside down.  A choice."""
_MIN_UPSET_DIGITS = 6
"""Minimum number of digits that read worse the other way up.  A choice."""
_MIN_UPSET_MAJORITY_RATIO = 4.0
"""Minimum ratio of digits that read worse the other way up to those that read better: upright pages have at most a
fifth as many of the latter."""


def find_quarter_turns(ink: Ink, components: Components, digit_confidences: DigitConfidences) -> int:
    """Find the quarter turns that set a page upright.

    Args:
        ink: ink of the page with its lines horizontal or vertical, from :func:`scanner.geometry.deskew.warp_ink`.
        components: components of ``ink.mask``.
        digit_confidences: the digit classifier; asked only if there is too little print.

    Returns:
        Quarter turns counter-clockwise, 0 to 3; 0 if there is no clear answer.
    """
    characters = _select_characters(ink, components)
    votes = _count_votes(characters.boxes)
    if not _is_sideways(votes, characters.boxes):
        return 2 * (_choose_turn(votes, characters, digit_confidences, (0, 2)) == 2)
    # A quarter turn counter-clockwise moves what is on the right to the top.
    votes_turned = _count_votes(_turn_boxes(characters.boxes, ink.mask.shape[1]))
    return _choose_turn(votes_turned, characters, digit_confidences, (1, 3))


@dataclass(frozen=True, slots=True, eq=False)
class _Characters:
    """The components that have the size of characters."""

    ink: Ink
    components: Components
    component_indices: NDArray[np.int64]

    @property
    def boxes(self) -> NDArray[np.int32]:
        return self.components.boxes[self.component_indices]

    def sample_frames(self, quarters: Sequence[int]) -> list[Image]:
        """Digit frames of some of them, turned counter-clockwise by each number of quarters; shapes (N, 28, 28)."""
        chosen = self.component_indices[_evenly_spread_indices(len(self.component_indices), _MAX_READ_CHARACTERS)]
        glyphs = [cut_glyph(self.ink, self.components, self.components.box(int(index))).strength for index in chosen]
        with_ink = [glyph for glyph in glyphs if glyph.any()]
        return [digit_frames(np.rot90(glyph, turn).copy() for glyph in with_ink) for turn in quarters]


@dataclass(frozen=True, slots=True)
class _Votes:
    """Number of characters by where their nearest neighbour is."""

    horizontal_neighbours: int
    vertical_neighbours: int
    ascenders: int
    """Pairs side by side whose lower edges are aligned, but not their upper ones."""
    descenders: int
    """Pairs side by side whose upper edges are aligned, but not their lower ones."""


def _select_characters(ink: Ink, components: Components) -> _Characters:
    longer, shorter = components.boxes[:, 2:].max(axis=1), components.boxes[:, 2:].min(axis=1)
    # The longer side of a character is its height whichever way up the page is.
    fitting = (longer >= MIN_CHARACTER_HEIGHT_STROKES * ink.stroke_width) & (
        longer <= MAX_CHARACTER_HEIGHT_STROKES * ink.stroke_width
    )
    if not fitting.any():
        return _Characters(ink, components, np.empty(0, np.int64))
    size = float(np.percentile(longer[fitting], TALL_CHARACTER_PERCENTILE))
    fitting &= (
        (longer >= _CHARACTER_SIZE_RANGE_RATIO[0] * size)
        & (longer <= _CHARACTER_SIZE_RANGE_RATIO[1] * size)
        & (shorter >= _MIN_CHARACTER_SIDE_RATIO * longer)
    )
    return _Characters(ink, components, np.flatnonzero(fitting))


def _is_sideways(votes: _Votes, boxes: NDArray[np.int32]) -> bool:
    enough = votes.vertical_neighbours >= max(
        _MIN_SIDEWAYS_VOTES, _MIN_SIDEWAYS_MAJORITY_RATIO * votes.horizontal_neighbours
    )
    return enough and float(np.median(boxes[:, 3] / boxes[:, 2])) <= _MAX_SIDEWAYS_HEIGHT_TO_WIDTH_RATIO


def _choose_turn(
    votes: _Votes, characters: _Characters, digit_confidences: DigitConfidences, turns: tuple[int, int]
) -> int:
    """Choose one of two opposite turns; 0 if neither is clear.

    Args:
        votes: after the first of the turns.
        characters: before any turn.
        digit_confidences: the digit classifier.
        turns: quarter turns counter-clockwise.
    """
    up, down = votes.ascenders, votes.descenders
    if up + down >= _MIN_PRINT_VOTES:
        clear = max(up, down) >= _MIN_PRINT_MAJORITY_RATIO * min(up, down)
        clear &= abs(up - down) >= _MIN_PRINT_MAJORITY_SIGMAS * math.sqrt(up + down)
        return 0 if not clear else turns[0] if up > down else turns[1]
    first, second = (np.asarray(digit_confidences(frames)) for frames in characters.sample_frames(turns))
    digits = np.maximum(first, second) >= _MIN_DIGIT_CONFIDENCE
    if np.count_nonzero(digits) < _MIN_READ_DIGITS:
        return 0
    first, second = first[digits], second[digits]
    for turn, here, there in ((turns[0], first, second), (turns[1], second, first)):
        worse = np.count_nonzero(here - there > _MIN_UPSET_CONFIDENCE_DROP)
        better = np.count_nonzero(there - here > _MIN_UPSET_CONFIDENCE_DROP)
        is_clear = worse >= max(_MIN_UPSET_DIGITS, _MIN_UPSET_MAJORITY_RATIO * better)
        if here.mean() >= _MIN_MEAN_CONFIDENCE and is_clear:
            against, in_favour = (down, up) if turn == turns[0] else (up, down)
            return 0 if against >= max(_MIN_PRINT_VETO_VOTES, _MIN_PRINT_MAJORITY_RATIO * in_favour) else turn
    return 0


def _count_votes(boxes: NDArray[np.int32]) -> _Votes:
    """Count where the nearest neighbour of each character is, or of some of them on a page of many."""
    if not len(boxes):
        return _Votes(0, 0, 0, 0)
    x, y, width, height = boxes.T.astype(np.float64)
    right, bottom, longer = x + width, y + height, np.maximum(width, height)
    one, other = _nearest_neighbours(x, y, right, bottom, longer)
    # Only pairs that overlap in one direction: the gap is either beside them, or above or below.
    beside, stacked = (
        _gaps_between(begin[one], end[one], begin[other], end[other]) > 0 for begin, end in ((x, right), (y, bottom))
    )
    count = int(np.count_nonzero(stacked & ~beside))
    one, other = one[beside & ~stacked], other[beside & ~stacked]
    lower = np.minimum(height[one], height[other])
    at_top, at_bottom = np.abs(y[one] - y[other]) / lower, np.abs(bottom[one] - bottom[other]) / lower
    ascenders = np.count_nonzero((at_bottom < _MAX_ALIGNED_OFFSET_HEIGHTS) & (at_top > _MIN_PROTRUSION_HEIGHTS))
    descenders = np.count_nonzero((at_top < _MAX_ALIGNED_OFFSET_HEIGHTS) & (at_bottom > _MIN_PROTRUSION_HEIGHTS))
    return _Votes(len(one), count, int(ascenders), int(descenders))


def _nearest_neighbours(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    right: NDArray[np.float64],
    bottom: NDArray[np.float64],
    longer: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of characters, evenly spread, that have a neighbour of their size, and of the nearest one of each."""
    voters = _evenly_spread_indices(len(x), _MAX_VOTERS)
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


def _turn_boxes(boxes: NDArray[np.int32], width: int) -> NDArray[np.int32]:
    """Boxes of a page of this width after a quarter turn counter-clockwise."""
    return np.stack([boxes[:, 1], width - boxes[:, 0] - boxes[:, 2], boxes[:, 3], boxes[:, 2]], axis=1)


def _evenly_spread_indices(count: int, limit: int) -> NDArray[np.int64]:
    """Indices of at most ``limit`` of ``count`` items, evenly spread."""
    return np.arange(count) if count <= limit else np.linspace(0, count - 1, limit).astype(np.int64)
