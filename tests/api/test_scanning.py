"""Whole batches from Python, with real worker processes."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest

import scanner
from scanner.api.keyword_options import READ_KEYWORDS
from scanner.commands import main

ROOT = Path(__file__).parents[2]
STRIP = ROOT / "samples" / "box_strip.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pages that can be read and a file that cannot."""
    folder = tmp_path / "scans"
    folder.mkdir()
    shutil.copy(STRIP, folder / "a.png")
    shutil.copy(STRIP, folder / "b.png")
    (folder / "torn.png").write_bytes(b"")
    return folder


def test_a_folder_is_read_into_files_with_progress_and_a_summary(folder: Path, tmp_path: Path) -> None:
    seen: list[scanner.ScanProgress] = []
    out, drawn = tmp_path / "out" / "results.csv", tmp_path / "checked"
    summary = scanner.scan([folder], out=out, annotate=drawn, progress=seen.append, jobs=2, reader="contours")
    assert (summary.pages, summary.failed, summary.numbers, summary.drawing_errors) == (2, 1, 2, 0)
    assert [event.done for event in seen] == [1, 2, 3]
    assert {event.total for event in seen} == {3}
    assert {(event.file, event.page, event.numbers, event.error, event.known) for event in seen} == {
        ("a.png", 1, 1, "", False),
        ("b.png", 1, 1, "", False),
        ("torn.png", 0, 0, "torn.png: is empty; copy or scan it again", False),
    }
    with pytest.raises(FrozenInstanceError):
        seen[0].done = 7  # type: ignore[misc]  # frozen, which is what is tested
    with out.open(encoding="utf-8", newline="") as stream:
        assert [row["file"] for row in csv.DictReader(stream)] == ["a.png", "b.png"]
    beside = {"results.csv", "results.csv.state", "results.errors.csv", "results.manifest.json"}
    assert {path.name for path in out.parent.iterdir()} == beside
    assert len(list(drawn.iterdir())) == 2
    manifest = json.loads((out.parent / "results.manifest.json").read_text("utf-8"))
    assert manifest["options"]["readers"] == "contours"
    seen.clear()
    again = scanner.scan(str(folder), out=str(out), annotate=drawn, progress=seen.append, jobs=1, reader="contours")
    assert again == summary
    assert {(event.file, event.known) for event in seen} == {("a.png", True), ("b.png", True), ("torn.png", False)}


