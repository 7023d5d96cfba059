"""The saved state of a batch: the results so far, kept so that no failure of the machine loses a page.

The state is one SQLite file beside the results.  A page is stored whole or not
at all.  A batch that ended for any reason resumes from its state, and the result
files are made from the state alone, so that they do not depend on interruptions.
"""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.batch.manifest import InputRecord
from scanner.batch.state_database import (
    DELETE_UNUSED_PAGES,
    is_started_over,
    open_database,
    open_earlier_database,
    translated_errors,
)
from scanner.batch.written_files import WrittenFiles
from scanner.errors import DataError
from scanner.results.json_results import page_from_json, page_to_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence

    from scanner.types import PageResult

_RESULTS_QUERY = """
    SELECT place, wanted.page, inputs.sha256, COALESCE(wanted.result, pages.result) AS found FROM wanted
    JOIN inputs USING (place)
    LEFT JOIN pages ON pages.file = inputs.file AND pages.sha256 = inputs.sha256
        AND pages.recipe = inputs.recipe AND pages.page = wanted.page
    WHERE found IS NOT NULL AND (place, wanted.page) > (?, ?) AND place <= ?
    ORDER BY place, wanted.page LIMIT ?
"""
_READ_PAGES_QUERY = """
    SELECT count(*) FROM inputs JOIN wanted USING (place)
    JOIN pages ON pages.file = inputs.file AND pages.sha256 = inputs.sha256
        AND pages.recipe = inputs.recipe AND pages.page = wanted.page
    WHERE place = ? AND wanted.result IS NULL
"""
_ALL_READ_PAGES_QUERY = """
    SELECT inputs.file, inputs.sha256, wanted.page FROM inputs JOIN wanted USING (place) WHERE wanted.result IS NULL
"""
_FAILED_PAGES_QUERY = "SELECT result FROM wanted WHERE place = ? AND result IS NOT NULL ORDER BY page"
_ROWS_PER_FETCH = 50
"""Number of results fetched together, so that no query is open while the caller works on one of them."""
_MAX_FILE_INDEX = 2**62
"""Larger than any index of a file."""
_TEMPORARY_STATE_NAME = Path("state of the batch")
"""Name, in errors, of a state that has no file of its own."""


@dataclass(frozen=True, slots=True)
class StoredPage:
    """The stored result of a page."""

    result: PageResult
    """The numbers of the page; pages with an error are not stored."""
    drawn_pages: str
    """Where pictures of the page were drawn, as passed to ``BatchState.add_result``."""


