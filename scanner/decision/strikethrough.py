"""Ink of a number -> how much speaks for its being crossed out.

A line through a number runs on where digits bend, has much of their ink on both
of its sides, and sticks out of them at both ends.  The bar of a 7, the stem of a
4 and the base of a 2 do one or two of these, not all three.  Lines of one or two
strokes, slashes and crosses are found by following the ink along gently bent
lines of many slopes, as a Hough transform does (Duda & Hart 1972), but asking
for the longest inked stretch rather than for most ink.  A long straight line
may have been taken for a rule and out of the ink: then it goes through the
middle of the number and ends with the writing, which no ruled line does.  What
is scribbled over is not looked for: it looks like a blot, and reads as nothing.
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
    from scanner.layout.line_segments import Rule
    from scanner.types import Box

    Mask = NDArray[np.uint8]

NO_EVIDENCE_SCORE = -1.0
"""Evidence where nothing speaks for it."""
CERTAIN_SCORE = 1.0
"""Evidence where there is no doubt."""

_SCALED_DIGIT_HEIGHT_PIXELS = 32
"""Height of a digit as it is looked at, pixels: strokes are three to six wide, and a line a height long is sure to
a twentieth of its slope."""
_SLOPES_FROM_LEVEL = (
    *np.arange(-0.36, 0.361, 0.06),
    *(sign * slope for sign in (-1, 1) for slope in (0.48, 0.6, 0.72, 0.84)),
)
"""Of level lines and slashes through several digits, as tangents."""
_SLOPES_FROM_VERTICAL = (-0.9, -0.75, -0.6, -0.45, -0.3, 0.3, 0.45, 0.6, 0.75, 0.9)
"""Of slashes through one digit, measured from upright; a stem is more upright."""
_BOWS_PIXELS = (-3.0, 0.0, 3.0)
"""Pixels by which the ends of a line bend away from its tangent in the middle."""
_MAX_STEEPLY_STRUCK_WIDTH_HEIGHTS = 1.6
"""A piece at most so many heights wide may be struck by a steep slash."""
_LONGEST_LINES_TRIED = 4
"""Of the lines of all slopes, the longest are looked at: more are the same line, a little turned."""
_MIN_LINE_LENGTH_HEIGHTS = 0.8
"""Heights; shorter lines are parts of digits."""
_MIN_SECOND_LINE_SHARE = 0.6
"""A second line, of a pair or a cross, is at least this part of the first one's length."""
_MAX_PARALLEL_SLOPE_DIFFERENCE = 0.2
"""Slopes differ less in a pair of lines, and more in a cross."""
_SECOND_LINE_PENALTY_HEIGHTS = 0.05
"""Heights more that lines must stick out where it takes two of them."""
_RAGGED_EDGE_PIXELS = 1.2
"""Pixels on either side of a line that are its ragged edges, when it is taken out."""
_MIN_INK_SHARE_PER_SIDE = 0.17
"""Part of the digits' ink that is on each side of a line through them at least; an underline has it all above."""
_MIN_REMAINING_INK_SHARE = 0.25
"""Part of all ink that is the digits' at least; of a cross or a dash alone nothing is left."""
_MIN_REMAINING_EXTENT_HEIGHTS = 0.6
"""Heights of what is left across the line at least."""
_TRIMMED_ENDS_PERCENT = 0.7
"""Percent of the ink on either end of the digits that may be specks."""
_ONE_AND_TWO_DIGIT_WIDTHS_HEIGHTS = (1.0, 1.8)
"""Heights up to which a piece is one digit wide, and two."""
_REQUIRED_OVERHANG_HEIGHTS = (0.2, 0.15, 0.06)
"""Heights by which a line sticks out of one digit, two, and more: the bar of a 7 does so too, and hands that join
their digits give lines of two, but rarely of three."""
_MIN_THIN_STROKED_HEIGHT_STROKES = 6.5
"""In digits lower than this many stroke widths, bars and bends look like lines that stick out ..."""
_THICK_STROKE_PENALTY_HEIGHTS = 0.1
"""... by so many heights."""
_DOUBTFUL_CONFIDENCE = 0.9
"""A number less sure than this, which a person looks at anyway, ..."""
_DOUBTFUL_RELIEF_HEIGHTS = 0.1
"""... is crossed out on less evidence, heights: lines through digits make them hard to read."""
_MIN_COMPONENT_HEIGHT_AND_WIDTH_HEIGHTS = (0.5, 0.3)
"""A piece of ink lower or narrower than these parts of the number's height is no digit."""
_MAX_COMPONENT_WIDTH_AND_HEIGHT_HEIGHTS = (12.0, 3.0)
"""A piece wider or higher than so many heights of the number is none either."""
_MIN_COMPONENT_INK_INSIDE_SHARE = 0.4
"""A piece belongs to a number if this part of its ink is within, or ..."""
_MIN_NUMBER_INK_SHARE = 0.25
"""... if it is this part of the number's ink."""
_CROSSING_ROW_RANGE_HEIGHTS = (0.2, 0.78)
"""Where a line crosses a number, as parts of its height from the top; a line to write on is lower."""
_MIN_RULE_COVERAGE_SHARE = 0.5
"""Part of the number's width that a line taken for a rule covers."""
_MAX_RULE_OVERSHOOT_HEIGHTS = 1.5
"""Heights by which such a line goes beyond the writing in its run, at most; rules of forms and tables go further."""


