"""Take ruled lines, frames and underlines out of the ink without breaking the strokes that cross them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import find_sparse_components
from scanner.image.stroke_width import measure_stroke_width
from scanner.layout.line_segments import (
    MAX_BOW_LENGTH_SHARE,
    Direction,
    extend_hidden_rules,
    fit_segments,
    join_segments,
    sort_by_begin,
)
from scanner.layout.rule_selection import MAX_SIDE_THICKNESS_RATIO, SIDE_THICKNESS_TOLERANCE_PIXELS, select_rules
from scanner.types import Ink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from scanner.image.components import Components, SparseComponents
    from scanner.layout.comb_fields import CombField
    from scanner.layout.line_segments import Rule, Segment
    from scanner.types import Image

    _BarKernel = Callable[[int, int], Image]

_MIN_LENGTH_HEIGHTS = 1.0
"""Shorter lines, in character heights, are not looked for: characters are full of them."""
_RAGGED_EDGE_PIXELS = 1.6
"""Pixels by which a rule's edge may stand out of its mean thickness."""
_STEEP_STROKE_TANGENTS = (0.0, 0.5)
"""How far strokes that cross a rule lean to either side of square to it, as a tangent, ..."""
_FLAT_STROKE_TANGENTS = (1.0, 2.0)
"""... and how far some do."""
_MIN_SEARCHED_COMPONENT_HEIGHTS = 1.2
"""Only components larger than this many character heights are searched."""
_MAX_THICKNESS_STROKES = 4.0
"""A rule is at most this many stroke widths thick, of a page whose fine rules may be most of its strokes: what is
thicker is a bar, a code or a photograph."""
_CORNER_TOLERANCE_STROKES = 1.5
"""Stroke widths by which two lines may miss each other at a corner, ..."""
_MIN_CORNER_TOLERANCE_PIXELS = 4.0
"""... or so many pixels, where strokes are finer than the noise."""
_MAX_NOISE_GAP_PIXELS = 3
"""Pixels that noise eats out of a thin line: closed before looking for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """The ruled lines of a page."""

    rules: tuple[Rule, ...]
    """Level ones first."""
    pixels: Image
    """Shape (H, W), 255 = belongs to rules and to nothing else: strokes across a rule are not part of it."""
    comb_fields: tuple[CombField, ...] = ()
    """Comb fields on a line, from :func:`scanner.layout.comb_ticks.extract_comb_ticks`; their lines and ticks are not among the rules."""


def remove_rules(ink: Ink, page_rules: Rules) -> Ink:
    """Take out the rules.

    Args:
        ink: of the straightened page.
        page_rules: of the same page.

    Returns:
        Ink without rules; the same object if there are none.
    """
    if not page_rules.pixels.any():
        return ink
    # The masks are 0 or 255, so that subtracting one is taking it out.
    mask = np.asarray(cv2.subtract(ink.mask, page_rules.pixels), np.uint8)
    # The rule's soft edges are ink of nobody once it is gone.
    soft = cv2.subtract(cv2.dilate(page_rules.pixels, np.ones((3, 3), np.uint8)), mask)
    strength = np.asarray(cv2.subtract(ink.strength, soft), np.uint8)
    return Ink(strength, mask, measure_stroke_width(mask) or ink.stroke_width)


def find_rules(ink: Ink, components: Components, character_height: float) -> Rules:
    """Find ruled lines, frames and underlines.

    Args:
        ink: of the straightened page.
        components: of ``ink.mask``.
        character_height: of the taller characters, pixels, from
            :func:`scanner.image.character_height.character_height`.
    """
    large = np.flatnonzero(
        components.boxes[:, 2:].max(axis=1, initial=0) > _MIN_SEARCHED_COMPONENT_HEIGHTS * character_height
    )
    if not large.size or character_height <= 0:
        return Rules((), np.zeros_like(ink.mask))
    candidates = _mask_of_components(components, large, ink.mask)
    thickest = max(round(_MAX_THICKNESS_STROKES * ink.stroke_width), 2)
    length = max(round(_MIN_LENGTH_HEIGHTS * character_height), 3)
    level, upright = (
        _LinesInDirection.find(candidates, ink, direction, bar, (length, thickest), character_height)
        for direction, bar in (
            (Direction.HORIZONTAL, _horizontal_bar_kernel),
            (Direction.VERTICAL, _vertical_bar_kernel),
        )
    )
    reach = max(_CORNER_TOLERANCE_STROKES * ink.stroke_width, _MIN_CORNER_TOLERANCE_PIXELS)
    kept = select_rules([s.rule for s in level.segments], [s.rule for s in upright.segments], reach, character_height)
    level, upright = (
        lines.extend_hidden(kept[side], across.rules(kept[1 - side]), ink, character_height)
        for side, (lines, across) in enumerate(((level, upright), (upright, level)))
    )
    rules = (*level.rules(kept[0]), *upright.rules(kept[1]))
    if not rules:
        return Rules((), np.zeros_like(ink.mask))
    lines_mask = level.draw_mask(kept[0], ink.mask) | upright.draw_mask(kept[1], ink.mask)
    across, strokes = _find_crossing_strokes(rules, lines_mask, ink.mask, candidates)
    pixels = np.asarray(cv2.subtract(lines_mask, across), np.uint8)
    return Rules(rules, pixels | _find_short_box_sides(pixels, strokes, (length, thickest)))


def _mask_of_components(components: Components, chosen: NDArray[np.int64], mask: Image) -> Image:
    """The part of a mask that is of the components with these indices, of which there is one at least."""
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
        ink: Ink,
        direction: Direction,
        bar: _BarKernel,
        size: tuple[int, int],
        character_height: float,
    ) -> _LinesInDirection:
        # Further away than the longest bar the ink of a page has no say.
        window = _ink_window(candidates, 2 * size[0])
        pieces = find_sparse_components(_extract_lines(candidates[window], *size, bar), window)
        fitted = fit_segments(pieces, direction)
        crooked = pieces.boxes[:, 2:].max(axis=1, initial=0) >= 2 * size[0]
        crooked[[index for segment in fitted for index in segment.component_indices]] = False
        if crooked.any():
            # A stroke beside a rule and as close as that is shorter than it.
            bent = np.zeros_like(candidates)
            pieces.draw(crooked, bent)
            window = _ink_window(bent, 2 * size[0])
            longer = cv2.dilate(cv2.morphologyEx(bent[window], cv2.MORPH_OPEN, bar(2 * size[0], 1)), bar(1, 3))
            unbent = find_sparse_components(np.asarray(cv2.min(longer, bent[window]), np.uint8), window)
            # What is whole stays as crooked as it was, and no segment is made of it.
            fitted = sort_by_begin((*fitted, *fit_segments(unbent, direction, len(pieces))))
            pieces = pieces.concatenate(unbent)
        return cls(pieces, join_segments(fitted, ink.mask, ink.stroke_width, character_height))

    def rules(self, chosen: set[int]) -> list[Rule]:
        """Those of the chosen segments, in order."""
        return [self.segments[index].rule for index in sorted(chosen)]

    def extend_hidden(
        self, chosen: set[int], across: Sequence[Rule], ink: Ink, character_height: float
    ) -> _LinesInDirection:
        """The same lines, the chosen ones led on to the rules across where writing hides them."""
        segments = list(self.segments)
        longer = extend_hidden_rules(self.rules(chosen), across, ink.mask, ink.stroke_width, character_height)
        for index, rule in zip(sorted(chosen), longer, strict=True):
            if rule is not segments[index].rule:
                segments[index] = replace(segments[index], rule=rule, is_single_component=False)
        return replace(self, segments=tuple(segments))

    def draw_mask(self, chosen: set[int], mask: Image) -> Image:
        """The ink of the chosen segments, and what is left of it in their gaps, without strokes that run into them."""
        kept = np.zeros(len(self.components), bool)
        found, inner, outer = np.zeros_like(mask), np.zeros_like(mask), np.zeros_like(mask)
        for index in sorted(chosen):
            segment = self.segments[index]
            kept[list(segment.component_indices)] = True
            begin, end = (tuple(round(v) for v in point) for point in segment.rule.endpoints)
            thickness = max(round(segment.rule.thickness), 1)
            if not segment.is_single_component:
                cv2.line(inner, begin, end, 255, thickness)
            cv2.line(
                outer,
                begin,
                end,
                255,
                thickness + 2 * round(_RAGGED_EDGE_PIXELS + MAX_BOW_LENGTH_SHARE * segment.rule.length),
            )
        self.components.draw(kept, found)
        return np.asarray((found & outer) | (inner & mask), np.uint8)


def _find_short_box_sides(rules: Image, pieces: SparseComponents, size: tuple[int, int]) -> Image:
    """Thin pieces that lead from one rule to another: the sides of low boxes, shorter than a character."""
    sides = pieces.boxes[:, 2:]
    small = (sides.min(axis=1, initial=size[1] + 1) <= size[1]) & (sides.max(axis=1, initial=0) < size[0])
    for index in np.flatnonzero(small):
        x, y, width, height = pieces.boxes[index].tolist()
        small[index] = _joins_two_rules(x, y, width, height, rules)
    found = np.zeros_like(rules)
    pieces.draw(small, found)
    return found


def _joins_two_rules(x: int, y: int, width: int, height: int, lines: Image) -> bool:
    """Whether a box has a line at both ends of its longer side, and none that is much thinner than it."""
    if height > width:
        ends = (
            _window_with_margin(lines, x, y - _MAX_NOISE_GAP_PIXELS, width, 2 * _MAX_NOISE_GAP_PIXELS),
            _window_with_margin(lines, x, y + height - _MAX_NOISE_GAP_PIXELS, width, 2 * _MAX_NOISE_GAP_PIXELS),
        )
    else:
        ends = (
            _window_with_margin(lines, x - _MAX_NOISE_GAP_PIXELS, y, 2 * _MAX_NOISE_GAP_PIXELS, height),
            _window_with_margin(lines, x + width - _MAX_NOISE_GAP_PIXELS, y, 2 * _MAX_NOISE_GAP_PIXELS, height),
        )
    thinner = min(_line_thickness(np.count_nonzero(end, axis=0 if height > width else 1)) for end in ends)
    return thinner > 0 and min(width, height) <= MAX_SIDE_THICKNESS_RATIO * thinner + SIDE_THICKNESS_TOLERANCE_PIXELS


def _line_thickness(inked: NDArray[np.intp]) -> int:
    """Of a line, from its ink at each place along it: beside what meets it in the middle, which makes it thicker."""
    beside = int(max(inked[:_MAX_NOISE_GAP_PIXELS].max(initial=0), inked[-_MAX_NOISE_GAP_PIXELS:].max(initial=0)))
    return beside or int(inked.max(initial=0))


def _window_with_margin(image: Image, x: int, y: int, width: int, height: int) -> Image:
    """A cut-out, with a margin of the same reach on its long sides, as far as it lies in the image."""
    return image[
        max(y - _MAX_NOISE_GAP_PIXELS, 0) : max(y + height + _MAX_NOISE_GAP_PIXELS, 0),
        max(x - _MAX_NOISE_GAP_PIXELS, 0) : max(x + width + _MAX_NOISE_GAP_PIXELS, 0),
    ]


def _horizontal_bar_kernel(length: int, thickness: int) -> Image:
    return np.ones((thickness, length), np.uint8)


def _vertical_bar_kernel(length: int, thickness: int) -> Image:
    return np.ones((length, thickness), np.uint8)


def _extract_lines(mask: Image, length: int, thickest: int, bar: _BarKernel) -> Image:
    """Straight lines in one direction, at least ``length`` long and at most ``thickest`` thick."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, bar(2 * _MAX_NOISE_GAP_PIXELS + 1, 1))
    lines = cv2.morphologyEx(closed, cv2.MORPH_OPEN, bar(length, 1))
    solid = cv2.morphologyEx(lines, cv2.MORPH_OPEN, bar(1, thickest + 1))
    # One pixel more on each side takes the ragged edge along.
    grown = cv2.dilate(cv2.subtract(lines, solid), bar(1, 3))
    return np.asarray(cv2.min(grown, mask), np.uint8)


