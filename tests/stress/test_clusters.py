from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scanner.errors import NotInstalledError
from scanner.stress import clusters
from scanner.stress.clusters import ClusterResults, scan_killing_workers
from scanner.stress.drawn import write_small_pages

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_whose_worker_is_killed_is_as_without_a_cluster(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs Dask distributed: install digitscan[cluster]")
    write_small_pages(tmp_path / "pages", 12, seed=1)
    (came,) = scan_killing_workers(tmp_path / "pages", tmp_path, 1, seed=1)
    assert came == ClusterResults(batches=1, identical_batches=1)


def test_nobody_but_this_machine_reaches_scheduler_and_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="needs Dask distributed: install digitscan[cluster]")
    import psutil

    listening: list[str] = []

    def look(folder: Path, place: Path, address: str, *_: int) -> bool:
        (place / "done").mkdir(parents=True)
        with clusters._dask_workers(address):
            for process in psutil.Process().children(recursive=True):
                listening.extend(one.laddr.ip for one in process.net_connections() if one.status == psutil.CONN_LISTEN)
        return True

    write_small_pages(tmp_path / "pages", 1, seed=1)
    monkeypatch.setattr(clusters, "_scan_and_kill_worker", look)
    monkeypatch.setattr(clusters, "read_outputs", lambda _: None)
    next(scan_killing_workers(tmp_path / "pages", tmp_path, 1, seed=1))
    # The scheduler, and a worker and its keeper each, with a port for the work or for its state.
    assert len(listening) > 2 * clusters.WORKER_COUNT
    assert set(listening) == {"127.0.0.1"}


def test_results_that_differ_are_not_good() -> None:
    assert ClusterResults(3, 3).passed
    assert not ClusterResults(3, 2).passed


def test_without_dask_what_to_install_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.stress.clusters.find_spec", lambda _: None)
    with pytest.raises(NotInstalledError, match=r"digitscan\[cluster\]"):
        next(scan_killing_workers(tmp_path, tmp_path, 1, 1))
