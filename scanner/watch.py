"""Files that arrive while a run goes on: which are whole, and whether there is anything new."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.types import PageRef

SETTLING = 1.0
"""Seconds for which a file is left alone after it was written to: scanners and copies write them bit by bit."""


def settled(refs: Iterable[PageRef]) -> tuple[tuple[PageRef, ...], bool]:
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
        if 0 <= time.time() - changed < SETTLING:
            arriving = True
        else:
            whole.append(ref)
    return tuple(whole), arriving


def signature(refs: Iterable[PageRef]) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file is added, removed or written to: the name, size and time of each."""
    found = []
    for ref in refs:
        try:
            at = ref.path.stat()
        except OSError:
            found.append((ref.file, -1, -1))
        else:
            found.append((ref.file, at.st_size, at.st_mtime_ns))
    return tuple(found)