def test_patterns_pages_and_the_share_of_errors_are_passed_on(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    summary = scanner.scan(
        [folder],
        out=tmp_path / "r.csv",
        table=table,
        include=["*.png"],
        exclude=["torn*", "b*"],
        pages="1-",
        max_error=0.0,
        jobs=1,
    )
    assert (summary.pages, summary.failed, summary.to_look_at) == (1, 0, 1)
    # Flagged by the share of errors there too.
    assert "c1: low confidence, " in table.read_text("utf-8")


def test_nothing_to_read_and_results_among_the_pages_are_errors(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(scanner.NothingToReadError, match="does not exist"):
        scanner.scan([tmp_path / "none"], out=tmp_path / "r.csv")
    (tmp_path / "link.json").symlink_to(folder / "a.png")
    with pytest.raises(scanner.OutputError, match="one of the pages to read"):
        scanner.scan([folder], out=tmp_path / "r.csv", json=tmp_path / "link.json")


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"out": "-"}, "out='-': give the name of a file"),
        ({"out": "r.xlsx"}, "out='r.xlsx': can only be written as .csv; change the ending"),
        ({"json": "r.csv"}, "json='r.csv': can only be written as .json; change the ending"),
        ({"digits": "d.json"}, "digits='d.json': can only be written as .csv; change the ending"),
        ({"errors": "e"}, "errors='e': can only be written as .csv; change the ending"),
        ({"manifest": "m.txt"}, "manifest='m.txt': can only be written as .json; change the ending"),
        ({"table": "t.ods"}, "table='t.ods': can only be written as .xlsx, .csv or .parquet; change the ending"),
        ({"decimal_point": ";"}, "decimal_point=';': give '.' or ','"),
        ({"jobs": 0}, "jobs=0: give a whole number from 1"),
        ({"page_timeout": 0}, "page_timeout=0: give a number larger than 0"),
        ({"memory": -1}, "memory=-1: give a number larger than 0"),
        ({"max_error": "1%"}, "max_error='1%': give a share from 0, and less than 1, such as 0.01"),
        ({"max_error": 1}, "max_error=1: give a share from 0, and less than 1, such as 0.01"),
        ({"include": "*.png"}, "include='*.png': give a list of patterns"),
        ({"cluster": "local"}, "cluster='local': give the address of a Dask scheduler, such as 'tcp://host:8786'"),
        ({"cluster": ""}, "cluster='': give the address of a Dask scheduler, such as 'tcp://host:8786'"),
        ({"cluster": 7}, "cluster=7: give the address of a Dask scheduler, such as 'tcp://host:8786'"),
        ({"inputs": 7}, "inputs=7: give a path, or a list of paths"),
        ({"inputs": b"a.png"}, "inputs=b'a.png': give a path, or a list of paths"),
        ({"inputs": [7]}, "inputs=7: give a path"),
        ({"out": None}, "out=None: give a path"),
        ({"json": 7}, "json=7: give a path"),
        ({"annotate": True}, "annotate=True: give a path"),
        ({"include": 7}, "include=7: give a list of patterns"),
        ({"exclude": [7]}, "exclude=7: give a text"),
        ({"memory": "6"}, "memory='6': give a number larger than 0"),
        ({"jobs": 1.5}, "jobs=1.5: give a whole number from 1"),
        ({"max_error": True}, "max_error=True: give a share from 0, and less than 1, such as 0.01"),
        ({"force": 1}, "force=1: give True or False"),
        ({"fresh": "no"}, "fresh='no': give True or False"),
        ({"progress": 7}, "progress=7: give a function that takes a ScanProgress"),
        ({"csv": "ods"}, "csv='ods': give 'plain' or 'excel'"),
        ({"annotate_as": "gif"}, "annotate_as='gif': give 'jpeg', 'png' or 'pdf'"),
        ({"annotate_quality": 0}, "annotate_quality=0: give a whole number from 1"),
        ({"annotate_quality": 96}, "annotate_quality=96: give a whole number from 1 to 95"),
        ({"reader": "fast"}, "reader='fast': give 'both', 'number' or 'contours'"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_bad_value_is_quoted(keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the whole message is compared
        scanner.scan(**{"inputs": [STRIP], "out": "r.csv", **keywords})
    assert str(error.value) == message


def test_an_unknown_keyword_is_answered_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(
        TypeError, match=r"^scan\(\) has no keyword 'outt'; its keywords are out, csv, json, .*, max_pages$"
    ):
        scanner.scan([STRIP], out=tmp_path / "r.csv", outt=1)  # type: ignore[call-arg]  # misspelt


def test_the_keywords_are_the_options_of_the_command_line() -> None:
    command = main.commands["scan"]
    options = {
        option.lstrip("-").replace("-", "_")
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }
    code = scanner.scan.__code__
    keywords = {*code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount], *READ_KEYWORDS}
    assert keywords - options == {"progress"}
    # What is printed, and how long the command runs, is the command line's.
    assert options - keywords == {"quiet", "log_json", "watch", "mirror", "config"}


def test_progress_has_no_large_values() -> None:
    assert {field.name for field in fields(scanner.ScanProgress)} == {
        *("file", "page", "numbers", "error", "drawing_errors", "known", "done", "total")
    }


UNGUARDED = """
import sys
import scanner

print("script", flush=True)
summary = scanner.scan([sys.argv[1]], out=sys.argv[2], jobs=int(sys.argv[3]), reader="contours")
print(summary.pages, flush=True)
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_script_without_a_guard_is_run_once(tmp_path: Path, jobs: int) -> None:
    (tmp_path / "script.py").write_text(UNGUARDED, "utf-8")
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py", STRIP, tmp_path / "r.csv", str(jobs)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "script\n1\n", "")
