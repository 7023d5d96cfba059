"""Connected components of ink, and the ink of one glyph without its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.linked_groups import group_roots
from scanner.types import Box, Glyph, Ink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from scanner.types import Image

MIN_DIGIT_PART_INK_SHARE = 0.10
"""Minimum ink of a component of a digit, as a share of the ink in the digit's box or cell.  Less is a speck, a point,
or the edge of a neighbour or a border; a detached bar of a 5 has 0.15 or more."""
_MIN_TOUCHING_NEIGHBOUR_INK_SHARE = 0.25
"""A component mostly outside the box is a neighbour, unless it has at least this share of the ink inside: then two
digits touch, and the box is where they were cut."""
_BEYOND_LAST_COLUMN = np.iinfo(np.int32).max
"""A column to the right of every image."""


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """The connected components of a mask, 8-connected."""

    labels: NDArray[np.int32]
    """Shape (H, W): 0 = paper, else 1 + the component's index."""
    boxes: NDArray[np.int32]
    """Shape (N, 4): x, y, width, height, pixels."""
    areas: NDArray[np.int32]
    """Shape (N,): pixels of ink."""

    def __len__(self) -> int:
        return len(self.areas)

    def box(self, index: int) -> Box:
        """Box of the component with this index."""
        return Box(*(int(value) for value in self.boxes[index]))

    def split(self, parts: Mapping[int, Sequence[NDArray[np.bool_]]]) -> Components:
        """Split some components into parts.

        Args:
            parts: for each index, the masks of its parts, each of the shape of its box.  The first part keeps the
                index; the others get new ones after all existing ones, in order.
        """
        labels, boxes, areas = self.labels.copy(), self.boxes.copy(), self.areas.copy()
        new_boxes, new_areas = [boxes], [areas]
        count = len(self)
        for index, masks in parts.items():
            x, y, width, height = self.boxes[index].tolist()
            window = labels[y : y + height, x : x + width]
            extents = np.array([cv2.boundingRect(mask.view(np.uint8)) for mask in masks], np.int32)
            extents[:, :2] += np.array([x, y], np.int32)
            sizes = np.array([np.count_nonzero(mask) for mask in masks], np.int32)
            boxes[index], areas[index] = extents[0], sizes[0]
            for mask in masks[1:]:
                count += 1
                window[mask] = count
            new_boxes.append(extents[1:])
            new_areas.append(sizes[1:])
        return Components(labels, np.concatenate(new_boxes), np.concatenate(new_areas))

    def cut_out(self, indices: NDArray[np.int64], box: Box) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Cut some components out of a box, without the ink of others.

        Args:
            indices: indices of the components.
            box: box on the page.

        Returns:
            Two masks of the shape of the box: the ink of the components, and that ink with its soft edge, which is one
            pixel of paper around it.
        """
        labels = self.labels[box.y : box.bottom, box.x : box.right]
        inked = np.isin(labels, indices + 1)
        return inked, _with_soft_edge(inked) & (inked | (labels == 0))


@dataclass(frozen=True, slots=True, eq=False)
class SparseComponents:
    """The connected components of a mask that is nearly all paper, 8-connected, as lists of their pixels."""

    rows: NDArray[np.int64]
    """Row of each pixel of ink, shape (P,)."""
    columns: NDArray[np.int64]
    """Column of each pixel of ink, shape (P,)."""
    component_of_pixel: NDArray[np.int64]
    """Index of the component of each pixel of ink, shape (P,)."""
    boxes: NDArray[np.int32]
    """Shape (N, 4): x, y, width, height, pixels."""
    areas: NDArray[np.int32]
    """Shape (N,): pixels of ink."""

    def __len__(self) -> int:
        return len(self.areas)

    def draw(self, chosen: NDArray[np.bool_], image: Image) -> None:
        """Set the pixels of some components to 255.

        Args:
            chosen: which components, shape (N,).
            image: image to draw on, of the shape of the mask.
        """
        inked = chosen[self.component_of_pixel]
        image[self.rows[inked], self.columns[inked]] = 255

    def concatenate(self, other: SparseComponents) -> SparseComponents:
        """These components followed by others."""
        own = np.concatenate([self.component_of_pixel, other.component_of_pixel + len(self)])
        pairs = ((getattr(self, name), getattr(other, name)) for name in ("rows", "columns", "boxes", "areas"))
        rows, columns, boxes, areas = (np.concatenate(pair) for pair in pairs)
        return SparseComponents(rows, columns, own, boxes, areas)

    def label_image(self, shape: tuple[int, ...]) -> NDArray[np.int32]:
        """Draw the labels of a mask of this shape, as in :attr:`Components.labels`."""
        image = np.zeros(shape, np.int32)
        image[self.rows, self.columns] = self.component_of_pixel + 1
        return image


def label_components(mask: Image) -> Components:
    """Label the connected components.

    Args:
        mask: shape (H, W), uint8, non-zero = ink.
    """
    # OpenCV's areas and boxes take as long as its labels, and three times as long where a side is odd: it measures the
    # paper too, pixel by pixel.  Measuring the pixel runs of the ink takes a tenth of that.
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
        page_window: rows and columns of the page that the mask was cut from; the components are in page coordinates.
    """
    runs = _find_pixel_runs(mask)
    roots, own = np.unique(_find_component_roots(runs), return_inverse=True)
    boxes, areas = _boxes_and_areas(runs, own, len(roots))
    lengths = runs.ends - runs.begins
    first = np.cumsum(lengths) - lengths
    top, left = (side.start for side in page_window)
    rows = np.repeat(runs.rows + top, lengths)
    columns = np.arange(lengths.sum()) + np.repeat(runs.begins - first + left, lengths)
    boxes[:, :2] += np.array([left, top], np.int32)
    return SparseComponents(rows, columns, np.repeat(own, lengths), boxes, areas)


