"""Smooth curves through the points of a letterform.

They are centripetal Catmull-Rom splines (Barry & Goldman, SIGGRAPH 1988; Yuksel, Schaefer & Keyser, Computer-Aided
Design 2011), which have neither cusps nor loops within a span, however unevenly the points are spaced.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Points = NDArray[np.float64]

_POINTS_PER_SPAN = 12
"""Points between two control points, which are about a fifth of a digit height apart: finer than a pen is wide."""


def smooth_curve_through(points: Points, corners: Sequence[int]) -> Points:
    """Interpolate points by a curve that is smooth except at corners.

    Args:
        points: shape (N, 2), N at least 2, neighbours different.
        corners: indices of points where the direction may change abruptly.

    Returns:
        Shape (M, 2): points of the curve, not evenly spaced, from the first control point to the last.
    """
    ends = [0, *(i for i in corners if 0 < i < len(points) - 1), len(points) - 1]
    return np.concatenate([_catmull_rom(points[start : end + 1]) for start, end in pairwise(ends)])


def parse_stroke(notation: str) -> tuple[Points, tuple[int, ...]]:
    """Parse a stroke of ``letterforms``.

    Returns:
        Its points, shape (N, 2), in digit heights, and the indices of its corners.
    """
    marks = [mark.strip() for mark in notation.split(",")]
    points = np.array([[float(n) for n in mark.rstrip("!").split()] for mark in marks]) / 100.0
    return points, tuple(index for index, mark in enumerate(marks) if mark.endswith("!"))


def _catmull_rom(points: Points) -> Points:
    """Interpolate ``points``, shape (N, 2), N at least 2, by a centripetal Catmull-Rom spline."""
    if len(points) == 2:
        return np.linspace(points[0], points[1], _POINTS_PER_SPAN)
    padded = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    p0, p1, p2, p3 = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    d01, d12, d23 = (np.sqrt(np.hypot(*(b - a).T) + 1e-9)[:, None] for a, b in ((p0, p1), (p1, p2), (p2, p3)))
    # Tangents of the non-uniform spline, scaled to the span, for cubic Hermite interpolation.
    m1 = p2 - p1 + d12 * ((p1 - p0) / d01 - (p2 - p0) / (d01 + d12))
    m2 = p2 - p1 + d12 * ((p3 - p2) / d23 - (p3 - p1) / (d12 + d23))
    t = np.linspace(0.0, 1.0, _POINTS_PER_SPAN)[:, None, None]
    curve = p1 + t * m1 + t**2 * (3 * (p2 - p1) - 2 * m1 - m2) + t**3 * (2 * (p1 - p2) + m1 + m2)
    return np.asarray(curve.transpose(1, 0, 2).reshape(-1, 2))


def gaussian_smooth(path: Points, sigma: float) -> Points:
    """Smooth a path by a Gaussian.

    Args:
        path: shape (N, 2), evenly spaced.
        sigma: standard deviation, in points of the path.

    Returns:
        Shape (N, 2); the ends are unchanged.
    """
    radius = min(int(3 * sigma), len(path) - 1)
    if radius < 1:
        return path
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    head = 2 * path[0] - path[radius:0:-1]
    tail = 2 * path[-1] - path[-2 : -radius - 2 : -1]
    padded = np.concatenate([head, path, tail])
    return np.stack([np.convolve(padded[:, k], kernel, "valid") for k in (0, 1)], axis=1)
