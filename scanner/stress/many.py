"""A run over very many pages: the memory it takes, and what a second worker is worth."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.stress.drawn import write_small_pages
from scanner.stress.program import RESULTS_WRITTEN_EXIT_CODES, start_scan

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

DISTINCT_PAGES = 50
"""Different pages in the folder; the others are these under other names."""
_WARM_UP_PAGES = 200
"""Pages after which everything is loaded and every worker has read: from there on memory may not grow."""
_TIMED_PAGES = 400
"""Pages that the speed is measured on."""
_POLL_SECONDS = 0.05
"""Seconds from one look at a run to the next: about a page or two."""
_STALL_SECONDS = 600.0
"""Seconds without a page after which a run hangs."""
_MAX_MEMORY_RATIO = 1.1
"""How much more memory a run may take at its end.

What grows by a page grows fifty times from 200 pages to 10,000; an allocator keeps some of what it once had.
"""
_MAX_WRITING_MEMORY_RATIO = 2.0
"""How much more the main process may take to write the results: what it needs for that is loaded then."""


@dataclass(frozen=True, slots=True)
class ResidentMemory:
    """Resident memory of a run, bytes."""

    main_process: int
    workers: tuple[int, ...]
    """Of each, the largest first."""

    @property
    def total(self) -> int:
        """Of all processes; pages that they share are counted for each."""
        return self.main_process + sum(self.workers)

    @property
    def largest_worker(self) -> int:
        """Of the worker that takes most."""
        return max(self.workers, default=0)


@dataclass(frozen=True, slots=True)
class BatchMeasurement:
    """How a run went."""

    pages: int
    early_memory: ResidentMemory
    """When ``early_pages`` pages were read."""
    early_pages: int
    late_memory: ResidentMemory
    """Before the last was."""
    writing_memory: int
    """The most that the main process took after that: it writes the results."""
    pages_per_second: float
    """Pages a second, without the start and without the writing of the results."""


@dataclass(frozen=True, slots=True)
class ManyPagesResult:
    """What came of very many pages."""

    batch: BatchMeasurement
    one_worker_rate: float
    """Pages a second with one worker."""
    two_worker_rate: float
    """With two."""

    @property
    def total_growth(self) -> float:
        """Memory of all processes at the end against early on."""
        return _ratio(self.batch.late_memory.total, self.batch.early_memory.total)

    @property
    def main_growth(self) -> float:
        """That of the main process."""
        return _ratio(self.batch.late_memory.main_process, self.batch.early_memory.main_process)

    @property
    def worker_growth(self) -> float:
        """That of the largest worker."""
        return _ratio(self.batch.late_memory.largest_worker, self.batch.early_memory.largest_worker)

    @property
    def speedup(self) -> float:
        """Speed of two workers against one."""
        return _ratio(self.two_worker_rate, self.one_worker_rate)

    @property
    def passed(self) -> bool:
        """Whether no process grows with the pages."""
        most = max(self.total_growth, self.main_growth, self.worker_growth)
        return (
            most <= _MAX_MEMORY_RATIO
            and self.batch.writing_memory <= _MAX_WRITING_MEMORY_RATIO * self.batch.early_memory.main_process
        )


def measure_many_pages(scratch: Path, count: int, seed: int) -> ManyPagesResult:
    """Read very many pages, and some of them with one worker and with two.

    Args:
        scratch: an empty folder to write to.
        count: of pages.
        seed: of what is on them.

    Raises:
        RuntimeError: if a run does not end well, does not read every page, or hangs.
    """
    drawn = write_small_pages(scratch / "drawn", min(DISTINCT_PAGES, count), seed)
    every, timed = scratch / "pages", scratch / "timed"
    _link_pages(drawn, every, count)
    _link_pages(drawn, timed, min(_TIMED_PAGES, count))
    one, two = (measure_batch(timed, scratch / f"jobs{jobs}", "--jobs", f"{jobs}").pages_per_second for jobs in (1, 2))
    return ManyPagesResult(measure_batch(every, scratch / "run"), one, two)


def measure_batch(folder: Path, out_folder: Path, *options: str) -> BatchMeasurement:
    """Read a folder and look at the run while it goes on.

    Args:
        folder: with one page to a file.
        out_folder: for the results.
        options: further ones of ``digitscan scan``.

    Raises:
        RuntimeError: if the run does not end well, does not read every page, or hangs.
    """
    count = sum(1 for _ in folder.iterdir())
    early_at = min(_WARM_UP_PAGES, max(count // 2, 1))
    out_folder.mkdir(parents=True, exist_ok=True)
    log = out_folder / "events.txt"
    early, late = ResidentMemory(0, ()), ResidentMemory(0, ())
    first = last = 0.0
    done, begun, ended, writing = 0, 0, 0, 0
    with log.open("w", encoding="utf-8") as stream:
        process = start_scan(folder, out_folder, *options, stderr=stream)
    for done in _pages_done(process, log):
        now = time.monotonic()
        memory = measure_memory(process.pid)
        if done and not first:
            first, begun = now, done
        if done >= early_at and not early.main_process:
            early = memory
        if done < count:
            last, ended, late = now, done, memory
        else:
            writing = max(writing, memory.main_process)
    if process.returncode not in RESULTS_WRITTEN_EXIT_CODES or done != count:
        raise RuntimeError(f"a run of {count} pages ended with {process.returncode} after {done}; see {log}")
    rate = (ended - begun) / (last - first) if last > first else 0.0
    return BatchMeasurement(count, early, early_at, late, writing, rate)


def measure_memory(pid: int) -> ResidentMemory:
    """Resident memory of a run, by the process number of its main process; zero for what has ended."""
    workers = sorted((_resident_bytes(child) for child in _descendants(pid)), reverse=True)
    return ResidentMemory(_resident_bytes(pid), tuple(workers))


def _pages_done(process: subprocess.Popen[str], log: Path) -> Iterator[int]:
    """How many pages are done, at every look until the run has ended."""
    done, heard = 0, time.monotonic()
    with log.open(encoding="utf-8") as lines:
        cut = ""
        while True:
            over = process.poll() is not None
            *whole, cut = (cut + lines.read()).split("\n")
            new = sum(line.startswith("{") and json.loads(line)["event"] == "page" for line in whole)
            done += new
            if new:
                heard = time.monotonic()
            yield done
            if over:
                return
            if time.monotonic() - heard > _STALL_SECONDS:
                process.kill()
                process.wait()
                raise RuntimeError(f"a run said nothing for {_STALL_SECONDS:g} s after {done} pages; see {log}")
            time.sleep(_POLL_SECONDS)


def _ratio(late: float, early: float) -> float:
    # Of a run too short to be looked at nothing is known: that is not good.
    return late / early if early else math.inf


def _link_pages(drawn: tuple[Path, ...], folder: Path, count: int) -> None:
    folder.mkdir()
    for place in range(count):
        (folder / f"{place:05}.png").hardlink_to(drawn[place % len(drawn)])


def _resident_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)


def _descendants(pid: int) -> Iterator[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text("ascii").split()]
    except OSError:
        return
    for child in children:
        yield child
        yield from _descendants(child)
