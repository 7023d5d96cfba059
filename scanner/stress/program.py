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

BATCH_TIMEOUT_SECONDS = 600.0
"""Seconds after which a run of a few pages hangs."""
RESULTS_WRITTEN_EXIT_CODES = frozenset({0, 3})
"""Exit codes of a run whose results are written: all pages were read, or some could not be."""
COMPARED_FILES = ("results.csv", "results.json", "errors.csv")
"""What a run writes that is a function of its pages alone; the manifest says when it was."""


def start_scan(
    folder: Path, out_folder: Path, *options: str, stderr: int | IO[Any] = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start to scan a folder.

    Args:
        folder: with the pages.
        out_folder: folder for the results, ``COMPARED_FILES``; made if it is not there.
        options: further ones of ``digitscan scan``.
        stderr: where the events go.
    """
    out_folder.mkdir(parents=True, exist_ok=True)
    out, as_json = out_folder / "results.csv", out_folder / "results.json"
    command = [*program("scanner"), "scan", str(folder), "--out", str(out), "--json", str(as_json)]
    return subprocess.Popen(  # noqa: S603 - the program itself
        [*command, "--log-json", *options], stderr=stderr, text=True
    )


def wait_for_exit(process: subprocess.Popen[str], timeout_seconds: float = BATCH_TIMEOUT_SECONDS) -> str:
    """Wait until a run and its workers have ended; what it wrote on standard error.

    Raises:
        subprocess.TimeoutExpired: if it takes longer than ``timeout_seconds``, in seconds; it is ended then.
    """
    try:
        return process.communicate(timeout=timeout_seconds)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def wait_for_success(process: subprocess.Popen[str]) -> Sequence[Event]:
    """Wait for a run that nothing befell; what it said.

    Raises:
        RuntimeError: if it did not end well.
        subprocess.TimeoutExpired: if it hangs.
    """
    stderr = wait_for_exit(process)
    if process.returncode not in RESULTS_WRITTEN_EXIT_CODES:
        raise RuntimeError(f"a run ended with {process.returncode}: {stderr[-2000:]}")
    return parse_events(stderr.splitlines())


def parse_events(lines: Iterable[str]) -> Sequence[Event]:
    """The events among lines; the last line of a process that was killed may be cut short."""
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


def find_stray_lines(lines: Iterable[str]) -> Sequence[str]:
    """The lines that are no events: what a library wrote past the program."""
    return [line for line in lines if line.strip() and not (line.startswith("{") and line.endswith("}"))]
