"""A batch of very many pages: its memory, and the speedup by a second worker."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.stress.program_under_test import RESULTS_WRITTEN_EXIT_CODES, start_scan
from scanner.stress.small_pages import write_small_pages

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

DISTINCT_PAGES = 50
"""Number of different pages; the others are links to these."""
_WARM_UP_PAGES = 200
"""Pages after which every worker has loaded everything; from there on memory must not grow."""
_TIMED_PAGES = 400
"""Pages on which the speed with one and two workers is measured."""
_POLL_SECONDS = 0.05
"""Seconds between two measurements of a batch: about a page or two."""
_STALL_SECONDS = 600.0
"""Seconds without a page after which a batch counts as hanging."""
_MAX_MEMORY_RATIO = 1.1
"""Maximum memory at the end of a batch relative to that after the warm-up.

From 200 pages to 10,000, memory that grows with the pages grows fifty times; the margin is for memory that the
allocator keeps.
"""
_MAX_WRITING_MEMORY_RATIO = 2.0
"""Maximum memory of the main process while it writes the results, relative to that after the warm-up: it loads modules
for that."""


@dataclass(frozen=True, slots=True)
class ResidentMemory:
    """Resident memory of a batch, bytes."""

    main_process: int
    workers: tuple[int, ...]
    """Memory of each worker, the largest first."""

    @property
    def total(self) -> int:
        """Memory of all processes; memory they share is counted for each."""
        return self.main_process + sum(self.workers)

    @property
    def largest_worker(self) -> int:
        """Memory of the worker with most; 0 without workers."""
        return max(self.workers, default=0)


@dataclass(frozen=True, slots=True)
class BatchMeasurement:
    """Memory and speed of a batch."""

    pages: int
    """Number of pages."""
    early_memory: ResidentMemory
    """Memory after ``early_pages`` pages."""
    early_pages: int
    """Pages after which memory was first measured."""
    late_memory: ResidentMemory
    """Memory just before the last page was read."""
    writing_memory: int
    """Maximum memory of the main process after that, while it writes the results, bytes."""
    pages_per_second: float
    """Pages per second, without the start and the writing of the results."""


@dataclass(frozen=True, slots=True)
class ManyPagesResult:
    """Results of a batch of very many pages."""

    batch: BatchMeasurement
    one_worker_rate: float
    """Pages per second with one worker."""
    two_worker_rate: float
    """Pages per second with two workers."""

    @property
    def total_growth(self) -> float:
        """Memory of all processes at the end, relative to that after the warm-up."""
        return _ratio(self.batch.late_memory.total, self.batch.early_memory.total)

    @property
    def main_growth(self) -> float:
        """Memory of the main process at the end, relative to that after the warm-up."""
        return _ratio(self.batch.late_memory.main_process, self.batch.early_memory.main_process)

    @property
    def worker_growth(self) -> float:
        """Memory of the largest worker at the end, relative to that after the warm-up."""
        return _ratio(self.batch.late_memory.largest_worker, self.batch.early_memory.largest_worker)

    @property
    def speedup(self) -> float:
        """Speed of two workers relative to one."""
        return _ratio(self.two_worker_rate, self.one_worker_rate)

    @property
    def passed(self) -> bool:
        """Whether the memory of no process grows with the number of pages."""
        most = max(self.total_growth, self.main_growth, self.worker_growth)
        return (
            most <= _MAX_MEMORY_RATIO
            and self.batch.writing_memory <= _MAX_WRITING_MEMORY_RATIO * self.batch.early_memory.main_process
        )


def measure_many_pages(scratch: Path, count: int, seed: int) -> ManyPagesResult:
    """Measure a batch of very many pages, and a smaller one with one worker and with two.

    Args:
        scratch: empty folder to write to.
        count: number of pages.
        seed: seed of the pages.

    Raises:
        RuntimeError: if a batch fails, hangs or does not read every page.
    """
    distinct = write_small_pages(scratch / "drawn", min(DISTINCT_PAGES, count), seed)
    all_pages, timed_pages = scratch / "pages", scratch / "timed"
    _link_pages(distinct, all_pages, count)
    _link_pages(distinct, timed_pages, min(_TIMED_PAGES, count))
    one, two = (
        measure_batch(timed_pages, scratch / f"jobs{jobs}", "--jobs", f"{jobs}").pages_per_second for jobs in (1, 2)
    )
    return ManyPagesResult(measure_batch(all_pages, scratch / "run"), one, two)


def measure_batch(folder: Path, out_folder: Path, *options: str) -> BatchMeasurement:
    """Scan a folder and measure the batch while it runs.

    Args:
        folder: pages, one per file.
        out_folder: folder for the results; created if missing.
        options: further options of ``digitscan scan``.

    Raises:
        RuntimeError: if the batch fails, hangs or does not read every page.
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
        raise RuntimeError(
            f"a batch of {count} pages ended with exit code {process.returncode} after {done} pages; see {log}"
        )
    rate = (ended - begun) / (last - first) if last > first else 0.0
    return BatchMeasurement(count, early, early_at, late, writing, rate)


def measure_memory(pid: int) -> ResidentMemory:
    """Measure the resident memory of a batch whose main process has this id; 0 for processes that have ended."""
    workers = sorted((_resident_bytes(child) for child in _descendants(pid)), reverse=True)
    return ResidentMemory(_resident_bytes(pid), tuple(workers))


def _pages_done(process: subprocess.Popen[str], log: Path) -> Iterator[int]:
    """The number of pages done, again and again until the batch has ended."""
    done, last_page = 0, time.monotonic()
    with log.open(encoding="utf-8") as lines:
        partial_line = ""
        while True:
            has_ended = process.poll() is not None
            *complete, partial_line = (partial_line + lines.read()).split("\n")
            new = sum(line.startswith("{") and json.loads(line)["event"] == "page" for line in complete)
            done += new
            if new:
                last_page = time.monotonic()
            yield done
            if has_ended:
                return
            if time.monotonic() - last_page > _STALL_SECONDS:
                process.kill()
                process.wait()
                raise RuntimeError(f"a batch hung after {done} pages, for {_STALL_SECONDS:g} s; see {log}")
            time.sleep(_POLL_SECONDS)


def _ratio(late: float, early: float) -> float:
    # A batch too short to be measured must not pass.
    return late / early if early else math.inf


def _link_pages(pages: tuple[Path, ...], folder: Path, count: int) -> None:
    folder.mkdir()
    for index in range(count):
        (folder / f"{index:05}.png").hardlink_to(pages[index % len(pages)])


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
