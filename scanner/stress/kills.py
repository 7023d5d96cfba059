"""Runs that are killed at random moments and gone on with."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.stress.program import COMPARED_FILES, parse_events, start_scan, wait_for_exit, wait_for_success

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from scanner.stress.program import Event

    OutputBytes = Mapping[str, bytes]
    """What a run wrote, by name of the file."""


@dataclass(frozen=True, slots=True)
class KillResults:
    """What came of runs that were killed and gone on with."""

    batches: int = 0
    """Killed before they were done."""
    identical_batches: int = 0
    """Of which the results, once gone on with, are byte for byte those of a run that was not."""
    pages_read_twice: int = 0
    """Pages that were read by the run that was killed and by the one that went on."""
    pages_lost: int = 0
    """Pages that are in the results of the run that was not killed alone."""

    @property
    def passed(self) -> bool:
        """Whether nothing was lost, changed or done twice."""
        return self.identical_batches == self.batches and not self.pages_read_twice and not self.pages_lost


def kill_and_resume(folder: Path, scratch: Path, count: int, seed: int) -> Iterator[KillResults]:
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
    wait_for_success(start_scan(folder, scratch / "whole"))
    seconds = time.monotonic() - started
    wanted = read_outputs(scratch / "whole")
    total = KillResults()
    attempt = 0
    while total.batches < count:
        attempt += 1
        place = scratch / f"killed{attempt}"
        process = start_scan(folder, place)
        time.sleep(rng.uniform(0, seconds))
        if process.poll() is not None:
            wait_for_success(process)
            continue
        process.kill()
        before = parse_events(wait_for_exit(process).splitlines())
        after = wait_for_success(start_scan(folder, place))
        total = add_batch(total, before, after, read_outputs(place), wanted)
        yield total


def add_batch(
    so_far: KillResults,
    before: Sequence[Event],
    after: Sequence[Event],
    outputs: OutputBytes,
    expected_outputs: OutputBytes,
) -> KillResults:
    """Count one more run that was killed and gone on with.

    Args:
        so_far: what came of those before it.
        before: events of the run that was killed.
        after: events of the one that went on.
        outputs: what that wrote.
        expected_outputs: what a run writes that is not killed.
    """
    return KillResults(
        so_far.batches + 1,
        so_far.identical_batches + (outputs == expected_outputs),
        so_far.pages_read_twice + len(_newly_read_pages(before) & _newly_read_pages(after)),
        so_far.pages_lost + len(_successful_pages(expected_outputs) - _successful_pages(outputs)),
    )


def read_outputs(out_folder: Path) -> OutputBytes:
    """What a run wrote."""
    return {name: (out_folder / name).read_bytes() for name in COMPARED_FILES}


def _newly_read_pages(said: Sequence[Event]) -> set[tuple[str, int]]:
    return {(event["file"], event["page"]) for event in said if event["event"] == "page" and not event["known"]}


def _successful_pages(results: OutputBytes) -> set[tuple[str, int]]:
    return {(page["file"], page["page"]) for page in json.loads(results["results.json"])["pages"] if not page["error"]}
