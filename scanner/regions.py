"""Places on a page -> pictures of one number for the number reader, and its readings back onto the page."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.combine import Claim
from scanner.line import find_line
from scanner.types import Box, Digit, Opinion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.components import Components
    from scanner.line import Line
    from scanner.options import Charset
    from scanner.reader import LineReading, NumberReader
    from scanner.runs import Run
    from scanner.types import Image, Ink

_PAPER = 0.6
"""Heights of paper put around: what is at the very edge of a picture is taken for its border."""
_GAP = 0.6
"""Gaps wider than this many heights of a character are closed to so much: two columns of a table are no further apart
to the reader than two words, ..."""
_GAP_IN_CELLS = 0.15
"""... and the digits in a comb field as close as in a number: they are one."""
_BEYOND = 0.25
"""Heights above and below a line where its ink may stick out: a comma, or the bar of a 5 that flew off."""
_CORE = 0.3
"""Of the way to there, from its middle, in which a digit may be broken without ending."""
_INNER = 0.8
"""Two characters are parted within this part of the way from one's middle to the other's."""
_OVERHANG = 0.7
"""The outermost digits reach at most this many heights beyond their middle."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A place where one number stands, by itself."""

    picture: Image
    """Shape (H, W), uint8, dark ink on light paper."""
    mask: Image
    """Shape (H, W): 255 where there is ink, else 0."""
    columns: NDArray[np.int64]
    """Shape (W,): the column of the straightened page shown in each column of the picture, ascending."""
    y: int
    """Row of the straightened page at the picture's upper edge; may be negative."""


def run_region(run: Run, ink: Ink, components: Components) -> Region:
    """The ink of a run, without that of others, on white paper.

    Args:
        run: whose numbers are to be read.
        ink: of the straightened page, without rules.
        components: of ``ink.mask``.
    """
    return _region(run, ink, components, _GAP)


def cells_region(run: Run, ink: Ink, components: Components) -> Region:
    """The same for the ink in a comb field, which is one number."""
    return _region(run, ink, components, _GAP_IN_CELLS)


