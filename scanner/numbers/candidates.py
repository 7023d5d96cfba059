"""Find what may be a number of the requested kind: the digits in comb fields, and text lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.character_height import MIN_CHARACTER_HEIGHT_STROKES, encloses_another
from scanner.layout.ink_classes import InkClass, classify_number_kind, is_mark, may_be_number
from scanner.numbers.comb_digits import find_comb_digits
from scanner.numbers.exponents import is_exponent_line
from scanner.numbers.region_ink import region_text_lines
from scanner.numbers.region_joining import add_outer_digits, join_at_points
from scanner.numbers.text_lines import (
    MAX_CHARACTER_GAP_HEIGHTS,
    add_punctuation,
    find_text_lines,
    select_characters,
    split_at_other_ink,
)
from scanner.options import NumberKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.cell_assignment import CellAssignment, FormCell
    from scanner.layout.comb_fields import CombField
    from scanner.layout.number_finder import NumberRegion
    from scanner.numbers.comb_digits import CombDigits
    from scanner.numbers.text_lines import TextLine


_MAX_SINGLE_LINE_FRAME_HEIGHTS = 3.0
"""Maximum height of a frame that holds a single line of writing, in heights of what is written in it."""
_MAX_GAP_IN_FRAME_HEIGHTS = 2.4
"""Maximum gap between neighbours on the text line in such a frame, in heights of the taller one: people fill a box from
side to side."""
_MIN_BULKY_SIZE_STROKES = 2.5
"""Minimum width and height of a component that cannot be the remnant of a rule, stroke widths."""
_MAX_ONE_WIDTH_HEIGHTS = 0.4
"""Maximum width of a 1 without a foot, in its heights.  A choice."""
_ONE_HEIGHT_DIGITS = (0.7, 1.35)
"""Minimum and maximum height of a 1, relative to the other digits of its field.  A choice."""
_ONE_MIDDLE_CELLS = (0.2, 0.8)
"""Where the middle of a 1 stands in its comb cell, as shares of the cell's width from the left: not at its dividers.  A
choice."""
_MIN_LOW_LINE_PROBABILITY = 0.97
"""Minimum probability of the requested number kind for a text line as low as points and dashes.  Among bold print, the
digits of small handwriting are that low."""
_MIN_LOW_LINE_CHARACTER_HEIGHTS = 0.6
"""Minimum character height of such a low text line, in character heights of the page, unless it is an exponent."""
_MIN_EXPONENT_PROBABILITY = 0.9
"""Minimum probability of the requested number kind for a low text line that stands where an exponent does."""
_MIN_ENCLOSED_HEIGHT_SHARE = 0.35
"""Minimum height of a component within a ring that shows the ring to be no digit, as a share of the ring's height.
Anything lower is a speck within a 0."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberCandidates:
    """Components that may be numbers, by comb fields and text lines."""

    component_indices: NDArray[np.int64]
    """Components outside comb fields that can be characters of the requested numbers."""
    comb_digits: tuple[CombDigits, ...]
    text_lines: tuple[TextLine, ...]
    """The regions of handwritten numbers that the page network has found, and chains of components."""
    region_of_component: NDArray[np.int64] | None = None
    """Index of the region of each component of the page, -1 for none; None if no regions were looked for."""


def find_number_candidates(
    inked: CellAssignment,
    combs: Sequence[CombField],
    shares_and_kind: tuple[NDArray[np.float64], NumberKind] | None,
    regions: Sequence[NumberRegion] | None = None,
) -> NumberCandidates:
    """Find the comb digits and text lines that may be numbers.

    Args:
        inked: components by cell.
        combs: comb fields of the page.
        shares_and_kind: the ink class shares of each component, from
            :func:`scanner.layout.ink_classes.component_class_shares`, and the requested kind of numbers; None if the
            ink classes are unknown, in which case any ink may be a number.
        regions: where the page network sees handwritten numbers; None to chain components.
    """
    members = select_characters(inked.ink)
    if shares_and_kind is None:
        return _candidates_of_any_ink(members, inked, combs)
    shares, kind = shares_and_kind
    # A comb field is judged as a whole: some letters in it look like digits, and some digits do not.
    is_mark_or_rule = _is_mark_or_rule_remnant(members, shares, inked.ink)
    is_one = _is_upright_as_high_as_digits(members, is_mark_or_rule, inked)
    combs_with_ink = find_comb_digits(inked, members[~is_mark_or_rule | is_one], combs)
    outside = _outside_comb_fields(members, combs_with_ink)
    comb_digits = tuple(
        comb for comb in combs_with_ink if _line_kind(comb.text_line, shares, inked.components, kind)[0]
    )
    if regions is None or kind is NumberKind.PRINTED:
        return _chained_candidates(outside, comb_digits, inked, shares, kind)
    free_regions = [region for region in regions if not _is_in_comb_field(region, comb_digits)]
    whole = join_at_points(add_outer_digits(free_regions, inked, shares), inked)
    lines, region_of = region_text_lines(whole, inked.ink)
    in_regions = np.flatnonzero(region_of >= 0)
    if kind is NumberKind.ANY:
        free = outside[region_of[outside] < 0]
        printed = _chained_candidates(free, comb_digits, inked, shares, NumberKind.PRINTED)
        lines = (*lines, *printed.text_lines)
        in_regions = np.concatenate([in_regions, printed.component_indices])
    return NumberCandidates(in_regions, comb_digits, lines, region_of)


