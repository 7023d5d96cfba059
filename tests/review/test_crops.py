from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scanner.review.crops import crop_frame, cut_crop
from scanner.types import Box


def test_a_number_is_shown_with_what_is_around_it() -> None:
    assert crop_frame(Box(200, 100, 60, 40), 1000, 800) == Box(152, 72, 156, 96)
    assert crop_frame(Box(0, 0, 60, 4), 1000, 800) == Box(0, 0, 72, 16)  # of a dash, something is seen as well
    assert crop_frame(Box(980, 790, 20, 10), 1000, 800) == Box(968, 778, 32, 22)


@given(st.from_type(Box), st.integers(1, 9999), st.integers(1, 9999))
def test_what_is_shown_is_always_on_the_page(box: Box, width: int, height: int) -> None:
    frame = crop_frame(box, width, height)
    assert frame.x >= 0
    assert frame.y >= 0
    assert frame.right <= width
    assert frame.bottom <= height


def test_a_large_number_is_made_smaller() -> None:
    crop = cut_crop(np.full((3000, 4000, 3), 200, np.uint8), Box(500, 500, 3000, 900))
    picture = cv2.imdecode(np.frombuffer(crop.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    height, width = picture.shape[:2]
    assert (width <= 1400, height <= 320) == (True, True)
    assert abs(width / height - crop.frame.width / crop.frame.height) < 0.02


def test_the_picture_is_that_of_the_place() -> None:
    page = np.full((200, 300, 3), 255, np.uint8)
    page[100:140, 150:170] = 0
    crop = cut_crop(page, Box(150, 100, 20, 40))
    picture = cv2.imdecode(np.frombuffer(crop.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    left, top = 150 - crop.frame.x, 100 - crop.frame.y
    assert picture[top + 20, left + 10] < 40
    assert picture[5, 5] > 220
