from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.layout.divider_pooling import pool_dividers
from scanner.layout.number_finder import NumberRegion
from scanner.layout.page_network import NumberCoreMap
from scanner.types import Box

HEIGHT, CELL, STEP = 20, 40, 60
"""Height of a digit, width of a cell, and distance of the rows, pixels."""
FIRST_COLUMN, FIRST_ROW = 100, 50


class Sheet:
    """A table of two columns; each of its rows has a digit in either cell, seen as one number or as two."""

    def __init__(
        self, *, line_darkness: int = 60, cells_per_page_pixel: float = 0.25, line_width: int = 1, pen: float = 2.0
    ) -> None:
        self.flat: NDArray[np.uint8] = np.zeros((600, 400), np.uint8)
        self.flat[:, FIRST_COLUMN + CELL - line_width // 2 :][:, :line_width] = line_darkness
        self._pen = pen
        side = round(2 * cells_per_page_pixel * 600)
        self.probabilities: NDArray[np.float32] = np.zeros((side, side), np.float32)
        self.regions: list[NumberRegion] = []
        self._pixels = 2 * cells_per_page_pixel

    def write(self, row: int, probability: float, *, as_one: bool) -> None:
        """Write two digits in a row, with this probability that a core runs across the line between them."""
        y = FIRST_ROW + row * STEP
        columns = (FIRST_COLUMN + CELL / 2, FIRST_COLUMN + 1.5 * CELL)
        rows = slice(round((y + 5) * self._pixels), round((y + 15) * self._pixels))
        self.probabilities[rows, round(columns[0] * self._pixels) : round(columns[1] * self._pixels)] = probability
        lefts = [round(column) - 7 for column in columns]
        if as_one:
            self.regions.append(NumberRegion(Box(lefts[0], y, CELL + 14, HEIGHT), 0.8, 0.0, columns))
        else:
            self.regions += [
                NumberRegion(Box(left, y, 14, HEIGHT), 0.8, 0.0, (column,))
                for left, column in zip(lefts, columns, strict=True)
            ]

    def pooled(self) -> tuple[NumberRegion, ...]:
        rows, columns = (side // 2 for side in self.probabilities.shape)
        distances = np.ones((rows, columns, 2), np.float32)
        scale = self._pixels / 2
        cores = NumberCoreMap(self.probabilities, np.zeros_like(self.probabilities), distances, (scale, scale))
        return pool_dividers(self.regions, cores, self.flat, self._pen)


def test_a_row_that_was_doubted_is_joined_as_the_others_are() -> None:
    sheet = Sheet()
    for row, as_one in enumerate([True, False, True]):
        sheet.write(row, 0.6 if as_one else 0.3, as_one=as_one)
    # The mean of 0.6, 0.3 and 0.6 is 0.5: numbers run across this line.
    pooled = sheet.pooled()
    assert [region.box for region in pooled] == [Box(113, 50 + row * STEP, 54, HEIGHT) for row in range(3)]
    assert [region.digit_count for region in pooled] == [2, 2, 2]
    assert all(region.crosses_lines for region in pooled)


def test_a_row_that_was_joined_is_cut_as_the_others_are() -> None:
    sheet = Sheet()
    for row, as_one in enumerate([False, True, False, False]):
        sheet.write(row, 0.5 if as_one else 0.05, as_one=as_one)
    pooled = sheet.pooled()
    assert len(pooled) == 8
    assert [region.box for region in pooled[2:4]] == [Box(113, 110, 27, HEIGHT), Box(140, 110, 27, HEIGHT)]
    assert [region.digit_columns for region in pooled[2:4]] == [(120,), (160,)]
    assert not any(region.crosses_lines for region in pooled)


def test_one_row_alone_is_left_as_it_was_seen() -> None:
    sheet = Sheet()
    sheet.write(0, 0.5, as_one=True)
    sheet.write(6, 0.2, as_one=False)
    # More than twelve heights apart: they are not of one table.
    assert list(sheet.pooled()) == sheet.regions


def test_without_a_line_there_is_nothing_to_share() -> None:
    sheet = Sheet(line_darkness=0)
    for row, as_one in enumerate([True, False, True]):
        sheet.write(row, 0.6 if as_one else 0.3, as_one=as_one)
    assert list(sheet.pooled()) == sheet.regions


def test_a_pale_line_is_one() -> None:
    sheet = Sheet(line_darkness=12)
    for row, as_one in enumerate([True, False]):
        sheet.write(row, 0.6 if as_one else 0.3, as_one=as_one)
    assert len(sheet.pooled()) == 2


@pytest.mark.parametrize("pen", [2.0, 6.0])
def test_a_rule_as_thick_as_the_pen_writes_is_a_line(pen: float) -> None:
    # Seven pixels from edge to edge: more than the three beside its middle.
    sheet = Sheet(line_width=7, pen=pen)
    for row, as_one in enumerate([True, False, True]):
        sheet.write(row, 0.6 if as_one else 0.3, as_one=as_one)
    assert len(sheet.pooled()) == (3 if pen == 6.0 else 4)


def test_the_stroke_of_a_1_is_no_line() -> None:
    sheet = Sheet(line_darkness=0)
    for row, as_one in enumerate([True, False, True]):
        sheet.write(row, 0.6 if as_one else 0.3, as_one=as_one)
        y = FIRST_ROW + row * STEP
        sheet.flat[y : y + HEIGHT, FIRST_COLUMN + CELL] = 200
    assert list(sheet.pooled()) == sheet.regions


def test_a_number_is_not_cut_where_one_part_would_have_no_digit() -> None:
    sheet = Sheet()
    for row in range(3):
        sheet.write(row, 0.05, as_one=False)
    box = Box(113, 230, 54, HEIGHT)
    sheet.regions.append(NumberRegion(box, 0.8, 0.0, (120.0,)))
    assert sheet.pooled()[-1].box == box


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_numbers_share_nothing(count: int) -> None:
    sheet = Sheet()
    sheet.regions = [NumberRegion(Box(113, 50, 14, HEIGHT), 0.8, 0.0, (120.0,))] * count
    assert list(sheet.pooled()) == sheet.regions
