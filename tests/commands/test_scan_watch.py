"""The real program, watching a folder."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from scanner.commands import main
from scanner.results.csv_tables import read_results_csv

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = Path(__file__).parent.parent.parent / "samples"
_PATIENCE = 60.0
"""Seconds: far more than a page takes on a busy machine."""


def wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def files_in(results: Path) -> set[str]:
    return {row.file for row in read_results_csv(results)} if results.exists() else set()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise on Windows")
@pytest.mark.parametrize("mirror", [False, True])
def test_pages_are_read_as_they_arrive_until_ctrl_c(tmp_path: Path, mirror: bool) -> None:
    pages, results, table = tmp_path / "pages", tmp_path / "results.csv", tmp_path / "table.csv"
    pages.mkdir()
    (pages / "torn.png").write_bytes(b"")
    command = [sys.executable, "-m", "scanner", "scan", str(pages), "--out", str(results), "--watch", "--jobs", "1"]
    command += ["--table", str(table)]
    command += ["--mirror"] if mirror else []
    program = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(results.exists, "a folder without a page has an empty table")
        assert files_in(results) == set()
        shutil.copyfile(SAMPLES / "box_strip.png", pages / "first.png")
        wait_until(lambda: files_in(results) == {"first.png"}, "the first page was read")
        shutil.copyfile(SAMPLES / "box_strip.png", pages / "second.png")
        wait_until(lambda: files_in(results) == {"first.png", "second.png"}, "the second page was read")
        (pages / "first.png").rename(tmp_path / "moved.png")
        if mirror:
            wait_until(lambda: files_in(results) == {"second.png"}, "a page that is gone has no rows")
        else:
            shutil.copyfile(SAMPLES / "box_strip.png", pages / "third.png")
            everything = {"first.png", "second.png", "third.png"}
            wait_until(lambda: files_in(results) == everything, "a page that was moved away keeps its rows")
        program.send_signal(signal.SIGINT)
        _, told = program.communicate(timeout=_PATIENCE)
    finally:
        program.kill()
    assert program.returncode == 3
    # The tables go with the numbers.
    in_table = {line.partition(",")[0] for line in table.read_text("utf-8").splitlines()[1:]}
    assert in_table == files_in(results)
    assert ("1 page read" if mirror else "3 pages read") + ", 1 could not be read" in told.splitlines()[-1]
    # However often it is met.
    assert told.count("torn.png: is empty") == 1


def test_only_a_watched_folder_is_mirrored() -> None:
    result = CliRunner().invoke(main, ["scan", str(SAMPLES), "--mirror"])
    assert result.exit_code == 2
    assert "--mirror is for --watch" in result.stderr
