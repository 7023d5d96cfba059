from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scanner.errors import NotInstalledError
from scanner.stress import dask_clusters
from scanner.stress.dask_clusters import ClusterResults, scan_killing_workers
from scanner.stress.small_pages import write_small_pages

if TYPE_CHECKING:
    from pathlib import Path


def test_a_batch_whose_worker_is_killed_has_the_same_results(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs Dask distributed: install digitscan[cluster]")
    write_small_pages(tmp_path / "pages", 12, seed=1)
    (results,) = scan_killing_workers(tmp_path / "pages", tmp_path, 1, seed=1)
    assert results == ClusterResults(batches=1, identical_batches=1)


def test_scheduler_and_workers_listen_on_this_machine_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="needs Dask distributed: install digitscan[cluster]")
    import psutil

    listening: list[str] = []
    # The driver of a browser that another test has started listens as well.
    earlier = set(psutil.Process().children(recursive=True))

    def list_addresses(folder: Path, out_folder: Path, address: str, *_: int) -> bool:
        (out_folder / "done").mkdir(parents=True)
        with dask_clusters._dask_workers(address):
            for process in set(psutil.Process().children(recursive=True)) - earlier:
                listening.extend(one.laddr.ip for one in process.net_connections() if one.status == psutil.CONN_LISTEN)
        return True

    write_small_pages(tmp_path / "pages", 1, seed=1)
    monkeypatch.setattr(dask_clusters, "_scan_and_kill_worker", list_addresses)
    monkeypatch.setattr(dask_clusters, "read_outputs", lambda _: None)
    next(scan_killing_workers(tmp_path / "pages", tmp_path, 1, seed=1))
    # The scheduler, each worker and its supervisor have ports.
    assert len(listening) > 2 * dask_clusters.WORKER_COUNT
    assert set(listening) == {"127.0.0.1"}


def test_different_results_do_not_pass() -> None:
    assert ClusterResults(3, 3).passed
    assert not ClusterResults(3, 2).passed


def test_without_dask_the_error_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.stress.dask_clusters.find_spec", lambda _: None)
    with pytest.raises(NotInstalledError, match=r"digitscan\[cluster\]"):
        next(scan_killing_workers(tmp_path, tmp_path, 1, 1))