@dataclass(frozen=True, slots=True)
class _InkedLine:
    """An inked stretch of ``y = level + slope * (x - middle) + bow * ((x - middle) / half)**2``."""

    slope: float
    bow: float
    middle_row: float
    middle_column: float
    half_width: float
    first_column: int
    last_column: int

    @property
    def length(self) -> int:
        return self.last_column - self.first_column + 1

    def rows_at(self, x: NDArray[np.integer]) -> NDArray[np.float64]:
        """The row at each of these columns."""
        away = np.asarray(x - self.middle_column, np.float64)
        return self.middle_row + self.slope * away + self.bow * (away / self.half_width) ** 2


def is_crossed_out(score: float, confidence: float) -> bool:
    """Whether a number is crossed out.

    Args:
        score: from :func:`strikethrough_score`.
        confidence: that it is read right, 0-1.
    """
    return score > (-_DOUBTFUL_RELIEF_HEIGHTS if confidence < _DOUBTFUL_CONFIDENCE else 0.0)


def strikethrough_score(
    box: Box, text_line_box: Box, components: Components, rules: Iterable[Rule], stroke_width: float
) -> float:
    """How much speaks for a number's being crossed out, as a whole or one of its digits.

    Args:
        box: around its digits, pixels of the straightened page.
        text_line_box: around all that is written in its run.
        components: of the straightened page, without rules.
        rules: of the same page.
        stroke_width: typical, pixels.

    Returns:
        Heights by which a line sticks out more than it needs to, from ``NO_EVIDENCE_SCORE`` to ``CERTAIN_SCORE``.
    """
    if any(_is_strikethrough_rule(rule, box, text_line_box) for rule in rules):
        return CERTAIN_SCORE
    pieces = _digit_components(box, components)
    return max(
        (_component_score(ink, min(len(ink), box.height), stroke_width) for ink in pieces), default=NO_EVIDENCE_SCORE
    )


def _is_strikethrough_rule(rule: Rule, box: Box, writing: Box) -> bool:
    (left, begin), (right, end) = rule.endpoints
    if (
        rule.direction is not Direction.HORIZONTAL
        or min(right, box.right) - max(left, box.x) < _MIN_RULE_COVERAGE_SHARE * box.width
    ):
        return False
    reach = _MAX_RULE_OVERSHOOT_HEIGHTS * box.height
    if left < writing.x - reach or right > writing.right + reach:
        return False
    level = begin + (end - begin) * (box.center[0] - left) / max(right - left, 1)
    return _CROSSING_ROW_RANGE_HEIGHTS[0] < (level - box.y) / box.height < _CROSSING_ROW_RANGE_HEIGHTS[1]


def _digit_components(box: Box, components: Components) -> list[Mask]:
    """The pieces of a number that may be digits, 1 = ink."""
    inside = np.bincount(components.labels[box.y : box.bottom, box.x : box.right].ravel())
    inside[0] = 0
    pieces = []
    for label in np.flatnonzero(inside):
        x, y, width, height = components.boxes[label - 1].tolist()
        own = (
            inside[label] >= _MIN_COMPONENT_INK_INSIDE_SHARE * components.areas[label - 1]
            or inside[label] >= _MIN_NUMBER_INK_SHARE * inside.sum()
        )
        low, narrow = (part * box.height for part in _MIN_COMPONENT_HEIGHT_AND_WIDTH_HEIGHTS)
        wide, high = (heights * box.height for heights in _MAX_COMPONENT_WIDTH_AND_HEIGHT_HEIGHTS)
        if own and low <= height <= high and narrow <= width <= wide:
            pieces.append((components.labels[y : y + height, x : x + width] == label).astype(np.uint8))
    return pieces


def _component_score(piece: Mask, height: float, stroke_width: float) -> float:
    scale = _SCALED_DIGIT_HEIGHT_PIXELS / height
    stroke = max(stroke_width * scale, 1.5)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown = cv2.resize(piece * np.uint8(255), None, fx=scale, fy=scale, interpolation=way)
    ink = np.pad((shown >= 128).astype(np.uint8), 2)
    across = piece.shape[1] / height
    ways = [(ink, _SLOPES_FROM_LEVEL)]
    if across <= _MAX_STEEPLY_STRUCK_WIDTH_HEIGHTS:
        ways.append((np.ascontiguousarray(ink.T), _SLOPES_FROM_VERTICAL))
    out = max(_max_overhang_heights(image, slopes, stroke) for image, slopes in ways)
    needed = _REQUIRED_OVERHANG_HEIGHTS[sum(across >= limit for limit in _ONE_AND_TWO_DIGIT_WIDTHS_HEIGHTS)]
    if height < _MIN_THIN_STROKED_HEIGHT_STROKES * stroke_width:
        needed += _THICK_STROKE_PENALTY_HEIGHTS
    return float(np.clip(out - needed, NO_EVIDENCE_SCORE, CERTAIN_SCORE))