def _is_in_comb_field(region: NumberRegion, comb_digits: Sequence[CombDigits]) -> bool:
    """Whether a region is of digits in a comb field, which is a number as a whole."""
    x, y = region.box.center
    boxes = [comb.text_line.box for comb in comb_digits]
    return any(box.x <= x < box.right and box.y <= y < box.bottom for box in boxes)


def _chained_candidates(
    members: NDArray[np.int64],
    comb_digits: tuple[CombDigits, ...],
    inked: CellAssignment,
    shares: NDArray[np.float64],
    kind: NumberKind,
) -> NumberCandidates:
    """Chains of those components outside comb fields that are of the requested kind."""
    may_be_digit = may_be_number(shares[members], kind)
    boxes = inked.components.boxes[members[may_be_digit]]
    # A ring around a number is no digit.
    may_be_digit[may_be_digit] = ~encloses_another(boxes, np.arange(len(boxes)), _MIN_ENCLOSED_HEIGHT_SHARE)
    others, members = members[~may_be_digit], members[may_be_digit]
    lines = split_at_other_ink(_find_lines_within_cells(inked, members), others, inked.ink)
    low = [_is_punctuation_low(line, inked.ink) for line in lines]
    bases = [line for line, is_low in zip(lines, low, strict=True) if not is_low]
    lines = tuple(
        line
        for line, is_low in zip(lines, low, strict=True)
        if not is_low
        or _line_kind(line, shares, inked.components, kind)[1]
        >= _required_kind_probability(line, bases, inked.ink.character_height)
    )
    return NumberCandidates(members, comb_digits, _add_punctuation_by_cell(lines, comb_digits, inked, shares, kind))


def _candidates_of_any_ink(
    members: NDArray[np.int64], inked: CellAssignment, combs: Sequence[CombField]
) -> NumberCandidates:
    comb_digits = find_comb_digits(inked, members, combs)
    members = _outside_comb_fields(members, comb_digits)
    lines = _find_lines_within_cells(inked, members)
    return NumberCandidates(
        members, comb_digits, tuple(line for line in lines if not _is_punctuation_low(line, inked.ink))
    )


def _is_mark_or_rule_remnant(
    members: NDArray[np.int64], shares: NDArray[np.float64], ink: MeasuredInk
) -> NDArray[np.bool_]:
    """Which components are crosses, dashes or remnants of the rules of a comb field.

    A remnant is as thin as a rule; half of a 4 beside a rule is not.
    """
    is_rule = shares[members, InkClass.RULE] > shares[members, InkClass.MARK]
    is_bulky = ink.components.boxes[members, 2:].min(axis=1) >= _MIN_BULKY_SIZE_STROKES * ink.stroke_width
    left_out: NDArray[np.bool_] = is_mark(shares[members]) & ~(is_rule & is_bulky)
    return left_out


