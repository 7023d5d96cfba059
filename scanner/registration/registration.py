"""Register a page to the reference page of its form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.geometry.bent_map import BentMap, grid_points
from scanner.geometry.page_map import map_points, scaling_matrix
from scanner.registration.coarse_alignment import Keypoints, align_coarsely, find_keypoints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.registration.coarse_alignment import CoarseAlignment
    from scanner.types import Image

_GRID_SHAPE = (65, 49)
_MIN_MATCHES = 20


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceDescription:
    """All that registration needs to know of a reference page."""

    size: tuple[int, int]
    """(width, height), pixels."""
    keypoints: Keypoints


@dataclass(frozen=True, slots=True)
class RegistrationFit:
    """How well a page fits a reference."""

    matches: int
    """Number of keypoints that fit."""


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """How a page lies on the reference of a form."""

    page_map: BentMap
    """From the original page to the reference, at the scale that was asked for."""
    fit: RegistrationFit
    is_this_form: bool
    """Whether the page is of this form."""


def describe_reference(flat: Image) -> ReferenceDescription:
    """Describe a reference page, blank or filled in, once for all pages that are registered to it.

    Args:
        flat: shape (height, width), uint8, darkness relative to the paper, 0 = paper.
    """
    return ReferenceDescription((flat.shape[1], flat.shape[0]), find_keypoints(flat))


def register(flat: Image, reference: ReferenceDescription, scale: float | None = None) -> Registration | None:
    """Register a page to a reference.

    Args:
        flat: shape (height, width), uint8, darkness relative to the paper, 0 = paper.
        reference: from :func:`describe_reference`.
        scale: size of the target relative to the reference; None for that which keeps the page's own resolution.

    Returns:
        None if there is no way in which the page may lie on the reference.
    """
    found = align_coarsely(find_keypoints(flat), (flat.shape[1], flat.shape[0]), reference.keypoints, reference.size)
    return None if not found else _registration(found[0], scale)


def best_registration(
    flat: Image, references: Sequence[ReferenceDescription], scale: float | None = None
) -> tuple[int, Registration] | None:
    """Register a page to that of several references which it fits best.

    Returns:
        The index of the reference, and the registration; None if the page is of none of these forms.
    """
    found = [(index, register(flat, reference, scale)) for index, reference in enumerate(references)]
    fitting = [(index, each) for index, each in found if each is not None and each.is_this_form]
    return max(fitting, key=lambda each: each[1].fit.matches, default=None)


def _registration(alignment: CoarseAlignment, scale: float | None) -> Registration:
    page_map = alignment.page_map
    scale = scale or 1 / page_map.magnification
    width, height = (max(round(side * scale), 1) for side in page_map.target_size)
    to_target = scaling_matrix(width / page_map.target_size[0], height / page_map.target_size[1])
    points = grid_points((width, height), _GRID_SHAPE)
    matrix = np.asarray(np.linalg.inv(to_target @ page_map.matrix), np.float64)
    sources = map_points(points.reshape(-1, 2), matrix).reshape(points.shape)
    bent = BentMap(sources, page_map.original_size, (width, height))
    return Registration(bent, RegistrationFit(alignment.matches), alignment.matches >= _MIN_MATCHES)
