"""Flag the numbers of a column that nearly all end in one digit: it may be a letter behind them, as in ``8A``.

A reader of digits takes the A for a 4, surely and every time.  That numbers which differ end alike by chance is as good
as impossible, but for 0 and 5, to which people round.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.types import Number

MAY_END_IN_LETTER = "may end in a letter"
"""Review reason of such numbers."""
_ROUND_ENDINGS = frozenset("05")
_MIN_COUNT = 4
"""Minimum number of numbers of a column that end alike.  A choice: one column in a hundred has so many by chance."""
_MIN_SHARE = 0.6
"""Minimum share of those of two digits or more.  A choice: a reader takes a letter now and then for another digit."""
_MIN_BEGINNINGS = 3
"""Minimum number of different beginnings: a column may hold one number again and again.  A choice."""


def flag_column_endings(numbers: Sequence[Number]) -> tuple[Number, ...]:
    """Flag the numbers that may end in a letter, and suggest them without it.

    Args:
        numbers: the numbers of all fields of a page; those in tables of the form have a table, row and column.
    """
    by_column: dict[tuple[int, int], list[str]] = {}
    for number in numbers:
        if _may_end_in_letter(number):
            by_column.setdefault((number.table, number.column), []).append(number.text)
    endings = {place: ending for place, texts in by_column.items() if (ending := _common_ending(texts))}
    return tuple(
        _flag(number)
        if _may_end_in_letter(number) and number.text[-1] == endings.get((number.table, number.column))
        else number
        for number in numbers
    )


def _may_end_in_letter(number: Number) -> bool:
    return bool(number.table) and len(number.text) > 1 and number.text.isdecimal()


def _common_ending(texts: Sequence[str]) -> str:
    """The digit in which nearly all of these end, though they begin differently; empty if there is none."""
    ending, count = Counter(text[-1] for text in texts).most_common(1)[0]
    beginnings = {text[:-1] for text in texts if text[-1] == ending}
    is_common = count >= max(_MIN_COUNT, _MIN_SHARE * len(texts)) and len(beginnings) >= _MIN_BEGINNINGS
    return ending if is_common and ending not in _ROUND_ENDINGS else ""


def _flag(number: Number) -> Number:
    return replace(
        number, review_reason=number.review_reason or MAY_END_IN_LETTER, suggested=number.suggested or number.text[:-1]
    )