def _is_upright_as_high_as_digits(
    members: NDArray[np.int64], is_mark: NDArray[np.bool_], inked: CellAssignment
) -> NDArray[np.bool_]:
    """Which marks are upright strokes in the middle of a comb cell, as high as the digits of the same field: 1s.

    To the page network, a 1 between two dividers looks like a third one.  Crosses are wider, dashes lower, and the
    remnants of dividers stand at the edge of the cell.
    """
    cells = [inked.form_cells[cell] if cell >= 0 else None for cell in inked.form_cell_of_component[members]]
    boxes = inked.components.boxes[members]
    heights: dict[int, list[int]] = {}
    for cell, height, marked in zip(cells, boxes[:, 3].tolist(), is_mark, strict=True):
        if cell is not None and cell.comb_field is not None and not marked:
            heights.setdefault(id(cell.comb_field), []).append(height)
    found = np.zeros(len(members), np.bool_)
    for index in np.flatnonzero(is_mark).tolist():
        cell = cells[index]
        if cell is None or cell.comb_field is None or id(cell.comb_field) not in heights:
            continue
        x, _, width, height = boxes[index].tolist()
        of_digits = height / float(np.median(heights[id(cell.comb_field)]))
        left = min(corner[0] for corner in cell.cell.corners)
        place = (x + width / 2 - left) / cell.cell.width
        found[index] = (
            width <= _MAX_ONE_WIDTH_HEIGHTS * height
            and _ONE_HEIGHT_DIGITS[0] <= of_digits <= _ONE_HEIGHT_DIGITS[1]
            and _ONE_MIDDLE_CELLS[0] <= place <= _ONE_MIDDLE_CELLS[1]
        )
    return found


def _add_punctuation_by_cell(
    lines: Sequence[TextLine],
    comb_digits: Sequence[CombDigits],
    inked: CellAssignment,
    shares: NDArray[np.float64],
    kind: NumberKind,
) -> tuple[TextLine, ...]:
    """Add to the text lines their points and commas, which stand in the same cell; the lines come out by cell."""
    used = [index for line in (*lines, *(comb.text_line for comb in comb_digits)) for index in line.component_indices]
    is_free = may_be_number(shares, kind)
    is_free[used] = False
    free = np.flatnonzero(is_free)
    cell_of_line = np.array([inked.form_cell_of_component[line.component_indices[0]] for line in lines], np.int64)
    return tuple(
        line
        for cell in np.unique(cell_of_line)
        for line in add_punctuation(
            [lines[index] for index in np.flatnonzero(cell_of_line == cell).tolist()],
            free[inked.form_cell_of_component[free] == cell],
            inked.ink,
        )
    )


def _is_punctuation_low(line: TextLine, ink: MeasuredInk) -> bool:
    """Whether a text line is as low as points and dashes are."""
    tallest = ink.components.boxes[np.array(line.component_indices, np.int64), 3].max()
    return bool(tallest < MIN_CHARACTER_HEIGHT_STROKES * ink.stroke_width)


def _required_kind_probability(line: TextLine, bases: Sequence[TextLine], character_height: float) -> float:
    """Minimum probability of the requested kind for a low text line; infinite if it cannot be a number."""
    if any(is_exponent_line(base, line) for base in bases):
        return _MIN_EXPONENT_PROBABILITY
    high_enough = line.character_height >= _MIN_LOW_LINE_CHARACTER_HEIGHTS * character_height
    return _MIN_LOW_LINE_PROBABILITY if high_enough else math.inf


def _line_kind(
    line: TextLine, shares: NDArray[np.float64], components: Components, kind: NumberKind
) -> tuple[str, float]:
    """Kind of all ink of a text line, see :func:`scanner.layout.ink_classes.classify_number_kind`."""
    members = np.array(line.component_indices, np.int64)
    return classify_number_kind(shares[members], components.areas[members], kind)


def _outside_comb_fields(members: NDArray[np.int64], comb_digits: Sequence[CombDigits]) -> NDArray[np.int64]:
    """Those of the components that are not comb digits."""
    return members[~np.isin(members, [index for comb in comb_digits for index in comb.text_line.component_indices])]


def _find_lines_within_cells(inked: CellAssignment, members: NDArray[np.int64]) -> tuple[TextLine, ...]:
    """Find text lines, none of which crosses from one cell into another."""
    cell_of_member = inked.form_cell_of_component[members]
    lines: list[TextLine] = []
    for cell in np.unique(cell_of_member):
        in_cell = members[cell_of_member == cell]
        max_gap = MAX_CHARACTER_GAP_HEIGHTS
        if cell >= 0 and _is_single_line_frame(
            inked.form_cells[cell], float(np.median(inked.components.boxes[in_cell, 3]))
        ):
            max_gap = _MAX_GAP_IN_FRAME_HEIGHTS
        lines += find_text_lines(inked.ink, in_cell, max_gap)
    return tuple(lines)


def _is_single_line_frame(form_cell: FormCell, ink_height: float) -> bool:
    """Whether a cell is a form frame by itself, as low as one line of writing."""
    is_frame = not form_cell.table and form_cell.comb_field is None
    return is_frame and form_cell.cell.height <= _MAX_SINGLE_LINE_FRAME_HEIGHTS * ink_height
