"""Find text lines: chains of neighbouring components, each of which may be a number, a word or a sum."""

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
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.number_finder import NumberRegion


_MIN_CHARACTER_INK_SQUARED_STROKES = 1.0
"""Minimum ink of a component of a text line, squared stroke widths.  Less is a speck; a point made by the same pen has
more."""

_MIN_LINE_HEIGHT_STROKES = 2.0
"""Minimum height of the tallest component of a text line, stroke widths.  Anything lower is points and dashes."""

_MAX_CHARACTER_SIZE_HEIGHTS = 3.5
"""Maximum height of a character, in character heights of the page.  Anything taller is a frame, a picture or a
scribble."""

MAX_CHARACTER_GAP_HEIGHTS = 1.4
"""Maximum gap between neighbours on a text line, in heights of the taller one: the space after a thousands point, or
the pitch of a comb field."""

_MIN_NEIGHBOUR_OVERLAP_SHARE = 0.4
"""Minimum vertical overlap of neighbours on a text line, as a share of the lower one's height."""

_DIGIT_HEIGHT_PERCENTILE = 75
"""Percentile of the heights on a text line taken as the height of its digits: in a sum, half of the characters are
signs."""

MIN_WHOLE_CHARACTER_HEIGHT_SHARE = 0.6
"""Minimum height of a component that can be a whole digit, as a share of the height of the line or cell it is in."""

MIN_CHARACTER_PART_HEIGHT_SHARE = 0.35
"""Minimum height of a component that counts as a character or a part of one, as a share of the line's height.  Anything
lower is a point, a dash or a detached bar."""

_MIN_BASELINE_HEIGHT_SHARE = 0.5
"""Minimum height of the components that define the baseline, as a share of the line's character height."""

_MAX_PUNCTUATION_SIZE_HEIGHTS = 0.4
"""Maximum width and height of a point or comma, in character heights of the line."""

_MAX_ABOVE_BASELINE_HEIGHTS = 0.45
"""Maximum height of the middle of a point or comma above the baseline, in character heights of the line."""

_MAX_BELOW_BASELINE_HEIGHTS = 0.35
"""Maximum depth of the middle of a point or comma below the baseline, in character heights of the line."""

_MAX_PUNCTUATION_OVERLAP_SHARE = 0.2
"""Maximum reach of the middle of a point or comma under a digit, as a share of the digit's width from either side."""

_MIN_PUNCTUATION_INK_SQUARED_STROKES = 0.05
"""Minimum ink of a point or comma, squared stroke widths: that of the point of a pale pen on a page of darker ones.
Paper grain has less."""

