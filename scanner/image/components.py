"""Ink -> connected components, and the ink of one glyph without its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.types import Box, Glyph, Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

_MAX_SPECK_INK_SHARE = 0.10
"""A piece with less than this part of the ink in a box is a speck, a point or a neighbour's edge, not of the digit;
a detached bar of a 5 has 0.15 or more."""
_MIN_TOUCHING_NEIGHBOUR_INK_SHARE = 0.25
"""A piece that lies mostly outside the box is a neighbour, unless it makes up this part of the ink inside: then the
two digits touch, and the box is where they were cut."""


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """The connected components of a mask, 8-connected."""

    labels: NDArray[np.int32]
    """Shape (H, W): 0 = paper, else 1 + the component's index."""
    boxes: NDArray[np.int32]
    """Shape (N, 4): x, y, width, height."""
    areas: NDArray[np.int32]
    """Shape (N,): pixels of ink."""

    def __len__(self) -> int:
        return len(self.areas)

    def box(self, index: int) -> Box:
        """Box of the component with this index."""
        return Box(*(int(value) for value in self.boxes[index]))


@dataclass(frozen=True, slots=True, eq=False)
class SparseComponents:
    """The connected components of a mask that is nearly all paper, 8-connected, by their pixels."""

    rows: NDArray[np.int64]
    """Shape (P,): of each pixel of ink."""
    columns: NDArray[np.int64]
    """Likewise."""
    component_of_pixel: NDArray[np.int64]
    """Likewise: index of the component that the pixel is of."""
    boxes: NDArray[np.int32]
    """Shape (N, 4): x, y, width, height."""
    areas: NDArray[np.int32]
    """Shape (N,): pixels of ink."""

    def __len__(self) -> int:
        return len(self.areas)

    def draw(self, chosen: NDArray[np.bool_], image: Image) -> None:
        """Set the pixels of some components to 255.

        Args:
            chosen: shape (N,).
            image: of the mask's shape.
        """
        inked = chosen[self.component_of_pixel]
        image[self.rows[inked], self.columns[inked]] = 255

    def concatenate(self, other: SparseComponents) -> SparseComponents:
        """These and then the others."""
        own = np.concatenate([self.component_of_pixel, other.component_of_pixel + len(self)])
        pairs = ((getattr(self, name), getattr(other, name)) for name in ("rows", "columns", "boxes", "areas"))
        rows, columns, boxes, areas = (np.concatenate(pair) for pair in pairs)
        return SparseComponents(rows, columns, own, boxes, areas)

    def label_image(self, shape: tuple[int, ...]) -> NDArray[np.int32]:
        """As :attr:`Components.labels`, for a mask of that shape."""
        image = np.zeros(shape, np.int32)
        image[self.rows, self.columns] = self.component_of_pixel + 1
        return image


def label_components(mask: Image) -> Components:
    """Label the connected components.

    Args:
        mask: shape (H, W), uint8, non-zero = ink.
    """
    # OpenCV's areas and boxes take as long as its labels, and thrice as long where a side is odd: it measures the paper
    # as well, pixel by pixel.  By runs of ink it is a tenth of the page.
    count, labels = cv2.connectedComponentsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_BBDT)
    runs = _find_pixel_runs(mask)
    own = np.asarray(labels, np.int32)[runs.rows, runs.begins] - 1
    return Components(np.asarray(labels, np.int32), *_boxes_and_areas(runs, own, count - 1))


def find_sparse_components(
    mask: Image, page_window: tuple[slice, slice] = (slice(0, None), slice(0, None))
) -> SparseComponents:
    """Find the connected components without labelling the paper.

    Args:
        mask: shape (H, W), uint8, non-zero = ink.
        page_window: rows and columns of the page that the mask is cut from; the pieces are on the page.
    """
    runs = _find_pixel_runs(mask)
    leaders, own = np.unique(_find_component_roots(runs), return_inverse=True)
    boxes, areas = _boxes_and_areas(runs, own, len(leaders))
    lengths = runs.ends - runs.begins
    first = np.cumsum(lengths) - lengths
    top, left = (side.start for side in page_window)
    rows = np.repeat(runs.rows + top, lengths)
    columns = np.arange(lengths.sum()) + np.repeat(runs.begins - first + left, lengths)
    boxes[:, :2] += np.array([left, top], np.int32)
    return SparseComponents(rows, columns, np.repeat(own, lengths), boxes, areas)


