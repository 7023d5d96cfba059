"""Rows as lines of CSV: the one place where they are written.

Quoted as RFC 4180 says; a line ends in a bare line feed.
"""

from __future__ import annotations

import csv
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Row = Sequence[str | int]

# A spreadsheet takes a cell that starts with one of these for a formula (OWASP, "CSV injection"); the last four are
# the same signs, as wide as a Chinese character.  What no one sees before them, some spreadsheets pass over.
_FORMULA = re.compile("[\t\r\n]|[\\s\0\ufeff]*[-=+@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[-+0-9.,]*[0-9][-+0-9.,]*", re.ASCII)
"""Can do no harm, and is to stay a number: ``-40.5``."""
_HERE = "./"
"""Put before a formula, it makes a text of it; of a file name a path of the same file."""


def csv_lines(rows: Iterable[Row]) -> str:
    """Rows as CSV.

    A text that a spreadsheet would run as a formula (a file ``=1+1.png``) is
    written with ``./`` before it, and so is one that starts with ``./``
    already: ``text_of`` gives each back exactly.  Numbers stay as they are.
    """
    # The csv module quotes only the line end it is told to write (before Python 3.13):
    # with "\n" a "\r" in a name would stay bare and be read as a new row.
    # So it is told "\r\n", which has both, and each row's end is then shortened.
    lines: list[str] = []
    sink = SimpleNamespace(write=lambda line: lines.append(line.removesuffix("\r\n") + "\n"))
    csv.writer(sink, lineterminator="\r\n").writerows([_defused(cell) for cell in row] for row in rows)
    return "".join(lines)


def text_of(cell: str) -> str:
    """What was written as a cell by ``csv_lines``; any other cell as it is."""
    text = cell.removeprefix(_HERE)
    return text if text != cell and _is_to_be_marked(text) else cell


def _defused(cell: str | int) -> str | int:
    return _HERE + cell if isinstance(cell, str) and _is_to_be_marked(cell) else cell


def _is_to_be_marked(text: str) -> bool:
    if text.startswith(_HERE):
        return True
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None
