"""Level the page that a form file is made from: its ruled lines horizontal and vertical, upright, without perspective.

The fields of a form are upright boxes, and its tables have level rows.  On a page that lies askew they would cut
through the lines of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.geometry.page_map import PageMap, identity_map, quadrilateral_map
from scanner.layout.line_segments import Direction
from scanner.layout.rules import find_rules
from scanner.options import PageOrCrop, ScanOptions
from scanner.preparation import isolate_page, orientation_judges, rectify_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.layout.line_segments import Rule
    from scanner.reading_models import Models
    from scanner.types import Image

_MIN_RULE_LENGTH_HEIGHTS = 8.0
"""Minimum length, character heights, of a rule whose slope counts: that of a shorter one is known to a pixel in a
hundred at best."""
_MAX_SLOPE = 0.05
"""Maximum slope of a rule that counts, after the page was rectified: others were drawn by a person."""
_MIN_RULES = 4
"""Minimum number of rules of one direction of which the slopes say how much they converge."""
_MIN_RULE_SPREAD_SHARE = 0.15
"""Minimum standard deviation of their positions, as a share of the page, for that."""
_MAX_OFFSET_HEIGHTS = 0.3
"""Maximum offset, character heights, of a corner of a page that is taken as it is: no field is missed by that."""

LEVEL_OPTIONS = ScanOptions(
    page_or_crop=PageOrCrop.PAGE, deskew=False, correct_orientation=False, correct_perspective=False
)
"""How a page is prepared that was levelled: its pixels are those of the form."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelPage:
    """A page with level lines."""

    image: Image
    """Shape (H, W, 3), uint8, BGR; white beyond the edges of the original."""
    page_map: PageMap
    """Map from the original."""

    @property
    def is_original(self) -> bool:
        """Whether the page was level as it is, so that ``image`` is the original."""
        return self.page_map.is_identity


def level_page(image: Image, models: Models) -> LevelPage:
    """Turn a page upright and make its lines level, if they are not.

    Args:
        image: shape (H, W, 3), uint8, BGR.
        models: tell which way up it is.
    """
    options = ScanOptions(page_or_crop=PageOrCrop.PAGE)
    isolated = isolate_page(image, options)
    rectified = rectify_page(isolated, orientation_judges(models), options)
    assert isinstance(rectified.page_map, PageMap), "a page is only bent where it is laid on a reference"
    rules = find_rules(rectified.ink).rules
    size = rectified.page_map.target_size
    page_map = rectified.page_map.then(squaring_map(size, rules, rectified.ink.character_height))
    height, width = image.shape[:2]
    if _corner_offset(page_map) <= _MAX_OFFSET_HEIGHTS * rectified.ink.character_height:
        return LevelPage(image, identity_map(width, height))
    # A map fills what is beyond the page with 0, which is black.
    inverted = np.asarray(cv2.bitwise_not(image), np.uint8)
    return LevelPage(np.asarray(cv2.bitwise_not(page_map.warp(inverted)), np.uint8), page_map)


def squaring_map(size: tuple[int, int], rules: Sequence[Rule], character_height: float) -> PageMap:
    """The map that makes rules horizontal and vertical which are nearly so: it undoes shear, and lines that converge.

    Args:
        size: (width, height) of the page, pixels.
        rules: its rules.
        character_height: pixels.
    """
    width, height = size
    slopes = {
        direction: _edge_slopes(
            [
                rule
                for rule in rules
                if rule.direction is direction
                and rule.length >= _MIN_RULE_LENGTH_HEIGHTS * character_height
                and abs(rule.slope) <= _MAX_SLOPE
            ],
            length,
        )
        for direction, length in ((Direction.HORIZONTAL, height), (Direction.VERTICAL, width))
    }
    if not any(slope for pair in slopes.values() for slope in pair):
        return identity_map(width, height)
    top, bottom = slopes[Direction.HORIZONTAL]
    left, right = slopes[Direction.VERTICAL]
    corners = [
        _meet((width / 2, y), across, (x, height / 2), down)
        for y, across, x, down in (
            (-0.5, top, -0.5, left),
            (-0.5, top, width - 0.5, right),
            (height - 0.5, bottom, width - 0.5, right),
            (height - 0.5, bottom, -0.5, left),
        )
    ]
    return quadrilateral_map(width, height, corners, size)


def _edge_slopes(rules: Sequence[Rule], length: float) -> tuple[float, float]:
    """Slopes of rules at both edges of the page, as a line through the slopes of all tells; 0 without rules."""
    if not rules:
        return 0.0, 0.0
    slopes = np.array([rule.slope for rule in rules])
    weights = np.array([rule.length for rule in rules])
    positions = np.array([rule.across_at((rule.begin + rule.end) / 2) for rule in rules])
    order = np.argsort(slopes)
    median = float(slopes[order][np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)])
    middle = float(np.average(positions, weights=weights))
    spread = float(np.sqrt(np.average((positions - middle) ** 2, weights=weights)))
    if len(rules) < _MIN_RULES or spread < _MIN_RULE_SPREAD_SHARE * length:
        return median, median
    convergence, level = np.polyfit(positions - middle, slopes, 1, w=np.sqrt(weights))
    first, last = (float(level + convergence * (edge - middle)) for edge in (0.0, length))
    if max(abs(first), abs(last)) > _MAX_SLOPE:
        return median, median
    return first, last


def _meet(
    across_at: tuple[float, float], across: float, down_at: tuple[float, float], down: float
) -> tuple[float, float]:
    """Where a nearly horizontal line meets a nearly vertical one, each given by a point and a slope about its axis."""
    (x1, y1), (x2, y2) = across_at, down_at
    # y = y1 + across * (x - x1) and x = x2 + down * (y - y2)
    y = (y1 + across * (x2 - down * y2 - x1)) / (1 - across * down)
    return x2 + down * (y - y2), y


def _corner_offset(page_map: PageMap) -> float:
    """Largest distance, pixels, by which a map moves a corner of the page."""
    width, height = page_map.original_size
    if page_map.target_size != page_map.original_size and page_map.magnification != 1:
        return float("inf")
    corners = np.array([[(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)]], np.float64)
    return float(np.abs(cv2.perspectiveTransform(corners, page_map.matrix) - corners).max())
