"""Connected components and the areas of a page that own their ink: the cells of a form, or the regions of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from scanner.image.components import Components


@dataclass(frozen=True, slots=True, eq=False)
class OwnedPixels:
    """How many pixels of each component lie in each area; only pairs that share any are listed."""

    components: NDArray[np.int64]
    """Shape (K,): index of the component."""
    owners: NDArray[np.int64]
    """Shape (K,): number of the area, from 1."""
    counts: NDArray[np.int64]
    """Shape (K,): pixels, at least 1."""


def count_owned_pixels(components: Components, owners: NDArray[np.int32]) -> OwnedPixels:
    """Count the pixels of components in areas.  What is in none is not counted.

    Args:
        components: components of the page.
        owners: number of the area at each pixel of the page, from 1; 0 for none.
    """
    labels, numbers = components.labels.reshape(-1), owners.reshape(-1)
    inked = np.flatnonzero((labels > 0) & (numbers > 0))
    stride = int(numbers.max(initial=0)) + 1
    pairs, counts = np.unique((labels[inked].astype(np.int64) - 1) * stride + numbers[inked], return_counts=True)
    return OwnedPixels(pairs // stride, pairs % stride, counts.astype(np.int64))


def split_by_owner(
    components: Components, owners: NDArray[np.int32], parts_of: Mapping[int, Sequence[int]]
) -> Components:
    """Split components at the borders of areas.

    Args:
        components: components of the page.
        owners: number of the area at each pixel; 0 for none.
        parts_of: for each component to split, the areas of its parts.  The first keeps the index of the component and
            what lies in no other area that is named.
    """
    parts = {}
    for index, (_, *others) in parts_of.items():
        x, y, width, height = components.boxes[index].tolist()
        window = np.s_[y : y + height, x : x + width]
        whole = components.labels[window] == index + 1
        masks = [whole & (owners[window] == owner) for owner in others]
        parts[index] = [whole & ~np.any([np.zeros_like(whole), *masks], axis=0), *masks]
    return components.split(parts)
