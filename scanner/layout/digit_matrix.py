"""Find out whether a page is a matrix of digits: single digits in rows and columns of equal pitch, all over the page.

Such pages collect samples of handwriting, or show them: dark digits on paper, light ones on black, or one in each
printed square.  What tells a matrix from a table of numbers, a page of print or a sum on squared paper is that all of
this holds at once: equal steps from one character to the next in both directions, one character to a cell, hardly any
empty cell or other ink, space between the characters, and all of them digits, and not one digit over and over as empty
circles would be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import MIN_DIGIT_PART_INK_SHARE
from scanner.image.digit_frame import digit_frames
from scanner.layout.pale_rules import find_pale_rules
from scanner.layout.point_grid import MAX_OFF_CENTER_PITCHES, fit_grid
from scanner.layout.rules import find_rules, remove_rules
from scanner.types import Box, DigitReading, Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.point_grid import PointGrid

DigitReader = Callable[[Image], Sequence[DigitReading]]
"""A function from digit frames, shape (N, 28, 28), to the reading of each."""

_MIN_DIGITS = 100
"""Minimum number of digits of a matrix: with fewer, equal steps may be chance, and a filled-in sudoku has 81."""
_MIN_ROWS_AND_COLUMNS = 5
"""Minimum number of rows, and of columns.  A choice."""
_CHARACTER_SIZE_RANGE_HEIGHTS = 0.5, 1.8
"""Range of the longer side of a component that shows where a character stands, character heights of the page."""
_MIN_DIGIT_SIZE_HEIGHTS = 0.4
"""Minimum longer side of the ink in a cell that is a digit, character heights of the page; anything smaller is dirt."""
_TALL_SHARE = 0.6
"""Minimum height of a component that is a character by itself, character heights of the page."""
_MIN_RULE_LENGTH_PITCHES = 4.0
"""Minimum longer side of a component that may be printed squares, pitches: digits that touch make up shorter ones."""
_MAX_RULE_INK_SHARE = 0.5
"""Maximum share of the ink of a character that lies on pale rules.  A choice: with more it is a piece of one."""
_MIN_SPLIT_SIZE_PITCHES = 0.9
"""Minimum longer side of a component that may be the ink of two cells, pitches."""
_MIN_SECOND_CELL_INK_SHARE = 0.25
"""Minimum share of the ink of a component in each cell at whose border it is split: a long tail has less."""
_MAIN_PART_INK_SHARE = 0.5
"""A component with more of the ink in its cell is the digit, wherever in the cell it stands."""
_MIN_GRID_SHARE = 0.97
"""Minimum share of the characters that stand in the middle of a cell.  The others may be a heading or a page number,
which are left out; a page with more writing beside the matrix is an ordinary page."""
_MAX_ROW_VARIANCE = 0.045
"""Maximum mean square of the distance from the middle of the cell to the side, in one row, square pitches.  It is 0.005
at most in made sheets, and 0.083 in a line of writing, whose characters stand anywhere."""
_MIN_FILLED_SHARE = 0.6
"""Minimum share of cells with a digit between the first and the last row and column.  Sums on squared paper leave every
other row empty; a sheet that is filled in from the top ends where the digits do."""
_MAX_DOUBLE_SHARE = 0.05
"""Maximum share of cells with two characters side by side: a matrix has none, but digits break and stains happen."""
_MAX_OTHER_INK_SHARE = 0.1
"""Maximum share of the ink, without rules, that belongs to no digit."""
_MIN_PITCH_SIZES = 1.1
"""Minimum pitch, in longer sides of the larger digits: the characters of a printed line are closer."""
_LARGER_DIGIT_PERCENTILE = 75
"""Percentile of the longer sides that stands for the larger digits."""
_SOFT_EDGE_PIXELS = 2
"""Width of the soft edge of ink, pixels: the blur before the threshold has a standard deviation of 0.8.  Of 10,000
MNIST test digits 15 and 18 pixels high, 99.5 % are read rightly with this edge, 99.4 % with one pixel."""
_FULL_INK_PERCENTILE = 75
"""Percentile of the darkness of the digits that is full ink: the middle of a stroke, not its soft edge."""
_CONFIRMED_DIGITS = 200
"""Number of characters that must prove to be digits, evenly spread: the standard error of the share is 2 %."""
_MIN_DIGIT_SHARE = 0.9
"""Minimum share of these that are read as digits.  Of letters, or of signs of sums, up to a half are."""
_MAX_SAME_DIGIT_SHARE = 0.6
"""Maximum share of these that are read as the same digit.  Circles and boxes to tick all are; digits of a sheet that
somebody practises one digit on are, too, and such a sheet must be announced."""


@dataclass(frozen=True, slots=True, eq=False)
class DigitMatrix:
    """Single digits in rows and columns."""

    ink: MeasuredInk
    """Ink of the rectified page without printed squares, components split where digits of two cells touch."""
    component_indices: NDArray[np.int64]
    """Components that are digits or parts of digits."""
    rows: tuple[int, ...]
    """Row of each digit, from 1; the digits are in reading order."""
    columns: tuple[int, ...]
    """Column of each digit, from 1."""
    boxes: tuple[Box, ...]
    """Box around the ink of each digit, pixels of the rectified page."""
    strengths: tuple[Image, ...]
    """Ink of each digit with its soft edge and some paper around it, uint8, 0 = paper."""


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Components by cell of the grid."""

    cell_of_component: NDArray[np.int64]
    """Index of the cell of each component; -1 if it is no part of a digit, shape (components,)."""
    boxes: NDArray[np.int64]
    """Box around the ink of each cell: left, top, right, bottom, shape (cells, 4)."""
    rows: NDArray[np.int64]
    """Row of each cell, from 0, shape (cells,); cells are in reading order, and all have a digit."""
    columns: NDArray[np.int64]
    """Column of each cell, from 0, shape (cells,)."""


