from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from scanner.image.background import flatten_background, is_negative, to_gray
from scanner.image.binarization import binarize
from scanner.image.measured_ink import measure_ink
from scanner.layout import digit_matrix
from scanner.layout.digit_matrix import DigitMatrix, DigitReader, find_digit_matrix
from scanner.synthesis.digit_sheets import EMPTY_CELL, DigitSheet, DigitSheetStyle, draw_digit_sheet, pen_digit_source
from scanner.types import DigitReading, Image

STYLE = DigitSheetStyle(24, rows=10, columns=15)
WHITE = 255


def _reading(digit: int) -> DigitReading:
    return DigitReading(tuple(float(label == digit) for label in range(11)))


def _various(frames: Image) -> Sequence[DigitReading]:
    """A reader to whom everything is a digit, each time another."""
    return [_reading(index % 10) for index in range(len(frames))]


def _sheet(style: DigitSheetStyle = STYLE, seed: int = 0) -> DigitSheet:
    rng = np.random.default_rng(seed)
    return draw_digit_sheet(style, pen_digit_source(rng), rng)


def _find(image: Image, read_digits: DigitReader = _various) -> DigitMatrix | None:
    gray = to_gray(image) if image.ndim == 3 else image
    if is_negative(gray):
        gray = np.asarray(255 - gray, np.uint8)
    flat = flatten_background(gray)
    return find_digit_matrix(flat, measure_ink(binarize(flat)), read_digits)


def _places(sheet: DigitSheet) -> list[tuple[int, int]]:
    return [(row + 1, column + 1) for row, column in np.argwhere(sheet.digits != EMPTY_CELL).tolist()]


def _found_places(matrix: DigitMatrix | None) -> list[tuple[int, int]]:
    assert matrix is not None
    return list(zip(matrix.rows, matrix.columns, strict=True))


@pytest.mark.parametrize(
    "style",
    [
        STYLE,
        replace(STYLE, light_on_dark=True),
        replace(STYLE, noise=8.0, jpeg_quality=60),
        replace(STYLE, degrees=0.5),
        replace(STYLE, pitch=20, light_on_dark=True),
        replace(STYLE, pitch=40, ruled=True),
        replace(STYLE, filled_rows=8),
    ],
)
def test_each_digit_is_found_in_its_row_and_column(style: DigitSheetStyle) -> None:
    sheet = _sheet(style)
    matrix = _find(sheet.image)
    assert _found_places(matrix) == _places(sheet)
    assert matrix is not None
    for row, column, box in zip(matrix.rows, matrix.columns, matrix.boxes, strict=True):
        assert np.abs(np.array(box.center) - sheet.centers[row - 1, column - 1]).max() < style.pitch / 2


def _seven(image: Image, x: int, y: int) -> None:
    """Draw a 7 of 16 x 20 pixels."""
    image[y : y + 3, x : x + 16] = 0
    image[y : y + 20, x + 13 : x + 16] = 0


def _page(columns: Sequence[int], rows: Sequence[int]) -> Image:
    """A page with a 7 at each of these columns and rows, pixels of their upper left corners."""
    image = np.full((rows[-1] + 60, columns[-1] + 60), WHITE, np.uint8)
    for y in rows:
        for x in columns:
            _seven(image, x, y)
    return image


COLUMNS, ROWS = range(40, 400, 30), range(40, 340, 30)


def test_sevens_in_rows_and_columns_are_a_matrix() -> None:
    assert len(_found_places(_find(_page(COLUMNS, ROWS)))) == 120


def test_pieces_of_pale_rules_are_no_characters() -> None:
    image = _page(COLUMNS, ROWS)
    rule_pixels = np.zeros_like(image)
    for x in range(33, 400, 30):
        image[100:122, x : x + 2] = 0
        rule_pixels[:, x : x + 2] = 255
    ink = measure_ink(binarize(flatten_background(image)))
    assert np.count_nonzero(digit_matrix._select_characters(ink, np.zeros_like(image))) == 120 + 13
    assert np.count_nonzero(digit_matrix._select_characters(ink, rule_pixels)) == 120


def test_a_digit_is_cut_out_with_its_soft_edge_and_without_other_ink() -> None:
    image = _page(COLUMNS, ROWS)
    # The digit below has a tail that reaches up into the box of the first one.
    image[50:70, 44:46] = 0
    matrix = _find(image)
    assert matrix is not None
    box, strength = matrix.boxes[0], matrix.strengths[0]
    assert strength.shape == (box.height + 4, box.width + 4)
    assert strength[3, 8] == WHITE
    assert strength[16, 15] == WHITE
    assert not strength[8:, :8].any()