class BatchState:
    """The results of a batch so far; open one with ``open_state``."""

    def __init__(self, path: Path, database: sqlite3.Connection, recipe: str) -> None:
        """Use a database that has its tables, and the hash of the recipe of this batch."""
        self._path, self._database, self._recipe = path, database, recipe
        self.written_files = WrittenFiles(path, database)

    def begin_batch(self) -> None:
        """Forget which files the last batch had, but not their results."""
        with self._deferred_write() as database:
            for table in ("inputs", "wanted", "last_outputs"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - one of three names

    def inspected_files(self) -> frozenset[str]:
        """Return the names of the files of the last batch whose bytes could be read."""
        with self._database_access() as database:
            rows = database.execute("SELECT file FROM inputs WHERE sha256 <> ''").fetchall()
        return frozenset(file for (file,) in rows)

    def continue_batch(self, files: Sequence[str]) -> None:
        """Go on with the last batch, whose files get other indices.

        Args:
            files: the files of the batch from now on, in order.  Those that the batch had keep their pages.
        """
        new_places = {file: place for place, file in enumerate(files)}
        with self._deferred_write() as database:
            database.execute("DELETE FROM last_outputs")
            rows = database.execute("SELECT place, file FROM inputs").fetchall()
            moves = [(new_places[file], place) for place, file in rows if file in new_places]
            gone = [(place,) for place, file in rows if file not in new_places]
            for table in ("inputs", "wanted"):
                database.executemany(f"DELETE FROM {table} WHERE place = ?", gone)  # noqa: S608 - one of two names
                # By way of negative ones, because two files never have the same place.
                database.executemany(
                    f"UPDATE {table} SET place = -1 - ? WHERE place = ?",  # noqa: S608 - one of two names
                    [(new, old) for new, old in moves if new != old],
                )
                database.execute(f"UPDATE {table} SET place = -1 - place WHERE place < 0")  # noqa: S608 - one of two names

    def add_input(self, file_index: int, file: str, sha256: str, size: int, path: Path | None = None) -> None:
        """Add a file to this batch, without any of its pages; one that has the index is replaced.

        Args:
            file_index: index in the order of the batch, from 0.
            file: name in results.
            sha256: hash of the bytes; empty if they could not be read.
            size: size in bytes.
            path: where it is on the disk, for who wants to see its pages later; None if nobody will.
        """
        with self._deferred_write() as database:
            row = (file_index, file, sha256, size, self._recipe)
            database.execute("INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?, ?)", row)
            if path is not None:
                absolute = os.fsencode(path.absolute())
                database.execute("INSERT OR REPLACE INTO disk_paths VALUES (?, ?)", (file, absolute))
            database.execute("DELETE FROM wanted WHERE place = ?", (file_index,))

    def find_stored(self, file: str, sha256: str, page: int) -> StoredPage | None:
        """Return the stored result of a page of a file with this hash, read with the recipe of this batch."""
        query = "SELECT result, pictures FROM pages WHERE file = ? AND sha256 = ? AND recipe = ? AND page = ?"
        with (
            self._database_access() as database,
            closing(database.execute(query, (file, sha256, self._recipe, page))) as rows,
        ):
            row = rows.fetchone()
        return None if row is None else StoredPage(self._parse_result(row[0]), row[1])

    def select_pages(self, file_index: int, pages: Sequence[int]) -> None:
        """Add pages of a file to this batch, whether they are known or still to be read."""
        with self._deferred_write() as database:
            database.executemany(
                "INSERT OR REPLACE INTO wanted (place, page) VALUES (?, ?)", ((file_index, page) for page in pages)
            )

    def add_result(self, file_index: int, page: int, sha256: str, result: PageResult, drawn_pages: str) -> None:
        """Store the result of a page.  A page that failed is tried again by the next batch; no other is read again.

        Args:
            file_index: index of its file.
            page: its number, as passed to ``select_pages``.
            sha256: hash of its file.
            result: the numbers or the error of the page.
            drawn_pages: where pictures of the page were drawn; returned in ``StoredPage``.
        """
        text = page_to_json(result)
        with self._transaction() as database:
            if result.error:
                database.execute("INSERT OR REPLACE INTO wanted VALUES (?, ?, ?)", (file_index, page, text))
                return
            row = (result.file, sha256, self._recipe, page, text, drawn_pages)
            database.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?)", row)

    def set_drawn_pages(self, file_index: int, page: int, drawn_pages: str) -> None:
        """Record that pictures of a known page were drawn again; arguments as for ``add_result``."""
        with self._transaction() as database:
            database.execute(
                "UPDATE pages SET pictures = ? WHERE recipe = ? AND page = ?"
                " AND (file, sha256) = (SELECT file, sha256 FROM inputs WHERE place = ?)",
                (drawn_pages, self._recipe, page, file_index),
            )

    def deselect_page(self, file_index: int, page: int) -> None:
        """Remove a page that turned out not to exist."""
        with self._deferred_write() as database:
            database.execute("DELETE FROM wanted WHERE place = ? AND page = ?", (file_index, page))

    def results(self, files: Collection[str] | None = None) -> StoredResults:
        """Return the results of this batch, or of the files with these names alone, in its order."""
        return StoredResults(self, files)

    def results_of_files(self, first_index: int, last_index: int) -> Iterator[PageResult]:
        """Return the results of the files from one index to another, both included, one result at a time."""
        return (result for _, result in self.hashed_results(first_index, last_index))

    def hashed_results(self, first_index: int, last_index: int) -> Iterator[tuple[str, PageResult]]:
        """Return what ``results_of_files`` does, each with the hash of its file."""
        return ((sha256, self._parse_result(text)) for _, _, sha256, text in self._result_rows(first_index, last_index))

    def read_pages(self) -> frozenset[tuple[str, str, int]]:
        """Return name of the file, its hash and the number of each page that was read."""
        with self._database_access() as database:
            return frozenset(database.execute(_ALL_READ_PAGES_QUERY).fetchall())

    def results_of_names(self, files: Collection[str]) -> Iterator[PageResult]:
        """Return the results of the files with these names, in the order of the batch."""
        return (
            result for place, file in self.files() if file in files for result in self.results_of_files(place, place)
        )

    def _parse_result(self, text: str) -> PageResult:
        with translated_errors(self._path):
            return page_from_json(text)

    def _result_rows(self, first: int, last: int) -> Iterator[tuple[int, int, str, str]]:
        """File index, page number, hash and result."""
        last_key = (first, -1)
        while True:
            with self._database_access() as database:
                rows = database.execute(_RESULTS_QUERY, (*last_key, last, _ROWS_PER_FETCH)).fetchall()
            yield from rows
            if len(rows) < _ROWS_PER_FETCH:
                return
            last_key = rows[-1][:2]

    def input_record(self, file_index: int) -> InputRecord:
        """Return the record of a file of this batch."""
        with self._database_access() as database:
            query = "SELECT file, sha256, size FROM inputs WHERE place = ?"
            file, sha256, size = database.execute(query, (file_index,)).fetchone()
            (read_pages,) = database.execute(_READ_PAGES_QUERY, (file_index,)).fetchone()
            failed_pages = database.execute(_FAILED_PAGES_QUERY, (file_index,)).fetchall()
        failed = tuple(
            (result.page_number, result.error) for (text,) in failed_pages for result in [self._parse_result(text)]
        )
        return InputRecord(file, sha256, size, read_pages, failed)

    def file_keys(self) -> dict[str, tuple[int, str]]:
        """Return the index and the hash of each file of this batch by its name."""
        with self._database_access() as database:
            rows = database.execute("SELECT file, place, sha256 FROM inputs").fetchall()
        return {file: (place, sha256) for file, place, sha256 in rows}

    def files(self) -> list[tuple[int, str]]:
        """Return the index and the name of each file of this batch, in its order."""
        with self._database_access() as database:
            return database.execute("SELECT place, file FROM inputs ORDER BY place").fetchall()

    def end_batch(self, *, keeps_files: bool = False) -> None:
        """Take note that the results of this batch are written, and delete all others.

        Args:
            keeps_files: whether the results are to stay when the files are gone; see ``scanner.batch.kept_files``.
        """
        with self._transaction() as database:
            database.execute(DELETE_UNUSED_PAGES)
            database.execute("DELETE FROM disk_paths WHERE file NOT IN (SELECT file FROM inputs)")
            database.execute("DELETE FROM kept_files")
            if keeps_files:
                database.execute("INSERT INTO kept_files SELECT file FROM inputs WHERE sha256 <> ''")

    def set_last_outputs(self, description: str) -> None:
        """Keep how the results of this batch are written, until the next one begins."""
        with self._transaction() as database:
            database.execute("DELETE FROM last_outputs")
            database.execute("INSERT INTO last_outputs VALUES (?)", (description,))

    def last_outputs(self) -> str:
        """Return what ``set_last_outputs`` has kept; empty if the last batch did not come to its end."""
        with self._database_access() as database:
            row = database.execute("SELECT description FROM last_outputs").fetchone()
        return row[0] if row else ""

    @contextmanager
    def _database_access(self) -> Iterator[sqlite3.Connection]:
        with translated_errors(self._path):
            yield self._database

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Write what was changed in the block and before it to the disk when the block is left."""
        with translated_errors(self._path), self._database:
            yield self._database

    # Whatever the next batch can find out again need not wait for the disk.
    _deferred_write = _database_access


@dataclass(frozen=True, slots=True, eq=False)
class StoredResults:
    """The results of a batch, read from its state one by one at each iteration."""

    state: BatchState
    files: Collection[str] | None = None
    """Names of the files whose results these are; None for all."""

    def __iter__(self) -> Iterator[PageResult]:
        """Iterate from the first page of the first file."""
        if self.files is None:
            return self.state.results_of_files(0, _MAX_FILE_INDEX)
        return self.state.results_of_names(self.files)


@contextmanager
def open_state(
    path: Path | None, recipe_hash: str, acceptance_limits: Sequence[int] = (), *, forget_earlier: bool = False
) -> Iterator[BatchState]:
    """Open the state of a batch, or create one; nobody else can open it meanwhile.

    Args:
        path: path of the file; None for a temporary file that is deleted afterwards.
        recipe_hash: hash of everything that pages are read with, from ``scanner.batch.recipe.recipe_hash``.
        acceptance_limits: as for ``open_database``.
        forget_earlier: as for ``open_database``.

    Raises:
        OutputError: if the file cannot be used, is in use, or does not belong to this program.
    """
    name = path if path is not None else _TEMPORARY_STATE_NAME
    with open_database(path, name, acceptance_limits, forget_earlier=forget_earlier) as database:
        yield BatchState(name, database, recipe_hash)


@contextmanager
def open_earlier_state(path: Path) -> Iterator[BatchState]:
    """Open the state that the last batch left, to write its results again.

    Args:
        path: path of the file.

    Raises:
        DataError: if there is none, or another version of the program left it.
        OutputError: if the file cannot be used, is in use, or does not belong to this program.
    """
    with open_earlier_database(path) as database:
        if database is None:
            raise DataError(f"{path}: is empty, and results are written from it; scan the pages again")
        with translated_errors(path):
            of_another_version = is_started_over(database)
        if of_another_version:
            raise DataError(f"{path}: was left by another version of digitscan; scan the pages again")
        yield BatchState(path, database, "")
