"""The database of a batch's saved state: opened for one batch alone, its tables made or checked."""

from __future__ import annotations

import operator
import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from scanner.errors import DataError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_SCHEMA_VERSION = 4
"""Version of the tables, increased with every change.  A file of another version is started over."""
_APPLICATION_ID = 0x64736361
"""Marks a file of this program ("dsca"), so that the database of another program is never overwritten."""
_LASTING_TABLES = frozenset({"written_files", "kept_files", "last_outputs", "disk_paths"})
"""The tables that are kept when earlier results are forgotten: what was written and read then is still on the disk."""
_LASTING_SCHEMA = """
    CREATE TABLE IF NOT EXISTS written_files (
        number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, UNIQUE (name, sha256)
    );
    CREATE TABLE IF NOT EXISTS kept_files (file TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS last_outputs (description TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS disk_paths (file TEXT PRIMARY KEY, path BLOB NOT NULL) WITHOUT ROWID;
"""
_SCHEMA = """
    CREATE TABLE pages (
        file TEXT NOT NULL, sha256 TEXT NOT NULL, recipe TEXT NOT NULL, page INTEGER NOT NULL,
        result TEXT NOT NULL, pictures TEXT NOT NULL,
        PRIMARY KEY (file, sha256, recipe, page)
    ) WITHOUT ROWID;
    CREATE TABLE refusals (place INTEGER PRIMARY KEY, most INTEGER NOT NULL);
    CREATE TABLE inputs (
        place INTEGER PRIMARY KEY, file TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL, recipe TEXT NOT NULL
    );
    CREATE TABLE wanted (
        place INTEGER NOT NULL, page INTEGER NOT NULL, result TEXT,
        PRIMARY KEY (place, page)
    ) WITHOUT ROWID;
"""
DELETE_UNUSED_PAGES = """
    DELETE FROM pages WHERE (file, sha256, recipe) NOT IN (SELECT file, sha256, recipe FROM inputs)
"""
"""Statement that deletes the results of files and recipes that are not part of the last batch."""


@contextmanager
def open_database(
    path: Path | None, name: Path, acceptance_limits: Sequence[int], *, forget_earlier: bool
) -> Iterator[sqlite3.Connection]:
    """Open the database of a state, or create one; nobody else can open it meanwhile.

    Args:
        path: path of the file; None for a temporary file that is deleted afterwards.
        name: name of the state in errors.
        acceptance_limits: limits above which pages are not read.  If one of them is lower than before, earlier results
            may be of pages that are refused now, and are forgotten.
        forget_earlier: whether to forget all earlier results.

    Raises:
        OutputError: if the file cannot be used, is in use, or does not belong to this program.
    """
    with translated_errors(name):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        opened = sqlite3.connect("" if path is None else path, timeout=0)
    with closing(opened) as database:
        with translated_errors(name):
            # A page counts as read only when it is on the disk, and two batches never write to one state.
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("PRAGMA synchronous = FULL")
            _prepare_schema(name, database, acceptance_limits, fresh=forget_earlier)
            # A page waits for the disk once; with a rollback journal it would wait three times.
            database.execute("PRAGMA journal_mode = WAL")
        yield database


@contextmanager
def open_earlier_database(path: Path | None) -> Iterator[sqlite3.Connection | None]:
    """Open the database that earlier batches left, to look at it before a batch opens it.

    Args:
        path: path of the file; None if there is none.

    Yields:
        The database; None if there is none, or an empty one.

    Raises:
        OutputError: as ``open_database``.
    """
    if path is None or not path.exists():
        yield None
        return
    with translated_errors(path):
        opened = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)
    with closing(opened) as database:
        with translated_errors(path):
            tables = _table_names(path, database)
            if tables:
                _create_lasting_tables(database)
        yield database if tables else None


