"""The program run in a process of its own, its events and its files."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from scanner.isolated_python import program

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import IO

    Event = dict[str, Any]
    """A line written by ``--log-json``."""

BATCH_TIMEOUT_SECONDS = 600.0
"""Seconds after which a batch of a few pages counts as hanging."""
RESULTS_WRITTEN_EXIT_CODES = frozenset({0, 3})
"""Exit codes of a batch that wrote its results: all pages were read, or some could not be read."""
RESULTS_CSV, RESULTS_JSON, ERRORS_CSV = "results.csv", "results.json", "results.errors.csv"
COMPARED_FILES = (RESULTS_CSV, RESULTS_JSON, ERRORS_CSV)
"""Files of a batch that depend on its pages only; the manifest, for one, has the time."""


def start_scan(
    folder: Path, out_folder: Path, *options: str, stderr: int | IO[Any] = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start scanning a folder.

    Args:
        folder: the pages.
        out_folder: folder for the results, ``COMPARED_FILES``; created if missing.
        options: further options of ``digitscan scan``.
        stderr: where the events go.
    """
    out_folder.mkdir(parents=True, exist_ok=True)
    out, as_json = out_folder / RESULTS_CSV, out_folder / RESULTS_JSON
    command = [*program("scanner"), "scan", str(folder), "--out", str(out), "--json", str(as_json)]
    return subprocess.Popen(  # noqa: S603 - this program
        [*command, "--log-json", *options], stderr=stderr, text=True
    )


def wait_for_exit(process: subprocess.Popen[str], timeout_seconds: float = BATCH_TIMEOUT_SECONDS) -> str:
    """Wait until a batch and its workers have ended; its standard error.

    Raises:
        subprocess.TimeoutExpired: if it takes longer than ``timeout_seconds``; it is killed then.
    """
    try:
        return process.communicate(timeout=timeout_seconds)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def wait_for_success(process: subprocess.Popen[str]) -> Sequence[Event]:
    """Wait for a batch that must succeed; its events.

    Raises:
        RuntimeError: if it fails.
        subprocess.TimeoutExpired: if it hangs.
    """
    stderr = wait_for_exit(process)
    if process.returncode not in RESULTS_WRITTEN_EXIT_CODES:
        raise RuntimeError(f"a batch ended with exit code {process.returncode}: {stderr[-2000:]}")
    return parse_events(stderr.splitlines())


def parse_events(lines: Iterable[str]) -> Sequence[Event]:
    """Parse the events among lines; a line cut short, as the last one of a killed process, is skipped."""
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


def find_stray_lines(lines: Iterable[str]) -> Sequence[str]:
    """The lines that are not events, written by a library."""
    return [line for line in lines if line.strip() and not (line.startswith("{") and line.endswith("}"))]
