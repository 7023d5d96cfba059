"""Judge what was read in the fields of a form by what is written there, and count."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import prod
from typing import TYPE_CHECKING

from scanner.text_comparison import comparable_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.text_comparison import Separators
    from scanner.types import Number, PageResult


@dataclass(frozen=True, slots=True)
class AskedField:
    """What is written in a field, or in several that are one to a person, such as day, month and year."""

    names: tuple[str, ...]
    """The fields, in the order in which their texts are put together."""
    written: str
    """What is written there; empty for nothing.  Of a tick ``1`` or ``0``."""


@dataclass(frozen=True, slots=True)
class JudgedField:
    """What was read in a field, and whether it is right."""

    asked: AskedField
    read: str
    """Empty if nothing was read."""
    confidence: float
    """Probability that it is right, 0-1, as the results say."""
    is_flagged: bool
    """Whether a person is asked to look."""
    is_right: bool

    @property
    def is_false(self) -> bool:
        """Whether a number was read where nothing is written."""
        return not self.asked.written and bool(self.read)


@dataclass(frozen=True, slots=True)
class JudgedPage:
    """A page of a form, judged."""

    file: str
    is_refused: bool
    """Whether it was taken for a page of another form; then none of its fields is right, and all are flagged."""
    fields: tuple[JudgedField, ...]
    """Those asked for, in the order of the truth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCounts:
    """Counts on some pages."""

    pages: int = 0
    refused: int = 0
    """Pages that were taken for pages of another form."""
    written: int = 0
    """Fields in which something is written, ticks included."""
    right: int = 0
    """Those of ``written`` that were read exactly."""
    blank: int = 0
    """Fields in which nothing is written."""
    false: int = 0
    """Those of ``blank`` in which a number was read."""
    flagged: int = 0
    """Fields that a person is asked to look at."""
    unflagged_errors: int = 0
    """Fields that are wrong, false or lost, and not flagged."""
    right_pages: int = 0
    """Pages all of whose fields are right."""
    unflagged_pages: int = 0
    """Pages with nothing flagged."""
    right_unflagged_pages: int = 0
    """Those of ``unflagged_pages`` all of whose fields are right."""

    @property
    def fields(self) -> int:
        """All fields that are asked for."""
        return self.written + self.blank

    @property
    def unflagged(self) -> int:
        """Fields that nobody is asked to look at."""
        return self.fields - self.flagged

    def __add__(self, other: FieldCounts) -> FieldCounts:
        sums = {each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        return FieldCounts(**sums)


def judge_page(result: PageResult, asked: Sequence[AskedField], separators: Separators) -> JudgedPage:
    """Judge a page that was read with its form.

    Args:
        result: what was read; with an error if the page was refused.
        asked: what is written.  A field that the result lacks was lost without a word.
        separators: how separators are compared.
    """
    if result.error:
        lost = tuple(JudgedField(each, "", 0.0, is_flagged=True, is_right=False) for each in asked)
        return JudgedPage(result.file, is_refused=True, fields=lost)
    numbers = {number.field: number for number in result.numbers}
    judged = tuple(_judge(each, numbers, separators) for each in asked)
    return JudgedPage(result.file, is_refused=False, fields=judged)


def _judge(asked: AskedField, numbers: Mapping[str, Number], separators: Separators) -> JudgedField:
    found = [numbers[name] for name in asked.names if name in numbers]
    read = "".join(number.text for number in found)
    is_complete = len(found) == len(asked.names) and not any(number.is_unread for number in found)
    same = comparable_text(read, separators) == comparable_text(asked.written, separators)
    return JudgedField(
        asked,
        read,
        prod(number.confidence for number in found) if found else 0.0,
        is_flagged=any(number.review_reason or number.is_unread for number in found),
        is_right=is_complete and same,
    )


def count_fields(pages: Sequence[JudgedPage]) -> FieldCounts:
    """Count what was read on some pages."""
    return sum((_count_page(page) for page in pages), FieldCounts())


def _count_page(page: JudgedPage) -> FieldCounts:
    written = [each for each in page.fields if each.asked.written]
    is_right = all(each.is_right for each in page.fields)
    is_unflagged = not any(each.is_flagged for each in page.fields)
    return FieldCounts(
        pages=1,
        refused=page.is_refused,
        written=len(written),
        right=sum(each.is_right for each in written),
        blank=len(page.fields) - len(written),
        false=sum(each.is_false for each in page.fields),
        flagged=sum(each.is_flagged for each in page.fields),
        unflagged_errors=sum(not each.is_right and not each.is_flagged for each in page.fields),
        right_pages=is_right,
        unflagged_pages=is_unflagged,
        right_unflagged_pages=is_right and is_unflagged,
    )


def count_lost(before: Sequence[JudgedPage], after: Sequence[JudgedPage]) -> tuple[int, int]:
    """Count the fields that are right on some pages and wrong on the same pages changed, and the other way round."""
    pairs = [
        (first.is_right, second.is_right)
        for page, changed in zip(before, after, strict=True)
        for first, second in zip(page.fields, changed.fields, strict=True)
    ]
    return sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)
