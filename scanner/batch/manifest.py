"""The manifest of a batch: what was read, with which programs, models and options, so that it can be repeated."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC
from enum import Enum
from typing import TYPE_CHECKING

from scanner.results.csv_tables import CONFIDENCE_DECIMALS
from scanner.results.json_stream import entry_text, json_safe, stream_json_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from scanner.options import ScanOptions
    from scanner.results.summary import Summary
    from scanner.sources.limits import Limits
    from scanner.types import SettingValue


@dataclass(frozen=True, slots=True)
class InputRecord:
    """One file of a batch and how many of its pages were read."""

    file: str
    """Name in results."""
    sha256: str
    """SHA-256 of the bytes in hexadecimal; empty if they could not be read."""
    size: int
    """Size in bytes; 0 if the file could not be read."""
    pages_read: int
    """Number of pages that were read."""
    failed_pages: tuple[tuple[int, str], ...] = ()
    """Page number (0: the whole file) and error of each page that could not be read."""


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """Settings, programs, models and counts of a batch."""

    versions: tuple[tuple[str, str], ...]
    """Name and version of each program and library."""
    models: tuple[tuple[str, str], ...]
    """File name and SHA-256 of each file of weights, from ``scanner.reading_models.weights_checksums``."""
    options: ScanOptions
    limits: Limits
    started: datetime
    """Time of the start; local time if it has no time zone."""
    finished: datetime
    """Time of the end; local time if it has no time zone."""
    summary: Summary
    other_settings: tuple[tuple[str, SettingValue], ...] = ()
    """Further settings, such as the largest share of errors; written among the options."""


def manifest_json(record: BatchRecord, input_texts: Iterable[str]) -> Iterator[str]:
    """Write the manifest of a batch as one JSON document.

    ``{"versions": {name: version}, "models": {name: sha256}, "options": {name:
    value}, "limits": {name: value}, "started", "finished", "counts": {name:
    count}, "inputs": [{"file", "sha256", "size", "pages", "failed": [{"page",
    "error"}]}]}`` with names as in ``ScanOptions``, ``Limits`` and ``Summary``,
    and times in UTC as ISO 8601 writes them.

    Args:
        record: everything except the input files.
        input_texts: the input files, in the order they were read, from ``input_text``; as for ``stream_json_document``.

    Yields:
        The document in chunks, created on demand, so that only one file's record is in memory.
    """
    counts = _plain_values(record.summary)
    counts["expected_errors"] = round(record.summary.expected_errors, CONFIDENCE_DECIMALS)
    head = {
        "versions": dict(record.versions),
        "models": dict(record.models),
        "options": _plain_values(record.options) | {name: json_safe(value) for name, value in record.other_settings},
        "limits": _plain_values(record.limits),
        "started": _format_time(record.started),
        "finished": _format_time(record.finished),
        "counts": counts,
    }
    return stream_json_document(head, "inputs", input_texts)


def input_text(record: InputRecord) -> str:
    """Write an input file for ``manifest_json``."""
    failed = [{"page": page, "error": error} for page, error in record.failed_pages]
    return entry_text(
        {
            "file": record.file,
            "sha256": record.sha256,
            "size": record.size,
            "pages": record.pages_read,
            "failed": failed,
        }
    )


def _plain_values(values: ScanOptions | Limits | Summary) -> dict[str, SettingValue]:
    pairs = ((field.name, getattr(values, field.name)) for field in fields(values))
    return {name: json_safe(value.value if isinstance(value, Enum) else value) for name, value in pairs}


def _format_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
