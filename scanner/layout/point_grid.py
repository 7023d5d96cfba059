"""Find out whether points stand in rows and columns of equal pitch, and in which row and column each of them is.

The pitch comes from the steps of each point to its next neighbours.  From the middle outwards, a polynomial of the
second degree from the page to rows and columns is then fitted to more and more points, so that a page may be a little
skewed, photographed at an angle or bent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.interval_search import points_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAX_VOTERS = 1000
"""Maximum number of points whose next neighbours are looked for, evenly spread.  A choice."""
_STEP_RANGE_SIZES = 0.5, 3.0
"""Range of the step to the next point in the row or column, sizes of a point: nearer ones are parts of one character,
and characters further apart than three times their size do not make up a sheet.  A choice."""
_MAX_STEP_SIDEWAYS_SHARE = 0.4
"""Maximum deviation of such a step from the direction of the row or column, as a share of its length.  A choice."""
_MAX_STEP_DEVIATION_SHARE = 0.25
"""Maximum deviation of a step from the typical one, as a share of that.  People write no further off the middle of a
cell, because the next digit is there."""
_MIN_REGULAR_STEP_SHARE = 0.75
"""Minimum share of the steps that are like the typical one.  In rows of numbers of two digits every other step is
wider; in rows of numbers of three, every third."""
_MAX_PITCH_RATIO = 1.25
"""Maximum ratio of the pitches in both directions.  Lines of print are twice as far apart as their characters."""
_FIRST_REACH_PITCHES = 6.0
"""Radius around the middle within which the first fit is made, pitches; each further fit reaches twice as far."""
MAX_OFF_CENTER_PITCHES = 0.38
"""Maximum distance of a character from the middle of its cell in either direction, pitches."""
_MIN_POINTS_TO_FIT = 12
"""Minimum number of points for a fit: twice as many as it has coefficients."""


@dataclass(frozen=True, slots=True, eq=False)
class PointGrid:
    """Rows and columns of equal pitch."""

    coefficients: NDArray[np.float64]
    """Shape (6, 2): from the terms of a polynomial of the second degree to column and row, whole in the middles of
    cells."""
    origin: NDArray[np.float64]
    """Shape (2,): point that the polynomial counts from, (x, y) in pixels."""
    pitch: float
    """Distance of neighbouring cells, pixels; the mean of both directions."""

    def locate(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Column and row of points, with fractions.

        Args:
            points: shape (N, 2), (x, y) in pixels.
        """
        return np.asarray(_terms((points - self.origin) / self.pitch) @ self.coefficients)


def fit_grid(points: NDArray[np.float64], size: float) -> PointGrid | None:
    """Fit a grid to points.

    Args:
        points: middles of characters, shape (N, 2), (x, y) in pixels.
        size: typical longer side of a character, pixels.

    Returns:
        The grid; None if neighbours are not at equal distances.  Whether the points far from the middle stand in its
        cells is for the caller to see.
    """
    if len(points) < _MIN_POINTS_TO_FIT:
        return None
    right, down = _typical_step(points, size), _typical_step(points[:, ::-1], size)
    if right is None or down is None:
        return None
    steps = np.stack([right, down[::-1]])
    across, along = np.hypot(*steps.T)
    if max(across, along) > _MAX_PITCH_RATIO * min(across, along):
        return None
    return _fit_outwards(points, steps, float(across + along) / 2)


def _typical_step(points: NDArray[np.float64], size: float) -> NDArray[np.float64] | None:
    """Mean step to the next point to the right, shape (2,), pixels; None if the steps differ too much."""
    voters = points[np.linspace(0, len(points) - 1, min(_MAX_VOTERS, len(points))).astype(np.int64)]
    shortest, longest = (share * size for share in _STEP_RANGE_SIZES)
    sideways = _MAX_STEP_SIDEWAYS_SHARE * longest
    nearest = []
    for which, other in points_within(points[:, 1], voters[:, 1] - sideways, voters[:, 1] + sideways):
        steps = points[other] - voters[which]
        fitting = (
            (steps[:, 0] >= shortest)
            & (steps[:, 0] <= longest)
            & (np.abs(steps[:, 1]) <= _MAX_STEP_SIDEWAYS_SHARE * steps[:, 0])
        )
        which, steps = which[fitting], steps[fitting]
        order = np.lexsort((steps[:, 0], which))
        first = np.unique(which[order], return_index=True)[1]
        nearest.append(steps[order][first])
    steps = np.concatenate(nearest)
    if len(steps) < _MIN_POINTS_TO_FIT:
        return None
    typical = np.median(steps, axis=0)
    regular = np.hypot(*(steps - typical).T) <= _MAX_STEP_DEVIATION_SHARE * typical[0]
    if np.count_nonzero(regular) < _MIN_REGULAR_STEP_SHARE * len(steps):
        return None
    # The mean, because the median of whole pixels is a whole pixel.
    return np.asarray(steps[regular].mean(axis=0))


def _fit_outwards(points: NDArray[np.float64], steps: NDArray[np.float64], pitch: float) -> PointGrid | None:
    middle = np.median(points, axis=0)
    origin = points[np.hypot(*(points - middle).T).argmin()]
    coefficients = np.zeros((6, 2))
    coefficients[1:3] = np.linalg.inv(steps) * pitch
    grid, distances = PointGrid(coefficients, origin, pitch), np.abs(points - origin).max(axis=1)
    reach, farthest = _FIRST_REACH_PITCHES * pitch, float(distances.max())
    grid = _center(grid, points[distances <= reach])
    while True:
        near = points[distances <= reach]
        cells = grid.locate(near)
        inside = np.abs(cells - np.rint(cells)).max(axis=1) <= MAX_OFF_CENTER_PITCHES
        if np.count_nonzero(inside) < _MIN_POINTS_TO_FIT:
            return None
        terms = _terms((near[inside] - origin) / pitch)
        # What bends a page shows only over all of it.
        used = 3 if reach < farthest else 6
        coefficients = np.zeros((6, 2))
        coefficients[:used] = np.linalg.lstsq(terms[:, :used], np.rint(cells[inside]), rcond=None)[0]
        grid = PointGrid(coefficients, origin, pitch)
        if reach >= farthest:
            return grid
        reach *= 2


def _center(grid: PointGrid, points: NDArray[np.float64]) -> PointGrid:
    """Move the grid so that points lie in the middles of its cells, as a mean on the circle of one pitch."""
    angles = 2 * np.pi * grid.locate(points)
    coefficients = grid.coefficients.copy()
    coefficients[0] -= np.angle(np.exp(1j * angles).mean(axis=0)) / (2 * np.pi)
    return PointGrid(coefficients, grid.origin, grid.pitch)


def _terms(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Terms of a polynomial of the second degree, shape (N, 6)."""
    x, y = points.T
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
