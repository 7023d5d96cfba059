"""Score the evidence that a number is crossed out.

A strikethrough continues where the strokes of digits bend, has much of their ink on both sides, and overhangs them at
both ends.  The bar of a 7, the stem of a 4 and the base of a 2 meet one or two of these criteria, never all three.
Lines of one or two strokes, slashes and crosses are found by following the ink along gently bent lines of many slopes,
as in a Hough transform (Duda & Hart 1972), except that the longest inked stretch wins, not the most ink.  A long
straight line may have been taken for a rule and removed from the ink: it is a strikethrough if it crosses the middle of
the number and ends with the writing, which no printed rule does.  Scribbled-over numbers are not searched for: they
look like a blot and read as nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.layout.line_segments import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.line_segments import Rule
    from scanner.types import Box

    Mask = NDArray[np.uint8]

NO_EVIDENCE_SCORE = -1.0
"""Lowest strikethrough score: nothing suggests that the number is crossed out."""
CERTAIN_SCORE = 1.0
"""Highest strikethrough score: the number is crossed out beyond doubt."""

_SCALED_DIGIT_HEIGHT_PIXELS = 32
"""Height that digits are scaled to, pixels.  Strokes are then three to six pixels wide, and the slope of a line one
digit height long is known to about 0.05."""
_SLOPES_FROM_LEVEL = (
    *np.arange(-0.36, 0.361, 0.06),
    *(sign * slope for sign in (-1, 1) for slope in (0.48, 0.6, 0.72, 0.84)),
)
"""Slopes tried for level lines and for slashes through several digits, dy/dx."""
_SLOPES_FROM_VERTICAL = (-0.9, -0.75, -0.6, -0.45, -0.3, 0.3, 0.45, 0.6, 0.75, 0.9)
"""Slopes tried for slashes through one digit, dx/dy.  Stems are closer to vertical."""
_BOWS_PIXELS = (-3.0, 0.0, 3.0)
"""Bends tried for each slope: distance of a line's ends from its tangent in the middle, scaled pixels."""
_MAX_STEEPLY_STRUCK_WIDTH_HEIGHTS = 1.6
"""Maximum width of a component in which steep slashes are searched for, in digit heights."""
_LONGEST_LINES_TRIED = 4
"""Number of the longest lines of all slopes that are examined.  Any more would be the same lines at slightly different
slopes."""
_MIN_LINE_LENGTH_HEIGHTS = 0.8
"""Minimum length of a strikethrough, in digit heights.  Shorter lines are parts of digits."""
_MIN_SECOND_LINE_SHARE = 0.6
"""Minimum length of the second line of a pair or a cross, as a share of the first one's."""
_MAX_PARALLEL_SLOPE_DIFFERENCE = 0.2
"""Maximum difference between the slopes of two lines that are a parallel pair.  The lines of a cross differ by more."""
_SECOND_LINE_PENALTY_HEIGHTS = 0.05
"""Subtracted from the overhang of a pair or a cross, in digit heights."""
_RAGGED_EDGE_PIXELS = 1.2
"""Width of the ragged edge that is erased on each side of a line together with it, scaled pixels."""
_MIN_INK_SHARE_PER_SIDE = 0.17
"""Minimum share of the digits' ink on each side of a strikethrough.  An underline has all of it above."""
_MIN_REMAINING_INK_SHARE = 0.25
"""Minimum share of all ink that remains when the line is erased.  Of a dash or a cross without digits, nothing
remains."""
_MIN_REMAINING_EXTENT_HEIGHTS = 0.6
"""Minimum extent across the line of the ink that remains, in digit heights."""
_TRIMMED_ENDS_PERCENT = 0.7
"""Percentage of the digits' ink at each end that is ignored as possible specks when the overhang is measured."""
_ONE_AND_TWO_DIGIT_WIDTHS_HEIGHTS = (1.0, 1.8)
"""Maximum widths of a component of one digit and of two, in digit heights."""
_REQUIRED_OVERHANG_HEIGHTS = (0.2, 0.15, 0.06)
"""Minimum overhang of a strikethrough over one digit, two, and more, in digit heights.  The bar of a 7 overhangs too;
joined handwriting gives lines through two digits, but rarely through three."""
_MIN_THIN_STROKED_HEIGHT_STROKES = 6.5
"""Height of digits below which their strokes count as thick, stroke widths: bars and bends then look like overhanging
lines."""
_THICK_STROKE_PENALTY_HEIGHTS = 0.1
"""Added to the required overhang of digits with thick strokes, in digit heights."""
_DOUBTFUL_CONFIDENCE = 0.9
"""Confidence below which a number is doubtful; a person checks it anyway."""
_DOUBTFUL_RELIEF_HEIGHTS = 0.1
"""Overhang that a doubtful number may lack and still be crossed out, in digit heights: lines through digits make them
hard to read."""
_MIN_COMPONENT_HEIGHT_HEIGHTS = 0.5
"""Minimum height of a component that may be a digit, in heights of the number."""
_MIN_COMPONENT_WIDTH_HEIGHTS = 0.3
"""Minimum width of a component that may be a digit, in heights of the number."""
_MAX_COMPONENT_HEIGHT_HEIGHTS = 3.0
"""Maximum height of a component that may be digits and a line, in heights of the number."""
_MAX_COMPONENT_WIDTH_HEIGHTS = 12.0
"""Maximum width of a component that may be digits and a line, in heights of the number."""
_MIN_COMPONENT_INK_INSIDE_SHARE = 0.4
"""Minimum share of a component's ink inside the number's box for it to be a part of the number."""
_MIN_NUMBER_INK_SHARE = 0.25
"""Minimum share of the ink in the number's box that makes a component a part of the number, however much lies
outside."""
_CROSSING_ROW_RANGE_HEIGHTS = (0.2, 0.78)
"""Range of rows where a removed rule crosses out a number, measured from its top in its own heights.  A rule to write
on is lower."""
_MIN_RULE_COVERAGE_SHARE = 0.5
"""Minimum share of the number's width that a removed rule must cover to cross it out."""
_MAX_RULE_OVERSHOOT_HEIGHTS = 1.5
"""Maximum distance that a removed rule goes beyond the text line, in heights of the number.  Rules of forms and tables
go further."""
_MIN_REMAINING_COMPONENT_INK_SQUARED_STROKES = 0.8
"""Minimum ink of a component that remains when a line is erased, squared stroke widths.  Anything less is a speck."""
_MIN_REMAINING_COMPONENT_INK_PIXELS = 3
"""Minimum ink of such a component in any case, scaled pixels."""


