"""Files that arrive while a run goes on: which are whole, whether there is anything new, and what is known of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.batch.worker import FileInfo
    from scanner.types import PageRef, PageResult

SETTLE_SECONDS = 1.0
"""Seconds for which a file is left alone after it was written to: scanners and copies write them bit by bit."""


def find_settled(refs: Iterable[PageRef]) -> tuple[tuple[PageRef, ...], bool]:
    """The files that nobody writes to any more, in their order, and whether there are others.

    Args:
        refs: files found in folders.
    """
    whole, arriving = [], False
    for ref in refs:
        try:
            changed = ref.path.stat().st_mtime
        except OSError:
            # Gone, or not to be looked at: reading it tells.
            changed = 0.0
        # A clock that was set back, or a file from the future, is no reason to wait for ever.
        if 0 <= time.time() - changed < SETTLE_SECONDS:
            arriving = True
        else:
            whole.append(ref)
    return tuple(whole), arriving


FileStats = Mapping[str, tuple[int, int, int]]
"""Size and times of files, by name: what changes when one is added, removed, written to or given other permissions."""


def collect_file_stats(refs: Iterable[PageRef]) -> FileStats:
    """Look at files; those that cannot be looked at have a size and times of -1."""
    found = {}
    for ref in refs:
        try:
            at = ref.path.stat()
        except OSError:
            found[ref.file] = -1, -1, -1
        else:
            found[ref.file] = at.st_size, at.st_mtime_ns, at.st_ctime_ns
    return found


@dataclass(slots=True)
class CachedFile:
    """What one round found out about a file, for the next: it is not opened again while it is as it was."""

    info: FileInfo | None = None
    failed_pages: dict[int, PageResult] = field(default_factory=dict)
    """Pages that could not be read, by number."""


class FileCache:
    """What was found out about all files."""

    def __init__(self) -> None:
        self._signature: FileStats = {}
        self._files: dict[str, CachedFile] = {}

    def keep_unchanged(self, stats: FileStats) -> None:
        """Keep what is known of files that are as they were, and nothing of any other."""
        before, self._signature = self._signature, stats
        self._files = {
            file: self._files[file] if before.get(file) == at and file in self._files else CachedFile()
            for file, at in stats.items()
        }

    def entry_for(self, file: str) -> CachedFile:
        """What is known of a file by its name in results, to be added to."""
        return self._files.setdefault(file, CachedFile())
