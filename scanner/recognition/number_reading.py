"""Read number crops and text lines with a line reader, and map what it reads back to the page.

The reader works on a line image, which is a crop scaled to one height; the crop in turn is a part of the page with its
wide gaps narrowed.  So each position goes through two maps: from line image to crop, and from crop to page.

A CTC network marks a character only where it recognizes it, by a spike of a few columns, so the spikes say in which
order the characters stand, but not how wide they are.  The box of a digit is found from the ink: neighbouring
characters are separated at the column with the least ink between their spikes, a number ends at the first column
without ink beyond its outermost spikes, and the box is then drawn around the ink between two such columns.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.numbers.crops import NumberCrop
from scanner.recognition.line_image import make_line_image, make_line_image_at_rows
from scanner.recognition.reader_claims import Claim
from scanner.types import Box, Digit, Opinion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.options import Charset
    from scanner.recognition.line_image import LineImage
    from scanner.recognition.line_reader import LineReader, LineReading


_OVERSHOOT_HEIGHTS = 0.25
"""Height above and below the writing where ink still counts, in heights of the writing: there may be a comma, or the
detached bar of a 5."""

_UNBROKEN_CORE_SHARE = 0.3
"""Share of the way outwards from the middle of a number's outermost character to its furthest possible end, within
which a column without ink is a break in a stroke and does not end the number."""

_CUT_SEARCH_SHARE = 0.8
"""Share of the distance between the middles of two characters, centred between them, that is searched for the column
with the least ink."""

_MAX_OVERHANG_HEIGHTS = 0.7
"""Maximum distance from the middle of a number's outermost character to the end of the number, in heights of the
writing."""


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """A part of a text line with at most one number, and what the line reader read there."""

    claim: Claim
    page_left: int
    """First column, pixels of the rectified page."""
    page_right: int
    """Column after the last one."""


def read_number_crops(crops: Sequence[NumberCrop], reader: LineReader, charset: Charset) -> tuple[Claim, ...]:
    """Read the number in each crop.

    Args:
        crops: crops of one number each.
        reader: the line reader for such crops.
        charset: characters to read.

    Returns:
        One claim per crop, in the same order.
    """
    lines = [line_of(crop) for crop in crops]
    readings = reader.read_numbers([line.pixels for line in lines], charset)
    return tuple(_to_claim(*each) for each in zip(crops, lines, readings, strict=True))


def read_text_line_crops(
    crops: Sequence[NumberCrop], reader: LineReader, charset: Charset, whole: Collection[int] = ()
) -> tuple[tuple[ReadSpan, ...], ...]:
    """Read the numbers in the crop of each text line.

    Args:
        crops: crops of one text line each.
        reader: the line reader for text lines.
        charset: characters to read.
        whole: indices of the crops that are known to be of one number.

    Returns:
        For each crop, in the same order, its spans from left to right, at least one; together they cover the crop.
    """
    parted = [index for index in range(len(crops)) if index not in whole]
    lines = [line_of(crops[index]) for index in parted]
    readings = reader.read_text_lines([line.pixels for line in lines], charset)
    spans = {
        index: tuple(_read_spans(crops[index], line, parts))
        for index, line, parts in zip(parted, lines, readings, strict=True)
    }
    chosen = sorted(whole)
    claims = read_number_crops([crops[index] for index in chosen], reader, charset)
    for index, claim in zip(chosen, claims, strict=True):
        columns = crops[index].page_columns
        spans[index] = (ReadSpan(claim, int(columns[0]), int(columns[-1]) + 1),)
    return tuple(spans[index] for index in range(len(crops)))


def line_of(crop: NumberCrop) -> LineImage:
    """The line image of a crop: at the rows of its writing where they are known, else at those of its ink."""
    if crop.writing_rows is None:
        return make_line_image(crop.image)
    return make_line_image_at_rows(np.asarray(cv2.bitwise_not(crop.image), np.uint8), *crop.writing_rows)


def _read_spans(crop: NumberCrop, line: LineImage, readings: Sequence[LineReading]) -> Iterator[ReadSpan]:
    left = int(crop.page_columns[0])
    for reading in readings:
        column = round(line.to_crop_x(reading.right))
        is_last = reading is readings[-1] or column >= len(crop.page_columns)
        right = int(crop.page_columns[-1]) + 1 if is_last else int(crop.page_columns[max(column, 0)])
        yield ReadSpan(_to_claim(crop, line, reading), left, right)
        left = right


def _to_claim(crop: NumberCrop, line: LineImage, reading: LineReading) -> Claim:
    digits: list[Digit] = []
    count = max(sum(character.text.isdigit() for character in reading.characters), 1)
    # The reader gives one probability for the whole text; each digit has an equal share of it.
    confidence = reading.probability ** (1 / count)
    for character, (left, right) in zip(reading.characters, _character_columns(crop, line, reading), strict=True):
        if character.text.isdigit():
            digits.append(Digit(character.text, confidence, _ink_box(crop, line, left, right)))
    text = reading.text if digits else ""
    return Claim(Opinion("number", text, reading.probability), tuple(digits))


def _character_columns(crop: NumberCrop, line: LineImage, reading: LineReading) -> list[tuple[int, int]]:
    """First column of each character in the crop, and the column after its last."""
    middles = [line.to_crop_x((character.left + character.right) / 2) for character in reading.characters]
    if not middles:
        return []
    overhang = _MAX_OVERHANG_HEIGHTS * (line.writing_bottom - line.writing_top)
    ink = np.count_nonzero(crop.mask, axis=0)
    cuts = [_cut_column(ink, left, right) for left, right in itertools.pairwise(middles)]
    # Beyond its part of the line is another number.
    first = _number_end_column(ink, middles[0], max(middles[0] - overhang, line.to_crop_x(reading.left)))
    last = _number_end_column(ink, middles[-1], min(middles[-1] + overhang, line.to_crop_x(reading.right)))
    return list(itertools.pairwise([first, *cuts, last]))


def _number_end_column(ink: NDArray[np.int64], middle: float, furthest: float) -> int:
    """Column that ends a number: the first without ink, outwards from its first or last character.

    What stands beyond it is no part of the number: a parenthesis, a unit.

    Args:
        ink: pixels of ink in each column of the crop.
        middle: middle of the number's first or last character, in columns of the crop.
        furthest: furthest possible end, to the left or the right of ``middle``.
    """
    core_end = middle + (furthest - middle) * _UNBROKEN_CORE_SHARE
    direction = 1 if furthest > middle else -1
    columns = np.arange(round(core_end), round(furthest), direction)
    empty = columns[(columns >= 0) & (columns < len(ink))]
    empty = empty[ink[empty] == 0]
    return int(empty[0]) + (direction < 0) if empty.size else round(furthest)


def _cut_column(ink: NDArray[np.int64], left: float, right: float) -> int:
    """Column with the least ink between the middles of two characters; of several the one nearest to half-way."""
    half_way, half_width = (left + right) / 2, _CUT_SEARCH_SHARE * (right - left) / 2
    columns = np.arange(max(round(half_way - half_width), 0), min(round(half_way + half_width) + 1, len(ink)))
    if not columns.size:
        return round(half_way)
    return int(columns[np.lexsort((abs(columns - half_way), ink[columns]))[0]])


def _ink_box(crop: NumberCrop, line: LineImage, left: int, right: int) -> Box:
    """Box of the ink between two columns of the crop, pixels of the rectified page."""
    height, width = crop.mask.shape
    x1 = min(max(left, 0), width - 1)
    x2 = min(max(right, x1 + 1), width)
    overshoot = _OVERSHOOT_HEIGHTS * (line.writing_bottom - line.writing_top)
    y1 = min(max(round(line.writing_top - overshoot), 0), height - 1)
    y2 = min(max(round(line.writing_bottom + overshoot), y1 + 1), height)
    x, y, inked_width, inked_height = cv2.boundingRect(crop.mask[y1:y2, x1:x2])
    if not inked_width:
        x, y, inked_width, inked_height = 0, 0, x2 - x1, y2 - y1
    first, last = (int(crop.page_columns[column]) for column in (x1 + x, x1 + x + inked_width - 1))
    return Box(first, crop.page_top + y1 + y, last - first + 1, inked_height)
