from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scanner.synthesis.digit_sheets import (
    EMPTY_CELL,
    DigitSheetStyle,
    draw_digit_sheet,
    pen_digit_source,
    sample_digit_source,
)
from scanner.types import Image

STYLE = DigitSheetStyle(30, rows=4, columns=6)


def _level(digit: int, side: int, rng: np.random.Generator) -> Image:
    """A square instead of a digit, as bright as the digit is large."""
    return np.full((side, side), 25 * digit + 30, np.uint8)


def test_each_digit_stands_in_the_middle_of_its_cell() -> None:
    sheet = draw_digit_sheet(replace(STYLE, light_on_dark=True), _level, np.random.default_rng(0))
    assert sheet.image.shape == (120, 180, 3)
    for digit, (x, y) in zip(sheet.digits.ravel(), np.rint(sheet.centers).astype(int).reshape(-1, 2), strict=True):
        assert sheet.image[y, x, 0] == 25 * digit + 30


def test_a_skewed_sheet_knows_where_its_cells_are() -> None:
    sheet = draw_digit_sheet(replace(STYLE, light_on_dark=True, degrees=10.0), _level, np.random.default_rng(0))
    for digit, (x, y) in zip(sheet.digits.ravel(), np.rint(sheet.centers).astype(int).reshape(-1, 2), strict=True):
        assert sheet.image[y, x, 0] == pytest.approx(25 * digit + 30, abs=1)


def test_paper_is_light_and_has_a_margin() -> None:
    sheet = draw_digit_sheet(STYLE, _level, np.random.default_rng(0))
    assert sheet.image.shape == (150, 210, 3)
    assert (sheet.image[:10] == 245).all()
    assert sheet.image.min() < 245


def test_squares_are_drawn_around_all_cells() -> None:
    sheet = draw_digit_sheet(replace(STYLE, ruled=True), _level, np.random.default_rng(0))
    assert (sheet.image[15, 15:196] < 245).all()
    assert (sheet.image[15:136, 195] < 245).all()


def test_rows_are_filled_from_the_top_and_the_last_one_by_half() -> None:
    sheet = draw_digit_sheet(replace(STYLE, filled_rows=2), _level, np.random.default_rng(0))
    np.testing.assert_array_equal(
        sheet.digits == EMPTY_CELL, [[False] * 6, [False] * 3 + [True] * 3, [True] * 6, [True] * 6]
    )
    assert (sheet.image[80:] == 245).all()


def test_noise_and_compression_change_the_image_alone() -> None:
    clean = draw_digit_sheet(STYLE, _level, np.random.default_rng(0))
    worn = draw_digit_sheet(replace(STYLE, noise=5.0, jpeg_quality=40), _level, np.random.default_rng(0))
    np.testing.assert_array_equal(clean.digits, worn.digits)
    assert (clean.image != worn.image).any()


def test_a_pen_digit_is_no_larger_than_asked() -> None:
    draw = pen_digit_source(np.random.default_rng(0))
    rng = np.random.default_rng(1)
    for digit in range(10):
        ink = draw(digit, 20, rng)
        assert 12 <= max(ink.shape) <= 20
        assert ink.max() > 128


def test_samples_are_drawn_by_their_label_and_scaled() -> None:
    inks = np.zeros((10, 28, 28), np.uint8)
    for digit in range(10):
        inks[digit, 4:24, 4:24] = 20 * digit + 10
    draw = sample_digit_source(inks, np.arange(10), body_side=20)
    ink = draw(7, 10, np.random.default_rng(0))
    assert ink.shape == (14, 14)
    assert ink[7, 7] == 150
