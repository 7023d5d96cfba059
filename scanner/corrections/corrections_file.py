"""The corrections file beside the results: a line of JSON for each word of a person, only ever added to.

A line is on the disk before anybody is told that it is kept.  Several programs may add lines at the same time: each
writes its lines in one piece, at the end of the file, while it holds a lock.  A line without an end is that of a
program that was killed while it wrote, and of which nobody was told that it is kept; it is passed over.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scanner.corrections.correction import from_line, to_line
from scanner.errors import DataError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import FileIO
    from pathlib import Path

    from scanner.corrections.correction import Correction

CORRECTIONS_ENDING = ".corrections.jsonl"
"""Ending of the name of a corrections file, instead of that of the results."""


def corrections_path(results: Path) -> Path:
    """Where the corrections of results are: ``results.corrections.jsonl`` for ``results.csv``."""
    return results.with_name(results.stem + CORRECTIONS_ENDING)


class CorrectionsFile:
    """A corrections file, to which several programs may add at the same time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = 0
        self._line_number = 0

    def append(self, corrections: Iterable[Correction]) -> None:
        """Add corrections; they are on the disk when this returns.

        Raises:
            OutputError: if they cannot be written; then none of them is kept.
        """
        self._append(corrections, only_if_unchanged=False)

    def append_if_unchanged(self, corrections: Iterable[Correction]) -> bool:
        """Add corrections, unless somebody else has added some that ``read_new`` has not given yet.

        Returns:
            Whether they are kept, and on the disk; otherwise nothing is, and what is new has to be read first.

        Raises:
            OutputError: as for ``append``.
        """
        return self._append(corrections, only_if_unchanged=True)

    def _append(self, corrections: Iterable[Correction], *, only_if_unchanged: bool) -> bool:
        data = "".join(map(to_line, corrections)).encode("ascii")
        try:
            with self.path.open("a+b", buffering=0) as file, _locked(file.fileno()):
                if only_if_unchanged and self._has_new_line(file):
                    return False
                end = file.seek(0, os.SEEK_END)
                # What a killed program left of a line must not become the beginning of this one.
                repair = b"" if _ends_a_line(file, end) else b"\n"
                try:
                    _write_all(file.fileno(), repair + data)
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(end)
                    raise
                return True
        except OSError as error:
            raise OutputError(
                f"{self.path}: cannot be written to ({error.strerror}); nothing was kept, so make room or change its "
                "permissions"
            ) from error

    def read_new(self) -> tuple[Correction, ...]:
        """Read the corrections that anybody has added since this was called last; all of them at the first call.

        Raises:
            DataError: if the file cannot be read, or a line is none of a corrections file.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self._position)
                data = file.read()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read ({error.strerror}); check its permissions") from error
        whole = data[: data.rfind(b"\n") + 1]
        lines = whole.split(b"\n")[:-1]
        found = [
            correction
            for number, line in enumerate(lines, self._line_number + 1)
            for correction in self._parse(line, number)
        ]
        self._position += len(whole)
        self._line_number += len(lines)
        return tuple(found)

    def _has_new_line(self, file: FileIO) -> bool:
        """Whether there is a line that was not read; what a killed program left of one is none."""
        file.seek(self._position)
        return b"\n" in file.read()

    def _parse(self, line: bytes, number: int) -> Iterator[Correction]:
        if not line.strip():
            return
        try:
            yield from_line(line.decode("utf-8"))
        except ValueError as error:
            if _is_torn(line):
                return
            raise DataError(
                f"{self.path}, line {number}: is no correction ({error}); mend or delete the line"
            ) from error


def read_corrections(path: Path) -> tuple[Correction, ...]:
    """Read all corrections of a file; none if there is no such file.

    Raises:
        DataError: as ``CorrectionsFile.read_new``.
    """
    return CorrectionsFile(path).read_new()


def _is_torn(line: bytes) -> bool:
    """Whether a line is the beginning of one, which a killed program left and another ended."""
    return line.startswith(b"{") and not line.rstrip().endswith(b"}")


def _ends_a_line(file: FileIO, end: int) -> bool:
    if not end:
        return True
    file.seek(end - 1)
    return file.read(1) == b"\n"


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """Keep other programs from adding lines meanwhile."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
