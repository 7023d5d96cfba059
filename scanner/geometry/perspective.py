"""Find a photographed sheet of paper, a bright quadrilateral on a darker background, and map it to a page.

It is searched for on a reduced copy: the copy is thresholded at several levels, the convex hull of the largest bright
component is simplified to four corners (Douglas and Peucker, 1973), and lines are fitted to its sides.  A wrong
quadrilateral cuts numbers off, so a sheet has to pass every test: background all around, a sharp edge along every side,
and a plausible shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.geometry.page_map import PageMap, quadrilateral_map
from scanner.image.downscale import downscale_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from scanner.types import Image

Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Top left, top right, bottom right and bottom left corner, pixels."""

_MAX_COPY_SIDE_PIXELS = 800
"""Longer side of the reduced copy, pixels.  A choice."""
_MIN_PHOTO_SIDE_PIXELS = 300
"""Minimum shorter side of a picture, pixels: anything smaller is a crop, no photograph of a sheet.  A choice."""
_CLOSING_KERNEL_SIDE_PIXELS = 15
"""Width, pixels of the reduced copy, up to which dark strokes and rules on the sheet are closed.  A choice."""
_OTSU_THRESHOLD_FACTORS = 0.7, 0.85, 1.0, 1.15
"""Thresholds that are tried, relative to Otsu's (1979), which lies above the brightness of a sheet half in shadow.  A
choice."""
_SHEET_AREA_SHARE_RANGE = 0.25, 0.98
"""Minimum and maximum share of the picture that a sheet covers.  A choice."""
_MIN_CORNER_MARGIN_SHARE = 0.008
"""Minimum distance of the corners from the picture's edges, as a share of its longer side: a sheet with one side
outside the picture, as beside the black margin of a scanner, has no reliable corners.  A choice."""
_MAX_EDGE_CONTACT_SHARE = 0.25
"""Maximum length along which a sheet touches one of the picture's edges, as a share of the longer side: with more it is
cut off.  A choice."""
_MIN_QUADRILATERAL_IOU = 0.97
"""Minimum intersection over union of the quadrilateral and the bright component.  A choice."""
_MAX_ASPECT_RATIO = 3.0
"""Maximum ratio of the longer to the shorter side of a sheet: that of a long receipt.  A choice."""
_MAX_OPPOSITE_SIDE_RATIO = 2.0
"""Maximum ratio of a side to the opposite one: that of a sheet seen from very low.  A choice."""
_MIN_CORNER_DEGREES, _MAX_CORNER_DEGREES = 50.0, 130.0
"""Smallest and largest angle at a corner of a sheet, degrees.  A choice."""
_MAX_RECTANGLE_DEVIATION_SHARE = 0.012
"""Distance of the corners from those of an upright rectangle, as a share of the longer side, up to which the sheet is
not resampled, since that would gain nothing.  A choice."""
_EDGE_BAND_PIXELS = 6
"""Distance to either side of an edge, pixels of the reduced copy, at which the brightness is compared: the edges of
shadows are softer.  A choice."""
_MIN_EDGE_BRIGHTNESS_RATIO = 1.25
"""Minimum ratio of the brightness of the paper to that of the background beside it.  A choice."""
_MIN_EDGE_BRIGHTNESS_DIFFERENCE = 20
"""Minimum difference between the brightness of the paper and of the background beside it, of 255.  A choice."""
_MIN_SHARP_EDGE_SHARE = 0.9
"""Minimum share of each side along which the paper is that much brighter.  A choice."""
_SAMPLES_PER_SIDE = 40
"""Number of points along each side at which the brightness is compared.  A choice."""
_CORNER_ZONE_SHARE = 0.06
"""Share of each side, at both of its ends, that is ignored, because corners are creased or rounded.  A choice."""
_INSET_SHARE = 0.004
"""Share of the sheet that is cut off at each side, because its very edge looks like a drawn line.  A choice."""


def find_sheet(gray: Image) -> Corners | None:
    """Find the corners of a sheet on a darker background.

    Args:
        gray: shape (H, W), uint8, dark ink on light paper.

    Returns:
        Points as in :mod:`scanner.geometry.page_map`; None if there is no sheet, if it is not wholly in the picture, or
        if it is an upright rectangle already.
    """
    height, width = gray.shape
    if min(height, width) < _MIN_PHOTO_SIDE_PIXELS:
        return None
    small = downscale_to(gray, _MAX_COPY_SIDE_PIXELS)
    paper = np.asarray(
        cv2.morphologyEx(
            small, cv2.MORPH_CLOSE, np.ones((_CLOSING_KERNEL_SIDE_PIXELS, _CLOSING_KERNEL_SIDE_PIXELS), np.uint8)
        ),
        np.uint8,
    )
    fitting = [corners for corners in _find_quadrilaterals(paper) if _is_sheet(corners, paper)]
    if not fitting:
        return None
    corners = max(fitting, key=lambda quad: float(cv2.contourArea(quad.astype(np.float32))))
    factors = np.array([width / small.shape[1], height / small.shape[0]])
    first, second, third, fourth = ((float(x), float(y)) for x, y in (corners + 0.5) * factors - 0.5)
    return first, second, third, fourth


