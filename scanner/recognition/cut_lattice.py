"""Cut a text line into hypotheses of digits, which form a lattice.

Touching digits cannot be separated before they are recognized.  So every gap and every thin bridge is a possible cut,
and the ink between two cuts, near or further apart, is a hypothesis that the digit classifier reads (over-segmentation,
as in Matan, Burges, LeCun & Denker, "Multi-digit recognition using a space displacement neural network", NIPS 1992, and
in cheque readers since).  :mod:`scanner.recognition.lattice_decoding` decides which hypotheses are digits.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import Components, cut_glyph
from scanner.numbers.text_lines import MIN_CHARACTER_PART_HEIGHT_SHARE, MIN_WHOLE_CHARACTER_HEIGHT_SHARE
from scanner.types import Box, Glyph, Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.image.measured_ink import MeasuredInk
    from scanner.numbers.text_lines import TextLine
    from scanner.types import Image

_MAX_DIGIT_WIDTH_HEIGHTS = 1.5
"""Maximum width of a digit, in character heights of the text line."""
_MIN_DIGIT_WIDTH_HEIGHTS = 0.06
"""Minimum distance between cuts, in character heights of the text line.  Closer cuts make slivers."""
_MIN_CUTTABLE_WIDTH_HEIGHTS = 0.8
"""Minimum width of a component that may be two touching digits, in character heights of the text line."""
_MAX_CUT_INTERVALS_PER_DIGIT = 4
"""Maximum number of cut intervals that a hypothesis spans: a digit is broken or cut into at most this many parts."""
_PROFILE_SMOOTHING_STROKES = 0.5
"""Standard deviation of the Gaussian that smooths a profile before its valleys are found, stroke widths."""
_MAX_LINK_INK_STROKES = 2.2
"""Maximum ink in a column that may be the link between two digits, stroke widths."""
_MIN_WAIST_DEPTH_HEIGHTS = 0.1
"""Minimum depth of a valley in the outline's height where two round digits may lean together, in character heights."""
_MIN_NESTED_OVERLAP_SHARE = 0.5
"""Minimum horizontal overlap of two components that are parts of one digit, as a share of the narrower one's width."""
_MAX_GAP_OF_TALL_PARTS_HEIGHTS = 0.12
"""Maximum gap between parts of one digit that are both as tall as a digit, in character heights of the text line."""
_MAX_GAP_OF_BROKEN_DIGIT_HEIGHTS = 0.2
"""Maximum gap between parts of one digit of any size, in character heights of the text line.  The detached bar of a 5
is nearer."""
_MAX_SLANT = 0.9
"""Maximum slant that is removed, dx/dy."""
_MIN_SLANT = 0.08
"""Minimum slant that is removed, dx/dy."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The ink between two cuts of a text line, which may be a digit."""

    start_cut: int
    """Index of the cut at its left."""
    end_cut: int
    """Index of the cut at its right."""
    glyph: Glyph
    """Its ink, deslanted; the box is in pixels of the rectified page, slanted as it is there."""
    relative_height: float
    """Height of its ink, in character heights of the text line."""
    component_count: int
    """Number of its components, points and specks left out; at least 1, also for a part of a component."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """All hypotheses of a text line."""

    cut_count: int
    """Number of cuts, including those at both ends."""
    hypotheses: tuple[Hypothesis, ...]
    """Sorted by their first cut, then by their last."""


@dataclass(frozen=True, slots=True, eq=False)
class _DeslantedLine:
    """The ink of a text line, without any other, sheared so that its strokes are vertical."""

    ink: Ink
    components: Components
    slant: float
    """Slant that was removed, dx/dy; positive leans right."""


def build_lattice(text_line: TextLine, ink: MeasuredInk) -> Lattice:
    """Build the lattice of a text line.

    Args:
        text_line: text line of the page.
        ink: ink of the rectified page without rules, with the components that the line is made of.
    """
    if not text_line.component_indices:
        return Lattice(1, ())
    deslanted = _deslant(text_line, ink)
    cuts = _find_cuts(text_line, deslanted)
    # From here on a cut between two components is no different from one through touching digits.
    hypotheses = [
        hypothesis
        for first in range(len(cuts) - 1)
        for last in range(first + 1, min(first + _MAX_CUT_INTERVALS_PER_DIGIT, len(cuts) - 1) + 1)
        if (hypothesis := _make_hypothesis(text_line, deslanted, cuts, first, last)) is not None
    ]
    return Lattice(len(cuts), tuple(hypotheses))


def _deslant(line: TextLine, ink: MeasuredInk) -> _DeslantedLine:
    """Cut out the ink of a text line and remove its slant."""
    box = line.box
    rows, columns, components = slice(box.y, box.bottom), slice(box.x, box.right), ink.components
    local = np.zeros(len(components) + 1, np.int32)
    local[np.array(line.component_indices, np.int64) + 1] = np.arange(1, len(line.component_indices) + 1)
    labels = local[components.labels[rows, columns]]
    others = (components.labels[rows, columns] > 0) & (labels == 0)
    strength = np.where(others, np.uint8(0), ink.strength[rows, columns])
    slant = _estimate_slant(strength, line.character_height)
    if slant:
        # Nearest-neighbour interpolation does not mix labels.  warpAffine takes no 32-bit integers; floats hold whole
        # numbers up to 16 million exactly.
        labels = _shear(labels.astype(np.float32), slant, cv2.INTER_NEAREST).astype(np.int32)
        strength = _shear(strength, slant, cv2.INTER_LINEAR).astype(np.uint8)
    areas = np.bincount(labels.ravel(), minlength=len(line.component_indices) + 1)[1:]
    boxes = _label_boxes(labels, len(line.component_indices))
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
    """Affine map that removes a slant: for one to the right, the lower a row, the further right it moves."""
    return np.array([[1.0, slant, _shear_offset(height, slant)], [0.0, 1.0, 0.0]])


def _shear_offset(height: int, slant: float) -> float:
    """Columns that all rows move right, so that none ends up left of column 0."""
    return -slant * (height - 1) if slant < 0 else 0.0


def _estimate_slant(strength: Image, height: float) -> float:
    """Estimate the slant of the vertical strokes, dx/dy; positive leans right; 0.0 if too small to matter.

    It is the mean slope of the edges that are closer to vertical than to level, weighted by contrast.  Round digits do
    not bias it: they have as many edges leaning one way as the other.
    """
    # A single digit needs no shear, since framing removes its slant.
    if strength.shape[1] < _MAX_DIGIT_WIDTH_HEIGHTS * height:
        return 0.0
    dx = cv2.Sobel(strength, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(strength, cv2.CV_32F, 0, 1)
    is_steep = np.abs(dx) > np.abs(dy)
    weight = float(np.sum(dx[is_steep] ** 2))
    if weight == 0:
        return 0.0
    slant = float(np.sum((dx * dy)[is_steep])) / weight
    return 0.0 if abs(slant) < _MIN_SLANT else round(float(np.clip(slant, -_MAX_SLANT, _MAX_SLANT)), 2)


def _label_boxes(labels: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Boxes of the labels 1 to ``count``, shape (count, 4); in one pass, since a patterned page has thousands."""
    ys, xs = np.nonzero(labels)
    points = np.stack([xs, ys], axis=1)
    indices = labels[ys, xs] - 1
    low = np.full((count, 2), max(labels.shape), np.int64)
    high = np.full((count, 2), -1, np.int64)
    np.minimum.at(low, indices, points)
    np.maximum.at(high, indices, points)
    # A label that vanished in the shear gets one pixel in the corner.
    low[high[:, 0] < 0] = 0
    return np.concatenate([low, np.maximum(high - low + 1, 1)], axis=1).astype(np.int32)


