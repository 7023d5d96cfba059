"""Ink in cells -> the pieces that may be numbers of the kind wanted: strips of comb fields, and runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.character_height import MIN_CHARACTER_HEIGHT_STROKES, encloses_another
from scanner.layout.ink_classes import InkClass, classify_number_kind, is_mark, may_be_number
from scanner.numbers.comb_digits import find_comb_digits
from scanner.numbers.text_lines import (
    MAX_CHARACTER_GAP_HEIGHTS,
    add_punctuation,
    find_text_lines,
    select_characters,
    split_at_other_ink,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.layout.cell_assignment import CellAssignment, CellPlace
    from scanner.layout.comb_fields import CombField
    from scanner.numbers.comb_digits import CombDigits
    from scanner.numbers.text_lines import TextLine
    from scanner.options import NumberKind
    from scanner.types import Ink


_MIN_EXPONENT_PROBABILITY = 0.9
"""A speck is an exponent if its ink is of the kind wanted with at least this probability."""
_MAX_SINGLE_LINE_FRAME_HEIGHTS = 3.0
"""Heights of what is written in it: a lower frame holds one line, and ..."""
_MAX_GAP_IN_FRAME_HEIGHTS = 2.4
"""... what stands no more than so many heights apart in it is one run: people fill a box from side to side."""
_MIN_BULKY_SIZE_STROKES = 2.5
"""Stroke widths: what is at least so wide and high is not left of a line."""
_MIN_LOW_LINE_PROBABILITY = 0.97
"""Of small writing among bold print digits are as low as points and dashes: they count if their ink is of the kind
wanted with at least this probability, ..."""
_MIN_LOW_LINE_CHARACTER_HEIGHTS = 0.6
"""... and if they are at least so high, in heights of the page's characters."""
_MIN_EXPONENT_HEIGHT_SHARE = 0.4
"""So they do if they are an exponent: at least so high, in heights of the number before it, ..."""
_MAX_EXPONENT_BOTTOM_SHARE = 0.7
"""... and beside the upper part of that, down to this part of its height, ..."""
_MAX_EXPONENT_DISTANCE_HEIGHTS = 0.8
"""... no more than so many of its heights behind it."""
_MIN_ENCLOSED_HEIGHT_SHARE = 0.35
"""What stands within a ring is at least so high, in heights of the ring: less is a speck within a 0."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberCandidates:
    """What may be numbers."""

    component_indices: NDArray[np.int64]
    """The components that can be characters of the numbers that are wanted, those in comb fields left out."""
    comb_digits: tuple[CombDigits, ...]
    text_lines: tuple[TextLine, ...]


def find_number_candidates(
    inked: CellAssignment,
    ink_without_rules: Ink,
    combs: Sequence[CombField],
    character_height: float,
    shares_and_kind: tuple[NDArray[np.float64], NumberKind] | None,
) -> NumberCandidates:
    """Leave out what is no part of a number, and chain the rest.

    Args:
        inked: ink by cells.
        ink_without_rules: the same ink, without rules.
        combs: of the page.
        character_height: of a character on the page, from :func:`scanner.image.character_height.character_height`.
        shares_and_kind: what each component is, from :func:`scanner.layout.ink_classes.component_class_shares`, and which numbers are wanted;
            None where nothing tells them apart, and all that can be a character is wanted.
    """
    members = select_characters(inked.components, ink_without_rules.stroke_width, character_height)
    if shares_and_kind is None:
        strips = find_comb_digits(inked, members, combs, ink_without_rules)
        members = _outside_comb_fields(members, strips)
        runs = _find_lines_within_cells(inked, members, ink_without_rules.stroke_width)
        return NumberCandidates(
            members,
            strips,
            tuple(run for run in runs if not _is_punctuation_low(run, inked, ink_without_rules.stroke_width)),
        )
    shares, kind = shares_and_kind
    # A comb field is judged as a whole: in one of letters some look like digits, in one of digits some do not.
    strips = find_comb_digits(
        inked,
        members[~_is_mark_or_rule_remnant(members, shares, inked, ink_without_rules.stroke_width)],
        combs,
        ink_without_rules,
    )
    members = _outside_comb_fields(members, strips)
    wanted = may_be_number(shares[members], kind)
    boxes = inked.components.boxes[members[wanted]]
    # A ring around a number is no digit.
    wanted[wanted] = ~encloses_another(boxes, np.arange(len(boxes)), _MIN_ENCLOSED_HEIGHT_SHARE)
    strangers, members = members[~wanted], members[wanted]
    runs = split_at_other_ink(
        _find_lines_within_cells(inked, members, ink_without_rules.stroke_width),
        strangers,
        inked.components,
        ink_without_rules.stroke_width,
    )
    low = [_is_punctuation_low(run, inked, ink_without_rules.stroke_width) for run in runs]
    bases = [run for run, is_low in zip(runs, low, strict=True) if not is_low]
    runs = tuple(
        run
        for run, is_low in zip(runs, low, strict=True)
        if not is_low
        or _line_kind(run, shares, inked.components, kind)[1]
        >= _required_kind_probability(run, bases, character_height)
    )
    strips = tuple(strip for strip in strips if _line_kind(strip.text_line, shares, inked.components, kind)[0])
    return NumberCandidates(
        members, strips, _add_punctuation_by_cell(runs, strips, inked, ink_without_rules, shares, kind)
    )


def _is_mark_or_rule_remnant(
    members: NDArray[np.int64], shares: NDArray[np.float64], inked: CellAssignment, stroke_width: float
) -> NDArray[np.bool_]:
    """Which components are crosses and dashes, or what is left of the lines of a comb field.

    What is left of a line is as thin as one: half of a 4 beside a line is not.
    """
    of_rule = shares[members, InkClass.RULE] > shares[members, InkClass.MARK]
    bulky = inked.components.boxes[members, 2:].min(axis=1) >= _MIN_BULKY_SIZE_STROKES * stroke_width
    left_over: NDArray[np.bool_] = is_mark(shares[members]) & ~(of_rule & bulky)
    return left_over


def _add_punctuation_by_cell(
    runs: Sequence[TextLine],
    strips: Sequence[CombDigits],
    inked: CellAssignment,
    clear: Ink,
    shares: NDArray[np.float64],
    kind: NumberKind,
) -> tuple[TextLine, ...]:
    """The runs with their points and commas, each of which stands in the run's cell; by cells."""
    used = [index for run in (*runs, *(strip.text_line for strip in strips)) for index in run.component_indices]
    free = may_be_number(shares, kind)
    free[used] = False
    specks = np.flatnonzero(free)
    places = np.array([inked.cell_place_of_component[run.component_indices[0]] for run in runs], np.int64)
    return tuple(
        run
        for place in np.unique(places)
        for run in add_punctuation(
            [runs[index] for index in np.flatnonzero(places == place).tolist()],
            specks[inked.cell_place_of_component[specks] == place],
            inked.components,
            clear.stroke_width,
        )
    )


