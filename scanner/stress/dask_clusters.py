"""Batches on a local Dask cluster while one of its workers is killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from scanner.batch.dask_cluster import LOOPBACK
from scanner.errors import NotInstalledError
from scanner.isolated_python import program
from scanner.stress.kills import read_outputs
from scanner.stress.program_under_test import BATCH_TIMEOUT_SECONDS, start_scan, wait_for_success

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKER_COUNT = 3
"""Workers of the cluster."""
_LOCAL_ONLY = ("--host", LOOPBACK, "--no-dashboard", "--dashboard-address", f"{LOOPBACK}:0")
"""Options by which Dask listens on this machine only, also with the web server that it always starts."""
_POLL_SECONDS = 0.05
"""Seconds between two looks for the file that the scheduler writes."""


@dataclass(frozen=True, slots=True)
class ClusterResults:
    """Results of batches on a cluster of which a worker was killed."""

    batches: int = 0
    identical_batches: int = 0
    """Batches whose results equal those without a cluster byte for byte."""

    @property
    def passed(self) -> bool:
        """Whether all batches are identical."""
        return self.identical_batches == self.batches


def scan_killing_workers(folder: Path, scratch: Path, count: int, seed: int) -> Iterator[ClusterResults]:
    """Scan a folder on a cluster again and again, and kill one worker with its processes during each batch.

    Args:
        folder: pages to read, one per file.
        scratch: empty folder to write to.
        count: number of batches.
        seed: seed of when, and which, worker is killed.

    Yields:
        The results so far, after each batch.

    Raises:
        NotInstalledError: if Dask distributed is not installed.
        RuntimeError: if a batch fails, or the scheduler does not start.
    """
    if find_spec("distributed") is None:
        raise NotInstalledError("this test needs Dask distributed: install digitscan[cluster]")
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    wait_for_success(start_scan(folder, scratch / "whole"))
    expected = read_outputs(scratch / "whole")
    pages = sum(1 for _ in folder.iterdir())
    scheduler_file = scratch / "scheduler.json"
    total = ClusterResults()
    with _dask_process("scheduler", *_LOCAL_ONLY, "--port", "0", "--scheduler-file", str(scheduler_file)):
        address = _wait_for_address(scheduler_file)
        attempt = 0
        while total.batches < count:
            attempt += 1
            out_folder = scratch / f"run{attempt}"
            if not _scan_and_kill_worker(
                folder, out_folder, address, rng.randrange(pages), rng.randrange(WORKER_COUNT)
            ):
                continue
            total = ClusterResults(total.batches + 1, total.identical_batches + (read_outputs(out_folder) == expected))
            yield total


def _scan_and_kill_worker(folder: Path, out_folder: Path, address: str, after_pages: int, worker: int) -> bool:
    """Scan a folder and kill a worker after some pages; whether there were still pages to read."""
    with _dask_workers(address) as workers:
        process = start_scan(folder, out_folder, "--cluster", address)
        assert process.stderr is not None
        done = 0
        while done < after_pages and (line := process.stderr.readline()):
            done += '"event": "page"' in line
        os.killpg(workers[worker].pid, signal.SIGKILL)
        # These pages were read after the worker was killed.
        return any(event["event"] == "page" for event in wait_for_success(process))


@contextmanager
def _dask_workers(address: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start the workers of a scheduler, each with the process that supervises it."""
    from distributed import Client

    with ExitStack() as stack:
        started = [
            stack.enter_context(_dask_process("worker", address, "--nthreads", "1", *_LOCAL_ONLY))
            for _ in range(WORKER_COUNT)
        ]
        with Client(address) as client:
            client.wait_for_workers(WORKER_COUNT, timeout=BATCH_TIMEOUT_SECONDS)
        yield started


@contextmanager
def _dask_process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a Dask process, and kill it with its children at the end of the block."""
    process = subprocess.Popen(  # noqa: S603 - Dask itself
        [*program("dask"), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for_address(scheduler_file: Path) -> str:
    """Wait until the scheduler has started; its address."""
    until = time.monotonic() + BATCH_TIMEOUT_SECONDS
    while time.monotonic() < until:
        # The file may be missing or incomplete.
        with suppress(OSError, ValueError):
            return str(json.loads(scheduler_file.read_text("utf-8"))["address"])
        time.sleep(_POLL_SECONDS)
    raise RuntimeError(f"the scheduler did not start within {BATCH_TIMEOUT_SECONDS:g} s")
