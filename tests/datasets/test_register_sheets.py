from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.datasets.labelled_ink import OTHER_INK, UNKNOWN_INK
from scanner.datasets.register_pages import RegisterLine, RegisterPage
from scanner.datasets.register_sheets import label_register_page
from scanner.errors import DataError
from scanner.synthesis.page_content import PixelClass
from scanner.types import Box


@pytest.fixture
def page(tmp_path: Path) -> RegisterPage:
    """A page with a printed head, a number, a line of writing, one with digits, and ink that is in no line."""
    image = np.full((500, 700, 3), 245, np.uint8)

    def write(text: str, x: int, y: int) -> None:
        cv2.putText(image, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (40, 40, 40), 2, cv2.LINE_AA)

    write("HEAD", 60, 80)
    write("306", 60, 180)
    write("of the notary", 200, 180)
    write("rue 12", 200, 260)
    write("stray", 400, 400)
    image[210:213, 20:680] = 60
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), image)
    number = Box(50, 145, 80, 50)
    lines = (
        RegisterLine("HEAD", Box(50, 45, 120, 50)),
        RegisterLine("306", number),
        RegisterLine("of the notary", Box(190, 145, 250, 50)),
        RegisterLine("rue 12", Box(190, 225, 150, 50)),
    )
    return RegisterPage(path, ("306",), (number,), ("12",), lines)


def test_ink_is_labelled_as_far_as_the_lines_tell(page: RegisterPage) -> None:
    sheet = label_register_page(page)
    expected = {
        (45, 50, 95, 170): OTHER_INK,
        (145, 50, 195, 130): PixelClass.DIGIT,
        (145, 190, 195, 440): PixelClass.WRITING,
        (225, 190, 275, 340): UNKNOWN_INK,
        (370, 390, 420, 500): UNKNOWN_INK,
        (208, 300, 215, 600): PixelClass.RULE,
    }
    for (top, left, bottom, right), label in expected.items():
        labels = sheet.pixel_classes[top:bottom, left:right]
        assert set(np.unique(labels[labels > 0]).tolist()) == {label}


def test_a_number_has_the_box_of_its_ink(page: RegisterPage) -> None:
    (number,) = label_register_page(page).numbers
    assert number.box.x > page.boxes[0].x + 5
    assert number.box.height == pytest.approx(24, abs=4)


def test_a_number_whose_ink_is_not_found_is_unknown(page: RegisterPage) -> None:
    shifted = RegisterPage(page.path, page.numbers, (Box(50, 170, 80, 50),), page.optional, page.lines)
    sheet = label_register_page(shifted)
    assert not sheet.numbers
    labels = sheet.pixel_classes[171:182, 55:130]
    assert set(np.unique(labels[labels > 0]).tolist()) == {UNKNOWN_INK}


def test_a_missing_picture_is_an_error(page: RegisterPage, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        label_register_page(RegisterPage(tmp_path / "missing.jpg", (), (), (), ()))
