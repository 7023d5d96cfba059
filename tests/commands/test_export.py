"""Results are written again with corrections, by ``export`` and by later scans."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest
from openpyxl import load_workbook

from scanner.corrections.correction import Correction, Verdict, new_id, timestamp
from scanner.corrections.corrections_file import CorrectionsFile
from scanner.types import Box

if TYPE_CHECKING:
    from tests.commands.conftest import Run

Rows = list[dict[str, str]]


def rows_of(path: Path) -> Rows:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def say(folder: Path, row: dict[str, str], verdict: Verdict, text: str, file: str = "") -> None:
    box = Box(int(row["x"]), int(row["y"]), int(row["width"]), int(row["height"]))
    said = Correction(
        id=new_id(),
        at=timestamp(),
        by="Ada",
        file=file or row["file"],
        sha256="",
        page=int(row["page"]),
        box=box,
        read=row["text"],
        verdict=verdict,
        text=text,
    )
    CorrectionsFile(folder / "r.corrections.jsonl").append([said])


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A picture with a few numbers."""
    page = Path(__file__).parents[2] / "samples" / "ruled_log.png"
    picture = cv2.imread(str(page))
    assert picture is not None
    folder = tmp_path / "pages"
    folder.mkdir()
    cv2.imwrite(str(folder / "log.png"), picture[:420])
    return folder


@pytest.fixture
def scanned(run: Run, tmp_path: Path, sample: Path) -> Path:
    """A folder with the results of a scan."""
    outputs = ("--json", tmp_path / "r.json", "--table", tmp_path / "r.xlsx")
    assert run("scan", sample, "--out", tmp_path / "r.csv", *outputs, "--quiet").exit_code == 0
    return tmp_path


def test_all_results_are_written_again_with_corrections(run: Run, scanned: Path, sample: Path) -> None:
    first, second, *others = rows_of(scanned / "r.csv")
    say(scanned, first, Verdict.CORRECTED, "4711")
    say(scanned, second, Verdict.NO_NUMBER, "")
    written = run("export", scanned / "r.csv")
    assert written.exit_code == 0
    assert "1 checked by people" in written.stderr
    found = rows_of(scanned / "r.csv")
    assert (found[0]["text"], found[0]["read"], found[0]["checked"]) == ("4711", first["text"], "corrected")
    assert (found[0]["confidence"], found[0]["review"]) == ("1.0000", "")
    assert [row["text"] for row in found[1:]] == [row["text"] for row in others]
    (page,) = json.loads((scanned / "r.json").read_text())["pages"]
    assert (page["numbers"][0]["text"], page["numbers"][0]["checked"]) == ("4711", "corrected")
    cells = [cell for row in load_workbook(scanned / "r.xlsx").worksheets[0].iter_rows() for cell in row]
    (cell,) = (cell for cell in cells if cell.value in {4711, "4711"})
    assert cell.comment is not None
    assert f"corrected by a person\n{first['text']} was read" in cell.comment.text
    # A later scan keeps them, whatever it reads with.
    before = (scanned / "r.csv").read_bytes()
    assert run("scan", sample, "--out", scanned / "r.csv", "--quiet").exit_code == 0
    assert (scanned / "r.csv").read_bytes() == before
    assert run("scan", sample, "--out", scanned / "r.csv", "--reader", "contours", "--quiet").exit_code == 0
    assert rows_of(scanned / "r.csv")[0]["text"] == "4711"


def test_more_results_can_be_named(run: Run, scanned: Path) -> None:
    assert run("export", scanned / "r.csv", "--digits", scanned / "d.csv", "--csv", "excel").exit_code == 0
    assert rows_of(scanned / "d.csv")
    assert (scanned / "r.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    # They are remembered.
    (scanned / "d.csv").unlink()
    assert run("export", scanned / "r.csv").exit_code == 0
    assert rows_of(scanned / "d.csv")


def test_results_that_somebody_changed_are_not_overwritten(run: Run, scanned: Path) -> None:
    with (scanned / "r.csv").open("a") as file:
        file.write("mine\n")
    refused = run("export", scanned / "r.csv")
    assert refused.exit_code != 0
    assert "was changed since digitscan wrote it" in refused.stderr
    assert run("export", scanned / "r.csv", "--force").exit_code == 0
    assert "mine" not in (scanned / "r.csv").read_text()


def test_without_a_saved_state_there_is_nothing_to_write(run: Run, tmp_path: Path) -> None:
    refused = run("export", tmp_path / "r.csv")
    assert refused.exit_code != 0
    assert "there is no saved state of these results beside them" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_corrections_of_other_files_are_told_and_kept(run: Run, scanned: Path, sample: Path) -> None:
    row = rows_of(scanned / "r.csv")[0]
    say(scanned, row, Verdict.CONFIRMED, row["text"], file="gone.png")
    kept = (scanned / "r.corrections.jsonl").read_bytes()
    again = run("scan", sample, "--out", scanned / "r.csv")
    assert "1 correction is of a file that is not here" in again.stderr
    assert (scanned / "r.corrections.jsonl").read_bytes() == kept


def test_a_wrong_line_of_corrections_is_told_before_pages_are_read(run: Run, scanned: Path, sample: Path) -> None:
    (scanned / "r.corrections.jsonl").write_text("no\n")
    for command in (("export", scanned / "r.csv"), ("scan", sample, "--out", scanned / "r.csv")):
        refused = run(*command)
        assert refused.exit_code != 0
        assert "r.corrections.jsonl, line 1: is no correction" in refused.stderr
