"""Runs that are killed at random moments and gone on with."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.stress.program import WRITTEN, ended, events, finished, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from scanner.stress.program import Event

    Written = Mapping[str, bytes]
    """What a run wrote, by name of the file."""


@dataclass(frozen=True, slots=True)
class Kills:
    """What came of runs that were killed and gone on with."""

    runs: int = 0
    """Killed before they were done."""
    identical: int = 0
    """Of which the results, once gone on with, are byte for byte those of a run that was not."""
    read_twice: int = 0
    """Pages that were read by the run that was killed and by the one that went on."""
    lost: int = 0
    """Pages that are in the results of the run that was not killed alone."""

    @property
    def good(self) -> bool:
        """Whether nothing was lost, changed or done twice."""
        return self.identical == self.runs and not self.read_twice and not self.lost


def killed_runs(folder: Path, scratch: Path, count: int, seed: int) -> Iterator[Kills]:
    """Kill runs at random moments, go on with each, and compare.

    Args:
        folder: pages to read.
        scratch: an empty folder to write to.
        count: of runs to kill.
        seed: of the moments.

    Yields:
        What came of all so far, after each.

    Raises:
        RuntimeError: if a run that nothing befell does not end well.
    """
    rng = random.Random(seed)  # noqa: S311 - moments, no secrets
    started = time.monotonic()
    finished(start(folder, scratch / "whole"))
    seconds = time.monotonic() - started
    wanted = written(scratch / "whole")
    total = Kills()
    attempt = 0
    while total.runs < count:
        attempt += 1
        place = scratch / f"killed{attempt}"
        process = start(folder, place)
        time.sleep(rng.uniform(0, seconds))
        if process.poll() is not None:
            finished(process)
            continue
        process.kill()
        before = events(ended(process).splitlines())
        after = finished(start(folder, place))
        total = counted(total, before, after, written(place), wanted)
        yield total


def counted(so_far: Kills, before: Sequence[Event], after: Sequence[Event], got: Written, wanted: Written) -> Kills:
    """Count one more run that was killed and gone on with.

    Args:
        so_far: what came of those before it.
        before: events of the run that was killed.
        after: events of the one that went on.
        got: what that wrote.
        wanted: what a run writes that is not killed.
    """
    return Kills(
        so_far.runs + 1,
        so_far.identical + (got == wanted),
        so_far.read_twice + len(_read_anew(before) & _read_anew(after)),
        so_far.lost + len(_pages(wanted) - _pages(got)),
    )


def written(place: Path) -> Written:
    """What a run wrote."""
    return {name: (place / name).read_bytes() for name in WRITTEN}


def _read_anew(said: Sequence[Event]) -> set[tuple[str, int]]:
    return {(event["file"], event["page"]) for event in said if event["event"] == "page" and not event["known"]}


def _pages(results: Written) -> set[tuple[str, int]]:
    return {(page["file"], page["page"]) for page in json.loads(results["results.json"])["pages"] if not page["error"]}
