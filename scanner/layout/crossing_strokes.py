"""Strokes that cross ruled lines: the pixels they share with the rules stay when the rules are removed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import find_sparse_components
from scanner.layout.line_segments import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.image.components import SparseComponents
    from scanner.layout.line_segments import Rule
    from scanner.types import Image

RAGGED_EDGE_PIXELS = 1.6
"""Pixels by which a rule's edge may stand out from its mean thickness.  A choice."""
_STEEP_STROKE_TANGENTS = (0.0, 0.5)
"""Slants of most strokes that cross a rule, to either side, as tangents: 0 is perpendicular to the rule.  A choice."""
_FLAT_STROKE_TANGENTS = (1.0, 2.0)
"""Slants of the flatter strokes that cross a rule, to either side, as tangents.  A choice."""


def find_crossing_strokes(
    rules: Sequence[Rule], lines: Image, mask: Image, candidates: Image
) -> tuple[Image, SparseComponents]:
    """Find the pixels of rules that belong to strokes across them, which have ink on both sides.

    The two sides are joined in the directions in which strokes run, steep ones first: a slanted stroke leaves the rule
    further along than it entered it.  Flat ones only join what is still separate, or the loops of an 8 would be filled.

    Args:
        rules: rules of the page.
        lines: pixels of the rules, shape (H, W), 255 or 0.
        mask: ink of the page, shape (H, W), 255 or 0.
        candidates: the part of ``mask`` that was searched for rules.

    Returns:
        The pixels of rules that strokes share, shape (H, W), 255 or 0; and the components of the ink between the rules,
        those pixels included.
    """
    rest = np.asarray(cv2.subtract(mask, lines), np.uint8)
    crossing = np.zeros_like(mask)
    for rule in rules:
        window = _rule_window(rule)
        crossing[window] |= _close_across_rule(rest[window], rule, _STEEP_STROKE_TANGENTS) & lines[window]
    # Whatever touches a rule is among the candidates, as the rule is.
    rest_of_candidates = (rest & candidates) | crossing
    whole = find_sparse_components(rest_of_candidates)
    labels = whole.label_image(mask.shape)
    joined = False
    for rule in rules:
        window = _rule_window(rule)
        flat = _close_across_rule(rest[window], rule, _FLAT_STROKE_TANGENTS) & lines[window] & ~crossing[window]
        if flat.any():
            bridges = find_sparse_components(flat)
            linking = _touches_two_components(bridges, labels[window])
            bridges.draw(linking, crossing[window])
            joined |= bool(linking.any())
    return crossing, find_sparse_components(rest_of_candidates | crossing) if joined else whole


def _rule_window(rule: Rule) -> tuple[slice, slice]:
    (x1, y1), (x2, y2) = rule.endpoints
    left, top, right, bottom = (round(v) for v in (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))
    margin = round(max(_FLAT_STROKE_TANGENTS) * _crossing_reach(rule)) + 1
    return slice(max(top - margin, 0), bottom + margin), slice(max(left - margin, 0), right + margin)


def _crossing_reach(rule: Rule) -> int:
    """Maximum distance, pixels, from the ink on one side of a rule to the ink on the other."""
    return round(rule.thickness + 2 * RAGGED_EDGE_PIXELS) + 3


def _close_across_rule(rest: Image, rule: Rule, tangents: Sequence[float]) -> Image:
    """Fill the pixels between the ink on either side of a rule, in directions with these slants to either side."""
    turned = rest if rule.direction is Direction.HORIZONTAL else rest.T
    height = _crossing_reach(rule)
    margin = round(max(tangents) * height) + 1
    # Nothing is joined where there is no ink, as along most of a rule.
    inked = np.asarray(turned.any(axis=0), np.uint8)[None]
    columns = np.flatnonzero(cv2.dilate(inked, np.ones((1, 2 * margin + 1), np.uint8)))
    near = np.ascontiguousarray(turned[:, columns])
    closed = np.zeros_like(near)
    for tangent in tangents if columns.size else ():
        reach = round(tangent * height)
        stroke = cv2.line(np.zeros((height, reach + 1), np.uint8), (0, 0), (reach, height - 1), 1)
        for kernel in (stroke, np.ascontiguousarray(stroke[:, ::-1])) if reach else (stroke,):
            closed |= cv2.morphologyEx(near, cv2.MORPH_CLOSE, kernel).astype(np.uint8)
    filled = np.zeros_like(turned)
    filled[:, columns] = closed
    return filled if rule.direction is Direction.HORIZONTAL else filled.T


def _touches_two_components(bridges: SparseComponents, labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which bridges touch two different components, whose labels are given; shape (N,)."""
    bottom, right = np.array(labels.shape) - 1
    pairs = np.unique(
        np.concatenate(
            [
                np.stack(
                    [
                        bridges.component_of_pixel,
                        labels[(bridges.rows + y).clip(0, bottom), (bridges.columns + x).clip(0, right)],
                    ]
                )
                for y, x in itertools.product((-1, 0, 1), repeat=2)
            ],
            axis=1,
        ),
        axis=1,
    )
    return np.bincount(pairs[0, pairs[1] > 0], minlength=len(bridges)) > 1
