import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.recognition.line_image import (
    BUCKET_WIDTHS,
    LINE_HEIGHT,
    MAX_LINE_WIDTH,
    WIDTH_MULTIPLE,
    bucket_width,
    line_pixels,
    make_line_image,
)


def written(height: int = 60, width: int = 150) -> np.ndarray:
    """Two vertical strokes, 30 rows high, at columns 40 and 100."""
    gray = np.full((height, width), 220, np.uint8)
    gray[15:45, 40:44] = 30
    gray[15:45, 100:104] = 30
    return gray


def test_writing_is_scaled_to_one_height_and_full_contrast() -> None:
    for factor in (0.5, 1, 3):
        gray = cv2.resize(written(), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        image = line_pixels(np.asarray(gray, np.uint8))
        rows = np.flatnonzero((image > 128).any(axis=1))
        assert image.shape[0] == LINE_HEIGHT
        assert 18 <= rows[-1] - rows[0] + 1 <= 24
        assert image.max() >= 250


def test_columns_map_back_to_the_picture() -> None:
    line = make_line_image(written())
    dark = np.flatnonzero((line.pixels > 128).any(axis=0))
    assert line.to_crop_x(dark[0]) == pytest.approx(40, abs=2)
    assert line.to_crop_x(dark[-1] + 1) == pytest.approx(104, abs=2)
    assert (line.writing_top, line.writing_bottom) == pytest.approx((15, 45), abs=2)


def test_an_underline_is_no_part_of_the_height_of_the_writing() -> None:
    gray = written()
    gray[56:58] = 60
    line = make_line_image(gray)
    assert (line.writing_top, line.writing_bottom) == pytest.approx((15, 45), abs=2)


def test_a_border_darker_than_the_writing_does_not_affect_the_threshold() -> None:
    gray = np.full((60, 120), 225, np.uint8)
    gray[2:4, 2:118] = gray[56:58, 2:118] = 20
    gray[2:58, 2:4] = gray[2:58, 116:118] = 20
    for x in (30, 50, 70):
        gray[18:42, x : x + 4] = 190
    line = make_line_image(gray)
    assert (line.writing_top, line.writing_bottom) == pytest.approx((18, 42), abs=2)
    for x in (30, 50, 70):
        column = round((x + 2 - line.crop_left) * line.scale)
        assert line.pixels[12:20, column - 1 : column + 2].max() > 200


def test_empty_paper_gives_an_empty_line_image() -> None:
    assert not line_pixels(np.full((34, 60), 200, np.uint8)).any()


def test_a_very_long_picture_is_squeezed_and_still_maps_back() -> None:
    gray = np.full((40, 4000), 220, np.uint8)
    gray[8:32, 3900:3905] = 20
    gray[8:32, 100:105] = 20
    line = make_line_image(gray)
    assert line.pixels.shape[1] == MAX_LINE_WIDTH
    dark = np.flatnonzero((line.pixels > 60).any(axis=0))
    assert line.to_crop_x(dark[-1]) == pytest.approx(3902, abs=12)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(1, 200), st.integers(0, 2**31))
def test_any_picture_gives_a_line_image_of_valid_size(height: int, width: int, seed: int) -> None:
    gray = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)
    image = line_pixels(gray)
    assert image.dtype == np.uint8
    assert image.shape[0] == LINE_HEIGHT
    assert image.shape[1] % WIDTH_MULTIPLE == 0
    assert bucket_width(image.shape[1]) in BUCKET_WIDTHS


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pixel"):
        line_pixels(np.empty((0, 5), np.uint8))
