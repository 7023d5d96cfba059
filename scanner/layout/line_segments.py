"""Straight line segments: the horizontal and vertical rules that components of ink may be."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.image.components import SparseComponents

_MAX_WAVER_SIGMA_PIXELS = 0.7
"""Maximum standard deviation, pixels, of the middle of a ruled line about a straight line.  A choice."""
MAX_BOW_LENGTH_SHARE = 0.002
"""Maximum bow of a long rule, as a share of its length, on top of its wavering: pen strokes bend more.  A choice."""
_CLIPPING_ROUNDS = 3
"""Number of times a line is fitted again without outliers.  A choice."""
_CLIPPING_SIGMAS = 2.0
"""Outliers, which are strokes that run into the line, lie more than this many standard deviations and half a pixel off
it.  All of a solid bar lies within 1.73 standard deviations."""
_MIN_INLIER_SHARE = 0.6
"""Minimum share of a rule's pixels that are no outliers.  A choice."""
MAX_JUNCTION_GAP_PIXELS = 2.0
"""Maximum distance, pixels, between the edge of a rule and the end of one that leads to it: a pen misses it by more.
A choice."""


class Direction(enum.Enum):
    """Direction of a rule on the rectified page, give or take a few degrees."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight ruled line, in pixels of the rectified page.

    "Along" is x for a horizontal rule and y for a vertical one; "across" is the other coordinate.
    """

    direction: Direction
    begin: float
    """Its beginning, along."""
    end: float
    """Its end, along; greater than ``begin``."""
    across_at_begin: float
    """Its middle at its beginning, across."""
    across_at_end: float
    """Its middle at its end, across."""
    thickness: float

    @property
    def length(self) -> float:
        """Length along, pixels."""
        return self.end - self.begin

    @property
    def slope(self) -> float:
        """Slope, across per along: 0 is exactly horizontal or vertical."""
        return (self.across_at_end - self.across_at_begin) / self.length

    def across_at(self, along: float) -> float:
        """Middle of the rule, or of its continuation, across, at a coordinate along it."""
        return self.across_at_begin + self.slope * (along - self.begin)

    @property
    def endpoints(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Its ends as (x, y)."""
        if self.direction is Direction.HORIZONTAL:
            return (self.begin, self.across_at_begin), (self.end, self.across_at_end)
        return (self.across_at_begin, self.begin), (self.across_at_end, self.end)


@dataclass(frozen=True, slots=True)
class Segment:
    """A rule and the components of ink it was put together from."""

    rule: Rule
    component_indices: tuple[int, ...]
    """Indices of components of the mask of lines."""
    is_single_component: bool = True
    """Whether its ink is one whole component, without gaps or extensions."""


def fit_segments(components: SparseComponents, direction: Direction, first_index: int = 0) -> tuple[Segment, ...]:
    """Fit a straight line to each component by least squares, leaving out the strokes that run into it.

    Args:
        components: components of a mask of lines of one direction.
        direction: direction of those lines.
        first_index: index by which the segments refer to the first component.

    Returns:
        A segment for each straight component, sorted by their beginnings.
    """
    if not len(components):
        return ()
    own = components.component_of_pixel
    u, v = (
        (components.columns, components.rows)
        if direction is Direction.HORIZONTAL
        else (components.rows, components.columns)
    )
    fits = _fit_lines(own, u, v, len(components))
    for _ in range(_CLIPPING_ROUNDS):
        distance = np.abs(v - fits.v_at(u, own))
        near = distance <= (_CLIPPING_SIGMAS * np.sqrt(fits.variance) + 0.5)[own]
        clipped = np.bincount(own[~near], minlength=len(components)) > 0
        # A component without outliers will have none in the next round either: most are like that.
        near &= clipped[own]
        own, u, v = own[near], u[near], v[near]
        fits = fits.replace_chosen(clipped, _fit_lines(own, u, v, len(components)))
    side = 0 if direction is Direction.HORIZONTAL else 1
    begin = components.boxes[:, side].astype(float)
    length = components.boxes[:, 2 + side].astype(float)
    thickness = fits.count / length
    # Variance of a straight bar of this thickness, and of rounding to whole pixels.
    least = (thickness**2 + 1) / 12
    straight = fits.variance <= least + (_MAX_WAVER_SIGMA_PIXELS + MAX_BOW_LENGTH_SHARE * length) ** 2
    straight &= fits.count >= _MIN_INLIER_SHARE * components.areas
    every = np.arange(len(components))
    lines = [begin, begin + length, fits.v_at(begin, every), fits.v_at(begin + length, every), thickness]
    chosen = np.flatnonzero(straight)
    return sort_by_begin(
        Segment(Rule(direction, *line), (first_index + index,))
        for index, line in zip(chosen.tolist(), np.stack(lines, axis=1)[chosen].tolist(), strict=True)
    )


def sort_by_begin(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Sort segments by where they begin."""
    return tuple(sorted(segments, key=lambda segment: segment.rule.begin))


def rules_as_array(rules: Sequence[Rule]) -> NDArray[np.float64]:
    """Rules as an array, shape (5, N): ``begin``, ``end``, ``across_at_begin``, ``slope`` and ``thickness`` of each."""
    return np.array([(r.begin, r.end, r.across_at_begin, r.slope, r.thickness) for r in rules], np.float64).T


@dataclass(frozen=True, slots=True, eq=False)
class _LineFits:
    """Least-squares fits v = mean_v + slope * (u - mean_u), one per component, shape (N,) each."""

    count: NDArray[np.float64]
    mean_u: NDArray[np.float64]
    mean_v: NDArray[np.float64]
    slope: NDArray[np.float64]
    variance: NDArray[np.float64]
    """Variance about the line."""

    def v_at(self, u: NDArray[np.generic], own: NDArray[np.generic]) -> NDArray[np.float64]:
        """The line of component ``own`` at ``u``."""
        return np.asarray(self.mean_v[own] + self.slope[own] * (u - self.mean_u[own]), np.float64)

    def replace_chosen(self, chosen: NDArray[np.bool_], other: _LineFits) -> _LineFits:
        """These fits, with those of the chosen components from another."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__slots__)
        return _LineFits(*(np.where(chosen, new, old) for old, new in pairs))


def _fit_lines(own: NDArray[np.int64], u: NDArray[np.int64], v: NDArray[np.int64], components: int) -> _LineFits:
    count = np.maximum(np.bincount(own, minlength=components), 1).astype(float)
    mean_u, mean_v = (np.bincount(own, axis, components) / count for axis in (u, v))
    du, dv = u - mean_u[own], v - mean_v[own]
    uu, uv, vv = (np.bincount(own, product, components) / count for product in (du * du, du * dv, dv * dv))
    slope = uv / np.maximum(uu, 1e-9)
    return _LineFits(count, mean_u, mean_v, slope, np.maximum(vv - slope * uv, 0.0))
