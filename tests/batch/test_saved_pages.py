from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from scanner.batch.resumable_state import open_state
from scanner.batch.saved_pages import read_last_outputs, read_saved_pages
from scanner.errors import DataError, OutputError
from scanner.types import Box, Number, PageResult

if TYPE_CHECKING:
    from pathlib import Path

SEVEN = Number("7", 0.9, "", 1, 1, Box(1, 2, 3, 4), ())
READ = PageResult("a.png", 1, 60, 40, (SEVEN,))
FAILED = PageResult("a.png", 2, 0, 0, error="a.png, page 2: is damaged")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.csv.state"


def write(path: Path, scan: Path | None) -> None:
    with open_state(path, "read so") as state:
        state.add_input(0, "a.png", "ab", 10, scan)
        state.select_pages(0, (1, 2))
        state.add_result(0, 1, "ab", READ, "")
        state.add_result(0, 2, "ab", FAILED, "")
        state.end_batch()


def test_pages_are_read_with_their_files_and_nothing_is_changed(path: Path, tmp_path: Path) -> None:
    write(path, tmp_path / "scans" / "ä.png")
    before = path.read_bytes()
    pages = read_saved_pages(path)
    assert [(page.result, page.sha256, page.path) for page in pages] == [
        (READ, "ab", tmp_path / "scans" / "ä.png"),
        (FAILED, "ab", tmp_path / "scans" / "ä.png"),
    ]
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_files_of_which_nobody_knows_the_place_have_none(path: Path) -> None:
    write(path, None)
    assert [page.path for page in read_saved_pages(path)] == [None, None]


def test_a_state_from_before_results_were_written_again_is_read(path: Path, tmp_path: Path) -> None:
    write(path, tmp_path / "a.png")
    with closing(sqlite3.connect(path)) as database:
        for table in ("last_outputs", "disk_paths"):
            database.execute(f"DROP TABLE {table}")
    assert [page.path for page in read_saved_pages(path)] == [None, None]
    assert read_last_outputs(tmp_path / "results.csv", path) is None


def test_of_a_scan_that_has_not_ended_it_is_not_known_how_results_are_written(path: Path, tmp_path: Path) -> None:
    write(path, None)
    assert read_last_outputs(tmp_path / "results.csv", path) is None


def test_while_a_scan_writes_it_nobody_reads_it(path: Path) -> None:
    write(path, None)
    with open_state(path, "read so") as state:
        state.begin_batch()
        with pytest.raises(DataError, match="is being written by a scan; wait until it has ended"):
            read_saved_pages(path)


def test_what_is_no_state_is_told(path: Path) -> None:
    with pytest.raises(DataError, match="does not exist; scan the pages first"):
        read_saved_pages(path)
    path.write_bytes(b"no database " * 99)
    with pytest.raises(OutputError, match="damaged or not the state"):
        read_saved_pages(path)