@dataclass(frozen=True, slots=True, eq=False)
class _PixelRuns:
    """Pixel runs: stretches of ink along the rows of a mask, in reading order."""

    rows: NDArray[np.int64]
    """Row of each run, shape (R,)."""
    begins: NDArray[np.int64]
    """First column of each run, shape (R,)."""
    ends: NDArray[np.int64]
    """First column after each run, shape (R,)."""


def _find_pixel_runs(mask: Image) -> _PixelRuns:
    width = mask.shape[1]
    inked = mask != 0
    flat = inked.reshape(-1)
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    # Ink at the end of one row and the beginning of the next is two runs.
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
    """Boxes, shape (count, 4), and areas, shape (count,), of the components to which the runs belong, by index."""
    left, right = np.full(count, _BEYOND_LAST_COLUMN, np.int64), np.zeros(count, np.int64)
    np.minimum.at(left, own, runs.begins)
    np.maximum.at(right, own, runs.ends)
    top, bottom = np.zeros(count, np.int64), np.zeros(count, np.int64)
    # The runs come row by row, and where several values are assigned to one component the last one stays.
    top[own[::-1]], bottom[own] = runs.rows[::-1], runs.rows + 1
    boxes = np.stack([left, top, right - left, bottom - top], axis=1).astype(np.int32)
    return boxes, np.bincount(own, runs.ends - runs.begins, count).astype(np.int32)


def _find_component_roots(runs: _PixelRuns) -> NDArray[np.int64]:
    """For each run the first run of its component, shape (R,)."""
    # Columns are counted through all rows, with one more between two rows to keep their ends apart.
    stride = int(runs.ends.max(initial=0)) + 1
    begin, end = runs.rows * stride + runs.begins, runs.rows * stride + runs.ends
    # The runs of the row above that touch a run, if only at a corner, are neighbours in the list.
    first, behind = np.searchsorted(end, begin - stride), np.searchsorted(begin, end - stride, "right")
    count = np.maximum(behind - first, 0)
    lower = np.repeat(np.arange(len(runs.rows)), count)
    upper = np.arange(len(lower)) + np.repeat(first - (np.cumsum(count) - count), count)
    return group_roots(len(runs.rows), lower, upper)


def cut_glyph(ink: Ink, components: Components, box: Box) -> Glyph:
    """Cut the ink in a box, without specks and without neighbours that reach into it.

    Args:
        ink: ink of the rectified page.
        components: components of ``ink.mask``.
        box: box within the page.

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
        counts >= MIN_DIGIT_PART_INK_SHARE * counts.sum(),
        counts >= _MIN_TOUCHING_NEIGHBOUR_INK_SHARE * counts.sum(),
    )
    keep = np.zeros(len(components) + 1, bool)
    keep[present[own]] = True
    return Glyph(box, np.where(_with_soft_edge(keep[labels]), ink.strength[rows, columns], np.uint8(0)))


def _with_soft_edge(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask with one pixel more around it, which is the soft edge of the strokes."""
    return np.asarray(cv2.dilate(mask.view(np.uint8), np.ones((3, 3), np.uint8)), np.uint8).view(bool)
