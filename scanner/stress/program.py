"""The program in a process of its own, and what it says and writes."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from scanner.isolation import program

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import IO

    Event = dict[str, Any]
    """A line that ``--log-json`` writes."""

PATIENCE = 600.0
"""Seconds after which a run of a few pages hangs."""
ENDED_WELL = frozenset({0, 3})
"""Exit codes of a run whose results are written: all pages were read, or some could not be."""
WRITTEN = ("results.csv", "results.json", "errors.csv")
"""What a run writes that is a function of its pages alone; the manifest says when it was."""


def start(folder: Path, place: Path, *options: str, stderr: int | IO[Any] = subprocess.PIPE) -> subprocess.Popen[str]:
    """Start to scan a folder.

    Args:
        folder: with the pages.
        place: folder for the results, ``WRITTEN``; made if it is not there.
        options: further ones of ``digitscan scan``.
        stderr: where the events go.
    """
    place.mkdir(parents=True, exist_ok=True)
    out, as_json = place / "results.csv", place / "results.json"
    command = [*program("scanner"), "scan", str(folder), "--out", str(out), "--json", str(as_json)]
    return subprocess.Popen(  # noqa: S603 - the program itself
        [*command, "--log-json", *options], stderr=stderr, text=True
    )


def ended(process: subprocess.Popen[str], patience: float = PATIENCE) -> str:
    """Wait until a run and its workers have ended; what it wrote on standard error.

    Raises:
        subprocess.TimeoutExpired: if it takes longer than ``patience``, in seconds; it is ended then.
    """
    try:
        return process.communicate(timeout=patience)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def finished(process: subprocess.Popen[str]) -> Sequence[Event]:
    """Wait for a run that nothing befell; what it said.

    Raises:
        RuntimeError: if it did not end well.
        subprocess.TimeoutExpired: if it hangs.
    """
    stderr = ended(process)
    if process.returncode not in ENDED_WELL:
        raise RuntimeError(f"a run ended with {process.returncode}: {stderr[-2000:]}")
    return events(stderr.splitlines())


def events(lines: Iterable[str]) -> Sequence[Event]:
    """The events among lines; the last line of a process that was killed may be cut short."""
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


def strays(lines: Iterable[str]) -> Sequence[str]:
    """The lines that are no events: what a library wrote past the program."""
    return [line for line in lines if line.strip() and not (line.startswith("{") and line.endswith("}"))]
