"""Run -> pieces that may be digits: a lattice of cuts, each piece to be read by the classifier.

Over-segmentation as in Matan, Burges, LeCun & Denker, "Multi-digit recognition
using a space displacement neural network" (NIPS 1992), and in bank cheque
readers since: every gap and every thin bridge is a possible cut, and what lies
between two of them is a hypothesis.  Which hypotheses are digits is decided in
:mod:`scanner.recognition.lattice_decoding`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import Components, cut_glyph
from scanner.types import Box, Glyph, Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.numbers.text_lines import TextLine
    from scanner.types import Image

_MAX_DIGIT_WIDTH_HEIGHTS = 1.5
"""A digit is at most this many heights wide."""
_MIN_DIGIT_WIDTH_HEIGHTS = 0.06
"""... and at least this many; a cut any closer to the next makes slivers."""
_MIN_CUTTABLE_WIDTH_HEIGHTS = 0.8
"""A component wider than this many heights may be two digits, and is offered cuts."""
_MAX_CUT_INTERVALS_PER_DIGIT = 4
"""A digit is broken or cut in at most this many pieces."""
_PROFILE_SMOOTHING_STROKES = 0.5
"""Profiles are smoothed over this many stroke widths before their valleys are looked for."""
_MAX_LINK_INK_STROKES = 2.2
"""A column with at most this many stroke widths of ink may be the link between two digits."""
_MIN_WAIST_DEPTH_HEIGHTS = 0.1
"""A valley this many heights deep in the height of the outline may be where two round digits lean together."""
_MIN_NESTED_OVERLAP_SHARE = 0.5
"""Two components of which one has this part of its width above or below the other are pieces of one digit."""
_MAX_GAP_OF_TALL_PARTS_HEIGHTS = 0.12
"""Pieces further apart than this many heights, both of a digit's height, are never one digit."""
_MAX_GAP_OF_BROKEN_DIGIT_HEIGHTS = 0.2
"""Pieces further apart than this many heights, of any size, are never one digit: a flying bar is nearer."""
_FULL_HEIGHT_SHARE = 0.6
"""A component of this part of the run's height can be a digit by itself."""
_MIN_COUNTED_HEIGHT_SHARE = 0.35
"""A component lower than this part of the run's height is a point, a speck or a detached bar, no part to count."""
_MAX_SLANT = 0.9
"""Slant taken out at most, dx/dy."""
_MIN_SLANT = 0.08
"""A run with less slant than this is left as it is."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One piece of a run, between two of its cuts."""

    start_cut: int
    """Index of the cut at its left."""
    end_cut: int
    """Index of the cut at its right."""
    glyph: Glyph
    """Its box is in pixels of the straightened page."""
    relative_height: float
    """Of its ink, in heights of the run."""
    component_count: int
    """Components it is made of, points and specks not counted; 1 for a piece cut out of a component."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """All pieces of a run that may be digits."""

    cut_count: int
    """Number of cuts, those at both ends counted."""
    hypotheses: tuple[Hypothesis, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _DeslantedLine:
    """A run with its slant taken out."""

    ink: Ink
    components: Components
    slant: float


def build_lattice(text_line: TextLine, ink_without_rules: Ink, components: Components) -> Lattice:
    """Cut a run in all the ways that may be right.

    Args:
        text_line: found among ``components``.
        ink_without_rules: of the straightened page, without rules.
        components: of ``ink.mask``.
    """
    upright = _deslant(text_line, ink_without_rules, components)
    cuts = _find_cuts(text_line, upright)
    # A cut between two components and one through touching digits differ in nothing from here on.
    hypotheses = [
        hypothesis
        for first in range(len(cuts) - 1)
        for last in range(first + 1, min(first + _MAX_CUT_INTERVALS_PER_DIGIT, len(cuts) - 1) + 1)
        if (hypothesis := _make_hypothesis(text_line, upright, cuts, first, last)) is not None
    ]
    return Lattice(len(cuts), tuple(hypotheses))


def _deslant(run: TextLine, ink: Ink, components: Components) -> _DeslantedLine:
    """The run alone, sheared so that its strokes stand."""
    box = run.box
    rows, columns = slice(box.y, box.bottom), slice(box.x, box.right)
    local = np.zeros(len(components) + 1, np.int32)
    local[np.array(run.component_indices) + 1] = np.arange(1, len(run.component_indices) + 1)
    labels = local[components.labels[rows, columns]]
    others = (components.labels[rows, columns] > 0) & (labels == 0)
    strength = np.where(others, np.uint8(0), ink.strength[rows, columns])
    slant = _estimate_slant(strength, run.character_height)
    if slant:
        # Nearest neighbour keeps labels labels; warpAffine takes no 32-bit integers, floats hold 16 million exactly.
        labels = _shear(labels.astype(np.float32), slant, cv2.INTER_NEAREST).astype(np.int32)
        strength = _shear(strength, slant, cv2.INTER_LINEAR).astype(np.uint8)
    areas = np.bincount(labels.ravel(), minlength=len(run.component_indices) + 1)[1:]
    boxes = _label_boxes(labels, len(run.component_indices))
    mask = (labels > 0).view(np.uint8) * np.uint8(255)
    return _DeslantedLine(
        Ink(strength, mask, ink.stroke_width), Components(labels, boxes, areas.astype(np.int32)), slant
    )


def _shear(image: NDArray[np.float32] | NDArray[np.uint8], slant: float, interpolation: int) -> NDArray[np.generic]:
    height, width = image.shape
    matrix = _shear_matrix(height, slant)
    return cv2.warpAffine(image, matrix, (width + _shear_extra_width(height, slant), height), flags=interpolation)


def _shear_extra_width(height: int, slant: float) -> int:
    return int(np.ceil(abs(slant) * (height - 1)))


def _shear_matrix(height: int, slant: float) -> NDArray[np.float64]:
    """Moves each row right the more, the lower it is (for a slant to the right)."""
    offset = -slant * (height - 1) if slant < 0 else 0.0
    return np.array([[1.0, slant, offset], [0.0, 1.0, 0.0]])


def _estimate_slant(strength: Image, height: float) -> float:
    """Slant of the run's upright strokes, dx/dy, positive leans right; 0.0 where it is too little to matter.

    The mean slope of the edges that are nearer upright than level, weighted by
    their contrast: round digits have as many edges leaning one way as the other.
    """
    # A single digit needs no shear: framing takes its slant out.
    if strength.shape[1] < _MAX_DIGIT_WIDTH_HEIGHTS * height:
        return 0.0
    dx = cv2.Sobel(strength, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(strength, cv2.CV_32F, 0, 1)
    upright = np.abs(dx) > np.abs(dy)
    weight = float(np.sum(dx[upright] ** 2))
    if weight == 0:
        return 0.0
    slant = float(np.sum((dx * dy)[upright])) / weight
    return 0.0 if abs(slant) < _MIN_SLANT else round(float(np.clip(slant, -_MAX_SLANT, _MAX_SLANT)), 2)


def _label_boxes(labels: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Boxes of the labels 1 to ``count`` in one pass, shape (count, 4): a patterned page has runs of thousands."""
    ys, xs = np.nonzero(labels)
    places = np.stack([xs, ys], axis=1)
    own = labels[ys, xs] - 1
    low = np.full((count, 2), max(labels.shape), np.int64)
    high = np.full((count, 2), -1, np.int64)
    np.minimum.at(low, own, places)
    np.maximum.at(high, own, places)
    # What the shear left nothing of is one pixel in the corner.
    low[high[:, 0] < 0] = 0
    return np.concatenate([low, np.maximum(high - low + 1, 1)], axis=1).astype(np.int32)


