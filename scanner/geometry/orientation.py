"""Which way up a page is: upright, on its side, or upside down.

Four measurements, none of which needs to know what is written:

* on its side: characters of a line stand nearer to each other than lines do, and they are
  taller than wide.  Both must say so.
* upside down, in print: lines of print have several times as many ascenders and capitals as
  descenders (Caprari, "Algorithm for text page up/down orientation determination", Pattern
  Recognition Letters 2000).
* upside down, in digits, which have neither: a digit classifier is sure of a page of digits,
  and sure of no more than the 0, 1, 8 and the 6 that is a 9 of one that stands on its head.
  It cannot be asked about print, whose letters look more like digits upside down.

An upright page turned wrongly loses all that is on it, a page left lying loses no more: when
in doubt a page is left as it is.
"""

from __future__ import annotations

import math
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

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.types import Image, Ink

    DigitConfidences = Callable[[Image], Sequence[float]]
    """Frames, shape (N, 28, 28), to the probability of each to be the digit it is most like, 0-1."""

_CHARACTER_SIZE_RANGE_RATIO = 0.5, 2.0
"""Longer side of the characters looked at, as part of that: no points and no frames."""
_MIN_CHARACTER_SIDE_RATIO = 0.2
"""A character's shorter side is at least this part of its longer: what is thinner is a rule."""
_MAX_VOTERS = 400
"""Characters whose neighbours are looked at, spread over the page: enough for any vote."""
_MAX_NEIGHBOUR_SIZE_RATIO = 2.0
"""Neighbours' longer sides differ by at most this factor."""
_MAX_NEIGHBOUR_DISTANCE_SIZES = 1.0
"""... and lie at most this many longer sides apart."""

_MIN_SIDEWAYS_VOTES = 12
"""A page is on its side if at least so many characters have their neighbour above or below, ..."""
_MIN_SIDEWAYS_MAJORITY_RATIO = 4.0
"""... this many times as many as have it to the left or right, where an upright page has 5 to 200 times as many, ..."""
_MAX_SIDEWAYS_HEIGHT_TO_WIDTH_RATIO = 0.95
"""... and the median character is at most this part as high as wide: digits and letters upright have 1.2 to 2."""

_MAX_ALIGNED_OFFSET_HEIGHTS = 0.1
"""Two neighbours stand on one line if their lower edges differ by at most this part of the lower one's height, ..."""
_MIN_PROTRUSION_HEIGHTS = 0.2
"""... and one has an ascender if their upper edges differ by more than this."""
_MIN_PRINT_VOTES = 20
"""Pairs with an ascender or a descender from which on a page counts as print: pages of print have 33 and more, of
digits at most 14."""
_MIN_PRINT_MAJORITY_RATIO = 2.0
"""Ascenders against descenders, or the other way round upside down: pages of print have 2.2 to 10 times as many, ..."""
_MIN_PRINT_MAJORITY_SIGMAS = 3.0
"""... and more than half by this many standard deviations of a toss of coins."""

_MIN_PRINT_VETO_VOTES = 8
"""On a page of too little print so many of the one, and _PRINT_MAJORITY times as many as of the other, still bar the
reader from the turn that would put them wrong."""

_MAX_READ_CHARACTERS = 60
"""Characters read, spread over the page."""
_MIN_DIGIT_CONFIDENCE = 0.5
"""Only those count that look this much like a digit one way up or the other: signs look like none either way."""
_MIN_READ_DIGITS = 12
_MIN_MEAN_CONFIDENCE = 0.94
"""Mean probability from which on characters are digits the right way up.  Digits have 0.92 to 1.0 so and at most 0.85
upside down; letters upside down have come to 0.93, but are print to begin with."""
_MIN_UPSET_CONFIDENCE_DROP = 0.5
"""A digit is upset by turning it over if its probability falls by more than this."""
_MIN_UPSET_DIGITS = 6
_MIN_UPSET_MAJORITY_RATIO = 4.0
"""... at least so many are, and this many times as many as are set right: none to a fifth as many are."""


def find_quarter_turns(ink: Ink, components: Components, digit_confidences: DigitConfidences) -> int:
    """How to turn a page upright.

    Args:
        ink: of the page with its lines level or upright, from :func:`scanner.geometry.deskew.warp_ink`.
        components: of ``ink.mask``.
        digit_confidences: a digit classifier's probabilities; asked only where there is too little print to tell.

    Returns:
        Quarter turns counter-clockwise, 0 to 3; 0 as well if the page gives no clear answer.
    """
    glyphs = _select_characters(ink, components)
    votes = _count_votes(glyphs.boxes)
    if not _is_sideways(votes, glyphs.boxes):
        return 2 * (_choose_turn(votes, glyphs, digit_confidences, (0, 2)) == 2)
    # Turned by one quarter, what was to the right is above.
    turned = _count_votes(_turn_boxes(glyphs.boxes, ink.mask.shape[1]))
    return _choose_turn(turned, glyphs, digit_confidences, (1, 3))


