from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.corrections.correction import to_line
from scanner.corrections.corrections_file import CorrectionsFile, corrections_path, read_corrections
from scanner.errors import DataError, OutputError
from tests.corrections.corrected import correction


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.corrections.jsonl"


def test_it_is_beside_the_results() -> None:
    assert corrections_path(Path("a/results.csv")) == Path("a/results.corrections.jsonl")
    assert corrections_path(Path("a/marks.2026.csv")) == Path("a/marks.2026.corrections.jsonl")


def test_without_a_file_there_are_none(path: Path) -> None:
    assert read_corrections(path) == ()


def test_what_is_added_is_there_in_order(path: Path) -> None:
    first, second, third = correction(), correction(text="\ud800"), correction(by='"\n')
    CorrectionsFile(path).append([first])
    CorrectionsFile(path).append([second, third])
    assert read_corrections(path) == (first, second, third)


def test_each_reads_what_is_new_to_it(path: Path) -> None:
    ours, theirs = CorrectionsFile(path), CorrectionsFile(path)
    first, second = correction(), correction()
    ours.append([first])
    assert theirs.read_new() == (first,)
    theirs.append([second])
    assert theirs.read_new() == (second,)
    assert theirs.read_new() == ()
    assert ours.read_new() == (first, second)


@given(st.integers(0, 400))
def test_a_torn_line_costs_nothing_that_was_kept(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    path = tmp_path_factory.mktemp("torn") / "r.corrections.jsonl"
    first, torn, last = correction(), correction(), correction()
    CorrectionsFile(path).append([first])
    with path.open("ab") as file:
        file.write(to_line(torn).encode()[:-1][:length])
    is_whole = length >= len(to_line(torn)) - 1
    assert read_corrections(path) == (first,)
    CorrectionsFile(path).append([last])
    assert read_corrections(path) == ((first, torn, last) if is_whole else (first, last))


def test_a_line_that_is_none_is_told(path: Path) -> None:
    path.write_text(to_line(correction()) + "\n" + '{"id": 7}\n')
    with pytest.raises(DataError, match=r"results\.corrections\.jsonl, line 3: is no correction \(.*mend or delete"):
        read_corrections(path)


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/dev/full").exists(), reason="needs a full disk")
def test_what_cannot_be_kept_is_told() -> None:
    with pytest.raises(OutputError, match="nothing was kept"):
        CorrectionsFile(Path("/dev/full")).append([correction()])


def test_a_file_in_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written to"):
        CorrectionsFile(tmp_path / "none" / "r.jsonl").append([correction()])


WRITER = """
import sys
from pathlib import Path
from scanner.corrections.corrections_file import CorrectionsFile
from tests.corrections.corrected import correction
file, name = CorrectionsFile(Path(sys.argv[1])), sys.argv[2]
for number in range(int(sys.argv[3])):
    file.append([correction(by=name, text=str(number), read="x" * 5000)])
    print(number, flush=True)
"""


def start(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def test_two_that_add_at_once_lose_nothing(path: Path) -> None:
    writers = [start(path, name, 60) for name in "ab"]
    for writer in writers:
        writer.communicate()
    kept = read_corrections(path)
    for name in "ab":
        assert [int(each.text) for each in kept if each.by == name] == list(range(60))


def test_what_was_said_to_be_kept_survives_a_kill(path: Path) -> None:
    said = 0
    for attempt in range(3):
        with start(path, str(attempt), 100_000) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.05 * attempt)
            writer.kill()
            said += 1 + len(writer.stdout.read().split())
    kept = len(read_corrections(path))
    # One more line may be whole that nobody was told of.
    assert said <= kept <= said + 3


def test_what_others_added_meanwhile_is_read_before_anything_is_kept(path: Path) -> None:
    first, second = CorrectionsFile(path), CorrectionsFile(path)
    assert first.append_if_unchanged([correction(text="1")])
    assert not first.append_if_unchanged([correction(text="2")])  # its own line has not been read yet, either
    first.read_new()
    second.append([correction(text="3")])
    assert not first.append_if_unchanged([correction(text="4")])
    assert [each.text for each in first.read_new()] == ["3"]
    assert first.append_if_unchanged([correction(text="5")])
    assert [each.text for each in read_corrections(path)] == ["1", "3", "5"]


def test_what_a_killed_program_left_of_a_line_is_nothing_new(path: Path) -> None:
    file = CorrectionsFile(path)
    path.write_bytes(b'{"id": "torn')
    assert file.append_if_unchanged([correction(text="1")])
    assert [each.text for each in file.read_new()] == ["1"]
