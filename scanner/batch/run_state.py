"""The state of a run: what has been read so far, kept so that nothing that happens to the machine loses a page.

One SQLite file beside the results.  A page is in it, whole, once it is read, or
not at all; a run that was ended in any way goes on from there, and the results
are made from it alone, so that they are the same however often it was ended.
"""

from __future__ import annotations

import operator
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.errors import DataError, OutputError
from scanner.results.json_results import page_from_json, page_to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.batch.manifest import InputRecord
    from scanner.types import PageResult

_SCHEMA_VERSION = 2
"""Counts up with every change of the tables: a file of another one is not read."""
_APPLICATION_ID = 0x64736361
"""Marks the file as one of this program ("dsca"), so that no other database is taken for one and overwritten."""
_SCHEMA = """
    CREATE TABLE pages (
        file TEXT NOT NULL, sha256 TEXT NOT NULL, recipe TEXT NOT NULL, page INTEGER NOT NULL,
        result TEXT NOT NULL, pictures TEXT NOT NULL,
        PRIMARY KEY (file, sha256, recipe, page)
    ) WITHOUT ROWID;
    CREATE TABLE refusals (place INTEGER PRIMARY KEY, most INTEGER NOT NULL);
    CREATE TABLE inputs (place INTEGER PRIMARY KEY, file TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL);
    CREATE TABLE wanted (
        place INTEGER NOT NULL, page INTEGER NOT NULL, result TEXT,
        PRIMARY KEY (place, page)
    ) WITHOUT ROWID;
"""
_RESULTS_QUERY = """
    SELECT place, wanted.page, inputs.sha256, COALESCE(wanted.result, pages.result) AS found FROM wanted
    JOIN inputs USING (place)
    LEFT JOIN pages ON pages.file = inputs.file AND pages.sha256 = inputs.sha256
        AND pages.recipe = ? AND pages.page = wanted.page
    WHERE found IS NOT NULL AND (place, wanted.page) > (?, ?) AND place <= ?
    ORDER BY place, wanted.page LIMIT ?
"""
_ROWS_PER_FETCH = 50
"""Results fetched together: no query is open while one of them is worked on."""
_MAX_FILE_INDEX = 2**62
_TEMPORARY_STATE_NAME = Path("state of the run")
"""What a state without a file of its own is called in errors."""


@dataclass(frozen=True, slots=True)
class StoredPage:
    """What is known of a page already."""

    result: PageResult
    drawn_pages: str
    """Where its pictures were drawn, as it was told to ``BatchState.add``."""


