"""How far the lines of a page are from level.

The tilt is the angle at which the projection of the ink is most sharply peaked
(Postl, "Detection of linear oblique structures and skew scan in digitized
documents", ICPR 1986).  The page is cut into upright strips and the profile of
each taken once; an angle then shifts the strips against each other (Baird, "The
skew angle of printed documents", SPSE 1987), which costs the same for an empty
page and a full one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.downscale import downscale_in_one_step
from scanner.types import Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.geometry.page_map import PageMap
    from scanner.types import Image

MAX_SKEW_DEGREES = 15.0
"""Degrees looked for to either side: a sheet laid down askew, or held so before a camera."""
_COARSE_STEP_DEGREES = 0.5
_FINE_STEP_DEGREES = 0.05
"""Degrees; at 0.05 a rule across an A4 page at 300 dpi is level within 2 pixels."""
_COARSE_COPY_SIDE_PIXELS, _FINE_COPY_SIDE_PIXELS = 512, 1000
"""Pixels of the small copy's longer side, for the coarse look and for the fine one: a line of print is still a line
in it."""
_MAX_SLICES = 64
"""Strips a page is cut into: within one, a line at MAX_TILT climbs by less than the height of its letters."""
_MIN_CORRECTED_SKEW_DEGREES = 0.15
"""Degrees below which a page is left as it is: turning it would blur more than it mends."""
_MIN_PAGE_SIDE_STROKES = 60
"""Only a page this many stroke widths high has lines to level; a cut-out number is left as it is."""
_MIN_PEAK_TO_MEDIAN_RATIO = 1.4
"""The sharpest projection against the median of all, at least.  Pages of print, forms and free sums have 1.5 to 9,
a slanted hand seen across its lines 1.0 to 1.3."""
_MIN_AGREED_PEAK_TO_MEDIAN_RATIO = 1.2
"""... or no more than this where the lines and the uprights of a page by themselves say the same, as in a table full of
writing: the slant of a hand is not its lines' tilt as well."""
_SUFFICIENT_PEAK_TO_MEDIAN_RATIO = 1.6
"""A page as clear as that has level lines: its upright ones need not be looked at."""
_MIN_PEAK_TO_UNROTATED_RATIO = 1.05
"""... and against that of no turn at all: a page whose lines wave about the level is left alone."""
_MAX_AGREEING_DIFFERENCE_DEGREES = 1.5
"""Degrees between angles that say the same.  The lines of a page agree; sums at slants of their own, and the black
margin of one side, do not."""
_MAX_DISSENTING_PEAK_RATIO = 1.2
"""A half of the ink dissents if elsewhere it is this many times as sharp as so near the angle of the whole: half a page
without lines is sharpest somewhere as well, by less."""