@dataclass(frozen=True, slots=True)
class _InkedLine:
    """An inked stretch of the parabola that :meth:`rows_at` computes; scaled pixels."""

    slope: float
    bow: float
    middle_row: float
    """Row at ``middle_column``."""
    middle_column: float
    half_width: float
    """Half the width of the picture; ``bow`` is the bend at this distance from the middle."""
    first_column: int
    last_column: int

    @property
    def length(self) -> int:
        return self.last_column - self.first_column + 1

    def rows_at(self, x: NDArray[np.integer]) -> NDArray[np.float64]:
        """The row at each of these columns."""
        offset = np.asarray(x - self.middle_column, np.float64)
        return self.middle_row + self.slope * offset + self.bow * (offset / self.half_width) ** 2


def is_crossed_out(score: float, confidence: float) -> bool:
    """Whether a number is crossed out.

    Args:
        score: from :func:`strikethrough_score`.
        confidence: probability that it is read right, 0-1; a doubtful number needs less evidence.
    """
    return score > (-_DOUBTFUL_RELIEF_HEIGHTS if confidence < _DOUBTFUL_CONFIDENCE else 0.0)


def strikethrough_score(box: Box, text_line_box: Box, ink: MeasuredInk, rules: Iterable[Rule]) -> float:
    """Score the evidence that a number, or one of its digits, is crossed out.

    Args:
        box: box around its digits, pixels of the rectified page.
        text_line_box: box around its text line.
        ink: ink of the rectified page, without rules.
        rules: rules of the same page.

    Returns:
        Overhang of a line beyond the required one, in digit heights, from ``NO_EVIDENCE_SCORE`` to ``CERTAIN_SCORE``.
    """
    if any(_is_strikethrough_rule(rule, box, text_line_box) for rule in rules):
        return CERTAIN_SCORE
    return max(
        (
            _component_score(digit, min(len(digit), box.height), ink.stroke_width)
            for digit in _digit_components(box, ink.components)
        ),
        default=NO_EVIDENCE_SCORE,
    )


def _is_strikethrough_rule(rule: Rule, box: Box, text_line_box: Box) -> bool:
    (left, begin), (right, end) = rule.endpoints
    if (
        rule.direction is not Direction.HORIZONTAL
        or min(right, box.right) - max(left, box.x) < _MIN_RULE_COVERAGE_SHARE * box.width
    ):
        return False
    overshoot = _MAX_RULE_OVERSHOOT_HEIGHTS * box.height
    if left < text_line_box.x - overshoot or right > text_line_box.right + overshoot:
        return False
    row = begin + (end - begin) * (box.center[0] - left) / max(right - left, 1)
    return _CROSSING_ROW_RANGE_HEIGHTS[0] < (row - box.y) / box.height < _CROSSING_ROW_RANGE_HEIGHTS[1]


