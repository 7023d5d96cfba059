from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.errors import OutputError
from scanner.pad.drawing import Drawing, render_ink
from scanner.pad.labelled_drawings import save_drawing

SEVEN = Drawing(50, 60).begin_stroke(10, 10).extend_stroke(40, 10).extend_stroke(20, 50)


def test_saved_under_its_label_as_black_on_white(tmp_path: Path) -> None:
    path = save_drawing(SEVEN, 7, tmp_path / "new")
    assert path == tmp_path / "new" / "7" / "0001.png"
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert np.array_equal(picture, 255 - render_ink(SEVEN))


def test_numbers_count_up_per_label(tmp_path: Path) -> None:
    names = [save_drawing(SEVEN, label, tmp_path).relative_to(tmp_path).as_posix() for label in (7, 7, 0, 7)]
    assert names == ["7/0001.png", "7/0002.png", "0/0001.png", "7/0003.png"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "7" / "0001.png"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    assert save_drawing(SEVEN, 7, tmp_path).name == "0002.png"
    assert mine.read_bytes() == b"mine"


def test_an_empty_drawing_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to save"):
        save_drawing(Drawing(50, 50), 7, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("label", [-1, 10])
def test_a_label_is_a_digit(tmp_path: Path, label: int) -> None:
    with pytest.raises(ValueError, match="digit from 0 to 9"):
        save_drawing(SEVEN, label, tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"cannot save the drawing in .*file.7: "):
        save_drawing(SEVEN, 7, tmp_path / "file")
