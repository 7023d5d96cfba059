"""Gather what speaks for and against each row: that a number stands there, handwritten, whole, alone and read rightly.

Each piece of evidence is a number, whatever it measures; :mod:`scanner.decision.row_model` weighs them.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.additive_model import clamped_log_odds
from scanner.decision.column_likeness import column_likeness, log_ratio, others_in_cell, table_places
from scanner.decision.glyph_repetition import measure_repetition
from scanner.layout.ink_classes import InkClass
from scanner.layout.line_segments import Direction
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.decision.located_numbers import LocatedNumber
    from scanner.decision.reader_fusion import FusedReading
    from scanner.image.components import Components
    from scanner.layout.line_segments import Rule
    from scanner.types import Image

_MIN_PROBABILITY = 0.002
"""Probabilities are clamped to this distance from 0 and 1 before their log odds are taken."""
_log_odds = partial(clamped_log_odds, margin=_MIN_PROBABILITY)
_MAX_POINT_SIZE_HEIGHTS = 0.3
"""Maximum width and height of a point, in heights of the digits."""
_BESIDE_HEIGHTS = 1.0
"""Width of the strips on either side of a number in which other ink is weighed, in its heights."""
EVIDENCE_NAMES = (
    "line reader",
    "contour reader",
    "fused reading",
    "readers agree",
    "one reader more or fewer digits",
    "worst digit",
    "region",
    "digit ink",
    "printed digit ink",
    "print ink",
    "writing ink",
    "mark ink",
    "digits seen less digits read",
    "one digit",
    "two digits",
    "digits",
    "separators",
    "height in character heights",
    "width of a digit",
    "widest gap",
    "vertical rules crossed",
    "ink left over",
    "points not read",
    "points read without a speck",
    "other ink at the left",
    "other ink at the right",
    "other number near",
    "others in its cell",
    "in a table",
    "like its column in digits",
    "like its column in decimals",
    "like its column in height",
    "readers agree elsewhere on the page",
    "readings elsewhere on the page",
    "digit ink elsewhere on the page",
    "repeated on the page",
    "crossed out",
)
"""What each piece of evidence is about, in the order of :func:`row_evidence`."""


@dataclass(frozen=True, slots=True, eq=False)
class PageEvidence:
    """What is known of a page when its numbers are judged."""

    components: Components
    """Components of the rectified page without rules."""
    strength: Image
    """Its ink without rules, shape (H, W)."""
    class_shares: NDArray[np.float64]
    """Ink classes of each component, shape (components, ink classes)."""
    rules: Sequence[Rule]
    character_height: float
    """Pixels of the rectified page."""
    reads_separators: bool
    """Whether points and commas were asked for."""


def row_evidence(
    numbers: Sequence[LocatedNumber], readings: Sequence[FusedReading], page: PageEvidence
) -> NDArray[np.float64]:
    """Gather the evidence on the numbers of a page.

    Args:
        numbers: all located numbers of the page.
        readings: their readings, in the same order.
        page: what is known of the page.

    Returns:
        Shape (N, len(EVIDENCE_NAMES)).
    """
    if not numbers:
        return np.zeros((0, len(EVIDENCE_NAMES)))
    boxes = [_box_of(number) for number in numbers]
    places = table_places(numbers, boxes)
    shares = [_ink_shares(number, page) for number in numbers]
    own = [
        [
            *_of_readers(number, reading),
            *_of_ink(number, reading, share),
            *_of_shape(number, reading, box, page),
            *_of_surroundings(number, box, page),
        ]
        for number, reading, box, share in zip(numbers, readings, boxes, shares, strict=True)
    ]
    rows = np.column_stack(
        [
            np.array(own, np.float64),
            _nearness(boxes),
            others_in_cell(places),
            [float(number.table > 0) for number in numbers],
            column_likeness(places, readings, boxes),
            _elsewhere([float(_agree(number)) for number in numbers]),
            _elsewhere([_log_odds(reading.confidence) for reading in readings]),
            _elsewhere([share[InkClass.DIGIT] for share in shares]),
            measure_repetition(numbers, page.strength),
            [float(np.clip(number.strikethrough_score, -2, 2)) for number in numbers],
        ]
    )
    return np.asarray(rows, np.float64)


def _of_readers(number: LocatedNumber, reading: FusedReading) -> list[float]:
    line, contours = number.line_claim, number.contour_claim
    digit_confidences = [digit.confidence for digit in contours.digits]
    return [
        _log_odds(line.opinion.confidence) if line is not None and line.digits else _log_odds(0.0),
        _log_odds(contours.opinion.confidence),
        _log_odds(reading.confidence if reading.digits else 1 - reading.confidence),
        float(_agree(number)),
        float(line is not None and len(line.digits) != len(contours.digits)),
        _log_odds(min(digit_confidences, default=0.0)),
    ]


def _of_ink(number: LocatedNumber, reading: FusedReading, shares: NDArray[np.float64]) -> list[float]:
    region = number.text_line.region if number.text_line is not None else None
    count = len(reading.digits)
    seen = region.digit_count if region is not None else count
    return [
        _log_odds(region.score if region is not None else 0.5),
        *(shares[[InkClass.DIGIT, InkClass.PRINTED_DIGIT, InkClass.PRINT, InkClass.WRITING, InkClass.MARK]]).tolist(),
        float(np.clip(seen - count, -3, 3)),
        float(count == 1),
        float(count == 2),
        math.log1p(count),
        float(len(reading.text) - count),
    ]


def _of_shape(number: LocatedNumber, reading: FusedReading, box: Box, page: PageEvidence) -> list[float]:
    boxes = [digit.box for digit in reading.digits] or [box]
    height = float(np.median([each.height for each in boxes]))
    gaps = [(right.x - left.right) / height for left, right in itertools.pairwise(boxes)]
    return [
        log_ratio(height, page.character_height),
        log_ratio(box.width / max(len(reading.digits), 1), height),
        float(np.clip(max(gaps, default=0.0), 0, 3)),
        float(_vertical_rules_crossed(box, page.rules)),
        _left_over_share(number, boxes, page),
        *_of_points(number, reading, boxes, page),
    ]


def _of_surroundings(number: LocatedNumber, box: Box, page: PageEvidence) -> list[float]:
    """Ink that is of no digit in the strips at the left and the right, in strokes' worth of the number's height."""
    components = page.components
    x, y, width, height = components.boxes.T
    middle_x, middle_y = x + width / 2, y + height / 2
    level = (middle_y > box.y) & (middle_y < box.bottom)
    level[_members(number)] = False
    reach = _BESIDE_HEIGHTS * box.height
    amounts = []
    for begin, end in ((box.x - reach, box.x), (box.right, box.right + reach)):
        beside = np.flatnonzero(level & (middle_x >= begin) & (middle_x < end))
        other = 1 - page.class_shares[beside, InkClass.DIGIT]
        amounts.append(min(float(page.components.areas[beside] @ other) / box.height**2, 1.0))
    return amounts


def _nearness(boxes: Sequence[Box]) -> list[float]:
    """How near the next number in the same line is: 1 at no distance, 0 from two heights on."""
    x, y, width, height = np.array(boxes, np.float64).T
    near = []
    for index, box in enumerate(boxes):
        level = np.abs(y + height / 2 - box.center[1]) < 0.5 * box.height
        level[index] = False
        gaps = np.maximum(x - box.right, box.x - (x + width))[level] / box.height
        near.append(float(np.clip(1 - gaps.min(initial=2.0) / 2, 0, 1.5)))
    return near


def _elsewhere(values: Sequence[float]) -> NDArray[np.float64]:
    """Mean of each value over the other numbers of the page, drawn to that of all as if there were two more."""
    total, count = sum(values), len(values)
    mean = total / count
    return np.array([(total - value + 2 * mean) / (count + 1) for value in values])


def _agree(number: LocatedNumber) -> bool:
    line = number.line_claim
    if line is None or not line.digits:
        return False
    return line.digit_text == number.contour_claim.digit_text


def _box_of(number: LocatedNumber) -> Box:
    return number.box if number.box is not None else Box(0, 0, 1, 1)


def _members(number: LocatedNumber) -> NDArray[np.int64]:
    return np.array(number.text_line.component_indices if number.text_line is not None else (), np.int64)


def _ink_shares(number: LocatedNumber, page: PageEvidence) -> NDArray[np.float64]:
    """Shares of the ink classes in the ink of a number; zeros if it has none."""
    members = _members(number)
    if not members.size:
        return np.zeros(len(InkClass))
    weights = np.maximum(page.components.areas[members], 1)
    return np.asarray(np.average(page.class_shares[members], axis=0, weights=weights), np.float64)


def _left_over_share(number: LocatedNumber, boxes: Sequence[Box], page: PageEvidence) -> float:
    """Share of the ink of a number whose components have their middle in none of its digits."""
    members = _members(number)
    if not members.size:
        return 0.0
    x, _, width, _ = page.components.boxes[members].T
    middle_x = x + width / 2
    inside = np.any([(middle_x >= box.x) & (middle_x <= box.right) for box in boxes], axis=0)
    areas = page.components.areas[members]
    return float(areas[~inside].sum() / max(areas.sum(), 1))


def _of_points(
    number: LocatedNumber, reading: FusedReading, boxes: Sequence[Box], page: PageEvidence
) -> tuple[float, float]:
    """How many specks as large as points before or between the digits nobody read, and how many points are no specks.

    Two of either at most; none if separators were not asked for.
    """
    members = _members(number)
    if not members.size or not page.reads_separators:
        return 0.0, 0.0
    x, _, width, height = page.components.boxes[members].T
    digit_height = float(np.median([box.height for box in boxes]))
    middle_x = x + width / 2
    is_point = np.maximum(width, height) <= _MAX_POINT_SIZE_HEIGHTS * digit_height
    is_point &= middle_x < max(box.right for box in boxes)
    inside = np.any([(middle_x >= box.x) & (middle_x <= box.right) for box in boxes], axis=0)
    points, separators = int((is_point & ~inside).sum()), len(reading.text) - len(reading.digits)
    return float(np.clip(points - separators, 0, 2)), float(np.clip(separators - points, 0, 2))


def _vertical_rules_crossed(box: Box, rules: Sequence[Rule]) -> int:
    """Number of vertical rules through the inside of a box."""
    inset = 0.15 * min(box.width, box.height)
    return sum(
        rule.direction is Direction.VERTICAL
        and box.x + inset < (rule.across_at_begin + rule.across_at_end) / 2 < box.right - inset
        and rule.begin < box.center[1] < rule.end
        for rule in rules
    )