@dataclass(frozen=True, slots=True, eq=False)
class _SliceProfiles:
    """The profiles of the upright strips of a picture."""

    profiles: NDArray[np.float32]
    """Shape (rows, strips)."""
    slice_width: float
    """Width of a strip, in rows."""

    def halves(self) -> tuple[_SliceProfiles, _SliceProfiles]:
        """The upper and the lower half of the ink."""
        ink = np.cumsum(self.profiles.sum(axis=1))
        middle = min(max(int(np.searchsorted(ink, ink[-1] / 2)), 1), len(ink) - 1)
        return _SliceProfiles(self.profiles[:middle], self.slice_width), _SliceProfiles(
            self.profiles[middle:], self.slice_width
        )

    def sharpness(self, angles: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of squares of the projection along each angle: largest when each line falls into few rows."""
        return np.array([self._sharpness_at(math.tan(math.radians(angle)) * self.slice_width) for angle in angles])

    def _sharpness_at(self, climb: float) -> float:
        rows, strips = self.profiles.shape
        reach = math.ceil(abs(climb) * strips / 2)
        shear = np.array([[1, 0, 0], [climb, 1, -reach - climb * (strips - 1) / 2]])
        sheared = cv2.warpAffine(
            self.profiles, shear, (strips, rows + 2 * reach), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        projection = cv2.reduce(sheared, 1, cv2.REDUCE_SUM)
        return float(np.vdot(projection, projection))


def find_skew(ink: Ink) -> float:
    """How far the page's lines are from level, or its upright lines from upright.

    A page that lies on its side is measured as well as an upright one.

    Args:
        ink: of a page in any of the four positions.

    Returns:
        Degrees to turn the page counter-clockwise to level it, within +-MAX_TILT; 0.0 if its
        lines are level, or if it has none to go by.
    """
    if ink.stroke_width == 0 or min(ink.mask.shape) < _MIN_PAGE_SIDE_STROKES * ink.stroke_width:
        return 0.0
    fine = downscale_in_one_step(ink.mask, _FINE_COPY_SIDE_PIXELS)
    coarse = downscale_in_one_step(fine, _COARSE_COPY_SIDE_PIXELS)
    # Turned over its diagonal a picture's upright lines are level, and tilt the other way.
    level = _coarse_skew(_slice_profiles(coarse))
    upright = (
        _NO_CLEAR_SKEW if level[0] >= _SUFFICIENT_PEAK_TO_MEDIAN_RATIO else _coarse_skew(_slice_profiles(coarse.T))
    )
    agreed = _NO_CLEAR_SKEW not in {level, upright} and abs(level[1] + upright[1]) <= _MAX_AGREEING_DIFFERENCE_DEGREES
    if max(level, upright)[0] < (_MIN_AGREED_PEAK_TO_MEDIAN_RATIO if agreed else _MIN_PEAK_TO_MEDIAN_RATIO):
        return 0.0
    sign, (_, tilt), strips = (
        (1, level, _slice_profiles(fine)) if level >= upright else (-1, upright, _slice_profiles(fine.T))
    )
    angles = tilt + np.arange(-_COARSE_STEP_DEGREES, _COARSE_STEP_DEGREES + _FINE_STEP_DEGREES / 2, _FINE_STEP_DEGREES)
    sharpness = strips.sharpness(angles)
    best = float(angles[sharpness.argmax()])
    sharper = sharpness.max() >= _MIN_PEAK_TO_UNROTATED_RATIO * strips.sharpness(np.zeros(1))[0]
    return sign * best if abs(best) >= _MIN_CORRECTED_SKEW_DEGREES and sharper else 0.0


def warp_ink(ink: Ink, page_map: PageMap) -> Ink:
    """Map the ink: the one resampling of a page.

    Args:
        ink: of the original page.
        page_map: made for a page of this size.

    Returns:
        Ink of the page mapped to; the same object if the map leaves the page as it is.
    """
    if page_map.is_identity:
        return ink
    mask = np.asarray(cv2.threshold(page_map.warp(ink.mask), 127, 255, cv2.THRESH_BINARY)[1], np.uint8)
    return Ink(page_map.warp(ink.strength), mask, ink.stroke_width * page_map.magnification)


_NO_CLEAR_SKEW = (0.0, 0.0)
"""A projection that says nothing."""


def _coarse_skew(strips: _SliceProfiles) -> tuple[float, float]:
    """How clear the sharpest projection is, against the median of all, and its angle; _UNCLEAR if a half dissents."""
    angles = np.arange(-MAX_SKEW_DEGREES, MAX_SKEW_DEGREES + _COARSE_STEP_DEGREES / 2, _COARSE_STEP_DEGREES)
    halves = [half.sharpness(angles) for half in strips.halves()]
    whole = np.sum(halves, axis=0)
    best = float(angles[whole.argmax()])
    clearness = float(whole.max() / max(float(np.median(whole)), 1.0))
    near = np.abs(angles - best) <= _MAX_AGREEING_DIFFERENCE_DEGREES
    agreed = all(half.max() <= _MAX_DISSENTING_PEAK_RATIO * half[near].max() for half in halves)
    return (clearness, best) if agreed else _NO_CLEAR_SKEW


def _slice_profiles(picture: Image) -> _SliceProfiles:
    rows, columns = picture.shape
    strips = min(_MAX_SLICES, columns)
    profiles = cv2.resize(np.ascontiguousarray(picture), (strips, rows), interpolation=cv2.INTER_AREA)
    return _SliceProfiles(np.asarray(profiles, np.float32), columns / strips)
