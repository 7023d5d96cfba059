"""Find the orientation of a page: upright, on its side, or upside down.

Three kinds of evidence are added as log odds:

* A small network looks at some characters, each with what stands around it.  It is sure whether the text lines are
  horizontal or vertical.  Which end of a character is its top it knows less well, and errs alike on characters that are
  alike, so that this alone turns no page over.
* Print has more ascenders than descenders.  Digits have neither, but some hands write 4, 7 and 9 with long tails: this
  counts only on pages that are not of digits.
* A digit classifier is confident on an upright page of digits, less so on one upside down, and hardly ever on one on
  its side.  Letters look like digits both ways up, but never so much.

The characters of a page are by one hand or in one font, so that a mistake with one is a mistake with many.  They count
as fewer independent ones: the design effect of a cluster sample (Kish, "Survey Sampling", 1965).

Where these leave open which way is up, the page network looks at the page in each of the ways that are left: upside
down or on its side, it is less certain of what each stroke is.

Nearly all pages lie as they should.  Turning an upright page wrongly loses everything on it, and not turning one loses
no more: in doubt a page stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.geometry.ascenders import count_ascenders_and_descenders, evenly_spread_indices
from scanner.image.character_height import (
    MAX_CHARACTER_HEIGHT_STROKES,
    MIN_CHARACTER_HEIGHT_STROKES,
    TALL_CHARACTER_PERCENTILE,
)
from scanner.image.components import cut_glyph
from scanner.image.digit_frame import digit_frames
from scanner.types import Image

if TYPE_CHECKING:
    from scanner.geometry.bent_map import AnyPageMap
    from scanner.image.components import Components
    from scanner.image.measured_ink import MeasuredInk
    from scanner.types import Ink

CharacterTurns = Callable[[Image], NDArray[np.float32]]
"""A function from characters as :func:`cut_characters` cuts them, shape (N, side, side), to the log probability of each
number of quarter turns counter-clockwise, 0 to 3, that sets one upright; shape (N, 4)."""
DigitConfidences = Callable[[Image], Sequence[float]]
"""A function from digit frames, shape (N, 28, 28), to the probability of the most probable digit of each, 0-1."""
TurnProbabilities = tuple[float, float, float, float]
"""Probability of each number of quarter turns counter-clockwise, 0 to 3, that sets a page upright."""

CHARACTER_IMAGE_SIDE = 32
"""Side of the image of a character, pixels.  A choice: a digit is then as high as 10 pixels."""
_CHARACTER_IMAGE_SIZES = 3.0
"""Side of that image, in sizes of a character of the page: it shows the beginnings of its neighbours and of the text
lines above and below.  A choice."""
_MIN_FULL_STRENGTH = 32
"""Minimum strength, 0-255, of the strongest ink of a character that is amplified to full strength: anything less is
not ink.  A choice."""
_CHARACTER_SIZE_RANGE_RATIO = 0.5, 2.0
"""Range of the longer side of a character, relative to that of the taller characters: no points, no frames.  A
choice."""
_MIN_CHARACTER_SIDE_RATIO = 0.2
"""Minimum ratio of a character's shorter side to its longer one: anything thinner is a rule.  A choice."""

_MAX_CHARACTERS = 64
"""Maximum number of characters that are looked at, evenly spread over the page.  A choice."""
_MIN_CHARACTERS = 8
"""Minimum number of characters by which a page is turned.  A choice: a few may be a heading on its side."""
_CHARACTER_CORRELATION = 0.1
"""Correlation of the evidence of two characters of a page: on synthetic pages, the log likelihood is best at 0.15."""
_MAX_TOP_LOG_ODDS = 0.7
"""Maximum mean log odds, of one character, between opposite turns.  On a real page with digits close to the upper rule
of their cells it was 1.4 for the wrong one; the prior outweighs this much of it."""
_ASCENDER_LOG_ODDS = 0.35
"""Log odds of an ascender that no descender balances.  In print 2.2 to 10 ascenders come to a descender, which is log
odds of 0.8 to 2.3; less than half of it counts, as neighbours are in the same words."""
_MAX_ASCENDER_LOG_ODDS = 10.0
"""Maximum log odds of all ascenders together.  A choice."""

