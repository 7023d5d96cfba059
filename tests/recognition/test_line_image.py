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
    make_line_image_at_rows,
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


def window(rows: slice = slice(20, 50)) -> np.ndarray:
    """A window of a flattened page: a stroke of the writing in these rows, beside a rule across all rows."""
    flat = np.zeros((70, 120), np.uint8)
    flat[rows, 60:64] = 120
    flat[:, 20:23] = 150
    return flat


def test_known_rows_of_the_writing_decide_the_scale() -> None:
    line = make_line_image_at_rows(window(), 20.0, 50.0)
    column = round((62 - line.crop_left) * line.scale)
    stroke = np.flatnonzero(line.pixels[:, column] > 128)
    assert (stroke[0], stroke[-1]) == (pytest.approx(5.5, abs=1.5), pytest.approx(25.5, abs=1.5))
    rule = round((21.5 - line.crop_left) * line.scale)
    assert (line.pixels[:, rule] > 128).all()
    assert (line.writing_top, line.writing_bottom) == (20, 50)


def test_a_darker_frame_around_a_window_does_not_make_the_writing_pale() -> None:
    flat = window()
    flat[:, :3] = flat[18:21] = 255
    line = make_line_image_at_rows(flat, 20.0, 50.0)
    assert line.pixels[16, round((62 - line.crop_left) * line.scale)] > 200


def test_rows_beyond_a_window_are_paper() -> None:
    line = make_line_image_at_rows(np.full((10, 40), 200, np.uint8), -10.0, 20.0)
    assert not line.pixels[:10].any()
    assert line.pixels[14:18].any()
    assert not line.pixels[22:].any()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(1, 200), st.integers(0, 2**31), st.floats(-80, 80), st.floats(0.5, 100))
def test_any_window_gives_a_line_image_of_valid_size(
    height: int, width: int, seed: int, top: float, rows: float
) -> None:
    flat = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)
    image = make_line_image_at_rows(flat, top, top + rows).pixels
    assert image.shape[0] == LINE_HEIGHT
    assert image.shape[1] % WIDTH_MULTIPLE == 0
    assert image.shape[1] <= MAX_LINE_WIDTH


def test_a_window_without_pixels_or_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pixel"):
        make_line_image_at_rows(np.empty((0, 5), np.uint8), 0, 1)
    with pytest.raises(ValueError, match="no writing"):
        make_line_image_at_rows(np.zeros((5, 5), np.uint8), 3, 3)