class BatchState:
    """What has been read so far; open one with ``open_state``."""

    def __init__(self, path: Path, database: sqlite3.Connection, recipe: str) -> None:
        """Take a database with its tables, and the name of what pages are read with."""
        self._path, self._database, self._recipe = path, database, recipe

    def begin_batch(self) -> None:
        """Forget which files the run before had; what was read on them is kept."""
        with self._deferred_write() as database:
            database.execute("DELETE FROM inputs")
            database.execute("DELETE FROM wanted")

    def add_input(self, file_index: int, file: str, sha256: str, size: int) -> None:
        """A file of this run.

        Args:
            file_index: in the order of the run, from 0.
            file: name in results.
            sha256: of its bytes; empty if they could not be read.
            size: bytes.
        """
        with self._deferred_write() as database:
            database.execute("INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?)", (file_index, file, sha256, size))

    def find_stored(self, file: str, sha256: str, page: int) -> StoredPage | None:
        """What is known of a page of a file with these bytes, read with the recipe of this run."""
        query = "SELECT result, pictures FROM pages WHERE file = ? AND sha256 = ? AND recipe = ? AND page = ?"
        with (
            self._database_access() as database,
            closing(database.execute(query, (file, sha256, self._recipe, page))) as rows,
        ):
            row = rows.fetchone()
        return None if row is None else StoredPage(self._parse_result(row[0]), row[1])

    def select_pages(self, file_index: int, pages: Sequence[int]) -> None:
        """Say that pages of a file are of this run: known ones and those to be read."""
        with self._deferred_write() as database:
            database.executemany(
                "INSERT OR REPLACE INTO wanted (place, page) VALUES (?, ?)", ((file_index, page) for page in pages)
            )

    def add_result(self, file_index: int, page: int, sha256: str, result: PageResult, drawn_pages: str) -> None:
        """A page of this run: read, and never to be read again; or failed, and tried again by the next run.

        Args:
            file_index: of its file.
            page: its number, as ``select_pages`` was told it.
            sha256: of its file.
            result: of the page, or why there is none.
            drawn_pages: where pictures of it were drawn, as ``StoredPage`` gives it back.
        """
        text = page_to_json(result)
        with self._transaction() as database:
            if result.error:
                database.execute("INSERT OR REPLACE INTO wanted VALUES (?, ?, ?)", (file_index, page, text))
                return
            row = (result.file, sha256, self._recipe, page, text, drawn_pages)
            database.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?)", row)

    def set_drawn_pages(self, file_index: int, page: int, drawn_pages: str) -> None:
        """Pictures were drawn anew of a page that was read before; arguments as for ``add_result``."""
        with self._transaction() as database:
            database.execute(
                "UPDATE pages SET pictures = ? WHERE recipe = ? AND page = ?"
                " AND (file, sha256) = (SELECT file, sha256 FROM inputs WHERE place = ?)",
                (drawn_pages, self._recipe, page, file_index),
            )

    def deselect_page(self, file_index: int, page: int) -> None:
        """What was wanted turned out to be no page."""
        with self._deferred_write() as database:
            database.execute("DELETE FROM wanted WHERE place = ? AND page = ?", (file_index, page))

    def results(self) -> StoredResults:
        """The results of this run, in its order."""
        return StoredResults(self)

    def results_of_files(self, first_index: int, last_index: int) -> Iterator[PageResult]:
        """The results of the files from one place to another, one at a time."""
        return (self._parse_result(text) for _, _, _, text in self._result_rows(first_index, last_index))

    def page_keys(self) -> Iterator[tuple[int, str, int]]:
        """For each of the results the place and the hash of its file, and the number of its page."""
        return ((place, sha256, page) for place, page, sha256, _ in self._result_rows(0, _MAX_FILE_INDEX))

    def _parse_result(self, text: str) -> PageResult:
        with _translated_errors(self._path):
            return page_from_json(text)

    def _result_rows(self, first: int, last: int) -> Iterator[tuple[int, int, str, str]]:
        """Place, page, hash and result."""
        at = (first, -1)
        while True:
            with self._database_access() as database:
                rows = database.execute(_RESULTS_QUERY, (self._recipe, *at, last, _ROWS_PER_FETCH)).fetchall()
            yield from rows
            if len(rows) < _ROWS_PER_FETCH:
                return
            at = rows[-1][:2]

    def input_records(self) -> Iterator[InputRecord]:
        """The files of this run, in its order, and what became of them."""
        from scanner.batch.manifest import InputRecord

        place = -1
        while True:
            with self._database_access() as database:
                query = "SELECT * FROM inputs WHERE place > ? ORDER BY place LIMIT 1"
                row = database.execute(query, (place,)).fetchone()
            if row is None:
                return
            place, file, sha256, size = row
            results = [(result.page_number, result.error) for result in self.results_of_files(place, place)]
            failed = tuple((page, error) for page, error in results if error)
            yield InputRecord(file, sha256, size, len(results) - len(failed), failed)

    def prune(self) -> None:
        """Forget what was read on files and with recipes that are not of this run."""
        with self._transaction() as database:
            database.execute(
                "DELETE FROM pages WHERE recipe <> ? OR NOT EXISTS (SELECT 1 FROM inputs"
                " WHERE inputs.file = pages.file AND inputs.sha256 = pages.sha256)",
                (self._recipe,),
            )

    @contextmanager
    def _database_access(self) -> Iterator[sqlite3.Connection]:
        with _translated_errors(self._path):
            yield self._database

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """On the disk when the block is left, with all that was noted before."""
        with _translated_errors(self._path), self._database:
            yield self._database

    # What the next run finds out anew need not wait for the disk.
    _deferred_write = _database_access


