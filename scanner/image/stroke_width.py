"""How wide the strokes on a page are: the unit every other size is measured in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

_MAX_SAMPLED_LINES = 400
"""Rows and columns looked at: enough for a stable median on a full page, few enough to cost nothing."""


def measure_stroke_width(mask: Image) -> float:
    """Typical width of the strokes in a mask, from the lengths of its runs.

    A stroke of width t at angle a is cut by rows in runs of t / sin(a) and by
    columns in runs of t / cos(a), so 1/t² = 1/h² + 1/v² for a single stroke;
    the medians over the page obey it closely enough.

    Args:
        mask: shape (H, W), uint8, non-zero = ink.

    Returns:
        Pixels; 0.0 if there is no ink.
    """
    # Some columns cut out and then turned take half as long as gathered one by one.
    step = _sampling_step(mask.shape[1])
    columns = cv2.transpose(np.ascontiguousarray(mask[:, step // 2 :: step]))
    runs = [median_pixel_run(mask), _median_run_length(np.asarray(columns if columns.any() else mask.T, np.uint8))]
    if not all(runs):
        return 0.0
    return float(1.0 / np.hypot(1.0 / runs[0], 1.0 / runs[1])) * _AXIS_ALIGNED_STROKE_CORRECTION


_AXIS_ALIGNED_STROKE_CORRECTION = 1.25
"""Most strokes are nearer upright or level than 45 degrees, where the formula above gives less than the width."""


def median_pixel_run(lines: Image) -> float:
    """Median length of the runs of non-zero values along the rows, from a sample of the rows; 0.0 if there are none."""
    step = _sampling_step(len(lines))
    sampled = np.ascontiguousarray(lines[step // 2 :: step])
    return _median_run_length(sampled if sampled.any() else lines)


def _sampling_step(lines: int) -> int:
    return max(lines // _MAX_SAMPLED_LINES, 1)


def _median_run_length(lines: Image) -> float:
    padded = np.zeros((lines.shape[0], lines.shape[1] + 2), bool)
    np.greater(lines, 0, out=padded[:, 1:-1])
    flat = padded.ravel()
    # Every row starts and ends on paper: the edges take turns, into ink and out of it.
    edges: NDArray[np.int64] = np.flatnonzero(flat[1:] != flat[:-1])
    lengths = edges[1::2] - edges[::2]
    if not lengths.size:
        return 0.0
    # Most masks have few runs: the checks of np.median would cost ten times its work.
    low, high = (lengths.size - 1) // 2, lengths.size // 2
    lengths.partition((low, high))
    return float(lengths[low] + lengths[high]) / 2
