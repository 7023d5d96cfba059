"""Align a page coarsely with a reference page, by what is printed on both.

Keypoints of both pages are described and matched (Lowe, "Distinctive image features from scale-invariant keypoints",
IJCV 2004; the square root of the descriptors after Arandjelović and Zisserman, CVPR 2012), and homographies are fitted
to the matches (Barath et al., "MAGSAC++", CVPR 2020).  The rows of a table look alike, so that the homography with the
most matches may be a row off: there are several, to be judged by a closer look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.geometry.page_map import PageMap, map_points
from scanner.image.deepening import deepen
from scanner.image.downscale import downscale_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from scanner.types import Image

LOOKS = (500, 1000), (900, 2000)
"""Longer side of the copy that keypoints are searched for in, pixels, and their maximum number: for a first look, and
for a closer one.  The first, in a third of the time, is enough for most pages; on some that are bent or crowded it
finds too few."""
_MIN_CONTRAST = 0.01
"""Minimum contrast of a keypoint, as SIFT has it.  With 0.04, that of the method, the first look had a table slip by a
row on 9 of 120 photographs of a printed form, with this one on 5."""
_MAX_DISTANCE_RATIO = 0.8
"""Maximum ratio of the distance to the nearest descriptor to that to the second nearest.  Lowe's choice."""
_INLIER_DISTANCE_SHARE = 0.004
"""Distance at which a match fits a homography, as a share of the reference's longer side: paper bends by as much."""
_MIN_MATCHES = 6
"""Minimum number of matches that fit a homography: four always do.  A choice."""
_MAX_HOMOGRAPHIES = 3
"""Maximum number of homographies.  A choice."""
_MAX_ITERATIONS = 2000
"""Maximum number of samples of matches for a homography.  A choice."""
_CONFIDENCE = 0.999
"""Confidence at which sampling ends.  A choice."""
_MIN_AREA_SHARE = 0.05
"""Minimum share of the page that the form covers.  A choice: it is photographed from afar."""
_MIN_SEEN_SHARE = 0.4
"""Minimum share of the form that is on the page: the rest may be cut off."""
_MAX_OPPOSITE_SIDE_RATIO = 2.0
"""Maximum ratio of a side of the form on the page to the opposite one: that of a sheet seen from very low."""
_MAX_ASPECT_CHANGE = 1.6
"""Maximum ratio of the form's proportions on the page to those of the reference, either way."""
_MIN_CORNER_DEGREES, _MAX_CORNER_DEGREES = 50.0, 130.0
"""Smallest and largest angle at a corner of the form on the page, degrees."""


@dataclass(frozen=True, slots=True, eq=False)
class Keypoints:
    """What is conspicuous on a page, and how it looks."""

    points: NDArray[np.float64]
    """Shape (N, 2): (x, y), pixels of the page."""
    descriptors: NDArray[np.float32]
    """Shape (N, 128), each of length 1."""


@dataclass(frozen=True, slots=True, eq=False)
class CoarseAlignment:
    """A homography by which a page may lie on a reference."""

    page_map: PageMap
    """From the page to the reference."""
    matches: int
    """Number of keypoints that fit it."""
    seen: NDArray[np.float64]
    """Shape (N, 2): all keypoints of the page that look like one of the reference, whether they fit or not."""
    printed: NDArray[np.float64]
    """Shape (N, 2): the keypoints of the reference that they look like."""


def find_keypoints(flat: Image, look: int) -> Keypoints:
    """Find and describe the keypoints of a page.

    Args:
        flat: shape (height, width), uint8, darkness relative to the paper, 0 = paper.
        look: which of the ``LOOKS``.
    """
    side, count = LOOKS[look]
    copy = deepen(downscale_to(flat, side))
    detector = cv2.SIFT.create(nfeatures=count, contrastThreshold=_MIN_CONTRAST)
    keypoints, descriptors = detector.detectAndCompute(copy, None)
    if not keypoints:
        return Keypoints(np.zeros((0, 2)), np.zeros((0, 128), np.float32))
    factors = np.array(flat.shape[::-1]) / copy.shape[::-1]
    points = (np.array([keypoint.pt for keypoint in keypoints]) + 0.5) * factors - 0.5
    shares = np.asarray(descriptors, np.float32)
    return Keypoints(points, np.sqrt(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9)))


