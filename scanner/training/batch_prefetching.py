"""Training batches made in advance by other processes, so that the one that trains never waits for them.

This module does not import PyTorch: it would cost each of the processes that make batches 300 MB.
"""

from __future__ import annotations

import queue
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Any, TypeVar

from scanner.isolated_python import isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.queues import Queue

    _Batch = TypeVar("_Batch")

_PREFETCHED_BATCHES_PER_PROCESS = 4
"""Batches that each process keeps ready; a choice."""
_ALIVE_CHECK_INTERVAL_SECONDS = 5.0
"""After waiting this long for a batch, check that the process that makes it is still alive."""


@contextmanager
def prefetched_batches(make_batch: Callable[[int], _Batch], steps: range, processes: int) -> Iterator[Iterator[_Batch]]:
    """Make ``make_batch(step)`` for each step, in order, in other processes.

    Args:
        make_batch: a function of the step alone, so that the batches do not depend on the number of processes; it and
            its results must be picklable.  It is sent to each process once: large data is best opened there, as a
            memory-mapped file.
        steps: numbers of the batches.
        processes: number of processes, at least 1.

    Yields:
        The batches.  The processes end with the ``with`` block, whether or not all batches were taken.

    Raises:
        RuntimeError: while iterating, if ``make_batch`` raises an exception or a process ends early.
    """
    context = get_context("spawn")
    queues: list[Queue[Any]] = [context.Queue(_PREFETCHED_BATCHES_PER_PROCESS) for _ in range(processes)]
    # Not forked: the locks of PyTorch's threads do not survive a fork.
    workers = [
        context.Process(target=_put_batches, args=(make_batch, steps[first::processes], batches), daemon=True)
        for first, batches in enumerate(queues)
    ]
    with isolated():
        for worker in workers:
            worker.start()

    def batches_in_order() -> Iterator[_Batch]:
        for index in range(len(steps)):
            turn = index % processes
            yield _next_batch(queues[turn], workers[turn].is_alive)

    try:
        yield batches_in_order()
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _put_batches(make_batch: Callable[[int], _Batch], steps: range, batches: Queue[Any]) -> None:
    """Put pairs of batch and error into the queue; runs in another process."""
    for step in steps:
        try:
            made: tuple[Any, str | None] = (make_batch(step), None)
        # Whatever it is, the process that trains reports it.
        except Exception as error:
            made = (None, f"making batch {step}: {error!r}")
        if not _put_while_wanted(made, batches) or made[1] is not None:
            return


def _put_while_wanted(made: tuple[Any, str | None], batches: Queue[Any]) -> bool:
    """Put into the queue, waiting for room; False if the process that takes from it was killed."""
    parent = parent_process()
    while parent is None or parent.is_alive():
        try:
            batches.put(made, timeout=_ALIVE_CHECK_INTERVAL_SECONDS)
        except queue.Full:
            continue
        return True
    # What is left in the queue will never be taken, and must not keep this process from ending.
    batches.cancel_join_thread()
    return False


def _next_batch(batches: Queue[Any], is_alive: Callable[[], bool]) -> Any:
    while True:
        try:
            batch, error = batches.get(timeout=_ALIVE_CHECK_INTERVAL_SECONDS)
        except queue.Empty:
            if is_alive():
                continue
            raise RuntimeError("a process that makes batches has ended; is there enough memory?") from None
        if error is not None:
            raise RuntimeError(error)
        return batch
