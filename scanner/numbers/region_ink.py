"""Find the ink of each number that the page network has found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.numbers.text_lines import TextLine
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.number_finder import NumberRegion

_MIN_OWN_INK_SHARE = 0.5
"""Minimum share of a component's ink in the region of the number that it belongs to.  A choice: more than elsewhere."""
_MIN_SECOND_REGION_INK_SHARE = 0.2
"""Minimum share of a component's ink in each of two regions at whose border it is split: digits of two numbers touch.
A choice: the tail of a 9 that reaches into the next row has less."""
_HEIGHT_MARGIN_SHARE = 0.12
"""Height added to a region above and below, relative to its own, where there is no other region: tails and heads of
digits may be higher than the network says.  A choice."""
NO_REGION = -1
"""Stands for the region of ink that belongs to no number."""


def split_by_region(ink: MeasuredInk, regions: Sequence[NumberRegion]) -> MeasuredInk:
    """Split the components where the ink of two numbers touches.

    Args:
        ink: ink of the rectified page without rules.
        regions: numbers of the page.
    """
    owners = _draw_regions(regions, ink.mask.shape)
    counts = _count_pixels(ink.components, owners, len(regions))
    spanning = _spanning_two_regions(counts, ink.components)
    return replace(ink, components=_split(ink.components, owners, counts, spanning)) if spanning else ink


def region_text_lines(
    regions: Sequence[NumberRegion], ink: MeasuredInk
) -> tuple[tuple[TextLine, ...], NDArray[np.int64]]:
    """Find the components of each number.

    Args:
        regions: numbers of the page.
        ink: ink of the rectified page without rules, split by :func:`split_by_region`.

    Returns:
        For each region its components as a text line, without any if it has no ink; and the index of the region of each
        component, ``NO_REGION`` for none.
    """
    region_of = np.full(len(ink.components), NO_REGION, np.int64)
    if regions:
        counts = _count_pixels(ink.components, _draw_regions(regions, ink.mask.shape), len(regions))[:, 1:]
        owned = counts.max(axis=1) >= np.maximum(_MIN_OWN_INK_SHARE * ink.components.areas, 1)
        region_of[owned] = counts.argmax(axis=1)[owned]
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


def _count_pixels(components: Components, owners: NDArray[np.int32], region_count: int) -> NDArray[np.int64]:
    """Pixels of each component in each region, shape (components, regions + 1); column 0 is outside of all."""
    owned = np.flatnonzero((components.labels.reshape(-1) > 0) & (owners.reshape(-1) > 0))
    labels, numbers = components.labels.reshape(-1)[owned], owners.reshape(-1)[owned]
    pairs = (labels.astype(np.int64) - 1) * (region_count + 1) + numbers
    counts = np.bincount(pairs, minlength=len(components) * (region_count + 1)).reshape(-1, region_count + 1)
    counts[:, 0] = components.areas - counts.sum(axis=1)
    return counts


def _spanning_two_regions(counts: NDArray[np.int64], components: Components) -> list[int]:
    large = counts[:, 1:] >= np.maximum(_MIN_SECOND_REGION_INK_SHARE * components.areas[:, None], 1)
    return [int(index) for index in np.flatnonzero(large.sum(axis=1) > 1)]


def _split(
    components: Components, owners: NDArray[np.int32], counts: NDArray[np.int64], spanning: Sequence[int]
) -> Components:
    """Split components at the borders of regions; what lies in none stays with the region that has most."""
    parts = {}
    for index in spanning:
        x, y, width, height = components.boxes[index].tolist()
        window = np.s_[y : y + height, x : x + width]
        rest = components.labels[window] == index + 1
        kept = 1 + np.flatnonzero(counts[index, 1:] >= _MIN_SECOND_REGION_INK_SHARE * components.areas[index])
        main = kept[counts[index][kept].argmax()]
        others = [rest & (owners[window] == number) for number in kept[kept != main]]
        for other in others:
            rest &= ~other
        parts[index] = [rest, *others]
    return components.split(parts)


def _text_line(region: NumberRegion, members: NDArray[np.int64], ink: MeasuredInk) -> TextLine:
    order = np.argsort(ink.components.boxes[members, 0], kind="stable")
    indices = tuple(members[order].tolist())
    corners = region_corners(region)
    box = Box.around(ink.components.box(index) for index in indices) if indices else region.box
    return TextLine(indices, box, float(corners[3, 1] - corners[0, 1]), region)
