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


def connected_components(mask: Image) -> Components:
    """Label the connected components.

    Args:
        mask: shape (H, W), uint8, non-zero = ink.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    table: NDArray[np.int32] = np.asarray(stats[1:], np.int32)
    return Components(np.asarray(labels, np.int32), table[:, :4], table[:, cv2.CC_STAT_AREA])


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
