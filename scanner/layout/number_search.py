"""Find the numbers of a page in two looks at different scales, closer ones if its numbers are small.

What is seen at two scales is averaged: each look alone takes other bits of print and of words for numbers.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.layout.divider_pooling import pool_dividers
from scanner.layout.ink_classes import class_certainty
from scanner.layout.number_finder import find_numbers
from scanner.layout.page_network import CHARACTER_HEIGHT_PIXELS, OUTPUT_STRIDE, NumberCoreMap
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.geometry.bent_map import AnyPageMap
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.number_finder import NumberRegion
    from scanner.layout.page_network import PageMaps, PageNetwork
    from scanner.types import Image

_LOOKS = (0.85, 1.2)
"""Magnifications of the two looks.  On 57 pages of eight kinds that the network had not learnt from, a look at 1 found
1,339 of 1,569 numbers and 369 that were none; these two 1,357 and 287; (0.8, 1.1), (0.85, 1.3) and (1, 1.25) nearly as
much."""
_CONTEXT_HEIGHTS = 8.0
"""Margin around the numbers in the second look, character heights.  On the same pages 16 changes the time alone."""
_LEAST_PROBABILITY = 1e-4
"""Least probability of a core whose odds are averaged: one look must not outvote the other by any amount.  A choice."""
_MIN_HEIGHT_SHARE = 0.75
"""Minimum height of the numbers of a page, relative to the character height that the network expects.  Of lower ones it
misses many: the height of a page's characters is that of its tall ones, which may be capitals, headings or blots."""
_MIN_COUNT = 5
"""Minimum number of numbers to judge their height by.  A choice."""
_MAX_MAGNIFICATION = 2.0
"""Maximum magnification.  A choice: the time grows with its square."""


def search_numbers(
    network: PageNetwork, ink: MeasuredInk, flat: Image, image: Image, page_map: AnyPageMap
) -> tuple[PageMaps, tuple[NumberRegion, ...]]:
    """Find the handwritten numbers of a page.

    Args:
        network: the page network.
        ink: ink of the rectified page, with its rules.
        flat: its darkness relative to the paper, shape (height, width).
        image: the original page, BGR.
        page_map: map from the original to the rectified page.

    Returns:
        The ink classes as first seen with the cores of all looks; and the numbers.
    """
    maps = see_once(network, ink, flat, image, page_map)
    regions = find_numbers(maps.number_cores)
    if not regions:
        return maps, regions
    see = partial(network.see_page, ink_around([region.box for region in regions], ink), flat, image, page_map)
    scale = OUTPUT_STRIDE * maps.number_cores.cells_per_page_pixel[1] / _LOOKS[0]
    magnification = find_magnification(regions, scale)
    first = maps if magnification == 1 else see(magnification * _LOOKS[0])
    second = see(magnification * _LOOKS[1])
    cores = average_cores(first.number_cores, second.number_cores)
    return replace(maps, number_cores=cores), pool_dividers(find_numbers(cores), cores, flat, ink.stroke_width)


def see_once(network: PageNetwork, ink: MeasuredInk, flat: Image, image: Image, page_map: AnyPageMap) -> PageMaps:
    """See a page at a first look: enough where no numbers are searched for; see :func:`search_numbers`."""
    return network.see_page(ink, flat, image, page_map, _LOOKS[0])


def page_certainty(network: PageNetwork, ink: MeasuredInk, flat: Image, gray: Image, page_map: AnyPageMap) -> float:
    """How certain the page network is of what the ink of a page is, at a first look; less if it is upside down.

    Args:
        network: the page network.
        ink: ink of the rectified page, with its rules.
        flat: its darkness.
        gray: the original page, shape (height, width).
        page_map: map from the original to the rectified page.

    Returns:
        Mean log probability of the most probable class, at most 0.
    """
    image = np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)
    return class_certainty(see_once(network, ink, flat, image, page_map).ink_classes, ink)


def ink_around(boxes: Sequence[Box], ink: MeasuredInk) -> MeasuredInk:
    """Keep the ink in the window around boxes, at least one, with context: to look at the rest takes time alone."""
    box = Box.around(boxes)
    margin = round(_CONTEXT_HEIGHTS * ink.character_height)
    window = np.s_[max(box.y - margin, 0) : box.bottom + margin, max(box.x - margin, 0) : box.right + margin]
    strength = np.zeros_like(ink.strength)
    strength[window] = ink.strength[window]
    return replace(ink, strength=strength)


def average_cores(coarse: NumberCoreMap, fine: NumberCoreMap) -> NumberCoreMap:
    """Average two looks at a page: the log odds of cores and of digits, and the logarithms of distances.

    Args:
        coarse: the look with fewer cells.
        fine: the look with more, whose cells the average has.
    """
    rows, columns = fine.distances.shape[:2]
    distances = _resize(coarse.distances, rows, columns)
    distances *= fine.cells_per_page_pixel[1] / coarse.cells_per_page_pixel[1]
    return NumberCoreMap(
        _average_odds(coarse.probabilities, fine.probabilities),
        _average_odds(coarse.digit_probabilities, fine.digit_probabilities),
        np.sqrt(distances * fine.distances),
        fine.cells_per_page_pixel,
    )


def _average_odds(coarse: NDArray[np.float32], fine: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities whose log odds are the mean of those of two maps, the coarse one scaled to the fine one."""
    first, second = (
        np.clip(each, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY) for each in (_resize(coarse, *fine.shape), fine)
    )
    odds = np.sqrt(first / (1 - first) * (second / (1 - second)))
    return np.asarray(odds / (1 + odds), np.float32)


def _resize(cells: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(cells, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)


def find_magnification(regions: Sequence[NumberRegion], scale: float) -> float:
    """How much larger a page must be seen for its numbers to have the height of characters; 1 if they are high enough.

    Args:
        regions: numbers found at first.
        scale: pixels of the network's input per pixel of the page.
    """
    if len(regions) < _MIN_COUNT:
        return 1.0
    height = float(np.median([region.box.height for region in regions])) * scale
    if height >= _MIN_HEIGHT_SHARE * CHARACTER_HEIGHT_PIXELS:
        return 1.0
    return min(CHARACTER_HEIGHT_PIXELS / max(height, 1.0), _MAX_MAGNIFICATION)