def _is_punctuation_low(run: TextLine, inked: CellAssignment, stroke_width: float) -> bool:
    """Whether a run is as low as points and dashes are."""
    return bool(
        inked.components.boxes[np.array(run.component_indices), 3].max() < MIN_CHARACTER_HEIGHT_STROKES * stroke_width
    )


def _required_kind_probability(run: TextLine, bases: Sequence[TextLine], height: float) -> float:
    """How probable the kind wanted must be for the ink of a low run to count; above 1 where it cannot be a number."""
    if any(_is_exponent(run, base) for base in bases):
        return _MIN_EXPONENT_PROBABILITY
    return _MIN_LOW_LINE_PROBABILITY if run.character_height >= _MIN_LOW_LINE_CHARACTER_HEIGHTS * height else math.inf


def _is_exponent(run: TextLine, base: TextLine) -> bool:
    """Whether a run stands to the upper right of another as an exponent does."""
    top, tall = base.box.y, base.box.height
    raised = top - tall < run.box.y and run.box.bottom <= top + _MAX_EXPONENT_BOTTOM_SHARE * tall
    behind = 0 <= run.box.center[0] - base.box.right <= _MAX_EXPONENT_DISTANCE_HEIGHTS * tall
    return raised and behind and run.character_height >= _MIN_EXPONENT_HEIGHT_SHARE * base.character_height


def _line_kind(
    run: TextLine, shares: NDArray[np.float64], components: Components, kind: NumberKind
) -> tuple[str, float]:
    """What a run or a strip is by all of its ink, as :func:`scanner.layout.ink_classes.classify_number_kind` says."""
    members = np.array(run.component_indices)
    return classify_number_kind(shares[members], components.areas[members], kind)


def _outside_comb_fields(members: NDArray[np.int64], strips: Sequence[CombDigits]) -> NDArray[np.int64]:
    """The components that stand in no comb field."""
    return members[~np.isin(members, [index for strip in strips for index in strip.text_line.component_indices])]


def _find_lines_within_cells(
    inked: CellAssignment, members: NDArray[np.int64], stroke_width: float
) -> tuple[TextLine, ...]:
    """Runs, none of which crosses from one cell into another."""
    owner = inked.cell_place_of_component[members]
    found: list[TextLine] = []
    for place in np.unique(owner):
        own = members[owner == place]
        near = MAX_CHARACTER_GAP_HEIGHTS
        if place >= 0 and _is_single_line_frame(
            inked.cell_places[place], float(np.median(inked.components.boxes[own, 3]))
        ):
            near = _MAX_GAP_IN_FRAME_HEIGHTS
        found += find_text_lines(inked.components, own, stroke_width, near)
    return tuple(found)


def _is_single_line_frame(place: CellPlace, height: float) -> bool:
    """Whether a place is a frame by itself, as low as a line of writing."""
    return not place.table and place.comb_field is None and place.cell.height <= _MAX_SINGLE_LINE_FRAME_HEIGHTS * height
