"""Reading with forms from Python."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import scanner
from scanner.synthesis.sample_form import STOCK_COUNTS

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs" / "sample-form"
FORM_FILE = SAMPLE / "form.toml"
SHEET = SAMPLE / "filled" / "sheet_2.jpg"
RIGHT = STOCK_COUNTS[1].texts()


@pytest.fixture(scope="module")
def form() -> scanner.Form:
    return scanner.Form.load(FORM_FILE)


@pytest.fixture(scope="module")
def page(form: scanner.Form) -> scanner.Page:
    return scanner.read(SHEET, form=form).page


@pytest.fixture
def other_page() -> Path:
    """A page that is no form."""
    return ROOT / "samples" / "amounts.png"


def test_a_form_tells_its_name_and_its_fields(form: scanner.Form) -> None:
    assert form.name == "stock count"
    assert form.field_names == tuple(RIGHT)
    assert scanner.Form.load(str(FORM_FILE)) == form
    assert {form: 1}[scanner.Form.load(FORM_FILE)] == 1


def test_a_form_with_mistakes_is_an_error_that_lists_them(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text('name = ""\nreference = "none.png"\n[[field]]\nname = "a"\n', "utf-8")
    with pytest.raises(scanner.FormError) as caught:
        scanner.Form.load(tmp_path / "f.toml")
    assert len(caught.value.mistakes) > 1
    assert str(caught.value).splitlines() == list(caught.value.mistakes)
    with pytest.raises(scanner.FormError, match="none"):
        scanner.Form.load(tmp_path / "none.toml")


def test_a_page_has_a_number_for_each_field(page: scanner.Page) -> None:
    assert page.form == "stock count"
    assert [number.field for number in page.numbers] == list(RIGHT)
    right = sum(number.text == RIGHT[number.field] for number in page.numbers)
    assert right >= 0.95 * len(RIGHT)
    assert [rule.rule for rule in page.broken_rules] == ["total == shelf + store"]


def test_a_page_comes_back_from_its_dict(page: scanner.Page) -> None:
    assert scanner.Page.from_dict(page.to_dict()) == page
    assert page.render().shape[1] == page.width


def test_the_path_of_a_form_file_and_an_array_do_as_well(page: scanner.Page) -> None:
    image = np.asarray(cv2.imread(str(SHEET)), np.uint8)
    read = scanner.read_page(image, name="sheet_2.jpg", form=str(FORM_FILE))
    assert read.numbers == page.numbers


def test_a_page_that_is_not_the_form_is_an_error(other_page: Path) -> None:
    with pytest.raises(scanner.PageError, match=r'amounts\.png, page 1: is not the form "stock count"'):
        scanner.read(other_page, form=FORM_FILE)


def test_forms_of_one_name_are_an_error(form: scanner.Form) -> None:
    with pytest.raises(scanner.FormError, match=r'is called "stock count", as .* is'):
        scanner.read(SHEET, form=[form, FORM_FILE])


@pytest.mark.parametrize("value", [7, [7], b"form.toml", [None]])
def test_what_is_no_form_is_a_bad_value(value: Any) -> None:
    with pytest.raises(ValueError, match="give a Form, the path of a form file, or several of them"):
        scanner.read(SHEET, form=value)


def test_contours_alone_do_not_read_forms(form: scanner.Form) -> None:
    with pytest.raises(ValueError, match="reader='contours': forms are not read by contours alone"):
        scanner.read(SHEET, form=form, reader="contours")


def test_without_a_form_pages_are_read_as_ever(other_page: Path) -> None:
    page = scanner.read(other_page, form=[]).page
    assert page == scanner.read(other_page, form=None).page
    assert (page.form, page.broken_rules) == ("", ())


def test_a_folder_is_read_with_a_form(tmp_path: Path, other_page: Path, form: scanner.Form) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    for path in (SHEET, other_page):
        shutil.copy(path, scans)
    seen: list[scanner.ScanProgress] = []
    out, table = tmp_path / "results.csv", tmp_path / "table.csv"
    summary = scanner.scan(scans, out=out, table=table, form=form, jobs=1, progress=seen.append)
    assert (summary.pages, summary.failed) == (1, 1)
    errors = {event.file: event.error for event in seen}
    assert errors["sheet_2.jpg"] == ""
    assert "is not the form" in errors["amounts.png"]
    with out.open(encoding="utf-8", newline="") as stream:
        assert [row["field"] for row in csv.DictReader(stream)] == list(RIGHT)
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["row"] for row in rows] == [str(row) for row in range(1, 9)]
    assert rows[0]["sheet"] == RIGHT["sheet"]
