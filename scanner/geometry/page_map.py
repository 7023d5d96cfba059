"""From the page as it came to the page set straight, and back.

A page is seen at an angle, lies on its side and is a little askew: three maps,
each found by a stage of its own, made one before a single pixel is touched.
Pixels are resampled once, whatever the number of maps.

Points are ``(x, y)`` with the middle of the top left pixel at (0, 0), as OpenCV
counts, so that the page itself reaches from -0.5 to its size less 0.5.
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
"""Two maps whose matrices differ by less are one: no pixel of any page moves by it."""


@dataclass(frozen=True, slots=True, eq=False)
class PageMap:
    """A homography from one page, the original, to another, made from it."""

    matrix: NDArray[np.float64]
    """Shape (3, 3), the last entry 1: from pixels of the original to pixels of the other page."""
    original_size: tuple[int, int]
    """(width, height) of the page mapped from, pixels."""
    target_size: tuple[int, int]
    """(width, height) of the page mapped to, pixels."""

    @property
    def is_identity(self) -> bool:
        """Whether it leaves the page as it is."""
        return self.original_size == self.target_size and bool(
            np.abs(self.matrix - np.eye(3)).max() < _MATRIX_TOLERANCE
        )

    @property
    def magnification(self) -> float:
        """How much longer a line in the middle of the page becomes, on the average of both directions."""
        x, y = (side / 2 for side in self.original_size)
        w = self.matrix[2] @ (x, y, 1.0)
        # The determinant of a homography's Jacobian, Hartley and Zisserman, "Multiple View Geometry", 2003.
        return math.sqrt(abs(float(np.linalg.det(self.matrix)) / float(w) ** 3))

    def then(self, following: PageMap) -> PageMap:
        """This map and another after it, as one.

        Raises:
            ValueError: if the other is not made for a page of this one's size.
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

    def box_to_original(self, box: Box) -> Box:
        """The upright box on the original page around a box on the other, cut off at the page's edge."""
        if self.is_identity:
            return box
        left, top, right, bottom = box.x - 0.5, box.y - 0.5, box.right - 0.5, box.bottom - 0.5
        corners = np.array([[[left, top], [right, top], [left, bottom], [right, bottom]]])
        xs, ys = cv2.perspectiveTransform(corners, np.linalg.inv(self.matrix))[0].T
        x, width = _pixel_span(xs, self.original_size[0])
        y, height = _pixel_span(ys, self.original_size[1])
        return Box(x, y, width, height)

    def warp(self, image: Image) -> Image:
        """Map a picture of the original page.

        Args:
            image: shape (height, width) or (height, width, 3), of the size of the original.

        Returns:
            The picture of the other page, 0 where the original does not reach; the same object if
            the map is the identity.  Quarter turns move pixels and change none.

        Raises:
            ValueError: if the picture has another size than the original.
        """
        if image.shape[1::-1] != self.original_size:
            raise ValueError(f"a picture of {image.shape[1::-1]} pixels is not of the page of {self.original_size}")
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

    @property
    def is_affine(self) -> bool:
        """Whether parallel lines stay parallel."""
        return bool(np.abs(self.matrix[2] - (0, 0, 1)).max() < _MATRIX_TOLERANCE / max(self.original_size))


def identity_map(width: int, height: int) -> PageMap:
    """The map that leaves a page of this size as it is."""
    return PageMap(np.eye(3), (width, height), (width, height))


def quarter_turn_map(width: int, height: int, quarter_turns: int) -> PageMap:
    """Turn a page counter-clockwise by ``quarter_turns`` times 90 degrees; any whole number."""
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
    """Turn a page about its middle, counter-clockwise as seen, onto a canvas that holds all of it."""
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
    """Pull a quadrilateral on a page straight, so that it fills a page of its own.

    Args:
        width: of the page, pixels.
        height: likewise.
        corners: what becomes the top left, top right, bottom right and bottom left corner; a
            convex quadrilateral.
        target_size: (width, height) of the page it becomes.
    """
    right, bottom = target_size[0] - 0.5, target_size[1] - 0.5
    target = np.array([(-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(corners, np.float32), target)
    return PageMap(_normalize_matrix(np.asarray(matrix, np.float64)), (width, height), target_size)


def _normalize_matrix(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(matrix / matrix[2, 2])


def _pixel_span(edges: NDArray[np.float64], length: int) -> tuple[int, int]:
    """First pixel between the outermost edges, and how many: at least one, all within the page."""
    first = min(max(round(float(edges.min()) + 0.5), 0), length - 1)
    behind = min(max(round(float(edges.max()) + 0.5), first + 1), length)
    return first, behind - first
