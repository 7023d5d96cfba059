"""Real workers of Dask, in processes of their own."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import cv2
import pytest

from scanner import __version__
from scanner.batch.cluster_address import LOCAL_CLUSTER
from scanner.batch.dask_cluster import cluster_worker_pool
from scanner.batch.drawn_pages import DrawnPages
from scanner.batch.recipe import ReadingRecipe, recipe_hash
from scanner.batch.resumable_state import open_state
from scanner.batch.scheduler import read_files
from scanner.batch.worker import installed_setup, load_reading_setup
from scanner.batch.worker_pool import FailureCause, TaskLimits
from scanner.errors import DigitscanError
from scanner.sources.discovery import find_files
from scanner.types import PageResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.batch.resumable_state import BatchState
    from scanner.batch.worker_pool import WorkerPool

distributed = pytest.importorskip("distributed", reason="needs Dask distributed: install digitscan[cluster]")

SAMPLES = Path(__file__).parents[2] / "samples"
# The clusters of these tests cannot be reached by other machines, as those of the program.
OWN: dict[str, Any] = {"dashboard_address": "127.0.0.1:0", "scheduler_kwargs": {"dashboard": False}}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(n_workers=3, threads_per_worker=1, **OWN) as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More pages than a cluster has workers, all but one of them small."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copy(SAMPLES / "amounts.png", folder)
    for place in range(5):
        shutil.copy(SAMPLES / "box_strip.png", folder / f"{place}.png")
    return folder


def read_by(workers: WorkerPool, pages: Path) -> list[PageResult]:
    with open_state(
        None, recipe_hash(ReadingRecipe(), workers.submit(load_reading_setup, ReadingRecipe()).result())
    ) as state:
        return read_pages(workers, state, pages)


def read_pages(workers: WorkerPool, state: BatchState, pages: Path) -> list[PageResult]:
    list(read_files(find_files([pages]), ReadingRecipe(), DrawnPages(), workers, state))
    return list(state.results())


def once_a_worker_reads(cluster: Any, kill: Any) -> None:
    """Kill a worker as soon as one has something to do."""
    for _ in range(600):
        busy = [state for state in cluster.scheduler.workers.values() if state.processing]
        if busy:
            kill(busy[0])
            return
        time.sleep(0.01)


def pid_of(cluster: Any, worker: Any) -> int:
    return next(int(nanny.pid) for nanny in cluster.workers.values() if nanny.worker_address == worker.address)


def test_a_cluster_gives_the_results_of_one_machine_although_a_worker_is_killed(cluster: Any, pages: Path) -> None:
    from scanner.batch.local_processes import local_worker_pool

    with local_worker_pool(1, TaskLimits()) as workers:
        plain = read_by(workers, pages)
    assert len(plain) == 6
    killed: list[int] = []

    def kill(worker: Any) -> None:
        killed.append(pid_of(cluster, worker))
        os.kill(killed[0], signal.SIGKILL)

    watch = threading.Thread(target=once_a_worker_reads, args=(cluster, kill))
    watch.start()
    with cluster_worker_pool(cluster.scheduler_address, 3, TaskLimits()) as workers:
        assert workers.jobs == 3
        assert read_by(workers, pages) == plain
    watch.join()
    assert killed


def _hang() -> None:
    time.sleep(600)


def _crash() -> None:
    os._exit(1)


def test_a_task_that_kills_every_worker_is_reported_and_later_tasks_run(cluster: Any) -> None:
    with cluster_worker_pool(cluster.scheduler_address, 3, TaskLimits(timeout_seconds=0.5)) as workers:
        for bad in (_crash, _hang):
            error = workers.submit(bad).exception()
            assert error is not None
            failure = workers.explain_failure(error)
            assert failure is not None
            assert (failure.cause, "leave it out" in failure.reason) == (FailureCause.CRASH, True)
        assert workers.submit(os.getpid).result() > 0


def test_a_scheduler_that_ends_is_an_error(pages: Path) -> None:
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, **OWN) as own:
        watch = threading.Thread(target=once_a_worker_reads, args=(own, lambda _: own.close()))
        with (
            open_state(None, "any") as state,
            cluster_worker_pool(own.scheduler_address, 1, TaskLimits()) as workers,
        ):
            watch.start()
            with pytest.raises(DigitscanError, match=r"^tcp://.*: the scheduler no longer answers; start it"):
                read_pages(workers, state, pages)
        watch.join()


def test_a_tls_address_without_certificates_is_an_error() -> None:
    with (
        pytest.raises(DigitscanError, match=r"^tls://127\.0\.0\.1:1: cannot be connected to \(TLS expects"),
        cluster_worker_pool("tls://127.0.0.1:1", 1, TaskLimits()),
    ):
        pass


def test_an_address_without_a_scheduler_is_an_error() -> None:
    with (
        pytest.raises(DigitscanError, match="no scheduler with workers answers"),
        cluster_worker_pool("tcp://127.0.0.1:9", 1, TaskLimits(), connect_timeout=1),
    ):
        pass


def test_a_local_cluster_is_started_and_ended() -> None:
    with cluster_worker_pool(LOCAL_CLUSTER, 1, TaskLimits()) as workers:
        pid = workers.submit(os.getpid).result()
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("its worker is still there")


def test_other_machines_cannot_reach_a_local_cluster() -> None:
    import psutil

    with cluster_worker_pool(LOCAL_CLUSTER, 1, TaskLimits()) as workers:
        worker = psutil.Process(workers.submit(os.getpid).result())
        listening = {
            (connection.laddr.ip, connection.laddr.port): process.pid
            for process in (psutil.Process(), worker)
            for connection in process.net_connections()
            if connection.status == psutil.CONN_LISTEN
        }
        assert {ip for ip, _ in listening} == {"127.0.0.1"}
        assert set(listening.values()) == {os.getpid(), worker.pid}
        assert not [port for _, port in listening if _shows_a_dashboard(port)]


def _shows_a_dashboard(port: int) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        asked.request("GET", "/status")
        return asked.getresponse().status == http.HTTPStatus.OK
    except (http.client.HTTPException, OSError):
        return False  # no web server
    finally:
        asked.close()


def _set_opencv(version: str) -> None:
    installed_setup.cache_clear()
    cv2.__version__ = version


def test_a_worker_with_other_libraries_is_refused(cluster: Any, pages: Path) -> None:
    with (
        cluster_worker_pool(cluster.scheduler_address, 3, TaskLimits()) as workers,
        distributed.Client(cluster) as client,
    ):
        client.run(_set_opencv, "0.1")
        try:
            message = rf"tcp://.*: reads with opencv 0\.1, not {cv2.__version__[:6]}.*; install the same programs"
            with pytest.raises(DigitscanError, match=message):
                read_by(workers, pages)
        finally:
            client.run(_set_opencv, cv2.__version__)
        assert workers.submit(os.getpid).result() > 0


def _hide_digitscan(version: str) -> None:
    """Replace digitscan by another version; an empty version stands for no digitscan at all."""
    sys.modules["hidden"] = sys.modules["scanner"]
    another = ModuleType("scanner")
    vars(another)["__version__"] = version
    sys.modules["scanner"] = another if version else None  # type: ignore[assignment]  # so Python says that there is none


def _show_digitscan() -> None:
    sys.modules["scanner"] = sys.modules.pop("hidden")


@pytest.mark.parametrize(("version", "message"), [("0.0.1", r"has digitscan 0\.0\.1; "), ("", "has no digitscan; ")])
def test_a_worker_with_another_digitscan_or_none_is_refused(cluster: Any, version: str, message: str) -> None:
    with distributed.Client(cluster) as client:
        client.run(_hide_digitscan, version)
        try:
            with (
                pytest.raises(DigitscanError, match=rf"^tcp://.*: {message}install {re.escape(__version__)}, "),
                cluster_worker_pool(cluster.scheduler_address, 3, TaskLimits()),
            ):
                pass
        finally:
            client.run(_show_digitscan)
