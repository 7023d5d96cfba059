from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.datasets.register_pages import RegisterLine, RegisterPage
from scanner.training.register_line_samples import (
    load_register_lines,
    unvaried_register_lines,
    vary_register_lines,
)
from scanner.types import Box


@pytest.fixture
def register_page(tmp_path: Path) -> RegisterPage:
    """A page with the number 11 in a loose box, a word, and a number whose box holds several lines."""
    gray = np.full((400, 500), 230, np.uint8)
    gray[60:90, 100:105] = gray[60:90, 120:125] = 40
    cv2.putText(gray, "acte", (250, 90), cv2.FONT_HERSHEY_SIMPLEX, 1, 40, 2)
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), gray)
    number, word, tall = Box(92, 50, 45, 55), Box(245, 60, 90, 40), Box(90, 50, 60, 300)
    lines = (RegisterLine("11", number), RegisterLine("acte", word), RegisterLine("n° 4", Box(300, 200, 40, 30)))
    return RegisterPage(path, ("11", "11", "7", "½"), (number, number, tall, number), (), lines)


def test_numbers_and_words_are_found_with_the_rows_of_their_ink(register_page: RegisterPage) -> None:
    registers = load_register_lines([register_page])
    assert [text for _, text, _, _ in registers.numbers] == ["11", "11"]
    for _, _, _, (left, top, right, bottom) in registers.numbers:
        assert (left, right) == (92, 137)
        assert (top, bottom) == pytest.approx((60, 90), abs=2)
    assert len(registers.words) == 1


def test_lines_of_numbers_show_two_strokes(register_page: RegisterPage) -> None:
    registers = load_register_lines([register_page])
    unvaried = unvaried_register_lines(registers)
    varied = vary_register_lines(registers, 40, np.random.default_rng(0))
    assert unvaried.texts == ("11", "11")
    assert set(varied.texts) == {"11", ""}
    assert all((source >= 2) == (text == "") for source, text in zip(varied.source_ids, varied.texts, strict=True))
    numbers = [image for image, text in zip(varied.images, varied.texts, strict=True) if text]
    for image in (*unvaried.images, *numbers):
        strokes = np.diff((image[12:20] > 100).all(axis=0).astype(np.int8), prepend=0)
        assert np.count_nonzero(strokes > 0) == 2
