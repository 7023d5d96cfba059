"""Worker processes of this machine: a page that crashes one, or takes too long, costs that page alone."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
from concurrent.futures import BrokenExecutor, CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

from scanner.isolation import isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future


_SHUTDOWN_GRACE_SECONDS = 5.0
"""Seconds for a page that was begun when a run is ended: half a picture is left behind otherwise."""


@dataclass(frozen=True, slots=True)
class WorkerPool:
    """Where the work of a run is done."""

    jobs: int
    """How many things are done at a time."""
    submit: Callable[..., Future[Any]]
    """Has a function called with arguments, in some worker."""
    failure_reason: Callable[[BaseException], str]
    """Why a call came to nothing, for the user: what happened, and what to do; empty if it is none of the worker's.

    Raises DigitscanError for what would befall every call alike.
    """


@dataclass(frozen=True, slots=True)
class TaskLimits:
    """What one page may take."""

    timeout_seconds: float = 120.0
    """A page of ten megapixels takes one: what takes so long hangs."""
    memory_bytes: int = 6 * 2**30
    """Bytes of memory of one worker: the largest pages that are read, of 150 million pixels, take five gibibytes."""


@contextmanager
def local_worker_pool(jobs: int, limits: TaskLimits) -> Iterator[WorkerPool]:
    """Worker processes of this machine, ended when the block is left.

    Args:
        jobs: how many.
        limits: what one page may take.
    """
    # All the while: another worker is started for one that has ended.
    with isolated():
        pools = [_start_process_pool(jobs, limits)]

        def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
            if not pools[-1].active:
                # A worker was ended while it had nothing to do: the pool gives up, the run does not.
                _shut_down(pools[-1])
                pools[-1] = _start_process_pool(jobs, limits)
            return pools[-1].schedule(
                _call_with_picklable_errors, args=(function, *arguments), timeout=limits.timeout_seconds
            )

        try:
            yield WorkerPool(jobs, submit, lambda error: _failure_reason(error, limits))
        finally:
            _shut_down(pools[-1])


def _start_process_pool(jobs: int, limits: TaskLimits) -> ProcessPool:
    # Spawned, not forked: OpenCV and its threads do not live on in a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPool(jobs, context=context, initializer=_initialize_worker, initargs=(limits.memory_bytes,))
    with interrupts_blocked():
        _ = pool.active  # starts it
    return pool


def _shut_down(pool: ProcessPool) -> None:
    """End the workers once they are done with what they have begun, or it takes them too long."""
    pool.close()
    try:
        pool.join(timeout=_SHUTDOWN_GRACE_SECONDS)
    except (TimeoutError, FutureTimeoutError):
        pool.stop()
        pool.join()


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """What is started here, and all that starts later, never sees Ctrl-C, not even before it can say so."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    # It is started with the first process, and lets interrupts through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _call_with_picklable_errors(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call it in a worker; an exception that would not come through to the main process becomes one that does."""
    try:
        return function(*arguments)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        except Exception:
            raise RuntimeError(f"{type(error).__name__}: {error}") from None
        raise


def _failure_reason(error: BaseException, limits: TaskLimits) -> str:
    match error:
        case FutureTimeoutError():
            return f"took more than {limits.timeout_seconds:g} s; leave it out, or allow more with --page-timeout"
        case ProcessExpired() | CancelledError():
            return "crashed the program that read it; save or scan it anew, or leave it out"
        case BrokenExecutor():
            return "was lost with the program that read it, which was ended from outside; run it again"
        case MemoryError():
            taken = f"{limits.memory_bytes / 2**30:.1f} GiB of memory"
            return f"took more than {taken}; scan it at a lower resolution, or allow more with --memory"
        case _:
            return ""


def _initialize_worker(memory: int) -> None:
    """Make a fresh process a worker: one thread, so much memory, and no life of its own."""
    # Ctrl-C reaches all processes of a terminal; what becomes of workers is the main one's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Where it does not load, the first call says so; a worker that does not begin could not.
    with suppress(ImportError):
        import cv2

        cv2.setNumThreads(1)


def _exit_with_parent() -> None:
    """A worker whose main process was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
