"""Watching folders: which files are complete, and whether any has changed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.types import PageRef

SETTLE_SECONDS = 1.0
"""Seconds without a change after which a file counts as complete: scanners and copies write files bit by bit."""


def find_settled(refs: Iterable[PageRef]) -> tuple[tuple[PageRef, ...], bool]:
    """Return the files that are no longer being written, in their order, and whether there are others.

    Args:
        refs: files found in folders.
    """
    settled, arriving = [], False
    for ref in refs:
        try:
            changed = ref.path.stat().st_mtime
        except OSError:
            # Deleted or not accessible: reading it reports the error.
            changed = 0.0
        # A negative age comes from a clock that was set back; such a file is not waited for.
        if 0 <= time.time() - changed < SETTLE_SECONDS:
            arriving = True
        else:
            settled.append(ref)
    return tuple(settled), arriving


FileStats = Mapping[str, tuple[int, int, int]]
"""Size, modification time and status change time of files by name.

At least one differs after a file is added, removed, written to or given other permissions.
"""


def collect_file_stats(refs: Iterable[PageRef]) -> FileStats:
    """Return size and times of files; -1 for all three if a file cannot be accessed."""
    stats = {}
    for ref in refs:
        try:
            status = ref.path.stat()
        except OSError:
            stats[ref.file] = -1, -1, -1
        else:
            stats[ref.file] = status.st_size, status.st_mtime_ns, status.st_ctime_ns
    return stats
