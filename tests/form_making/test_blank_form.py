from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from scanner.errors import NothingToReadError, OutputError, PageError
from scanner.form_making.blank_form import common_ink, write_blank_form

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.types import Image


def darkness(*boxes: tuple[int, int, int, int]) -> Image:
    page = np.zeros((60, 80), np.uint8)
    for x, y, width, height in boxes:
        page[y : y + height, x : x + width] = 200
    return page


LINE = (5, 10, 60, 3)


def test_what_all_have_is_kept_as_it_is() -> None:
    page = darkness(LINE)
    assert (common_ink([page] * 4) == page).all()


def test_what_each_has_elsewhere_is_gone() -> None:
    pages = [darkness(LINE, (10 + 10 * i, 30, 6, 6)) for i in range(5)]
    assert (common_ink(pages) == darkness(LINE)).all()


def test_lines_that_lie_a_pixel_beside_each_other_are_one() -> None:
    pages = [darkness((5, 10 + shift, 60, 3)) for shift in (0, 1, 0, 1)]
    kept = common_ink(pages)
    assert kept[11, 20] == 200
    assert (kept[:10] == 0).all()
    assert (kept[14:] == 0).all()


def test_one_page_of_six_may_lack_something() -> None:
    assert (common_ink([darkness(), *[darkness(LINE)] * 5]) == darkness(LINE)).all()
    assert not common_ink([darkness(), darkness(), *[darkness(LINE)] * 4]).any()
    assert not common_ink([darkness(), *[darkness(LINE)] * 4]).any()


def test_strokes_that_cross_leave_nothing() -> None:
    pages = [darkness((20, 30, 2, 20)), darkness((10, 38, 20, 2)), darkness((20, 30, 2, 20)), darkness((10, 38, 20, 2))]
    assert common_ink(pages).sum() <= 4 * 200


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pages of print, each with a number somewhere else."""
    folder = tmp_path_factory.mktemp("filled")
    rng = np.random.default_rng(1)
    page = np.full((800, 640), 255, np.uint8)
    for line in range(11):
        text = "".join(rng.choice(list("abcdefghiklmnoprstuvw "), 24))
        cv2.putText(page, text, (40, 80 + 55 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    for number in range(4):
        written = page.copy()
        cv2.putText(written, "1750", (40 + 150 * number, 760), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.2, 0, 3)
        cv2.imwrite(str(folder / f"{number}.png"), written)
    return folder


def test_print_is_kept_and_numbers_are_not(filled: Path, tmp_path: Path) -> None:
    made = write_blank_form([filled], tmp_path / "blank.png", overwrite=False)
    blank = cv2.imread(str(tmp_path / "blank.png"), cv2.IMREAD_GRAYSCALE)
    assert (made.used, made.left_out) == (4, ())
    assert blank is not None
    assert blank.shape == (800, 640)
    assert (blank[720:] > 200).all()
    assert (blank[:700] < 100).sum() > 5000


def test_another_form_and_what_cannot_be_read_are_left_out_and_named(filled: Path, tmp_path: Path) -> None:
    other = np.full((600, 600), 255, np.uint8)
    for number in range(12):
        cv2.circle(other, (100 + 30 * number, 300), 20 + 5 * number, 0, 3)
    cv2.imwrite(str(tmp_path / "other.png"), other)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    inputs = [filled, tmp_path / "other.png", tmp_path / "broken.png"]
    made = write_blank_form(inputs, tmp_path / "blank.png", overwrite=False)
    assert made.used == 4
    assert len(made.left_out) == 2
    for name in ("other.png", "broken.png"):
        assert any(name in line for line in made.left_out), name


def test_one_page_is_too_few(filled: Path, tmp_path: Path) -> None:
    with pytest.raises(PageError, match="1 pages are too few"):
        write_blank_form([filled / "0.png"], tmp_path / "blank.png", overwrite=False)
    assert not (tmp_path / "blank.png").exists()


def test_the_reference_counts_once(filled: Path, tmp_path: Path) -> None:
    made = write_blank_form([filled], tmp_path / "blank.png", str(filled / "2.png"), overwrite=False)
    assert made.used == 4


def test_what_cannot_be_read_alone_is_no_form(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    with pytest.raises(PageError, match=r"broken\.png.*0 pages are too few"):
        write_blank_form([broken], tmp_path / "other.png", overwrite=False)


def test_files_that_exist_are_kept(filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "blank.png"
    out.write_bytes(b"mine")
    with pytest.raises(OutputError, match="--force"):
        write_blank_form([filled], out, overwrite=False)
    assert out.read_bytes() == b"mine"
    with pytest.raises(NothingToReadError):
        write_blank_form([tmp_path / "nothing"], tmp_path / "b.png", overwrite=False)
