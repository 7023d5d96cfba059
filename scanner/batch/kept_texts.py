"""Texts by name in a temporary file, which can be read again and again one after the other."""

from __future__ import annotations

import codecs
import errno
import os
import tempfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from scanner.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    _Span = tuple[int, int]

_BLOCK_BYTES = 2**20
"""Bytes read together: as many as are read no slower than more.  A choice."""


class KeptTexts:
    """Texts by name; only where they stand in the file is in memory.  Open them with ``open_kept_texts``."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._spans: dict[str, _Span] = {}
        self._name = ""

    def begin(self, name: str) -> None:
        """Begin the text of a name, in place of an earlier one."""
        end = self._file.seek(0, os.SEEK_END)
        self._spans[name] = end, end
        self._name = name

    def add(self, text: str) -> None:
        """Add to the text that was begun last.

        Raises:
            OutputError: if the disk is full.
        """
        # As it will be written, so that a lone surrogate costs nothing here either.
        data = text.encode("utf-8", "backslashreplace")
        begin, end = self._spans[self._name]
        try:
            _write_all(self._file, data)
        except OSError as error:
            raise OutputError(
                f"a temporary file for the results could not be written ({error.strerror}); free some space and run the"
                " command again"
            ) from error
        self._spans[self._name] = begin, end + len(data)

    def clear(self) -> None:
        """Forget all texts."""
        self._spans.clear()
        self._file.truncate(0)

    def is_mostly_waste(self, names: Iterable[str]) -> bool:
        """Whether most of the file is not what these names have now, and it is large enough to matter."""
        used = sum(end - begin for begin, end in (self._spans[name] for name in names if name in self._spans))
        return self._file.seek(0, os.SEEK_END) > 2 * used + _BLOCK_BYTES

    def read(self, names: Iterable[str]) -> Iterator[str]:
        """Return the texts of some names in this order, joined and split anywhere, but in no empty chunk."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        for begin, end in _joined(self._spans[name] for name in names):
            for at in range(begin, end, _BLOCK_BYTES):
                self._file.seek(at)
                # A block may end amid a character, which then belongs to the next.
                if text := decoder.decode(self._file.read(min(_BLOCK_BYTES, end - at))):
                    yield text


@contextmanager
def open_kept_texts(folder: Path | None) -> Iterator[KeptTexts]:
    """Open an empty file for texts, which is gone when the block is left.

    Args:
        folder: folder with room for it; None for that of the system.

    Raises:
        OutputError: if it cannot be created.
    """
    try:
        # Without a buffer, so that a full disk is told where the text is added.
        file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - what the block raises is not of it
    except OSError as error:
        raise OutputError(
            f"{folder or tempfile.gettempdir()}: a temporary file cannot be created there ({error.strerror}); choose"
            " another folder for the results or change its permissions"
        ) from error
    with file:
        yield KeptTexts(file)


def _write_all(file: IO[bytes], data: bytes) -> None:
    if data and file.write(data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _joined(spans: Iterable[_Span]) -> Iterator[_Span]:
    """Join spans that follow each other, and leave out empty ones."""
    begin = end = 0
    for next_begin, next_end in spans:
        if next_begin != end:
            if begin < end:
                yield begin, end
            begin = next_begin
        end = next_end
    if begin < end:
        yield begin, end
