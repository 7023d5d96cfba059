from __future__ import annotations

import numpy as np

from scanner.decision.located_numbers import FoundNumber
from scanner.decision.single_digits import locate_in_matrix, split_into_digits
from scanner.image.measured_ink import measure_ink
from scanner.layout.digit_matrix import DigitMatrix
from scanner.numbers.text_lines import TextLine
from scanner.recognition.lattice_decoding import ReadDigit
from scanner.types import Box, DigitReading, Ink

BOXES = (Box(0, 0, 4, 6), Box(10, 0, 4, 6))


def _reading(digit: int, probability: float) -> DigitReading:
    """A reading that is a digit with this probability, and else no digit."""
    values = [0.0] * 11
    values[digit], values[10] = probability, 1 - probability
    return DigitReading(tuple(values))


def _matrix() -> DigitMatrix:
    blank = np.zeros((10, 20), np.uint8)
    return DigitMatrix(
        measure_ink(Ink(blank, blank, 0.0)), np.arange(0), (1, 3), (2, 1), BOXES, (blank[:6, :4], blank[:6, :4])
    )


def test_each_cell_of_a_matrix_is_a_number_at_its_row_and_column() -> None:
    first, second = locate_in_matrix(_matrix(), [_reading(4, 0.9), _reading(7, 0.75)])
    assert (first.row, first.column, first.table, first.box) == (1, 2, 1, BOXES[0])
    assert (second.row, second.column, second.table, second.box) == (3, 1, 1, BOXES[1])
    assert (first.contour_claim.opinion.text, first.contour_claim.opinion.confidence) == ("4", 0.9)
    assert second.contour_claim.digits[0].box == BOXES[1]
    assert first.line_claim is None


def test_ink_in_a_cell_that_is_hardly_a_digit_is_its_best_digit() -> None:
    number, _ = locate_in_matrix(_matrix(), [_reading(4, 0.1), _reading(7, 0.75)])
    assert (number.contour_claim.opinion.text, number.contour_claim.opinion.confidence) == ("4", 0.1)


def _found() -> FoundNumber:
    digits = tuple(ReadDigit(digit, 0.9, False, box) for digit, box in zip((4, 7), BOXES, strict=True))
    box = Box.around(BOXES)
    return FoundNumber(digits, None, box, TextLine((0, 1), box, 6.0), 5, "handwritten", 0.8)


def test_every_digit_becomes_a_number_of_its_own() -> None:
    found = _found()
    first, second = split_into_digits([found])
    assert (first.contour_digits, first.box) == (found.contour_digits[:1], BOXES[0])
    assert (second.contour_digits, second.box) == (found.contour_digits[1:], BOXES[1])
    assert (second.kind, second.kind_share, second.crop_index) == ("handwritten", 0.8, 5)


def test_without_numbers_there_are_no_digits() -> None:
    assert split_into_digits([]) == ()
