from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

pytest.importorskip("flask", reason="the web page needs Flask")

from scanner.errors import FormError, NotInstalledError, OutputError, PageError
from scanner.forms.form import FieldKind, Form, FormField, Reference, ReferenceState
from scanner.forms.form_file import load_form
from scanner.forms.form_writing import write_form
from scanner.reading_models import Models, load_networks
from scanner.types import Box, Number, PageImage, PageResult
from scanner.web import form_sheet
from scanner.web.form_sheet import MAX_SHEETS, EditedFile, FormSheet, SheetStore, open_sheet, picture_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.types import Image

IMAGE: Image = np.full((100, 200, 3), 255, np.uint8)
FORM = Form(
    name="tally",
    reference=Reference("blank.png"),
    fields=(FormField(name="votes", box=Box(10, 10, 60, 20), kind=FieldKind.NUMBER),),
)


@pytest.fixture
def form_file(tmp_path: Path) -> Path:
    """A form file with its reference."""
    cv2.imwrite(str(tmp_path / "blank.png"), IMAGE)
    (tmp_path / "form.toml").write_text(write_form(FORM), "utf-8")
    return tmp_path / "form.toml"


def with_name(name: str) -> Form:
    return replace(FORM, fields=(replace(FORM.fields[0], name=name),))


def test_a_form_is_opened_and_saved(form_file: Path) -> None:
    sheet = open_sheet(form_file, None, Models(None))  # type: ignore[arg-type]  # nothing is read
    assert sheet.form() == FORM
    assert sheet.size == (200, 100)
    assert sheet.file is not None
    sheet.file.save(with_name("voices"), sheet.image)
    assert load_form(form_file) == with_name("voices")
    assert sheet.form() == with_name("voices")
    sheet.file.save(FORM, sheet.image)
    assert load_form(form_file) == FORM
    assert sorted(path.name for path in form_file.parent.iterdir()) == ["blank.png", "form.toml"]


def test_a_file_that_somebody_else_changed_is_not_overwritten(form_file: Path) -> None:
    edited = EditedFile(form_file)
    form_file.write_text("# mine")
    with pytest.raises(OutputError, match="was changed since"):
        edited.save(FORM, IMAGE)
    assert form_file.read_text() == "# mine"


def test_a_file_that_has_been_changed_is_loaded_anew(form_file: Path) -> None:
    edited = EditedFile(form_file)
    form_file.write_text(write_form(with_name("voices")), "utf-8")
    assert edited.load() == with_name("voices")
    edited.save(FORM, IMAGE)
    assert load_form(form_file) == FORM


def test_another_reference_is_not_that_of_the_sheet(form_file: Path) -> None:
    sheet = open_sheet(form_file, None, Models(None))  # type: ignore[arg-type]
    cv2.imwrite(str(form_file.parent / "other.png"), IMAGE)
    form_file.write_text(write_form(replace(FORM, reference=Reference("other.png"))), "utf-8")
    with pytest.raises(FormError, match="another reference"):
        sheet.form()


@pytest.mark.parametrize(
    ("added", "loses"), [("", False), ("# counted twice\n", True), ('[[rule]]\ncheck = "votes > 0"  # always\n', True)]
)
def test_it_is_known_that_comments_of_people_are_lost(form_file: Path, added: str, loses: bool) -> None:
    with form_file.open("a") as stream:
        stream.write(added)
    edited = EditedFile(form_file)
    assert edited.loses_comments is loses
    edited.save(FORM, IMAGE)
    assert not edited.loses_comments


def test_a_form_without_a_file_begins_as_suggested(tmp_path: Path) -> None:
    edited = EditedFile(tmp_path / "new.toml", tmp_path / "new_reference.png")
    sheet = FormSheet(IMAGE, replace(FORM, reference=Reference("new_reference.png")), edited)
    assert not edited.exists
    assert not edited.loses_comments
    form = sheet.form()
    assert list(tmp_path.iterdir()) == []
    edited.save(form, sheet.image)
    assert load_form(tmp_path / "new.toml") == form
    assert np.array_equal(cv2.imread(str(tmp_path / "new_reference.png")), IMAGE)  # type: ignore[arg-type]
    edited.save(replace(form, name="again"), sheet.image)
    assert load_form(tmp_path / "new.toml").name == "again"


def test_a_new_form_is_suggested_for_a_page_and_not_written_yet(tmp_path: Path) -> None:
    page: Image = np.full((600, 500, 3), 255, np.uint8)
    for top in (100, 200, 300):
        cv2.rectangle(page, (200, top), (400, top + 40), (0, 0, 0), 2)
        cv2.putText(page, "Number", (60, top + 28), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    cv2.imwrite(str(tmp_path / "page.png"), page)
    sheet = open_sheet(tmp_path / "new.toml", str(tmp_path / "page.png"), load_networks())
    form = sheet.form()
    assert (form.name, form.reference.file, len(form.fields)) == ("new", "page.png", 3)
    assert [path.name for path in tmp_path.iterdir()] == ["page.png"]
    assert sheet.file is not None
    sheet.file.save(form, sheet.image)
    assert load_form(tmp_path / "new.toml") == form


def test_a_picture_of_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "new_reference.png").write_text("mine")
    with pytest.raises(OutputError, match="exists; move it away"):
        EditedFile(tmp_path / "new.toml", tmp_path / "new_reference.png")


