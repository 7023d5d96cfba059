from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.number_finder import NumberRegion
from scanner.numbers.crops import crop_region, crop_text_line
from scanner.numbers.region_ink import region_text_lines
from scanner.numbers.text_lines import TextLine
from scanner.types import Box

Gray = NDArray[np.uint8]

TWO_DIGITS = ((100, 30, 20, 40), (130, 32, 20, 40))
FAR_APART = ((20, 30, 20, 40), (240, 30, 20, 40))


def page(*marks: tuple[int, int, int, int]) -> tuple[MeasuredInk, TextLine]:
    """The ink of a page with these boxes filled, and the text line that they are."""
    mask: Gray = np.zeros((100, 300), np.uint8)
    for x, y, width, height in marks:
        mask[y : y + height, x : x + width] = 255
    ink = MeasuredInk(mask, mask, 8.0, label_components(mask), 40.0)
    return ink, TextLine(tuple(range(len(marks))), Box.around(Box(*mark) for mark in marks), 40.0)


def test_a_crop_shows_the_text_line_dark_on_white_with_a_margin_of_paper() -> None:
    ink, line = page(*TWO_DIGITS)
    crop = crop_text_line(line, ink)
    assert crop.image[0].min() == crop.image[:, 0].min() == 255
    assert crop.image.shape == crop.mask.shape
    ys, xs = np.nonzero(crop.image < 128)
    assert (crop.page_columns[xs.min()], crop.page_columns[xs.max()]) == (100, 149)
    assert (crop.page_top + ys.min(), crop.page_top + ys.max()) == (30, 71)


def test_ink_of_other_text_lines_is_not_shown() -> None:
    ink, line = page(*TWO_DIGITS, (122, 10, 6, 80))
    assert ink.components.box(0).y == 10
    crop = crop_text_line(replace(line, component_indices=(1, 2)), ink)
    assert np.count_nonzero(crop.mask) == 2 * 20 * 40


def test_wide_gaps_are_narrowed() -> None:
    ink, line = page(*FAR_APART)
    crop = crop_text_line(line, ink)
    # Two digits of 20 with a pixel of soft edge each, a gap of 0.6 heights of 40, and 25 of paper at either end.
    assert crop.image.shape[1] == 2 * 21 + 24 + 2 * 25


def grey_page(*marks: tuple[int, int, int, int]) -> tuple[Gray, MeasuredInk]:
    """The darkness of a page with these boxes filled half dark, and its ink."""
    ink, _ = page(*marks)
    return (ink.mask // 2).astype(np.uint8), ink


def test_a_region_is_cropped_grey_with_the_rules_around_it() -> None:
    flat, ink = grey_page(*TWO_DIGITS)
    flat[75:78, :] = 90
    region = NumberRegion(Box(95, 30, 60, 42), 0.9)
    lines, region_of = region_text_lines([region], ink)
    crop = crop_region(lines[0], region, flat, ink, region_of)
    assert crop.image.min() == 255 - 127
    assert (crop.image[75 - crop.page_top] == 255 - 90).all()
    assert crop.writing_rows == (30 - crop.page_top, 72 - crop.page_top)
    assert np.count_nonzero(crop.mask) == 2 * 20 * 40
    assert crop.page_columns.tolist() == list(range(95 - 17, 155 + 17))


def test_the_ink_of_other_numbers_is_painted_out_of_a_region() -> None:
    flat, ink = grey_page(*TWO_DIGITS)
    regions = [NumberRegion(Box(98, 28, 26, 46), 0.9), NumberRegion(Box(126, 28, 30, 46), 0.9)]
    lines, region_of = region_text_lines(regions, ink)
    crop = crop_region(lines[0], regions[0], flat, ink, region_of)
    assert np.count_nonzero(crop.image < 255) == 20 * 40


def test_a_sloping_region_is_cropped_level() -> None:
    flat: Gray = np.zeros((100, 300), np.uint8)
    for x in range(60, 240):
        top = round(30 + 0.1 * (x - 150))
        flat[top : top + 40, x] = 200
    mask = np.where(flat > 0, np.uint8(255), np.uint8(0))
    ink = MeasuredInk(mask, mask, 8.0, label_components(mask), 40.0)
    region = NumberRegion(Box(60, 21, 180, 58), 0.9, 0.1)
    lines, region_of = region_text_lines([region], ink)
    crop = crop_region(lines[0], region, flat, ink, region_of)
    inked = np.flatnonzero((crop.image < 128).any(axis=1))
    # 40 rows high, where the sloping writing takes 58.
    assert 39 <= inked[-1] - inked[0] + 1 <= 43
    assert crop.writing_rows is not None
    assert abs(crop.writing_rows[0] - inked[0]) <= 2


def test_a_region_at_the_corner_of_the_page_is_cropped_as_far_as_there_is_page() -> None:
    flat, ink = grey_page((0, 0, 20, 40))
    region = NumberRegion(Box(0, 0, 22, 42), 0.9)
    lines, region_of = region_text_lines([region], ink)
    crop = crop_region(lines[0], region, flat, ink, region_of)
    assert crop.page_top == 0
    assert crop.page_columns[0] == 0
    assert crop.writing_rows == (0, 42)
