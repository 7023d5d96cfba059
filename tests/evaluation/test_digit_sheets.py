from __future__ import annotations

import numpy as np
import pytest

from scanner.evaluation.digit_sheets import DigitSheetCounts, count_digits, read_digit_sheets
from scanner.options import PageOrCrop, ScanOptions
from scanner.reading_models import load_models
from scanner.synthesis.digit_sheets import EMPTY_CELL, DigitSheet, DigitSheetStyle
from scanner.types import Box, Number


def _sheet() -> DigitSheet:
    centers = np.array([[(10.0, 10.0), (30.0, 10.0)], [(10.0, 30.0), (30.0, 30.0)]])
    return DigitSheet(np.zeros((40, 40, 3), np.uint8), np.array([[1, 2], [3, EMPTY_CELL]]), centers)


def _number(text: str, row: int, column: int, x: int, y: int, review_reason: str = "") -> Number:
    return Number(text, 0.9, review_reason, row, column, Box(x - 4, y - 4, 8, 8), ())


def test_a_digit_counts_in_its_row_and_column_and_at_its_place() -> None:
    right = [_number("1", 1, 1, 10, 10), _number("2", 1, 2, 31, 12), _number("3", 2, 1, 8, 30)]
    assert count_digits(_sheet(), right) == DigitSheetCounts(3, 3, 3, 3, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        _number("2", 1, 1, 10, 10),
        _number("1", 1, 2, 10, 10),
        _number("1", 1, 1, 30, 10),
        _number("12", 1, 1, 20, 10),
        _number("1", 2, 2, 30, 30),
        _number("1", 3, 1, 10, 50),
    ],
)
def test_another_digit_or_another_place_is_an_error(wrong: Number) -> None:
    assert count_digits(_sheet(), [wrong]) == DigitSheetCounts(3, 0, 1, 1, 1)


def test_a_flagged_error_is_none_among_the_unflagged() -> None:
    readings = [_number("2", 1, 1, 10, 10, "low confidence"), _number("2", 1, 2, 30, 10)]
    assert count_digits(_sheet(), readings) == DigitSheetCounts(3, 1, 2, 1, 0)


SMALL = DigitSheetStyle(28, rows=10, columns=12)


@pytest.mark.parametrize("layout", [PageOrCrop.AUTO, PageOrCrop.DIGIT_SHEET])
def test_a_matrix_is_read_cell_by_cell(layout: PageOrCrop) -> None:
    (counts,) = read_digit_sheets(None, load_models(), [SMALL], ScanOptions(page_or_crop=layout))
    assert (counts.written, counts.readings) == (120, 120)
    assert counts.correct >= 114
    assert counts.seconds > 0


def test_a_matrix_that_is_announced_as_a_page_is_a_page() -> None:
    (counts,) = read_digit_sheets(None, load_models(), [SMALL], ScanOptions(page_or_crop=PageOrCrop.PAGE))
    assert counts.correct < 60
