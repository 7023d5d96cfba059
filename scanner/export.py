"""Results to text and back.

Three forms of the same results:

* the numbers as CSV, one row each: what most people want;
* the digits as CSV, one row each: for who checks single digits;
* everything as JSON, with the pages that failed and the steps that ran.

The CSV is quoted as RFC 4180 says, in UTF-8 without a byte order mark; lines end
in a bare line feed.
All three are functions of the results alone: the same results give the same
bytes.
"""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

from scanner.errors import DataError
from scanner.types import Box, Digit, Finding, Number, Opinion, PageResult, Setting, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

RESULT_COLUMNS = (
    *("file", "page", "number", "table", "row", "column", "field", "kind", "text"),
    *("confidence", "review", "x", "y", "width", "height"),
)
DIGIT_COLUMNS = ("file", "page", "number", "position", "digit", "confidence", "x", "y", "width", "height")

# A probability estimated from some thousands of samples is not known better than this,
# and fewer digits keep the output the same across machines whose last bits differ.
CONFIDENCE_DECIMALS = 4

# A spreadsheet takes a cell that starts with one of these for a formula (OWASP, "CSV injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Put before such a file name: still the path of the same file, no longer a formula.
_HERE = "./"

_Kind = TypeVar("_Kind")


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


def results_csv(results: Iterable[PageResult]) -> str:
    """The numbers, one row each, in the order given; columns ``RESULT_COLUMNS``.

    A file name that a spreadsheet would run as a formula (``=1+1.png``) is
    written with ``./`` before it, which names the same file; so is one that
    already starts with ``./``, so that ``read_results_csv`` gives every name
    back exactly.  Pages that failed have no rows: see ``to_json``.
    """
    return _table(
        RESULT_COLUMNS,
        (
            (
                *(_safe_name(result.file), result.page, place, number.table or "", number.row, number.column),
                *(number.field, number.kind, number.text, _decimals(number.confidence), number.review, *number.box),
            )
            for result in results
            for place, number in enumerate(result.numbers, start=1)
        ),
    )


def digits_csv(results: Iterable[PageResult]) -> str:
    """The digits, one row each, left to right within their number; columns ``DIGIT_COLUMNS``.

    ``number`` is the same as in ``results_csv``, ``position`` counts from 1.
    File names are written as there.
    """
    return _table(
        DIGIT_COLUMNS,
        (
            (_safe_name(result.file), result.page, place, position, digit.text, _decimals(digit.confidence), *digit.box)
            for result in results
            for place, number in enumerate(result.numbers, start=1)
            for position, digit in enumerate(number.digits, start=1)
        ),
    )


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
        rows = [_row_of(cells) for cells in reader if cells]
    except (ValueError, csv.Error) as error:
        raise DataError(f"{path}, line {max(reader.line_num, 1)}: {error}; write the file again") from error
    return tuple(rows)


def to_json(results: Iterable[PageResult], version: str) -> str:
    """Everything known of the pages, those that failed included.

    ``{"digitscan": version, "pages": [{"file", "page", "width", "height",
    "error", "verdict": [{"name", "measured", "advice"}], "steps": [{"name",
    "settings"}], "numbers": [{"number", "table", "row", "column", "cells",
    "field", "kind", "text", "crossed_out",
    "confidence", "review", "box", "digits": [{"text", "confidence", "box"}],
    "said": [{"reader", "text", "confidence"}]}]}]}`` with boxes as ``[x, y,
    width, height]``.  JSON knows no NaN or infinity: a setting that is one
    becomes the text ``"nan"``, ``"inf"`` or ``"-inf"``.
    """
    document = {"digitscan": version, "pages": [_page_entry(result) for result in results]}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def from_json(text: str) -> tuple[PageResult, ...]:
    """Read what ``to_json`` wrote; confidences come back to four decimals.

    Results of versions that gave no verdict on a scan are read as well.

    Raises:
        DataError: if ``text`` is not in this format.
    """
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"the results are not JSON ({error}); write them again") from error
    try:
        return tuple(_page_of(entry) for entry in _get(document, "pages", list))
    except ValueError as error:
        raise DataError(f"the JSON is not a result of digitscan: {error}; write it again") from error


def _table(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    # The csv module quotes only the line end it is told to write (before Python 3.13):
    # with "\n" a "\r" in a name would stay bare and be read as a new row.
    # So it is told "\r\n", which has both, and each row's end is then shortened.
    lines: list[str] = []
    sink = SimpleNamespace(write=lambda line: lines.append(line.removesuffix("\r\n") + "\n"))
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return "".join(lines)


def _safe_name(file: str) -> str:
    return _HERE + file if file.startswith((*_FORMULA_STARTS, _HERE)) else file


def _decimals(confidence: float) -> str:
    return f"{confidence:.{CONFIDENCE_DECIMALS}f}"


def _check_header(cells: Sequence[str]) -> None:
    if tuple(cells) != RESULT_COLUMNS:
        raise ValueError(f"the columns must be {','.join(RESULT_COLUMNS)}")


def _row_of(cells: Sequence[str]) -> ResultRow:
    if len(cells) != len(RESULT_COLUMNS):
        raise ValueError(f"{len(cells)} columns, where {len(RESULT_COLUMNS)} are needed")
    entry = dict(zip(RESULT_COLUMNS, cells, strict=True))
    whole = {name: _whole(name, entry[name]) for name in ("page", "number", "row", "column", *RESULT_COLUMNS[-4:])}
    confidence = float(entry["confidence"])
    if not 0 <= confidence <= 1:
        raise ValueError(f"confidence is {entry['confidence']}, not 0 to 1")
    return ResultRow(
        file=entry["file"].removeprefix(_HERE),
        page=whole["page"],
        number=whole["number"],
        table=_whole("table", entry["table"]) if entry["table"] else 0,
        row=whole["row"],
        column=whole["column"],
        field=entry["field"],
        kind=entry["kind"],
        text=entry["text"],
        confidence=confidence,
        review=entry["review"],
        box=Box(whole["x"], whole["y"], whole["width"], whole["height"]),
    )


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f"{name} is {text!r}, not a whole number") from error


