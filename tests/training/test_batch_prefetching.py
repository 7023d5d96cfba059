from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scanner.training import batch_prefetching
from scanner.training.batch_prefetching import prefetched_batches


def square(step: int) -> int:
    return step * step


def fail_at_three(step: int) -> int:
    if step == 3:
        raise ValueError("three")
    return step


def end_at_two(step: int) -> int:
    if step == 2:
        os._exit(1)
    return step


@pytest.mark.parametrize("processes", [1, 2])
def test_batches_come_in_order_whatever_the_number_of_processes(processes: int) -> None:
    with prefetched_batches(square, range(5, 12), processes) as batches:
        assert list(batches) == [25, 36, 49, 64, 81, 100, 121]


def test_the_processes_end_when_not_all_batches_are_taken() -> None:
    with prefetched_batches(square, range(1_000_000), 1) as batches:
        assert next(batches) == 0


def test_an_error_is_reported_with_the_number_of_its_batch() -> None:
    with (
        prefetched_batches(fail_at_three, range(6), 1) as batches,
        pytest.raises(RuntimeError, match=r"batch 3: ValueError"),
    ):
        list(batches)


def test_a_process_that_ends_is_noticed() -> None:
    with prefetched_batches(end_at_two, range(6), 1) as batches, pytest.raises(RuntimeError, match="has ended"):
        list(batches)


_TAKE_ONE_AND_WAIT = """
import multiprocessing, operator, time
from scanner.training.batch_prefetching import prefetched_batches
with prefetched_batches(operator.neg, range(1000), 1) as batches:
    next(batches)
    print(multiprocessing.active_children()[0].pid, flush=True)
    time.sleep(60)
"""


def _is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text("ascii")
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc").exists(), reason="asks Linux whether a process is running")
def test_the_processes_end_with_one_that_is_killed() -> None:
    root = Path(batch_prefetching.__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", _TAKE_ONE_AND_WAIT], stdout=subprocess.PIPE, cwd=root) as killed:
        assert killed.stdout is not None
        worker = int(killed.stdout.readline())
        assert _is_running(worker)
        killed.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while _is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not _is_running(worker)
