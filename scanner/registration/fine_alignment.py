"""Align a page with a reference all over, from a rough alignment: patches are found, and a smooth warp follows them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.geometry.bent_map import BentMap, grid_points
from scanner.geometry.page_map import scaling_matrix
from scanner.image.downscale import downscale_in_one_step, downscale_to
from scanner.registration.page_warp import fit_displacement
from scanner.registration.patch_alignment import Patches, choose_patches, find_patches, prepare_copy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.geometry.page_map import PageMap
    from scanner.registration.coarse_alignment import CoarseAlignment
    from scanner.registration.page_warp import Displacement
    from scanner.registration.patch_alignment import FoundPatches
    from scanner.types import Image

_GRID_SHAPE = 64
"""Steps of a map's grid along the longer side of the reference.  A choice: two pixels of the finest copy differ by less
than a hundredth from their straight line within a step."""
_MIN_LIKENESS = 0.6
"""Likeness of a patch that is worth nothing."""
_FULL_STIFFNESS = 0.1
"""Drop of the likeness per squared pixel above which a patch is worth no more."""


_KEYPOINT_TOLERANCE_SHARE = 0.0025
"""Distance, as a share of the reference's longer side, by which a keypoint may differ from its surroundings."""
_KEYPOINT_TOLERANCES = 12.0, 6.0, 3.0, 1.5, 1.0
"""Distances, in units of that one, at which a keypoint has lost three quarters of its weight, round by round."""
_KEYPOINT_INTERVALS = 8
"""Intervals of the spline that follows keypoints, along the longer side of the reference.  A choice."""
_KEYPOINT_WEIGHT = 0.3
"""Weight of a keypoint beside the penalty for bending."""


@dataclass(frozen=True, slots=True)
class Level:
    """The sizes that patches of a copy are chosen and searched for with, pixels of the copy."""

    copy_side: int
    """Longer side of the copy."""
    patch_side: int
    step: int
    reach: int
    tolerances: tuple[float, ...]
    """Distances at which a patch has lost three quarters of its weight, round by round."""
    intervals: int
    """Intervals of the spline that follows the patches, along the longer side."""


ROUGH, FINE = Level(400, 25, 20, 10, (8, 4, 2, 1, 1), 10), Level(1000, 30, 40, 5, (3, 1.5, 0.7, 0.7), 16)
"""A patch of the coarse copy is a sixteenth of the page and may be off by a fortieth, one of the fine
copy by a two-hundredth.  A choice."""


@dataclass(frozen=True, slots=True, eq=False)
class FollowedPatches:
    """A map that was corrected by the patches of a level."""

    page_map: BentMap
    """From the page to the reference."""
    found: FoundPatches
    """Where the patches were before the correction."""
    residuals: NDArray[np.float64]
    """Shape (N,): how far each is from where the correction has it, pixels of the copy; of a rule, across it."""


def reference_copy(flat: Image, level: Level) -> Image:
    """The copy of a reference, shape (height, width), that the patches of a level are parts of."""
    return prepare_copy(downscale_in_one_step(flat, level.copy_side))


def choose_level_patches(copy: Image, level: Level) -> Patches:
    """Choose the patches of a copy from :func:`reference_copy`."""
    return choose_patches(copy, level.patch_side, level.step, level.reach)


def as_bent_map(page_map: PageMap) -> BentMap:
    """The same map, known on a grid."""
    points = grid_points(page_map.target_size, _grid_shape(page_map.target_size))
    sources = page_map.to_original(points.reshape(-1, 2)).reshape(points.shape)
    return BentMap(sources, page_map.original_size, page_map.target_size)


def copy_for_level(flat: Image, page_map: BentMap, level: Level) -> Image:
    """A copy of a page, shape (height, width), in which the reference is about as large as in its own copy."""
    shrink = page_map.magnification * level.copy_side / max(page_map.target_size)
    return downscale_to(flat, math.ceil(max(flat.shape) * shrink))


def follow_patches(copy: Image, page_map: BentMap, patches: Patches, level: Level) -> FollowedPatches:
    """Correct a map by the patches of a level.

    Args:
        copy: a copy of the page, from :func:`copy_for_level`.
        page_map: from the page to the reference.
        patches: of the reference at this level.
        level: their sizes.
    """
    width, height = page_map.original_size
    to_copy = scaling_matrix(copy.shape[1] / width, copy.shape[0] / height)
    seen = page_map.for_copies(to_copy, (copy.shape[1], copy.shape[0]), patches.copy_size)
    found = find_patches(prepare_copy(seen.warp(copy)), patches)
    worth = np.maximum((found.likeness - _MIN_LIKENESS) / (1 - _MIN_LIKENESS), 0) ** 2
    weights = np.minimum(patches.stiffness / _FULL_STIFFNESS, 1) * worth[:, None]
    displacement, residuals = fit_displacement(
        patches.middles + 0.5, found.offsets, weights, patches.copy_size, level.tolerances, level.intervals
    )
    return FollowedPatches(_displace(page_map, displacement), found, residuals)


def follow_keypoints(alignment: CoarseAlignment) -> BentMap:
    """Bend a homography as the keypoints demand that it was fitted to."""
    page_map = as_bent_map(alignment.page_map)
    size = page_map.target_size
    offsets = alignment.page_map.to_target(alignment.seen) - alignment.printed
    share = max(size) * _KEYPOINT_TOLERANCE_SHARE
    displacement, _ = fit_displacement(
        (alignment.printed + 0.5) / share,
        offsets / share,
        np.full_like(offsets, _KEYPOINT_WEIGHT),
        (size[0] / share, size[1] / share),
        _KEYPOINT_TOLERANCES,
        _KEYPOINT_INTERVALS,
    )
    return _displace(page_map, displacement)


def _displace(page_map: BentMap, displacement: Displacement) -> BentMap:
    """The map to the reference, followed by a displacement of what is seen at each of its points."""
    points = grid_points(page_map.target_size, page_map.sources.shape[:2]).reshape(-1, 2)
    scale = np.array(displacement.size) / page_map.target_size
    moved = points + displacement.at((points + 0.5) * scale) / scale
    sources = page_map.to_original(moved).reshape(page_map.sources.shape)
    return BentMap(sources, page_map.original_size, page_map.target_size)


def _grid_shape(size: tuple[int, int]) -> tuple[int, int]:
    columns, rows = (max(round(_GRID_SHAPE * side / max(size)), 2) + 1 for side in size)
    return rows, columns
