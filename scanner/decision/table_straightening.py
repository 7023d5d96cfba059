"""Straighten the rows, or the columns, of a bent table: how far its lines lie from where they would lie if even.

The displacement is a polynomial of low degree, fitted to pairs of places on one line: the ends of a ruled line, and
numbers next to each other.  Some pairs are wrong, so the fit is a robust one: iteratively reweighted least squares with
the biweight of Beaton and Tukey, "The fitting of power series, meaning polynomials, illustrated on band-spectroscopic
data", Technometrics, 1974.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EXPONENTS = ((1, 0), (2, 0), (1, 1), (3, 0), (2, 1), (1, 2))
"""Exponents, along and across, of the terms of the displacement, from the most to the least needed: lean, bow,
fan, and their changes across.  A choice: a sheet bends in one sweep or two."""
_MIN_PAIRS_PER_TERM = 4
"""Minimum number of pairs per term: with fewer, the polynomial has fewer terms.  A choice."""
_BIWEIGHT_SCALES = 4.685
"""Residual, in robust standard deviations, from which a pair counts nothing: 95 % efficiency for normal errors."""
_MAD_TO_SIGMA = 1.4826
"""Standard deviation of a normal distribution relative to its median absolute deviation."""
_FITTING_ROUNDS = 8
"""Number of times the fit is repeated with new weights.  A choice: it has settled by then."""
_RIDGE = 1e-3
"""Penalty on the coefficients, relative to the weight of all pairs: where there is no evidence, lines are even."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of places on one line, in (along, across)."""

    first: NDArray[np.float64]
    """Shape (N, 2)."""
    second: NDArray[np.float64]
    """Shape (N, 2)."""
    sigma: NDArray[np.float64]
    """Standard deviation of their difference across, shape (N,), pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Displacement:
    """How far the lines of a table lie from where they would lie if they were even."""

    coefficients: NDArray[np.float64]
    """One per term."""
    origin: NDArray[np.float64]
    """(along, across) of the middle of the table, pixels."""
    scale: float
    """Unit of the coordinates in the polynomial, pixels."""

    def straighten(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions across of some places if the lines were even.

        Args:
            points: shape (N, 2), (along, across), pixels.

        Returns:
            Shape (N,), pixels.
        """
        return np.asarray(points[:, 1] - _terms(self, points) @ self.coefficients, np.float64)


def even_lines(points: NDArray[np.float64]) -> Displacement:
    """No displacement, for a table around some places, shape (N, 2), (along, across), at least one."""
    low, high = points.min(axis=0), points.max(axis=0)
    return Displacement(np.zeros(len(_EXPONENTS)), (low + high) / 2, max(float((high - low).max()) / 2, 1.0))


def fit_displacement(pairs: Pairs, start: Displacement) -> Displacement:
    """Fit the displacement to pairs of places on one line.

    Args:
        pairs: pairs, some of them wrong.
        start: any displacement of the table; its origin and scale are kept.

    Returns:
        The displacement; ``start`` if there are too few pairs.
    """
    count = min(len(pairs.sigma) // _MIN_PAIRS_PER_TERM, len(_EXPONENTS))
    if not count:
        return start
    rise = (_terms(start, pairs.second) - _terms(start, pairs.first))[:, :count]
    difference = pairs.second[:, 1] - pairs.first[:, 1]
    base = 1 / pairs.sigma**2
    weights: NDArray[np.float64] = base
    coefficients: NDArray[np.float64] = np.zeros(count)
    for _ in range(_FITTING_ROUNDS):
        normal = rise.T @ (rise * weights[:, None])
        # The second keeps the matrix regular where all pairs are of one place.
        penalty = _RIDGE * float(np.trace(normal)) / count * np.eye(count)
        solved = np.linalg.solve(normal + penalty + 1e-12 * np.eye(count), rise.T @ (weights * difference))
        coefficients = np.asarray(solved, np.float64)
        residuals = np.abs(difference - rise @ coefficients) / pairs.sigma
        spread = max(_MAD_TO_SIGMA * float(np.median(residuals)), 1.0)
        weights = base * np.clip(1 - (residuals / (_BIWEIGHT_SCALES * spread)) ** 2, 0, None) ** 2
    padded = np.zeros(len(_EXPONENTS))
    padded[:count] = coefficients
    return Displacement(padded, start.origin, start.scale)


def _terms(displacement: Displacement, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The terms at some places, shape (N, terms), pixels."""
    along, across = ((points - displacement.origin) / displacement.scale).T
    return np.stack([displacement.scale * along**i * across**j for i, j in _EXPONENTS], axis=1)