def _mask_box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    return x, y, max(width, 1), max(height, 1)


def _find_cuts(line: TextLine, deslanted: _DeslantedLine) -> list[int]:
    """Columns of the deslanted line at which a digit may begin or end."""
    boxes = deslanted.components.boxes
    order = np.argsort(boxes[:, 0] + boxes[:, 2] / 2, kind="stable")
    cuts = {0, deslanted.ink.mask.shape[1]}
    for left, right in itertools.pairwise(order):
        left_x, left_end = boxes[left, 0], boxes[left, 0] + boxes[left, 2]
        right_x, right_end = boxes[right, 0], boxes[right, 0] + boxes[right, 2]
        shared = min(left_end, right_end) - max(left_x, right_x)
        # A leaning 1 may reach far over its neighbour, but both are whole characters.
        both_tall = min(boxes[left, 3], boxes[right, 3]) >= MIN_WHOLE_CHARACTER_HEIGHT_SHARE * line.character_height
        if both_tall or shared < _MIN_NESTED_OVERLAP_SHARE * min(boxes[left, 2], boxes[right, 2]):
            cuts.add(int(left_end + right_x) // 2)
    for index in np.flatnonzero(boxes[:, 2] > _MIN_CUTTABLE_WIDTH_HEIGHTS * line.character_height):
        columns = _find_touching_columns(deslanted, int(index), line.character_height)
        cuts |= {int(boxes[index, 0]) + column for column in columns}
    return _drop_close_cuts(sorted(cuts), _MIN_DIGIT_WIDTH_HEIGHTS * line.character_height)


def _find_touching_columns(deslanted: _DeslantedLine, index: int, character_height: float) -> list[int]:
    """Columns of a component, counted from its left edge, where two digits may touch."""
    x, y, width, height = deslanted.components.boxes[index].tolist()
    own = deslanted.components.labels[y : y + height, x : x + width] == index + 1
    stroke = max(deslanted.ink.stroke_width, 1.0)
    margin = max(round(2 * _MIN_DIGIT_WIDTH_HEIGHTS * character_height), 1)
    if width <= 2 * margin:
        return []
    ink = _smooth_profile(own.sum(axis=0), stroke)
    outline = _smooth_profile(height - own[::-1].argmax(axis=0) - own.argmax(axis=0), stroke)
    thin = [column for column in _find_valleys(ink) if ink[column] <= _MAX_LINK_INK_STROKES * stroke]
    waists = [
        column
        for column in _find_valleys(outline)
        if _valley_depth(outline, column, character_height) >= _MIN_WAIST_DEPTH_HEIGHTS * character_height
    ]
    return sorted(column for column in {*thin, *waists} if margin <= column < width - margin)


def _smooth_profile(profile: NDArray[np.int64], stroke: float) -> NDArray[np.float32]:
    sigma = max(_PROFILE_SMOOTHING_STROKES * stroke, 0.5)
    return np.asarray(cv2.GaussianBlur(profile.astype(np.float32)[None], (0, 0), sigma)[0], np.float32)


def _find_valleys(profile: NDArray[np.float32]) -> list[int]:
    """Columns where a profile is lower than just before and no higher than just after, ends left out."""
    inner = np.arange(1, len(profile) - 1)
    is_valley = (profile[inner] < profile[inner - 1]) & (profile[inner] <= profile[inner + 1])
    return [int(column) for column in inner[is_valley]]


def _valley_depth(profile: NDArray[np.float32], column: int, character_height: float) -> float:
    """How far the profile rises on both sides, within half a character height of a column."""
    reach = max(round(character_height / 2), 1)
    left, right = profile[max(column - reach, 0) : column], profile[column + 1 : column + 1 + reach]
    return float(min(left.max(), right.max()) - profile[column])


def _drop_close_cuts(cuts: list[int], min_distance: float) -> list[int]:
    """Drop all but one of cuts that are too close together; the first and the last are always kept."""
    kept = cuts[:1]
    for cut in cuts[1:-1]:
        if cut - kept[-1] >= min_distance and cuts[-1] - cut >= min_distance:
            kept.append(cut)
    return kept + cuts[-1:]


def _make_hypothesis(
    line: TextLine, deslanted: _DeslantedLine, cuts: list[int], first: int, last: int
) -> Hypothesis | None:
    """Make the hypothesis between two cuts; None if there is no ink or it cannot be a single digit."""
    window = Box(cuts[first], 0, cuts[last] - cuts[first], deslanted.ink.mask.shape[0])
    spans_several = last > first + 1
    if spans_several and _holds_two_digits(line, deslanted, window):
        return None
    glyph = cut_glyph(deslanted.ink, deslanted.components, window)
    if not glyph.strength.any():
        return None
    x, y, width, height = _mask_box(glyph.strength > 0)
    # The width of the ink counts, not that of the window: between wide gaps the cuts lie half-way to the neighbours.
    if spans_several and width > _MAX_DIGIT_WIDTH_HEIGHTS * line.character_height:
        return None
    strength = glyph.strength[y : y + height, x : x + width]
    if spans_several and _widest_gap(strength) > _MAX_GAP_OF_BROKEN_DIGIT_HEIGHTS * line.character_height:
        return None
    page_box = _to_page_box(line, deslanted, Box(window.x + x, y, width, height), strength)
    component_count = _count_components(line, deslanted, window)
    return Hypothesis(first, last, Glyph(page_box, strength), height / line.character_height, component_count)


def _widest_gap(strength: Image) -> int:
    """Width of the widest gap in the ink, pixels."""
    inked = np.flatnonzero(strength.any(axis=0))
    return int(np.diff(inked).max(initial=1)) - 1


def _components_in_window(deslanted: _DeslantedLine, window: Box, min_height: float) -> NDArray[np.bool_]:
    """Which components are high enough and have their middle in the window."""
    x, _, width, height = deslanted.components.boxes.T
    middle = x + width / 2
    inside: NDArray[np.bool_] = (middle >= window.x) & (middle < window.right) & (height >= min_height)
    return inside


def _count_components(line: TextLine, deslanted: _DeslantedLine, window: Box) -> int:
    inside = _components_in_window(deslanted, window, MIN_CHARACTER_PART_HEIGHT_SHARE * line.character_height)
    return max(int(inside.sum()), 1)


def _holds_two_digits(line: TextLine, deslanted: _DeslantedLine, window: Box) -> bool:
    """Whether there are two components in the window, each as tall as a digit and clearly apart."""
    inside = _components_in_window(deslanted, window, MIN_WHOLE_CHARACTER_HEIGHT_SHARE * line.character_height)
    if inside.sum() < 2:
        return False
    x, _, width, _ = deslanted.components.boxes[inside].T
    order = np.argsort(x)
    left, right = x[order], (x + width)[order]
    return bool(
        np.any(left[1:] - np.maximum.accumulate(right)[:-1] > _MAX_GAP_OF_TALL_PARTS_HEIGHTS * line.character_height)
    )


def _to_page_box(line: TextLine, deslanted: _DeslantedLine, box: Box, strength: NDArray[np.uint8]) -> Box:
    """Box around the same ink on the rectified page, where it is slanted."""
    ys, xs = np.nonzero(strength)
    offset = _shear_offset(deslanted.ink.mask.shape[0], deslanted.slant)
    columns = box.x + xs - deslanted.slant * (box.y + ys) - offset
    x1 = int(np.clip(np.floor(columns.min()), 0, line.box.width - 1))
    x2 = int(np.clip(np.ceil(columns.max()), x1, line.box.width - 1))
    return Box(line.box.x + x1, line.box.y + box.y, x2 - x1 + 1, box.height)
