from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.decision.glyph_repetition import UNREPEATED, glyph_likeness, measure_repetition
from scanner.decision.located_numbers import LocatedNumber
from scanner.recognition.reader_claims import Claim
from scanner.types import Box, Digit, Opinion


def blank_page() -> NDArray[np.uint8]:
    return np.zeros((200, 400), np.uint8)


def draw(page: NDArray[np.uint8], box: Box, lean: int = 0) -> None:
    """Draw a ring with a stroke through it that leans."""
    cv2.ellipse(
        page, (int(box.center[0]), int(box.center[1])), (box.width // 2 - 2, box.height // 2 - 2), 0, 0, 360, 255, 3
    )
    cv2.line(page, (box.x + 2 + lean, box.bottom - 2), (box.right - 2, box.y + 2), 255, 3)


def digit(x: int, text: str = "0", width: int = 28, height: int = 40, y: int = 20) -> Digit:
    return Digit(text, 0.9, Box(x, y, width, height))


def number(*digits: Digit) -> LocatedNumber:
    text = "".join(each.text for each in digits)
    return LocatedNumber(1, 1, None, Claim(Opinion("contours", text, 0.9), digits), None, 0)


def test_type_repeats_itself_and_a_hand_does_not() -> None:
    page = blank_page()
    typed = [digit(20), digit(80)]
    written = [digit(140, "1"), digit(200, "1")]
    for each in typed:
        draw(page, each.box)
    draw(page, written[0].box)
    draw(page, written[1].box, lean=16)
    likeness = glyph_likeness([*typed, *written], page)
    assert likeness[:2] == pytest.approx([1, 1])
    assert likeness[2] == likeness[3] < 0.95


def test_only_the_same_digit_of_the_same_size_is_compared() -> None:
    page = blank_page()
    others = [digit(20), digit(80, "1"), digit(140, height=60), digit(200, width=56)]
    for each in others:
        draw(page, each.box)
    assert np.isnan(glyph_likeness(others, page)).all()


def test_the_three_most_alike_are_averaged() -> None:
    page = blank_page()
    digits = [digit(x) for x in range(20, 320, 60)]
    for each in digits[:4]:
        draw(page, each.box)
    draw(page, digits[4].box, lean=16)
    likeness = glyph_likeness(digits, page)
    assert likeness[:4] == pytest.approx([1] * 4)
    assert likeness[4] < 0.95


def test_a_number_is_as_its_digits_on_average() -> None:
    page = blank_page()
    digits = [digit(20), digit(80), digit(140, "1")]
    for each in digits:
        draw(page, each.box)
    repetition = measure_repetition(
        [number(digits[0], digits[2]), number(digits[1]), number(digit(200, "7")), number()], page
    )
    assert repetition == [pytest.approx(1), pytest.approx(1), UNREPEATED, UNREPEATED]


def test_boxes_without_ink_or_beyond_the_page_are_alike_to_nothing() -> None:
    page = blank_page()
    assert glyph_likeness([digit(20), digit(80), digit(500), digit(560)], page).tolist() == [0, 0, 0, 0]
    assert glyph_likeness([], page).shape == (0,)
    assert measure_repetition([], page) == []


def test_of_hundreds_of_the_same_digit_some_are_enough() -> None:
    page = blank_page()
    draw(page, digit(20).box)
    likeness = glyph_likeness([digit(20)] * 1200, page)
    assert likeness == pytest.approx(np.ones(1200))