def find_digit_matrix(flat: Image, ink: MeasuredInk, read_digits: DigitReader) -> DigitMatrix | None:
    """Find the matrix of digits that a page is.

    Args:
        flat: darkness of the rectified page relative to the paper, shape (H, W), uint8, 0 = paper.
        ink: ink of the same page, with its rules.
        read_digits: a digit classifier, asked only if all else is like a matrix.

    Returns:
        The matrix; None if the page is anything else.
    """
    if len(ink.components) < _MIN_DIGITS:
        return None
    rule_pixels = find_pale_rules(flat, ink)
    grid = _fit_grid(ink, _select_characters(ink, rule_pixels))
    if grid is None:
        return None
    if (ink.components.boxes[:, 2:] > _MIN_RULE_LENGTH_PITCHES * grid.pitch).any():
        rules = find_rules(ink)
        rule_pixels, ink = np.maximum(rule_pixels, rules.pixels), remove_rules(ink, rules)
    ink = replace(ink, components=_split_at_cell_borders(ink, grid, _select_characters(ink, rule_pixels)))
    is_character = _select_characters(ink, rule_pixels)
    cells = _assign_to_cells(ink, grid, is_character)
    if not _is_matrix(ink, grid, cells, is_character):
        return None
    strengths = _cut_out_digits(_erase_rules(flat, rule_pixels, ink), ink, cells)
    if not _are_various_digits(strengths, read_digits):
        return None
    rows, columns = (tuple((index + 1).tolist()) for index in (cells.rows, cells.columns))
    boxes = tuple(
        Box(*box) for box in np.hstack([cells.boxes[:, :2], cells.boxes[:, 2:] - cells.boxes[:, :2]]).tolist()
    )
    return DigitMatrix(ink, np.flatnonzero(cells.cell_of_component >= 0), rows, columns, boxes, strengths)


def _fit_grid(ink: MeasuredInk, is_character: NDArray[np.bool_]) -> PointGrid | None:
    """Fit a grid to the components that are characters; None if they are few or most of them are not in one."""
    points = _centers(ink.components.boxes[is_character])
    if len(points) < _MIN_DIGITS:
        return None
    grid = fit_grid(points, ink.character_height)
    # Digits that touch printed squares are not among the characters yet.
    return grid if grid is not None and _is_in_middle(grid.locate(points)).mean() >= _MIN_FILLED_SHARE else None


def _select_characters(ink: MeasuredInk, rule_pixels: Image) -> NDArray[np.bool_]:
    """Which components have the size of characters, and are no pieces of rules, shape (components,)."""
    components = ink.components
    longer = components.boxes[:, 2:].max(axis=1)
    smallest, largest = (share * ink.character_height for share in _CHARACTER_SIZE_RANGE_HEIGHTS)
    # A pale rule breaks into pieces as long as characters, which stand between them.
    on_rules = np.bincount(components.labels[rule_pixels > 0], minlength=len(components) + 1)[1:]
    is_piece = on_rules > _MAX_RULE_INK_SHARE * components.areas
    return np.asarray((longer >= smallest) & (longer <= largest) & ~is_piece)


def _centers(boxes: NDArray[np.int32]) -> NDArray[np.float64]:
    return np.asarray(boxes[:, :2] + (boxes[:, 2:] - 1) / 2)