_MAX_READ_CHARACTERS = 60
"""Maximum number of characters that the digit classifier reads, evenly spread over the page.  A choice."""
_MIN_DIGIT_CONFIDENCE = 0.5
"""Minimum confidence, one way up or another, of characters that count as digits: signs have less all ways.  A
choice."""
_MIN_READ_DIGITS = 12
"""Minimum number of digits that are evidence.  A choice."""
_MIN_MEAN_DIGIT_CONFIDENCE = 0.85
"""Mean confidence from which on it is evidence.  Upright digits have 0.86 to 1.0 on most pages, and 0.55 to 0.8 upside
down; print upside down has up to 0.88."""
_DIGIT_LOG_ODDS = 100.0
"""Log odds per unit of mean confidence beyond that.  A choice: digits at 0.95 outweigh the prior twice."""
_AXIS_LOG_ODDS = 20.0
"""Log odds per unit of how much more confident the digit classifier is on one axis than across it.  On a drawn table
of digits the network is sure of the wrong axis with log odds of 7; the classifier is at 0.86 against 0.35.  Of 240
turned tables by other hands 237 are set upright with it, and 232 without."""
_DIGIT_PAGE_CONFIDENCES = 0.88, 0.94
"""Mean confidence up to which ascenders count in full, and from which on a page is of digits and they do not count at
all."""
_NEGLIGIBLE_LOG_ODDS = 10.0
"""Log odds against an axis at which the digit classifier is not asked about it.  A choice."""
_AGREED_LOG_ODDS = 2.5
"""Log odds of the network, and of the ascenders, that make print of a page if they point the same way: then the digit
classifier is not asked.  A choice."""

_MIN_DOUBT = 0.003
"""Minimum probability of the ways up that the page network is asked about, if there are two or more.  A choice."""
_CERTAINTY_LOG_ODDS = 100.0
"""Log odds per unit of how much more certain the page network is one way up than another.  Against upside down, the
median of 93 real pages is 0.05, and 0.001 to 0.01 if they are of digits alone; a few of those are 0.02 the wrong
way."""
_MAX_CERTAINTY = 4.0
"""Maximum of these log odds.  A choice: less than the prior."""

