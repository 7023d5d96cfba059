from __future__ import annotations

import math
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scanner.stress import many
from scanner.stress.drawn import write_pages
from scanner.stress.many import Course, Many, Memory, followed, many_pages, memory_of

if TYPE_CHECKING:
    from pathlib import Path


linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say how much memory a process takes")


@linux
def test_many_pages_are_followed(tmp_path: Path) -> None:
    came = many_pages(tmp_path, 40, seed=1)
    assert (came.course.pages, came.course.early_at) == (40, 20)
    for memory in (came.course.early, came.course.late):
        # A Python process with NumPy in it, and workers with the networks.
        assert memory.main > 10 * 2**20
        assert memory.largest_worker > 40 * 2**20
    assert min(came.one, came.two, came.course.rate) > 0


@linux
def test_a_run_that_does_not_read_every_page_is_an_error(tmp_path: Path) -> None:
    write_pages(tmp_path / "pages", 2, seed=1)
    with pytest.raises(RuntimeError, match="ended with 2 after 0"):
        followed(tmp_path / "pages", tmp_path / "run", "--no-such-option")


@linux
def test_a_run_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pages(tmp_path / "pages", 2, seed=1)
    monkeypatch.setattr(many, "_SILENCE", 0.0)
    with pytest.raises(RuntimeError, match="said nothing"):
        followed(tmp_path / "pages", tmp_path / "run")


@linux
def test_the_memory_of_children_is_that_of_workers() -> None:
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert any(memory_of(os.getpid()).workers)
        process.communicate(b"\n")
    assert memory_of(process.pid) == Memory(0, ())


def test_a_run_too_short_to_be_looked_at_is_not_good() -> None:
    nothing = Memory(0, ())
    came = Many(Course(1, nothing, 1, nothing, 0, 0.0), 0.0, 0.0)
    assert not came.good
    assert came.worth == math.inf


EARLY = Memory(100, (200, 200))


@pytest.mark.parametrize(
    ("late", "writing", "good"),
    [
        (EARLY, 150, True),
        (Memory(104, (210, 205)), 150, True),
        (Memory(130, (200, 200)), 150, False),
        (Memory(100, (260, 180)), 150, False),
        (Memory(100, (228, 200, 200)), 150, False),
        (EARLY, 300, False),
    ],
)
def test_growth_is_not_good(late: Memory, writing: int, good: bool) -> None:
    assert Many(Course(1000, EARLY, 200, late, writing, 1.0), 1.0, 2.0).good == good
