"""Find faint writing beside dark print: pencil in a black table, a pale pen on a form.

One threshold for a page fits most of its ink, and loses paler writing that shares the page with print.  So separate
strokes are each measured on their own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.background import page_brightness
from scanner.image.binarization import min_ink_darkness, smooth_noise
from scanner.image.components import label_components
from scanner.image.stroke_width import measure_stroke_width

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.types import Image, Ink

_MAX_ALREADY_INKED_SHARE = 0.7
"""Maximum share of a component that is ink already: of one with more, the rest is its soft edge."""
_MIN_FAINT_INK_SQUARED_STROKES = 3.0
"""Minimum ink of a faint component, squared stroke widths: paper grain has less."""
_MIN_LENGTH_STROKES = 3.0
"""Minimum longer side of a faint component, stroke widths: paper grain is shorter."""
_MAX_LENGTH_STROKES = 40.0
"""Maximum longer side of a faint component, stroke widths: a shadow, a stain or a fold is longer."""
_MAX_BOX_FILL_SHARE = 0.6
"""Maximum share of its box that a faint component fills: a blot fills more."""
_MAX_STRAIGHT_STROKE_BREADTH_STROKES = 5.0
"""Maximum shorter side, stroke widths, of a faint component that may fill its box: a 1, a dash or a slash with its soft
edges."""
_MIN_POINT_INK_SQUARED_STROKES = 0.75
"""Minimum ink of a point beside faint writing, squared stroke widths.  A choice: a point is about as wide as a
stroke."""
_MIN_POINT_DARKNESS_SHARE = 0.5
"""Minimum darkness of a point relative to the faint stroke beside it: grain in the paper is paler.  A choice; the
points of a table in pencil have 0.6 to 1.3, the grain around them 0.2 to 0.45."""
_MAX_POINT_GAP_HEIGHTS = 0.75
"""Maximum gap between a point and the faint writing beside it, in heights of that.  A choice."""
_MIN_STROKE_WIDTH_RATIO = 0.5
"""Minimum stroke width of faint writing, in stroke widths of the page: noise has strokes of a pixel or two."""
_MIN_COMPONENT_COUNT = 3
"""Minimum number of faint components: fewer are dirt."""
_MIN_TWO_LEVEL_INK_DARKNESS = 200
"""Minimum darkness of the ink of a two-level page, of 255."""
_MAX_INTERMEDIATE_PIXEL_SHARE = 0.02
"""Maximum grey pixels of a two-level page, relative to its black ones: edges of parts that were rotated or pasted
in."""
_MIN_INK_DARKNESS_OF_STROKE_MIDDLE = 0.4
"""Minimum darkness of faint ink, relative to the middle of its stroke."""
_ZERO_STRENGTH_DARKNESS_OF_STROKE_MIDDLE = 0.25
"""Darkness, relative to the middle of the stroke, at which faint ink has strength 0."""
_FULL_INK_DARKNESS_OF_STROKE_MIDDLE = 0.8
"""Darkness, relative to the middle of the stroke, at which faint ink is full ink."""


def add_faint_ink(gray: Image, flat: Image, ink: Ink) -> Ink:
    """Add the writing that is fainter than the rest of the page.

    Each stroke is measured by its own middle, the darkest pixel within a stroke's width: pencil is then as unbroken as
    ink, and a digit that crosses a dark rule is distinct from it.

    Args:
        gray: grey page, shape (H, W), dark ink on light paper.
        flat: flattened page, from :func:`scanner.image.background.flatten_background`.
        ink: ink of ``flat``, from :func:`scanner.image.binarization.binarize`.

    Returns:
        The ink with the faint components added, as strong as the rest; the same object if there are none.
    """
    if ink.stroke_width == 0 or _is_two_level(flat):
        return ink
    smooth = smooth_noise(flat)
    floor = min_ink_darkness(smooth)
    reach = 2 * max(round(ink.stroke_width), 1) + 1
    darkest = cv2.dilate(smooth, np.ones((reach, reach), np.uint8))
    least = np.maximum(
        cv2.convertScaleAbs(darkest, alpha=_MIN_INK_DARKNESS_OF_STROKE_MIDDLE), _local_min_darkness(gray, floor, reach)
    )
    faint = _find_faint_components(smooth, least, ink)
    if not faint.any():
        return ink
    around = cv2.dilate(faint, np.ones((3, 3), np.uint8)).view(bool)
    full = np.maximum(darkest[around], 1).astype(np.float32)
    stretched = (smooth[around] / full - _ZERO_STRENGTH_DARKNESS_OF_STROKE_MIDDLE) * (
        255 / (_FULL_INK_DARKNESS_OF_STROKE_MIDDLE - _ZERO_STRENGTH_DARKNESS_OF_STROKE_MIDDLE)
    )
    strength, mask = ink.strength.copy(), ink.mask.copy()
    strength[around] = np.maximum(strength[around], np.clip(stretched, 0, 255).astype(np.uint8))
    mask[faint > 0] = 255
    return replace(ink, strength=strength, mask=mask)


def _local_min_darkness(gray: Image, floor: float, reach: int) -> Image:
    """Minimum darkness, relative to the paper, that is more than noise, 0-255, shape (H, W).

    Noise does not shrink with the light: in a shadow, or on the table beside the page, it is a larger share of the
    brightness.
    """
    lightest = np.asarray(cv2.dilate(gray, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), np.uint8)
    levels = np.clip(floor * page_brightness(lightest) / np.maximum(np.arange(256), 1), floor, 255)
    return np.asarray(cv2.LUT(lightest, np.rint(levels).astype(np.uint8)), np.uint8)


def _is_two_level(flat: Image) -> bool:
    """Whether the page is black and white with nothing between, as from a fax machine."""
    black = cv2.countNonZero(cv2.threshold(flat, _MIN_TWO_LEVEL_INK_DARKNESS - 1, 255, cv2.THRESH_BINARY)[1])
    return cv2.countNonZero(flat) - black <= _MAX_INTERMEDIATE_PIXEL_SHARE * black


def _find_faint_components(smooth: Image, threshold: Image, ink: Ink) -> Image:
    """Mask of the faint writing, shape (H, W), 1 where there is any, else 0."""
    candidates = (smooth > threshold).view(np.uint8)
    components = label_components(candidates)
    labels, area, stroke = components.labels, components.areas, ink.stroke_width
    inked = np.bincount(labels[ink.mask > 0], minlength=len(components) + 1)[1:]
    wide, high = components.boxes[:, 2:].T
    longer, shorter = np.maximum(wide, high), np.minimum(wide, high)
    keep = (inked <= _MAX_ALREADY_INKED_SHARE * area) & (area >= _MIN_FAINT_INK_SQUARED_STROKES * stroke**2)
    keep &= (longer <= _MAX_LENGTH_STROKES * stroke) & (longer >= _MIN_LENGTH_STROKES * stroke)
    keep &= (area <= _MAX_BOX_FILL_SHARE * wide * high) | (shorter <= _MAX_STRAIGHT_STROKE_BREADTH_STROKES * stroke)
    if keep.sum() < _MIN_COMPONENT_COUNT:
        return np.zeros_like(candidates)
    faint = np.concatenate([[False], keep])[labels].view(np.uint8)
    if measure_stroke_width(faint) < _MIN_STROKE_WIDTH_RATIO * stroke:
        return np.zeros_like(candidates)
    may_be_point = (area >= _MIN_POINT_INK_SQUARED_STROKES * stroke**2) & (longer < _MIN_LENGTH_STROKES * stroke)
    may_be_point &= inked <= _MAX_ALREADY_INKED_SHARE * area
    points = _points_beside(np.flatnonzero(keep), np.flatnonzero(may_be_point), components, smooth)
    return faint | np.isin(labels, points + 1).view(np.uint8)


def _points_beside(
    strokes: NDArray[np.int64], points: NDArray[np.int64], components: Components, smooth: Image
) -> NDArray[np.int64]:
    """Those of some specks that are as dark as a faint stroke close at their left or right."""
    inside = components.labels > 0
    darkness = np.zeros(len(components), np.uint8)
    np.maximum.at(darkness, components.labels[inside] - 1, smooth[inside])
    x, y, width, height = components.boxes.astype(np.float64).T
    points = points[np.argsort((y + height / 2)[points], kind="stable")]
    middles, lefts, rights = (y + height / 2)[points], x[points], (x + width)[points]
    # Each stroke looks at the specks in its own rows alone: a page of grain has a hundred thousand.
    firsts = np.searchsorted(middles, y[strokes], "left").tolist()
    ends = np.searchsorted(middles, (y + 1.1 * height)[strokes], "right").tolist()
    is_point = np.zeros(len(points), np.bool_)
    for stroke, first, end in zip(strokes.tolist(), firsts, ends, strict=True):
        level = slice(first, end)
        gaps = np.maximum(lefts[level] - x[stroke] - width[stroke], x[stroke] - rights[level])
        near = gaps <= _MAX_POINT_GAP_HEIGHTS * height[stroke]
        is_point[level] |= near & (darkness[points[level]] >= _MIN_POINT_DARKNESS_SHARE * darkness[stroke])
    return points[is_point]
