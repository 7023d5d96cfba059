"""Workers on other machines, connected by Dask: if a worker dies, another one reads its page.

The scheduler and the workers are started with Dask's own commands.  The files and
the folders for pictures must have the same paths on all machines.  A worker whose
programs or models differ from those of this machine is refused, even if it joins later.
"""

from __future__ import annotations

import logging
import os
import threading
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from scanner import __version__
from scanner.batch.cluster_address import LOCAL_CLUSTER
from scanner.batch.interrupts import interrupts_blocked
from scanner.batch.worker import installed_setup
from scanner.batch.worker_pool import FailureCause, TaskFailure, WorkerPool
from scanner.errors import DigitscanError, NotInstalledError
from scanner.isolated_python import isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from distributed import Client

    from scanner.batch.recipe import ReadingSetup
    from scanner.batch.worker_pool import TaskLimits

LOOPBACK = "127.0.0.1"
"""The address of this machine that other machines cannot reach."""
_LOGGER_NAMES = ("distributed", "distributed.client", "tornado.application")
"""Loggers of Dask and of its network library, which write to standard error."""
_CONNECT_TIMEOUT_SECONDS = 30.0
"""Seconds to wait for the scheduler and for the first worker; workers take some seconds to start."""
_MAY_DIFFER_BETWEEN_MACHINES = frozenset({"python", "platform"})
"""Versions in which the machines of a cluster may differ; all others must be equal."""
_SHOWN_VERSION_LENGTH = 12
"""Characters of a version or of a model's hash that are shown: enough to distinguish any two."""


@contextmanager
def cluster_worker_pool(
    address: str, jobs: int, limits: TaskLimits, connect_timeout: float = _CONNECT_TIMEOUT_SECONDS
) -> Iterator[WorkerPool]:
    """Connect to the workers of a cluster; they keep running when the block is left.

    Args:
        address: address of the scheduler, such as ``tcp://host:8786``, or ``LOCAL_CLUSTER``.
        jobs: number of workers of a local cluster.
        limits: limits on one page.  On other machines the ``dask worker`` command sets the memory of a worker.
        connect_timeout: seconds to wait for the scheduler, and again for the first worker.

    Raises:
        NotInstalledError: if Dask distributed is not installed.
        DigitscanError: if no scheduler answers at the address, or it has no workers or another version of digitscan.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise NotInstalledError("--cluster needs Dask distributed; install digitscan[cluster]") from error
    # This program reports errors itself; the log of a worker is on the machine where it runs.
    for name in _LOGGER_NAMES:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        scheduler: Any = address
        if address == LOCAL_CLUSTER:
            # For the whole block, because Dask replaces a worker that dies.
            stack.enter_context(isolated())
            with interrupts_blocked():
                scheduler = stack.enter_context(
                    LocalCluster(
                        n_workers=jobs,
                        threads_per_worker=1,
                        host=LOOPBACK,
                        # Anyone who can connect to a Dask scheduler can run any code on it.  The dashboard is switched
                        # off, but Dask always starts a web server for its own status.
                        dashboard_address=f"{LOOPBACK}:0",
                        scheduler_kwargs={"dashboard": False},
                        memory_limit=limits.memory_bytes,
                        silence_logs=logging.CRITICAL,
                    )
                )
        try:
            client = stack.enter_context(Client(scheduler, timeout=connect_timeout))
            client.wait_for_workers(1, timeout=connect_timeout)
        except (OSError, TimeoutError) as error:
            raise DigitscanError(
                f"{address}: no scheduler with workers answers; start dask scheduler and dask worker there"
            ) from error
        except (TypeError, ValueError) as error:
            # Among others a tls address without certificates.
            raise DigitscanError(f"{address}: cannot be connected to ({error}); see the manual of Dask") from error
        _check_versions(client)
        yield _as_worker_pool(client, address, limits)


def _check_versions(client: Client) -> None:
    """Refuse a cluster whose digitscan is missing or of another version, which could not run a task."""

    # A nested function is sent as a whole, so it also runs where digitscan is not installed.
    def installed_version() -> str:
        try:
            from scanner import __version__ as version
        except ImportError:
            return ""
        return version

    versions = {"the scheduler": client.run_on_scheduler(installed_version), **client.run(installed_version)}
    for machine, version in versions.items():
        if version != __version__:
            has = f"has digitscan {version}" if version else "has no digitscan"
            raise DigitscanError(
                f"{machine}: {has}; install {__version__}, the version of this machine, on every machine of the cluster"
            )


def _as_worker_pool(client: Client, address: str, limits: TaskLimits) -> WorkerPool:
    # Not pure: the same call gives another result once the file has changed.
    executor = client.get_executor(pure=False)
    here = installed_setup()

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = executor.submit(_call_if_setups_match, here, limits.timeout_seconds, function, *arguments)
        return future

    return WorkerPool(
        max(sum(client.nthreads().values()), 1), submit, lambda error: _explain_failure(error, address, limits)
    )


def _call_if_setups_match(client: ReadingSetup, seconds: float, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a worker, unless its programs or models differ from those of the client."""
    required, installed = _comparable_versions(client), _comparable_versions(installed_setup())
    for name, version in required.items():
        if installed.get(name) != version:
            from distributed import get_worker

            has = installed.get(name, "(not installed)")[:_SHOWN_VERSION_LENGTH]
            raise DigitscanError(
                f"{get_worker().address}: reads with {name} {has}, not {version[:_SHOWN_VERSION_LENGTH]}; "
                "install the same programs and models on every machine of the cluster"
            )
    return _call_with_timeout(seconds, function, *arguments)


def _comparable_versions(setup: ReadingSetup) -> dict[str, str]:
    return {
        name: version for name, version in (*setup.versions, *setup.models) if name not in _MAY_DIFFER_BETWEEN_MACHINES
    }


def _call_with_timeout(seconds: float, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function; end the process if it takes too long, because nothing else stops a loop in C."""
    import cv2

    cv2.setNumThreads(1)
    timer = threading.Timer(seconds, os._exit, (1,))
    timer.daemon = True
    timer.start()
    try:
        return function(*arguments)
    finally:
        timer.cancel()


def _explain_failure(error: BaseException, address: str, limits: TaskLimits) -> TaskFailure | None:
    from distributed import KilledWorker

    match error:
        case CancelledError():
            raise DigitscanError(
                f"{address}: the scheduler no longer answers; start it and its workers again, "
                "and the same command resumes where it stopped"
            ) from error
        case KilledWorker():
            return TaskFailure(
                FailureCause.CRASH,
                f"crashed every worker that read it, or took more than {limits.timeout_seconds:g} s; "
                "save or scan it again, allow more with --page-timeout, or leave it out",
            )
        case MemoryError():
            return TaskFailure(
                FailureCause.MEMORY, "took more memory than the worker has; scan it at a lower resolution"
            )
        case _:
            return None
