"""Results that cannot be written: refused before the work starts if possible, and without loss of the others."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scanner.batch.resumable_state import BatchState
from scanner.errors import OutputError
from scanner.results.csv_tables import read_results_csv

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from click.testing import Result

    Run = Callable[..., Result]
    Start = Callable[..., subprocess.CompletedProcess[str]]

SAMPLES = Path(__file__).parent.parent.parent / "samples"
GOOD = SAMPLES / "amounts.png"
"""A page without print, which is read in full."""
GOOD_NUMBERS: list[str] = json.loads((SAMPLES / "truth.json").read_text("utf-8"))["amounts.png"]["numbers"]


def texts(csv_file: Path, page: str) -> list[str]:
    return [row.text for row in read_results_csv(csv_file) if row.file == page]


def refused(run: Run, *arguments: str | Path) -> str:
    """The error of a scan that does not start because its results could not be written."""
    result = run("scan", *arguments)
    assert result.exit_code == 5, result.output
    assert re.fullmatch("Error: .*\n", result.stderr)
    return result.stderr


@pytest.fixture
def never_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    def local_workers(*_: Any) -> None:
        raise AssertionError("the long work started before the outputs were checked")

    monkeypatch.setattr("scanner.batch.local_processes.local_worker_pool", local_workers)


@pytest.mark.usefixtures("never_scanned")
def test_results_that_cannot_be_written_are_refused_before_the_work(run: Run, tmp_path: Path) -> None:
    # Given by its name, it is read whatever its ending.
    page = tmp_path / "page.csv"
    page.write_bytes(GOOD.read_bytes())
    before = page.read_bytes()
    link = tmp_path / "link.csv"
    link.symlink_to(page)
    assert "one of the pages to read" in refused(run, page, "--out", page)
    assert "one of the pages to read" in refused(run, page, "--out", link)
    json_link = tmp_path / "link.json"
    json_link.symlink_to(page)
    assert "one of the pages to read" in refused(run, page, "--out", tmp_path / "o.csv", "--json", json_link)
    assert "is a folder" in refused(run, page, "--out", tmp_path)
    assert "is a file" in refused(run, page, "--out", page / "out.csv")
    assert "is a file" in refused(run, page, "--out", tmp_path / "o.csv", "--annotate", page)
    assert "is a file" in refused(run, page, "--out", tmp_path / "o.csv", "--debug", page)
    assert "two results" in refused(run, page, "--out", tmp_path / "o.csv", "--digits", tmp_path / "." / "o.csv")
    assert "two results" in refused(run, page, "--out", "-", "--json", "-")
    assert page.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "link.json", "page.csv"]


@pytest.mark.usefixtures("never_scanned")
@pytest.mark.parametrize("option", ["--annotate", "--debug"])
@pytest.mark.parametrize("place", ["pages", "pages/checked", "pages/sub/../checked"])
def test_pictures_are_not_drawn_among_the_pages(run: Run, tmp_path: Path, place: str, option: str) -> None:
    (tmp_path / "pages" / "sub").mkdir(parents=True)
    (tmp_path / "pages" / "page.png").write_bytes(GOOD.read_bytes())
    said = refused(run, tmp_path / "pages", "--out", tmp_path / "o.csv", option, tmp_path / place)
    assert "choose another folder" in said
    assert not (tmp_path / "pages" / "checked").exists()


@pytest.mark.usefixtures("never_scanned")
def test_pictures_are_not_drawn_beside_a_page_given_by_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(GOOD.read_bytes())
    refused(run, tmp_path / "page.png", "--out", tmp_path / "o.csv", "--annotate", tmp_path)


@pytest.mark.usefixtures("never_scanned")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_without_permission_is_refused_before_the_work(run: Run, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    refused(run, GOOD, "--out", tmp_path / "locked" / "out.csv")
    refused(run, GOOD, "--out", tmp_path / "locked" / "new" / "out.csv")
    refused(run, GOOD, "--out", tmp_path / "out.csv", "--debug", tmp_path / "locked")


def test_results_are_written_although_a_picture_cannot_be(run: Run, tmp_path: Path) -> None:
    # A folder has the name of the first page's picture.
    (tmp_path / "checked" / "amounts.png.p1.jpg").mkdir(parents=True)
    strip = SAMPLES / "box_strip.png"
    result = run("scan", GOOD, strip, "--out", tmp_path / "out.csv", "--annotate", tmp_path / "checked")
    assert result.exit_code == 5
    problem, summary = result.stderr.splitlines()
    assert "amounts.png.p1.jpg: is a folder" in problem
    assert summary.startswith("2 pages read")
    assert texts(tmp_path / "out.csv", "amounts.png") == GOOD_NUMBERS
    assert (tmp_path / "checked" / "box_strip.png.p1.jpg").is_file()


def test_results_are_written_although_stages_cannot_be_drawn(run: Run, tmp_path: Path) -> None:
    # A file has the name of the first page's folder.
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages" / "amounts.png.p1").write_text("")
    strip = SAMPLES / "box_strip.png"
    result = run("scan", GOOD, strip, "--out", tmp_path / "out.csv", "--debug", tmp_path / "stages")
    assert result.exit_code == 5
    problem, summary = result.stderr.splitlines()
    assert "amounts.png.p1/01_gray.png: " in problem
    assert summary.startswith("2 pages read")
    assert texts(tmp_path / "out.csv", "amounts.png") == GOOD_NUMBERS
    assert (tmp_path / "stages" / "box_strip.png.p1" / "14_numbers.png").is_file()


def test_old_results_are_kept_until_new_ones_are_complete(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old")

    def full(path: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    result = run("scan", SAMPLES / "box_strip.png", "--out", out, "--force")
    assert result.exit_code == 5
    assert "the disk is full" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "out.csv.state"]
    assert out.read_text() == "old"


@pytest.mark.usefixtures("never_scanned")
@pytest.mark.parametrize(
    ("option", "name", "ending"),
    [
        ("--out", "r.xlsx", ".csv"),
        ("--out", "results", ".csv"),
        ("--json", "r.csv", ".json"),
        ("--digits", "d.json", ".csv"),
        ("--errors", "e.txt", ".csv"),
        ("--manifest", "m.csv", ".json"),
        ("--table", "t.ods", ".xlsx, .csv or .parquet"),
    ],
)
def test_an_ending_of_another_format_is_wrong_usage(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, name: str, ending: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("scan", GOOD, option, name)
    assert result.exit_code == 2
    assert f"'{option}'" in result.stderr
    assert f": {name}: can only be written as {ending}; change the ending" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_case_of_an_ending_is_ignored(run: Run, tmp_path: Path) -> None:
    assert run("scan", SAMPLES / "box_strip.png", "--reader", "contours", "--out", tmp_path / "R.CSV").exit_code == 0


@pytest.mark.usefixtures("never_scanned")
@pytest.mark.parametrize("option", ["--out", "--json", "--digits", "--errors", "--manifest", "--table"])
def test_a_file_of_another_program_is_not_overwritten(run: Run, tmp_path: Path, option: str) -> None:
    mine = tmp_path / ("mine.json" if option in {"--json", "--manifest"} else "mine.csv")
    mine.write_text("mine")
    said = refused(run, GOOD, *(() if option == "--out" else ("--out", tmp_path / "o.csv")), option, mine)
    assert said == (
        f"Error: {mine}: exists, and was not written by this batch; keep it under another name, "
        "or overwrite it with --force\n"
    )
    assert mine.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [mine.name]


def test_corrected_results_are_overwritten_only_by_force(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    command = ("scan", SAMPLES / "box_strip.png", "--out", out, "--json", tmp_path / "r.json", "--reader", "contours")
    assert run(*command).exit_code == 0
    written = out.read_bytes()
    # Nobody has changed them.
    assert run(*command, "--no-turn").exit_code == 0
    out.write_bytes(written + b"corrected")
    for again in (command, (*command, "--fresh")):
        result = run(*again)
        assert (result.exit_code, out.read_bytes()) == (5, written + b"corrected")
        assert "r.csv: was changed since digitscan wrote it; " in result.stderr
    assert run(*command, "--force").exit_code == 0
    assert out.read_bytes() == written
    assert run(*command).exit_code == 0


def test_results_that_are_corrected_while_pages_are_read_are_kept(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "r.csv"
    command = ("scan", SAMPLES / "box_strip.png", "--out", out, "--reader", "contours")
    assert run(*command).exit_code == 0

    def correct_meanwhile(state: BatchState) -> None:
        out.write_text("corrected")
        begin_batch(state)

    begin_batch = BatchState.begin_batch
    monkeypatch.setattr(BatchState, "begin_batch", correct_meanwhile)
    result = run(*command, "--fresh")
    assert (result.exit_code, out.read_text()) == (5, "corrected")
    monkeypatch.undo()
    # What was read is kept, and is written once the file is out of the way.
    out.rename(tmp_path / "corrected.csv")
    result = run(*command, "--log-json")
    assert (result.exit_code, json.loads(result.stderr.splitlines()[0])["known"]) == (0, True)


def test_the_tables_of_pages_are_written_and_a_corrected_one_is_kept(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    command = ("scan", SAMPLES / "box_strip.png", "--out", tmp_path / "r.csv", "--table", table, "--reader", "contours")
    assert run(*command).exit_code == 0
    written = table.read_bytes()
    assert written.startswith(b"file,page,table,row,review,c1\nbox_strip.png,1,,1,")
    assert run(*command).exit_code == 0
    table.write_bytes(written + b"corrected")
    result = run(*command)
    assert (result.exit_code, table.read_bytes()) == (5, written + b"corrected")
    assert "t.csv: was changed since digitscan wrote it; " in result.stderr
    assert run(*command, "--force").exit_code == 0
    assert table.read_bytes() == written


def test_the_other_results_are_written_although_the_tables_cannot_be(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Iterator[bytes]:
        yield b"part of a file"
        raise OutputError("t.xlsx: there is no room")

    monkeypatch.setattr("scanner.batch.outputs.table_file", fail)
    others = ("--json", tmp_path / "r.json", "--reader", "contours")
    result = run("scan", GOOD, "--out", tmp_path / "r.csv", *others, "--table", tmp_path / "t.xlsx")
    assert (result.exit_code, result.stderr) == (5, "Error: t.xlsx: there is no room\n")
    names = {"r.csv", "r.csv.state", "r.errors.csv", "r.json", "r.manifest.json"}
    assert {path.name for path in tmp_path.iterdir()} == names
    # The next try reads nothing again.
    monkeypatch.undo()
    result = run("scan", GOOD, "--out", tmp_path / "r.csv", *others, "--table", tmp_path / "t.xlsx", "--log-json")
    assert (result.exit_code, json.loads(result.stderr.splitlines()[0])["known"]) == (0, True)
    assert (tmp_path / "t.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.usefixtures("never_scanned")
def test_a_package_that_a_format_needs_is_missed_before_the_work(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.results.table_files.find_spec", lambda name: None)
    result = run("scan", GOOD, "--out", tmp_path / "r.csv", "--table", tmp_path / "t.parquet")
    assert result.exit_code == 6
    assert "pip install 'digitscan[parquet]'" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_pictures_that_cannot_be_written_after_flagging_are_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, image: object) -> None:
        raise OutputError(f"{path}: the disk is full")

    monkeypatch.setattr("scanner.results.annotated_files.write_bytes", full)
    result = run(
        "scan",
        SAMPLES / "box_strip.png",
        "--out",
        tmp_path / "r.csv",
        "--max-error",
        "1%",
        "--annotate",
        tmp_path / "d",
    )
    assert result.exit_code == OutputError.exit_code
    assert "the disk is full" in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_files_with_similar_escaped_names_are_distinguished(start: Start, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    odd = ["a\nb.png", r"a\nb.png", r"a\\nb.png", os.fsdecode(b"\x85.png"), "\x85.png"]
    for name in odd:
        (pages / name).write_bytes((SAMPLES / "box_strip.png").read_bytes())
    (pages / "torn\n.png").write_bytes(b"")
    (pages / r"torn\n.png").write_bytes(b"")
    out, checked = tmp_path / "out.csv", tmp_path / "checked"
    outputs = ("--out", out, "--json", tmp_path / "out.json", "--annotate", checked)
    done = start("scan", pages, *outputs)
    assert done.returncode == 3
    shown = {r"a\nb.png", r"a\\nb.png", r"a\\\\nb.png", r"\x85.png", r"\u0085.png"}
    assert {row.file for row in read_results_csv(out)} == shown
    assert {page["file"] for page in json.loads((tmp_path / "out.json").read_text("utf-8"))["pages"]} >= shown
    assert len(list(checked.iterdir())) == len(odd)
    errors = (tmp_path / "out.errors.csv").read_text("utf-8").splitlines()
    assert [line.partition(",")[0] for line in errors] == ["file", r"torn\\n.png", r"torn\n.png"]
    # None is mistaken for another one that was read before.
    (pages / odd[0]).unlink()
    assert start("scan", pages, *outputs).returncode == 3
    assert {row.file for row in read_results_csv(out)} == shown - {r"a\nb.png"}


def test_tables_for_spreadsheets_are_evaluated_like_plain_ones(succeed: Run, tmp_path: Path) -> None:
    truth = SAMPLES / "truth.json"
    reports = []
    for style in ("plain", "excel"):
        out = tmp_path / f"{style}.csv"
        succeed("scan", SAMPLES / "box_strip.png", "--out", out, "--csv", style, "--reader", "contours")
        reports.append(succeed("evaluate", out, truth).output.replace(str(out), ""))
    assert (tmp_path / "excel.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (tmp_path / "excel.errors.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert reports[0] == reports[1]