def _mask_box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    return x, y, max(width, 1), max(height, 1)


def _find_cuts(run: TextLine, upright: _DeslantedLine) -> list[int]:
    """Columns of the upright run at which a digit may begin or end."""
    boxes = upright.components.boxes
    order = np.argsort(boxes[:, 0] + boxes[:, 2] / 2, kind="stable")
    cuts = {0, upright.ink.mask.shape[1]}
    for left, right in itertools.pairwise(order):
        left_x, left_end = boxes[left, 0], boxes[left, 0] + boxes[left, 2]
        right_x, right_end = boxes[right, 0], boxes[right, 0] + boxes[right, 2]
        shared = min(left_end, right_end) - max(left_x, right_x)
        # A leaning 1 may reach far over its neighbour, but both are whole characters.
        both_tall = min(boxes[left, 3], boxes[right, 3]) >= _FULL_HEIGHT_SHARE * run.character_height
        if both_tall or shared < _MIN_NESTED_OVERLAP_SHARE * min(boxes[left, 2], boxes[right, 2]):
            cuts.add(int(left_end + right_x) // 2)
    for index in np.flatnonzero(boxes[:, 2] > _MIN_CUTTABLE_WIDTH_HEIGHTS * run.character_height):
        cuts |= {
            int(boxes[index, 0]) + column
            for column in _find_touching_columns(upright, int(index), run.character_height)
        }
    return _drop_close_cuts(sorted(cuts), _MIN_DIGIT_WIDTH_HEIGHTS * run.character_height)


def _find_touching_columns(upright: _DeslantedLine, index: int, height: float) -> list[int]:
    """Columns of a component, from its left edge, where two digits may touch."""
    x, y, width, rows = upright.components.boxes[index].tolist()
    own = upright.components.labels[y : y + rows, x : x + width] == index + 1
    stroke = max(upright.ink.stroke_width, 1.0)
    margin = max(round(2 * _MIN_DIGIT_WIDTH_HEIGHTS * height), 1)
    if width <= 2 * margin:
        return []
    ink = _smooth_profile(own.sum(axis=0), stroke)
    outline = _smooth_profile(rows - own[::-1].argmax(axis=0) - own.argmax(axis=0), stroke)
    thin = [column for column in _find_valleys(ink) if ink[column] <= _MAX_LINK_INK_STROKES * stroke]
    waists = [
        column
        for column in _find_valleys(outline)
        if _valley_depth(outline, column, height) >= _MIN_WAIST_DEPTH_HEIGHTS * height
    ]
    return sorted(column for column in {*thin, *waists} if margin <= column < width - margin)


def _smooth_profile(profile: NDArray[np.int64], stroke: float) -> NDArray[np.float32]:
    sigma = max(_PROFILE_SMOOTHING_STROKES * stroke, 0.5)
    return np.asarray(cv2.GaussianBlur(profile.astype(np.float32)[None], (0, 0), sigma)[0], np.float32)


def _find_valleys(profile: NDArray[np.float32]) -> list[int]:
    """Columns lower than those before and no higher than those behind, ends left out."""
    inner = np.arange(1, len(profile) - 1)
    lowest = (profile[inner] < profile[inner - 1]) & (profile[inner] <= profile[inner + 1])
    return [int(column) for column in inner[lowest]]


def _valley_depth(profile: NDArray[np.float32], column: int, height: float) -> float:
    """How far the profile rises on both sides within half a height of a column."""
    reach = max(round(height / 2), 1)
    left, right = profile[max(column - reach, 0) : column], profile[column + 1 : column + 1 + reach]
    return float(min(left.max(), right.max()) - profile[column])


def _drop_close_cuts(cuts: list[int], least: float) -> list[int]:
    """Of cuts closer than ``least`` keep one; the first and the last always stay."""
    kept = cuts[:1]
    for cut in cuts[1:-1]:
        if cut - kept[-1] >= least and cuts[-1] - cut >= least:
            kept.append(cut)
    return kept + cuts[-1:]


def _make_hypothesis(
    run: TextLine, upright: _DeslantedLine, cuts: list[int], first: int, last: int
) -> Hypothesis | None:
    """The piece between two cuts; None if it is empty or cannot be one digit."""
    window = Box(cuts[first], 0, cuts[last] - cuts[first], upright.ink.mask.shape[0])
    several = last > first + 1
    if several and _spans_two_digits(run, upright, window):
        return None
    glyph = cut_glyph(upright.ink, upright.components, window)
    if not glyph.strength.any():
        return None
    x, y, width, height = _mask_box(glyph.strength > 0)
    # The ink counts, not the window: in a comb the cuts lie half-way to the neighbours.
    if several and width > _MAX_DIGIT_WIDTH_HEIGHTS * run.character_height:
        return None
    strength = glyph.strength[y : y + height, x : x + width]
    if several and _widest_gap(strength) > _MAX_GAP_OF_BROKEN_DIGIT_HEIGHTS * run.character_height:
        return None
    page_box = _to_page_box(run, upright, Box(window.x + x, y, width, height), strength)
    parts = _count_components(run, upright, window)
    return Hypothesis(first, last, Glyph(page_box, strength), height / run.character_height, parts)


def _widest_gap(strength: Image) -> int:
    """Columns without ink between two with, at most."""
    inked = np.flatnonzero(strength.any(axis=0))
    return int(np.diff(inked).max(initial=1)) - 1


def _count_components(run: TextLine, upright: _DeslantedLine, window: Box) -> int:
    x, _, width, height = upright.components.boxes.T
    middle = x + width / 2
    inside = (
        (middle >= window.x) & (middle < window.right) & (height >= _MIN_COUNTED_HEIGHT_SHARE * run.character_height)
    )
    return max(int(inside.sum()), 1)


def _spans_two_digits(run: TextLine, upright: _DeslantedLine, window: Box) -> bool:
    """Whether two components, each as tall as a digit and clearly apart, lie in the window."""
    x, _, width, height = upright.components.boxes.T
    inside = (
        (x + width / 2 >= window.x)
        & (x + width / 2 < window.right)
        & (height >= _FULL_HEIGHT_SHARE * run.character_height)
    )
    if inside.sum() < 2:
        return False
    order = np.argsort(x[inside])
    left, right = x[inside][order], (x + width)[inside][order]
    return bool(
        np.any(left[1:] - np.maximum.accumulate(right)[:-1] > _MAX_GAP_OF_TALL_PARTS_HEIGHTS * run.character_height)
    )


def _to_page_box(run: TextLine, upright: _DeslantedLine, box: Box, strength: NDArray[np.uint8]) -> Box:
    """The box around upright ink, back on the slanted page."""
    ys, xs = np.nonzero(strength)
    height = upright.ink.mask.shape[0]
    offset = -upright.slant * (height - 1) if upright.slant < 0 else 0.0
    columns = box.x + xs - upright.slant * (box.y + ys) - offset
    x1 = int(np.clip(np.floor(columns.min()), 0, run.box.width - 1))
    x2 = int(np.clip(np.ceil(columns.max()), x1, run.box.width - 1))
    return Box(run.box.x + x1, run.box.y + box.y, x2 - x1 + 1, box.height)
