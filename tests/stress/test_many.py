from __future__ import annotations

import math
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scanner.stress import many
from scanner.stress.drawn import write_small_pages
from scanner.stress.many import (
    BatchMeasurement,
    ManyPagesResult,
    ResidentMemory,
    measure_batch,
    measure_many_pages,
    measure_memory,
)

if TYPE_CHECKING:
    from pathlib import Path


linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say how much memory a process takes")


@linux
def test_many_pages_are_followed(tmp_path: Path) -> None:
    came = measure_many_pages(tmp_path, 40, seed=1)
    assert (came.batch.pages, came.batch.early_pages) == (40, 20)
    for memory in (came.batch.early_memory, came.batch.late_memory):
        # A Python process with NumPy in it, and workers with the networks.
        assert memory.main_process > 10 * 2**20
        assert memory.largest_worker > 40 * 2**20
    assert min(came.one_worker_rate, came.two_worker_rate, came.batch.pages_per_second) > 0


@linux
def test_a_run_that_does_not_read_every_page_is_an_error(tmp_path: Path) -> None:
    write_small_pages(tmp_path / "pages", 2, seed=1)
    with pytest.raises(RuntimeError, match="ended with 2 after 0"):
        measure_batch(tmp_path / "pages", tmp_path / "run", "--no-such-option")


@linux
def test_a_run_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_small_pages(tmp_path / "pages", 2, seed=1)
    monkeypatch.setattr(many, "_STALL_SECONDS", 0.0)
    with pytest.raises(RuntimeError, match="said nothing"):
        measure_batch(tmp_path / "pages", tmp_path / "run")


@linux
def test_the_memory_of_children_is_that_of_workers() -> None:
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert any(measure_memory(os.getpid()).workers)
        process.communicate(b"\n")
    assert measure_memory(process.pid) == ResidentMemory(0, ())


def test_a_run_too_short_to_be_looked_at_is_not_good() -> None:
    nothing = ResidentMemory(0, ())
    came = ManyPagesResult(BatchMeasurement(1, nothing, 1, nothing, 0, 0.0), 0.0, 0.0)
    assert not came.passed
    assert came.speedup == math.inf


EARLY = ResidentMemory(100, (200, 200))


@pytest.mark.parametrize(
    ("late", "writing", "good"),
    [
        (EARLY, 150, True),
        (ResidentMemory(104, (210, 205)), 150, True),
        (ResidentMemory(130, (200, 200)), 150, False),
        (ResidentMemory(100, (260, 180)), 150, False),
        (ResidentMemory(100, (228, 200, 200)), 150, False),
        (EARLY, 300, False),
    ],
)
def test_growth_is_not_good(late: ResidentMemory, writing: int, good: bool) -> None:
    assert ManyPagesResult(BatchMeasurement(1000, EARLY, 200, late, writing, 1.0), 1.0, 2.0).passed == good
