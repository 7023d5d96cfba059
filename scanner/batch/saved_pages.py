"""The pages of the last batch as its saved state has them, for who looks through them; nothing is changed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.batch.last_outputs import parse_outputs
from scanner.batch.state_database import open_for_reading, translated_errors
from scanner.results.json_results import page_from_json

if TYPE_CHECKING:
    import sqlite3

    from scanner.batch.last_outputs import LastOutputs
    from scanner.types import PageResult

_PAGES_QUERY = """
    SELECT inputs.sha256, inputs.file, COALESCE(wanted.result, pages.result) AS found FROM wanted
    JOIN inputs USING (place)
    LEFT JOIN pages ON pages.file = inputs.file AND pages.sha256 = inputs.sha256
        AND pages.recipe = inputs.recipe AND pages.page = wanted.page
    WHERE found IS NOT NULL ORDER BY place, wanted.page
"""
_TABLE_QUERY = "SELECT count(*) FROM sqlite_master WHERE name = ?"


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page of the last batch."""

    result: PageResult
    """What was read on it, or why it could not be."""
    sha256: str
    """SHA-256 of its file in hexadecimal; empty if that could not be read."""
    path: Path | None
    """Where its file was when it was read; None if the state does not tell."""


def read_saved_pages(state: Path) -> tuple[SavedPage, ...]:
    """Read the pages of the last batch, in its order.

    Args:
        state: the saved state.

    Raises:
        DataError: if there is none, it is of another version of this program, or a scan is writing it.
        OutputError: if it is damaged, or of another program.
    """
    with open_for_reading(state) as database:
        paths = _disk_paths(database)
        rows = database.execute(_PAGES_QUERY).fetchall()
    with translated_errors(state):
        return tuple(SavedPage(page_from_json(text), sha256, paths.get(file)) for sha256, file, text in rows)


def read_last_outputs(results: Path, state: Path) -> LastOutputs | None:
    """Read how the results of the last batch were written; None if it has not come to its end.

    Args:
        results: the table of numbers.
        state: the saved state beside it.

    Raises:
        DataError: as ``read_saved_pages``, or if the state is damaged.
        OutputError: as ``read_saved_pages``.
    """
    with open_for_reading(state) as database:
        is_known = _has_table(database, "last_outputs")
        row = database.execute("SELECT description FROM last_outputs").fetchone() if is_known else None
    return None if row is None else parse_outputs(row[0], results, state)


def _disk_paths(database: sqlite3.Connection) -> dict[str, Path]:
    if not _has_table(database, "disk_paths"):
        return {}
    rows = database.execute("SELECT file, path FROM disk_paths").fetchall()
    return {file: Path(os.fsdecode(path)) for file, path in rows}


def _has_table(database: sqlite3.Connection, name: str) -> bool:
    """Whether a table is there: earlier scans left states without some, and nothing is made here."""
    return bool(database.execute(_TABLE_QUERY, (name,)).fetchone()[0])