@dataclass(frozen=True, slots=True, eq=False)
class StoredResults:
    """The results of a run, read from its state one by one each time they are gone through."""

    state: BatchState

    def __iter__(self) -> Iterator[PageResult]:
        """From the first page of the first file."""
        return self.state.results_of_files(0, _MAX_FILE_INDEX)


@contextmanager
def open_state(
    path: Path | None, recipe_hash: str, acceptance_limits: Sequence[int] = (), *, forget_earlier: bool = False
) -> Iterator[BatchState]:
    """Open the state of a run, or begin one.

    Nobody else can open it meanwhile.

    Args:
        path: of its file; without one it is kept in a temporary file that is gone afterwards.
        recipe_hash: names all that pages are read with: other models or options have another one.
        acceptance_limits: limits above which pages are not read.  Where all of them were raised, what was read before holds;
            where one was lowered, it may be what is to be refused now, and is forgotten.
        forget_earlier: whether to forget what was read before.

    Raises:
        OutputError: if the file cannot be used, is in use, or is none of this program's.
    """
    where = path if path is not None else _TEMPORARY_STATE_NAME
    with _translated_errors(where):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        opened = sqlite3.connect("" if path is None else path, timeout=0)
    with closing(opened) as database:
        with _translated_errors(where):
            # Every page is on the disk before it counts as read, and two runs never write one state.
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("PRAGMA synchronous = FULL")
            _prepare_schema(where, database, acceptance_limits, fresh=forget_earlier)
            # One wait for the disk per page; a rollback journal takes three.
            database.execute("PRAGMA journal_mode = WAL")
        yield BatchState(where, database, recipe_hash)


def state_path(out: Path) -> Path:
    """Where the state of a run lies that writes its numbers to ``out``."""
    return out.with_name(out.name + ".state")


def _prepare_schema(path: Path, database: sqlite3.Connection, refusals: Sequence[int], *, fresh: bool) -> None:
    database.execute("BEGIN IMMEDIATE")
    with database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if tables and application != _APPLICATION_ID:
            raise _foreign_database_error(path)
        if not tables or fresh or version != _SCHEMA_VERSION or not _no_limit_was_lowered(database, refusals):
            for (name,) in tables:
                database.execute(f'DROP TABLE "{name}"')
            for statement in _SCHEMA.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        if _stored_acceptance_limits(database) != list(refusals):
            database.execute("DELETE FROM refusals")
            database.executemany("INSERT INTO refusals VALUES (?, ?)", enumerate(refusals))


def _no_limit_was_lowered(database: sqlite3.Connection, refusals: Sequence[int]) -> bool:
    """Whether no limit is lower than when the pages that are known were read."""
    before = _stored_acceptance_limits(database)
    return len(before) == len(refusals) and all(map(operator.le, before, refusals))


def _stored_acceptance_limits(database: sqlite3.Connection) -> list[int]:
    return [most for (most,) in database.execute("SELECT most FROM refusals ORDER BY place")]


def _foreign_database_error(path: Path) -> OutputError:
    return OutputError(f"{path}: is a database of another program; choose another name for the results")


@contextmanager
def _translated_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite and the disk say into the user's words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OutputError(f"{path}: {_database_error_advice(error)}") from error
    except (sqlite3.DatabaseError, DataError) as error:
        raise OutputError(f"{path}: is damaged or no state of a run; remove it and start over") from error
    except OSError as error:
        raise OutputError(f"{path}: cannot be made ({error.strerror}); choose another place for the results") from error


def _database_error_advice(error: sqlite3.OperationalError) -> str:
    # Errors of one kind begin alike: SQLITE_READONLY_DIRECTORY.  What the module finds itself has no name.
    match getattr(error, "sqlite_errorname", "").split("_")[1:2]:
        case ["BUSY"] | ["LOCKED"]:
            return "is in use by another run; wait for it, or give the results another name"
        case ["FULL"]:
            return "could not be written, the disk is full; free some space and run it again, it goes on where it was"
        case ["CANTOPEN"] | ["READONLY"] | ["PERM"]:
            return "may not be written; choose another place for the results or change its permissions"
        case _:
            return f"could not be used ({error}); remove it and start over, or choose another place for the results"
