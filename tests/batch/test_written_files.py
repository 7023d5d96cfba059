from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scanner.batch.resumable_state import open_state
from scanner.batch.settings import STDOUT, build_output_paths
from scanner.batch.written_files import check_before_work
from scanner.errors import OutputError

RECIPE = "with these models"
CHANGED = "was changed since digitscan wrote it; keep it under another name, or overwrite it with --force"
FOREIGN = "exists, and was not written by this batch; keep it under another name, or overwrite it with --force"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "r.csv"


def write(out: Path, text: str) -> None:
    """Write a file as a batch does."""
    with open_state(build_output_paths(out).state, RECIPE) as state:
        state.written_files.write(out, [text.encode()])


def refusal(out: Path) -> str:
    """Why a batch would not overwrite this file; empty if it would."""
    try:
        check_before_work(build_output_paths(out))
    except OutputError as error:
        return str(error)
    return ""


def test_what_a_batch_wrote_may_be_overwritten(out: Path) -> None:
    assert refusal(out) == ""
    write(out, "one\n")
    assert refusal(out) == ""
    write(out, "two\n")
    assert refusal(out) == ""


def test_a_file_that_was_changed_is_not(out: Path) -> None:
    write(out, "one\n")
    write(out, "two\n")
    out.write_text("two, corrected\n")
    assert refusal(out) == f"{out}: {CHANGED}"
    # Nor one that is older than what was written last.
    out.write_text("one\n")
    assert refusal(out) == f"{out}: {CHANGED}"
    out.unlink()
    assert refusal(out) == ""


def test_a_file_of_another_program_is_not(out: Path) -> None:
    out.write_text("mine\n")
    assert refusal(out) == f"{out}: {FOREIGN}"
    assert list(out.parent.iterdir()) == [out]
    write(out.with_name("s.csv"), "one\n")
    assert refusal(out) == f"{out}: {FOREIGN}"


def test_an_empty_file_may_be_overwritten(out: Path) -> None:
    out.touch()
    assert refusal(out) == ""


def test_without_a_state_nothing_is_known(out: Path) -> None:
    outputs = build_output_paths(STDOUT, results_json=out)
    check_before_work(outputs)
    out.write_text("mine\n")
    with pytest.raises(OutputError, match="was not written by this batch"):
        check_before_work(outputs)


def test_what_was_written_is_known_when_all_results_are_forgotten(out: Path) -> None:
    write(out, "one\n")
    with open_state(build_output_paths(out).state, RECIPE, forget_earlier=True):
        pass
    assert refusal(out) == ""


def test_results_that_were_moved_with_their_state_are_known(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    write(tmp_path / "here" / "r.csv", "one\n")
    shutil.move(tmp_path / "here", tmp_path / "there")
    assert refusal(tmp_path / "there" / "r.csv") == ""
    (tmp_path / "there" / "r.csv").write_text("two\n")
    assert refusal(tmp_path / "there" / "r.csv").endswith(CHANGED)


def test_a_file_in_another_folder_than_the_state_is_known(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    outputs = build_output_paths(tmp_path / "a" / "r.csv", results_json=tmp_path / "r.json")
    with open_state(outputs.state, RECIPE) as state:
        state.written_files.write(tmp_path / "r.json", [b"one"])
    check_before_work(outputs)
    (tmp_path / "r.json").write_text("two")
    with pytest.raises(OutputError, match=CHANGED):
        check_before_work(outputs)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_batch_that_is_killed_while_it_writes_knows_its_file(
    out: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    write(out, "one\n")
    replace = Path.replace

    def killed(path: Path, target: Path) -> Path:
        if moment == "after":
            replace(path, target)
        raise SystemExit

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(SystemExit):
        write(out, "two\n")
    assert out.read_text() == ("one\n" if moment == "before" else "two\n")
    assert refusal(out) == ""


def test_a_state_of_an_earlier_version_knows_nothing(out: Path) -> None:
    write(out, "one\n")
    with closing(sqlite3.connect(f"{out}.state")) as database, database:
        database.execute("DROP TABLE written_files")
        database.execute("PRAGMA user_version = 1")
    assert refusal(out).endswith(FOREIGN)


def test_a_state_that_is_none_is_an_error_and_not_changed(out: Path) -> None:
    state = Path(f"{out}.state")
    state.write_text("notes " * 1000)
    assert refusal(out) == f"{state}: is damaged or not the state of a batch; remove it and start over"
    assert state.read_text() == "notes " * 1000


def test_a_state_in_use_is_an_error(out: Path) -> None:
    with open_state(build_output_paths(out).state, RECIPE):
        assert refusal(out).endswith("is in use by another batch; wait for it, or give the results another name")
