from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.errors import OutputError
from scanner.forms.check_digits import CheckDigit, has_valid_check_digits
from scanner.forms.form_file import check_reference_size, load_form
from scanner.synthesis.sample_form import STOCK_COUNTS, draw_blank_form, draw_filled_form, write_sample_form

SAMPLE = Path(__file__).parents[2] / "docs" / "sample-form"
NAMES = ["form.toml", "blank.png", "filled/sheet_1.jpg", "filled/sheet_2.jpg", "filled/sheet_3.jpg"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "deeper" / "form"
    assert [path.relative_to(folder).as_posix() for path in write_sample_form(folder)] == NAMES
    return folder


def test_the_same_seed_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_sample_form(tmp_path)
    assert all((tmp_path / name).read_bytes() == (written / name).read_bytes() for name in NAMES)


def test_the_form_file_is_right_and_its_fields_are_those_written_in(written: Path) -> None:
    form = load_form(written / "form.toml")
    height, width = draw_blank_form().shape
    check_reference_size(form, width, height)
    names = [field.name for field in form.all_fields()]
    assert all(list(count.texts()) == names for count in STOCK_COUNTS)


def test_fields_have_lines_around_them_and_nothing_in_them(written: Path) -> None:
    blank = draw_blank_form()
    for field in load_form(written / "form.toml").all_fields():
        box = field.box
        around = blank[box.y - 2 : box.bottom + 3, box.x - 2 : box.right + 3]
        for side in (around[:5], around[-5:], around[:, :5], around[:, -5:]):
            assert np.median(side.min(axis=int(side.shape[1] == 5))) < 100, field.name
        inside = blank[box.y + 5 : box.bottom - 5, box.x + 5 : box.right - 5]
        # Dividers of combs are columns of their own.
        assert (np.median(inside, axis=0) > 200).mean() > 0.8, field.name


def test_sums_are_right_on_all_sheets_but_the_second() -> None:
    wrong = [[row for row in count.rows if row[0] + row[1] != row[2]] for count in STOCK_COUNTS]
    assert [len(rows) for rows in wrong] == [0, 1, 0]
    for count in STOCK_COUNTS:
        assert count.all_items == sum(total for _, _, total in count.rows)
        assert has_valid_check_digits(count.sheet, CheckDigit.LUHN)


def test_sheets_are_the_blank_one_with_writing_on_it() -> None:
    blank = draw_blank_form()
    for index, count in enumerate(STOCK_COUNTS):
        sheet = draw_filled_form(count, index)
        assert sheet.shape == blank.shape
        assert (sheet < 120).sum() > 1.05 * (blank < 120).sum()


def test_the_sample_form_in_the_repository_is_complete_and_small() -> None:
    files = [path for path in SAMPLE.rglob("*") if path.is_file()]
    assert sorted(path.relative_to(SAMPLE).as_posix() for path in files) == sorted(NAMES)
    assert sum(path.stat().st_size for path in files) < 400_000


def test_the_sample_form_in_the_repository_is_what_the_program_writes(written: Path) -> None:
    assert (SAMPLE / "form.toml").read_text("utf-8") == (written / "form.toml").read_text("utf-8")
    for name in NAMES[1:]:
        ours, theirs = (cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE) for folder in (written, SAMPLE))
        assert ours is not None
        assert theirs is not None
        # Other versions of OpenCV draw type a little differently.
        assert np.abs(ours.astype(float) - theirs).mean() < 8, name


def test_a_folder_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"cannot write the sample form to .*file.*choose another folder"):
        write_sample_form(tmp_path / "file" / "form")
