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

_SPECK = 0.10
"""A piece with less than this part of the ink in a box is a speck, a point or a neighbour's edge, not of the digit;
a detached bar of a 5 has 0.15 or more."""
_INTRUDER = 0.25
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
class Pieces:
    """The connected components of a mask that is nearly all paper, 8-connected, by their pixels."""

    rows: NDArray[np.int64]
    """Shape (P,): of each pixel of ink."""
    columns: NDArray[np.int64]
    """Likewise."""
    own: NDArray[np.int64]
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
        inked = chosen[self.own]
        image[self.rows[inked], self.columns[inked]] = 255


def connected_components(mask: Image) -> Components:
    """Label the connected components.

    Args:
        mask: shape (H, W), uint8, non-zero = ink.
    """
    # OpenCV's own choice, Bolelli's, takes twice as long where the areas are wanted too, for the same labels.
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_BBDT)
    table: NDArray[np.int32] = np.asarray(stats[1:], np.int32)
    return Components(np.asarray(labels, np.int32), table[:, :4], table[:, cv2.CC_STAT_AREA])


def find_pieces(mask: Image) -> Pieces:
    """Find the connected components without labelling the paper.

    Rows and columns of nothing but paper are left out, all but one between two that have ink.

    Args:
        mask: shape (H, W), uint8, non-zero = ink.
    """
    rows, columns = (_inked_and_next(np.asarray(mask.any(axis=axis))) for axis in (1, 0))
    if not rows.size:
        nowhere = np.empty(0, np.int64)
        return Pieces(nowhere, nowhere, nowhere, np.empty((0, 4), np.int32), np.empty(0, np.int32))
    dense = connected_components(np.ascontiguousarray(mask[rows][:, columns]))
    inked = np.flatnonzero(dense.labels > 0)
    y = inked // len(columns)
    x = inked - y * len(columns)
    boxes = dense.boxes.copy()
    # Within a component no row or column is left out.
    boxes[:, 0], boxes[:, 1] = columns[boxes[:, 0]], rows[boxes[:, 1]]
    return Pieces(rows[y], columns[x], dense.labels.reshape(-1)[inked].astype(np.int64) - 1, boxes, dense.areas)


def _inked_and_next(inked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Indices of the lines with ink and of the first one after each stretch of them."""
    kept = inked.copy()
    kept[1:] |= inked[:-1]
    return np.flatnonzero(kept)


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
    own = np.where(mostly_inside, counts >= _SPECK * counts.sum(), counts >= _INTRUDER * counts.sum())
    keep = np.zeros(len(components) + 1, np.uint8)
    keep[present[own]] = 1
    kept = keep[labels]
    # One pixel around the mask is the soft edge of the strokes.
    halo = cv2.dilate(kept, np.ones((3, 3), np.uint8))
    strength = np.where(halo > 0, ink.strength[rows, columns], np.uint8(0))
    return Glyph(box, strength)
