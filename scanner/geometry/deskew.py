"""Measure the skew of a page, and resample its ink once for all geometric corrections.

The skew is the angle at which the projection profile of the ink has the sharpest peaks (Postl, "Detection of linear
oblique structures and skew scan in digitized documents", ICPR 1986).  The page is cut into vertical slices, and the
profile of each is taken once; an angle then shifts the slices against each other (Baird, "The skew angle of printed
documents", SPSE 1987), which takes as long for an empty page as for a full one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from scanner.image.downscale import downscale_in_one_step
from scanner.types import Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.geometry.bent_map import AnyPageMap
    from scanner.types import Image

MAX_SKEW_DEGREES = 15.0
"""Largest skew that is searched for, degrees to either side: that of a sheet laid down or photographed carelessly.  A
choice."""
_COARSE_STEP_DEGREES = 0.5
"""Step between angles of the coarse search, degrees.  A choice."""
_FINE_STEP_DEGREES = 0.05
"""Step between angles of the fine search, degrees: a rule across an A4 page at 300 dpi is level within 2 pixels."""
_COARSE_COPY_SIDE_PIXELS, _FINE_COPY_SIDE_PIXELS = 512, 1000
"""Longer side, pixels, of the reduced page in the coarse and in the fine search: a line of print is still a line.  A
choice."""
_MAX_SLICES = 64
"""Maximum number of slices of a page: within one slice, a line with the largest skew climbs by less than the height of
its letters."""
_MIN_CORRECTED_SKEW_DEGREES = 0.15
"""Minimum skew that is corrected, degrees: rotating a page by less blurs it more than it helps.  A choice."""
_MIN_PAGE_SIDE_STROKES = 60
"""Minimum shorter side of a page, stroke widths: a smaller one has no lines to level.  A choice."""
_MIN_PEAK_TO_MEDIAN_RATIO = 1.4
"""Minimum ratio of the sharpest projection to the median over all angles.  Pages of print, forms and free sums have 1.5
to 9, slanted handwriting projected across its lines 1.0 to 1.3."""
_MIN_AGREED_PEAK_TO_MEDIAN_RATIO = 1.2
"""Minimum ratio of the sharpest projection to the median if the horizontal and the vertical lines of a page agree, as
in a table full of handwriting: the slant of handwriting differs from the skew of its lines."""
_SUFFICIENT_PEAK_TO_MEDIAN_RATIO = 1.6
"""Ratio of the sharpest projection to the median from which on the horizontal lines alone decide."""
_MIN_PEAK_TO_UNROTATED_RATIO = 1.05
"""Minimum ratio of the sharpest projection to that at 0 degrees: a page with wavy lines stays as it is.  A choice."""
_MAX_AGREEING_DIFFERENCE_DEGREES = 1.5
"""Maximum difference of angles that agree, degrees.  The lines of a page agree; sums at different slants, or the black
margin of one side, do not."""
_MAX_DISSENTING_PEAK_RATIO = 1.2
"""Maximum ratio of the sharpest projection of one half of the ink to its sharpest one near the angle of the whole.  A
half without lines has its sharpest projection elsewhere, but hardly a sharper one."""


@dataclass(frozen=True, slots=True, eq=False)
class _SliceProfiles:
    """Ink per row in each vertical slice of a page."""

    profiles: NDArray[np.float32]
    """Shape (rows, slices)."""
    slice_width: float
    """Width of a slice, pixels."""

    def halves(self) -> tuple[_SliceProfiles, _SliceProfiles]:
        """The upper and the lower half of the ink."""
        ink = np.cumsum(self.profiles.sum(axis=1))
        middle = min(max(int(np.searchsorted(ink, ink[-1] / 2)), 1), len(ink) - 1)
        return _SliceProfiles(self.profiles[:middle], self.slice_width), _SliceProfiles(
            self.profiles[middle:], self.slice_width
        )

    def sharpness(self, angles: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of squares of the projection at each angle, in degrees: largest if each line falls into few rows."""
        return np.array([self._sharpness_at(math.tan(math.radians(angle)) * self.slice_width) for angle in angles])

    def _sharpness_at(self, climb: float) -> float:
        rows, slices = self.profiles.shape
        reach = math.ceil(abs(climb) * slices / 2)
        shear = np.array([[1, 0, 0], [climb, 1, -reach - climb * (slices - 1) / 2]])
        sheared = cv2.warpAffine(
            self.profiles, shear, (slices, rows + 2 * reach), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        projection = cv2.reduce(sheared, 1, cv2.REDUCE_SUM)
        return float(np.vdot(projection, projection))


def find_skew(ink: Ink) -> float:
    """Measure how far the lines of a page are from horizontal, or from vertical if it lies on its side.

    Args:
        ink: ink of a page in any of the four orientations.

    Returns:
        Degrees to rotate the page counter-clockwise, within ``MAX_SKEW_DEGREES`` to either side; 0.0 if its lines are
        level, or if it has no clear lines.
    """
    if ink.stroke_width == 0 or min(ink.mask.shape) < _MIN_PAGE_SIDE_STROKES * ink.stroke_width:
        return 0.0
    fine = downscale_in_one_step(ink.mask, _FINE_COPY_SIDE_PIXELS)
    coarse = downscale_in_one_step(fine, _COARSE_COPY_SIDE_PIXELS)
    # Transposed, vertical lines become horizontal, and their skew changes its sign.
    horizontal = _coarse_skew(_slice_profiles(coarse))
    is_sufficient = horizontal.peak_to_median_ratio >= _SUFFICIENT_PEAK_TO_MEDIAN_RATIO
    vertical = _NO_CLEAR_SKEW if is_sufficient else _coarse_skew(_slice_profiles(coarse.T))
    agreed = (
        _NO_CLEAR_SKEW not in {horizontal, vertical}
        and abs(horizontal.degrees + vertical.degrees) <= _MAX_AGREEING_DIFFERENCE_DEGREES
    )
    clearer = max(horizontal, vertical)
    if clearer.peak_to_median_ratio < (_MIN_AGREED_PEAK_TO_MEDIAN_RATIO if agreed else _MIN_PEAK_TO_MEDIAN_RATIO):
        return 0.0
    sign, slices = (1, _slice_profiles(fine)) if horizontal >= vertical else (-1, _slice_profiles(fine.T))
    angles = clearer.degrees + np.arange(
        -_COARSE_STEP_DEGREES, _COARSE_STEP_DEGREES + _FINE_STEP_DEGREES / 2, _FINE_STEP_DEGREES
    )
    sharpness = slices.sharpness(angles)
    best = float(angles[sharpness.argmax()])
    sharper = sharpness.max() >= _MIN_PEAK_TO_UNROTATED_RATIO * slices.sharpness(np.zeros(1))[0]
    return sign * best if abs(best) >= _MIN_CORRECTED_SKEW_DEGREES and sharper else 0.0


def warp_ink(ink: Ink, page_map: AnyPageMap) -> Ink:
    """Map the ink of a page: the only resampling of a page.

    Args:
        ink: ink of the original page.
        page_map: map from a page of this size.

    Returns:
        Ink of the target page; the same object if the map is the identity.
    """
    if page_map.is_identity:
        return ink
    mask = np.asarray(cv2.threshold(page_map.warp(ink.mask), 127, 255, cv2.THRESH_BINARY)[1], np.uint8)
    return Ink(page_map.warp(ink.strength), mask, ink.stroke_width * page_map.magnification)


class _Skew(NamedTuple):
    """The sharpest projection; of two, the clearer one is the larger."""

    peak_to_median_ratio: float
    """Its sharpness, relative to the median over all angles."""
    degrees: float


_NO_CLEAR_SKEW = _Skew(0.0, 0.0)
"""Skew of a page without a clear one."""


def _coarse_skew(slices: _SliceProfiles) -> _Skew:
    """Search for the sharpest projection; ``_NO_CLEAR_SKEW`` if the two halves of the ink disagree."""
    angles = np.arange(-MAX_SKEW_DEGREES, MAX_SKEW_DEGREES + _COARSE_STEP_DEGREES / 2, _COARSE_STEP_DEGREES)
    halves = [half.sharpness(angles) for half in slices.halves()]
    whole = np.sum(halves, axis=0)
    best = float(angles[whole.argmax()])
    ratio = float(whole.max() / max(float(np.median(whole)), 1.0))
    near = np.abs(angles - best) <= _MAX_AGREEING_DIFFERENCE_DEGREES
    agreed = all(half.max() <= _MAX_DISSENTING_PEAK_RATIO * half[near].max() for half in halves)
    return _Skew(ratio, best) if agreed else _NO_CLEAR_SKEW


def _slice_profiles(mask: Image) -> _SliceProfiles:
    rows, columns = mask.shape
    slices = min(_MAX_SLICES, columns)
    profiles = cv2.resize(np.ascontiguousarray(mask), (slices, rows), interpolation=cv2.INTER_AREA)
    return _SliceProfiles(np.asarray(profiles, np.float32), columns / slices)
