"""Rows as lines of CSV; every CSV of the program is written here.

Cells are quoted as in RFC 4180, and lines end in a bare line feed.  No text is a formula in a spreadsheet, not even in
one that takes a semicolon or a tab for what parts cells, as many do where numbers have a decimal comma.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Row = Sequence[str | int | "WrittenNumber"]

BYTE_ORDER_MARK = "\ufeff"
"""First character of a text that Excel is to take for UTF-8."""


class CsvStyle(Enum):
    """For which programs tables are written."""

    PLAIN = "plain"
    """For programs: UTF-8, and every number as it was written."""
    EXCEL = "excel"
    """For spreadsheets: with a byte order mark, and numbers so that their leading zeros stay."""


class DecimalPoint(Enum):
    """What stands before the decimals of a number."""

    POINT = "."
    COMMA = ","


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number as it was written, which a spreadsheet must not take for a quantity: ``007``, ``1-2``."""

    text: str


# A spreadsheet treats a cell that starts with one of these as a formula (OWASP, "CSV injection"); the last four are the
# full-width forms of the signs.  Some spreadsheets skip invisible characters before them.
_FORMULA = re.compile("[\t\r\n]|[\\s\0\ufeff]*[-=+@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[-+0-9.,]*[0-9][-+0-9.,]*", re.ASCII)
"""Texts that start with a sign but are harmless numbers, and should stay numbers: ``-40.5``."""
_KEPT_NUMBER = re.compile(r'="(.*)"')
"""How a ``WrittenNumber`` is written: a formula whose value is the text itself."""
_OTHER_SEPARATOR = re.compile("([;\t\r\n])")
"""What may part cells, or rows, where a spreadsheet does not take a comma for it: quotes do not protect them there."""
_TEXT_PREFIX = "./"
"""Prefix that turns a formula into plain text; a file name with it is still a path of the same file."""


def csv_lines(rows: Iterable[Row]) -> str:
    """Write rows as CSV.

    A text that a spreadsheet would run as a formula (a file ``=1+1.png``) gets the prefix ``./``, and so does one that
    starts with ``./`` already, so that ``text_of`` restores each exactly; likewise what follows a semicolon, a tab or a
    line end.  Numbers stay as they are.  A ``WrittenNumber`` becomes a formula whose value is its text.
    """
    # Before Python 3.13 the csv module quotes only the characters of its own line end: with "\n", a "\r" in a name
    # would not be quoted and be read as a new row.  So the line end is "\r\n" here, and shortened afterwards.
    lines: list[str] = []
    sink = SimpleNamespace(write=lambda line: lines.append(line.removesuffix("\r\n") + "\n"))
    csv.writer(sink, lineterminator="\r\n").writerows([_to_safe_cell(cell) for cell in row] for row in rows)
    return "".join(lines)


def text_of(cell: str) -> str:
    """Restore the text of a cell that ``csv_lines`` wrote; a cell from elsewhere stays as it is."""
    kept = _KEPT_NUMBER.fullmatch(cell)
    if kept is not None and _NUMBER.fullmatch(kept[1]):
        return kept[1]
    first, *others = _OTHER_SEPARATOR.split(cell)
    joined = first + "".join(_without_prefix(part) if is_part else part for part, is_part in _alternating(others))
    text = joined.removeprefix(_TEXT_PREFIX)
    return text if text != joined and _needs_prefix(text) else joined


def _to_safe_cell(cell: str | int | WrittenNumber) -> str | int:
    if isinstance(cell, WrittenNumber):
        return f'="{cell.text}"' if _NUMBER.fullmatch(cell.text) else _to_safe_cell(cell.text)
    if isinstance(cell, int):
        return cell
    first, *others = _OTHER_SEPARATOR.split(cell)
    safe = first + "".join(_with_prefix(part) if is_part else part for part, is_part in _alternating(others))
    return _TEXT_PREFIX + safe if _needs_prefix(cell) else safe


def _alternating(parts: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Separators and what follows each, with whether it is the latter."""
    return ((part, index % 2 == 1) for index, part in enumerate(parts))


def _with_prefix(part: str) -> str:
    return _TEXT_PREFIX + part if _part_needs_prefix(part) else part


def _without_prefix(part: str) -> str:
    text = part.removeprefix(_TEXT_PREFIX)
    return text if text != part and _part_needs_prefix(text) else part


def _part_needs_prefix(text: str) -> bool:
    # A number needs it as well: the rest of the row would be a part of the same cell.
    return text.startswith(_TEXT_PREFIX) or _FORMULA.match(text) is not None


def _needs_prefix(text: str) -> bool:
    if text.startswith(_TEXT_PREFIX):
        return True
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None