def _max_overhang_heights(ink: Mask, slopes: Sequence[float], stroke: float) -> float:
    """Heights by which a line of one of these slopes, or two, sticks out of digits at least; ``NO_EVIDENCE_SCORE`` without any."""
    lines = [
        line
        for line in _longest_inked_lines(ink, slopes)[:_LONGEST_LINES_TRIED]
        if line.length >= _MIN_LINE_LENGTH_HEIGHTS * _SCALED_DIGIT_HEIGHT_PIXELS
    ]
    if not lines:
        return NO_EVIDENCE_SCORE
    found = [_overhang_heights(ink, (line,), stroke) for line in lines]
    first = lines[0]
    erased = np.where(_line_band(first, ink.shape, stroke), np.uint8(0), ink)
    # A second line was cut where the first one crosses it.
    bridged = cv2.morphologyEx(erased, cv2.MORPH_CLOSE, np.ones((1, max(round(2 * stroke), 3)), np.uint8))
    second = _longest_inked_lines(np.asarray(bridged, np.uint8), slopes)[0]
    if second.length >= _MIN_SECOND_LINE_SHARE * first.length:
        found.append(_overhang_heights(ink, (first, second), stroke) - _SECOND_LINE_PENALTY_HEIGHTS)
    return max(found)


def _longest_inked_lines(ink: Mask, slopes: Sequence[float]) -> list[_InkedLine]:
    """The longest inked line of each slope, longest first."""
    height, width = ink.shape
    # A line wavers by a pixel, and noise leaves gaps of one.
    wide = cv2.morphologyEx(cv2.dilate(ink, np.ones((3, 1), np.uint8)), cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    middle, half = (width - 1) / 2, width / 2
    away = np.arange(width) - middle
    shapes = np.array(list(product(slopes, _BOWS_PIXELS)))
    shifts = np.rint(shapes[:, :1] * away + shapes[:, 1:] * (away / half) ** 2).astype(np.int64)
    margin = int(np.abs(shifts).max())
    padded = np.pad(wide, ((margin, margin), (0, 0)))
    rows = np.arange(height)[None, :, None] + margin + shifts[:, None, :]
    inked = padded[rows, np.arange(width)] > 0
    lengths, ends = _longest_pixel_runs(inked)
    lines = []
    for first in range(0, len(shapes), len(_BOWS_PIXELS)):
        index = first + int(lengths[first : first + len(_BOWS_PIXELS)].max(axis=1).argmax())
        best = int(lengths[index].argmax())
        length, end = int(lengths[index, best]), int(ends[index, best])
        # All rows of a thick line are as long: its middle is meant.
        alike = np.flatnonzero(lengths[index] >= length - 1)
        level = float(alike[np.abs(alike - best) <= _SCALED_DIGIT_HEIGHT_PIXELS // 4].mean())
        slope, bow = shapes[index].tolist()
        lines.append(_InkedLine(slope, bow, level, middle, half, end - length + 1, end))
    return sorted(lines, key=lambda line: -line.length)


def _longest_pixel_runs(inked: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Length and last column of the longest run along the last axis."""
    run = np.zeros(inked.shape[:-1], np.int64)
    longest, ends = np.zeros_like(run), np.zeros_like(run)
    for column in range(inked.shape[-1]):
        run = np.where(inked[..., column], run + 1, 0)
        longer = run > longest
        longest[longer] = run[longer]
        ends[longer] = column
    return longest, ends


def _line_band(line: _InkedLine, shape: tuple[int, ...], stroke: float) -> NDArray[np.bool_]:
    """The pixels of a line as thick as a stroke."""
    columns = np.arange(shape[1])
    reach = stroke / 2 * np.hypot(1, line.slope) + _RAGGED_EDGE_PIXELS
    band: NDArray[np.bool_] = np.abs(np.arange(shape[0])[:, None] - line.rows_at(columns)) <= reach
    band[:, (columns < line.first_column - 2) | (columns > line.last_column + 2)] = False
    return band


def _overhang_heights(ink: Mask, lines: Sequence[_InkedLine], stroke: float) -> float:
    """Heights by which the first of the lines sticks out of what is left without them, at the end where it does less.

    ``NO_EVIDENCE_SCORE`` if what is left are no digits on both of its sides.
    """
    rest = _remove_specks(np.where(_line_bands(lines, ink.shape, stroke), np.uint8(0), ink), stroke)
    y, x = np.nonzero(rest)
    if len(y) < max(_MIN_REMAINING_INK_SHARE * ink.sum(), 1):
        return NO_EVIDENCE_SCORE
    line = lines[0]
    alike = [other for other in lines if abs(other.slope - line.slope) < _MAX_PARALLEL_SLOPE_DIFFERENCE]
    above = float(np.mean(y < np.mean([other.rows_at(x) for other in alike], axis=0)))
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
    large = stats[:, cv2.CC_STAT_AREA] >= max(0.8 * stroke**2, 3)
    large[0] = False
    kept: NDArray[np.bool_] = large[labels]
    return kept
