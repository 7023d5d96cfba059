from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.layout.number_finder import CORE_INSET_SHARE, NumberRegion, find_numbers, join_regions
from scanner.layout.page_network import NumberCoreMap
from scanner.types import Box


def map_of(
    *boxes: tuple[int, int, int, int], probability: float = 0.9, size: tuple[int, int] = (40, 60)
) -> NumberCoreMap:
    """A map of cells of four pixels with a core in each box (left, top, right, bottom), in cells."""
    rows, columns = size
    probabilities = np.zeros((2 * rows, 2 * columns), np.float32)
    distances = np.ones((rows, columns, 2), np.float32)
    for left, top, right, bottom in boxes:
        inset = CORE_INSET_SHARE * (bottom - top)
        core = [round(2 * side) for side in (top + inset, bottom - inset, left + inset, right - inset)]
        probabilities[core[0] : core[1], core[2] : core[3]] = probability
        middles = np.arange(rows) + 0.5
        distances[top:bottom, left:right] = np.stack([middles - top, bottom - middles], axis=-1)[top:bottom, None]
    return NumberCoreMap(probabilities, np.zeros_like(probabilities), distances, (0.25, 0.25))


def test_the_box_of_a_number_is_larger_than_its_core() -> None:
    (region,) = find_numbers(map_of((10, 8, 26, 16)))
    assert region.box == Box(40, 32, 64, 32)
    assert region.score == pytest.approx(0.9)
    assert region.slope == 0


def test_numbers_are_told_apart_and_come_from_the_top() -> None:
    found = find_numbers(map_of((30, 20, 40, 28), (2, 4, 12, 12), (16, 4, 30, 12)))
    assert [region.box for region in found] == [Box(8, 16, 40, 32), Box(64, 16, 56, 32), Box(120, 80, 40, 32)]


def test_digits_are_counted_in_the_box_of_their_number() -> None:
    cores = map_of((10, 8, 26, 16), (34, 8, 50, 16))
    for column in (24, 36, 48, 72):
        cores.digit_probabilities[22:26, column : column + 3] = 0.8
    cores.digit_probabilities[60:64, 24:27] = 0.8
    assert [region.digit_count for region in find_numbers(cores)] == [3, 1]


def test_a_page_without_numbers_has_none() -> None:
    assert find_numbers(map_of()) == ()


def test_doubtful_cores_are_no_numbers() -> None:
    assert find_numbers(map_of((10, 8, 26, 16), probability=0.45)) == ()
    assert len(find_numbers(map_of((10, 8, 26, 16), probability=0.55))) == 1


def test_a_sloping_number_has_a_box_around_all_of_it() -> None:
    rows, columns = 40, 60
    probabilities = np.zeros((2 * rows, 2 * columns), np.float32)
    distances = np.ones((rows, columns, 2), np.float32)
    # Height 8 cells, falling one cell in ten.
    for column in range(10, 50):
        middle = 18 + 0.1 * (column - 30)
        for row in range(rows):
            distances[row, column] = max(row + 0.5 - (middle - 4), 0.1), max(middle + 4 - row - 0.5, 0.1)
        first, last = round(2 * (middle - 2)), round(2 * (middle + 2))
        probabilities[first:last, 2 * column : 2 * column + 2] = 0.9
    (region,) = find_numbers(NumberCoreMap(probabilities, np.zeros_like(probabilities), distances, (0.25, 0.25)))
    assert region.slope == pytest.approx(0.1, abs=0.01)
    assert region.box.y == pytest.approx(4 * (18 - 4 - 2.2), abs=2)
    assert region.box.bottom == pytest.approx(4 * (18 + 4 + 2.2), abs=2)
    assert region.box.x == pytest.approx(4 * 8, abs=1)
    assert region.box.right == pytest.approx(4 * 52, abs=1)


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(0, 30), st.integers(4, 10), st.integers(5, 10), st.floats(0.1, 2.0))
def test_boxes_lie_on_the_page(left: int, top: int, height: int, width: int, cells_per_pixel: float) -> None:
    cores = map_of((left, top, min(left + width, 60), min(top + height, 40)))
    page = round(60 / cells_per_pixel), round(40 / cells_per_pixel)
    moved = NumberCoreMap(
        cores.probabilities, cores.digit_probabilities, 3 * cores.distances, (cells_per_pixel, cells_per_pixel)
    )
    for region in find_numbers(moved):
        assert region.box.x >= 0
        assert region.box.y >= 0
        assert region.box.right <= page[0]
        assert region.box.bottom <= page[1]


def test_parts_of_a_number_make_one_region() -> None:
    first = NumberRegion(Box(10, 20, 30, 40), 0.9, 0.1, (15.0, 30.0), crosses_lines=True)
    second = NumberRegion(Box(50, 24, 10, 40), 0.6, -0.1, (55.0,))
    assert join_regions([first]) is first
    joined = join_regions([second, first])
    # Slopes of 30 and of 10 pixels.
    assert joined.slope == pytest.approx(0.05)
    assert replace(joined, slope=0.0) == NumberRegion(Box(10, 20, 50, 44), 0.6, 0.0, (15.0, 30.0, 55.0), True)
