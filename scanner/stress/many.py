"""A run over very many pages: the memory it takes, and what a second worker is worth."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.stress.drawn import write_pages
from scanner.stress.program import ENDED_WELL, start

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

DRAWN = 50
"""Different pages in the folder; the others are these under other names."""
_EARLY = 200
"""Pages after which everything is loaded and every worker has read: from there on memory may not grow."""
_TIMED = 400
"""Pages that the speed is measured on."""
_LOOK = 0.05
"""Seconds from one look at a run to the next: about a page or two."""
_SILENCE = 600.0
"""Seconds without a page after which a run hangs."""
_MOST_GROWTH = 1.1
"""How much more memory a run may take at its end.

What grows by a page grows fifty times from 200 pages to 10,000; an allocator keeps some of what it once had.
"""
_MOST_WRITING = 2.0
"""How much more the main process may take to write the results: what it needs for that is loaded then."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of a run, bytes."""

    main: int
    workers: tuple[int, ...]
    """Of each, the largest first."""

    @property
    def together(self) -> int:
        """Of all processes; pages that they share are counted for each."""
        return self.main + sum(self.workers)

    @property
    def largest_worker(self) -> int:
        """Of the worker that takes most."""
        return max(self.workers, default=0)


@dataclass(frozen=True, slots=True)
class Course:
    """How a run went."""

    pages: int
    early: Memory
    """When ``early_at`` pages were read."""
    early_at: int
    late: Memory
    """Before the last was."""
    writing: int
    """The most that the main process took after that: it writes the results."""
    rate: float
    """Pages a second, without the start and without the writing of the results."""


@dataclass(frozen=True, slots=True)
class Many:
    """What came of very many pages."""

    course: Course
    one: float
    """Pages a second with one worker."""
    two: float
    """With two."""

    @property
    def growth(self) -> float:
        """Memory of all processes at the end against early on."""
        return _times(self.course.late.together, self.course.early.together)

    @property
    def main_growth(self) -> float:
        """That of the main process."""
        return _times(self.course.late.main, self.course.early.main)

    @property
    def worker_growth(self) -> float:
        """That of the largest worker."""
        return _times(self.course.late.largest_worker, self.course.early.largest_worker)

    @property
    def worth(self) -> float:
        """Speed of two workers against one."""
        return _times(self.two, self.one)

    @property
    def good(self) -> bool:
        """Whether no process grows with the pages."""
        most = max(self.growth, self.main_growth, self.worker_growth)
        return most <= _MOST_GROWTH and self.course.writing <= _MOST_WRITING * self.course.early.main


def many_pages(scratch: Path, count: int, seed: int) -> Many:
    """Read very many pages, and some of them with one worker and with two.

    Args:
        scratch: an empty folder to write to.
        count: of pages.
        seed: of what is on them.

    Raises:
        RuntimeError: if a run does not end well, does not read every page, or hangs.
    """
    drawn = write_pages(scratch / "drawn", min(DRAWN, count), seed)
    every, timed = scratch / "pages", scratch / "timed"
    _link(drawn, every, count)
    _link(drawn, timed, min(_TIMED, count))
    one, two = (followed(timed, scratch / f"jobs{jobs}", "--jobs", f"{jobs}").rate for jobs in (1, 2))
    return Many(followed(every, scratch / "run"), one, two)


def followed(folder: Path, place: Path, *options: str) -> Course:
    """Read a folder and look at the run while it goes on.

    Args:
        folder: with one page to a file.
        place: for the results.
        options: further ones of ``digitscan scan``.

    Raises:
        RuntimeError: if the run does not end well, does not read every page, or hangs.
    """
    count = sum(1 for _ in folder.iterdir())
    early_at = min(_EARLY, max(count // 2, 1))
    place.mkdir(parents=True, exist_ok=True)
    log = place / "events.txt"
    early, late = Memory(0, ()), Memory(0, ())
    first = last = 0.0
    done, begun, ended, writing = 0, 0, 0, 0
    with log.open("w", encoding="utf-8") as stream:
        process = start(folder, place, *options, stderr=stream)
    for done in _done(process, log):
        now = time.monotonic()
        memory = memory_of(process.pid)
        if done and not first:
            first, begun = now, done
        if done >= early_at and not early.main:
            early = memory
        if done < count:
            last, ended, late = now, done, memory
        else:
            writing = max(writing, memory.main)
    if process.returncode not in ENDED_WELL or done != count:
        raise RuntimeError(f"a run of {count} pages ended with {process.returncode} after {done}; see {log}")
    rate = (ended - begun) / (last - first) if last > first else 0.0
    return Course(count, early, early_at, late, writing, rate)


def memory_of(pid: int) -> Memory:
    """Resident memory of a run, by the process number of its main process; zero for what has ended."""
    workers = sorted((_resident(child) for child in _descendants(pid)), reverse=True)
    return Memory(_resident(pid), tuple(workers))


def _done(process: subprocess.Popen[str], log: Path) -> Iterator[int]:
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
            if time.monotonic() - heard > _SILENCE:
                process.kill()
                process.wait()
                raise RuntimeError(f"a run said nothing for {_SILENCE:g} s after {done} pages; see {log}")
            time.sleep(_LOOK)


def _times(late: float, early: float) -> float:
    # Of a run too short to be looked at nothing is known: that is not good.
    return late / early if early else math.inf


def _link(drawn: tuple[Path, ...], folder: Path, count: int) -> None:
    folder.mkdir()
    for place in range(count):
        (folder / f"{place:05}.png").hardlink_to(drawn[place % len(drawn)])


def _resident(pid: int) -> int:
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
