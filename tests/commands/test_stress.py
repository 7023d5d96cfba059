"""``digitscan stress``: what is said of the measurements, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scanner.stress.compare_checkouts import CheckoutScan, FolderComparison, RowDifferences
from scanner.stress.dask_clusters import ClusterResults
from scanner.stress.fuzz_campaign import FuzzResult
from scanner.stress.kills import KillResults
from scanner.stress.many_pages import BatchMeasurement, ManyPagesResult, ResidentMemory
from scanner.stress.mutations import MutationResults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    Run = Callable[..., Result]


@pytest.mark.parametrize(("lost", "code"), [(0, 0), (4, 1)])
def test_kills(run: Run, monkeypatch: pytest.MonkeyPatch, lost: int, code: int) -> None:
    monkeypatch.setattr(
        "scanner.stress.kills.kill_and_resume", lambda *_: iter([KillResults(1, 1), KillResults(2, 2, 0, lost)])
    )
    result = run("stress", "kills", "--count", "2")
    assert result.stdout == (
        f"2 batches killed, 2 of them identical once resumed, 0 pages read twice, {lost} pages lost\n"
    )
    assert result.exit_code == code


@pytest.mark.parametrize(("identical", "code"), [(3, 0), (2, 1)])
def test_cluster(run: Run, monkeypatch: pytest.MonkeyPatch, identical: int, code: int) -> None:
    monkeypatch.setattr(
        "scanner.stress.dask_clusters.scan_killing_workers",
        lambda *_: iter([ClusterResults(1, 1), ClusterResults(3, identical)]),
    )
    result = run("stress", "cluster", "--count", "3")
    line = f"3 batches with one of three workers killed, {identical} identical to a batch without a cluster"
    assert result.stdout.splitlines() == [line]
    assert result.exit_code == code


@pytest.mark.parametrize(("wrong", "code"), [((), 0), (("a.png: is lost",), 1)])
def test_mutations(run: Run, monkeypatch: pytest.MonkeyPatch, wrong: tuple[str, ...], code: int) -> None:
    reasons = (("is damaged", 5), ("took more than N s", 2), ("crashed the program that read it", 1))
    results = MutationResults(20, 12, reasons, wrong, timeouts=2, crashes=1)
    monkeypatch.setattr("scanner.stress.mutations.scan_damaged_files", lambda *_: results)
    result = run("stress", "mutations", "--count", "20")
    assert result.stdout.splitlines()[-1] == (
        f"20 files, 12 of them read, 8 pages failed, 2 of them by timeout, 1 by a crash; {len(wrong)} problems"
    )
    assert result.stderr.splitlines() == list(wrong)
    assert result.exit_code == code


@pytest.mark.parametrize(
    ("fuzzed", "message", "code"),
    [
        (FuzzResult(500), "500 files decoded in 5 minutes, no problem found", 0),
        (
            FuzzResult(3, "here/fuzzed-crash-1", "it hung"),
            "3 files decoded, problem with here/fuzzed-crash-1",
            1,
        ),
    ],
)
def test_fuzz(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fuzzed: FuzzResult, message: str, code: int
) -> None:
    given: list[tuple[object, ...]] = []

    def fuzz_decoders(_: Path, *rest: object) -> FuzzResult:
        given.append(rest)
        return fuzzed

    monkeypatch.setattr("scanner.stress.fuzz_campaign.fuzz_decoders", fuzz_decoders)
    result = run("stress", "fuzz", "--minutes", "5", "--seed", "3", "--keep", str(tmp_path))
    assert given == [(300, 3, tmp_path)]
    assert result.stdout.splitlines() == [message]
    assert result.stderr.strip() == fuzzed.log_tail
    assert result.exit_code == code


@pytest.mark.parametrize(("main", "code"), [(20, 0), (60, 1)])
def test_pages(run: Run, monkeypatch: pytest.MonkeyPatch, main: int, code: int) -> None:
    early, late = (ResidentMemory(mebibytes * 2**20, (100 * 2**20,)) for mebibytes in (20, main))
    measured = ManyPagesResult(BatchMeasurement(500, early, 200, late, late.main_process, 30.0), 20.0, 39.0)
    monkeypatch.setattr("scanner.stress.many_pages.measure_many_pages", lambda *_: measured)
    result = run("stress", "pages", "--count", "500")
    lines = result.stdout.splitlines()
    assert lines[0] == "500 pages, 30.0 per second"
    assert lines[2] == f"main process: 20 MiB after 200 pages, {main} MiB at the end, {main / 20:.3f} times as much"
    assert lines[-1] == "one worker 20.0 pages per second, two 39.0, 1.95 times as many"
    assert result.exit_code == code


@pytest.mark.parametrize(("differences", "code"), [((), 0), (tuple(f"difference {n}" for n in range(12)), 1)])
def test_readings(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, differences: tuple[str, ...], code: int
) -> None:
    monkeypatch.setattr("scanner.stress.compare_checkouts.gather_page_folders", lambda *_: {})
    compared = [
        FolderComparison("first", RowDifferences(9, 9, ()), *(CheckoutScan(0, (), 2.0, 1.5),) * 2),
        FolderComparison("second", RowDifferences(9, 7, differences), *(CheckoutScan(0, (), 2.0, 1.5),) * 2),
    ]
    monkeypatch.setattr("scanner.stress.compare_checkouts.compare_checkouts", lambda *_: iter(compared))
    result = run("stress", "readings", str(tmp_path), "--count", "3")
    lines = result.stdout.splitlines()
    assert lines[:3] == [
        "first: 9 rows compared, 9 identical",
        "  old: 2.0 s, 1.5 s of user CPU time",
        "  new: 2.0 s, 1.5 s of user CPU time",
    ]
    assert lines[3] == "second: 9 rows compared, 7 identical"
    assert len(lines) == 6 + (11 if differences else 0)
    assert not differences or lines[-1] == "  ... and 2 more differences"
    assert result.exit_code == code
