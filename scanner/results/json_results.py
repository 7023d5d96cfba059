"""Results as JSON, and back.

There are two forms.  ``results_to_json`` is for the user: one document of all pages, laid out to be read, with
confidences to as many decimals as they are known.  ``page_to_json`` is for the state of a batch: one page on one line,
from which ``page_from_json`` makes the same result to the last bit.

Both hold the types of :mod:`scanner.results.results_document`, which msgspec checks on reading.  The text itself is
read and written by Python's json module: msgspec's has no NaN, no lone surrogates and no integers above 64 bits.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from scanner.errors import DataError
from scanner.results.csv_tables import round_confidence
from scanner.results.json_stream import entry_text, json_safe, stream_json_document
from scanner.results.result_format import ResultFormat
from scanner.results.results_document import (
    SCHEMA_VERSION,
    BrokenRuleEntry,
    DigitEntry,
    FindingEntry,
    NumberEntry,
    OpinionEntry,
    PageEntry,
    ResultsDocument,
    StepEntry,
)
from scanner.types import Box, BrokenRule, Digit, Finding, Number, Opinion, PageResult, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scanner.types import SettingValue

_Entry = TypeVar("_Entry", bound=msgspec.Struct)


def results_to_json(results: Iterable[PageResult], version: str) -> Iterator[str]:
    """Write everything known of the pages, those that failed included, as a document for the user.

    ``docs/results.schema.json`` describes it.  JSON has no NaN or infinity: a setting that is one becomes the text
    ``"nan"``, ``"inf"`` or ``"-inf"``.

    Args:
        results: the pages.
        version: version of this program.

    Yields:
        The document in chunks, each made when the caller asks for it: only one page is held in memory.
    """
    return json_document(version).chunks(results)


def json_document(version: str) -> ResultFormat:
    """The format of ``results_to_json``."""
    head = {"schema": SCHEMA_VERSION, "digitscan": version}
    return ResultFormat(_page_text, partial(stream_json_document, head, "pages"))


def results_from_json(text: str) -> tuple[PageResult, ...]:
    """Read what ``results_to_json`` wrote; confidences come back rounded down to four decimals.

    Raises:
        DataError: if ``text`` is not in this format, or in another version of it.
    """
    return document_from_dict(_parse_json(text))


def page_to_json(result: PageResult) -> str:
    """Write a page's result as one line of ASCII for ``page_from_json``, with nothing lost.

    It is an entry of ``results_to_json``, but confidences are exact, and NaN and infinity are written as Python's json
    module does.  (Two lone surrogates in a row, which no text from a file or a folder has, would come back as the one
    character they encode.)
    """
    return json.dumps(page_to_dict(result), separators=(",", ":"))


def page_from_json(text: str) -> PageResult:
    """Read what ``page_to_json`` wrote.

    Raises:
        DataError: if ``text`` is not in this format.
    """
    return page_from_dict(_parse_json(text))


def page_to_dict(result: PageResult) -> dict[str, Any]:
    """Convert a page's result to an entry of the document's ``pages``, with exact confidences."""
    page: dict[str, Any] = msgspec.to_builtins(
        _to_entry(result, confidence=lambda value: value, setting=lambda value: value)
    )
    return page


def page_from_dict(data: object) -> PageResult:
    """Convert what ``page_to_dict`` returned, or an entry of the document's ``pages``, to a result.

    Raises:
        DataError: if ``data`` is not in this format.
    """
    return _to_result(_check_types(data, PageEntry, "a page of digitscan"))


def document_to_dict(results: Iterable[PageResult], version: str) -> dict[str, Any]:
    """Convert results to the document that ``results_to_json`` writes, with exact confidences."""
    return {"schema": SCHEMA_VERSION, "digitscan": version, "pages": list(map(page_to_dict, results))}


def document_from_dict(data: object) -> tuple[PageResult, ...]:
    """Convert what ``document_to_dict`` returned, or the parsed text of ``results_to_json``, to results.

    Raises:
        DataError: if ``data`` is not in this format, or in another version of it.
    """
    if isinstance(data, dict) and "pages" in data:
        _check_version(data.get("schema", 1))
    return tuple(map(_to_result, _check_types(data, ResultsDocument, "results of digitscan").pages))


def _parse_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"the results are not JSON ({error}); scan the pages again") from error


def _check_version(version: object) -> None:
    if version == SCHEMA_VERSION:
        return
    advice = "scan the pages again"
    if isinstance(version, int) and version > SCHEMA_VERSION:
        advice = "update digitscan"
    raise DataError(f"the results have format version {version!r}, this program reads {SCHEMA_VERSION}; {advice}")


def _check_types(data: object, entry_type: type[_Entry], name: str) -> _Entry:
    try:
        return msgspec.convert(data, entry_type)
    except (msgspec.ValidationError, OverflowError) as error:
        raise DataError(f"the JSON is not {name} ({error}); scan the pages again") from error


def _page_text(result: PageResult) -> str:
    return entry_text(msgspec.to_builtins(_to_entry(result, confidence=round_confidence, setting=json_safe)))


def _to_entry(
    result: PageResult, confidence: Callable[[float], float], setting: Callable[[SettingValue], SettingValue]
) -> PageEntry:
    """Convert a result; ``confidence`` and ``setting`` convert each such value to what is written."""
    return PageEntry(
        file=result.file,
        page=result.page_number,
        width=result.width,
        height=result.height,
        error=result.error,
        form=result.form,
        broken_rules=tuple(
            BrokenRuleEntry(rule=broken.rule, fields=broken.fields, measured=broken.measured)
            for broken in result.broken_rules
        ),
        scan_quality=tuple(
            FindingEntry(name=finding.name, measured=finding.measured, advice=finding.advice)
            for finding in result.scan_quality
        ),
        steps=tuple(
            StepEntry(name=step.name, settings={name: setting(value) for name, value in step.settings})
            for step in result.steps
        ),
        numbers=tuple(
            _to_number_entry(position, number, confidence) for position, number in enumerate(result.numbers, start=1)
        ),
    )


def _to_number_entry(position: int, number: Number, confidence: Callable[[float], float]) -> NumberEntry:
    return NumberEntry(
        number=position,
        table=number.table,
        row=number.row,
        column=number.column,
        field=number.field,
        kind=number.kind,
        text=number.text,
        is_empty=number.is_empty,
        crossed_out=number.crossed_out,
        confidence=confidence(number.confidence),
        review=number.review_reason,
        suggested=number.suggested,
        checked=number.checked,
        read=number.read,
        box=number.box,
        digits=tuple(
            DigitEntry(text=digit.text, confidence=confidence(digit.confidence), box=digit.box)
            for digit in number.digits
        ),
        opinions=tuple(
            OpinionEntry(reader=opinion.reader, text=opinion.text, confidence=confidence(opinion.confidence))
            for opinion in number.opinions
        ),
    )


def _to_result(page: PageEntry) -> PageResult:
    return PageResult(
        file=page.file,
        page_number=page.page,
        width=page.width,
        height=page.height,
        numbers=tuple(map(_to_number, page.numbers)),
        steps=tuple(Step(step.name, tuple(step.settings.items())) for step in page.steps),
        error=page.error,
        scan_quality=tuple(Finding(finding.name, finding.measured, finding.advice) for finding in page.scan_quality),
        form=page.form,
        broken_rules=tuple(BrokenRule(broken.rule, broken.fields, broken.measured) for broken in page.broken_rules),
    )


def _to_number(entry: NumberEntry) -> Number:
    return Number(
        text=entry.text,
        confidence=entry.confidence,
        review_reason=entry.review,
        row=entry.row,
        column=entry.column,
        box=Box(*entry.box),
        digits=tuple(Digit(digit.text, digit.confidence, Box(*digit.box)) for digit in entry.digits),
        field=entry.field,
        kind=entry.kind,
        opinions=tuple(Opinion(opinion.reader, opinion.text, opinion.confidence) for opinion in entry.opinions),
        table=entry.table,
        crossed_out=entry.crossed_out,
        is_empty=entry.is_empty,
        suggested=entry.suggested,
        checked=entry.checked,
        read=entry.read,
    )
