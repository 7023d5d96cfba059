import os
import sys
import time
from pathlib import Path

import pytest

from scanner.batch.watch import SETTLE_SECONDS, collect_file_stats, find_settled
from scanner.sources.discovery import find_files
from scanner.types import PageRef


def written(path: Path, seconds_ago: float) -> PageRef:
    path.write_bytes(b"x")
    at = time.time() - seconds_ago
    os.utime(path, (at, at))
    return PageRef(path, path.name)


def test_a_file_that_is_being_written_is_not_settled(tmp_path: Path) -> None:
    old, new = written(tmp_path / "old.png", 10 * SETTLE_SECONDS), written(tmp_path / "new.png", 0.1 * SETTLE_SECONDS)
    assert find_settled([new, old]) == ((old,), True)
    assert find_settled([old]) == ((old,), False)
    assert find_settled([]) == ((), False)


def test_a_file_from_the_future_is_not_waited_for(tmp_path: Path) -> None:
    ahead = written(tmp_path / "ahead.png", -3600)
    assert find_settled([ahead]) == ((ahead,), False)


def test_a_deleted_file_counts_as_settled(tmp_path: Path) -> None:
    gone = PageRef(tmp_path / "gone.png", "gone.png")
    assert find_settled([gone]) == ((gone,), False)
    assert collect_file_stats([gone]) == {"gone.png": (-1, -1, -1)}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_files_with_similar_escaped_names_are_distinguished(tmp_path: Path) -> None:
    for name in ("a\nb.png", r"a\nb.png"):
        written(tmp_path / name, 50)
    before = collect_file_stats(find_files([tmp_path]))
    assert len(before) == 2
    written(tmp_path / "a\nb.png", 40)
    now = collect_file_stats(find_files([tmp_path]))
    assert [file for file, at in now.items() if before[file] != at] == [r"a\nb.png"]


def test_every_change_of_a_file_changes_the_stats(tmp_path: Path) -> None:
    one, two = written(tmp_path / "1.png", 50), written(tmp_path / "2.png", 50)
    before = collect_file_stats([one, two])
    assert collect_file_stats([one, two]) == before
    assert collect_file_stats([one]) != before
    written(two.path, 40)
    assert collect_file_stats([one, two]) != before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_new_permissions_change_the_stats(tmp_path: Path) -> None:
    one = written(tmp_path / "1.png", 50)
    before = collect_file_stats([one])
    one.path.chmod(0)
    assert collect_file_stats([one]) != before
