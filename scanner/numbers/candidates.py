"""Find what may be a number of the requested kind, as text lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.character_height import MIN_CHARACTER_HEIGHT_STROKES, encloses_another
from scanner.layout.ink_classes import classify_number_kind, may_be_number
from scanner.numbers.region_ink import region_text_lines
from scanner.numbers.region_joining import add_outer_digits, join_at_points, join_in_comb_fields
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

    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.cell_assignment import CellAssignment, FormCell
    from scanner.layout.comb_fields import CombField
    from scanner.layout.number_finder import NumberRegion
    from scanner.numbers.text_lines import TextLine


_MAX_SINGLE_LINE_FRAME_HEIGHTS = 3.0
"""Maximum height of a frame that holds a single line of writing, in heights of what is written in it."""
_MAX_GAP_IN_FRAME_HEIGHTS = 2.4
"""Maximum gap between neighbours on the text line in such a frame, in heights of the taller one: people fill a box from
side to side."""
_MIN_LOW_LINE_PROBABILITY = 0.97
"""Minimum probability of the requested number kind for a text line as low as points and dashes.  Among bold print, the
digits of small handwriting are that low."""
_MIN_LOW_LINE_CHARACTER_HEIGHTS = 0.6
"""Minimum character height of such a low text line, in character heights of the page."""
_MIN_ENCLOSED_HEIGHT_SHARE = 0.35
"""Minimum height of a component within a ring that shows the ring to be no digit, as a share of the ring's height.
Anything lower is a speck within a 0."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberCandidates:
    """Components that may be numbers, by text lines."""

    component_indices: NDArray[np.int64]
    """Components that can be characters of the requested numbers."""
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
    """Find the text lines that may be numbers.

    Args:
        inked: components by cell.
        combs: comb fields of the page, each of which holds one number.
        shares_and_kind: the ink class shares of each component, from
            :func:`scanner.layout.ink_classes.component_class_shares`, and the requested kind of numbers; None if the
            ink classes are unknown, in which case any ink may be a number.
        regions: where the page network sees handwritten numbers; None to chain components.
    """
    members = select_characters(inked.ink)
    if shares_and_kind is None:
        lines = _find_lines_within_cells(inked, members)
        return NumberCandidates(members, tuple(line for line in lines if not _is_punctuation_low(line, inked.ink)))
    shares, kind = shares_and_kind
    if regions is None or kind is NumberKind.PRINTED:
        return _chained_candidates(members, inked, shares, kind)
    whole = join_at_points(add_outer_digits(join_in_comb_fields(regions, combs), inked, shares), inked)
    lines, region_of = region_text_lines(whole, inked.ink)
    in_regions = np.flatnonzero(region_of >= 0)
    if kind is NumberKind.ANY:
        printed = _chained_candidates(members[region_of[members] < 0], inked, shares, NumberKind.PRINTED)
        lines = (*lines, *printed.text_lines)
        in_regions = np.concatenate([in_regions, printed.component_indices])
    return NumberCandidates(in_regions, lines, region_of)


def _chained_candidates(
    members: NDArray[np.int64],
    inked: CellAssignment,
    shares: NDArray[np.float64],
    kind: NumberKind,
) -> NumberCandidates:
    """Chains of those components that are of the requested kind."""
    may_be_digit = may_be_number(shares[members], kind)
    boxes = inked.components.boxes[members[may_be_digit]]
    # A ring around a number is no digit.
    may_be_digit[may_be_digit] = ~encloses_another(boxes, np.arange(len(boxes)), _MIN_ENCLOSED_HEIGHT_SHARE)
    others, members = members[~may_be_digit], members[may_be_digit]
    lines = split_at_other_ink(_find_lines_within_cells(inked, members), others, inked.ink)
    lines = tuple(
        line
        for line in lines
        if not _is_punctuation_low(line, inked.ink) or _is_surely_a_number(line, shares, inked, kind)
    )
    return NumberCandidates(members, _add_punctuation_by_cell(lines, inked, shares, kind))


def _add_punctuation_by_cell(
    lines: Sequence[TextLine],
    inked: CellAssignment,
    shares: NDArray[np.float64],
    kind: NumberKind,
) -> tuple[TextLine, ...]:
    """Add to the text lines their points and commas, which stand in the same cell; the lines come out by cell."""
    used = [index for line in lines for index in line.component_indices]
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


def _is_surely_a_number(line: TextLine, shares: NDArray[np.float64], inked: CellAssignment, kind: NumberKind) -> bool:
    """Whether a text line as low as punctuation is one of small digits of the requested kind."""
    if line.character_height < _MIN_LOW_LINE_CHARACTER_HEIGHTS * inked.ink.character_height:
        return False
    members = np.array(line.component_indices, np.int64)
    share = classify_number_kind(shares[members], inked.components.areas[members], kind)[1]
    return share >= _MIN_LOW_LINE_PROBABILITY


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
    return not form_cell.table and form_cell.cell.height <= _MAX_SINGLE_LINE_FRAME_HEIGHTS * ink_height
