"""Which result files are as a batch left them: nothing that a person or another program wrote is overwritten.

The state of a batch holds the hashes of the files that it wrote.  The hash of a new file is stored before the file
replaces the old one, and the old hash is deleted after it: a batch that is killed in between knows both files again.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.atomic_write import write_binary_chunks
from scanner.batch.state_database import open_earlier_database, translated_errors
from scanner.errors import OutputError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from scanner.batch.settings import OutputPaths

_STORE_HASH = "INSERT OR REPLACE INTO written_files (name, sha256) VALUES (?, ?)"
"""Also a hash that was stored before gets the highest number."""
_DELETE_OLDER_HASHES = """
    DELETE FROM written_files
    WHERE name = ? AND number < (SELECT max(number) FROM written_files WHERE name = ?)
"""
_FIND_HASHES = "SELECT sha256 FROM written_files WHERE name = ?"


def check_before_work(outputs: OutputPaths) -> None:
    """Check that each result file of a batch that exists is as the last batch with the same state left it.

    Raises:
        OutputError: if a file is not, or the state cannot be used.
    """
    with open_earlier_database(outputs.state) as database:
        if outputs.state is None or database is None:
            _check_known(outputs.result_files, {})
        else:
            WrittenFiles(outputs.state, database).check_unchanged(outputs.result_files)


@dataclass(frozen=True, slots=True, eq=False)
class WrittenFiles:
    """The result files that batches with one state have written."""

    state_path: Path
    """Path of the state.  Files are known by their path relative to its folder, which may be moved with them."""
    database: sqlite3.Connection

    def check_unchanged(self, paths: Iterable[Path]) -> None:
        """Check that each file that exists is as it was written last.  Empty files hold nothing to lose.

        Args:
            paths: the files; those that are not regular files are not looked at.

        Raises:
            OutputError: if a file is not.
        """
        files = tuple(paths)
        _check_known(files, {path: self._stored_hashes(path) for path in files})

    def write(self, path: Path, chunks: Iterable[bytes]) -> None:
        """Write a file as ``write_binary_chunks`` does, and store its hash.

        Raises:
            OutputError: if the file or the state cannot be written.
        """
        name = stored_name(path, self.state_path)

        def store_hash(sha256: str) -> None:
            self._execute(_STORE_HASH, name, sha256)

        write_binary_chunks(path, chunks, store_hash)
        self._execute(_DELETE_OLDER_HASHES, name, name)

    def _stored_hashes(self, path: Path) -> frozenset[str]:
        name = stored_name(path, self.state_path)
        return frozenset(sha256 for (sha256,) in self._execute(_FIND_HASHES, name))

    def _execute(self, statement: str, *values: str) -> list[tuple[str]]:
        with translated_errors(self.state_path), self.database:
            return self.database.execute(statement, values).fetchall()


def stored_name(path: Path, state_path: Path) -> str:
    """Name of a file in a state: relative to its folder, which may be moved with it, if it is beneath that."""
    file = Path(os.path.realpath(path))
    folder = Path(os.path.realpath(state_path)).parent
    # Elsewhere than beneath the state a file does not move with it.
    return (file.relative_to(folder) if file.is_relative_to(folder) else file).as_posix()


def _check_known(paths: Iterable[Path], known: Mapping[Path, frozenset[str]]) -> None:
    for path in paths:
        if not path.is_file() or not path.stat().st_size:
            continue
        hashes = known.get(path, frozenset())
        if _file_hash(path) not in hashes:
            what = "was changed since digitscan wrote it" if hashes else "exists, and was not written by this batch"
            raise OutputError(f"{path}: {what}; keep it under another name, or overwrite it with --force")


def _file_hash(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise OutputError(f"{path}: cannot be read ({error.strerror}); change its permissions") from error
