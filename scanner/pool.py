"""Worker processes of this machine: a page that crashes one, or takes too long, costs that page alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future


@dataclass(frozen=True, slots=True)
class Workers:
    """Where the work of a run is done."""

    jobs: int
    """How many things are done at a time."""
    submit: Callable[..., Future[Any]]
    """Has a function called with arguments, in some worker."""
    reason: Callable[[BaseException], str]
    """Why a call came to nothing, for the user: what happened, and what to do; empty if it is none of the worker's."""


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """What one page may take."""

    seconds: float = 120.0
    """A page of ten megapixels takes one: what takes so long hangs."""
    memory: int = 6 * 2**30
    """Bytes of memory of one worker: the largest pages that are read, of 150 million pixels, take five gibibytes."""


@contextmanager
def local_workers(jobs: int, limits: WorkLimits) -> Iterator[Workers]:
    """Worker processes of this machine, ended when the block is left.

    Args:
        jobs: how many.
        limits: what one page may take.
    """
    # Spawned, not forked: OpenCV and its threads do not live on in a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPool(jobs, context=context, initializer=_begin, initargs=(limits.memory,)) as pool:

        def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
            return pool.schedule(function, args=arguments, timeout=limits.seconds)

        try:
            yield Workers(jobs, submit, lambda error: _reason(error, limits))
        finally:
            pool.stop()


def _reason(error: BaseException, limits: WorkLimits) -> str:
    match error:
        case FutureTimeoutError():
            return f"took more than {limits.seconds:g} s; leave it out, or allow more with --page-timeout"
        case ProcessExpired() | CancelledError():
            return "crashed the program that read it; save or scan it anew, or leave it out"
        case MemoryError():
            return (
                f"took more than {limits.memory / 2**30:.1f} GiB of memory; "
                "scan it at a lower resolution, or allow more with --memory"
            )
        case _:
            return ""


def _begin(memory: int) -> None:
    """Make a fresh process a worker: one thread, so much memory, and no life of its own."""
    # Ctrl-C reaches all processes of a terminal; what becomes of workers is the main one's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import cv2

    cv2.setNumThreads(1)


def _end_with_parent() -> None:
    """A worker whose main process was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