def _digit_components(box: Box, components: Components) -> list[Mask]:
    """Masks of the components of a number that may be digits, 1 = ink."""
    inside = np.bincount(components.labels[box.y : box.bottom, box.x : box.right].ravel())
    inside[0] = 0
    masks = []
    for label in np.flatnonzero(inside):
        x, y, width, height = components.boxes[label - 1].tolist()
        is_part = (
            inside[label] >= _MIN_COMPONENT_INK_INSIDE_SHARE * components.areas[label - 1]
            or inside[label] >= _MIN_NUMBER_INK_SHARE * inside.sum()
        )
        min_height, max_height = _MIN_COMPONENT_HEIGHT_HEIGHTS * box.height, _MAX_COMPONENT_HEIGHT_HEIGHTS * box.height
        min_width, max_width = _MIN_COMPONENT_WIDTH_HEIGHTS * box.height, _MAX_COMPONENT_WIDTH_HEIGHTS * box.height
        if is_part and min_height <= height <= max_height and min_width <= width <= max_width:
            masks.append((components.labels[y : y + height, x : x + width] == label).astype(np.uint8))
    return masks


def _component_score(component: Mask, digit_height: float, stroke_width: float) -> float:
    scale = _SCALED_DIGIT_HEIGHT_PIXELS / digit_height
    stroke = max(stroke_width * scale, 1.5)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(component * np.uint8(255), None, fx=scale, fy=scale, interpolation=interpolation)
    ink = np.pad((scaled >= 128).astype(np.uint8), 2)
    width = component.shape[1] / digit_height
    searches = [(ink, _SLOPES_FROM_LEVEL)]
    if width <= _MAX_STEEPLY_STRUCK_WIDTH_HEIGHTS:
        # Transposed, steep lines are level.
        searches.append((np.ascontiguousarray(ink.T), _SLOPES_FROM_VERTICAL))
    overhang = max(_max_overhang_heights(image, slopes, stroke) for image, slopes in searches)
    required = _REQUIRED_OVERHANG_HEIGHTS[sum(width >= limit for limit in _ONE_AND_TWO_DIGIT_WIDTHS_HEIGHTS)]
    if digit_height < _MIN_THIN_STROKED_HEIGHT_STROKES * stroke_width:
        required += _THICK_STROKE_PENALTY_HEIGHTS
    return float(np.clip(overhang - required, NO_EVIDENCE_SCORE, CERTAIN_SCORE))


def _max_overhang_heights(ink: Mask, slopes: Sequence[float], stroke: float) -> float:
    """Largest overhang of a line, or of two, with one of these slopes; ``NO_EVIDENCE_SCORE`` if there is no line."""
    min_length = _MIN_LINE_LENGTH_HEIGHTS * _SCALED_DIGIT_HEIGHT_PIXELS
    if np.ptp(np.flatnonzero(ink.any(axis=0))) + 1 < min_length:
        # In a narrow digit no line near level is long enough; most digits are narrow.
        return NO_EVIDENCE_SCORE
    lines = [line for line in _longest_inked_lines(ink, slopes, _LONGEST_LINES_TRIED) if line.length >= min_length]
    if not lines:
        return NO_EVIDENCE_SCORE
    overhangs = [_overhang_heights(ink, (line,), stroke) for line in lines]
    first = lines[0]
    erased = np.where(_line_band(first, ink.shape, stroke), np.uint8(0), ink)
    # Erasing the first line cut a second one where they cross.
    bridged = cv2.morphologyEx(erased, cv2.MORPH_CLOSE, np.ones((1, max(round(2 * stroke), 3)), np.uint8))
    second = _longest_inked_lines(np.asarray(bridged, np.uint8), slopes, 1)[0]
    if second.length >= _MIN_SECOND_LINE_SHARE * first.length:
        overhangs.append(_overhang_heights(ink, (first, second), stroke) - _SECOND_LINE_PENALTY_HEIGHTS)
    return max(overhangs)


