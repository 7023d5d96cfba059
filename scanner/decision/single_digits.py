"""Numbers of one digit each: those of a matrix, and those of a page on which every digit is a number of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.decision.located_numbers import LocatedNumber, contour_claim_of
from scanner.recognition.lattice_decoding import ReadDigit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.decision.located_numbers import FoundNumber
    from scanner.layout.digit_matrix import DigitMatrix
    from scanner.types import DigitReading

_MATRIX_TABLE = 1
"""Number of the table that a matrix is: it fills the page."""


def locate_in_matrix(matrix: DigitMatrix, readings: Sequence[DigitReading]) -> tuple[LocatedNumber, ...]:
    """Take each cell of a matrix for its best digit, even where "no digit" is more probable.

    Args:
        matrix: the matrix.
        readings: readings of its digits, in the same order.

    Returns:
        One number per cell with ink, in reading order.
    """
    return tuple(
        LocatedNumber(
            row=row,
            column=column,
            box=box,
            contour_claim=contour_claim_of(
                [ReadDigit(reading.digit, reading.confidence, is_punctuation=False, box=box)]
            ),
            line_claim=None,
            crop_index=0,
            table=_MATRIX_TABLE,
        )
        for row, column, box, reading in zip(matrix.rows, matrix.columns, matrix.boxes, readings, strict=True)
    )


def split_into_digits(found: Sequence[FoundNumber]) -> tuple[FoundNumber, ...]:
    """Make every digit a number of its own.

    Args:
        found: numbers found by their contours alone.
    """
    return tuple(
        replace(number, contour_digits=(digit,), box=digit.box) for number in found for digit in number.contour_digits
    )
