"""Fit a smooth displacement of a page to the offsets of some of its patches.

The displacement is a uniform cubic B-spline in both directions, penalized for bending (Eilers and Marx, "Flexible
smoothing with B-splines and penalties", Statistical Science 1996), so that a page which is only tilted or seen in
perspective stays as straight as it is.  Patches that disagree with their surroundings lose their weight, round by
round (Geman and McClure, 1987): somebody has written over them, or they look like their neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_BENDING_PENALTY = 0.01
"""Weight of the squared second differences of the spline's coefficients, relative to the offsets of a patch per
interval squared."""


_STIFFENING = 1.0
"""Power of the tolerance, relative to the last one, by which the penalty is larger in earlier rounds."""


@dataclass(frozen=True, slots=True, eq=False)
class Displacement:
    """A smooth displacement of a page."""

    coefficients: NDArray[np.float64]
    """Shape (rows, columns, 2)."""
    size: tuple[float, float]
    """(width, height) of the page, in the unit of the displacement."""

    def at(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The displacement, shape (N, 2), at points (x, y) of the page, shape (N, 2)."""
        rows, columns = self.coefficients.shape[:2]
        across = _spline_weights(points[:, 0] / self.size[0], columns)
        down = _spline_weights(points[:, 1] / self.size[1], rows)
        in_columns = (down @ self.coefficients.reshape(rows, -1)).reshape(len(points), columns, 2)
        return np.asarray((in_columns * across[:, :, None]).sum(axis=1))


def fit_displacement(
    points: NDArray[np.float64],
    offsets: NDArray[np.float64],
    weights: NDArray[np.float64],
    size: tuple[float, float],
    tolerances: Sequence[float],
    intervals: int,
) -> tuple[Displacement, NDArray[np.float64]]:
    """Fit a displacement to the offsets of patches.

    Args:
        points: shape (N, 2): where they are.
        offsets: shape (N, 2): how far they are displaced to the right and down.
        weights: shape (N, 2): how much either is worth.
        size: (width, height) of the page, in the same unit.
        tolerances: distances at which a patch has lost three quarters of its weight, round by round.
        intervals: of the spline, along the longer side of the page.

    Returns:
        The displacement, and shape (N,), how far each patch is from where that has it, where its weights are large.
    """
    rows, columns = (max(round(intervals * side / max(size)), 2) + 3 for side in size[::-1])
    across = _spline_weights(points[:, 0] / size[0], columns)
    down = _spline_weights(points[:, 1] / size[1], rows)
    basis = (down[:, :, None] * across[:, None, :]).reshape(len(points), rows * columns)
    bending = _bending(rows, columns)
    # How much a patch is off is measured where it tells: across a rule, not along it.
    told = weights / np.maximum(weights.max(axis=1, keepdims=True), 1e-9)
    found = np.zeros((rows * columns, 2))
    for tolerance in tolerances:
        penalty = bending * (_BENDING_PENALTY * (tolerance / tolerances[-1]) ** _STIFFENING)
        errors = _errors(offsets - basis @ found, told)
        trust = 1 / (1 + (errors / tolerance) ** 2) ** 2
        found = np.stack(
            [_solve(basis, offsets[:, axis], weights[:, axis] * trust, penalty) for axis in (0, 1)], axis=1
        )
    return Displacement(found.reshape(rows, columns, 2), size), _errors(offsets - basis @ found, told)


def _errors(differences: NDArray[np.float64], told: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sqrt((told * differences**2).sum(axis=1)))


def _solve(
    basis: NDArray[np.float64], values: NDArray[np.float64], weights: NDArray[np.float64], penalty: NDArray[np.float64]
) -> NDArray[np.float64]:
    weighted = basis * weights[:, None]
    ridge = 1e-6 * np.eye(basis.shape[1])
    return np.asarray(np.linalg.solve(weighted.T @ basis + penalty + ridge, weighted.T @ values))


def _spline_weights(shares: NDArray[np.float64], coefficients: int) -> NDArray[np.float64]:
    """Weights of the coefficients of a uniform cubic B-spline at positions 0-1, shape (N, coefficients).

    Beyond either end the outermost piece goes on.
    """
    intervals = coefficients - 3
    position = shares * intervals
    piece = np.clip(np.floor(position).astype(np.int64), 0, intervals - 1)
    t = position - piece
    parts = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1) / 6
    weights = np.zeros((len(shares), coefficients))
    weights[np.arange(len(shares))[:, None], piece[:, None] + np.arange(4)] = parts
    return weights


@cache
def _bending(rows: int, columns: int) -> NDArray[np.float64]:
    """The quadratic form of the squared second differences of coefficients, in both directions and across them."""
    second_rows, second_columns = (np.diff(np.eye(count), 2, axis=0) for count in (rows, columns))
    first_rows, first_columns = (np.diff(np.eye(count), 1, axis=0) for count in (rows, columns))
    parts = (
        np.kron(second_rows, np.eye(columns)),
        np.kron(np.eye(rows), second_columns),
        np.sqrt(2) * np.kron(first_rows, first_columns),
    )
    return np.asarray(sum(part.T @ part for part in parts))