@contextmanager
def open_for_reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the database of a state to read it, without changing anything.

    Raises:
        DataError: if there is none, it is of another version of this program, or a scan is writing it.
        OutputError: if it cannot be used, or does not belong to this program.
    """
    if not path.is_file() or not path.stat().st_size:
        raise DataError(f"{path}: does not exist; scan the pages first, with the results beside it as --out")
    # A write-ahead log needs a file beside it; in a folder that cannot be written nobody writes it meanwhile.
    mode = "mode=rw" if os.access(path.parent, os.W_OK) and os.access(path, os.W_OK) else "mode=ro&immutable=1"
    with translated_errors(path):
        opened = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=0)
    with closing(opened) as database:
        try:
            database.execute("PRAGMA query_only = ON")
            _table_names(path, database)
            if is_started_over(database):
                raise DataError(f"{path}: is of another version of digitscan; scan the pages again")
            yield database
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                raise DataError(f"{path}: is being written by a scan; wait until it has ended") from error
            with translated_errors(path):
                raise
        except sqlite3.DatabaseError:
            with translated_errors(path):
                raise


def is_started_over(database: sqlite3.Connection) -> bool:
    """Whether a batch that opens an earlier database finds no results in it, because it is of another version."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    return bool(version != _SCHEMA_VERSION)


def _prepare_schema(path: Path, database: sqlite3.Connection, limits: Sequence[int], *, fresh: bool) -> None:
    database.execute("BEGIN IMMEDIATE")
    with database:
        tables = _table_names(path, database)
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if not tables or version != _SCHEMA_VERSION:
            for name in tables - _LASTING_TABLES:
                database.execute(f'DROP TABLE "{name}"')
            for statement in _SCHEMA.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        elif fresh or not _no_limit_was_lowered(database, limits):
            _forget_results(database)
        _create_lasting_tables(database)
        if _stored_acceptance_limits(database) != list(limits):
            database.execute("DELETE FROM refusals")
            database.executemany("INSERT INTO refusals VALUES (?, ?)", enumerate(limits))


def _create_lasting_tables(database: sqlite3.Connection) -> None:
    for statement in _LASTING_SCHEMA.split(";"):
        database.execute(statement)


def _forget_results(database: sqlite3.Connection) -> None:
    """Have no earlier result be known.  Those of the last batch are kept under no recipe: its files may be gone."""
    database.execute(DELETE_UNUSED_PAGES)
    database.execute("UPDATE pages SET recipe = ''")
    database.execute("UPDATE inputs SET recipe = ''")


def _no_limit_was_lowered(database: sqlite3.Connection, limits: Sequence[int]) -> bool:
    """Whether no limit is lower than when the known pages were read."""
    before = _stored_acceptance_limits(database)
    known = [limit for limit in before if isinstance(limit, int)]
    return len(known) == len(before) == len(limits) and all(map(operator.le, known, limits))


def _stored_acceptance_limits(database: sqlite3.Connection) -> list[object]:
    return [limit for (limit,) in database.execute("SELECT most FROM refusals ORDER BY place")]


def _table_names(path: Path, database: sqlite3.Connection) -> set[str]:
    """The tables of a database, which is of this program if it has any."""
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    (application,) = database.execute("PRAGMA application_id").fetchone()
    if tables and application != _APPLICATION_ID:
        raise OutputError(f"{path}: is a database of another program; choose another name for the results")
    return tables


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the disk into errors for the user."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OutputError(f"{path}: {_database_error_advice(error)}") from error
    except (sqlite3.DatabaseError, DataError) as error:
        raise OutputError(f"{path}: is damaged or not the state of a batch; remove it and start over") from error
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be created ({error.strerror}); choose another folder for the results"
        ) from error


def _database_error_advice(error: sqlite3.OperationalError) -> str:
    # Errors of one kind share a prefix, as in SQLITE_READONLY_DIRECTORY; those of the module itself have no name.
    match getattr(error, "sqlite_errorname", "").split("_")[1:2]:
        case ["BUSY"] | ["LOCKED"]:
            return "is in use by another batch; wait for it, or give the results another name"
        case ["FULL"]:
            return (
                "could not be written, the disk is full; free some space and run it again, it resumes where it stopped"
            )
        case ["CANTOPEN"] | ["READONLY"] | ["PERM"]:
            return "may not be written; choose another folder for the results or change its permissions"
        case _:
            return f"could not be used ({error}); remove it and start over, or choose another folder for the results"