def _longest_inked_lines(ink: Mask, slopes: Sequence[float], count: int) -> list[_InkedLine]:
    """The longest inked line of each slope, the ``count`` longest of them, longest first."""
    width = ink.shape[1]
    # A line wavers by a pixel, and noise leaves gaps of one.
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    closed = np.asarray(cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8)), np.uint8)
    middle, half = (width - 1) / 2, width / 2
    offset = np.arange(width) - middle
    shapes = np.array(list(product(slopes, _BOWS_PIXELS)))
    shifts = np.rint(shapes[:, :1] * offset + shapes[:, 1:] * (offset / half) ** 2).astype(np.int64)
    inked = _shift_columns(closed, shifts)
    lengths = _longest_runs(inked).astype(np.int64)
    longest_of_shape = lengths.max(axis=1).reshape(len(slopes), len(_BOWS_PIXELS))
    lines = []
    for slope_index in np.argsort(-longest_of_shape.max(axis=1), kind="stable")[:count].tolist():
        index = slope_index * len(_BOWS_PIXELS) + int(longest_of_shape[slope_index].argmax())
        best = int(lengths[index].argmax())
        length = int(lengths[index, best])
        end = _end_of_run(inked[:, index, best], length)
        # All rows of a thick line are about as long; take the middle one.
        as_long = np.flatnonzero(lengths[index] >= length - 1)
        middle_row = float(as_long[np.abs(as_long - best) <= _SCALED_DIGIT_HEIGHT_PIXELS // 4].mean())
        slope, bow = shapes[index].tolist()
        lines.append(_InkedLine(slope, bow, middle_row, middle, half, end - length + 1, end))
    return lines


def _shift_columns(ink: Mask, shifts: NDArray[np.int64]) -> NDArray[np.unsignedinteger]:
    """Each column of the ink, moved up by the ``shifts`` (shapes, columns).

    Returns:
        Shape (columns, shapes, rows), 1 = ink, of the smallest type that can count the columns.
    """
    height, width = ink.shape
    margin = int(np.abs(shifts).max())
    columns = np.zeros((width, height + 2 * margin), np.min_scalar_type(width))
    columns[:, margin : margin + height] = ink.T
    windows = np.lib.stride_tricks.sliding_window_view(columns, height, axis=1)
    return windows[np.arange(width)[:, None], margin + shifts.T]


def _longest_runs(inked: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
    """Length of the longest run of ones along the first axis."""
    run = np.zeros(inked.shape[1:], inked.dtype)
    longest = run.copy()
    for column in inked:
        run += 1
        run *= column
        np.maximum(longest, run, out=longest)
    return longest


def _end_of_run(inked: NDArray[np.unsignedinteger], length: int) -> int:
    """Last index of the first run of ones as long as this; ``length - 1`` if that is 0."""
    ends = np.flatnonzero(np.convolve(inked, np.ones(length), "valid") == length) if length else np.array([0])
    return int(ends[0]) + length - 1


def _line_band(line: _InkedLine, shape: tuple[int, ...], stroke: float) -> NDArray[np.bool_]:
    """The pixels of a line drawn as thick as a stroke, ragged edges included."""
    columns = np.arange(shape[1])
    half_thickness = stroke / 2 * np.hypot(1, line.slope) + _RAGGED_EDGE_PIXELS
    band: NDArray[np.bool_] = np.abs(np.arange(shape[0])[:, None] - line.rows_at(columns)) <= half_thickness
    band[:, (columns < line.first_column - 2) | (columns > line.last_column + 2)] = False
    return band


def _overhang_heights(ink: Mask, lines: Sequence[_InkedLine], stroke: float) -> float:
    """Overhang of the first line over the ink that remains without all lines, at the end where it is smaller.

    ``NO_EVIDENCE_SCORE`` if the remaining ink is not that of digits on both sides of the line.
    """
    remaining = _remove_specks(np.where(_line_bands(lines, ink.shape, stroke), np.uint8(0), ink), stroke)
    y, x = np.nonzero(remaining)
    if len(y) < max(_MIN_REMAINING_INK_SHARE * ink.sum(), 1):
        return NO_EVIDENCE_SCORE
    line = lines[0]
    parallel = [other for other in lines if abs(other.slope - line.slope) < _MAX_PARALLEL_SLOPE_DIFFERENCE]
    above = float(np.mean(y < np.mean([other.rows_at(x) for other in parallel], axis=0)))
    along = np.array([1, line.slope]) / np.hypot(1, line.slope)
    if (
        min(above, 1 - above) < _MIN_INK_SHARE_PER_SIDE
        or np.ptp(y * along[0] - x * along[1]) < _MIN_REMAINING_EXTENT_HEIGHTS * _SCALED_DIGIT_HEIGHT_PIXELS
    ):
        return NO_EVIDENCE_SCORE
    ends = np.array([line.first_column, line.last_column])
    begin, end = ends * along[0] + line.rows_at(ends) * along[1]
    low, high = np.percentile(x * along[0] + y * along[1], [_TRIMMED_ENDS_PERCENT, 100 - _TRIMMED_ENDS_PERCENT])
    return float(min(low - begin, end - high)) / _SCALED_DIGIT_HEIGHT_PIXELS


def _line_bands(lines: Sequence[_InkedLine], shape: tuple[int, ...], stroke: float) -> NDArray[np.bool_]:
    bands: NDArray[np.bool_] = np.any([_line_band(line, shape, stroke) for line in lines], axis=0)
    return bands


def _remove_specks(ink: Mask, stroke: float) -> NDArray[np.bool_]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    min_ink = max(_MIN_REMAINING_COMPONENT_INK_SQUARED_STROKES * stroke**2, _MIN_REMAINING_COMPONENT_INK_PIXELS)
    large = stats[:, cv2.CC_STAT_AREA] >= min_ink
    large[0] = False
    kept: NDArray[np.bool_] = large[labels]
    return kept
