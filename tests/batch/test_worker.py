from __future__ import annotations

import hashlib
import platform
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from scanner import __version__
from scanner.batch.batch_forms import load_references, open_batch_forms
from scanner.batch.drawn_pages import DrawnPages
from scanner.batch.failure_isolation import scan_file
from scanner.batch.local_processes import local_worker_pool
from scanner.batch.recipe import ReadingRecipe
from scanner.batch.worker import (
    FileInfo,
    PageTaskResult,
    draw_page,
    inspect_file,
    load_reading_setup,
    read_page,
)
from scanner.batch.worker_pool import TaskLimits
from scanner.errors import FormError, NotInstalledError
from scanner.options import Readers, ScanOptions
from scanner.reading_models import load_models
from scanner.sources.discovery import find_files
from scanner.sources.limits import DEFAULT_LIMITS
from scanner.types import PageRef, PageResult
from scanner.weights import models_folder, open_weights_folder

SAMPLES = Path(__file__).parents[2] / "samples"
FORM = Path(__file__).parents[2] / "docs" / "sample-form"
RECIPE = ReadingRecipe(ScanOptions(readers=Readers.CONTOURS))
NO_PICTURES = DrawnPages()


def write(path: Path, count: int = 1) -> PageRef:
    """A file of small pages, each a stroke at a place of its own."""
    pages = []
    for place in range(count):
        page = np.full((60, 90), 255, np.uint8)
        page[15:45, 20 + 10 * place : 24 + 10 * place] = 0
        pages.append(PilImage.fromarray(page))
    if count > 1:
        pages[0].save(path, save_all=True, append_images=pages[1:])
    else:
        pages[0].save(path)
    return PageRef(path, path.name)


def read_all(ref: PageRef, recipe: ReadingRecipe = RECIPE, pictures: DrawnPages = NO_PICTURES) -> list[PageTaskResult]:
    look = inspect_file(ref, recipe.limits)
    return [read_page(ref, number, look.sha256, recipe, pictures) for number in look.page_numbers]


def test_inspection_gives_hash_size_and_page_numbers(tmp_path: Path) -> None:
    ref = write(tmp_path / "a.tif", 3)
    data = ref.path.read_bytes()
    assert inspect_file(ref, DEFAULT_LIMITS) == FileInfo(hashlib.sha256(data).hexdigest(), len(data), range(1, 4))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is held to a limit on Linux alone")
def test_a_small_file_needs_little_memory_although_large_files_are_allowed(tmp_path: Path) -> None:
    ref = write(tmp_path / "a.png")
    with local_worker_pool(1, TaskLimits(timeout_seconds=60, memory_bytes=DEFAULT_LIMITS.file_bytes)) as workers:
        assert workers.submit(inspect_file, ref, DEFAULT_LIMITS).result().page_numbers == range(1, 2)


