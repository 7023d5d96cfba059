"""Number crops and text lines -> what the line readers say of them, mapped back to the page."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.numbers.crops import NumberCrop
from scanner.recognition.claims import Claim
from scanner.recognition.line_image import make_line_image
from scanner.types import Box, Digit, Opinion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.options import Charset
    from scanner.recognition.line_image import LineImage
    from scanner.recognition.line_reader import LineReader, LineReading


_OVERSHOOT_HEIGHTS = 0.25
"""Heights above and below a line where its ink may stick out: a comma, or the bar of a 5 that flew off."""

_UNBROKEN_CORE_SHARE = 0.3
"""Of the way to there, from its middle, in which a digit may be broken without ending."""

_CUT_SEARCH_SHARE = 0.8
"""Two characters are parted within this part of the way from one's middle to the other's."""

_MAX_OVERHANG_HEIGHTS = 0.7
"""The outermost digits reach at most this many heights beyond their middle."""


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """A part of a region with one number, or none."""

    claim: Claim
    page_left: int
    """First column of the straightened page."""
    page_right: int
    """First column behind it."""


def read_number_crops(crops: Sequence[NumberCrop], reader: LineReader, charset: Charset) -> tuple[Claim, ...]:
    """Ask the number reader for the number in each region.

    Returns:
        One claim per region, in the same order.
    """
    lines = [make_line_image(region.image) for region in crops]
    readings = reader.read_numbers([line.pixels for line in lines], charset)
    return tuple(_to_claim(*place) for place in zip(crops, lines, readings, strict=True))


def read_text_line_crops(
    crops: Sequence[NumberCrop], reader: LineReader, charset: Charset
) -> tuple[tuple[ReadSpan, ...], ...]:
    """Ask the number reader for the numbers in each region.

    Returns:
        For each region, in the same order, its parts from left to right, each up to the next; at least one.
    """
    lines = [make_line_image(region.image) for region in crops]
    readings = reader.read_text_lines([line.pixels for line in lines], charset)
    return tuple(
        tuple(_read_spans(region, line, parts)) for region, line, parts in zip(crops, lines, readings, strict=True)
    )


def _read_spans(region: NumberCrop, line: LineImage, readings: Sequence[LineReading]) -> Iterator[ReadSpan]:
    left = int(region.page_columns[0])
    for reading in readings:
        column = round(line.to_crop_x(reading.right))
        last = reading is readings[-1] or column >= len(region.page_columns)
        right = int(region.page_columns[-1]) + 1 if last else int(region.page_columns[max(column, 0)])
        yield ReadSpan(_to_claim(region, line, reading), left, right)
        left = right


def _to_claim(region: NumberCrop, line: LineImage, reading: LineReading) -> Claim:
    digits: list[Digit] = []
    count = max(sum(character.text.isdigit() for character in reading.characters), 1)
    # The reader says how sure it is of the whole: each digit has an equal share in it.
    share = reading.probability ** (1 / count)
    for character, (left, right) in zip(reading.characters, _character_columns(region, line, reading), strict=True):
        if character.text.isdigit():
            digits.append(Digit(character.text, share, _ink_box(region, line, left, right)))
    text = reading.text if digits else ""
    return Claim(Opinion("number", text, reading.probability), tuple(digits))


def _character_columns(region: NumberCrop, line: LineImage, reading: LineReading) -> list[tuple[int, int]]:
    """Columns of the picture that belong to each character: from one cut to the next.

    The reader's own bounds say only where it noticed a character.
    """
    middles = [line.to_crop_x((c.left + c.right) / 2) for c in reading.characters]
    if not middles:
        return []
    reach = _MAX_OVERHANG_HEIGHTS * (line.writing_bottom - line.writing_top)
    ink = np.count_nonzero(region.mask, axis=0)
    cuts = [_cut_column(ink, a, b) for a, b in itertools.pairwise(middles)]
    # What lies left and right of its part of the line is another number's.
    first = _number_end_column(ink, middles[0], max(middles[0] - reach, line.to_crop_x(reading.left)))
    last = _number_end_column(ink, middles[-1], min(middles[-1] + reach, line.to_crop_x(reading.right)))
    return list(itertools.pairwise([first, *cuts, last]))


def _number_end_column(ink: NDArray[np.int64], middle: float, furthest: float) -> int:
    """The first column without ink outwards from the core of a number's first or last character.

    Behind it stands what is no part of the number: a parenthesis, a unit.
    """
    core = middle + (furthest - middle) * _UNBROKEN_CORE_SHARE
    outwards = 1 if furthest > middle else -1
    columns = np.arange(round(core), round(furthest), outwards)
    empty = columns[(columns >= 0) & (columns < len(ink))]
    empty = empty[ink[empty] == 0]
    return int(empty[0]) + (outwards < 0) if empty.size else round(furthest)


def _cut_column(ink: NDArray[np.int64], left: float, right: float) -> int:
    """The column with the least ink between the middles of two characters, nearest to half-way."""
    half_way, inner = (left + right) / 2, _CUT_SEARCH_SHARE * (right - left) / 2
    columns = np.arange(max(round(half_way - inner), 0), min(round(half_way + inner) + 1, len(ink)))
    if not columns.size:
        return round(half_way)
    return int(columns[np.lexsort((abs(columns - half_way), ink[columns]))[0]])


def _ink_box(region: NumberCrop, line: LineImage, left: int, right: int) -> Box:
    """The box of the ink between two columns, in pixels of the straightened page."""
    height, width = region.mask.shape
    x1 = min(max(left, 0), width - 1)
    x2 = min(max(right, x1 + 1), width)
    beyond = _OVERSHOOT_HEIGHTS * (line.writing_bottom - line.writing_top)
    y1 = min(max(round(line.writing_top - beyond), 0), height - 1)
    y2 = min(max(round(line.writing_bottom + beyond), y1 + 1), height)
    x, y, inked_width, inked_height = cv2.boundingRect(region.mask[y1:y2, x1:x2])
    if not inked_width:
        x, y, inked_width, inked_height = 0, 0, x2 - x1, y2 - y1
    first, last = (int(region.page_columns[column]) for column in (x1 + x, x1 + x + inked_width - 1))
    return Box(first, region.page_top + y1 + y, last - first + 1, inked_height)
