"""Align a page to a reference by the outline of their largest table, where too few keypoints look alike.

On a photograph of a table the letters of the headings may be a blur, and its corners look like one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.geometry.deskew import find_skew
from scanner.geometry.page_map import PageMap, rotation_map
from scanner.image.binarization import binarize
from scanner.image.downscale import downscale_to
from scanner.registration.coarse_alignment import CoarseAlignment, is_plausible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from scanner.types import Image

_COPY_SIDE = 1000
"""Longer side of the copy on which lines are looked for, pixels.  A choice: lines of a photograph are a pixel wide."""
_MIN_LINE_SIDE_SHARE = 0.03
"""Minimum length of a line, relative to that side.  A choice: letters are lower."""
_MAX_GAP_PIXELS = 3
"""Gaps of lines that are closed, pixels of the copy.  A choice."""
_MIN_AREA_SHARE = 0.15
"""Minimum area of an outline, relative to the page.  A choice: smaller ones say too little of where the rest is."""
_CORNER_TOLERANCES = (0.02, 0.03, 0.05, 0.08)
"""Distances by which an outline may leave its four sides, relative to its length, the least that leaves four corners
first.  A choice: paper bends."""


def find_outline(flat: Image) -> NDArray[np.float64] | None:
    """Find the corners of the largest table of a page.

    Args:
        flat: shape (height, width), uint8, darkness relative to the paper, 0 = paper.

    Returns:
        Shape (4, 2), (x, y), clockwise; None if there is no table.
    """
    copy = downscale_to(flat, _COPY_SIDE)
    ink = binarize(copy)
    # Long lines are looked for along the rows and columns of pixels.
    level = rotation_map(copy.shape[1], copy.shape[0], find_skew(ink))
    lines = _lines(level.warp(ink.mask))
    contours, _ = cv2.findContours(lines, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    hull = max((cv2.convexHull(contour) for contour in contours), key=cv2.contourArea)
    if cv2.contourArea(hull) < _MIN_AREA_SHARE * copy.size:
        return None
    length = cv2.arcLength(hull, closed=True)
    for tolerance in _CORNER_TOLERANCES:
        corners = cv2.approxPolyDP(hull, tolerance * length, closed=True).reshape(-1, 2)
        if len(corners) <= 4:
            break
    if len(corners) != 4:
        return None
    factors = np.array(flat.shape[::-1]) / copy.shape[::-1]
    found = (level.to_original(corners.astype(np.float64)) + 0.5) * factors - 0.5
    is_clockwise = cv2.contourArea(found.astype(np.float32), oriented=True) > 0
    return np.asarray(found if is_clockwise else found[::-1], np.float64)


def align_by_outline(
    page: NDArray[np.float64],
    page_size: tuple[int, int],
    reference: NDArray[np.float64],
    reference_size: tuple[int, int],
) -> Iterator[CoarseAlignment]:
    """Lay the outline of a page on that of a reference, each of its corners in turn on the same one.

    Args:
        page: corners on the page, from :func:`find_outline`.
        page_size: its (width, height), pixels.
        reference: corners on the reference.
        reference_size: its (width, height), pixels.
    """
    nothing = np.zeros((0, 2))
    for turn in range(4):
        source = np.roll(page, turn, axis=0).astype(np.float32)
        matrix = cv2.getPerspectiveTransform(source, reference.astype(np.float32))
        page_map = PageMap(np.asarray(matrix / matrix[2, 2], np.float64), page_size, reference_size)
        if is_plausible(page_map):
            yield CoarseAlignment(page_map, 0, nothing, nothing)


def _lines(mask: Image) -> Image:
    """Mask of the long lines of either direction."""
    length = max(round(_MIN_LINE_SIDE_SHARE * max(mask.shape)), 3)
    found = np.zeros_like(mask)
    for size in ((length, 1), (1, length)):
        gap = np.ones((_MAX_GAP_PIXELS if size[1] > 1 else 1, _MAX_GAP_PIXELS if size[0] > 1 else 1), np.uint8)
        bar = np.ones(size[::-1], np.uint8)
        found |= np.asarray(
            cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, gap), cv2.MORPH_OPEN, bar), np.uint8
        )
    return np.asarray(cv2.dilate(found, np.ones((3, 3), np.uint8)), np.uint8)
