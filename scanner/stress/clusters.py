"""Runs on a cluster of this machine's processes, of which one is killed."""

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
from scanner.isolation import program
from scanner.stress.kills import read_outputs
from scanner.stress.program import BATCH_TIMEOUT_SECONDS, start_scan, wait_for_success

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKER_COUNT = 3
_UNSEEN = ("--host", LOOPBACK, "--no-dashboard", "--dashboard-address", f"{LOOPBACK}:0")
"""Options of Dask: what it starts is for this machine alone, and so is its web server, which it has in any case."""
_POLL_SECONDS = 0.05
"""Seconds from one look for the scheduler's file to the next."""


@dataclass(frozen=True, slots=True)
class ClusterResults:
    """What came of runs on a cluster of which a worker was killed."""

    batches: int = 0
    identical_batches: int = 0
    """Of which the results are byte for byte those of a run on this machine alone."""

    @property
    def passed(self) -> bool:
        """Whether nothing was lost or changed."""
        return self.identical_batches == self.batches


def scan_killing_workers(folder: Path, scratch: Path, count: int, seed: int) -> Iterator[ClusterResults]:
    """Have pages read by a scheduler's workers, and kill one of them, with all that belongs to it, in each run.

    Args:
        folder: pages to read, one to a file.
        scratch: an empty folder to write to.
        count: of runs.
        seed: of the moments, and of which worker it befalls.

    Yields:
        What came of all so far, after each.

    Raises:
        MissingPartError: if Dask distributed is not installed.
        RuntimeError: if a run does not end well, or the scheduler does not start.
    """
    if find_spec("distributed") is None:
        raise NotInstalledError("this needs Dask distributed; install digitscan[cluster]")
    rng = random.Random(seed)  # noqa: S311 - moments, no secrets
    wait_for_success(start_scan(folder, scratch / "whole"))
    wanted = read_outputs(scratch / "whole")
    pages = sum(1 for _ in folder.iterdir())
    told = scratch / "scheduler.json"
    total = ClusterResults()
    with _dask_process("scheduler", *_UNSEEN, "--port", "0", "--scheduler-file", str(told)):
        address = _wait_for_address(told)
        attempt = 0
        while total.batches < count:
            attempt += 1
            place = scratch / f"run{attempt}"
            if not _scan_and_kill_worker(folder, place, address, rng.randrange(pages), rng.randrange(WORKER_COUNT)):
                continue
            total = ClusterResults(total.batches + 1, total.identical_batches + (read_outputs(place) == wanted))
            yield total


def _scan_and_kill_worker(folder: Path, place: Path, address: str, moment: int, victim: int) -> bool:
    """Read a folder; kill a worker after so many pages.  Whether it was killed before the run was done."""
    with _dask_workers(address) as workers:
        process = start_scan(folder, place, "--cluster", address)
        assert process.stderr is not None
        done = 0
        while done < moment and (line := process.stderr.readline()):
            done += '"event": "page"' in line
        os.killpg(workers[victim].pid, signal.SIGKILL)
        # Pages told from here on were not read yet.
        return any(event["event"] == "page" for event in wait_for_success(process))


@contextmanager
def _dask_workers(address: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Workers of a scheduler, each with the process that watches over it."""
    from distributed import Client

    with ExitStack() as stack:
        started = [
            stack.enter_context(_dask_process("worker", address, "--nthreads", "1", *_UNSEEN))
            for _ in range(WORKER_COUNT)
        ]
        with Client(address) as client:
            client.wait_for_workers(WORKER_COUNT, timeout=BATCH_TIMEOUT_SECONDS)
        yield started


@contextmanager
def _dask_process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask and those that it starts, killed when the block is left."""
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


def _wait_for_address(told: Path) -> str:
    """The address of a scheduler that is being started."""
    until = time.monotonic() + BATCH_TIMEOUT_SECONDS
    while time.monotonic() < until:
        # The file is written bit by bit.
        with suppress(OSError, ValueError):
            return str(json.loads(told.read_text("utf-8"))["address"])
        time.sleep(_POLL_SECONDS)
    raise RuntimeError(f"no scheduler was started in {BATCH_TIMEOUT_SECONDS:g} s")
