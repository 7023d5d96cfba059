from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from scanner.image.digit_frame import digit_frame
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.single_digit import DOT_READING, find_digit_ink, read_single_digit

if TYPE_CHECKING:
    from scanner.types import Image


def seven(side: int, pen: int, ink: int = 0, paper: int = 255) -> Image:
    """A seven in the middle of a square."""
    image = np.full((side, side, 3), paper, np.uint8)
    corners = np.array([[0.3, 0.22], [0.7, 0.22], [0.45, 0.8]]) * side
    cv2.polylines(image, [np.rint(corners).astype(np.int32)], False, (ink, ink, ink), pen, cv2.LINE_AA)
    return image


def read(image: Image) -> int:
    return load_classifier("cnn").read(digit_frame(find_digit_ink(image))[np.newaxis])[0].digit


@pytest.mark.parametrize("side", [20, 28, 56, 200, 1500])
@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0), (90, 160), (160, 90)])
def test_a_seven_of_any_size_and_either_polarity_is_read(side: int, ink: int, paper: int) -> None:
    assert read(seven(side, max(side // 12, 1), ink, paper)) == 7


def test_a_hairline_in_a_tiny_picture_stays_whole() -> None:
    assert read(seven(28, 1, 120)) == 7


def test_specks_and_a_neighbour_are_left_out() -> None:
    image = seven(200, 10)
    cv2.circle(image, (12, 180), 5, (0, 0, 0), cv2.FILLED)
    cv2.rectangle(image, (190, 60), (199, 120), (0, 0, 0), cv2.FILLED)
    ink = find_digit_ink(image)
    assert not ink[:, :30].any()
    assert not ink[:, 180:].any()
    assert ink[44, 100] == 255


def test_a_detached_bar_belongs_to_the_digit() -> None:
    image = np.full((200, 200, 3), 255, np.uint8)
    cv2.line(image, (80, 60), (80, 160), (0, 0, 0), 10)
    cv2.line(image, (100, 60), (140, 60), (0, 0, 0), 10)
    ink = find_digit_ink(image)
    assert ink[110, 80] == ink[60, 120] == 255


def filled(side: int, *axes: int, angle: int = 0) -> Image:
    """An ellipse full of ink in the middle of a square."""
    image = np.full((side, side, 3), 255, np.uint8)
    centre = (side // 2, side // 2)
    return np.asarray(cv2.ellipse(image, centre, axes, angle, 0, 360, (0, 0, 0), cv2.FILLED, cv2.LINE_AA), np.uint8)


@pytest.mark.parametrize(
    "image",
    [filled(28, 2, 2), filled(28, 5, 5), filled(200, 4, 4), filled(200, 60, 60), filled(200, 11, 20, angle=30)],
    ids=["small in a tiny one", "large in a tiny one", "small", "large", "oblong"],
)
def test_a_dot_is_no_digit(image: Image) -> None:
    assert read_single_digit(image, load_classifier("cnn")) == DOT_READING


def test_a_short_thick_stroke_is_read() -> None:
    image = np.full((200, 200, 3), 255, np.uint8)
    cv2.line(image, (100, 75), (100, 125), (0, 0, 0), 25)
    reading = read_single_digit(image, load_classifier("cnn"))
    assert reading is not None
    assert (reading.digit, reading.is_digit) == (1, True)


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (3, 2), (28, 28), (300, 200)])
@pytest.mark.parametrize("level", [0, 127, 255])
def test_an_empty_picture_has_no_ink(shape: tuple[int, int], level: int) -> None:
    assert not find_digit_ink(np.full((*shape, 3), level, np.uint8)).any()
