"""Binarize a flattened page: which pixels are ink, and how strong it is."""

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
"""Minimum darkness of candidate ink, of 255: scanner noise and paper grain stay below."""
_NOISE_SIGMAS = 4
"""Minimum darkness of candidate ink, in standard deviations of the paper's own noise."""
_MAX_NOISE_DARKNESS = 40
"""Noise raises the minimum darkness to no more than this, of 255: a security pattern is no noise and hides no ink."""
_FULL_INK_PERCENTILE = 75
"""Percentile of the ink's darkness that is stretched to full ink: the middle of a stroke, not its soft edge."""
_ZERO_STRENGTH_THRESHOLD_SHARE = 0.5
"""Strength falls to 0 at this part of the threshold, so that edges stay grey as in a good scan."""

_SMOOTHING_SIGMA_PIXELS = 0.8
"""Standard deviation of the blur before thresholding, pixels: it removes the noise of the sensor and of JPEG, which is
one pixel wide whatever the resolution."""
_MIN_OTSU_CLASS_SHARE = float(np.finfo(np.float32).eps)
"""Minimum share of the pixels in a class; OpenCV skips thresholds with less on one side."""
_PIXEL_VALUES = np.arange(256)
"""All values of a pixel, shape (256,)."""


def binarize(flat: Image) -> Ink:
    """Separate ink from paper.

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
    """Mask of the ink, as :func:`binarize` finds it, in half the time."""
    smooth = smooth_noise(flat)
    return _mask_above(smooth, _ink_threshold(smooth)[0])


def _mask_above(smooth: Image, threshold: float) -> Image:
    return np.asarray(cv2.threshold(smooth, threshold, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _ink_threshold(smooth: Image) -> tuple[float, NDArray[np.int64]]:
    """Threshold of ink, 255 if there is none, and the histogram of the pixels around candidate ink, shape (256,).

    Otsu's threshold (1979), taken over the neighbourhood of candidate ink alone: over a whole page, where ink is one
    pixel in a hundred, it would split the paper instead.
    """
    floor = min_ink_darkness(smooth)
    candidates = _mask_above(smooth, floor)
    width = measure_stroke_width(candidates)
    if width == 0:
        return 255.0, np.zeros(len(_PIXEL_VALUES), np.int64)
    reach = 2 * round(width) + 1
    near = cv2.dilate(candidates, np.ones((reach, reach), np.uint8))
    # Counting the pixels is faster than gathering them.
    counts = cv2.calcHist([smooth], [0], near, [256], [0, 256]).ravel().astype(np.int64)
    return float(max(otsu_threshold(counts), floor)), counts


def otsu_threshold(counts: NDArray[np.int64]) -> int:
    """Otsu's threshold of a histogram, the same as OpenCV's, which takes pixels instead.

    Args:
        counts: number of pixels of each value, shape (256,).
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


def _histogram_percentile(counts: NDArray[np.int64], percent: float) -> float:
    """Percentile of the pixels of a histogram, shape (256,), the same as :func:`numpy.percentile` of the pixels."""
    cumulative = np.cumsum(counts)
    rank = percent / 100 * (int(cumulative[-1]) - 1)
    low, high = np.searchsorted(cumulative, (math.floor(rank), math.ceil(rank)), side="right").tolist()
    return float(low + (high - low) * (rank - math.floor(rank)))


def min_ink_darkness(smooth: Image) -> float:
    """Minimum darkness of candidate ink, 0-255; anything lighter is grain or noise of the paper."""
    return max(_MIN_INK_DARKNESS, min(_NOISE_SIGMAS * _paper_noise_sigma(smooth), _MAX_NOISE_DARKNESS))


def smooth_noise(flat: Image) -> Image:
    """Blur a flattened page just enough to remove single-pixel noise."""
    return np.asarray(cv2.GaussianBlur(flat, (0, 0), _SMOOTHING_SIGMA_PIXELS), np.uint8)


def _paper_noise_sigma(flat: Image) -> float:
    """Standard deviation of the paper's noise.

    The noise is symmetric around 0, and its lower half is clipped to 0.  So as many paper pixels lie above 0 as at 0,
    and they are the lightest: any more, as in a small image full of writing, are ink and the blur around it.
    """
    if np.count_nonzero(flat) <= flat.size // 4:
        return 0.0
    # From the histogram: a median of the pixels would take longer than all the rest.
    counts = cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel()
    at_zero = int(counts[0])
    counts[0] = 0
    ranks = np.cumsum(counts, dtype=np.float64)
    above = min(int(ranks[-1]), at_zero)
    # The median of the upper half of a normal distribution is 0.67 sigma.
    return float(np.searchsorted(ranks, ((above - 1) // 2, above // 2), side="right").mean()) / 0.6745
