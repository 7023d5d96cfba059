from __future__ import annotations

import math
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scanner.stress import many_pages
from scanner.stress.many_pages import (
    BatchMeasurement,
    ManyPagesResult,
    ResidentMemory,
    measure_batch,
    measure_many_pages,
    measure_memory,
)
from scanner.stress.small_pages import write_small_pages

if TYPE_CHECKING:
    from pathlib import Path


linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say how much memory a process takes")


@linux
def test_memory_and_speed_are_measured(tmp_path: Path) -> None:
    result = measure_many_pages(tmp_path, 20, seed=1)
    assert (result.batch.pages, result.batch.early_pages) == (20, 10)
    for memory in (result.batch.early_memory, result.batch.late_memory):
        # A Python process with NumPy in it, and workers with the networks.
        assert memory.main_process > 10 * 2**20
        assert memory.largest_worker > 40 * 2**20
    assert min(result.one_worker_rate, result.two_worker_rate, result.batch.pages_per_second) > 0


@linux
def test_a_batch_that_does_not_read_every_page_is_an_error(tmp_path: Path) -> None:
    write_small_pages(tmp_path / "pages", 2, seed=1)
    with pytest.raises(RuntimeError, match="ended with exit code 2 after 0 pages"):
        measure_batch(tmp_path / "pages", tmp_path / "run", "--no-such-option")


@linux
def test_a_batch_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_small_pages(tmp_path / "pages", 2, seed=1)
    monkeypatch.setattr(many_pages, "_STALL_SECONDS", 0.0)
    with pytest.raises(RuntimeError, match="hung after 0 pages"):
        measure_batch(tmp_path / "pages", tmp_path / "run")


@linux
def test_child_processes_count_as_workers() -> None:
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert any(measure_memory(os.getpid()).workers)
        process.communicate(b"\n")
    assert measure_memory(process.pid) == ResidentMemory(0, ())


def test_a_batch_too_short_to_be_measured_does_not_pass() -> None:
    nothing = ResidentMemory(0, ())
    result = ManyPagesResult(BatchMeasurement(1, nothing, 1, nothing, 0, 0.0), 0.0, 0.0)
    assert not result.passed
    assert result.speedup == math.inf


EARLY = ResidentMemory(100, (200, 200))


@pytest.mark.parametrize(
    ("late", "writing", "passed"),
    [
        (EARLY, 150, True),
        (ResidentMemory(104, (210, 205)), 150, True),
        (ResidentMemory(130, (200, 200)), 150, False),
        (ResidentMemory(100, (260, 180)), 150, False),
        (ResidentMemory(100, (228, 200, 200)), 150, False),
        (EARLY, 300, False),
    ],
)
def test_growth_does_not_pass(late: ResidentMemory, writing: int, passed: bool) -> None:
    assert ManyPagesResult(BatchMeasurement(1000, EARLY, 200, late, writing, 1.0), 1.0, 2.0).passed == passed