def test_reading_page_by_page_equals_reading_the_whole_file(tmp_path: Path) -> None:
    write(tmp_path / "a.tif", 3)
    write(tmp_path / "b.pdf", 2)
    write(tmp_path / "c.png")
    (tmp_path / "d.png").write_bytes(b"no picture")
    (tmp_path / "e.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    (tmp_path / "f.tif").write_bytes(b"")
    models = load_models(RECIPE.classifier, RECIPE.options.readers)
    for ref in find_files([tmp_path]):
        whole = [outcome.result for outcome in scan_file(ref, models, RECIPE.options, RECIPE.limits)]
        assert [done.result for done in read_all(ref)] == whole


def test_pages_beyond_the_limit_are_one_failure(tmp_path: Path) -> None:
    ref = write(tmp_path / "a.tif", 4)
    recipe = replace(RECIPE, limits=replace(DEFAULT_LIMITS, pages=2))
    models = load_models(RECIPE.classifier, RECIPE.options.readers)
    whole = [outcome.result for outcome in scan_file(ref, models, RECIPE.options, recipe.limits)]
    assert [done.result for done in read_all(ref, recipe)] == whole
    assert [bool(result.error) for result in whole] == [False, False, True]


def test_a_preview_in_a_tiff_is_no_page(tmp_path: Path) -> None:
    page = PilImage.new("L", (90, 60), 255)
    ref = PageRef(tmp_path / "a.tif", "a.tif")
    page.save(ref.path, save_all=True, append_images=[page.resize((9, 6)), page], tiffinfo={254: 0})
    data = bytearray(ref.path.read_bytes())
    first = int.from_bytes(data[4:8], "little")
    end = first + 2 + 12 * data[first]
    second = int.from_bytes(data[end : end + 4], "little")
    assert data[second + 2] == 254  # the first of its tags: what kind of picture it is
    data[second + 10] = 1
    ref.path.write_bytes(data)
    assert inspect_file(ref, DEFAULT_LIMITS).page_numbers == range(1, 4)
    assert [done.result and done.result.page_number for done in read_all(ref)] == [1, None, 3]


def test_a_file_that_was_changed_after_its_inspection_is_an_error(tmp_path: Path) -> None:
    ref = write(tmp_path / "a.tif", 2)
    look = inspect_file(ref, DEFAULT_LIMITS)
    assert read_page(ref, 1, look.sha256, RECIPE, NO_PICTURES).result is not None
    write(ref.path, 3)
    error = "a.tif: was changed while it was read; read it again"
    assert read_page(ref, 2, look.sha256, RECIPE, NO_PICTURES) == PageTaskResult(
        PageResult("a.tif", 2, 0, 0, error=error)
    )


def test_a_deleted_file_is_an_error(tmp_path: Path) -> None:
    ref = PageRef(tmp_path / "a.png", "a.png")
    assert inspect_file(ref, DEFAULT_LIMITS) == FileInfo("", 0, range(1))
    (done,) = read_all(ref)
    assert done.result == PageResult("a.png", 0, 0, 0, error="a.png: does not exist any more; give its new path")


def test_a_file_that_appears_after_its_inspection_is_an_error(tmp_path: Path) -> None:
    ref = PageRef(tmp_path / "a.png", "a.png")
    look = inspect_file(ref, DEFAULT_LIMITS)
    write(ref.path)
    done = read_page(ref, 1, look.sha256, RECIPE, NO_PICTURES)
    assert done.result is not None
    assert "read it again" in done.result.error


def test_pictures_are_drawn_into_their_folders(tmp_path: Path) -> None:
    ref = write(tmp_path / "a.tif", 2)
    (tmp_path / "out").mkdir()
    done = read_all(ref, pictures=DrawnPages(tmp_path / "out" / "checked", tmp_path / "out" / "stages"))
    assert [page.drawing_errors for page in done] == [(), ()]
    assert sorted(path.name for path in (tmp_path / "out" / "checked").iterdir()) == ["a.tif.p1.jpg", "a.tif.p2.jpg"]
    assert sorted(path.name for path in (tmp_path / "out" / "stages").iterdir()) == ["a.tif.p1", "a.tif.p2"]


def test_pictures_that_cannot_be_written_are_drawing_errors(tmp_path: Path) -> None:
    ref = write(tmp_path / "a.png")
    (tmp_path / "file").write_text("")
    (done,) = read_all(ref, pictures=DrawnPages(tmp_path / "file", tmp_path / "file"))
    assert done.result is not None
    assert done.result.error == ""
    assert len(done.drawing_errors) == 2
    assert all(error.startswith(f"{tmp_path / 'file'}") for error in done.drawing_errors)


def test_a_page_drawn_later_looks_the_same(tmp_path: Path) -> None:
    ref = write(tmp_path / "a.tif", 2)
    second = read_all(ref, pictures=DrawnPages(annotated_folder=tmp_path / "once"))[1].result
    assert second is not None
    sha256 = inspect_file(ref, DEFAULT_LIMITS).sha256
    assert draw_page(ref, 2, sha256, second, DEFAULT_LIMITS, DrawnPages(tmp_path / "later")) == PageTaskResult(second)
    assert [path.name for path in (tmp_path / "later").iterdir()] == ["a.tif.p2.jpg"]
    assert (tmp_path / "later" / "a.tif.p2.jpg").read_bytes() == (tmp_path / "once" / "a.tif.p2.jpg").read_bytes()


def test_a_page_deleted_before_it_is_drawn_is_a_drawing_error(tmp_path: Path) -> None:
    ref = write(tmp_path / "a.png")
    result = read_all(ref)[0].result
    assert result is not None
    sha256 = inspect_file(ref, DEFAULT_LIMITS).sha256
    ref.path.unlink()
    done = draw_page(ref, 1, sha256, result, DEFAULT_LIMITS, DrawnPages(tmp_path / "later"))
    assert done == PageTaskResult(result, ("a.png: does not exist any more; give its new path",))


def test_the_setup_has_the_versions_of_programs_and_machine() -> None:
    found = dict(load_reading_setup(RECIPE).versions)
    assert list(found) == ["digitscan", "python", "opencv", "numpy", "pillow", "pypdfium2", "platform"]
    assert found["digitscan"] == __version__
    assert found["python"] == platform.python_version()
    assert all(found.values())


def test_the_setup_has_the_models_that_the_options_need() -> None:
    assert [name for name, _ in load_reading_setup(RECIPE).models] == [
        "digits.onnx",
        "pages.onnx",
        "orientation.onnx",
        "blank_marks.npz",
    ]
    assert [name for name, _ in load_reading_setup(ReadingRecipe()).models] == [
        "digits.onnx",
        "pages.onnx",
        "orientation.onnx",
        "blank_marks.npz",
        "numbers.onnx",
        "text_lines.onnx",
        "rows.npz",
        "crops.npz",
    ]


def test_own_weights_go_before_those_of_the_program(own_models: Path) -> None:
    own = open_weights_folder(own_models)
    models = dict(load_reading_setup(replace(RECIPE, own_weights=own)).models)
    program = dict(load_reading_setup(RECIPE).models)
    assert models == program | dict(own.checksums)
    assert models != program


def test_own_weights_that_were_changed_meanwhile_are_refused(own_models: Path) -> None:
    own = open_weights_folder(own_models)
    shutil.rmtree(own_models)
    shutil.copytree(models_folder(), own_models)
    with pytest.raises(NotInstalledError, match="are not those that reading began with"):
        load_reading_setup(replace(RECIPE, own_weights=own))


def test_a_page_is_read_with_the_forms_of_the_recipe(tmp_path: Path) -> None:
    shutil.copy(FORM / "filled" / "sheet_3.jpg", tmp_path / "page.jpg")
    recipe = ReadingRecipe(forms=open_batch_forms([FORM / "form.toml"]))
    (result,) = [done.result for done in read_all(PageRef(tmp_path / "page.jpg", "page.jpg"), recipe)]
    assert result is not None
    assert (result.form, len(result.numbers)) == ("stock count", 29)
    (other,) = [done.result for done in read_all(write(tmp_path / "other.png"), recipe)]
    assert other is not None
    assert 'is not the form "stock count"' in other.error


def test_a_form_that_was_changed_meanwhile_ends_the_batch(tmp_path: Path) -> None:
    shutil.copytree(FORM, tmp_path / "form")
    form_file = tmp_path / "form" / "form.toml"
    form_file.write_text(form_file.read_text("utf-8") + "# mine", "utf-8")
    recipe = ReadingRecipe(forms=open_batch_forms([form_file]))
    form_file.write_text("another", "utf-8")
    load_references.cache_clear()
    with pytest.raises(FormError, match="was changed since reading began"):
        read_all(write(tmp_path / "a.png"), recipe)
    with pytest.raises(FormError, match="was changed since reading began"):
        load_reading_setup(recipe)