_TURN_PRIOR: TurnProbabilities = (0.97, 0.01, 0.01, 0.01)
"""Probability of each number of quarter turns before the page has been looked at.  A choice."""
_MIN_TURN_PROBABILITY = 0.97
"""Minimum probability that a page is not upright, for it to be turned.  Of 166 real pages none is turned that was
upright, and of 500 drawn tables of two-digit numbers it is 0.12 at most for an upright one."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """Which way up a page is."""

    quarter_turns: int = 0
    """Quarter turns counter-clockwise that set it upright, 0 to 3; 0 in doubt whether it is upright."""
    turn_probabilities: TurnProbabilities = (1.0, 0.0, 0.0, 0.0)
    """Probability of each number of turns; 1 for none if the page was not looked at or has too few characters."""

    @property
    def probability(self) -> float:
        """Probability that ``quarter_turns`` set it upright, 0-1; low in doubt."""
        return self.turn_probabilities[self.quarter_turns]


NOT_TURNED = Orientation()
"""A page left as it is without a doubt."""


@dataclass(frozen=True, slots=True, eq=False)
class OrientationJudges:
    """What tells which way up characters are."""

    character_turns: CharacterTurns
    """The orientation network."""
    digit_confidences: DigitConfidences
    """A digit classifier."""
    page_certainty: Callable[[MeasuredInk, Image, Image, AnyPageMap], float] | None = None
    """From the ink and the darkness of a page as it would be turned, the original in grey, and the map between them, to
    how certain the page network is of the ink: the mean logarithm of a probability.  None if it is not asked."""


def find_orientation(ink: Ink, components: Components, judges: OrientationJudges) -> Orientation:
    """Find which way up a page is.

    Args:
        ink: ink of the page with its lines horizontal or vertical, from :func:`scanner.geometry.deskew.warp_ink`.
        components: components of ``ink.mask``.
        judges: the networks.
    """
    chosen, size = _select_characters(ink, components)
    if len(chosen) < _MIN_CHARACTERS:
        return NOT_TURNED
    boxes = components.boxes[chosen]
    log_odds = np.log(_TURN_PRIOR) + _network_evidence(_cut_images(ink, boxes, size), judges.character_turns)
    first, second = sorted((0, 2) if log_odds[[0, 2]].max() >= log_odds[[1, 3]].max() else (1, 3))
    top_odds = log_odds[first] - log_odds[second] - np.log(_TURN_PRIOR[first] / _TURN_PRIOR[second])
    turned_boxes = boxes if first == 0 else _turn_boxes(boxes, ink.mask.shape[1])
    ascender_odds = _ascender_evidence(turned_boxes)
    if min(abs(top_odds), abs(ascender_odds)) < _AGREED_LOG_ODDS or top_odds * ascender_odds < 0:
        asked = [turns for turns in range(4) if _axis_best(log_odds, turns) > log_odds.max() - _NEGLIGIBLE_LOG_ODDS]
        confidences = _mean_digit_confidences(ink, components, chosen, asked, judges.digit_confidences)
        log_odds += _DIGIT_LOG_ODDS * np.maximum(confidences - _MIN_MEAN_DIGIT_CONFIDENCE, 0)
        log_odds += _axis_evidence(confidences)
        low, high = _DIGIT_PAGE_CONFIDENCES
        ascender_odds *= float(np.clip((high - confidences.max()) / (high - low), 0, 1))
    log_odds[first] += ascender_odds / 2
    log_odds[second] -= ascender_odds / 2
    return _decide(log_odds)


def doubtful_turns(orientation: Orientation) -> tuple[int, ...]:
    """The numbers of turns between which it is left open; none if there is no doubt."""
    turns = tuple(turns for turns in range(4) if orientation.turn_probabilities[turns] >= _MIN_DOUBT)
    return turns if len(turns) > 1 else ()


def weigh_certainty(orientation: Orientation, turns: Sequence[int], certainties: Sequence[float]) -> Orientation:
    """Weigh how certain the page network is of the ink of a page, turned each way that is left open.

    Args:
        orientation: by all other evidence.
        turns: from :func:`doubtful_turns`.
        certainties: of the page network after each of them.
    """
    log_odds, asked = np.log(np.maximum(orientation.turn_probabilities, 1e-12)), list(turns)
    together = np.logaddexp.reduce(log_odds[asked])
    behind = np.max(certainties) - np.asarray(certainties, np.float64)
    log_odds[asked] -= np.minimum(_CERTAINTY_LOG_ODDS * behind, _MAX_CERTAINTY)
    # It tells them apart, and says nothing of the others.
    log_odds[asked] += together - np.logaddexp.reduce(log_odds[asked])
    return _decide(log_odds)


def _decide(log_odds: NDArray[np.float64]) -> Orientation:
    odds = np.exp(log_odds - log_odds.max())
    none, one, two, three = (float(share) for share in odds / odds.sum())
    # A page that is surely on its side is lost as it is: the likelier turn is better than none.
    is_turned = one + two + three >= _MIN_TURN_PROBABILITY
    turns = 1 + int(np.argmax((one, two, three))) if is_turned else 0
    return Orientation(turns, (none, one, two, three))


def _axis_best(log_odds: NDArray[np.float64], turns: int) -> float:
    """Log odds of these turns or of the opposite ones, whichever are larger."""
    return float(max(log_odds[turns], log_odds[(turns + 2) % 4]))


def _network_evidence(characters: Image, character_turns: CharacterTurns) -> NDArray[np.float64]:
    """Log odds of each number of turns, from all characters together."""
    count = len(characters)
    # Seen all four ways, they are judged alike whichever way up the page is.
    mean = np.mean(
        [
            np.roll(character_turns(np.ascontiguousarray(np.rot90(characters, -turns, (1, 2)))).mean(axis=0), -turns)
            for turns in range(4)
        ],
        axis=0,
        dtype=np.float64,
    )
    opposite = np.roll(mean, 2)
    limited = (mean + opposite + np.clip(mean - opposite, -_MAX_TOP_LOG_ODDS, _MAX_TOP_LOG_ODDS)) / 2
    return np.asarray(limited * count / (1 + (count - 1) * _CHARACTER_CORRELATION))


def _ascender_evidence(boxes: NDArray[np.int32]) -> float:
    """Log odds that these characters are upright, and not upside down."""
    ascenders, descenders = count_ascenders_and_descenders(boxes)
    odds = _ASCENDER_LOG_ODDS * (ascenders - descenders)
    return float(np.clip(odds, -_MAX_ASCENDER_LOG_ODDS, _MAX_ASCENDER_LOG_ODDS))


def _mean_digit_confidences(
    ink: Ink,
    components: Components,
    chosen: NDArray[np.int64],
    asked: Sequence[int],
    digit_confidences: DigitConfidences,
) -> NDArray[np.float64]:
    """Mean confidence in the digits among some characters, after each number of turns; 0 where nothing was asked."""
    some = chosen[evenly_spread_indices(len(chosen), _MAX_READ_CHARACTERS)]
    glyphs = [cut_glyph(ink, components, components.box(int(index))).strength for index in some]
    inked = [glyph for glyph in glyphs if glyph.any()]
    confidences = np.zeros((4, len(inked)))
    for turns in asked:
        confidences[turns] = digit_confidences(digit_frames(np.rot90(glyph, turns).copy() for glyph in inked))
    digits = confidences.max(axis=0) >= _MIN_DIGIT_CONFIDENCE
    if np.count_nonzero(digits) < _MIN_READ_DIGITS:
        return np.zeros(4)
    return np.asarray(confidences[:, digits].mean(axis=1))


def _axis_evidence(confidences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds of each number of turns by what the digit classifier says along and across; 0 if not asked of both."""
    along, across = confidences[[0, 2]].max(), confidences[[1, 3]].max()
    if min(along, across) == 0:
        return np.zeros(4)
    evidence = _AXIS_LOG_ODDS * float(along - across) / 2
    return np.array([evidence, -evidence, evidence, -evidence])