def _find_crossing_strokes(
    rules: Sequence[Rule], lines: Image, mask: Image, candidates: Image
) -> tuple[Image, SparseComponents]:
    """The pixels of rules that belong to strokes across them, which have ink on both sides; and the ink between rules.

    The two sides are joined in the directions in which strokes run, steep ones
    first: a slanting one leaves the rule further along than it entered it.  A
    flat way is taken only between what is not joined yet, or the loops of an 8
    would be filled.
    """
    rest = np.asarray(cv2.subtract(mask, lines), np.uint8)
    across = np.zeros_like(mask)
    for rule in rules:
        window = _rule_window(rule)
        across[window] |= _close_across_rule(rest[window], rule, _STEEP_STROKE_TANGENTS) & lines[window]
    # What touches a rule is of the candidates, as the rule is.
    rest_of_lines = (rest & candidates) | across
    whole = find_sparse_components(rest_of_lines)
    labels = whole.label_image(mask.shape)
    joined = False
    for rule in rules:
        window = _rule_window(rule)
        flat = _close_across_rule(rest[window], rule, _FLAT_STROKE_TANGENTS) & lines[window] & ~across[window]
        if flat.any():
            pieces = find_sparse_components(flat)
            linking = _touches_two_components(pieces, labels[window])
            pieces.draw(linking, across[window])
            joined |= bool(linking.any())
    return across, find_sparse_components(rest_of_lines | across) if joined else whole


