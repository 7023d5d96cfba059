"""Stroke width of a page: the unit in which most other sizes are measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

_MAX_SAMPLED_LINES = 400
"""Rows and columns that are sampled: enough for a stable median on a full page, few enough to cost nothing."""
_AXIS_ALIGNED_STROKE_CORRECTION = 1.25
"""Factor on the measured width: most strokes are nearly vertical or horizontal, where the formula gives too little."""


def measure_stroke_width(mask: Image) -> float:
    """Measure the typical width of the strokes in a mask from the lengths of its pixel runs.

    A stroke of width t at angle a is cut by rows in runs of h = t / sin(a) and by columns in runs of v = t / cos(a),
    so 1/t² = 1/h² + 1/v² for a single stroke; the medians over the page obey it closely enough.

    Args:
        mask: shape (H, W), uint8, non-zero = ink.

    Returns:
        Pixels; 0.0 if there is no ink.
    """
    # Slicing out some columns and transposing them is twice as fast as gathering them one by one.
    step = _sampling_step(mask.shape[1])
    columns = cv2.transpose(np.ascontiguousarray(mask[:, step // 2 :: step]))
    runs = [median_pixel_run(mask), _median_run_length(np.asarray(columns if columns.any() else mask.T, np.uint8))]
    if not all(runs):
        return 0.0
    return float(1.0 / np.hypot(1.0 / runs[0], 1.0 / runs[1])) * _AXIS_ALIGNED_STROKE_CORRECTION


def median_pixel_run(lines: Image) -> float:
    """Median length of the pixel runs along the rows of a mask, pixels, from a sample of the rows; 0.0 without ink."""
    step = _sampling_step(len(lines))
    sampled = np.ascontiguousarray(lines[step // 2 :: step])
    return _median_run_length(sampled if sampled.any() else lines)


def _sampling_step(lines: int) -> int:
    return max(lines // _MAX_SAMPLED_LINES, 1)


def _median_run_length(lines: Image) -> float:
    padded = np.zeros((lines.shape[0], lines.shape[1] + 2), bool)
    np.greater(lines, 0, out=padded[:, 1:-1])
    flat = padded.ravel()
    # Every row starts and ends on paper, so edges alternate: into ink, out of ink.
    edges: NDArray[np.int64] = np.flatnonzero(flat[1:] != flat[:-1])
    lengths = edges[1::2] - edges[::2]
    if not lengths.size:
        return 0.0
    # Most masks have few runs: np.median would spend ten times as long on its checks.
    low, high = (lengths.size - 1) // 2, lengths.size // 2
    lengths.partition((low, high))
    return float(lengths[low] + lengths[high]) / 2