def test_without_file_and_page_there_is_nothing_to_edit(tmp_path: Path) -> None:
    with pytest.raises(FormError, match="give a page as well"):
        open_sheet(tmp_path / "none.toml", None, Models(None))  # type: ignore[arg-type]


def test_a_page_of_another_form_is_refused_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = FormSheet(IMAGE, FORM)
    monkeypatch.setattr(form_sheet, "lay_on", lambda *_: IMAGE)
    sheet.look_at(PageImage("a.png", 1, IMAGE))
    monkeypatch.setattr(form_sheet, "lay_on", lambda *_: None)
    with pytest.raises(PageError, match=r"b\.png: is no page of this form"):
        sheet.look_at(PageImage("b.png", 1, IMAGE))
    kept = sheet.page
    assert kept is not None
    assert kept.file == "a.png"
    sheet.look_at(None)
    kept = sheet.page
    assert kept is None


def test_reading_needs_all_models() -> None:
    with pytest.raises(NotInstalledError, match="models are missing"):
        FormSheet(IMAGE, FORM).read(FORM, Models(None))  # type: ignore[arg-type]


@pytest.fixture
def pages_read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[PageImage, Any]]:
    """The pages that are read, with their references, instead of reading them."""
    read: list[tuple[PageImage, Any]] = []

    def scan(pages: list[PageImage], models: Models, *, references: list[Any]) -> list[Any]:
        read.append((pages[0], references[0]))
        number = Number("7", 0.9, "", 1, 1, Box(0, 0, 1, 1), (), "votes")
        error = "b.png: is not the form" if pages[0].file == "b.png" else ""
        result = PageResult(pages[0].file, 1, 200, 100, (number,), error=error)
        return [type("Processed", (), {"result": result})]

    monkeypatch.setattr(form_sheet, "scan_pages", scan)
    return read


ALL_MODELS: Any = type("AllModels", (), {"page_network": 1, "text_line_reader": 1, "blank_mark_model": 1})


def test_the_reference_is_read_if_no_page_is_looked_at(pages_read: list[tuple[PageImage, Any]]) -> None:
    assert FormSheet(IMAGE, FORM).read(FORM, ALL_MODELS).numbers[0].text == "7"
    ((page, reference),) = pages_read
    assert page.image is IMAGE
    assert reference.form == FORM


def test_a_page_that_cannot_be_read_is_an_error(
    pages_read: list[tuple[PageImage, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = FormSheet(IMAGE, FORM)
    monkeypatch.setattr(form_sheet, "lay_on", lambda *_: IMAGE)
    sheet.look_at(PageImage("b.png", 1, IMAGE))
    with pytest.raises(PageError, match="is not the form"):
        sheet.read(FORM, ALL_MODELS)


@pytest.mark.parametrize(("state", "made"), [(ReferenceState.BLANK, 1), (ReferenceState.FILLED, 2)])
def test_the_reference_is_described_again_only_if_its_writing_is_elsewhere(
    pages_read: list[tuple[PageImage, Any]], state: ReferenceState, made: int
) -> None:
    form = replace(FORM, reference=Reference("blank.png", state=state))
    moved = replace(form, fields=(replace(form.fields[0], box=Box(20, 10, 60, 20)),))
    sheet = FormSheet(IMAGE, form)
    for each in (form, replace(form, name="other"), moved):
        sheet.read(each, ALL_MODELS)
    assert len({id(reference.description) for _, reference in pages_read}) == made
    assert [reference.form.name for _, reference in pages_read] == ["tally", "other", "tally"]


def test_a_picture_is_encoded_without_loss() -> None:
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    decoded = cv2.imdecode(np.frombuffer(picture_bytes(image), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert np.array_equal(decoded, image)


def test_the_form_asked_for_longest_ago_goes_first() -> None:
    store, sheets = SheetStore(), [FormSheet(IMAGE, FORM) for _ in range(MAX_SHEETS + 1)]
    tokens = [store.add(sheet) for sheet in sheets[:-1]]
    assert store.get(tokens[0]) is sheets[0]
    last = store.add(sheets[-1])
    assert store.get(tokens[1]) is None
    assert store.get(tokens[0]) is sheets[0]
    assert store.get(last) is sheets[-1]
    assert len({*tokens, last}) == MAX_SHEETS + 1
    assert all(len(token) > 20 for token in tokens)