@dataclass(frozen=True, slots=True, eq=False)
class _PixelRuns:
    """Stretches of ink along the rows of a mask, in reading order."""

    rows: NDArray[np.int64]
    """Shape (R,)."""
    begins: NDArray[np.int64]
    """Shape (R,): first column."""
    ends: NDArray[np.int64]
    """Shape (R,): first column behind."""


def _find_pixel_runs(mask: Image) -> _PixelRuns:
    width = mask.shape[1]
    inked = mask != 0
    flat = inked.reshape(-1)
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    # What goes on from the end of a row at the beginning of the next is two runs.
    joints = (np.flatnonzero(inked[:-1, -1] & inked[1:, 0]) + 1) * width
    at_begin, at_end = [0] * int(flat[:1].any()), [flat.size] * int(flat[-1:].any())
    begin = np.concatenate([at_begin, edges[len(at_begin) :: 2], joints]).astype(np.int64)
    end = np.concatenate([edges[1 - len(at_begin) :: 2], joints, at_end]).astype(np.int64)
    if joints.size:
        begin.sort()
        end.sort()
    row = begin // width
    return _PixelRuns(row, begin - row * width, end - row * width)


def _boxes_and_areas(
    runs: _PixelRuns, own: NDArray[np.integer], count: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Boxes, shape (count, 4), and areas, shape (count,), of what owns the runs."""
    left, right = np.full(count, _BEYOND_LAST_COLUMN, np.int64), np.zeros(count, np.int64)
    np.minimum.at(left, own, runs.begins)
    np.maximum.at(right, own, runs.ends)
    top, bottom = np.zeros(count, np.int64), np.zeros(count, np.int64)
    # The runs come row by row, and of several values for one place the last stays.
    top[own[::-1]], bottom[own] = runs.rows[::-1], runs.rows + 1
    boxes = np.stack([left, top, right - left, bottom - top], axis=1).astype(np.int32)
    return boxes, np.bincount(own, runs.ends - runs.begins, count).astype(np.int32)


_BEYOND_LAST_COLUMN = np.iinfo(np.int32).max
"""No column is so far right."""


def _find_component_roots(runs: _PixelRuns) -> NDArray[np.int64]:
    """For each run the first run of its component, shape (R,)."""
    leader = np.arange(len(runs.rows))
    # Places counted through all rows; a column more between them keeps the end of one apart from the next one's start.
    stride = int(runs.ends.max(initial=0)) + 1
    begin, end = runs.rows * stride + runs.begins, runs.rows * stride + runs.ends
    # Of the row above those that touch, if only at a corner, are next to each other.
    first, behind = np.searchsorted(end, begin - stride), np.searchsorted(begin, end - stride, "right")
    count = np.maximum(behind - first, 0)
    lower = np.repeat(leader, count)
    upper = np.arange(len(lower)) + np.repeat(first - (np.cumsum(count) - count), count)
    while lower.size:
        one, other = leader[lower], leader[upper]
        np.minimum.at(leader, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(further := leader[leader], leader):
            leader = further
        apart = leader[lower] != leader[upper]
        lower, upper = lower[apart], upper[apart]
    return leader


def cut_glyph(ink: Ink, components: Components, box: Box) -> Glyph:
    """The ink in a box without specks and without what reaches in from outside.

    Args:
        ink: of the straightened page.
        components: of ``ink.mask``.
        box: must lie within the page.

    Returns:
        A glyph the size of the box; without ink if there is none in the box.
    """
    rows, columns = slice(box.y, box.bottom), slice(box.x, box.right)
    labels = components.labels[rows, columns]
    inside = np.bincount(labels.ravel(), minlength=len(components) + 1)
    present = np.flatnonzero(inside)
    present = present[present > 0]
    counts = inside[present]
    mostly_inside = 2 * counts >= components.areas[present - 1]
    own = np.where(
        mostly_inside,
        counts >= _MAX_SPECK_INK_SHARE * counts.sum(),
        counts >= _MIN_TOUCHING_NEIGHBOUR_INK_SHARE * counts.sum(),
    )
    keep = np.zeros(len(components) + 1, np.uint8)
    keep[present[own]] = 1
    kept = keep[labels]
    # One pixel around the mask is the soft edge of the strokes.
    halo = cv2.dilate(kept, np.ones((3, 3), np.uint8))
    strength = np.where(halo > 0, ink.strength[rows, columns], np.uint8(0))
    return Glyph(box, strength)
