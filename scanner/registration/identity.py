"""Whether a page that is aligned with a reference is of the same form.

A plain rule, or the empty cell of a comb, is found on any form: that it is found again proves nothing.  So each patch
of the reference is compared beforehand with other places of the reference itself.  A patch is distinctive if none of
them looks like it, and it is found again if its own place on the page looks more like it than all of them do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.registration.patch_alignment import correlate, has_print

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.registration.patch_alignment import Patches
    from scanner.types import Image

_DECOYS = 6
"""Other places that each patch is compared with.  A choice: by chance, none of them looks more like it than its own
place for one patch in seven."""
_SEED = 1
"""Seed of the choice of these places, so that a reference is always described in the same way."""
_MAX_DECOY_LIKENESS = 0.8
"""Maximum likeness of another place to a patch that is distinctive."""
_MIN_LIKENESS = 0.6
"""Minimum likeness of a patch that is found again, and"""
_MIN_LEAD = 0.1
"""by how much it exceeds that of any other place.  Choices: with 0.5 or 0.7 pages of the same form and of different
ones are as far apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Distinctness:
    """How distinctive the patches of a reference are."""

    decoy_likeness: NDArray[np.float64]
    """Shape (N,): how much the other place that looks most like each patch does so, -1 to 1."""

    @property
    def is_distinctive(self) -> NDArray[np.bool_]:
        """Shape (N,): whether no other place looks like the patch."""
        return np.asarray(self.decoy_likeness <= _MAX_DECOY_LIKENESS)

    def found_again(self, likeness: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the places of patches on a page look so much like them that they prove it to be of this form.

        Args:
            likeness: shape (N,): of each patch and its place, -1 to 1.

        Returns:
            Shape (N,); False for patches that are not distinctive.
        """
        is_clear = (likeness >= _MIN_LIKENESS) & (likeness >= self.decoy_likeness + _MIN_LEAD)
        return np.asarray(is_clear & self.is_distinctive)


def measure_distinctness(copy: Image, patches: Patches, print_alone: Image | None = None) -> Distinctness:
    """Compare the patches of a reference with other places of the reference.

    Args:
        copy: copy of the reference that the patches were chosen from.
        patches: the patches.
        print_alone: the same copy without the rules between handwriting.  A patch that is bare paper there proves
            nothing.  None if there are no such rules.
    """
    rng = np.random.default_rng(_SEED)
    count = len(patches.points)
    highest = np.full(count, -1.0)
    # Other places have structure as well: they are those of other patches, which do not overlap with this one.
    distances = np.abs(patches.points[:, None] - patches.points[None]).max(axis=2)
    places = [
        rng.choice(far, _DECOYS) if (far := np.flatnonzero(row >= patches.side)).size else np.full(_DECOYS, index)
        for index, row in enumerate(distances)
    ]
    for others in np.array(places, np.int64).reshape(count, _DECOYS).T:
        scores = correlate(copy, patches, patches.points[others])
        np.maximum(highest, scores.max(axis=(1, 2), initial=-1), out=highest)
    if print_alone is not None:
        highest[~has_print(print_alone, patches)] = 1.0
    return Distinctness(highest)
