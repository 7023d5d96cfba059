"""``digitscan scan --form``."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import openpyxl
import pytest

from scanner.corrections.corrections_file import CorrectionsFile
from scanner.results.csv_tables import read_results_csv
from scanner.synthesis.sample_form import STOCK_COUNTS
from tests.corrections.corrected import correction

if TYPE_CHECKING:
    from tests.commands.conftest import Run

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs" / "sample-form"
FORM = SAMPLE / "form.toml"
SHEET = SAMPLE / "filled" / "sheet_2.jpg"
STRIP = ROOT / "samples" / "box_strip.png"


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    """A sheet of the sample form and a page of something else, scanned with every kind of output."""
    pages, out = tmp_path_factory.mktemp("pages"), tmp_path_factory.mktemp("forms")
    for path in (SHEET, STRIP):
        shutil.copy(path, pages)
    files = ("--out", out / "r.csv", "--json", out / "r.json", "--table", out / "t.xlsx", "--digits", out / "d.csv")
    pictures = ("--annotate", out / "checked", "--debug", out / "stages")
    result = run("scan", pages, "--form", FORM, *files, *pictures)
    assert result.exit_code == 3, result.output
    (out / "stderr.txt").write_text(result.stderr, "utf-8")
    return out


def rows_of(out: Path, page: str) -> dict[str, str]:
    """Text of each field of a page."""
    return {row.field: row.text for row in read_results_csv(out) if row.file == page}


def test_there_is_a_row_for_each_field_of_a_page(scanned: Path) -> None:
    found, right = rows_of(scanned / "r.csv", SHEET.name), STOCK_COUNTS[1].texts()
    assert list(found) == list(right)
    assert sum(found[name] == text for name, text in right.items()) >= 0.95 * len(right)
    assert rows_of(scanned / "r.csv", STRIP.name) == {}


def test_a_page_that_is_not_the_form_is_reported(scanned: Path) -> None:
    lines = (scanned / "stderr.txt").read_text("utf-8").splitlines()
    reason = f'{STRIP.name}, page 1: is not the form "stock count"; read it without --form, or with that of its own'
    assert reason in lines
    assert lines[-1].startswith("1 page read, 1 could not be read")
    (error,) = csv.DictReader(io.StringIO((scanned / "r.errors.csv").read_text("utf-8")))
    assert (error["file"], error["error"]) == (STRIP.name, reason)


def test_the_form_and_its_broken_rules_are_in_the_json(scanned: Path) -> None:
    pages = {page["file"]: page for page in json.loads((scanned / "r.json").read_text("utf-8"))["pages"]}
    assert pages[SHEET.name]["form"] == "stock count"
    (broken,) = pages[SHEET.name]["broken_rules"]
    assert broken["measured"] == "72 is not 81"
    assert pages[STRIP.name]["form"] == ""


def test_the_table_has_a_sheet_for_the_form_and_one_for_its_table(scanned: Path) -> None:
    book = openpyxl.load_workbook(scanned / "t.xlsx")
    assert book.sheetnames[:2] == ["stock count", "items"]
    head, *rows = list(book["stock count"].values)
    assert len(rows) == 1
    assert [name for name in head if name in STOCK_COUNTS[1].texts()] == list(STOCK_COUNTS[1].texts())[:5]
    assert book["items"].max_row == 1 + 8


def test_pages_and_stages_are_drawn(scanned: Path) -> None:
    assert cv2.imread(str(scanned / "checked" / f"{SHEET.name}.p1.jpg")) is not None
    assert (scanned / "stages" / f"{SHEET.name}.p1" / "14_numbers.png").is_file()
    assert not (scanned / "checked" / f"{STRIP.name}.p1.jpg").exists()


def test_the_manifest_names_the_form(scanned: Path) -> None:
    manifest = json.loads((scanned / "r.manifest.json").read_text("utf-8"))
    assert str(FORM) in json.dumps(manifest)


def test_a_form_with_mistakes_is_8_with_a_line_for_each(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(FORM.read_text("utf-8").replace('"comb"', '"komb"').replace("luhn", "lunn"), "utf-8")
    shutil.copy(SAMPLE / "blank.png", tmp_path)
    result = run("scan", STRIP, "--form", bad, "--out", tmp_path / "r.csv")
    assert result.exit_code == 8
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    assert all(f"{bad}:" in line for line in lines)
    assert not (tmp_path / "r.csv").exists()
    assert run("scan", STRIP, "--form", tmp_path / "none.toml", "--out", tmp_path / "r.csv").exit_code == 8


def form_named(folder: Path, name: str) -> Path:
    """A copy of the sample form with another name, and another place in the order of its fields."""
    shutil.copy(SAMPLE / "blank.png", folder)
    path = folder / f"{name}.toml"
    path.write_text(FORM.read_text("utf-8").replace('"stock count"', f'"{name}"'), "utf-8")
    return path


def test_two_forms_of_one_name_are_8(run: Run, tmp_path: Path) -> None:
    again = form_named(tmp_path, "stock count")
    result = run("scan", STRIP, "--form", FORM, "--form", again, "--out", tmp_path / "r.csv")
    assert result.exit_code == 8
    assert 'is called "stock count"' in result.stderr


def test_several_forms_do_not_fit_into_one_csv(run: Run, tmp_path: Path) -> None:
    forms = ("--form", FORM, "--form", form_named(tmp_path, "other"))
    result = run("scan", STRIP, *forms, "--out", tmp_path / "r.csv", "--table", tmp_path / "t.csv")
    assert result.exit_code == 5
    assert "2 forms do not fit into one table (.csv); write --table FILE.xlsx" in result.stderr
    assert not (tmp_path / "r.csv").exists()


def test_contours_alone_are_wrong_usage(run: Run, tmp_path: Path) -> None:
    result = run("scan", STRIP, "--form", FORM, "--reader", "contours", "--out", tmp_path / "r.csv")
    assert result.exit_code == 2
    assert "forms are not read by contours alone" in result.stderr


def test_the_same_command_reads_nothing_again_until_the_form_is_changed(run: Run, tmp_path: Path) -> None:
    form, out = form_named(tmp_path, "own"), tmp_path / "r.csv"
    command = ("scan", SAMPLE / "filled" / "sheet_3.jpg", "--form", form, "--out", out, "--log-json")

    def known() -> list[bool]:
        result = run(*command)
        assert result.exit_code == 0, result.output
        events = [json.loads(line) for line in result.stderr.splitlines()]
        return [event["known"] for event in events if "known" in event]

    assert known() == [False]
    before = out.read_bytes()
    assert known() == [True]
    assert out.read_bytes() == before
    form.write_text(form.read_text("utf-8").replace("max = 500", "max = 100"), "utf-8")
    assert known() == [False]
    (flagged,) = [row for row in read_results_csv(out) if "outside limits" in row.review and row.text == "119"]
    assert flagged.field == "items.1.total"


def test_a_field_that_a_person_corrects_is_in_the_table_and_checked_by_the_rules(
    scanned: Path, run: Run, tmp_path: Path
) -> None:
    shutil.copytree(scanned, tmp_path / "out")
    out = tmp_path / "out"
    broken_before = len(json.loads((out / "r.json").read_text("utf-8"))["pages"][1]["broken_rules"])
    ruled = next(row for row in read_results_csv(out / "r.csv") if row.field.endswith("1.total"))
    said = correction(file=ruled.file, box=ruled.box, field=ruled.field, read=ruled.text, text="999999")
    CorrectionsFile(out / "r.corrections.jsonl").append([said])
    assert run("export", out / "r.csv").exit_code == 0
    (row,) = [row for row in read_results_csv(out / "r.csv") if row.checked]
    assert (row.field, row.text, row.read, row.review) == (ruled.field, "999999", ruled.text, "")
    pages = json.loads((out / "r.json").read_text("utf-8"))["pages"]
    assert len(pages[1]["broken_rules"]) > broken_before
    book = openpyxl.load_workbook(out / "t.xlsx")
    assert any(cell.value == 999999 for sheet in book for cells in sheet for cell in cells)