@dataclass(frozen=True, slots=True, eq=False)
class _Characters:
    """Pieces of ink the size of characters."""

    ink: Ink
    components: Components
    component_indices: NDArray[np.int64]

    @property
    def boxes(self) -> NDArray[np.int32]:
        return self.components.boxes[self.component_indices]

    def sample_frames(self, quarters: Sequence[int]) -> list[Image]:
        """Frames of some of them, turned counter-clockwise by each number of quarters; shapes (N, 28, 28)."""
        chosen = self.component_indices[_evenly_spread_indices(len(self.component_indices), _MAX_READ_CHARACTERS)]
        glyphs = [cut_glyph(self.ink, self.components, self.components.box(int(index))).strength for index in chosen]
        inked = [glyph for glyph in glyphs if glyph.any()]
        return [digit_frames(np.rot90(glyph, turn).copy() for glyph in inked) for turn in quarters]


@dataclass(frozen=True, slots=True)
class _Votes:
    """How many characters have their nearest neighbour where."""

    horizontal_neighbours: int
    vertical_neighbours: int
    ascenders: int
    """Of the pairs side by side, those level at the foot and not at the head."""
    descenders: int
    """Those level at the head and not at the foot."""


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


def _choose_turn(votes: _Votes, glyphs: _Characters, read: DigitConfidences, ways: tuple[int, int]) -> int:
    """Which of two opposite turns sets the page upright: ``votes`` are of the first; 0 if there is no telling."""
    up, down = votes.ascenders, votes.descenders
    if up + down >= _MIN_PRINT_VOTES:
        clear = max(up, down) >= _MIN_PRINT_MAJORITY_RATIO * min(up, down)
        clear &= abs(up - down) >= _MIN_PRINT_MAJORITY_SIGMAS * math.sqrt(up + down)
        return 0 if not clear else ways[0] if up > down else ways[1]
    first, second = (np.asarray(read(picture)) for picture in glyphs.sample_frames(ways))
    like = np.maximum(first, second) >= _MIN_DIGIT_CONFIDENCE
    if np.count_nonzero(like) < _MIN_READ_DIGITS:
        return 0
    for way, here, there in ((ways[0], first[like], second[like]), (ways[1], second[like], first[like])):
        upset, set_right = (
            np.count_nonzero(here - there > _MIN_UPSET_CONFIDENCE_DROP),
            np.count_nonzero(there - here > _MIN_UPSET_CONFIDENCE_DROP),
        )
        if here.mean() >= _MIN_MEAN_CONFIDENCE and upset >= max(
            _MIN_UPSET_DIGITS, _MIN_UPSET_MAJORITY_RATIO * set_right
        ):
            against, for_it = (down, up) if way == ways[0] else (up, down)
            return 0 if against >= max(_MIN_PRINT_VETO_VOTES, _MIN_PRINT_MAJORITY_RATIO * for_it) else way
    return 0


def _count_votes(boxes: NDArray[np.int32]) -> _Votes:
    """Look at the nearest neighbour of each character, or of some of them."""
    if not len(boxes):
        return _Votes(0, 0, 0, 0)
    x, y, width, height = boxes.T.astype(np.float64)
    right, bottom, longer = x + width, y + height, np.maximum(width, height)
    one, other = _nearest_neighbours(x, y, right, bottom, longer)
    # Pairs that overlap in one direction alone: the gap is to the side, or above or below.
    beside, stacked = (
        _gaps_between(begin[one], end[one], begin[other], end[other]) > 0 for begin, end in ((x, right), (y, bottom))
    )
    count = int(np.count_nonzero(stacked & ~beside))
    one, other = one[beside & ~stacked], other[beside & ~stacked]
    lower = np.minimum(height[one], height[other])
    head, foot = np.abs(y[one] - y[other]) / lower, np.abs(bottom[one] - bottom[other]) / lower
    ascenders = np.count_nonzero((foot < _MAX_ALIGNED_OFFSET_HEIGHTS) & (head > _MIN_PROTRUSION_HEIGHTS))
    descenders = np.count_nonzero((head < _MAX_ALIGNED_OFFSET_HEIGHTS) & (foot > _MIN_PROTRUSION_HEIGHTS))
    return _Votes(len(one), count, int(ascenders), int(descenders))


def _nearest_neighbours(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    right: NDArray[np.float64],
    bottom: NDArray[np.float64],
    longer: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Some of the characters that have a neighbour of their size near, spread over the page, and the nearest one."""
    asked = _evenly_spread_indices(len(x), _MAX_VOTERS)
    reach = _MAX_NEIGHBOUR_DISTANCE_SIZES * longer[asked]
    highest = float((bottom - y).max(initial=0))
    near = []
    for which, other in points_within(y, y[asked] - reach - highest, bottom[asked] + reach):
        one = asked[which]
        # Most of what lies at that height lies too far to the side.
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
    """Pixels between spans; 0 where they overlap."""
    return np.asarray(np.maximum(np.maximum(begin - other_end, other - end), 0))


def _turn_boxes(boxes: NDArray[np.int32], width: int) -> NDArray[np.int32]:
    """Boxes of a page of this width, turned counter-clockwise by a quarter with it."""
    return np.stack([boxes[:, 1], width - boxes[:, 0] - boxes[:, 2], boxes[:, 3], boxes[:, 2]], axis=1)


def _evenly_spread_indices(count: int, most: int) -> NDArray[np.int64]:
    """Indices of at most ``most`` of ``count`` things, evenly spread."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)
