"""What a run did: enough to tell later what a result came from, and to get it again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC
from enum import Enum
from typing import TYPE_CHECKING, Any

from scanner.results.csv_tables import CONFIDENCE_DECIMALS
from scanner.results.json_stream import json_safe, stream_json_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from scanner.options import ScanOptions
    from scanner.results.summary import Summary
    from scanner.sources.limits import Limits
    from scanner.types import SettingValue


@dataclass(frozen=True, slots=True)
class InputRecord:
    """One file of a run, and what became of it."""

    file: str
    """Name in results."""
    sha256: str
    """Of its bytes, in hexadecimal; empty if they could not be read."""
    size: int
    """Bytes; 0 if they could not be read."""
    pages_read: int
    """Pages read."""
    failed_pages: tuple[tuple[int, str], ...] = ()
    """Pages that could not be read, with the error: numbers as in ``PageResult``, 0 for the whole file."""


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """What a run was told, with what it ran, and what came of it."""

    versions: tuple[tuple[str, str], ...]
    """Of the programs it ran with, by name."""
    models: tuple[tuple[str, str], ...]
    """Names of the weights with their sha256: see ``scanner.recognition.models.weights_checksums``."""
    options: ScanOptions
    limits: Limits
    started: datetime
    finished: datetime
    """Without a time zone both are taken for local time."""
    summary: Summary
    other_settings: tuple[tuple[str, SettingValue], ...] = ()
    """What else it was told, as the share of errors allowed; written among the options."""


def manifest_json(record: BatchRecord, inputs: Iterable[InputRecord]) -> Iterator[str]:
    """What a run did, as one JSON document.

    ``{"versions": {name: version}, "models": {name: sha256}, "options": {name:
    value}, "limits": {name: value}, "started", "finished", "counts": {name:
    count}, "inputs": [{"file", "sha256", "size", "pages", "failed": [{"page",
    "error"}]}]}`` with names as in ``ScanOptions``, ``Limits`` and ``Summary``,
    and times in UTC as ISO 8601 writes them.

    Args:
        record: all but the input.
        inputs: in the order they were read.

    Yields:
        The document in pieces, each made when it is asked for: no more than a file's record is held in memory.
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
    return stream_json_document(head, "inputs", map(_input_entry, inputs))


def _input_entry(record: InputRecord) -> dict[str, Any]:
    failed = [{"page": page, "error": error} for page, error in record.failed_pages]
    return {
        "file": record.file,
        "sha256": record.sha256,
        "size": record.size,
        "pages": record.pages_read,
        "failed": failed,
    }


def _plain_values(values: ScanOptions | Limits | Summary) -> dict[str, SettingValue]:
    pairs = ((field.name, getattr(values, field.name)) for field in fields(values))
    return {name: json_safe(value.value if isinstance(value, Enum) else value) for name, value in pairs}


def _format_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
