"""Results as CSV tables, and back.

There are three tables of the same results:

* numbers, one row each, for most people;
* digits, one row each, for those who check single digits;
* pages that could not be read, one row each.

They are CSV as :mod:`scanner.safe_csv` writes it, UTF-8, for spreadsheets with a byte order mark.  The same results
always give the same bytes.  Tables are made a page at a time, so that only one page is held in memory.  Everything
known of the pages is in :mod:`scanner.results.json_results`.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from scanner.errors import DataError
from scanner.results.result_format import ResultFormat
from scanner.safe_csv import BYTE_ORDER_MARK, CsvStyle, WrittenNumber, csv_lines, text_of
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from scanner.safe_csv import Row
    from scanner.types import PageResult

RESULT_COLUMNS = (
    *("file", "page", "number", "table", "row", "column", "field", "kind", "text"),
    *("confidence", "review", "suggested", "checked", "read", "x", "y", "width", "height"),
)
DIGIT_COLUMNS = ("file", "page", "number", "position", "digit", "confidence", "x", "y", "width", "height")
ERROR_COLUMNS = ("file", "page", "error")

CONFIDENCE_DECIMALS = 4
"""Decimals of a confidence in results.

A probability estimated from some thousands of samples is known no more exactly, and machines whose arithmetic differs
in the last bits give the same output.
"""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One row of the CSV of numbers."""

    file: str
    page: int
    """Page number within the file, from 1."""
    number: int
    """Position in the reading order of the page, from 1."""
    table: int
    """Table on the page, from 1; 0, written as an empty cell, if the number is in none."""
    row: int
    """Row of the table, from 1; row of the page if the number is in no table."""
    column: int
    """Column of the table, from 1; position in the row if the number is in no table."""
    field: str
    """Name of the form field; empty if there is none."""
    kind: str
    """``handwritten`` or ``printed``, of a form field also ``tick`` or ``picture``; empty if unknown."""
    text: str
    """The number as written, with leading zeros and separators; empty if it was found but could not be read, and of a
    form field that is empty."""
    confidence: float
    """Probability that the reading is right, 0-1, rounded down to four decimals; 0 if there is none."""
    review: str
    """Why a person should look at the number; empty if there is no reason."""
    box: Box
    """Box in pixels of the original page."""
    suggested: str = ""
    """What rules and limits of a form suggest instead; empty if nothing."""
    checked: str = ""
    """What a person says of it; empty if nobody has looked."""
    read: str = ""
    """What was read before a person said what stands there; empty if nobody has looked."""


def results_csv(results: Iterable[PageResult], style: CsvStyle = CsvStyle.PLAIN) -> Iterator[str]:
    """Write the numbers as ``numbers_table`` has them; yields chunks as ``ResultFormat.chunks`` does."""
    return numbers_table(style).chunks(results)


def numbers_table(style: CsvStyle = CsvStyle.PLAIN) -> ResultFormat:
    """The table of the numbers, one row each, in the order given; columns ``RESULT_COLUMNS``.

    Text that a spreadsheet would run as a formula is made harmless by ``csv_lines``; ``read_results_csv`` restores it
    exactly.  Numbers that could not be read have a row with an empty text.  Pages that could not be read have no rows
    here; see ``errors_table``.
    """
    return _table(RESULT_COLUMNS, partial(_number_rows, style=style), style)


def digits_table(style: CsvStyle = CsvStyle.PLAIN) -> ResultFormat:
    """The table of the digits, one row each, left to right within their number; columns ``DIGIT_COLUMNS``.

    ``number`` is the same as in ``numbers_table``, ``position`` counts from 1.
    """
    return _table(DIGIT_COLUMNS, _digit_rows, style)


def errors_table(style: CsvStyle = CsvStyle.PLAIN) -> ResultFormat:
    """The table of the pages that could not be read, one row each; columns ``ERROR_COLUMNS``.

    ``page`` is 0 if the file could not be opened at all.
    """
    return _table(ERROR_COLUMNS, _error_rows, style)


