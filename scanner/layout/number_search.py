"""Find the numbers of a page, and look again more closely if they are smaller than its other writing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.number_finder import find_numbers
from scanner.layout.page_network import CHARACTER_HEIGHT_PIXELS, OUTPUT_STRIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.geometry.page_map import PageMap
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.number_finder import NumberRegion
    from scanner.layout.page_network import PageMaps, PageNetwork
    from scanner.types import Image

_MIN_HEIGHT_SHARE = 0.75
"""Minimum height of the numbers of a page, relative to the character height that the network expects.  Of lower ones it
misses many: the height of a page's characters is that of its tall ones, which may be capitals, headings or blots."""
_MIN_COUNT = 5
"""Minimum number of numbers to judge their height by.  A choice."""
_MAX_MAGNIFICATION = 2.0
"""Maximum magnification.  A choice: the time grows with its square."""


def search_numbers(
    network: PageNetwork, ink: MeasuredInk, flat: Image, image: Image, page_map: PageMap
) -> tuple[PageMaps, tuple[NumberRegion, ...]]:
    """Find the handwritten numbers of a page.

    Args:
        network: the page network.
        ink: ink of the rectified page, with its rules.
        flat: its darkness relative to the paper, shape (height, width).
        image: the original page, BGR.
        page_map: map from the original to the rectified page.

    Returns:
        The ink classes as first seen with the cores as last seen; and the numbers.
    """
    maps = network.see_page(ink, flat, image, page_map)
    regions = find_numbers(maps.number_cores)
    magnification = find_magnification(regions, OUTPUT_STRIDE * maps.number_cores.cells_per_page_pixel[1])
    if magnification == 1:
        return maps, regions
    closer = network.see_page(ink, flat, image, page_map, magnification)
    return replace(maps, number_cores=closer.number_cores), find_numbers(closer.number_cores)


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
