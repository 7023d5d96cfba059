"""Results as tables and back.

Three tables of the same results:

* the numbers, one row each: what most people want;
* the digits, one row each: for who checks single digits;
* the pages that could not be read, one row each.

All is CSV as :mod:`scanner.csv_lines` writes it, in UTF-8 without a byte order
mark.  Everything known of the pages is in :mod:`scanner.results.json_results`.
Each is a function of the results alone: the same results give the same bytes.
They come in pieces, a page at a time, for no more than that is held in memory.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.csv_lines import csv_lines, text_of
from scanner.errors import DataError
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from scanner.csv_lines import Row
    from scanner.types import PageResult

RESULT_COLUMNS = (
    *("file", "page", "number", "table", "row", "column", "field", "kind", "text"),
    *("confidence", "review", "x", "y", "width", "height"),
)
DIGIT_COLUMNS = ("file", "page", "number", "position", "digit", "confidence", "x", "y", "width", "height")
ERROR_COLUMNS = ("file", "page", "error")

# A probability estimated from some thousands of samples is not known better than this,
# and fewer digits keep the output the same across machines whose last bits differ.
CONFIDENCE_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One row of the CSV of numbers."""

    file: str
    page: int
    """Page number within the file, from 1."""
    number: int
    """Place in the reading order of the page, from 1."""
    table: int
    """Table on the page, from 1; 0, an empty cell, where it stands in none."""
    row: int
    """Row of its table, or else on the page, from 1."""
    column: int
    """Column of its table, or else place in the row, from 1."""
    field: str
    """Name of the form field; empty where there is no form."""
    kind: str
    """``handwritten`` or ``printed``; empty where nothing told them apart."""
    text: str
    """The digits as written."""
    confidence: float
    """0-1, to four decimals."""
    review: str
    """Why a person should look at it; empty if there is no reason."""
    box: Box
    """On the original page."""


def results_csv(results: Iterable[PageResult]) -> Iterator[str]:
    """The numbers, one row each, in the order given; columns ``RESULT_COLUMNS``.

    What a spreadsheet would run as a formula is written as ``csv_lines`` does;
    ``read_results_csv`` gives every text back exactly.  Pages that failed have
    no rows: see ``errors_csv``.

    Yields:
        The text in pieces, each made when it is asked for.
    """
    return _csv_chunks(RESULT_COLUMNS, map(_number_rows, results))


def digits_csv(results: Iterable[PageResult]) -> Iterator[str]:
    """The digits, one row each, left to right within their number; columns ``DIGIT_COLUMNS``.

    ``number`` is the same as in ``results_csv``, ``position`` counts from 1; the text comes as there.
    """
    return _csv_chunks(DIGIT_COLUMNS, map(_digit_rows, results))


def errors_csv(results: Iterable[PageResult]) -> Iterator[str]:
    """The pages that could not be read, one row each; columns ``ERROR_COLUMNS``.

    ``page`` is 0 where the file could not be opened at all; the text comes as from ``results_csv``.
    """
    return _csv_chunks(ERROR_COLUMNS, map(_error_rows, results))


def read_results_csv(path: Path) -> tuple[ResultRow, ...]:
    """Read what ``results_csv`` wrote.

    A byte order mark and carriage returns, as a spreadsheet leaves them, are accepted.

    Raises:
        DataError: if the file cannot be read, or a line (named) is not in this format.
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


def _number_rows(result: PageResult) -> Iterator[Row]:
    for place, number in enumerate(result.numbers, start=1):
        yield (
            *(result.file, result.page_number, place, number.table or "", number.row, number.column),
            *(
                number.field,
                number.kind,
                number.text,
                _format_confidence(number.confidence),
                number.review_reason,
                *number.box,
            ),
        )


def _digit_rows(result: PageResult) -> Iterator[Row]:
    for place, number in enumerate(result.numbers, start=1):
        for position, digit in enumerate(number.digits, start=1):
            yield (
                result.file,
                result.page_number,
                place,
                position,
                digit.text,
                _format_confidence(digit.confidence),
                *digit.box,
            )


def _error_rows(result: PageResult) -> Iterator[Row]:
    if result.error:
        yield result.file, result.page_number, result.error


def _csv_chunks(columns: Row, pages: Iterable[Iterable[Row]]) -> Iterator[str]:
    yield csv_lines([columns])
    for rows in pages:
        if text := csv_lines(rows):
            yield text


def _format_confidence(confidence: float) -> str:
    return f"{confidence:.{CONFIDENCE_DECIMALS}f}"


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
    )


def _parse_int(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f"{name} is {text!r}, not a whole number") from error