def sheet_map(width: int, height: int, corners: Corners) -> PageMap:
    """The map from a photograph to the sheet on it.

    Args:
        width: width of the photograph, pixels.
        height: height of the photograph, pixels.
        corners: corners of the sheet, from :func:`find_sheet`.

    Returns:
        A map to a page as wide and as high as the longer of the sheet's opposite sides.
    """
    quad = _inset_corners(corners)
    top, right, bottom, left = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    size = max(round(float(max(top, bottom))), 1), max(round(float(max(left, right))), 1)
    return quadrilateral_map(width, height, [(float(x), float(y)) for x, y in quad], size)


def sheet_mask(shape: tuple[int, ...], corners: Corners) -> Image:
    """Draw the part of a photograph that is the sheet, without its very edge.

    Args:
        shape: (height, width) of the photograph, pixels.
        corners: corners of the sheet, from :func:`find_sheet`.

    Returns:
        Shape (height, width), 255 on the sheet, else 0.
    """
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, np.rint(_inset_corners(corners)).astype(np.int32), 255)
    return mask


def erase_background(flat: Image, corners: Corners) -> Image:
    """Erase everything that is not on the sheet.

    Args:
        flat: flattened photograph, shape (H, W), 0 = paper, from
            :func:`scanner.image.background.flatten_background`.
        corners: corners of the sheet, from :func:`find_sheet`.
    """
    return np.asarray(cv2.bitwise_and(flat, sheet_mask(flat.shape, corners)), np.uint8)


def _inset_corners(corners: Corners) -> NDArray[np.float64]:
    quad = np.array(corners)
    return np.asarray(quad + _INSET_SHARE * (quad[[2, 3, 0, 1]] - quad))


def _find_quadrilaterals(paper: Image) -> Iterator[NDArray[np.float64]]:
    """Corners of the largest bright component at each threshold, shape (4, 2), clockwise from the top left."""
    otsu, _ = cv2.threshold(paper, 0, 255, cv2.THRESH_OTSU)
    for level in _OTSU_THRESHOLD_FACTORS:
        bright = cv2.threshold(paper, level * otsu, 255, cv2.THRESH_BINARY)[1]
        outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        if not outlines:
            continue
        outline = np.asarray(max(outlines, key=cv2.contourArea), np.int32).reshape(-1, 2)
        # Most pages fill the picture, and need no lines fitted to their edges.
        if _is_cut_by_picture_edge(outline, bright.shape):
            continue
        corners = _fit_quadrilateral(outline)
        if corners is not None and _matches_outline(corners, outline, bright.shape):
            yield corners


