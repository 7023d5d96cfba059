"""Maps from a page that paper or camera bent to a flat one.

Such a map is known at the points of a coarse grid; between them it is linear.  Coordinates are those of
:mod:`scanner.geometry.page_map`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.geometry.page_map import PageMap, box_around, map_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Box, Image

_INVERSION_ROUNDS = 20
"""Maximum rounds that find where a point of the original is on the target.  A choice: each divides the error by ten
where the displacement changes by a tenth of a pixel per pixel, and few pages are bent as much."""
_INVERSION_TOLERANCE_PIXELS = 1e-4
"""Movement of a round, pixels, at which the search ends.  A choice."""
_MATRIX_FIT_POINTS = 12
"""Points per direction that the homography nearest to a bent map is fitted to.  A choice."""
_IDENTITY_TOLERANCE_PIXELS = 1e-6
"""Maximum distance that the identity moves a point, pixels: it changes no pixel of any page.  A choice."""
_EDGE_STEPS = 4
"""Steps along each side of a box between the points that are mapped with its corners.  A choice: a box is small beside
the bends of a page."""


@dataclass(frozen=True, slots=True, eq=False)
class BentMap:
    """A smooth map from the original page to a target page made from it."""

    sources: NDArray[np.float64]
    """Shape (rows, columns, 2), at least (2, 2, 2): the points (x, y) of the original that are seen at points of the
    target.  These are evenly spaced, from the corner of the top left pixel to that of the bottom right one."""
    original_size: tuple[int, int]
    """(width, height) of the original, pixels."""
    target_size: tuple[int, int]
    """(width, height) of the target, pixels."""

    @property
    def is_identity(self) -> bool:
        """Whether the target is the original."""
        if self.original_size != self.target_size:
            return False
        moved = self.sources - grid_points(self.target_size, self.sources.shape[:2])
        return bool(np.abs(moved).max() < _IDENTITY_TOLERANCE_PIXELS)

    @property
    def magnification(self) -> float:
        """Scale in the middle of the page, averaged over both directions."""
        x, y = ((side - 1) / 2 for side in self.target_size)
        left, right, top, bottom = self.to_original(np.array([(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]))
        return 1 / math.sqrt(abs(float(np.linalg.det(np.array([right - left, bottom - top]))) / 4))

    def to_original(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map points of the target, shape (N, 2), to the original; beyond the target the map continues straight on."""
        rows, columns = self.sources.shape[:2]
        x = (points[:, 0] + 0.5) * (columns - 1) / self.target_size[0]
        y = (points[:, 1] + 0.5) * (rows - 1) / self.target_size[1]
        column = np.clip(np.floor(x).astype(np.int64), 0, columns - 2)
        row = np.clip(np.floor(y).astype(np.int64), 0, rows - 2)
        across, down = (x - column)[:, None], (y - row)[:, None]
        upper = self.sources[row, column] * (1 - across) + self.sources[row, column + 1] * across
        lower = self.sources[row + 1, column] * (1 - across) + self.sources[row + 1, column + 1] * across
        return np.asarray(upper * (1 - down) + lower * down)

    def to_target(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map points of the original, shape (N, 2), to the target, to a thousandth of a pixel on a page."""
        matrix = self._nearest_matrix()
        flat = map_points(points, matrix)
        found = flat
        for _ in range(_INVERSION_ROUNDS):
            step = flat - map_points(self.to_original(found), matrix)
            found = found + step
            if not step.size or np.abs(step).max() < _INVERSION_TOLERANCE_PIXELS:
                break
        return found

    def box_to_original(self, box: Box) -> Box:
        """The box around a box of the target on the original, clipped to the page."""
        if self.is_identity:
            return box
        steps = np.linspace(0, 1, _EDGE_STEPS + 1)
        edge, near, far = steps, np.zeros_like(steps), np.ones_like(steps)
        shares = np.concatenate(
            [np.stack(side, axis=1) for side in ((edge, near), (edge, far), (near, edge), (far, edge))]
        )
        outline = np.array([box.x - 0.5, box.y - 0.5]) + shares * (box.width, box.height)
        return box_around(self.to_original(outline), self.original_size)

    def for_copies(
        self, to_copy: NDArray[np.float64], copy_size: tuple[int, int], target_size: tuple[int, int]
    ) -> BentMap:
        """The same map between copies of the two pages at other scales.

        Args:
            to_copy: shape (3, 3), from pixels of the original to those of its copy.
            copy_size: (width, height) of the copy of the original, pixels.
            target_size: (width, height) of the copy of the target, pixels.
        """
        moved = map_points(self.sources.reshape(-1, 2), to_copy).reshape(self.sources.shape)
        return BentMap(moved, copy_size, target_size)

    def warp(self, image: Image) -> Image:
        """Map an image of the original.

        Args:
            image: shape (height, width) or (height, width, 3), uint8, of the size of the original.

        Returns:
            The image of the target, 0 beyond the edges of the original; the same object if the map is the identity.

        Raises:
            ValueError: if the image is not of the size of the original.
        """
        if image.shape[1::-1] != self.original_size:
            raise ValueError(
                f"an image of {image.shape[1::-1]} pixels does not fit a map from a page of {self.original_size}"
            )
        return image if self.is_identity else self._remap(image, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT)

    def warp_extended(self, image: Image) -> Image:
        """Map an image of the original as :meth:`warp` does; beyond its edges are the pixels of the edge."""
        return self._remap(image, cv2.INTER_LINEAR, cv2.BORDER_REPLICATE)

    def warp_labels(self, labels: Image) -> Image:
        """Map an image of the original whose values are labels: of each pixel, the nearest; 0 beyond the edges."""
        return labels if self.is_identity else self._remap(labels, cv2.INTER_NEAREST, cv2.BORDER_CONSTANT)

    def _remap(self, image: Image, interpolation: int, border: int) -> Image:
        rows, columns = self.sources.shape[:2]
        across, down = _linear_weights(self.target_size[0], columns), _linear_weights(self.target_size[1], rows)
        # Two products of matrices are faster than any interpolation pixel by pixel.
        x, y = (down @ (self.sources[..., axis].astype(np.float32) @ across.T) for axis in (0, 1))
        return np.asarray(cv2.remap(image, x, y, interpolation, borderMode=border), np.uint8)

    def _nearest_matrix(self) -> NDArray[np.float64]:
        """The homography that comes nearest to this map, from the original to the target, shape (3, 3)."""
        rows, columns = self.sources.shape[:2]
        some = np.ix_(
            np.unique(np.linspace(0, rows - 1, _MATRIX_FIT_POINTS).round().astype(np.int64)),
            np.unique(np.linspace(0, columns - 1, _MATRIX_FIT_POINTS).round().astype(np.int64)),
        )
        seen = grid_points(self.target_size, (rows, columns))[some].reshape(-1, 2)
        matrix, _ = cv2.findHomography(self.sources[some].reshape(-1, 2), seen)
        return np.asarray(matrix, np.float64)


AnyPageMap = PageMap | BentMap
"""A map from the original page to the one that is read."""


def grid_points(size: tuple[int, int], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Evenly spaced points of a page, from the corner of the top left pixel to that of the bottom right one.

    Args:
        size: (width, height) of the page, pixels.
        shape: (rows, columns) of the points, at least 2 each.

    Returns:
        Shape (rows, columns, 2): (x, y) of each.
    """
    x, y = (np.linspace(-0.5, side - 0.5, count) for side, count in zip(size, shape[1::-1], strict=True))
    return np.stack(np.meshgrid(x, y), axis=2)


def _linear_weights(pixels: int, points: int) -> NDArray[np.float32]:
    """Weights of evenly spaced points, from edge to edge, in linear interpolation at each pixel.

    Returns:
        Shape (pixels, points).
    """
    position = (np.arange(pixels) + 0.5) * (points - 1) / pixels
    before = np.minimum(position.astype(np.int64), points - 2)
    weights = np.zeros((pixels, points), np.float32)
    weights[np.arange(pixels), before] = 1 - (position - before)
    weights[np.arange(pixels), before + 1] = position - before
    return weights