def _page_entry(result: PageResult) -> dict[str, Any]:
    return {
        "file": result.file,
        "page": result.page,
        "width": result.width,
        "height": result.height,
        "error": result.error,
        "verdict": [
            {"name": finding.name, "measured": finding.measured, "advice": finding.advice} for finding in result.verdict
        ],
        "steps": [
            {"name": step.name, "settings": {name: _finite(value) for name, value in step.settings}}
            for step in result.steps
        ],
        "numbers": [_number_entry(place, number) for place, number in enumerate(result.numbers, start=1)],
    }


def _number_entry(place: int, number: Number) -> dict[str, Any]:
    return {
        "number": place,
        "table": number.table,
        "row": number.row,
        "column": number.column,
        "cells": list(number.cells),
        "field": number.field,
        "kind": number.kind,
        "text": number.text,
        "crossed_out": number.crossed_out,
        "confidence": round(number.confidence, CONFIDENCE_DECIMALS),
        "review": number.review,
        "box": list(number.box),
        "digits": [
            {
                "text": digit.text,
                "confidence": round(digit.confidence, CONFIDENCE_DECIMALS),
                "box": list(digit.box),
            }
            for digit in number.digits
        ],
        "said": [
            {"reader": said.reader, "text": said.text, "confidence": round(said.confidence, CONFIDENCE_DECIMALS)}
            for said in number.said
        ],
    }


def _finite(value: Setting) -> Setting:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _get(entry: object, key: str, kind: type[_Kind]) -> _Kind:
    if not isinstance(entry, dict):
        raise ValueError(f"{key!r} is looked for in {type(entry).__name__}, not in an object")
    value = entry.get(key)
    if kind is float and isinstance(value, int):
        value = float(value)
    if not isinstance(value, kind):
        raise ValueError(f"{key!r} is missing or not {kind.__name__}")
    return value


def _page_of(entry: object) -> PageResult:
    return PageResult(
        file=_get(entry, "file", str),
        page=_get(entry, "page", int),
        width=_get(entry, "width", int),
        height=_get(entry, "height", int),
        error=_get(entry, "error", str),
        steps=tuple(
            Step(_get(step, "name", str), tuple(_settings_of(_get(step, "settings", dict))))
            for step in _get(entry, "steps", list)
        ),
        numbers=tuple(_number_of(number) for number in _get(entry, "numbers", list)),
        verdict=_verdict_of(entry),
    )


def _verdict_of(entry: object) -> tuple[Finding, ...]:
    if isinstance(entry, dict) and "verdict" not in entry:
        return ()
    return tuple(
        Finding(_get(finding, "name", str), _get(finding, "measured", str), _get(finding, "advice", str))
        for finding in _get(entry, "verdict", list)
    )


def _settings_of(entry: dict[str, object]) -> Iterator[tuple[str, Setting]]:
    for name, value in entry.items():
        if not isinstance(value, Setting):
            raise ValueError(f"the setting {name!r} is neither text nor a number")
        yield name, value


def _number_of(entry: object) -> Number:
    return Number(
        text=_get(entry, "text", str),
        confidence=_get(entry, "confidence", float),
        review=_get(entry, "review", str),
        row=_get(entry, "row", int),
        column=_get(entry, "column", int),
        box=_box_of(entry),
        digits=tuple(
            Digit(_get(digit, "text", str), _get(digit, "confidence", float), _box_of(digit))
            for digit in _get(entry, "digits", list)
        ),
        field=_get(entry, "field", str),
        kind=_get(entry, "kind", str),
        said=tuple(
            Opinion(_get(said, "reader", str), _get(said, "text", str), _get(said, "confidence", float))
            for said in _get(entry, "said", list)
        ),
        table=_get(entry, "table", int),
        cells=_cells_of(entry),
        crossed_out=_get(entry, "crossed_out", bool),
    )


def _cells_of(entry: object) -> tuple[int, ...]:
    cells = _get(entry, "cells", list)
    if not all(isinstance(cell, int) for cell in cells):
        raise ValueError("'cells' are not whole numbers")
    return tuple(cells)


def _box_of(entry: object) -> Box:
    sides = _get(entry, "box", list)
    if len(sides) != 4 or not all(isinstance(side, int) for side in sides):
        raise ValueError("'box' is not four whole numbers")
    return Box(*sides)
