"""When Ctrl-C takes effect."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def interrupts_deferred() -> Iterator[None]:
    """Have Ctrl-C take effect at the end of the block; only the main thread can.

    A handler and not a mask: the system gives a signal to any thread, and
    libraries have some that do not mask it.
    """
    came: list[FrameType | None] = []
    before = signal.signal(signal.SIGINT, lambda _, frame: came.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    # Where it was ignored before it is ignored now.
    if came and callable(before):
        before(signal.SIGINT, came[0])
