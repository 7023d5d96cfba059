from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.numbers.crops import crop_comb_digits, crop_text_line
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


def test_digits_of_a_comb_field_stand_close() -> None:
    ink, line = page(*FAR_APART)
    crop = crop_comb_digits(line, ink)
    assert crop.image.shape[1] == 2 * 21 + 6 + 2 * 25
