"""Register a page to the reference page of its form, and tell whether it is of that form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from scanner.geometry.bent_map import BentMap
from scanner.image.binarization import binarize
from scanner.registration.coarse_alignment import LOOKS, Keypoints, align_coarsely, find_keypoints
from scanner.registration.fine_alignment import (
    FINE,
    ROUGH,
    as_bent_map,
    choose_level_patches,
    copy_for_level,
    follow_keypoints,
    follow_patches,
    reference_copy,
)
from scanner.registration.identity import Distinctness, measure_distinctness
from scanner.registration.outline_alignment import align_by_outline, find_outline
from scanner.registration.patch_alignment import Patches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.registration.coarse_alignment import CoarseAlignment
    from scanner.types import Image

_MIN_FOUND_SHARE = 0.45
"""Minimum share of the distinctive patches of a reference that are found again on a page of the same form.  With the
handwriting of references erased, 82 pairs of pages of nine forms, 60 of them turned, scaled, photographed or bent, have
0.57 or more, and 918 of 919 pairs of pages of different forms 0.35 or less; the other pair, 0.51, are registers of 1850
and 1920 with the same columns."""
_CONVINCING_SHARE = 0.75
"""Share of them with which no other way is tried in which the page may lie on the reference.  Of 120 photographs of a
printed form, those that lie right have 0.67 or more; twelve on which a table had slipped by a row, 0.46 to 0.68."""
_MIN_DISTINCTIVE_PATCHES = 12
"""Minimum number of distinctive patches of a reference.  A choice: with fewer, chance decides."""
_MAX_RESIDUAL_PIXELS = 2.0
"""Distance, pixels of the fine copy, from where the warp has it, up to which a patch is found again.  A choice."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceDescription:
    """All that registration needs to know of a reference page."""

    size: tuple[int, int]
    """(width, height), pixels."""
    stroke_width: float
    """Typical width of its strokes, pixels; 0 if it is blank."""
    keypoints: tuple[Keypoints, ...]
    """Those of each look."""
    rough_patches: Patches
    fine_patches: Patches
    distinctness: Distinctness
    """Of the fine patches."""
    outline: NDArray[np.float64] | None
    """Corners of its largest table, shape (4, 2); None if it has none."""


@dataclass(frozen=True, slots=True)
class RegistrationFit:
    """How well a page fits a reference."""

    matches: int
    """Number of keypoints that fit a homography."""
    found_share: float
    """Share of the distinctive patches of the reference that are found again, 0-1."""
    distinctive_patches: int
    """Number of distinctive patches of the reference."""
    residual_strokes: float
    """Median distance of the patches that are found again from where the map has them, stroke widths."""

    @property
    def is_this_form(self) -> bool:
        """Whether the page is of the form of the reference."""
        return self.distinctive_patches >= _MIN_DISTINCTIVE_PATCHES and self.found_share >= _MIN_FOUND_SHARE


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """How a page lies on the reference of a form."""

    page_map: BentMap
    """From the original page to the reference, at the scale that was asked for."""
    fit: RegistrationFit
    """How well it fits, and whether it is of this form at all."""
    landmarks: NDArray[np.float64]
    """Shape (N, 2): middles (x, y) of the distinctive patches, shares of the width and height of the reference."""
    is_found: NDArray[np.bool_]
    """Shape (N,): whether each of them is found again."""


def describe_reference(
    flat: Image, handwriting: Image | None = None, rules: Image | None = None
) -> ReferenceDescription:
    """Describe a reference page, blank or filled in, once for all pages that are registered to it.

    Args:
        flat: shape (height, width), uint8, darkness relative to the paper, 0 = paper.
        handwriting: shape (height, width), uint8, not 0 where somebody has written: no other page has the same there.
            None if that is not known; then a reference with much handwriting is found on fewer pages.
        rules: shape (height, width), uint8, not 0 where rules are that other pages have even there.  A page is laid on
            them too, but they do not prove that it is of this form.
    """
    print_alone = flat if handwriting is None else _without(flat, handwriting > 0)
    if handwriting is not None:
        flat = print_alone if rules is None else _without(flat, (handwriting > 0) & (rules == 0))
    rough, fine = reference_copy(flat, ROUGH), reference_copy(flat, FINE)
    patches = choose_level_patches(fine, FINE)
    return ReferenceDescription(
        (flat.shape[1], flat.shape[0]),
        binarize(flat).stroke_width,
        tuple(find_keypoints(print_alone, look) for look in range(len(LOOKS))),
        choose_level_patches(rough, ROUGH),
        patches,
        measure_distinctness(fine, patches, reference_copy(print_alone, FINE)),
        find_outline(flat),
    )