def test_both_parts_of_a_broken_digit_are_in_its_cell() -> None:
    image = _page(COLUMNS, ROWS)
    # The head of one comes off its stem.
    image[104:108, 130:150] = WHITE
    matrix = _find(image)
    assert len(_found_places(matrix)) == 120
    assert matrix is not None
    assert len(matrix.component_indices) == 121
    assert matrix.boxes[2 * 12 + 3].height == matrix.boxes[0].height


def test_touching_digits_are_split_at_the_border_of_their_cells() -> None:
    image = _page(COLUMNS, ROWS)
    image[40:43, 45:80] = 0
    matrix = _find(image)
    assert matrix is not None
    assert _found_places(matrix)[:3] == [(1, 1), (1, 2), (1, 3)]
    assert matrix.boxes[0].right <= matrix.boxes[1].x


def test_a_thin_digit_that_touches_a_bold_one_is_no_tail_of_it() -> None:
    image = _page(COLUMNS, ROWS)
    image[36:90, 36:60] = WHITE
    image[42:72, 47:49] = 0
    image[70:90, 40:56] = 0
    matrix = _find(image)
    assert _found_places(matrix)[0] == (1, 1)
    assert len(_found_places(matrix)) == 120


def test_specks_are_no_digits() -> None:
    image = _page(COLUMNS, ROWS)
    image[30 * 4 + 36 : 30 * 4 + 64, 30 * 5 + 36 : 30 * 5 + 60] = WHITE
    image[30 * 4 + 50 : 30 * 4 + 54, 30 * 5 + 48 : 30 * 5 + 52] = 0
    places = _found_places(_find(image))
    assert len(places) == 119
    assert (5, 6) not in places


def test_numbers_of_two_digits_are_no_matrix() -> None:
    columns = [40 + 60 * number + digit for number in range(10) for digit in (0, 22)]
    assert _find(_page(columns, ROWS)) is None


def test_numbers_of_two_digits_in_cells_of_equal_pitch_are_no_matrix() -> None:
    image = np.full((700, 800), WHITE, np.uint8)
    for y in range(40, 640, 50):
        for x in range(40, 740, 50):
            _seven(image, x, y)
            _seven(image, x + 20, y)
    assert _find(image) is None


def test_lines_of_print_are_no_matrix() -> None:
    assert _find(_page(range(40, 800, 19), range(40, 400, 38))) is None


def test_letters_are_no_matrix() -> None:
    def no_digits(frames: Image) -> Sequence[DigitReading]:
        return [_reading(10 if index % 2 else index % 10) for index in range(len(frames))]

    assert _find(_page(COLUMNS, ROWS), no_digits) is None


def test_circles_to_tick_are_no_matrix() -> None:
    def zeros(frames: Image) -> Sequence[DigitReading]:
        return [_reading(0)] * len(frames)

    assert _find(_page(COLUMNS, ROWS), zeros) is None


def test_sums_on_squared_paper_are_no_matrix() -> None:
    image = _page(COLUMNS, ROWS)
    for y in range(35, 335, 90):
        # Two rows of a sum, and one left empty.
        image[y : y + 30] = WHITE
    for x in range(126, 400, 90):
        image[:, x : x + 30] = WHITE
    assert _find(image) is None


def test_a_page_with_a_heading_is_no_matrix() -> None:
    page = _page(COLUMNS, ROWS)
    image = np.vstack([np.full((100, page.shape[1]), WHITE, np.uint8), page])
    assert _find(image) is not None
    for x in range(20, 280, 22):
        _seven(image, x, 30)
    assert _find(image) is None


def test_few_digits_are_no_matrix() -> None:
    assert _find(_page(COLUMNS[:9], ROWS[:9])) is None


@pytest.mark.parametrize("value", [0, WHITE])
def test_an_empty_page_is_no_matrix(value: int) -> None:
    assert _find(np.full((300, 300), value, np.uint8)) is None


def test_a_page_of_noise_is_no_matrix() -> None:
    noise = np.random.default_rng(0).integers(0, 2, (300, 300)).astype(np.uint8) * WHITE
    assert _find(np.asarray(noise, np.uint8)) is None


def test_a_short_heading_and_a_page_number_are_left_out() -> None:
    page = _page(range(40, 40 + 30 * 40, 30), ROWS)
    image = np.vstack(
        [np.full((100, page.shape[1]), WHITE, np.uint8), page, np.full((90, page.shape[1]), WHITE, np.uint8)]
    )
    for x in range(100, 210, 22):
        _seven(image, x, 30)
    _seven(image, 640, 480)
    assert len(_found_places(_find(image))) == 400
    assert _found_places(_find(image))[0] == (1, 1)