def _ink_window(mask: Image, margin: int) -> tuple[slice, slice]:
    """The part of a mask with its ink and a margin around it."""
    x, y, width, height = cv2.boundingRect(mask)
    return slice(max(y - margin, 0), y + height + margin), slice(max(x - margin, 0), x + width + margin)


def _rule_window(rule: Rule) -> tuple[slice, slice]:
    (x1, y1), (x2, y2) = rule.endpoints
    left, top, right, bottom = (round(v) for v in (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))
    margin = round(max(_FLAT_STROKE_TANGENTS) * _crossing_reach(rule)) + 1
    return slice(max(top - margin, 0), bottom + margin), slice(max(left - margin, 0), right + margin)


def _crossing_reach(rule: Rule) -> int:
    """Pixels from the ink on one side of a rule to the ink on the other, at most."""
    return round(rule.thickness + 2 * _RAGGED_EDGE_PIXELS) + 3


def _close_across_rule(rest: Image, rule: Rule, leans: Sequence[float]) -> Image:
    """What lies between the ink on either side of a rule, in the directions that lean so much to either side."""
    level = rest if rule.direction is Direction.HORIZONTAL else rest.T
    height = _crossing_reach(rule)
    margin = round(max(leans) * height) + 1
    # Nothing is joined where there is no ink, which along most of a rule there is not.
    inked = np.asarray(level.any(axis=0), np.uint8)[None]
    columns = np.flatnonzero(cv2.dilate(inked, np.ones((1, 2 * margin + 1), np.uint8)))
    near = np.ascontiguousarray(level[:, columns])
    joined = np.zeros_like(near)
    for lean in leans if columns.size else ():
        reach = round(lean * height)
        stroke = cv2.line(np.zeros((height, reach + 1), np.uint8), (0, 0), (reach, height - 1), 1)
        for bar in (stroke, np.ascontiguousarray(stroke[:, ::-1])) if reach else (stroke,):
            joined |= cv2.morphologyEx(near, cv2.MORPH_CLOSE, bar).astype(np.uint8)
    found = np.zeros_like(level)
    found[:, columns] = joined
    return found if rule.direction is Direction.HORIZONTAL else found.T


def _touches_two_components(pieces: SparseComponents, labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which pieces touch two different components, of which the labels are given."""
    bottom, right = np.array(labels.shape) - 1
    pairs = np.unique(
        np.concatenate(
            [
                np.stack(
                    [
                        pieces.component_of_pixel,
                        labels[(pieces.rows + y).clip(0, bottom), (pieces.columns + x).clip(0, right)],
                    ]
                )
                for y, x in itertools.product((-1, 0, 1), repeat=2)
            ],
            axis=1,
        ),
        axis=1,
    )
    return np.bincount(pairs[0, pairs[1] > 0], minlength=len(pieces)) > 1