def _is_cut_by_picture_edge(outline: NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """Whether an outline runs along one of the picture's edges for longer than that of a speck or shadow."""
    at_edge = (outline == 0) | (outline == np.array([shape[1] - 1, shape[0] - 1]))
    return int(at_edge.sum(axis=0).max()) > _MAX_EDGE_CONTACT_SHARE * max(shape)


def _fit_quadrilateral(outline: NDArray[np.int32]) -> NDArray[np.float64] | None:
    """Corners of the quadrilateral that fits an outline; None if none does."""
    hull = cv2.convexHull(outline)
    length = cv2.arcLength(hull, True)
    for tolerance in (0.01, 0.02, 0.03, 0.05):
        rough = cv2.approxPolyDP(hull, tolerance * length, True).reshape(-1, 2).astype(np.float64)
        if len(rough) == 4:
            return _refine_corners(outline.astype(np.float64), _order_corners(rough))
    return None


def _order_corners(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sort corners clockwise as seen, from the top left."""
    middle = corners.mean(axis=0)
    around = corners[np.argsort(np.arctan2(*(corners - middle).T[::-1]))]
    return np.asarray(np.roll(around, -int(around.sum(axis=1).argmin()), axis=0))


def _refine_corners(outline: NDArray[np.float64], rough: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Intersections of the lines fitted to the sides of an outline; None if there are none."""
    lines = []
    for start, end in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        along = end - start
        length = float(np.linalg.norm(along))
        if length == 0:
            return None
        position = (outline - start) @ along / length**2
        distance = np.abs((outline - start) @ np.array([-along[1], along[0]]) / length)
        between_corners = (position > _CORNER_ZONE_SHARE) & (position < 1 - _CORNER_ZONE_SHARE)
        near = outline[between_corners & (distance < _EDGE_BAND_PIXELS)]
        if len(near) < 2:
            return None
        vx, vy, x, y = cv2.fitLine(near.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
        # A line in homogeneous coordinates; two of them intersect at their cross product.
        lines.append((vy, -vx, vx * y - vy * x))
    crossings = np.array([np.cross(before, line) for before, line in zip([lines[-1], *lines[:3]], lines, strict=True)])
    if np.abs(crossings[:, 2]).min() < 1e-6:
        return None
    return np.asarray(crossings[:, :2] / crossings[:, 2:])


def _matches_outline(corners: NDArray[np.float64], outline: NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """Whether the quadrilateral and the component with that outline are nearly the same."""
    if np.abs(corners).max() > 2 * max(shape):
        return False
    component, quad = np.zeros(shape[:2], np.uint8), np.zeros(shape[:2], np.uint8)
    cv2.drawContours(component, [outline[:, None]], -1, 255, cv2.FILLED)
    cv2.fillConvexPoly(quad, np.rint(corners).astype(np.int32), 255)
    union = cv2.countNonZero(cv2.bitwise_or(component, quad))
    return cv2.countNonZero(cv2.bitwise_and(component, quad)) >= _MIN_QUADRILATERAL_IOU * union


def _is_sheet(corners: NDArray[np.float64], paper: Image) -> bool:
    height, width = paper.shape
    share = float(cv2.contourArea(corners.astype(np.float32))) / (height * width)
    margin = np.concatenate([corners, np.array([width, height]) - 1 - corners]).min()
    return (
        _SHEET_AREA_SHARE_RANGE[0] <= share <= _SHEET_AREA_SHARE_RANGE[1]
        and bool(margin >= _MIN_CORNER_MARGIN_SHARE * max(height, width))
        and _has_plausible_shape(corners)
        and not _is_axis_aligned_rectangle(corners, max(height, width))
        and _has_sharp_edges(corners, paper)
    )


def _has_plausible_shape(corners: NDArray[np.float64]) -> bool:
    sides = np.roll(corners, -1, axis=0) - corners
    top, right, bottom, left = lengths = np.linalg.norm(sides, axis=1)
    ahead = sides / lengths[:, None]
    angles = np.degrees(np.arccos(np.clip(-(ahead * np.roll(ahead, 1, axis=0)).sum(axis=1), -1, 1)))
    across, down = max(top, bottom), max(left, right)
    return bool(
        angles.min() >= _MIN_CORNER_DEGREES
        and angles.max() <= _MAX_CORNER_DEGREES
        and max(across, down) <= _MAX_ASPECT_RATIO * min(across, down)
        and across <= _MAX_OPPOSITE_SIDE_RATIO * min(top, bottom)
        and down <= _MAX_OPPOSITE_SIDE_RATIO * min(left, right)
    )


def _is_axis_aligned_rectangle(corners: NDArray[np.float64], longest: int) -> bool:
    low, high = corners.min(axis=0), corners.max(axis=0)
    rectangle = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    return bool(np.abs(corners - rectangle).max() < _MAX_RECTANGLE_DEVIATION_SHARE * longest)


def _has_sharp_edges(corners: NDArray[np.float64], paper: Image) -> bool:
    """Whether the brightness drops sharply along nearly all of every side."""
    smooth = cv2.blur(paper, (3, 3)).astype(np.float32)
    along = np.linspace(_CORNER_ZONE_SHARE, 1 - _CORNER_ZONE_SHARE, _SAMPLES_PER_SIDE)[:, None]
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        points = start + along * (end - start)
        # The corners are clockwise as seen, so outwards is to the left.
        outwards = np.array([end[1] - start[1], start[0] - end[0]]) / np.linalg.norm(end - start)
        inner, outer = (_sample_pixels(smooth, points + side * _EDGE_BAND_PIXELS * outwards) for side in (-1, 1))
        is_sharp = (inner >= _MIN_EDGE_BRIGHTNESS_RATIO * outer) & (inner >= outer + _MIN_EDGE_BRIGHTNESS_DIFFERENCE)
        if np.count_nonzero(is_sharp) < _MIN_SHARP_EDGE_SHARE * _SAMPLES_PER_SIDE:
            return False
    return True


def _sample_pixels(image: NDArray[np.float32], points: NDArray[np.float64]) -> NDArray[np.float32]:
    x, y = np.rint(points).astype(np.int64).T
    height, width = image.shape
    return np.asarray(image[y.clip(0, height - 1), x.clip(0, width - 1)])
