"""``digitscan form``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from scanner.forms.form_file import load_form

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands.conftest import Run


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blank form with a comb of eight cells and a table of two columns."""
    image = np.full((1100, 800), 255, np.uint8)
    rng = np.random.default_rng(2)
    for line in range(12):
        text = "".join(rng.choice(list("abcdefghiklmnoprstuvw "), 28))
        cv2.putText(image, text, (60, 520 + 45 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    for cell in range(8):
        cv2.rectangle(image, (60 + 40 * cell, 60), (100 + 40 * cell, 104), 0, 2)
    for row in range(6):
        for column in range(2):
            cv2.rectangle(image, (60 + 150 * column, 150 + 50 * row), (210 + 150 * column, 200 + 50 * row), 0, 2)
    path = tmp_path_factory.mktemp("page") / "blank.png"
    cv2.imwrite(str(path), image)
    return path


@pytest.fixture(scope="module")
def form_file(page: Path, succeed: Run) -> Path:
    out = page.with_name("form.toml")
    succeed("form", "new", page, "--out", out)
    return out


def test_new_writes_a_form_whose_reference_is_the_page(form_file: Path, page: Path) -> None:
    form = load_form(form_file)
    assert form.reference_path == page
    assert [(field.kind.value, field.cells) for field in form.fields] == [("comb", 8)]
    assert [(table.rows, len(table.columns)) for table in form.tables] == [(6, 2)]


def test_new_keeps_a_form_that_was_edited(form_file: Path, page: Path, run: Run, succeed: Run, tmp_path: Path) -> None:
    out = tmp_path / "f.toml"
    out.write_text("mine", "utf-8")
    refused = run("form", "new", page, "--out", out)
    assert (refused.exit_code, out.read_text("utf-8")) == (5, "mine")
    assert refused.stderr.startswith(f"Error: {out}: exists; ")
    succeed("form", "new", page, "--out", out, "--force")
    assert load_form(out).reference_path.resolve() == page.resolve()


def test_new_writes_a_straightened_picture_of_a_page_that_lies_askew(page: Path, succeed: Run, tmp_path: Path) -> None:
    image = cv2.imread(str(page))
    assert image is not None
    turn = cv2.getRotationMatrix2D((400, 550), 3, 1)
    askew = cv2.warpAffine(image, turn, (800, 1100), borderValue=(255, 255, 255))
    cv2.imwrite(str(tmp_path / "askew.png"), askew)
    said = succeed("form", "new", tmp_path / "askew.png", "--out", tmp_path / "f.toml").output
    form = load_form(tmp_path / "f.toml")
    assert form.reference.file == "f_reference.png"
    assert "f_reference.png" in said
    assert [(field.kind.value, field.cells) for field in form.fields] == [("comb", 8)]


@pytest.mark.parametrize(
    ("name", "exit_code", "message"),
    [
        ("nothing.png", 4, "does not exist; check the name"),
        ("blank.png#2", 4, "has no page 2; count its pages from 1"),
        ("broken.png", 3, "is not a PNG, JPEG"),
        ("white.png", 4, "has no boxes, combs or tables"),
        ("", 4, "is a folder; give the name of one page"),
    ],
)
def test_a_page_that_cannot_be_used_is_one_line(
    page: Path, run: Run, tmp_path: Path, name: str, exit_code: int, message: str
) -> None:
    (page.parent / "broken.png").write_bytes(b"no picture")
    cv2.imwrite(str(page.parent / "white.png"), np.full((900, 700), 255, np.uint8))
    result = run("form", "new", page.parent / name, "--out", tmp_path / "f.toml")
    assert result.exit_code == exit_code
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "f.toml").exists()


def test_show_draws_the_fields(form_file: Path, succeed: Run, tmp_path: Path) -> None:
    succeed("form", "show", form_file, "--out", tmp_path / "fields.png")
    picture = cv2.imread(str(tmp_path / "fields.png"))
    assert picture is not None
    assert picture.shape[1] == 800
    assert (np.ptp(picture.astype(int), axis=2) > 50).any()


def test_show_lays_a_page_on_the_reference(form_file: Path, page: Path, run: Run, tmp_path: Path) -> None:
    image = cv2.imread(str(page))
    assert image is not None
    cv2.imwrite(str(tmp_path / "turned.png"), cv2.rotate(image, cv2.ROTATE_180))
    laid, own = tmp_path / "laid.png", tmp_path / "own.png"
    assert run("form", "show", form_file, tmp_path / "turned.png", "--out", laid).exit_code == 0
    assert run("form", "show", form_file, "--out", own).exit_code == 0
    drawn = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in (laid, own)]
    assert drawn[0] is not None
    assert drawn[1] is not None
    assert np.mean(cv2.absdiff(drawn[0][:1100], drawn[1][:1100]) > 100) < 0.01


def test_show_refuses_a_page_of_another_form(form_file: Path, run: Run, tmp_path: Path) -> None:
    other = np.full((1000, 800), 255, np.uint8)
    cv2.circle(other, (400, 500), 200, 0, 3)
    cv2.imwrite(str(tmp_path / "other.png"), other)
    result = run("form", "show", form_file, tmp_path / "other.png", "--out", tmp_path / "a.png")
    assert result.exit_code == 3
    assert "is no page of" in result.stderr


def test_show_tells_of_mistakes_in_the_form(form_file: Path, run: Run, tmp_path: Path) -> None:
    wrong = form_file.with_name("wrong.toml")
    wrong.write_text(form_file.read_text("utf-8").replace("cells = 8", "cels = 8"), "utf-8")
    result = run("form", "show", wrong, "--out", tmp_path / "a.png")
    assert result.exit_code == 8
    assert 'did you mean "cells"?' in result.stderr


@pytest.mark.parametrize("arguments", [("new", "a.png", "--out", "a.txt"), ("show", "a.toml", "--out", "a.gif")])
def test_outputs_have_the_ending_of_their_format(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("form", *arguments).exit_code == 2


def test_blank_says_what_it_used(page: Path, run: Run, tmp_path: Path) -> None:
    image = cv2.imread(str(page))
    assert image is not None
    for number in range(3):
        written = image.copy()
        cv2.putText(written, "1234", (450, 100 + 100 * number), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.2, (0, 0, 0), 3)
        cv2.imwrite(str(tmp_path / f"{number}.png"), written)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    out = tmp_path / "out" / "blank.png"
    result = run("form", "blank", tmp_path, "--out", out)
    assert result.exit_code == 3
    assert result.stderr.startswith("broken.png: ")
    assert f"computed from 3 pages -> {out}" in result.stdout
    assert out.exists()
    assert run("form", "blank", tmp_path, "--out", out).exit_code == 5


def test_sample_writes_a_form_and_its_pages(run: Run, succeed: Run, tmp_path: Path) -> None:
    written = succeed("form", "sample", tmp_path / "new").stdout.splitlines()
    form = load_form(tmp_path / "new" / "form.toml")
    assert str(form.reference_path) in written
    assert [line for line in written if line.endswith(".jpg")] == [
        str(tmp_path / "new" / "filled" / f"sheet_{number}.jpg") for number in (1, 2, 3)
    ]
    (tmp_path / "file").write_text("in the way")
    assert run("form", "sample", tmp_path / "file").exit_code == 5
