"""Signs that more than one number stands where the form has room for one, or where one was read."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from scanner.decision.review import SEVERAL_IN_CELL, SEVERAL_PARTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.decision.located_numbers import LocatedNumber
    from scanner.decision.reader_fusion import FusedReading
    from scanner.layout.cell_assignment import FormCell
    from scanner.types import Number

_MIN_PART_GAP_HEIGHTS = 0.6
"""Minimum gap between two parts of a number, in digit heights."""
_MIN_PART_GAP_DIGIT_GAPS = 2.5
"""Minimum gap between two parts, as a multiple of the gap between the digits of a part."""
_PART_GAP_EXTRA_HEIGHTS = 0.2
"""Width added to that multiple, in digit heights, since gaps beside a 1 are wide."""
_MIN_DIGITS = 3
"""Minimum number of digits: between two there is no other gap to compare with."""
_GROUP_DIGITS = 3
"""Number of digits in a group of thousands, which are parts of one number."""


class _Place(NamedTuple):
    """A cell, with the row and column of a number in it: where rules are missing, a cell has several of them."""

    cell: FormCell
    row: int
    column: int


def has_several_parts(located: LocatedNumber, reading: FusedReading) -> bool:
    """Whether gaps part a reading into several, such as ``07 05 2026``, that is written as one number.

    A gap at a separator in the text, or between groups of thousands, parts nothing, nor does one in a comb field.

    Args:
        located: the number.
        reading: what was read of it.
    """
    line = located.text_line
    if line is None or (line.region is not None and line.region.crosses_lines) or len(reading.digits) < _MIN_DIGITS:
        return False
    height = statistics.median(digit.box.height for digit in reading.digits)
    gaps = [right.box.x - left.box.right for left, right in itertools.pairwise(reading.digits)]
    usual = max(statistics.median_low(gaps), 0)
    limit = max(_MIN_PART_GAP_HEIGHTS * height, _MIN_PART_GAP_DIGIT_GAPS * usual + _PART_GAP_EXTRA_HEIGHTS * height)
    ends = [index for index, gap in enumerate(gaps, start=1) if gap > limit]
    if _are_thousands(ends, len(reading.digits)):
        return False
    return any(not _has_separator(reading.text, end) for end in ends)


def _are_thousands(ends: Sequence[int], digit_count: int) -> bool:
    """Whether parts that end after these numbers of digits are groups of thousands."""
    return bool(ends) and all((digit_count - end) % _GROUP_DIGITS == 0 for end in ends) and ends[0] <= _GROUP_DIGITS


def _has_separator(text: str, digit_count: int) -> bool:
    """Whether a separator follows the first digits of a text."""
    positions = [position for position, character in enumerate(text) if character.isdigit()]
    return digit_count < len(positions) and positions[digit_count] - positions[digit_count - 1] > 1


def flag_shared_cells(numbers: Sequence[Number | None], cells: Sequence[FormCell | None]) -> tuple[Number | None, ...]:
    """Flag all numbers of a page that stand in one cell of a ruled table with another.

    Where as many cells of a table have several numbers as have one, as on a sheet of sums, they are meant to.  Cells of
    tables that have rows alone, and those that span several, have no one number.

    Args:
        numbers: the numbers of a page; None for what is none.
        cells: the cell in which each stands; None for those in no cell.

    Returns:
        The same numbers, with the reason for review of those in such cells; that a number is crossed out, could not be
        read or has several parts stays its reason.
    """
    places = [
        None if number is None or cell is None else _Place(cell, number.row, number.column)
        for number, cell in zip(numbers, cells, strict=True)
    ]
    counts = Counter(place for place in places if place is not None)
    shared = {place for place, count in counts.items() if count > 1 and _is_for_one_number(place.cell)}
    tables_of_one = Counter(place.cell.table for place, count in counts.items() if count == 1)
    tables_of_several = Counter(place.cell.table for place in shared)
    return tuple(
        _flag(number)
        if number is not None
        and place is not None
        and place in shared
        and tables_of_several[place.cell.table] < tables_of_one[place.cell.table]
        else number
        for number, place in zip(numbers, places, strict=True)
    )


def _is_for_one_number(form_cell: FormCell) -> bool:
    cell = form_cell.cell
    return form_cell.table > 0 and cell.column > 0 and cell.row_span == cell.column_span == 1


def _flag(number: Number) -> Number:
    if number.is_unread or number.crossed_out or number.review_reason == SEVERAL_PARTS:
        return number
    return replace(number, review_reason=SEVERAL_IN_CELL)
