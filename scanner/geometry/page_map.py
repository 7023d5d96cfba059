"""Maps from the original page to the rectified one, and back.

A page may be photographed at an angle, lie on its side and be skewed.  Each of these corrections is a map, found by a
stage of its own; they are combined into one, so that pixels are resampled only once.

Points are ``(x, y)`` with the middle of the top left pixel at (0, 0), as in OpenCV, so that a page extends from -0.5 to
its size minus 0.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.types import Image

_ROTATE_CODES = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}
_MATRIX_TOLERANCE = 1e-9
"""Maximum difference of the matrices of equal maps: it moves no pixel of any page."""


@dataclass(frozen=True, slots=True, eq=False)
class PageMap:
    """A homography from the original page to a target page made from it."""

    matrix: NDArray[np.float64]
    """Shape (3, 3), the last entry 1: from pixels of the original to pixels of the target."""
    original_size: tuple[int, int]
    """(width, height) of the original, pixels."""
    target_size: tuple[int, int]
    """(width, height) of the target, pixels."""

    @property
    def is_identity(self) -> bool:
        """Whether the target is the original."""
        return self.original_size == self.target_size and bool(
            np.abs(self.matrix - np.eye(3)).max() < _MATRIX_TOLERANCE
        )

    @property
    def magnification(self) -> float:
        """Scale in the middle of the page, averaged over both directions."""
        x, y = (side / 2 for side in self.original_size)
        w = self.matrix[2] @ (x, y, 1.0)
        # The determinant of a homography's Jacobian, Hartley and Zisserman, "Multiple View Geometry", 2003.
        return math.sqrt(abs(float(np.linalg.det(self.matrix)) / float(w) ** 3))

    def then(self, following: PageMap) -> PageMap:
        """Combine this map with one that follows it.

        Raises:
            ValueError: if the size of this map's target is not that of the other's original.
        """
        if following.original_size != self.target_size:
            raise ValueError(
                f"a map of a page of {following.original_size} pixels cannot follow one to {self.target_size}"
            )
        if self.is_identity:
            return following
        if following.is_identity:
            return self
        return PageMap(_normalize_matrix(following.matrix @ self.matrix), self.original_size, following.target_size)

    def to_target(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map points of the original, shape (N, 2), to the target."""
        return map_points(points, self.matrix)

    def to_original(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map points of the target, shape (N, 2), to the original."""
        return map_points(points, np.asarray(np.linalg.inv(self.matrix), np.float64))

    def box_to_original(self, box: Box) -> Box:
        """The box around a box of the target on the original, clipped to the page."""
        if self.is_identity:
            return box
        left, top, right, bottom = box.x - 0.5, box.y - 0.5, box.right - 0.5, box.bottom - 0.5
        corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]])
        return box_around(self.to_original(corners), self.original_size)

    def for_copies(
        self, to_copy: NDArray[np.float64], copy_size: tuple[int, int], target_size: tuple[int, int]
    ) -> PageMap:
        """The same map between copies of the two pages at other scales.

        Args:
            to_copy: shape (3, 3), from pixels of the original to those of its copy.
            copy_size: (width, height) of the copy of the original, pixels.
            target_size: (width, height) of the copy of the target, pixels.
        """
        to_target = scaling_matrix(target_size[0] / self.target_size[0], target_size[1] / self.target_size[1])
        return PageMap(to_target @ self.matrix @ np.linalg.inv(to_copy), copy_size, target_size)

    def warp(self, image: Image) -> Image:
        """Map an image of the original.

        Args:
            image: shape (height, width) or (height, width, 3), uint8, of the size of the original.

        Returns:
            The image of the target, 0 beyond the edges of the original; the same object if the map is the identity.
            Quarter turns move pixels without resampling them.

        Raises:
            ValueError: if the image is not of the size of the original.
        """
        if image.shape[1::-1] != self.original_size:
            raise ValueError(
                f"an image of {image.shape[1::-1]} pixels does not fit a map from a page of {self.original_size}"
            )
        if self.is_identity:
            return image
        for quarters, code in _ROTATE_CODES.items():
            if np.abs(self.matrix - quarter_turn_map(*self.original_size, quarters).matrix).max() < _MATRIX_TOLERANCE:
                return np.asarray(cv2.rotate(image, code), np.uint8)
        if self.is_affine:
            return np.asarray(
                cv2.warpAffine(image, self.matrix[:2], self.target_size, flags=cv2.INTER_LINEAR), np.uint8
            )
        return np.asarray(cv2.warpPerspective(image, self.matrix, self.target_size, flags=cv2.INTER_LINEAR), np.uint8)

    def warp_extended(self, image: Image) -> Image:
        """Map an image of the original as :meth:`warp` does; beyond its edges are the pixels of the edge."""
        return np.asarray(
            cv2.warpPerspective(
                image, self.matrix, self.target_size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            ),
            np.uint8,
        )

    def warp_labels(self, labels: Image) -> Image:
        """Map an image of the original whose values are labels: of each pixel, the nearest; 0 beyond the edges."""
        if self.is_identity:
            return labels
        return np.asarray(cv2.warpPerspective(labels, self.matrix, self.target_size, flags=cv2.INTER_NEAREST), np.uint8)

    @property
    def is_affine(self) -> bool:
        """Whether parallel lines stay parallel."""
        return bool(np.abs(self.matrix[2] - (0, 0, 1)).max() < _MATRIX_TOLERANCE / max(self.original_size))


def identity_map(width: int, height: int) -> PageMap:
    """The map from a page of this size, in pixels, to itself."""
    return PageMap(np.eye(3), (width, height), (width, height))


def quarter_turn_map(width: int, height: int, quarter_turns: int) -> PageMap:
    """The map that turns a page counter-clockwise by ``quarter_turns`` times 90 degrees, any whole number."""
    quarter_turns %= 4
    if quarter_turns == 0:
        return identity_map(width, height)
    rows, size = {
        1: (((0, 1, 0), (-1, 0, width - 1)), (height, width)),
        2: (((-1, 0, width - 1), (0, -1, height - 1)), (width, height)),
        3: (((0, -1, height - 1), (1, 0, 0)), (height, width)),
    }[quarter_turns]
    return PageMap(np.array([*rows, (0, 0, 1)], np.float64), (width, height), size)


def rotation_map(width: int, height: int, degrees: float) -> PageMap:
    """The map that rotates a page about its middle, counter-clockwise as seen, onto a canvas that holds all of it."""
    if degrees == 0:
        return identity_map(width, height)
    cos, sin = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    size = (math.ceil(width * cos + height * sin), math.ceil(width * sin + height * cos))
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    matrix[:2, 2] += ((size[0] - width) / 2, (size[1] - height) / 2)
    return PageMap(matrix, (width, height), size)


def quadrilateral_map(
    width: int, height: int, corners: Sequence[tuple[float, float]], target_size: tuple[int, int]
) -> PageMap:
    """The map from a quadrilateral on a page to a whole page.

    Args:
        width: width of the page with the quadrilateral, pixels.
        height: height of that page, pixels.
        corners: convex quadrilateral: its points that become the top left, top right, bottom right and bottom left
            corner.
        target_size: (width, height) of the target, pixels.
    """
    right, bottom = target_size[0] - 0.5, target_size[1] - 0.5
    target = np.array([(-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(corners, np.float32), target)
    return PageMap(_normalize_matrix(np.asarray(matrix, np.float64)), (width, height), target_size)


def scaling_matrix(across: float, down: float) -> NDArray[np.float64]:
    """Matrix that scales an image, shape (3, 3); the middle of the top left pixel is at (0, 0)."""
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])


def map_points(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map points, shape (N, 2), by a homography, shape (3, 3)."""
    if not len(points):
        return np.zeros((0, 2))
    return np.asarray(cv2.perspectiveTransform(points[None].astype(np.float64), matrix)[0], np.float64)


def box_around(points: NDArray[np.float64], size: tuple[int, int]) -> Box:
    """The box around points, shape (N, 2), clipped to a page of this (width, height): at least a pixel."""
    x, width = _pixel_span(points[:, 0], size[0])
    y, height = _pixel_span(points[:, 1], size[1])
    return Box(x, y, width, height)


def _normalize_matrix(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(matrix / matrix[2, 2])


def _pixel_span(edges: NDArray[np.float64], length: int) -> tuple[int, int]:
    """First pixel between the outermost edges and number of pixels: at least one, all within the page."""
    first = min(max(round(float(edges.min()) + 0.5), 0), length - 1)
    behind = min(max(round(float(edges.max()) + 0.5), first + 1), length)
    return first, behind - first
