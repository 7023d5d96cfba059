from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.number_finder import NumberRegion
from scanner.numbers.region_ink import NO_REGION, region_corners, region_text_lines
from scanner.types import Box

Marks = tuple[tuple[int, int, int, int], ...]


def ink_of(*marks: tuple[int, int, int, int]) -> MeasuredInk:
    mask: NDArray[np.uint8] = np.zeros((100, 300), np.uint8)
    for x, y, width, height in marks:
        mask[y : y + height, x : x + width] = 255
    return MeasuredInk(mask, mask, 4.0, label_components(mask), 40.0)


def region(x: int, y: int, width: int, height: int, slope: float = 0.0) -> NumberRegion:
    return NumberRegion(Box(x, y, width, height), 0.9, slope)


def test_each_component_belongs_to_the_region_it_stands_in() -> None:
    ink = ink_of((10, 30, 20, 40), (40, 30, 20, 40), (200, 30, 20, 40), (120, 30, 20, 40))
    lines, region_of = region_text_lines([region(5, 25, 60, 50), region(190, 25, 40, 50)], ink)
    # Components are numbered from left to right here, as they begin in the same row.
    assert region_of.tolist() == [0, 0, NO_REGION, 1]
    assert [line.component_indices for line in lines] == [(0, 1), (3,)]
    assert lines[0].box == Box(10, 30, 50, 40)
    assert lines[0].character_height == 50


def test_a_tail_beyond_the_region_does_not_lose_its_digit() -> None:
    _, region_of = region_text_lines([region(0, 20, 40, 40)], ink_of((10, 25, 20, 50)))
    assert region_of.tolist() == [0]


def test_ink_mostly_elsewhere_belongs_to_no_number() -> None:
    _, region_of = region_text_lines([region(0, 20, 40, 40)], ink_of((30, 25, 120, 30)))
    assert region_of.tolist() == [NO_REGION]


def test_a_page_without_numbers_or_without_ink() -> None:
    lines, region_of = region_text_lines([], ink_of((10, 30, 20, 40)))
    assert lines == ()
    assert region_of.tolist() == [NO_REGION]
    lines, region_of = region_text_lines([region(0, 25, 50, 50)], ink_of())
    assert lines[0].component_indices == ()
    assert lines[0].box == Box(0, 25, 50, 50)
    assert not len(region_of)


def test_a_region_slopes_as_its_baseline() -> None:
    # Falling by 10 over 100 columns: 30 high at every column, 40 in all.
    corners = region_corners(region(0, 20, 100, 40, 0.1))
    assert corners.tolist() == [[0, 20], [100, 30], [100, 60], [0, 50]]