def _region(run: Run, ink: Ink, components: Components, gap: float) -> Region:
    rows, columns = slice(run.box.y, run.box.bottom), slice(run.box.x, run.box.right)
    own = np.isin(components.labels[rows, columns], np.array(run.members) + 1)
    # One pixel around the mask is the soft edge of the strokes.
    halo = cv2.dilate(own.view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    shown = halo & (own | (components.labels[rows, columns] == 0))
    kept = _without_gaps(shown.any(axis=0), max(round(gap * run.height), 1))
    paper = round(_PAPER * run.height) + 1
    picture, mask = (
        np.pad(image[:, kept], paper, constant_values=value)
        for image, value in (
            (np.where(shown, 255 - ink.strength[rows, columns], np.uint8(255)), 255),
            (own.view(np.uint8) * np.uint8(255), 0),
        )
    )
    return Region(picture, mask, run.box.x + np.pad(kept, paper, mode="edge"), run.box.y - paper)


def whole_region(picture: Image, mask: Image) -> Region:
    """A picture of one number as it is."""
    return Region(picture, mask, np.arange(picture.shape[1]), 0)


def _without_gaps(inked: NDArray[np.bool_], longest: int) -> NDArray[np.int64]:
    """Columns to keep so that no gap is wider than ``longest``."""
    columns = np.arange(len(inked))
    last_inked = np.maximum.accumulate(np.where(inked, columns, -1))
    return np.flatnonzero(columns - last_inked <= longest)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a region with one number, or none."""

    claim: Claim
    left: int
    """First column of the straightened page."""
    right: int
    """First column behind it."""


def read_regions(regions: Sequence[Region], reader: NumberReader, charset: Charset) -> tuple[Claim, ...]:
    """Ask the number reader for the number in each region.

    Returns:
        One claim per region, in the same order.
    """
    lines = [find_line(region.picture) for region in regions]
    readings = reader.read([line.image for line in lines], charset)
    return tuple(_claim(*place) for place in zip(regions, lines, readings, strict=True))


def read_runs(regions: Sequence[Region], reader: NumberReader, charset: Charset) -> tuple[tuple[Part, ...], ...]:
    """Ask the number reader for the numbers in each region.

    Returns:
        For each region, in the same order, its parts from left to right, each up to the next; at least one.
    """
    lines = [find_line(region.picture) for region in regions]
    readings = reader.read_runs([line.image for line in lines], charset)
    return tuple(
        tuple(_parts(region, line, parts)) for region, line, parts in zip(regions, lines, readings, strict=True)
    )


def _parts(region: Region, line: Line, readings: Sequence[LineReading]) -> Iterator[Part]:
    left = int(region.columns[0])
    for reading in readings:
        column = round(line.x_in_picture(reading.right))
        last = reading is readings[-1] or column >= len(region.columns)
        right = int(region.columns[-1]) + 1 if last else int(region.columns[max(column, 0)])
        yield Part(_claim(region, line, reading), left, right)
        left = right


def _claim(region: Region, line: Line, reading: LineReading) -> Claim:
    digits: list[Digit] = []
    count = max(sum(character.text.isdigit() for character in reading.characters), 1)
    # The reader says how sure it is of the whole: each digit has an equal share in it.
    share = reading.probability ** (1 / count)
    for character, (left, right) in zip(reading.characters, _columns(region, line, reading), strict=True):
        if character.text.isdigit():
            digits.append(Digit(character.text, share, _ink_box(region, line, left, right)))
    text = reading.text if digits else ""
    return Claim(Opinion("number", text, reading.probability), tuple(digits))


def _columns(region: Region, line: Line, reading: LineReading) -> list[tuple[int, int]]:
    """Columns of the picture that belong to each character: from one cut to the next.

    The reader's own bounds say only where it noticed a character.
    """
    middles = [line.x_in_picture((c.left + c.right) / 2) for c in reading.characters]
    if not middles:
        return []
    reach = _OVERHANG * (line.bottom - line.top)
    ink = np.count_nonzero(region.mask, axis=0)
    cuts = [_cut(ink, a, b) for a, b in itertools.pairwise(middles)]
    # What lies left and right of its part of the line is another number's.
    first = _end(ink, middles[0], max(middles[0] - reach, line.x_in_picture(reading.left)))
    last = _end(ink, middles[-1], min(middles[-1] + reach, line.x_in_picture(reading.right)))
    return list(itertools.pairwise([first, *cuts, last]))


def _end(ink: NDArray[np.int64], middle: float, furthest: float) -> int:
    """The first column without ink outwards from the core of a number's first or last character.

    Behind it stands what is no part of the number: a parenthesis, a unit.
    """
    core = middle + (furthest - middle) * _CORE
    outwards = 1 if furthest > middle else -1
    columns = np.arange(round(core), round(furthest), outwards)
    empty = columns[(columns >= 0) & (columns < len(ink))]
    empty = empty[ink[empty] == 0]
    return int(empty[0]) + (outwards < 0) if empty.size else round(furthest)


def _cut(ink: NDArray[np.int64], left: float, right: float) -> int:
    """The column with the least ink between the middles of two characters, nearest to half-way."""
    half_way, inner = (left + right) / 2, _INNER * (right - left) / 2
    columns = np.arange(max(round(half_way - inner), 0), min(round(half_way + inner) + 1, len(ink)))
    if not columns.size:
        return round(half_way)
    return int(columns[np.lexsort((abs(columns - half_way), ink[columns]))[0]])


def _ink_box(region: Region, line: Line, left: int, right: int) -> Box:
    """The box of the ink between two columns, in pixels of the straightened page."""
    height, width = region.mask.shape
    x1 = min(max(left, 0), width - 1)
    x2 = min(max(right, x1 + 1), width)
    beyond = _BEYOND * (line.bottom - line.top)
    y1 = min(max(round(line.top - beyond), 0), height - 1)
    y2 = min(max(round(line.bottom + beyond), y1 + 1), height)
    x, y, inked_width, inked_height = cv2.boundingRect(region.mask[y1:y2, x1:x2])
    if not inked_width:
        x, y, inked_width, inked_height = 0, 0, x2 - x1, y2 - y1
    first, last = (int(region.columns[column]) for column in (x1 + x, x1 + x + inked_width - 1))
    return Box(first, region.y + y1 + y, last - first + 1, inked_height)
