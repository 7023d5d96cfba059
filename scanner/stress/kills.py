"""Batches killed at random moments and resumed."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.stress.program_under_test import (
    COMPARED_FILES,
    RESULTS_JSON,
    parse_events,
    start_scan,
    wait_for_exit,
    wait_for_success,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from scanner.stress.program_under_test import Event

    OutputBytes = Mapping[str, bytes]
    """Contents of the files that a batch wrote, by file name."""


@dataclass(frozen=True, slots=True)
class KillResults:
    """Results of batches that were killed and resumed."""

    batches: int = 0
    """Batches killed before they were done."""
    identical_batches: int = 0
    """Batches whose results, once resumed, equal those of an uninterrupted batch byte for byte."""
    pages_read_twice: int = 0
    """Pages read both before the kill and after it."""
    pages_lost: int = 0
    """Pages that only the results of the uninterrupted batch have."""

    @property
    def passed(self) -> bool:
        """Whether no page was lost, changed or read twice."""
        return self.identical_batches == self.batches and not self.pages_read_twice and not self.pages_lost


def kill_and_resume(folder: Path, scratch: Path, count: int, seed: int) -> Iterator[KillResults]:
    """Kill batches at random moments, resume each, and compare with an uninterrupted batch.

    Args:
        folder: pages to read.
        scratch: empty folder to write to.
        count: number of batches to kill.
        seed: seed of the moments.

    Yields:
        The results so far, after each batch.

    Raises:
        RuntimeError: if a batch that is not killed fails.
    """
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    started = time.monotonic()
    wait_for_success(start_scan(folder, scratch / "whole"))
    seconds = time.monotonic() - started
    expected = read_outputs(scratch / "whole")
    total = KillResults()
    attempt = 0
    while total.batches < count:
        attempt += 1
        out_folder = scratch / f"killed{attempt}"
        process = start_scan(folder, out_folder)
        time.sleep(rng.uniform(0, seconds))
        if process.poll() is not None:
            wait_for_success(process)
            continue
        process.kill()
        before = parse_events(wait_for_exit(process).splitlines())
        after = wait_for_success(start_scan(folder, out_folder))
        total = add_batch(total, before, after, read_outputs(out_folder), expected)
        yield total


def add_batch(
    so_far: KillResults,
    before: Sequence[Event],
    after: Sequence[Event],
    outputs: OutputBytes,
    expected_outputs: OutputBytes,
) -> KillResults:
    """Add one more batch that was killed and resumed to the results.

    Args:
        so_far: results of the batches before it.
        before: events until it was killed.
        after: events once it was resumed.
        outputs: files that it wrote in the end.
        expected_outputs: files that an uninterrupted batch writes.
    """
    return KillResults(
        so_far.batches + 1,
        so_far.identical_batches + (outputs == expected_outputs),
        so_far.pages_read_twice + len(_newly_read_pages(before) & _newly_read_pages(after)),
        so_far.pages_lost + len(_successful_pages(expected_outputs) - _successful_pages(outputs)),
    )


def read_outputs(out_folder: Path) -> OutputBytes:
    """Read the files that a batch wrote."""
    return {name: (out_folder / name).read_bytes() for name in COMPARED_FILES}


def _newly_read_pages(events: Sequence[Event]) -> set[tuple[str, int]]:
    return {(event["file"], event["page"]) for event in events if event["event"] == "page" and not event["known"]}


def _successful_pages(outputs: OutputBytes) -> set[tuple[str, int]]:
    return {(page["file"], page["page"]) for page in json.loads(outputs[RESULTS_JSON])["pages"] if not page["error"]}
