from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scanner.batch.kept_files import check_kept_files
from scanner.batch.resumable_state import open_state
from scanner.batch.settings import STDOUT, OutputPaths, build_output_paths
from scanner.errors import OutputError

ADVICE = "keep it under another name, or overwrite it with --force"


@pytest.fixture
def outputs(tmp_path: Path) -> OutputPaths:
    """Results of a watched folder with three files, one of which could not be opened."""
    outputs = build_output_paths(tmp_path / "r.csv", results_json=tmp_path / "r.json")
    write(outputs, keeps_files=True)
    outputs.numbers_csv.write_text("rows")
    return outputs


def write(outputs: OutputPaths, *, keeps_files: bool) -> None:
    with open_state(outputs.state, "a recipe") as state:
        for place, (file, sha256) in enumerate((("a.png", "ab"), ("b.png", "cd"), ("torn.png", ""))):
            state.add_input(place, file, sha256, 10)
        state.end_batch(keeps_files=keeps_files)


def refusal(outputs: OutputPaths, *files: str, goes_on: bool = False) -> str:
    try:
        check_kept_files(outputs, files, goes_on=goes_on)
    except OutputError as error:
        return str(error)
    return ""


def test_files_that_are_gone_are_counted(outputs: OutputPaths) -> None:
    what = f"{outputs.numbers_csv}: has what --watch read of"
    assert (
        refusal(outputs) == f"{what} 2 files that are gone or left out now, such as a.png; go on with --watch, {ADVICE}"
    )
    assert refusal(outputs, "a.png", "c.png").startswith(
        f"{what} 1 file that is gone or left out now, such as b.png; go"
    )
    assert refusal(outputs, "a.png", "b.png") == ""


def test_a_batch_that_goes_on_loses_nothing(outputs: OutputPaths) -> None:
    assert refusal(outputs, goes_on=True) == ""


def test_without_results_nothing_is_lost(outputs: OutputPaths, tmp_path: Path) -> None:
    outputs.numbers_csv.write_text("")
    assert refusal(outputs) == ""
    (tmp_path / "r.json").write_text("{}")
    assert refusal(outputs).startswith(f"{tmp_path / 'r.json'}: has")
    assert refusal(build_output_paths(STDOUT, results_json=tmp_path / "r.json")) == ""
    assert refusal(build_output_paths(tmp_path / "r.json")) == ""


def test_a_batch_that_keeps_no_files_has_none_to_lose(outputs: OutputPaths) -> None:
    write(outputs, keeps_files=False)
    assert refusal(outputs) == ""


def test_a_state_that_is_started_over_loses_them_in_any_case(outputs: OutputPaths) -> None:
    with closing(sqlite3.connect(f"{outputs.state}")) as database, database:
        database.execute("PRAGMA user_version = 1")
    for goes_on in (False, True):
        assert refusal(outputs, "a.png", goes_on=goes_on) == (
            f"{outputs.numbers_csv}: has what another version read of 1 file that is gone or left out now, such as"
            f" b.png; {ADVICE}"
        )
        assert refusal(outputs, "a.png", "b.png", goes_on=goes_on) == ""


def test_files_are_known_when_all_results_are_forgotten(outputs: OutputPaths) -> None:
    with open_state(outputs.state, "a recipe", forget_earlier=True):
        pass
    assert "of 2 files" in refusal(outputs)
