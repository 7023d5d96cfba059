"""Everything known of the pages, as JSON and back.

There are two forms.  ``results_to_json`` is for who uses the results: one document of
all pages, laid out to be looked at, probabilities to as many decimals as they
are known.  ``page_to_json`` is for this program to go on with later: one page
in one line, from which ``page_from_json`` makes the same result to the last bit.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from scanner.errors import DataError
from scanner.results.csv_tables import CONFIDENCE_DECIMALS
from scanner.results.json_stream import json_safe, stream_json_document
from scanner.types import Box, Digit, Finding, Number, Opinion, PageResult, SettingValue, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Value = TypeVar("_Value")


def results_to_json(results: Iterable[PageResult], version: str) -> Iterator[str]:
    """Everything known of the pages, those that failed included.

    ``{"digitscan": version, "pages": [{"file", "page", "width", "height",
    "error", "verdict": [{"name", "measured", "advice"}], "steps": [{"name",
    "settings"}], "numbers": [{"number", "table", "row", "column", "cells",
    "field", "kind", "text", "crossed_out",
    "confidence", "review", "box", "digits": [{"text", "confidence", "box"}],
    "said": [{"reader", "text", "confidence"}]}]}]}`` with boxes as ``[x, y,
    width, height]``.  JSON knows no NaN or infinity: a setting that is one
    becomes the text ``"nan"``, ``"inf"`` or ``"-inf"``.

    Yields:
        The document in pieces, each made when it is asked for: no more than a page is held in memory.
    """
    return stream_json_document({"digitscan": version}, "pages", map(_rounded_page_entry, results))


def results_from_json(text: str) -> tuple[PageResult, ...]:
    """Read what ``results_to_json`` wrote; confidences come back to four decimals.

    Results of versions that gave no verdict on a scan are read as well.

    Raises:
        DataError: if ``text`` is not in this format.
    """
    document = _parse_json(text)
    try:
        return tuple(_parse_page(entry) for entry in _get_typed(document, "pages", list))
    except (ValueError, OverflowError) as error:
        raise DataError(f"the JSON is not a result of digitscan: {error}; write it again") from error


def page_to_json(result: PageResult) -> str:
    """A page's result as one line of ASCII, with nothing lost; for ``page_from_json``.

    As an entry of ``results_to_json``, but confidences are exact, and settings are
    pairs in their order, NaN and infinity as Python's json module writes them.
    (Two surrogates in a row, which no text from a file or a folder has, would
    come back as the one character they mean.)
    """
    entry = _page_entry(result, lambda confidence: confidence)
    entry["steps"] = [{"name": step.name, "settings": step.settings} for step in result.steps]
    return json.dumps(entry, separators=(",", ":"))


def page_from_json(text: str) -> PageResult:
    """Read what ``page_to_json`` wrote.

    Raises:
        DataError: if ``text`` is not in this format.
    """
    entry = _parse_json(text)
    try:
        return _parse_page(entry)
    except (ValueError, OverflowError) as error:
        raise DataError(f"the JSON is not a page of digitscan: {error}; scan it again") from error


def _parse_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"the results are not JSON ({error}); write them again") from error


def _rounded_page_entry(result: PageResult) -> dict[str, Any]:
    return _page_entry(result, lambda confidence: round(confidence, CONFIDENCE_DECIMALS))


def _page_entry(result: PageResult, confidence: Callable[[float], float]) -> dict[str, Any]:
    return {
        "file": result.file,
        "page": result.page_number,
        "width": result.width,
        "height": result.height,
        "error": result.error,
        "verdict": [
            {"name": finding.name, "measured": finding.measured, "advice": finding.advice}
            for finding in result.scan_quality
        ],
        "steps": [
            {"name": step.name, "settings": {name: json_safe(value) for name, value in step.settings}}
            for step in result.steps
        ],
        "numbers": [_number_entry(place, number, confidence) for place, number in enumerate(result.numbers, start=1)],
    }


def _number_entry(place: int, number: Number, confidence: Callable[[float], float]) -> dict[str, Any]:
    return {
        "number": place,
        "table": number.table,
        "row": number.row,
        "column": number.column,
        "cells": list(number.comb_cells),
        "field": number.field,
        "kind": number.kind,
        "text": number.text,
        "crossed_out": number.crossed_out,
        "confidence": confidence(number.confidence),
        "review": number.review_reason,
        "box": list(number.box),
        "digits": [
            {
                "text": digit.text,
                "confidence": confidence(digit.confidence),
                "box": list(digit.box),
            }
            for digit in number.digits
        ],
        "said": [
            {"reader": said.reader, "text": said.text, "confidence": confidence(said.confidence)}
            for said in number.opinions
        ],
    }


def _get_typed(entry: object, key: str, kind: type[_Value]) -> _Value:
    if not isinstance(entry, dict):
        raise ValueError(f"{key!r} is looked for in {type(entry).__name__}, not in an object")
    value = entry.get(key)
    if kind is float and isinstance(value, int):
        value = float(value)
    if not isinstance(value, kind):
        raise ValueError(f"{key!r} is missing or not {kind.__name__}")
    return value


def _parse_page(entry: object) -> PageResult:
    return PageResult(
        file=_get_typed(entry, "file", str),
        page_number=_get_typed(entry, "page", int),
        width=_get_typed(entry, "width", int),
        height=_get_typed(entry, "height", int),
        error=_get_typed(entry, "error", str),
        steps=tuple(
            Step(_get_typed(step, "name", str), tuple(_parse_settings(step)))
            for step in _get_typed(entry, "steps", list)
        ),
        numbers=tuple(_parse_number(number) for number in _get_typed(entry, "numbers", list)),
        scan_quality=_parse_scan_quality(entry),
    )


def _parse_scan_quality(entry: object) -> tuple[Finding, ...]:
    if isinstance(entry, dict) and "verdict" not in entry:
        return ()
    return tuple(
        Finding(
            _get_typed(finding, "name", str), _get_typed(finding, "measured", str), _get_typed(finding, "advice", str)
        )
        for finding in _get_typed(entry, "verdict", list)
    )


def _parse_settings(step: dict[str, object]) -> Iterator[tuple[str, SettingValue]]:
    settings = step.get("settings")
    for name, value in (
        settings.items() if isinstance(settings, dict) else map(_parse_pair, _get_typed(step, "settings", list))
    ):
        if not isinstance(name, str) or not isinstance(value, SettingValue):
            raise ValueError(f"the setting {name!r} is neither text nor a number")
        yield name, value


def _parse_pair(pair: object) -> tuple[object, object]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise ValueError("a setting is not a name and a value")
    return pair[0], pair[1]


def _parse_number(entry: object) -> Number:
    return Number(
        text=_get_typed(entry, "text", str),
        confidence=_get_typed(entry, "confidence", float),
        review_reason=_get_typed(entry, "review", str),
        row=_get_typed(entry, "row", int),
        column=_get_typed(entry, "column", int),
        box=_parse_box(entry),
        digits=tuple(
            Digit(_get_typed(digit, "text", str), _get_typed(digit, "confidence", float), _parse_box(digit))
            for digit in _get_typed(entry, "digits", list)
        ),
        field=_get_typed(entry, "field", str),
        kind=_get_typed(entry, "kind", str),
        opinions=tuple(
            Opinion(
                _get_typed(said, "reader", str), _get_typed(said, "text", str), _get_typed(said, "confidence", float)
            )
            for said in _get_typed(entry, "said", list)
        ),
        table=_get_typed(entry, "table", int),
        comb_cells=_parse_cells(entry),
        crossed_out=_get_typed(entry, "crossed_out", bool),
    )


def _parse_cells(entry: object) -> tuple[int, ...]:
    cells = _get_typed(entry, "cells", list)
    if not all(isinstance(cell, int) for cell in cells):
        raise ValueError("'cells' are not whole numbers")
    return tuple(cells)


def _parse_box(entry: object) -> Box:
    sides = _get_typed(entry, "box", list)
    if len(sides) != 4 or not all(isinstance(side, int) for side in sides):
        raise ValueError("'box' is not four whole numbers")
    return Box(*sides)
