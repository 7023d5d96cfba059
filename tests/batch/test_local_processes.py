from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pebble import ProcessExpired

from scanner.batch.local_processes import _WorkerContext, local_worker_pool
from scanner.batch.worker_pool import FailureCause, TaskLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.batch.worker_pool import TaskFailure, WorkerPool

ROOT = Path(__file__).parents[2]
LIMITS = TaskLimits(timeout_seconds=1, memory_bytes=2**30)


class OddError(Exception):
    """Cannot be unpickled, because it has two arguments and keeps one."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one + other)


def own_id() -> int:
    return os.getpid()


def exits() -> None:
    os._exit(1)


def is_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hangs() -> None:
    time.sleep(60)


def takes_two_gibibytes() -> int:
    return len(bytearray(2**31))


def fails_oddly() -> None:
    raise OddError("it is ", "odd")


def interrupts_itself() -> int:
    os.kill(os.getpid(), signal.SIGINT)
    return os.getpid()


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    with local_worker_pool(1, LIMITS) as workers:
        yield workers


def failed(workers: WorkerPool, function: Any) -> tuple[BaseException, TaskFailure | None]:
    """Run a function that fails; the exception, and what the pool says of it."""
    error = workers.submit(function).exception(timeout=30)
    assert error is not None
    assert workers.submit(own_id).result(timeout=30) > 0
    return error, workers.explain_failure(error)


@pytest.mark.parametrize("function", [exits, is_killed])
def test_a_task_that_crashes_its_worker_is_reported_and_the_next_runs(workers: WorkerPool, function: Any) -> None:
    error, failure = failed(workers, function)
    assert isinstance(error, ProcessExpired)
    assert failure is not None
    assert failure.cause is FailureCause.CRASH
    assert failure.reason.startswith("crashed the program that read it; ")


def test_a_task_that_hangs_is_given_up_and_the_next_runs(workers: WorkerPool) -> None:
    error, failure = failed(workers, hangs)
    assert isinstance(error, FutureTimeoutError)
    assert failure is not None
    assert failure.cause is FailureCause.TIMEOUT
    assert failure.reason.startswith("took more than 1 s; ")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is held to a limit on Linux alone")
def test_a_task_that_takes_too_much_memory_is_reported_and_the_next_runs(workers: WorkerPool) -> None:
    error, failure = failed(workers, takes_two_gibibytes)
    assert isinstance(error, MemoryError)
    assert failure is not None
    assert failure.cause is FailureCause.MEMORY
    assert failure.reason.startswith("needs more than 1.0 GiB of memory; ")


def test_an_exception_that_cannot_be_pickled_is_replaced_by_its_text(workers: WorkerPool) -> None:
    error, failure = failed(workers, fails_oddly)
    assert str(error) == "OddError: it is odd"
    assert failure is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to one process")
def test_an_interrupt_does_not_end_a_worker(workers: WorkerPool) -> None:
    assert workers.submit(interrupts_itself).result(timeout=30) == workers.submit(own_id).result(timeout=30)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_an_idle_worker_that_is_killed_is_replaced() -> None:
    with local_worker_pool(1, TaskLimits(timeout_seconds=20)) as workers:
        first = workers.submit(own_id).result(timeout=30)
        os.kill(first, signal.SIGKILL)
        gone(first)
        again = workers.submit(own_id)
        error = again.exception(timeout=30)
        assert error is None or workers.explain_failure(error) is not None
        assert workers.submit(own_id).result(timeout=30) != first
        last = workers.submit(own_id).result(timeout=30)
    gone(last)


PARENT = """
import sys, time
from scanner.batch.local_processes import _WorkerContext, local_worker_pool
from scanner.batch.worker_pool import FailureCause, TaskLimits

if __name__ == "__main__":
    import os
    with local_worker_pool(1, TaskLimits()) as workers:
        print(workers.submit(os.getpid).result(), flush=True)
        time.sleep(60)
"""


def gone(process: int) -> None:
    """Wait until a process has ended; a zombie counts as ended."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state in "ZX":
            return
        time.sleep(0.01)
    raise AssertionError("a worker lives on")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(tmp_path / "parent.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    gone(worker)


UNGUARDED = """
import os
from scanner.batch.local_processes import _WorkerContext, local_worker_pool
from scanner.batch.worker_pool import TaskLimits

print("main", flush=True)
with local_worker_pool(2, TaskLimits()) as workers:
    assert workers.submit(os.getpid).result() != os.getpid()
"""


def test_workers_do_not_run_the_main_script_again(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(UNGUARDED)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py")],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "main\n", "")


def takes_a_lock(lock: Any) -> None:
    lock.acquire()


def test_a_worker_that_starts_after_its_pool_has_closed_ends_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    context = _WorkerContext()
    lock = context.Lock()
    worker = context.Process(target=takes_a_lock, name="worker", args=(lock,), kwargs={})
    worker.start()
    # Unlinks its semaphore: sooner than a Python can start.
    del lock
    worker.join()
    assert worker.exitcode == 0
    assert capfd.readouterr() == ("", "")
