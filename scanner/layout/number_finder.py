"""Find the handwritten numbers of a page in what the page network says about it.

A number is a connected core: its box without a quarter of its height at either end, at the top and at the bottom.
Cores of neighbours are apart even where their digits touch, and a core spans the dividers of a comb.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.layout.page_network import CORE_STRIDE, OUTPUT_STRIDE
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.layout.page_network import NumberCoreMap

CORE_INSET_SHARE = 0.25
"""Inset of a core from the box of its number, in heights of the number.  A choice: cores of neighbours that touch are
then half a height apart, and a number of the height of a character has a core of three pixels."""
MIN_CORE_PROBABILITY = 0.4
"""Minimum probability of a pixel in a core.  A choice: a little lower than one half, because a number broken in two is
lost, and doubt is measured by the score."""
_MIN_PEAK_PROBABILITY = 0.5
"""Minimum of the largest probability in a core.  A choice: more than anything else."""
_MIN_DIGIT_PROBABILITY = 0.5
"""Minimum probability of a pixel in the middle of a digit.  A choice: more than anything else."""
_MIN_SLOPED_LENGTH_HEIGHTS = 3.0
"""Minimum length, in heights, of a number whose slope can be measured.  A choice."""


@dataclass(frozen=True, slots=True)
class NumberRegion:
    """Where a handwritten number stands, in pixels of the rectified page."""

    box: Box
    """Box around the number."""
    score: float
    """Mean probability of its core, 0-1."""
    slope: float = 0.0
    """Pixels by which its baseline falls per pixel to the right; 0 for short numbers."""
    digit_columns: tuple[float, ...] = ()
    """Columns of the middles of the digits that the network sees in it, from the left; touching ones may be one."""
    crosses_lines: bool = False
    """Whether it runs across the dividers of a comb field, or ruled lines as other numbers of its columns do."""

    @property
    def digit_count(self) -> int:
        """Number of digits that the network sees in it."""
        return len(self.digit_columns)


def join_regions(parts: Sequence[NumberRegion]) -> NumberRegion:
    """The region of a number, given those of its parts, at least one."""
    if len(parts) == 1:
        return parts[0]
    box = Box.around(part.box for part in parts)
    slope = float(np.average([part.slope for part in parts], weights=[part.box.width for part in parts]))
    columns = sorted(column for part in parts for column in part.digit_columns)
    score, crosses_lines = min(part.score for part in parts), any(part.crosses_lines for part in parts)
    return NumberRegion(box, score, slope, tuple(columns), crosses_lines)


def find_numbers(cores: NumberCoreMap) -> tuple[NumberRegion, ...]:
    """Find the numbers of a page, by the top of their boxes.

    Args:
        cores: what the page network says about the page.
    """
    digit_middles = _digit_middles(cores)
    inside = (cores.probabilities >= MIN_CORE_PROBABILITY).view(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8, ltype=cv2.CV_32S)
    regions = []
    for label in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[label])
        window = np.s_[top : top + height, left : left + width]
        y, x = np.nonzero(labels[window] == label)
        probabilities = cores.probabilities[window][y, x]
        if probabilities.max() >= _MIN_PEAK_PROBABILITY:
            region = _region_of_core(y + top, x + left, probabilities, cores)
            regions.append(replace(region, digit_columns=_columns_inside(digit_middles, region.box)))
    return tuple(sorted(regions, key=lambda region: (region.box.y, region.box.x)))


def _digit_middles(cores: NumberCoreMap) -> NDArray[np.float64]:
    """Middles of digits, shape (N, 2), (x, y) in pixels of the page."""
    inside = (cores.digit_probabilities >= _MIN_DIGIT_PROBABILITY).view(np.uint8)
    _, _, _, centroids = cv2.connectedComponentsWithStats(inside, connectivity=4, ltype=cv2.CV_32S)
    per_cell = OUTPUT_STRIDE // CORE_STRIDE
    return np.asarray((centroids[1:] + 0.5) / per_cell / cores.cells_per_page_pixel, np.float64)


def _columns_inside(points: NDArray[np.float64], box: Box) -> tuple[float, ...]:
    inside = ((points >= (box.x, box.y)) & (points < (box.right, box.bottom))).all(axis=1)
    return tuple(sorted(points[inside, 0].tolist()))


def _region_of_core(
    y: NDArray[np.intp], x: NDArray[np.intp], probabilities: NDArray[np.float32], cores: NumberCoreMap
) -> NumberRegion:
    """The region of the number with a core of these pixels."""
    per_cell = OUTPUT_STRIDE // CORE_STRIDE
    row, column = y // per_cell, x // per_cell
    above, below = cores.distances[row, column].T
    middle_x, middle_y = (x + 0.5) / per_cell, row + 0.5
    height = float(np.median(above + below))
    first, last = x.min() / per_cell, (x.max() + 1) / per_cell
    slope = 0.0
    if last - first >= _MIN_SLOPED_LENGTH_HEIGHTS * height:
        slope = float(np.polyfit(middle_x, middle_y + (below - above) / 2, 1)[0])
    centre = (first + last) / 2
    level = slope * (middle_x - centre)
    top, bottom = float(np.median(middle_y - above - level)), float(np.median(middle_y + below - level))
    inset = CORE_INSET_SHARE * (bottom - top)
    rise = abs(slope) * ((last - first) / 2 + inset)
    across, down = cores.cells_per_page_pixel
    rows, columns = cores.distances.shape[:2]
    left, right = _pixel_span(first - inset, last + inset, across, columns)
    upper, lower = _pixel_span(top - rise, bottom + rise, down, rows)
    box = Box(left, upper, right - left, lower - upper)
    return NumberRegion(box, float(probabilities.mean()), slope * across / down)


def _pixel_span(first: float, last: float, cells_per_pixel: float, cells: int) -> tuple[int, int]:
    """First pixel of a span of cells and the first one behind it, on a page of ``cells`` cells."""
    pixels = max(round(cells / cells_per_pixel), 1)
    begin = min(max(round(first / cells_per_pixel), 0), pixels - 1)
    return begin, min(max(round(last / cells_per_pixel), begin + 1), pixels)
