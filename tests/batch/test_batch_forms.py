from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image as PilImage

from scanner.batch.batch_forms import BatchForm, check_different_names, load_references, open_batch_forms
from scanner.batch.recipe import ReadingRecipe, ReadingSetup, recipe_hash
from scanner.errors import FormError

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
name = "{name}"
reference = "{reference}"

[[field]]
name = "a"
box = [10, 10, 30, 20]
"""
SETUP = ReadingSetup((("digitscan", "1"),), (("a.onnx", "0"),))


@pytest.fixture(autouse=True)
def _nothing_loaded() -> None:
    """Forms of the same bytes are the same, wherever they are."""
    load_references.cache_clear()


def write_form(folder: Path, name: str = "f", reference: str = "blank.png", text: str = TEXT) -> Path:
    PilImage.new("L", (120, 90), 255).save(folder / "blank.png")
    path = folder / f"{name}.toml"
    path.write_text(text.format(name=name, reference=reference), "utf-8")
    return path


def test_forms_are_opened_in_their_order(tmp_path: Path) -> None:
    paths = [write_form(tmp_path, name) for name in ("second", "first")]
    opened = open_batch_forms(paths)
    assert [each.form.name for each in opened] == ["second", "first"]
    assert [each.form.file for each in opened] == paths
    assert len({each.sha256 for each in opened}) == 2
    assert open_batch_forms(paths) == opened
    assert open_batch_forms([]) == ()


def test_the_reference_is_part_of_the_checksum(tmp_path: Path) -> None:
    (before,) = open_batch_forms([write_form(tmp_path)])
    PilImage.new("L", (120, 90), 250).save(tmp_path / "blank.png")
    (after,) = open_batch_forms([tmp_path / "f.toml"])
    assert (after.form, after.sha256 == before.sha256) == (before.form, False)


def test_two_forms_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    path = write_form(tmp_path)
    again = tmp_path / "again.toml"
    again.write_bytes(path.read_bytes())
    with pytest.raises(FormError) as caught:
        open_batch_forms([path, again])
    assert str(caught.value) == f'{again}: is called "f", as {path} is; give one another name in its file'


def test_a_form_given_twice_is_a_mistake(tmp_path: Path) -> None:
    (form,) = open_batch_forms([write_form(tmp_path)])
    with pytest.raises(FormError, match="give one another name"):
        check_different_names([form, form])
    check_different_names([form, replace(form, form=replace(form.form, name="g"))])


def test_a_form_without_its_reference_is_a_mistake(tmp_path: Path) -> None:
    path = write_form(tmp_path, reference="none.png")
    with pytest.raises(FormError, match=r"f\.toml:2: reference: there is no file .*none\.png"):
        open_batch_forms([path])


@pytest.mark.parametrize("lost", ["f.toml", "blank.png"])
def test_a_file_that_is_gone_since_is_named(tmp_path: Path, lost: str) -> None:
    opened = open_batch_forms([write_form(tmp_path)])
    (tmp_path / lost).unlink()
    with pytest.raises(FormError, match=rf"{lost}: cannot be read \(No such file or directory\); check the name"):
        load_references(opened)


def test_references_are_loaded_once(tmp_path: Path) -> None:
    opened = open_batch_forms([write_form(tmp_path)])
    (reference,) = load_references(opened)
    assert reference.form == opened[0].form
    assert reference.description.size == (120, 90)
    assert load_references(open_batch_forms([tmp_path / "f.toml"]))[0] is reference
    assert load_references(()) == ()


@pytest.mark.parametrize("changed", ["f.toml", "blank.png"])
def test_a_file_that_was_changed_since_is_refused(tmp_path: Path, changed: str) -> None:
    opened = open_batch_forms([write_form(tmp_path)])
    path = tmp_path / changed
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(FormError, match=r"f\.toml: was changed since reading began, or its reference was; start again"):
        load_references(opened)


def test_a_reference_that_the_fields_do_not_fit_is_refused(tmp_path: Path) -> None:
    path = write_form(tmp_path)
    PilImage.new("L", (20, 90), 255).save(tmp_path / "blank.png")
    with pytest.raises(FormError, match='"a"'):
        load_references(open_batch_forms([path]))


def recipe(*forms: BatchForm) -> str:
    return recipe_hash(ReadingRecipe(forms=forms), SETUP)


def test_pages_are_read_again_if_a_form_was_changed(tmp_path: Path) -> None:
    path = write_form(tmp_path)
    (form,) = open_batch_forms([path])
    assert recipe(form) == recipe(*open_batch_forms([path])) != recipe()
    path.write_text(TEXT.format(name="f", reference="blank.png").replace("30, 20", "30, 21"), "utf-8")
    assert recipe(*open_batch_forms([path])) != recipe(form)


def test_the_values_of_forms_are_those_of_the_recipe(tmp_path: Path) -> None:
    opened = open_batch_forms([write_form(tmp_path)])
    assert ReadingRecipe(forms=opened).form_values == (opened[0].form,)
    assert ReadingRecipe().form_values == ()