_MIN_SPLITTING_INK_HEIGHTS = 0.3
"""Minimum width or height of ink of another class that splits a text line, in character heights.  Anything smaller is
a point, and belongs to the number."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """Components that stand side by side on one line."""

    component_indices: tuple[int, ...]
    """Indices of its components, sorted by left edge; none if it is a region without ink."""
    box: Box
    """Around all of them, pixels of the rectified page."""
    character_height: float
    """Typical height of its characters, pixels."""
    region: NumberRegion | None = None
    """Where the page network sees the number that it is; None if it is a chain of components."""


def select_characters(ink: MeasuredInk) -> NDArray[np.int64]:
    """Select the components that are neither specks nor frames, pictures or scribbles.

    Args:
        ink: ink of the page without rules.

    Returns:
        Their indices, sorted by left edge.
    """
    max_height = max(
        _MAX_CHARACTER_SIZE_HEIGHTS * ink.character_height, MIN_CHARACTER_HEIGHT_STROKES * ink.stroke_width
    )
    chosen = np.flatnonzero(
        (ink.components.areas >= _MIN_CHARACTER_INK_SQUARED_STROKES * ink.stroke_width**2)
        & (ink.components.boxes[:, 3] <= max_height)
    )
    return chosen[np.argsort(ink.components.boxes[chosen, 0], kind="stable")]


def find_text_lines(
    ink: MeasuredInk, component_indices: NDArray[np.int64], max_gap: float = MAX_CHARACTER_GAP_HEIGHTS
) -> tuple[TextLine, ...]:
    """Chain components to text lines.

    Args:
        ink: ink of the page without rules.
        component_indices: those to chain, from :func:`select_characters`.
        max_gap: maximum gap between neighbours, in heights of the taller one.

    Returns:
        The text lines, in no particular order; none that consists of points and dashes only.
    """
    groups = chain_boxes(ink.components.boxes[component_indices], max_gap)
    return tuple(line for group in groups for line in _line_of_components(component_indices[group], ink))


def split_at_other_ink(
    text_lines: Iterable[TextLine], other_indices: NDArray[np.int64], ink: MeasuredInk
) -> tuple[TextLine, ...]:
    """Split text lines where ink of another class stands between their components: a sign, a slash, a word.

    Args:
        text_lines: from :func:`find_text_lines`.
        other_indices: components of other ink classes, which are in no text line.
        ink: ink of the page without rules.
    """
    components = ink.components
    x, y, width, height = components.boxes[other_indices].T
    other_x, other_y = x + width / 2, y + height / 2
    size = np.maximum(width, height)
    split_lines = []
    for line in text_lines:
        members = np.array(line.component_indices, np.int64)
        left = components.boxes[members, 0]
        right = left + components.boxes[members, 2]
        between = (
            (other_x > line.box.x)
            & (other_x < line.box.right)
            & (size >= _MIN_SPLITTING_INK_HEIGHTS * line.character_height)
        )
        between &= (other_y > line.box.y) & (other_y < line.box.bottom)
        # A ring around a number, or a line through it, does not stand between its digits.
        middles = (left + right) / 2
        between &= ~((x[:, None] < middles) & (middles < (x + width)[:, None])).any(axis=1)
        # Ink right above or below a digit splits nothing.
        cuts = [cut for cut in np.sort(other_x[between]) if not ((left < cut) & (right > cut)).any()]
        part_of_member = np.searchsorted(cuts, middles)
        for part in np.unique(part_of_member):
            split_lines += _line_of_components(members[part_of_member == part], ink)
    return tuple(split_lines)


def add_punctuation(
    text_lines: Iterable[TextLine], loose_indices: NDArray[np.int64], ink: MeasuredInk
) -> tuple[TextLine, ...]:
    """Add to each text line the points and commas between its digits, even if they are as small as specks.

    Args:
        text_lines: from :func:`find_text_lines`.
        loose_indices: components that are in no text line and may be part of a number.
        ink: ink of the page without rules.
    """
    components = ink.components
    loose_indices = loose_indices[
        components.areas[loose_indices] >= _MIN_PUNCTUATION_INK_SQUARED_STROKES * ink.stroke_width**2
    ]
    x, _, width, _ = components.boxes[loose_indices].T
    order = np.argsort(x + width / 2, kind="stable")
    loose_indices, loose_x = loose_indices[order], (x + width / 2)[order]
    completed = []
    for line in text_lines:
        members = np.array(line.component_indices, np.int64)
        left, top, member_width, member_height = components.boxes[members].T
        on_baseline = member_height >= _MIN_BASELINE_HEIGHT_SHARE * line.character_height
        if not on_baseline.any():
            completed.append(line)
            continue
        baseline = float(np.median((top + member_height)[on_baseline]))
        within = slice(*np.searchsorted(loose_x, (line.box.x, line.box.right)))
        _, y, width, height = components.boxes[loose_indices[within]].T
        above, middle = baseline - (y + height / 2), loose_x[within, None]
        is_punctuation = np.maximum(width, height) <= _MAX_PUNCTUATION_SIZE_HEIGHTS * line.character_height
        is_punctuation &= (above <= _MAX_ABOVE_BASELINE_HEIGHTS * line.character_height) & (
            above >= -_MAX_BELOW_BASELINE_HEIGHTS * line.character_height
        )
        begin, end = (
            (left + _MAX_PUNCTUATION_OVERLAP_SHARE * member_width)[on_baseline],
            (left + (1 - _MAX_PUNCTUATION_OVERLAP_SHARE) * member_width)[on_baseline],
        )
        is_punctuation &= ~((begin < middle) & (middle < end)).any(axis=1)
        completed.append(_add_components(line, loose_indices[within][is_punctuation], components))
    return tuple(completed)


def _add_components(line: TextLine, added: NDArray[np.int64], components: Components) -> TextLine:
    if not added.size:
        return line
    members = np.concatenate([np.array(line.component_indices, np.int64), added])
    members = members[np.argsort(components.boxes[members, 0], kind="stable")]
    indices = tuple(members.tolist())
    return TextLine(indices, Box.around(components.box(index) for index in indices), line.character_height)


def _line_of_components(members: NDArray[np.int64], ink: MeasuredInk) -> list[TextLine]:
    """Make a text line of these components; an empty list if they are only points and dashes."""
    heights = ink.components.boxes[members, 3]
    tallest = float(heights.max())
    if tallest < _MIN_LINE_HEIGHT_STROKES * ink.stroke_width:
        return []
    full_size = heights >= max(MIN_CHARACTER_PART_HEIGHT_SHARE * tallest, 1)
    indices = tuple(int(index) for index in members)
    box = Box.around(ink.components.box(index) for index in indices)
    return [TextLine(indices, box, float(np.percentile(heights[full_size], _DIGIT_HEIGHT_PERCENTILE)))]


def chain_boxes(boxes: NDArray[np.int32], max_gap: float) -> list[NDArray[np.int64]]:
    """Group boxes that stand side by side.

    Args:
        boxes: shape (N, 4), sorted by left edge.
        max_gap: maximum gap between neighbours, in heights of the taller one.

    Returns:
        For each group indices into ``boxes``, ascending; the groups are sorted by their last index.
    """
    if not len(boxes):
        return []
    x, y, width, height = boxes.T
    right, bottom = x + width, y + height
    # Boxes that end before this index are out of reach: with thousands of specks, all pairs would be too many.
    starts = np.searchsorted(np.maximum.accumulate(right), x - max_gap * height.max())
    links = []
    for index in range(1, len(boxes)):
        before = slice(int(starts[index]), index)
        overlap = np.minimum(bottom[before], bottom[index]) - np.maximum(y[before], y[index])
        taller = np.maximum(height[before], height[index])
        lower = np.minimum(height[before], height[index])
        linked = (x[index] - right[before] <= max_gap * taller) & (overlap >= _MIN_NEIGHBOUR_OVERLAP_SHARE * lower)
        links.append(np.flatnonzero(linked) + before.start)
    later = np.repeat(np.arange(1, len(boxes)), [len(earlier) for earlier in links])
    roots = group_roots(len(boxes), np.concatenate([np.arange(0), *links]), later)
    groups = [np.flatnonzero(roots == root) for root in np.unique(roots)]
    return sorted(groups, key=lambda group: int(group[-1]))
