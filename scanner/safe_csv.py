"""Rows as lines of CSV; every CSV of the program is written here.

Cells are quoted as in RFC 4180, and lines end in a bare line feed.
"""

from __future__ import annotations

import csv
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Row = Sequence[str | int]

# A spreadsheet treats a cell that starts with one of these as a formula (OWASP, "CSV injection"); the last four are the
# full-width forms of the signs.  Some spreadsheets skip invisible characters before them.
_FORMULA = re.compile("[\t\r\n]|[\\s\0\ufeff]*[-=+@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[-+0-9.,]*[0-9][-+0-9.,]*", re.ASCII)
"""Texts that start with a sign but are harmless numbers, and should stay numbers: ``-40.5``."""
_TEXT_PREFIX = "./"
"""Prefix that turns a formula into plain text; a file name with it is still a path of the same file."""


def csv_lines(rows: Iterable[Row]) -> str:
    """Write rows as CSV.

    A text that a spreadsheet would run as a formula (a file ``=1+1.png``) gets the prefix ``./``, and so does one that
    starts with ``./`` already, so that ``text_of`` restores each exactly.  Numbers stay as they are.
    """
    # Before Python 3.13 the csv module quotes only the characters of its own line end: with "\n", a "\r" in a name
    # would not be quoted and be read as a new row.  So the line end is "\r\n" here, and shortened afterwards.
    lines: list[str] = []
    sink = SimpleNamespace(write=lambda line: lines.append(line.removesuffix("\r\n") + "\n"))
    csv.writer(sink, lineterminator="\r\n").writerows([_to_safe_cell(cell) for cell in row] for row in rows)
    return "".join(lines)


def text_of(cell: str) -> str:
    """Restore the text of a cell that ``csv_lines`` wrote; a cell from elsewhere stays as it is."""
    text = cell.removeprefix(_TEXT_PREFIX)
    return text if text != cell and _needs_prefix(text) else cell


def _to_safe_cell(cell: str | int) -> str | int:
    return _TEXT_PREFIX + cell if isinstance(cell, str) and _needs_prefix(cell) else cell


def _needs_prefix(text: str) -> bool:
    if text.startswith(_TEXT_PREFIX):
        return True
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None
