"""When Ctrl-C takes effect, in this process and in those it starts."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def interrupts_deferred() -> Iterator[None]:
    """Delay the effect of Ctrl-C until the end of the block.  Only for the main thread.

    This uses a signal handler and not a signal mask: the system may deliver a
    signal to any thread, and some libraries start threads that do not mask it.
    """
    received: list[FrameType | None] = []
    before = signal.signal(signal.SIGINT, lambda _, frame: received.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    # If the signal was ignored before, it is still ignored.
    if received and callable(before):
        before(signal.SIGINT, received[0])


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Start processes that never receive Ctrl-C, not even before they could ask to ignore it.

    The signal mask is inherited, so it also covers what those processes start later.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    # It starts together with the first process and removes SIGINT from the mask again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