def align_coarsely(
    page: Keypoints, page_size: tuple[int, int], reference: Keypoints, reference_size: tuple[int, int]
) -> Iterator[CoarseAlignment]:
    """Find the homographies by which a page may lie on a reference, that with the most matches first.

    Args:
        page: keypoints of the page.
        page_size: its (width, height), pixels.
        reference: keypoints of the reference.
        reference_size: its (width, height), pixels.
    """
    seen, printed = all_seen, all_printed = _match(page, reference)
    tolerance = _INLIER_DISTANCE_SHARE * max(reference_size)
    for _ in range(_MAX_HOMOGRAPHIES):
        if len(seen) < _MIN_MATCHES:
            return
        matrix, fits = cv2.findHomography(
            seen, printed, cv2.USAC_MAGSAC, tolerance, maxIters=_MAX_ITERATIONS, confidence=_CONFIDENCE
        )
        if matrix is None or np.count_nonzero(fits) < _MIN_MATCHES:
            return
        page_map = PageMap(np.asarray(matrix, np.float64), page_size, reference_size)
        if is_plausible(page_map):
            yield CoarseAlignment(page_map, int(np.count_nonzero(fits)), all_seen, all_printed)
        rest = np.asarray(fits).ravel() == 0
        seen, printed = seen[rest], printed[rest]


def is_plausible(page_map: PageMap) -> bool:
    """Whether a homography may be a view of a sheet: no mirror image, not tiny, and not from very low."""
    corners = _corners_on_page(page_map)
    if corners is None:
        return False
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(sides, axis=1)
    if lengths.min() < 1:
        return False
    ahead = sides / lengths[:, None]
    turns = ahead[:, 0] * np.roll(ahead, -1, axis=0)[:, 1] - ahead[:, 1] * np.roll(ahead, -1, axis=0)[:, 0]
    cosines = (ahead * np.roll(ahead, -1, axis=0)).sum(axis=1)
    degrees = np.degrees(np.arctan2(turns, -cosines))
    if degrees.min() < _MIN_CORNER_DEGREES or degrees.max() > _MAX_CORNER_DEGREES:
        return False
    top, right, bottom, left = lengths
    opposite = max(top / bottom, bottom / top, left / right, right / left)
    width, height = page_map.target_size
    aspect = (top + bottom) * height / ((left + right) * width)
    if opposite > _MAX_OPPOSITE_SIDE_RATIO or max(aspect, 1 / aspect) > _MAX_ASPECT_CHANGE:
        return False
    return _is_seen_well_enough(corners, page_map.original_size)


def _corners_on_page(page_map: PageMap) -> NDArray[np.float64] | None:
    """Corners of the reference on the page, from the top left on; None if some are behind the camera."""
    if abs(float(np.linalg.det(page_map.matrix))) < np.finfo(np.float64).tiny:
        return None
    inverse = np.asarray(np.linalg.inv(page_map.matrix), np.float64)
    right, bottom = page_map.target_size
    corners = np.array([(0, 0), (right, 0), (right, bottom), (0, bottom)], np.float64) - 0.5
    depths = corners @ inverse[2, :2] + inverse[2, 2]
    # The sign of a homography means nothing: what is in front of the camera has one sign.
    return map_points(corners, inverse) if depths.min() * depths.max() > 0 else None


def _is_seen_well_enough(corners: NDArray[np.float64], page_size: tuple[int, int]) -> bool:
    """Whether the form, with these convex corners on the page, is large enough there and not mostly cut off."""
    right, bottom = page_size
    page = np.array([(0, 0), (right, 0), (right, bottom), (0, bottom)], np.float32) - 0.5
    form = corners.astype(np.float32)
    seen, _ = cv2.intersectConvexConvex(form, page)
    return bool(seen >= _MIN_SEEN_SHARE * cv2.contourArea(form) and seen >= _MIN_AREA_SHARE * right * bottom)


def _match(page: Keypoints, reference: Keypoints) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pairs of points, shape (N, 2) each, whose descriptors are nearer to each other than to any other."""
    if len(page.points) < _MIN_MATCHES or len(reference.points) < _MIN_MATCHES:
        return np.zeros((0, 2)), np.zeros((0, 2))
    likeness = page.descriptors @ reference.descriptors.T
    nearest = likeness.argmax(axis=1)
    rows = np.arange(len(likeness))
    best = likeness[rows, nearest]
    likeness[rows, nearest] = -1
    second = likeness.max(axis=1)
    # Of vectors of length 1, the squared distance is 2 - 2 * likeness.
    is_clear = 1 - best < _MAX_DISTANCE_RATIO**2 * (1 - second)
    return page.points[is_clear], reference.points[nearest[is_clear]]
