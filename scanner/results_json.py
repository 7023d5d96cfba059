"""Everything known of the pages, as JSON and back.

There are two forms.  ``to_json`` is for who uses the results: one document of
all pages, laid out to be looked at, probabilities to as many decimals as they
are known.  ``page_to_json`` is for this program to go on with later: one page
in one line, from which ``page_from_json`` makes the same result to the last bit.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from scanner.errors import DataError
from scanner.export import CONFIDENCE_DECIMALS
from scanner.json_stream import finite, json_document
from scanner.types import Box, Digit, Finding, Number, Opinion, PageResult, Setting, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Kind = TypeVar("_Kind")


def to_json(results: Iterable[PageResult], version: str) -> Iterator[str]:
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
    return json_document({"digitscan": version}, "pages", map(_rounded_entry, results))


def from_json(text: str) -> tuple[PageResult, ...]:
    """Read what ``to_json`` wrote; confidences come back to four decimals.

    Results of versions that gave no verdict on a scan are read as well.

    Raises:
        DataError: if ``text`` is not in this format.
    """
    document = _parsed(text)
    try:
        return tuple(_page_of(entry) for entry in _get(document, "pages", list))
    except (ValueError, OverflowError) as error:
        raise DataError(f"the JSON is not a result of digitscan: {error}; write it again") from error


def page_to_json(result: PageResult) -> str:
    """A page's result as one line of ASCII, with nothing lost; for ``page_from_json``.

    As an entry of ``to_json``, but confidences are exact, and settings are
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
    entry = _parsed(text)
    try:
        return _page_of(entry)
    except (ValueError, OverflowError) as error:
        raise DataError(f"the JSON is not a page of digitscan: {error}; scan it again") from error


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"the results are not JSON ({error}); write them again") from error


def _rounded_entry(result: PageResult) -> dict[str, Any]:
    return _page_entry(result, lambda confidence: round(confidence, CONFIDENCE_DECIMALS))


def _page_entry(result: PageResult, confidence: Callable[[float], float]) -> dict[str, Any]:
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
            {"name": step.name, "settings": {name: finite(value) for name, value in step.settings}}
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
        "cells": list(number.cells),
        "field": number.field,
        "kind": number.kind,
        "text": number.text,
        "crossed_out": number.crossed_out,
        "confidence": confidence(number.confidence),
        "review": number.review,
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
            for said in number.said
        ],
    }


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
        steps=tuple(Step(_get(step, "name", str), tuple(_settings_of(step))) for step in _get(entry, "steps", list)),
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


def _settings_of(step: dict[str, object]) -> Iterator[tuple[str, Setting]]:
    settings = step.get("settings")
    for name, value in settings.items() if isinstance(settings, dict) else map(_pair, _get(step, "settings", list)):
        if not isinstance(name, str) or not isinstance(value, Setting):
            raise ValueError(f"the setting {name!r} is neither text nor a number")
        yield name, value


def _pair(pair: object) -> tuple[object, object]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise ValueError("a setting is not a name and a value")
    return pair[0], pair[1]


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