def read_results_csv(path: Path) -> tuple[ResultRow, ...]:
    """Read what ``results_csv`` wrote, also after a spreadsheet added a byte order mark and carriage returns.

    Raises:
        DataError: if the file cannot be read or is not in this format; the message names the line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); give a CSV written by digitscan") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8 text; give a CSV written by digitscan") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        _check_header(next(reader, []))
        rows = [_parse_row(cells) for cells in reader if cells]
    except (ValueError, csv.Error) as error:
        raise DataError(f"{path}, line {max(reader.line_num, 1)}: {error}; write the file again") from error
    return tuple(rows)


def _number_rows(result: PageResult, style: CsvStyle) -> Iterator[Row]:
    for index, number in enumerate(result.numbers, start=1):
        yield (
            *(result.file, result.page_number, index, number.table or "", number.row, number.column),
            *(
                number.field,
                number.kind,
                _as_text(number.text, style),
                format_confidence(number.confidence),
                number.review_reason,
                _as_text(number.suggested, style),
                number.checked,
                _as_text(number.read, style),
                *number.box,
            ),
        )


def _as_text(text: str, style: CsvStyle) -> str | WrittenNumber:
    return WrittenNumber(text) if style is CsvStyle.EXCEL else text


def _digit_rows(result: PageResult) -> Iterator[Row]:
    for index, number in enumerate(result.numbers, start=1):
        for position, digit in enumerate(number.digits, start=1):
            yield (
                result.file,
                result.page_number,
                index,
                position,
                digit.text,
                format_confidence(digit.confidence),
                *digit.box,
            )


def _error_rows(result: PageResult) -> Iterator[Row]:
    if result.error:
        yield result.file, result.page_number, result.error


def _table(columns: Row, page_rows: Callable[[PageResult], Iterable[Row]], style: CsvStyle) -> ResultFormat:
    head = (BYTE_ORDER_MARK if style is CsvStyle.EXCEL else "") + csv_lines([columns])
    return ResultFormat(
        page_text=lambda result: csv_lines(page_rows(result)), whole_text=lambda pages: chain((head,), pages)
    )


def round_confidence(confidence: float) -> float:
    """Round a confidence (0-1) down to ``CONFIDENCE_DECIMALS`` decimals: nothing looks surer than it is."""
    nearest = round(confidence, CONFIDENCE_DECIMALS)
    return nearest if nearest <= confidence else round(nearest - 10**-CONFIDENCE_DECIMALS, CONFIDENCE_DECIMALS)


def format_confidence(confidence: float) -> str:
    """Write a confidence (0-1) as ``round_confidence`` rounds it."""
    return f"{round_confidence(confidence):.{CONFIDENCE_DECIMALS}f}"


def _check_header(cells: Sequence[str]) -> None:
    if tuple(cells) != RESULT_COLUMNS:
        raise ValueError(f"the columns must be {','.join(RESULT_COLUMNS)}")


def _parse_row(cells: Sequence[str]) -> ResultRow:
    if len(cells) != len(RESULT_COLUMNS):
        raise ValueError(f"{len(cells)} columns, where {len(RESULT_COLUMNS)} are needed")
    entry = dict(zip(RESULT_COLUMNS, map(text_of, cells), strict=True))
    whole = {name: _parse_int(name, entry[name]) for name in ("page", "number", "row", "column", *RESULT_COLUMNS[-4:])}
    confidence = float(entry["confidence"])
    if not 0 <= confidence <= 1:
        raise ValueError(f"confidence is {entry['confidence']}, not 0 to 1")
    return ResultRow(
        file=entry["file"],
        page=whole["page"],
        number=whole["number"],
        table=_parse_int("table", entry["table"]) if entry["table"] else 0,
        row=whole["row"],
        column=whole["column"],
        field=entry["field"],
        kind=entry["kind"],
        text=entry["text"],
        confidence=confidence,
        review=entry["review"],
        box=Box(whole["x"], whole["y"], whole["width"], whole["height"]),
        suggested=entry["suggested"],
        checked=entry["checked"],
        read=entry["read"],
    )


def _parse_int(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f"{name} is {text!r}, not a whole number") from error
