"""Worker processes on this machine: a page that crashes its worker or takes too long affects no other page."""

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
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.reduction import ForkingPickler
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

from scanner.batch.interrupts import interrupts_blocked
from scanner.batch.worker_pool import FailureCause, TaskFailure, TaskLimits, WorkerPool
from scanner.isolated_python import isolated, safe_search_path
from scanner.memory_limit import check_system_limit, set_limit, worker_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future


_SHUTDOWN_GRACE_SECONDS = 5.0
"""Seconds for workers to finish their current page when a batch ends, so that they do not leave half a picture."""
_START_LOCK = threading.Lock()
"""Held while a worker starts: two threads must not replace the main module at the same time."""


@contextmanager
def local_worker_pool(jobs: int, limits: TaskLimits) -> Iterator[WorkerPool]:
    """Start worker processes on this machine and end them when the block is left.

    Workers do not import the main module of the program.  So a script may call
    this without the guard ``if __name__ == "__main__"``.

    Args:
        jobs: number of processes.
        limits: limits on one page.

    Raises:
        DigitscanError: if the system allows a process too little memory to read anything.
    """
    check_system_limit()
    # For the whole block, because a worker that ends is replaced.
    with isolated():
        pools = [_start_process_pool(jobs, limits)]

        def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
            if not pools[-1].active:
                # The pool closes itself if an idle worker is killed; the batch continues with a new one.
                _shut_down(pools[-1])
                pools[-1] = _start_process_pool(jobs, limits)
            return pools[-1].schedule(
                _call_with_picklable_errors, args=(function, *arguments), timeout=limits.timeout_seconds
            )

        try:
            yield WorkerPool(jobs, submit, lambda error: _explain_failure(error, limits))
        finally:
            _shut_down(pools[-1])


class _LateCall:
    """A call that a new process unpickles when it makes it, and not while it starts.

    What workers share is gone if the batch ends while one of them is still starting, as on a busy machine.  That one
    ends without a word; the program that starts it is not told by a traceback what it knows.
    """

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._function, self._arguments = function, arguments

    def __getstate__(self) -> bytes:
        return bytes(ForkingPickler.dumps((self._function, self._arguments)))

    def __setstate__(self, pickled: bytes) -> None:
        self._pickled = pickled

    def __call__(self) -> None:
        try:
            function, arguments = pickle.loads(self._pickled)  # noqa: S301 - our own
        except FileNotFoundError:
            return
        function(*arguments)


class _WorkerProcess(SpawnProcess):
    """A process that does not import the main module of the program that starts it."""

    def __init__(self, *, target: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        super().__init__(target=_LateCall(partial(target, **kwargs), args), name=name)

    def start(self) -> None:
        # A spawned process imports __main__ again, in case a task is defined there.  None of ours is, and a script
        # without a guard would start a batch in every worker.  It also gets this process's search path, which holds the
        # current folder if that is an interactive one, or one started with "python -c".
        with _START_LOCK:
            main, search_path = sys.modules["__main__"], sys.path
            sys.modules["__main__"], sys.path = ModuleType("__main__"), safe_search_path()
            try:
                super().start()
            finally:
                sys.modules["__main__"], sys.path = main, search_path


class _WorkerContext(SpawnContext):
    """Starts workers.  They are spawned and not forked, because OpenCV and its threads do not survive a fork."""

    Process = _WorkerProcess


def _start_process_pool(jobs: int, limits: TaskLimits) -> ProcessPool:
    pool = ProcessPool(jobs, context=_WorkerContext(), initializer=_initialize_worker, initargs=(limits.memory_bytes,))
    with interrupts_blocked():
        _ = pool.active  # starts the processes
    return pool


def _shut_down(pool: ProcessPool) -> None:
    """End the workers after their current tasks, or by force if these take too long."""
    pool.close()
    try:
        pool.join(timeout=_SHUTDOWN_GRACE_SECONDS)
    except (TimeoutError, FutureTimeoutError):
        pool.stop()
        pool.join()


def _call_with_picklable_errors(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a worker; replace an exception that cannot be pickled by one that can."""
    try:
        return function(*arguments)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        except Exception:
            raise RuntimeError(f"{type(error).__name__}: {error}") from None
        raise


def _explain_failure(error: BaseException, limits: TaskLimits) -> TaskFailure | None:
    match error:
        case FutureTimeoutError():
            return TaskFailure(
                FailureCause.TIMEOUT,
                f"took more than {limits.timeout_seconds:g} s; leave it out, or allow more with --page-timeout",
            )
        case ProcessExpired() | CancelledError():
            return TaskFailure(
                FailureCause.CRASH, "crashed the program that read it; save or scan it again, or leave it out"
            )
        case BrokenExecutor():
            return TaskFailure(
                FailureCause.LOST, "was lost because its process was ended from outside; run the command again"
            )
        case MemoryError():
            return TaskFailure(FailureCause.MEMORY, worker_limit(limits.memory_bytes).failure_reason())
        case _:
            return None


def _initialize_worker(memory_bytes: int) -> None:
    """Prepare a new process: one thread, a memory limit, and an end together with its parent."""
    # Ctrl-C reaches all processes of a terminal; the main process decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    set_limit(memory_bytes)
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # If OpenCV does not load, the first task reports it; a worker that fails to start could not.
    with suppress(ImportError):
        import cv2

        cv2.setNumThreads(1)


def _exit_with_parent() -> None:
    """End this worker when its parent ends; if that was killed, it would wait for tasks forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
