"""Workers on other machines, by Dask distributed: a page whose worker dies is read by another.

Scheduler and workers are Dask's own; the files, and the folders for pictures,
are to have the same paths on all machines.  A worker that has other programs or
models than this machine reads nothing, also one that comes later.
"""

from __future__ import annotations

import logging
import os
import threading
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from scanner import __version__
from scanner.batch.process_pool import TaskLimits, WorkerPool, interrupts_blocked
from scanner.batch.worker import installed_setup
from scanner.errors import DigitscanError, NotInstalledError
from scanner.isolation import isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from distributed import Client

    from scanner.batch.worker import ReadingSetup

LOCAL_CLUSTER = "local"
"""Stands for a cluster of this machine's processes, in place of an address."""
LOOPBACK = "127.0.0.1"
"""The address of this machine that no other machine reaches."""
_LOGGER_NAMES = ("distributed", "distributed.client", "tornado.application")
"""Loggers of Dask and of what it talks by, which write to standard error."""
_CONNECT_TIMEOUT_SECONDS = 30.0
"""Workers that are being started need some seconds."""
_MAY_DIFFER_BETWEEN_MACHINES = frozenset({"python", "platform"})
"""In these machines of a cluster may differ; in all else that is read with they may not."""
_SHOWN_VERSION_LENGTH = 12
"""Characters of a version, or of the hash of a model, that tell it from another."""


@contextmanager
def cluster_worker_pool(
    address: str, jobs: int, limits: TaskLimits, connect_timeout: float = _CONNECT_TIMEOUT_SECONDS
) -> Iterator[WorkerPool]:
    """The workers of a cluster, left as they are when the block is left.

    Args:
        address: of its scheduler, as ``tcp://host:8786``, or ``LOCAL_CLUSTER``.
        jobs: how many workers a local one has.
        connect_timeout: seconds for the scheduler to answer, and for the first worker to be there.
        limits: what one page may take; memory is limited as Dask was told when its workers were started.

    Raises:
        MissingPartError: if Dask distributed is not installed.
        DigitscanError: if there is no scheduler at the address, or it has no workers, or another version of digitscan.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise NotInstalledError("--cluster needs Dask distributed; install digitscan[cluster]") from error
    # What goes wrong comes back as errors and is told by this program; a log of Dask's own lies where its workers run.
    for name in _LOGGER_NAMES:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        place: Any = address
        if address == LOCAL_CLUSTER:
            # For as long as it lasts: Dask starts another worker for one that dies.
            stack.enter_context(isolated())
            with interrupts_blocked():
                place = stack.enter_context(
                    LocalCluster(
                        n_workers=jobs,
                        threads_per_worker=1,
                        host=LOOPBACK,
                        # Whoever reaches a scheduler of Dask may have it run anything.  It has no dashboard; a web
                        # server, which says how it is, it has in any case.
                        dashboard_address=f"{LOOPBACK}:0",
                        scheduler_kwargs={"dashboard": False},
                        memory_limit=limits.memory_bytes,
                        silence_logs=logging.CRITICAL,
                    )
                )
        try:
            client = stack.enter_context(Client(place, timeout=connect_timeout))
            client.wait_for_workers(1, timeout=connect_timeout)
        except (OSError, TimeoutError) as error:
            raise DigitscanError(
                f"{address}: no scheduler with workers answers; start dask scheduler and dask worker there"
            ) from error
        _check_versions(client)
        yield _as_worker_pool(client, address, limits)


def _check_versions(client: Client) -> None:
    """Refuse a cluster that could not even be told what is wanted of it."""

    # Without a name in its module it is sent whole: where there is no digitscan it runs all the same.
    def version() -> str:
        try:
            from scanner import __version__ as found
        except ImportError:
            return ""
        return found

    there = {"the scheduler": client.run_on_scheduler(version), **client.run(version)}
    for place, found in there.items():
        if found != __version__:
            has = f"has digitscan {found}" if found else "has no digitscan"
            raise DigitscanError(
                f"{place}: {has}; install {__version__}, which is here, on every machine of the cluster"
            )


def _as_worker_pool(client: Client, address: str, limits: TaskLimits) -> WorkerPool:
    # Not pure: a page is read again where its file has changed.
    executor = client.get_executor(pure=False)
    here = installed_setup()

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = executor.submit(_call_if_setups_match, here, limits.timeout_seconds, function, *arguments)
        return future

    return WorkerPool(
        max(sum(client.nthreads().values()), 1), submit, lambda error: _failure_reason(error, address, limits)
    )


def _call_if_setups_match(client: ReadingSetup, seconds: float, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a worker, unless that reads with something else than the client, which writes the results."""
    wanted, found = _comparable_versions(client), _comparable_versions(installed_setup())
    for name, version in wanted.items():
        if found.get(name) != version:
            from distributed import get_worker

            has = found.get(name, "no such thing")[:_SHOWN_VERSION_LENGTH]
            raise DigitscanError(
                f"{get_worker().address}: reads with {name} {has}, not {version[:_SHOWN_VERSION_LENGTH]}; "
                "install on every machine of the cluster what is on this one"
            )
    return _call_with_timeout(seconds, function, *arguments)


def _comparable_versions(about: ReadingSetup) -> dict[str, str]:
    return {
        name: version for name, version in (*about.versions, *about.models) if name not in _MAY_DIFFER_BETWEEN_MACHINES
    }


def _call_with_timeout(seconds: float, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function; end the process if it takes too long, for nothing else ends a loop in C."""
    import cv2

    cv2.setNumThreads(1)
    watch = threading.Timer(seconds, os._exit, (1,))
    watch.daemon = True
    watch.start()
    try:
        return function(*arguments)
    finally:
        watch.cancel()


def _failure_reason(error: BaseException, address: str, limits: TaskLimits) -> str:
    from distributed import KilledWorker

    match error:
        case CancelledError():
            raise DigitscanError(
                f"{address}: the scheduler answers no more; start it and its workers again, "
                "and the same command goes on where it was"
            ) from error
        case KilledWorker():
            return (
                f"crashed each worker that read it, or took more than {limits.timeout_seconds:g} s there; "
                "save or scan it anew, allow more with --page-timeout, or leave it out"
            )
        case MemoryError():
            return "took more memory than the worker has; scan it at a lower resolution"
        case _:
            return ""
