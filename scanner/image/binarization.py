"""Flattened page -> ink: which pixels are ink, and how strongly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.stroke_width import measure_stroke_width
from scanner.types import Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

_MIN_INK_DARKNESS = 16
"""Ink at least this much darker than paper (of 255) is looked for; scanner noise and paper grain stay below."""
_NOISE_SIGMAS = 4
"""... and this many standard deviations of the paper's own noise,"""
_MAX_NOISE_DARKNESS = 40
"""... but no more than this: a security pattern is no noise, and its ink is still to be found."""
_FULL_INK_PERCENTILE = 75
"""This percentile of the ink counts as full ink: the middle of a stroke, not its soft edge."""
_ZERO_STRENGTH_THRESHOLD_SHARE = 0.5
"""Strength falls to 0 at this part of the threshold, so that edges stay grey as in a good scan."""


_PIXEL_VALUES = np.arange(256)
"""All that a pixel can be."""


def binarize(flat: Image) -> Ink:
    """Tell ink from paper.

    Args:
        flat: shape (H, W), uint8, 0 = paper, from :func:`scanner.image.background.flatten_background`.

    Returns:
        Ink with its strength stretched so that full ink is 255.
    """
    smooth = smooth_noise(flat)
    threshold, counts = _ink_threshold(smooth)
    inked = np.where(threshold < _PIXEL_VALUES, counts, 0)
    if not inked.any():
        return Ink(np.zeros_like(flat), np.zeros_like(flat), 0.0)
    paper = _ZERO_STRENGTH_THRESHOLD_SHARE * threshold
    gain = 255.0 / max(_histogram_percentile(inked, _FULL_INK_PERCENTILE) - paper, 1.0)
    strength = cv2.LUT(smooth, np.clip(np.rint((_PIXEL_VALUES - np.rint(paper)) * gain), 0, 255).astype(np.uint8))
    mask = _mask_above(smooth, threshold)
    return Ink(np.asarray(strength, np.uint8), mask, measure_stroke_width(mask))


def find_ink_mask(flat: Image) -> Image:
    """The mask of :func:`binarize` alone, in half the time."""
    smooth = smooth_noise(flat)
    return _mask_above(smooth, _ink_threshold(smooth)[0])


def _mask_above(smooth: Image, threshold: float) -> Image:
    return np.asarray(cv2.threshold(smooth, threshold, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _ink_threshold(smooth: Image) -> tuple[float, NDArray[np.int64]]:
    """What is stronger is ink, 255 if there is none; and how many pixels around it have each value, shape (256,).

    Otsu's threshold (1979), taken over the neighbourhood of candidate ink
    alone: over a whole page, where ink is one pixel in a hundred, it would
    split the paper instead.
    """
    floor = min_ink_darkness(smooth)
    candidates = _mask_above(smooth, floor)
    width = measure_stroke_width(candidates)
    if width == 0:
        return 255.0, np.zeros(len(_PIXEL_VALUES), np.int64)
    reach = 2 * round(width) + 1
    near = cv2.dilate(candidates, np.ones((reach, reach), np.uint8))
    # The pixels themselves would have to be gathered, which takes longer than to count them.
    counts = cv2.calcHist([smooth], [0], near, [256], [0, 256]).ravel().astype(np.int64)
    return float(max(otsu_threshold(counts), floor)), counts


def otsu_threshold(counts: NDArray[np.int64]) -> int:
    """Otsu's threshold, the same as OpenCV's, which takes pixels and no counts.

    Args:
        counts: how many pixels have each value, shape (256,).
    """
    total = int(counts.sum())
    mean = float(counts @ _PIXEL_VALUES) / max(total, 1)
    share = below = between = 0.0
    best = 0
    for value, count in enumerate(counts.tolist()):
        part = count / max(total, 1)
        below *= share
        share += part
        if min(share, 1 - share) < _MIN_OTSU_CLASS_SHARE:
            continue
        below = (below + value * part) / share
        above = (mean - share * below) / (1 - share)
        if (variance := share * (1 - share) * (below - above) ** 2) > between:
            between, best = variance, value
    return best


_MIN_OTSU_CLASS_SHARE = float(np.finfo(np.float32).eps)
"""A smaller share of the pixels has no mean to speak of."""


def _histogram_percentile(counts: NDArray[np.int64], percent: float) -> float:
    """As :func:`numpy.percentile` of the pixels of which there are so many of each value, shape (256,)."""
    ranks = np.cumsum(counts)
    place = percent / 100 * (int(ranks[-1]) - 1)
    low, high = np.searchsorted(ranks, (math.floor(place), math.ceil(place)), side="right").tolist()
    return float(low + (high - low) * (place - math.floor(place)))


def min_ink_darkness(smooth: Image) -> float:
    """What is darker than paper by this, of 255, may be ink; below are grain and noise."""
    return max(_MIN_INK_DARKNESS, min(_NOISE_SIGMAS * _paper_noise_sigma(smooth), _MAX_NOISE_DARKNESS))


def smooth_noise(flat: Image) -> Image:
    """The flattened page without single-pixel noise."""
    return np.asarray(cv2.GaussianBlur(flat, (0, 0), _SMOOTHING_SIGMA_PIXELS), np.uint8)


_SMOOTHING_SIGMA_PIXELS = 0.8
"""Standard deviation, pixels, of the blur before thresholding: takes out the single-pixel noise of the sensor and
of JPEG, which is in pixels whatever the resolution."""


def _paper_noise_sigma(flat: Image) -> float:
    """Standard deviation of the paper, whose noise lies evenly above and below 0, where the lower half is cut off.

    As many pixels of paper are above 0 as there are at 0, and they are the least: what is more, as in a small picture
    full of writing, is ink and the blur around it.
    """
    if np.count_nonzero(flat) <= flat.size // 4:
        return 0.0
    # By the histogram: a median of the pixels themselves would take longer than all the rest.
    counts = cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel()
    at_zero = int(counts[0])
    counts[0] = 0
    ranks = np.cumsum(counts, dtype=np.float64)
    above = min(int(ranks[-1]), at_zero)
    # Paper lies around 0 and half of it is cut off there: the median of the rest is 0.67 sigma.
    return float(np.searchsorted(ranks, ((above - 1) // 2, above // 2), side="right").mean()) / 0.6745