def register(flat: Image, reference: ReferenceDescription, scale: float | None = None) -> Registration | None:
    """Register a page to a reference.

    Args:
        flat: shape (height, width), uint8, darkness relative to the paper, 0 = paper.
        reference: from :func:`describe_reference`.
        scale: size of the target relative to the reference; None for that which keeps the page's own resolution.

    Returns:
        None if there is no way in which the page may lie on the reference.
    """
    return _register(_Page(flat), reference, scale)


def best_registration(
    flat: Image, references: Sequence[ReferenceDescription], scale: float | None = None
) -> tuple[int, Registration] | None:
    """Register a page to that of several references which it fits best.

    Args:
        flat: shape (height, width), uint8, darkness relative to the paper, 0 = paper.
        references: from :func:`describe_reference`.
        scale: as for :func:`register`.

    Returns:
        The index of the reference, and the registration; None if the page is of none of these forms.
    """
    page = _Page(flat)
    found = ((index, _register(page, each, scale)) for index, each in enumerate(references))
    fitting = [(index, each) for index, each in found if each is not None and each.fit.is_this_form]
    return max(fitting, key=lambda each: each[1].fit.found_share, default=None)


class _Page:
    """A page that is registered, with its keypoints and its outline once they have been asked for."""

    def __init__(self, flat: Image) -> None:
        self.flat = flat
        self._keypoints: dict[int, Keypoints] = {}

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), pixels."""
        return self.flat.shape[1], self.flat.shape[0]

    @cached_property
    def outline(self) -> NDArray[np.float64] | None:
        """Corners of its largest table."""
        return find_outline(self.flat)

    def keypoints(self, look: int) -> Keypoints:
        """Its keypoints of one of the looks."""
        if look not in self._keypoints:
            self._keypoints[look] = find_keypoints(self.flat, look)
        return self._keypoints[look]


def _register(page: _Page, reference: ReferenceDescription, scale: float | None) -> Registration | None:
    best: Registration | None = None
    for alignment in _alignments(page, reference):
        registered = _align_finely(page.flat, alignment, reference)
        if best is None or registered.fit.found_share > best.fit.found_share:
            best = registered
        if best.fit.found_share >= _CONVINCING_SHARE:
            break
    return None if best is None else replace(best, page_map=_at_scale(best.page_map, scale))


def _alignments(page: _Page, reference: ReferenceDescription) -> Iterator[CoarseAlignment]:
    """Ways in which the page may lie on the reference, the easiest to find first."""
    for look, printed in enumerate(reference.keypoints):
        yield from align_coarsely(page.keypoints(look), page.size, printed, reference.size)
    if reference.outline is not None and page.outline is not None:
        yield from align_by_outline(page.outline, page.size, reference.outline, reference.size)


def _align_finely(flat: Image, alignment: CoarseAlignment, reference: ReferenceDescription) -> Registration:
    page_map = follow_keypoints(alignment) if alignment.matches else as_bent_map(alignment.page_map)
    rough = follow_patches(copy_for_level(flat, page_map, ROUGH), page_map, reference.rough_patches, ROUGH)
    copy = copy_for_level(flat, rough.page_map, FINE)
    fine = follow_patches(copy, rough.page_map, reference.fine_patches, FINE)
    is_close = fine.residuals <= _MAX_RESIDUAL_PIXELS
    found = reference.distinctness.found_again(fine.found.likeness) & is_close
    patches, is_distinctive = reference.fine_patches, reference.distinctness.is_distinctive
    landmarks = (patches.middles[is_distinctive] + 0.5) / patches.copy_size
    fit = _measure_fit(fine.residuals[found], int(np.count_nonzero(is_distinctive)), reference, alignment.matches)
    return Registration(fine.page_map, fit, landmarks, found[is_distinctive])


def _measure_fit(
    residuals: NDArray[np.float64], distinctive: int, reference: ReferenceDescription, matches: int
) -> RegistrationFit:
    """How well a page fits, given the residuals of the patches that are found again."""
    to_strokes = max(reference.size) / (FINE.copy_side * max(reference.stroke_width, 1.0))
    residual = float(np.median(residuals)) * to_strokes if residuals.size else 0.0
    return RegistrationFit(matches, len(residuals) / max(distinctive, 1), distinctive, residual)


def _without(flat: Image, pixels: NDArray[np.bool_]) -> Image:
    return np.where(pixels, np.uint8(0), flat)


def _at_scale(page_map: BentMap, scale: float | None) -> BentMap:
    scale = 1 / page_map.magnification if scale is None else scale
    width, height = (max(round(side * scale), 1) for side in page_map.target_size)
    return BentMap(page_map.sources, page_map.original_size, (width, height))
