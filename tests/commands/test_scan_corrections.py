"""Numbers that a person has corrected: kept by later scans, and written again by ``export``."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import openpyxl
import pytest
from PIL import Image

from scanner.corrections.calibration_file import write_calibration
from scanner.corrections.correction import Correction, Verdict, new_id
from scanner.corrections.corrections_file import CorrectionsFile
from scanner.decision.stack_calibration import StackCalibration
from scanner.results.annotated_page import CHECKED_COLOUR
from scanner.results.csv_tables import ResultRow, read_results_csv

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    Run = Callable[..., Result]

PAGE = Path(__file__).parent.parent.parent / "samples" / "amounts.png"
CONTOURS = ("--reader", "contours")


@pytest.fixture
def results(succeed: Run, tmp_path: Path) -> Path:
    """Results of one page."""
    (tmp_path / "pages").mkdir()
    shutil.copy(PAGE, tmp_path / "pages" / "a.png")
    path = tmp_path / "results.csv"
    succeed("scan", tmp_path / "pages", *CONTOURS, "--out", path)
    return path


def say(results: Path, row: ResultRow, verdict: Verdict, text: str = "", **given: Any) -> Correction:
    """Have Ada say something of a number."""
    usual: dict[str, Any] = {"file": row.file, "page": row.page, "box": row.box, "read": row.text}
    usual["sha256"] = hashlib.sha256(PAGE.read_bytes()).hexdigest()
    said = Correction(id=new_id(), at="2026-05-07T09:30:00Z", by="Ada", verdict=verdict, text=text, **(usual | given))
    CorrectionsFile(results.with_name("results.corrections.jsonl")).append([said])
    return said


def words(row: ResultRow) -> tuple[str, str, str, str]:
    return row.text, row.read, row.checked, row.checked_by


def test_a_later_scan_keeps_what_a_person_says_whatever_reads(succeed: Run, results: Path) -> None:
    first, second, *others = read_results_csv(results)
    say(results, first, Verdict.CORRECTED, "987654")
    say(results, second, Verdict.NO_NUMBER)
    for options in ((), ("--fresh",), ("--classifier", "svm"), ("--max-error", "0")):
        line = succeed("scan", results.parent / "pages", *CONTOURS, *options, "--out", results).stderr
        corrected, *rest = read_results_csv(results)
        assert words(corrected)[0::2] == ("987654", "corrected")
        assert (corrected.checked_by, corrected.confidence, corrected.review) == ("Ada", 1.0, "")
        assert second.box not in [row.box for row in rest]
        assert "1 checked by a person" in line
    # Without the state, too.
    results.with_name("results.csv.state").unlink()
    succeed("scan", results.parent / "pages", *CONTOURS, "--out", results, "--force")
    corrected, *rest = read_results_csv(results)
    assert words(corrected) == ("987654", first.text, "corrected", "Ada")
    assert [words(row) for row in rest] == [words(row) for row in others]


def test_export_writes_all_that_was_written_again_without_reading(
    succeed: Run, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ("--json", tmp_path / "r.json", "--digits", tmp_path / "d.csv", "--table", tmp_path / "t.xlsx")
    succeed("scan", tmp_path / "pages", *CONTOURS, "--out", results, *files, "--csv", "excel")
    first = read_results_csv(results)[0]
    say(results, first, Verdict.CORRECTED, "987654")
    shutil.rmtree(tmp_path / "pages")

    def open_pool(*_: Any) -> None:
        raise AssertionError("pages are read")

    monkeypatch.setattr("scanner.batch.local_processes.local_worker_pool", open_pool)
    output = succeed("export", results)
    assert "1 checked by a person" in output.stderr
    assert results.read_bytes().startswith(b"\xef\xbb\xbf")
    assert words(read_results_csv(results)[0]) == ("987654", first.text, "corrected", "Ada")
    (page,) = json.loads((tmp_path / "r.json").read_text("utf-8"))["pages"]
    assert (page["numbers"][0]["text"], page["numbers"][0]["digits"]) == ("987654", [])
    numbers = {line.split(",")[2] for line in (tmp_path / "d.csv").read_text("utf-8").splitlines()[1:]}
    assert "1" not in numbers
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    comments = [cell.comment.text for sheet in book for row in sheet for cell in row if cell.comment]
    assert f"corrected by Ada, read as {first.text}" in comments
    # Nothing new: the same bytes; and a file that is named from now on is written each time.
    before = (tmp_path / "r.json").read_bytes(), results.read_bytes()
    succeed("export", results, "--table", tmp_path / "t.csv", "--quiet")
    assert ((tmp_path / "r.json").read_bytes(), results.read_bytes()) == before
    (tmp_path / "t.csv").unlink()
    succeed("export", results)
    assert "987654" in (tmp_path / "t.csv").read_text("utf-8")


def test_annotated_pages_show_what_a_person_says(succeed: Run, results: Path, tmp_path: Path) -> None:
    def checked_pixels() -> int:
        drawn = ("--annotate", tmp_path / "drawn", "--annotate-as", "png")
        succeed("scan", tmp_path / "pages", *CONTOURS, "--out", results, *drawn)
        picture = np.asarray(Image.open(tmp_path / "drawn" / "a.png.p1.png").convert("RGB"))
        return int(np.all(picture == CHECKED_COLOUR, axis=2).sum())

    assert checked_pixels() == 0
    said = say(results, read_results_csv(results)[0], Verdict.CORRECTED, "98")
    assert checked_pixels() > 0
    say(results, read_results_csv(results)[0], Verdict.UNDONE, undoes=said.id)
    assert checked_pixels() == 0


def test_what_was_said_of_a_page_that_is_gone_is_told_and_kept(succeed: Run, results: Path, tmp_path: Path) -> None:
    row = read_results_csv(results)[0]
    say(results, row, Verdict.CORRECTED, "98", file="gone.png")
    say(results, row, Verdict.CORRECTED, "99", sha256="0" * 64)
    kept = results.with_name("results.corrections.jsonl").read_bytes()
    for command in (("scan", tmp_path / "pages", *CONTOURS, "--out", results), ("export", results)):
        lines = succeed(*command).stderr.splitlines()
        assert "2 corrections kept but not used: 'gone.png', page 1, and 1 more are not in" in lines[-2]
        assert words(read_results_csv(results)[0]) == (row.text, "", "", "")
    assert results.with_name("results.corrections.jsonl").read_bytes() == kept


def test_export_needs_the_state_of_a_scan_that_has_ended(run: Run, results: Path, tmp_path: Path) -> None:
    before = results.read_bytes()
    results.with_name("results.csv.state").rename(tmp_path / "kept")
    output = run("export", results)
    assert output.exit_code == 8
    assert "results.csv.state, is not beside it" in output.stderr
    assert output.stderr.count("\n") == 1
    (tmp_path / "kept").rename(results.with_name("results.csv.state"))
    with results.open("a") as file:
        file.write("changed by hand\n")
    assert run("export", results).exit_code == 5
    assert run("export", results, "--force").exit_code == 0
    assert results.read_bytes() == before


def test_corrections_that_cannot_be_read_stop_the_scan(run: Run, results: Path, tmp_path: Path) -> None:
    before = results.read_bytes()
    results.with_name("results.corrections.jsonl").write_text('{"verdict": "perhaps"}\n')
    for command in (("scan", tmp_path / "pages", *CONTOURS, "--out", results), ("export", results)):
        output = run(*command)
        assert output.exit_code == 8
        assert "results.corrections.jsonl, line 1: is no correction" in output.stderr
    assert results.read_bytes() == before


def test_the_corrections_file_is_no_page(run: Run, results: Path) -> None:
    corrections = results.with_name("results.corrections.jsonl")
    shutil.copy(PAGE, corrections)
    output = run("scan", corrections, "--out", results)
    assert output.exit_code == 5
    assert "results.corrections.jsonl: is one of the pages to read" in output.stderr


def test_an_audit_counts_in_the_next_scan(succeed: Run, results: Path, tmp_path: Path) -> None:
    scan = ("scan", results.parent / "pages", *CONTOURS, "--out", results)
    before = read_results_csv(results)
    flagged_before = flagged(succeed(*scan, "--max-error", "33%").stderr)
    audited = StackCalibration(shift=-0.5, lowest=0.0, audited=200, errors=30)
    write_calibration(tmp_path / "results.calibration.json", audited)
    line = succeed(*scan, "--annotate", tmp_path / "drawn").stderr
    rows = read_results_csv(results)
    assert flagged(line) == sum(bool(row.review) for row in rows)
    for row, was in zip(rows, before, strict=True):
        assert row.text == was.text
        assert row.confidence == pytest.approx(audited.apply(was.confidence), abs=1e-3)
        assert row.review or row.confidence >= 0.9
    assert [picture.name for picture in (tmp_path / "drawn").iterdir()] == ["a.png.p1.jpg"]
    manifest = json.loads((tmp_path / "results.manifest.json").read_text("utf-8"))
    assert manifest["options"]["calibration_audited"] == 200
    line = succeed(*scan, "--max-error", "33%").stderr
    assert len(rows) > flagged(line) > flagged_before
    assert "unflagged, by an audit of 200 ->" in line


def flagged(line: str) -> int:
    """How many numbers are flagged, by the last line of a scan."""
    return int(line.split(" flagged")[0].split()[-1])
