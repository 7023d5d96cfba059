"""Put what people say of a page into its result."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.corrections.correction import Verdict, is_same_place, overlap
from scanner.decision.review import UNREAD
from scanner.types import Number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.corrections.correction import Correction
    from scanner.types import Box, Digit, PageResult

_MIN_LEVEL_SHARE = 0.5
"""Least share of the height of a box that is level with a number of the same row; of its width, in the same column."""


def apply_corrections(result: PageResult, corrections: Sequence[Correction]) -> PageResult:
    """Put corrections into the result of a page.

    Args:
        result: what was read.
        corrections: those that stand, of this page.

    Returns:
        The result with the word of a person in every number that has one: ``checked`` says which, ``read`` what was
        read, and nobody needs to look again.  A number that was decided on and is not read any more is there all the
        same, and one that was added is not there twice if it is read by now.
    """
    numbers: list[Number | None] = list(result.numbers)
    added = []
    for correction in corrections:
        if correction.verdict is Verdict.SKIPPED:
            continue
        index = find_number(result.numbers, correction)
        if index is None:
            if correction.verdict is not Verdict.NO_NUMBER:
                added.append(correction)
        else:
            numbers[index] = _decided(result.numbers[index], correction)
    kept = [number for number in numbers if number is not None]
    for correction in added:
        _insert(kept, correction)
    return replace(result, numbers=tuple(kept))


def find_number(numbers: Sequence[Number], correction: Correction) -> int | None:
    """Find the number that a correction is about.

    Args:
        numbers: the numbers of its page.
        correction: the correction.

    Returns:
        Its index; None if there is none any more.
    """
    if correction.field:
        named = [index for index, number in enumerate(numbers) if number.field == correction.field]
        if named:
            return named[0]
    # Where it was read, or where a person says that it is: by now it may be read there.
    alike = [
        (max(overlap(number.box, correction.box), overlap(number.box, correction.place)), -index)
        for index, number in enumerate(numbers)
        if not number.field
        and (is_same_place(number.box, correction.box) or is_same_place(number.box, correction.place))
    ]
    return -max(alike)[1] if alike else None


def _decided(number: Number, correction: Correction) -> Number | None:
    """A number as a person says; None if it is none and no field."""
    if correction.verdict is Verdict.NO_NUMBER and not number.field:
        return None
    text = correction.text or (number.text if correction.verdict is Verdict.MOVED else "")
    if correction.verdict is Verdict.MOVED and not text and not number.is_empty:
        # Where it stands is known now; what stands there has still to be read.
        return replace(number, box=correction.place)
    return replace(
        number,
        text=text,
        confidence=1.0,
        review_reason="",
        suggested="",
        digits=tuple(map(_sure, number.digits)) if text == number.text else (),
        box=correction.place if correction.moved_to or not number.field else number.box,
        crossed_out=False,
        is_empty=correction.verdict is Verdict.NO_NUMBER,
        checked=str(correction.verdict),
        read=number.text,
        checked_by=correction.by,
    )


def _sure(digit: Digit) -> Digit:
    return replace(digit, confidence=1.0)


def _insert(numbers: list[Number], correction: Correction) -> None:
    """Add a number that was not read, where it is in reading order."""
    box = correction.place
    table, row, column = _cell(numbers, box)
    text = correction.text or (correction.read if correction.verdict is Verdict.MOVED else "")
    is_unread = correction.verdict is Verdict.MOVED and not text
    number = Number(
        text=text,
        confidence=0.0 if is_unread else 1.0,
        review_reason=UNREAD if is_unread else "",
        row=row,
        column=column,
        box=box,
        digits=(),
        field=correction.field,
        kind="handwritten",
        table=table,
        checked="" if is_unread else str(correction.verdict),
        read="",
        checked_by="" if is_unread else correction.by,
    )
    before = [index for index, other in enumerate(numbers) if _comes_before(other.box, box)]
    numbers.insert(before[-1] + 1 if before else 0, number)


def _cell(numbers: Sequence[Number], box: Box) -> tuple[int, int, int]:
    """Table, row and column of a box, by the numbers that it is level with and those above and below."""
    level = [number for number in numbers if _shared(box.y, box.bottom, number.box.y, number.box.bottom)]
    for beside in level:
        if beside.table:
            for other in numbers:
                if other.table == beside.table and _shared(box.x, box.right, other.box.x, other.box.right):
                    return beside.table, beside.row, other.column
    in_no_table = [number for number in level if not number.table]
    if in_no_table:
        row = in_no_table[0].row
        return 0, row, max(number.column for number in in_no_table if number.row == row) + 1
    return 0, max((number.row for number in numbers if not number.table), default=0) + 1, 1


def _comes_before(other: Box, box: Box) -> bool:
    """Whether a number is read before a box: it is above, or level with it and further to the left."""
    if _shared(box.y, box.bottom, other.y, other.bottom):
        return other.x < box.x
    return other.y < box.y


def _shared(begin: int, end: int, other_begin: int, other_end: int) -> bool:
    """Whether two spans share at least half of the shorter one."""
    shared = min(end, other_end) - max(begin, other_begin)
    return shared >= _MIN_LEVEL_SHARE * min(end - begin, other_end - other_begin)
