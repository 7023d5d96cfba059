"""Find the ink of each number that the page network has found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.component_owners import count_owned_pixels
from scanner.numbers.text_lines import TextLine
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.number_finder import NumberRegion

_MIN_OWN_INK_SHARE = 0.5
"""Minimum share of a component's ink in the region of the number that it belongs to.  A choice: more than elsewhere."""
_HEIGHT_MARGIN_SHARE = 0.12
"""Height added to a region above and below, relative to its own, where there is no other region: tails and heads of
digits may be higher than the network says.  A choice."""
NO_REGION = -1
"""Stands for the region of ink that belongs to no number."""


def region_text_lines(
    regions: Sequence[NumberRegion], ink: MeasuredInk
) -> tuple[tuple[TextLine, ...], NDArray[np.int64]]:
    """Find the components of each number.

    Args:
        regions: numbers of the page.
        ink: ink of the rectified page without rules.

    Returns:
        For each region its components as a text line, without any if it has no ink; and the index of the region of each
        component, ``NO_REGION`` for none.
    """
    region_of = np.full(len(ink.components), NO_REGION, np.int64)
    owned = count_owned_pixels(ink.components, _draw_regions(regions, ink.mask.shape))
    order = np.argsort(owned.counts, kind="stable")
    order = order[owned.counts[order] >= _MIN_OWN_INK_SHARE * ink.components.areas[owned.components[order]]]
    # Where two regions have half of a component each, the last one assigned stays.
    region_of[owned.components[order]] = owned.owners[order] - 1
    lines = tuple(_text_line(region, np.flatnonzero(region_of == index), ink) for index, region in enumerate(regions))
    return lines, region_of


def region_corners(region: NumberRegion, margin: float = 0.0) -> NDArray[np.float64]:
    """Corners of a region, which slopes as its baseline does: shape (4, 2), (x, y), clockwise from the top left.

    Args:
        region: the region.
        margin: pixels added above and below.
    """
    box = region.box
    rise = region.slope * box.width / 2
    top, bottom = box.y + abs(rise) - margin, box.bottom - abs(rise) + margin
    return np.array(
        [(box.x, top - rise), (box.right, top + rise), (box.right, bottom + rise), (box.x, bottom - rise)], np.float64
    )


def _draw_regions(regions: Sequence[NumberRegion], shape: tuple[int, ...]) -> NDArray[np.int32]:
    """Number of the region, from 1, at each pixel of the page; 0 outside of all."""
    owners = np.zeros(shape, np.int32)
    # The margin of one never hides another.
    for margin in (_HEIGHT_MARGIN_SHARE, 0.0):
        for index, region in enumerate(regions, 1):
            corners = region_corners(region, margin * region.box.height)
            cv2.fillConvexPoly(owners, np.rint(corners).astype(np.int32), index)
    return owners


def _text_line(region: NumberRegion, members: NDArray[np.int64], ink: MeasuredInk) -> TextLine:
    order = np.argsort(ink.components.boxes[members, 0], kind="stable")
    indices = tuple(members[order].tolist())
    corners = region_corners(region)
    box = Box.around(ink.components.box(index) for index in indices) if indices else region.box
    return TextLine(indices, box, float(corners[3, 1] - corners[0, 1]), region)
