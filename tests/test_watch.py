import os
import sys
import time
from pathlib import Path

import pytest

from scanner.inputs import find_files
from scanner.types import PageRef
from scanner.watch import SETTLING, Memory, Remembered, settled, signature
from scanner.worker import Look


def written(path: Path, seconds_ago: float) -> PageRef:
    path.write_bytes(b"x")
    at = time.time() - seconds_ago
    os.utime(path, (at, at))
    return PageRef(path, path.name)


def test_a_file_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    old, new = written(tmp_path / "old.png", 10 * SETTLING), written(tmp_path / "new.png", 0.1 * SETTLING)
    assert settled([new, old]) == ((old,), True)
    assert settled([old]) == ((old,), False)
    assert settled([]) == ((), False)


def test_a_file_from_the_future_is_not_waited_for(tmp_path: Path) -> None:
    ahead = written(tmp_path / "ahead.png", -3600)
    assert settled([ahead]) == ((ahead,), False)


def test_a_file_that_is_gone_is_told_by_whoever_reads_it(tmp_path: Path) -> None:
    gone = PageRef(tmp_path / "gone.png", "gone.png")
    assert settled([gone]) == ((gone,), False)
    assert signature([gone]) == {"gone.png": (-1, -1, -1)}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_no_file_is_watched_in_place_of_another(tmp_path: Path) -> None:
    for name in ("a\nb.png", r"a\nb.png"):
        written(tmp_path / name, 50)
    before = signature(find_files([tmp_path]))
    assert len(before) == 2
    written(tmp_path / "a\nb.png", 40)
    now = signature(find_files([tmp_path]))
    assert [file for file, at in now.items() if before[file] != at] == [r"a\nb.png"]


def test_whatever_happens_to_a_file_shows(tmp_path: Path) -> None:
    one, two = written(tmp_path / "1.png", 50), written(tmp_path / "2.png", 50)
    before = signature([one, two])
    assert signature([one, two]) == before
    assert signature([one]) != before
    written(two.path, 40)
    assert signature([one, two]) != before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_other_permissions_show(tmp_path: Path) -> None:
    one = written(tmp_path / "1.png", 50)
    before = signature([one])
    one.path.chmod(0)
    assert signature([one]) != before


def test_what_is_known_of_a_file_is_kept_as_long_as_it_is_as_it_was() -> None:
    memory, look = Memory(), Look("ab", 1, range(1, 2))
    memory.keep({"1.png": (1, 50, 50), "2.png": (1, 50, 50), "3.png": (1, 50, 50)})
    for file in ("1.png", "2.png", "3.png"):
        memory.of(file).look = look
    memory.keep({"1.png": (1, 50, 50), "2.png": (1, 60, 60)})
    assert memory.of("1.png").look == look
    assert memory.of("2.png") == Remembered()
    memory.keep({"1.png": (2, 50, 50), "3.png": (1, 50, 50)})
    assert memory.of("1.png") == Remembered()
    # It was gone meanwhile.
    assert memory.of("3.png") == Remembered()
