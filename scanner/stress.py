"""What a run withstands, measured: kills at random moments, damaged files, ten thousand pages.

Each measurement runs the program as a user does, in processes of its own.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.export import read_results_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_PATIENCE = 600
"""Seconds after which a run hangs."""


@dataclass(frozen=True, slots=True)
class Kills:
    """What came of runs that were killed and gone on with."""

    runs: int
    """Killed before they were done."""
    identical: int
    """Of which the results, once gone on with, are byte for byte those of a run that was not."""
    read_twice: int
    """Pages that were read by the run that was killed and by the one that went on."""
    lost: int
    """Pages that are in neither."""


def killed_runs(folder: Path, scratch: Path, count: int, seed: int) -> Iterator[Kills]:
    """Kill runs at random moments, go on with each, and compare.

    Args:
        folder: pages to read.
        scratch: an empty folder to write to.
        count: of runs to kill.
        seed: of the moments.

    Yields:
        What came of all so far, after each.
    """
    rng = random.Random(seed)  # noqa: S311 - moments, no secrets
    started = time.monotonic()
    _finish(_start(folder, scratch / "whole" / "results.csv"))
    seconds = time.monotonic() - started
    wanted = _written(scratch / "whole")
    total = Kills(0, 0, 0, 0)
    attempt = 0
    while total.runs < count:
        attempt += 1
        place = scratch / f"killed{attempt}"
        process = _start(folder, place / "results.csv")
        time.sleep(rng.uniform(0, seconds))
        if process.poll() is not None:
            _finish(process)
            continue
        process.kill()
        before = _read_anew(_lines(process))
        after = _read_anew(_finish(_start(folder, place / "results.csv")))
        whole = _written(place)
        total = Kills(
            total.runs + 1,
            total.identical + (whole == wanted),
            total.read_twice + len(before & after),
            total.lost + len(_pages(scratch / "whole") - _pages(place)),
        )
        yield total


def _start(folder: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    out.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "scanner", "scan", str(folder), "--out", str(out), "--log-json", *options]
    return subprocess.Popen(  # noqa: S603 - the program itself
        [*command, "--json", str(out.with_suffix(".json"))], stderr=subprocess.PIPE, text=True
    )


def _finish(process: subprocess.Popen[str]) -> Sequence[dict[str, object]]:
    _, stderr = process.communicate(timeout=_PATIENCE)
    if process.returncode not in {0, 3}:
        raise RuntimeError(f"a run ended with {process.returncode}: {stderr[-2000:]}")
    return _events(stderr)


def _lines(process: subprocess.Popen[str]) -> Sequence[dict[str, object]]:
    return _events(process.communicate(timeout=_PATIENCE)[1])


def _events(stderr: str) -> Sequence[dict[str, object]]:
    # The last line of a process that was killed may be cut short.
    return [json.loads(line) for line in stderr.splitlines() if line.startswith("{") and line.endswith("}")]


def _read_anew(events: Sequence[dict[str, object]]) -> set[tuple[object, object]]:
    return {(event["file"], event["page"]) for event in events if event["event"] == "page" and not event["known"]}


def _written(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("results.csv", "results.json", "errors.csv")}


def _pages(folder: Path) -> set[tuple[str, int]]:
    return {(row.file, row.page) for row in read_results_csv(folder / "results.csv")}