def _turn_boxes(boxes: NDArray[np.int32], width: int) -> NDArray[np.int32]:
    """Boxes of a page of this width after a quarter turn counter-clockwise."""
    return np.stack([boxes[:, 1], width - boxes[:, 0] - boxes[:, 2], boxes[:, 3], boxes[:, 2]], axis=1)


def cut_characters(ink: Ink, components: Components) -> Image:
    """Cut some of the characters of a page, each with what stands around it.

    The same ones are cut whichever way up the page is, but for rounding.

    Args:
        ink: ink of the page.
        components: components of ``ink.mask``.

    Returns:
        Shape (N, side, side), uint8, 0 = paper; the strongest ink of each is 255.
    """
    chosen, size = _select_characters(ink, components)
    return _cut_images(ink, components.boxes[chosen], size)


def _cut_images(ink: Ink, boxes: NDArray[np.int32], size: float) -> Image:
    """Cut some of the characters with these boxes, whose size is ``size`` pixels."""
    side = max(round(_CHARACTER_IMAGE_SIZES * size), 1)
    some = boxes[evenly_spread_indices(len(boxes), _MAX_CHARACTERS)]
    images = [_cut_square(ink.strength, x + width / 2, y + height / 2, side) for x, y, width, height in some.tolist()]
    if not images:
        return np.empty((0, CHARACTER_IMAGE_SIDE, CHARACTER_IMAGE_SIDE), np.uint8)
    return np.stack(images)


def _select_characters(ink: Ink, components: Components) -> tuple[NDArray[np.int64], float]:
    """Indices of the components that have the size of characters, and that size in pixels."""
    longer, shorter = components.boxes[:, 2:].max(axis=1), components.boxes[:, 2:].min(axis=1)
    # The longer side of a character is its height whichever way up the page is.
    fitting = (longer >= MIN_CHARACTER_HEIGHT_STROKES * ink.stroke_width) & (
        longer <= MAX_CHARACTER_HEIGHT_STROKES * ink.stroke_width
    )
    if not fitting.any():
        return np.empty(0, np.int64), 0.0
    size = float(np.percentile(longer[fitting], TALL_CHARACTER_PERCENTILE))
    fitting &= (
        (longer >= _CHARACTER_SIZE_RANGE_RATIO[0] * size)
        & (longer <= _CHARACTER_SIZE_RANGE_RATIO[1] * size)
        & (shorter >= _MIN_CHARACTER_SIDE_RATIO * longer)
    )
    return np.flatnonzero(fitting), size


def _cut_square(strength: Image, center_x: float, center_y: float, side: int) -> Image:
    """A square of the page, ``side`` pixels wide, scaled to the side of a character image; paper beyond the edges."""
    left, top = round(center_x - side / 2), round(center_y - side / 2)
    square = np.zeros((side, side), np.uint8)
    window = strength[max(top, 0) : top + side, max(left, 0) : left + side]
    y, x = max(-top, 0), max(-left, 0)
    square[y : y + window.shape[0], x : x + window.shape[1]] = window
    interpolation = cv2.INTER_AREA if side > CHARACTER_IMAGE_SIDE else cv2.INTER_LINEAR
    scaled = cv2.resize(square, (CHARACTER_IMAGE_SIDE, CHARACTER_IMAGE_SIDE), interpolation=interpolation)
    return np.asarray(cv2.convertScaleAbs(scaled, alpha=255 / max(int(scaled.max()), _MIN_FULL_STRENGTH)), np.uint8)