def _is_in_middle(positions: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether positions in cells, shape (N, 2), are near the middle of a cell."""
    return np.asarray(np.abs(positions - np.rint(positions)).max(axis=1) <= MAX_OFF_CENTER_PITCHES)


def _split_at_cell_borders(ink: MeasuredInk, grid: PointGrid, is_character: NDArray[np.bool_]) -> Components:
    """Split the components that are ink of several cells; the tail of a digit in the next cell stays with the digit."""
    components, boxes = ink.components, ink.components.boxes
    standing = np.rint(grid.locate(_centers(boxes[is_character])))
    taken = {(column, row) for column, row in standing.astype(np.int64).tolist()}
    parts: dict[int, list[NDArray[np.bool_]]] = {}
    for index in np.flatnonzero(boxes[:, 2:].max(axis=1) > _MIN_SPLIT_SIZE_PITCHES * grid.pitch).tolist():
        x, y, width, height = boxes[index].tolist()
        own = components.labels[y : y + height, x : x + width] == index + 1
        pixels = np.argwhere(own)[:, ::-1]
        cells, cell_of_pixel, counts = np.unique(
            np.rint(grid.locate((pixels + np.array([x, y])).astype(np.float64))).astype(np.int64),
            axis=0,
            return_inverse=True,
            return_counts=True,
        )
        cell_of_pixel = cell_of_pixel.reshape(-1)
        is_main = counts >= _MIN_SECOND_CELL_INK_SHARE * len(pixels)
        for cell in np.flatnonzero(~is_main).tolist():
            # Where no other digit stands, even a thin one that touches a bold one is a digit.
            size = np.ptp(pixels[cell_of_pixel == cell], axis=0).max() + 1
            is_main[cell] = size >= _MIN_DIGIT_SIZE_HEIGHTS * ink.character_height and tuple(cells[cell]) not in taken
        if np.count_nonzero(is_main) < 2:
            continue
        cell_of_pixel = np.where(is_main[cell_of_pixel], cell_of_pixel, counts.argmax())
        parts[index] = []
        for cell in np.flatnonzero(is_main).tolist():
            mask = np.zeros_like(own)
            mask[tuple(pixels[cell_of_pixel == cell, ::-1].T)] = True
            parts[index].append(mask)
    return components.split(parts) if parts else components


def _assign_to_cells(ink: MeasuredInk, grid: PointGrid, is_character: NDArray[np.bool_]) -> _Cells:
    """Assign each component to the cell of its middle; leave out dirt, cells without a digit and other lines."""
    boxes, areas = ink.components.boxes, ink.components.areas
    positions = grid.locate(_centers(boxes))[:, ::-1]
    in_other_line = np.isin(np.rint(positions[:, 0]), _find_other_lines(positions[is_character]))
    places, cell_of_component = np.unique(np.rint(positions).astype(np.int64), axis=0, return_inverse=True)
    cell_of_component = cell_of_component.reshape(-1)
    ink_of_cell = np.bincount(cell_of_component, areas, len(places))
    ink_share = areas / ink_of_cell[cell_of_component]
    # At the border of a cell stand remnants of its sides, and the edges of what stands beside it.
    is_part = (ink_share >= MIN_DIGIT_PART_INK_SHARE) & _is_in_middle(positions)
    is_part = (is_part | (ink_share > _MAIN_PART_INK_SHARE)) & ~in_other_line
    low, high = np.full((len(places), 2), max(ink.mask.shape)), np.zeros((len(places), 2), np.int64)
    np.minimum.at(low, cell_of_component[is_part], boxes[is_part, :2])
    np.maximum.at(high, cell_of_component[is_part], boxes[is_part, :2] + boxes[is_part, 2:])
    size = (high - low).max(axis=1)
    largest = _MIN_RULE_LENGTH_PITCHES * grid.pitch
    has_digit = (size >= _MIN_DIGIT_SIZE_HEIGHTS * ink.character_height) & (size <= largest)
    index_of_cell = np.where(has_digit, np.cumsum(has_digit) - 1, -1)
    places = places[has_digit]
    rows, columns = (places - places.min(axis=0, initial=np.iinfo(np.int64).max)).T
    return _Cells(
        np.where(is_part, index_of_cell[cell_of_component], -1),
        np.concatenate([low, high], axis=1)[has_digit],
        rows,
        columns,
    )


def _find_other_lines(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows that are no rows of the matrix: lines of writing, and a few characters by themselves above or below it.

    Args:
        positions: row and column of each character, with fractions, shape (N, 2).
    """
    rows, row_of_character, counts = np.unique(np.rint(positions[:, 0]), return_inverse=True, return_counts=True)
    aside = positions[:, 1] - np.rint(positions[:, 1])
    is_line = np.bincount(row_of_character.reshape(-1), aside**2) > _MAX_ROW_VARIANCE * counts
    # Between a heading and the matrix, as between the matrix and a page number, there is paper.
    block_of_row = np.cumsum(np.diff(rows[~is_line], prepend=rows[:1]) > 1)
    in_block = np.bincount(block_of_row, counts[~is_line])
    is_line[~is_line] = in_block[block_of_row] <= (1 - _MIN_GRID_SHARE) * len(positions)
    return np.asarray(rows[is_line], np.float64)


def _is_matrix(ink: MeasuredInk, grid: PointGrid, cells: _Cells, is_character: NDArray[np.bool_]) -> bool:
    """Whether the components are laid out as a matrix of characters, whatever they are."""
    count = len(cells.rows)
    if count < _MIN_DIGITS:
        return False
    row_count, column_count = int(cells.rows.max()) + 1, int(cells.columns.max()) + 1
    larger = np.percentile((cells.boxes[:, 2:] - cells.boxes[:, :2]).max(axis=1), _LARGER_DIGIT_PERCENTILE)
    is_part = cells.cell_of_component >= 0
    in_cell = is_part & _is_in_middle(grid.locate(_centers(ink.components.boxes)))
    areas = ink.components.areas
    return bool(
        min(row_count, column_count) >= _MIN_ROWS_AND_COLUMNS
        and count >= _MIN_FILLED_SHARE * row_count * column_count
        and grid.pitch >= _MIN_PITCH_SIZES * larger
        and areas[~is_part].sum() <= _MAX_OTHER_INK_SHARE * areas.sum()
        and np.count_nonzero(in_cell & is_character) >= _MIN_GRID_SHARE * np.count_nonzero(is_character)
        and _count_double_cells(ink, cells) <= _MAX_DOUBLE_SHARE * count
    )


def _count_double_cells(ink: MeasuredInk, cells: _Cells) -> int:
    """Number of cells with several components that are as tall as a character."""
    tall = (cells.cell_of_component >= 0) & (ink.components.boxes[:, 3] >= _TALL_SHARE * ink.character_height)
    return int(np.count_nonzero(np.bincount(cells.cell_of_component[tall]) > 1))


def _erase_rules(flat: Image, rule_pixels: Image, ink: MeasuredInk) -> Image:
    """Erase rules with their soft edges, where no stroke crosses them."""
    soft = cv2.subtract(cv2.dilate(rule_pixels, np.ones((3, 3), np.uint8)), ink.mask)
    return np.asarray(cv2.subtract(flat, soft), np.uint8)


def _cut_out_digits(flat: Image, ink: MeasuredInk, cells: _Cells) -> tuple[Image, ...]:
    """Cut the ink of each cell out of the page, with its soft edge and without that of others.

    The strength of the ink is measured after a blur against noise, which half erases the thin strokes of a digit 15
    pixels high; the page itself shows them.
    """
    labels = ink.components.labels
    cell_of_pixel = np.concatenate([[-1], cells.cell_of_component]).astype(np.int32)[labels]
    is_own = cell_of_pixel >= 0
    # The whole page at once: cell by cell this takes longer.
    near = cv2.dilate(is_own.view(np.uint8), np.ones((2 * _SOFT_EDGE_PIXELS + 1,) * 2, np.uint8)).view(bool)
    full = max(float(np.percentile(flat[is_own], _FULL_INK_PERCENTILE)), 1.0)
    strength = np.asarray(cv2.convertScaleAbs(flat, alpha=255 / full), np.uint8)
    strength[~near | ((labels > 0) & ~is_own)] = 0
    lefts, tops = np.maximum(cells.boxes[:, :2] - _SOFT_EDGE_PIXELS, 0).T.tolist()
    rights, bottoms = (cells.boxes[:, 2:] + _SOFT_EDGE_PIXELS).T.tolist()
    cut_out = []
    for index, (left, top, right, bottom) in enumerate(zip(lefts, tops, rights, bottoms, strict=True)):
        owners = cell_of_pixel[top:bottom, left:right]
        others = (owners >= 0) & (owners != index)
        cut_out.append(np.where(others, np.uint8(0), strength[top:bottom, left:right]))
    return tuple(cut_out)


def _are_various_digits(strengths: Sequence[Image], read_digits: DigitReader) -> bool:
    """Whether a sample of the characters are digits, and not all the same one."""
    sample = np.linspace(0, len(strengths) - 1, min(_CONFIRMED_DIGITS, len(strengths))).astype(np.int64)
    readings = read_digits(digit_frames(strengths[index] for index in sample.tolist()))
    counts = np.bincount([reading.digit for reading in readings if reading.is_digit], minlength=10)
    return bool(
        counts.sum() >= _MIN_DIGIT_SHARE * len(readings) and counts.max() <= _MAX_SAME_DIGIT_SHARE * counts.sum()
    )
