"""Find ruled lines, frames and underlines, and remove them without breaking the strokes that cross them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import find_sparse_components, label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.image.stroke_width import measure_stroke_width
from scanner.layout.crossing_strokes import RAGGED_EDGE_PIXELS, find_crossing_strokes
from scanner.layout.line_segments import MAX_BOW_LENGTH_SHARE, Direction, fit_segments, sort_by_begin
from scanner.layout.rule_selection import corner_tolerance, is_side_thickness, select_rules
from scanner.layout.segment_joining import extend_hidden_rules, join_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from scanner.image.components import Components, SparseComponents
    from scanner.layout.line_segments import Rule, Segment
    from scanner.types import Image

    _BarKernel = Callable[[int, int], Image]

_MIN_LENGTH_HEIGHTS = 1.0
"""Minimum length of a line that is looked for, character heights: characters are full of shorter ones.  A choice."""
_MIN_SEARCHED_COMPONENT_HEIGHTS = 1.2
"""Components with a longer side of at most this many character heights are not searched for lines.  A choice."""
_MAX_THICKNESS_STROKES = 4.0
"""Maximum thickness of a rule, stroke widths, which are small if most strokes of a page are fine rules: a bar, a bar
code or a photograph is thicker.  A choice."""
_MAX_NOISE_GAP_PIXELS = 3
"""Maximum gap, pixels, that noise leaves in a thin line; such gaps are closed before looking for lines.  A choice."""


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """The ruled lines of a page."""

    rules: tuple[Rule, ...]
    """Horizontal ones first."""
    pixels: Image
    """Shape (H, W), 255 where the ink belongs to rules alone: strokes across a rule are not part of it."""


def remove_rules(ink: MeasuredInk, page_rules: Rules) -> MeasuredInk:
    """Remove the rules from the ink.

    Args:
        ink: ink of the rectified page.
        page_rules: rules of the same page.

    Returns:
        Ink without rules, with the character height that was measured with them; the same object if there are none.
    """
    if not page_rules.pixels.any():
        return ink
    # The masks are 0 or 255, so that subtracting one removes it.
    mask = np.asarray(cv2.subtract(ink.mask, page_rules.pixels), np.uint8)
    # The soft edges of a rule are removed with it.
    soft = cv2.subtract(cv2.dilate(page_rules.pixels, np.ones((3, 3), np.uint8)), mask)
    strength = np.asarray(cv2.subtract(ink.strength, soft), np.uint8)
    stroke_width = measure_stroke_width(mask) or ink.stroke_width
    return MeasuredInk(strength, mask, stroke_width, label_components(mask), ink.character_height)


def find_rules(ink: MeasuredInk) -> Rules:
    """Find ruled lines, frames and underlines.

    Args:
        ink: ink of the rectified page.
    """
    large = np.flatnonzero(
        ink.components.boxes[:, 2:].max(axis=1, initial=0) > _MIN_SEARCHED_COMPONENT_HEIGHTS * ink.character_height
    )
    if not large.size or ink.character_height <= 0:
        return Rules((), np.zeros_like(ink.mask))
    candidates = _mask_of_components(ink.components, large, ink.mask)
    thickest = max(round(_MAX_THICKNESS_STROKES * ink.stroke_width), 2)
    length = max(round(_MIN_LENGTH_HEIGHTS * ink.character_height), 3)
    horizontal, vertical = (
        _LinesInDirection.find(candidates, ink, direction, bar, (length, thickest))
        for direction, bar in (
            (Direction.HORIZONTAL, _horizontal_bar_kernel),
            (Direction.VERTICAL, _vertical_bar_kernel),
        )
    )
    chosen = select_rules(
        [segment.rule for segment in horizontal.segments],
        [segment.rule for segment in vertical.segments],
        corner_tolerance(ink.stroke_width),
        ink.character_height,
    )
    horizontal, vertical = (
        lines.extend_hidden(chosen[side], perpendicular.rules(chosen[1 - side]), ink)
        for side, (lines, perpendicular) in enumerate(((horizontal, vertical), (vertical, horizontal)))
    )
    rules = (*horizontal.rules(chosen[0]), *vertical.rules(chosen[1]))
    if not rules:
        return Rules((), np.zeros_like(ink.mask))
    lines_mask = horizontal.draw_mask(chosen[0], ink.mask) | vertical.draw_mask(chosen[1], ink.mask)
    crossing, strokes = find_crossing_strokes(rules, lines_mask, ink.mask, candidates)
    pixels = np.asarray(cv2.subtract(lines_mask, crossing), np.uint8)
    return Rules(rules, pixels | _find_short_box_sides(pixels, strokes, (length, thickest)))


def _mask_of_components(components: Components, chosen: NDArray[np.int64], mask: Image) -> Image:
    """The part of a mask that is of the components with these indices, at least one."""
    kept = np.zeros(len(components) + 1, np.uint8)
    kept[chosen + 1] = 255
    ink = np.zeros_like(mask)
    left, top, width, height = components.boxes[chosen].T
    window = slice(top.min(), (top + height).max()), slice(left.min(), (left + width).max())
    ink[window] = np.take(kept, components.labels[window])
    return ink


@dataclass(frozen=True, slots=True, eq=False)
class _LinesInDirection:
    """All straight lines of one direction, ruled or not."""

    components: SparseComponents
    segments: tuple[Segment, ...]

    @classmethod
    def find(
        cls,
        candidates: Image,
        ink: MeasuredInk,
        direction: Direction,
        bar: _BarKernel,
        size: tuple[int, int],
    ) -> _LinesInDirection:
        # Ink further away than the longest bar makes no difference.
        window = _ink_window(candidates, 2 * size[0])
        components = find_sparse_components(_extract_lines(candidates[window], *size, bar), window)
        fitted = fit_segments(components, direction)
        crooked = components.boxes[:, 2:].max(axis=1, initial=0) >= 2 * size[0]
        crooked[[index for segment in fitted for index in segment.component_indices]] = False
        if crooked.any():
            # A stroke so close to a rule that the two are one component is shorter than the rule.
            bent = np.zeros_like(candidates)
            components.draw(crooked, bent)
            window = _ink_window(bent, 2 * size[0])
            longer = cv2.dilate(cv2.morphologyEx(bent[window], cv2.MORPH_OPEN, bar(2 * size[0], 1)), bar(1, 3))
            unbent = find_sparse_components(np.asarray(cv2.min(longer, bent[window]), np.uint8), window)
            # A component that stays whole is as crooked as before, and becomes no segment.
            fitted = sort_by_begin((*fitted, *fit_segments(unbent, direction, len(components))))
            components = components.concatenate(unbent)
        return cls(components, join_segments(fitted, ink))

    def rules(self, chosen: set[int]) -> list[Rule]:
        """Rules of the chosen segments, in order."""
        return [self.segments[index].rule for index in sorted(chosen)]

    def extend_hidden(self, chosen: set[int], perpendicular: Sequence[Rule], ink: MeasuredInk) -> _LinesInDirection:
        """The same lines, the chosen ones extended to perpendicular rules where writing hides them."""
        segments = list(self.segments)
        extended = extend_hidden_rules(self.rules(chosen), perpendicular, ink)
        for index, rule in zip(sorted(chosen), extended, strict=True):
            if rule is not segments[index].rule:
                segments[index] = replace(segments[index], rule=rule, is_single_component=False)
        return replace(self, segments=tuple(segments))

    def draw_mask(self, chosen: set[int], mask: Image) -> Image:
        """Ink of the chosen segments and what is left of it in their gaps, without strokes that run into them."""
        kept = np.zeros(len(self.components), bool)
        own, inner, outer = np.zeros_like(mask), np.zeros_like(mask), np.zeros_like(mask)
        for index in sorted(chosen):
            segment = self.segments[index]
            kept[list(segment.component_indices)] = True
            begin, end = (tuple(round(v) for v in point) for point in segment.rule.endpoints)
            thickness = max(round(segment.rule.thickness), 1)
            if not segment.is_single_component:
                cv2.line(inner, begin, end, 255, thickness)
            margin = round(RAGGED_EDGE_PIXELS + MAX_BOW_LENGTH_SHARE * segment.rule.length)
            cv2.line(outer, begin, end, 255, thickness + 2 * margin)
        self.components.draw(kept, own)
        return np.asarray((own & outer) | (inner & mask), np.uint8)


def _find_short_box_sides(rules: Image, components: SparseComponents, size: tuple[int, int]) -> Image:
    """Mask of the thin components that lead from one rule to another: sides of boxes lower than a character."""
    sides = components.boxes[:, 2:]
    small = (sides.min(axis=1, initial=size[1] + 1) <= size[1]) & (sides.max(axis=1, initial=0) < size[0])
    for index in np.flatnonzero(small):
        x, y, width, height = components.boxes[index].tolist()
        small[index] = _joins_two_rules(x, y, width, height, rules)
    found = np.zeros_like(rules)
    components.draw(small, found)
    return found


def _joins_two_rules(x: int, y: int, width: int, height: int, lines: Image) -> bool:
    """Whether a box has a line at both ends of its longer side, and none much thinner than itself."""
    gap = _MAX_NOISE_GAP_PIXELS
    if height > width:
        ends = (
            _window_with_margin(lines, x, y - gap, width, 2 * gap),
            _window_with_margin(lines, x, y + height - gap, width, 2 * gap),
        )
    else:
        ends = (
            _window_with_margin(lines, x - gap, y, 2 * gap, height),
            _window_with_margin(lines, x + width - gap, y, 2 * gap, height),
        )
    thinner = min(_line_thickness(np.count_nonzero(end, axis=0 if height > width else 1)) for end in ends)
    return thinner > 0 and is_side_thickness(min(width, height), thinner)


def _line_thickness(inked: NDArray[np.intp]) -> int:
    """Thickness of a line, from its ink at each position along it: beside the side that meets it in the middle."""
    beside = int(max(inked[:_MAX_NOISE_GAP_PIXELS].max(initial=0), inked[-_MAX_NOISE_GAP_PIXELS:].max(initial=0)))
    return beside or int(inked.max(initial=0))


def _window_with_margin(image: Image, x: int, y: int, width: int, height: int) -> Image:
    """A window of an image with a margin of ``_MAX_NOISE_GAP_PIXELS``, clipped to the image."""
    return image[
        max(y - _MAX_NOISE_GAP_PIXELS, 0) : max(y + height + _MAX_NOISE_GAP_PIXELS, 0),
        max(x - _MAX_NOISE_GAP_PIXELS, 0) : max(x + width + _MAX_NOISE_GAP_PIXELS, 0),
    ]


def _ink_window(mask: Image, margin: int) -> tuple[slice, slice]:
    """The window of a mask with all its ink and a margin around it."""
    x, y, width, height = cv2.boundingRect(mask)
    return slice(max(y - margin, 0), y + height + margin), slice(max(x - margin, 0), x + width + margin)


def _horizontal_bar_kernel(length: int, thickness: int) -> Image:
    return np.ones((thickness, length), np.uint8)


def _vertical_bar_kernel(length: int, thickness: int) -> Image:
    return np.ones((length, thickness), np.uint8)


def _extract_lines(mask: Image, length: int, thickest: int, bar: _BarKernel) -> Image:
    """Mask of the straight lines in one direction, at least ``length`` long and at most ``thickest`` thick."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, bar(2 * _MAX_NOISE_GAP_PIXELS + 1, 1))
    lines = cv2.morphologyEx(closed, cv2.MORPH_OPEN, bar(length, 1))
    solid = cv2.morphologyEx(lines, cv2.MORPH_OPEN, bar(1, thickest + 1))
    # One more pixel on each side includes the ragged edge.
    grown = cv2.dilate(cv2.subtract(lines, solid), bar(1, 3))
    return np.asarray(cv2.min(grown, mask), np.uint8)
