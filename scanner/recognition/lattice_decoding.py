"""Lattice and readings -> the most likely string of digits, by dynamic programming.

The score of a way through the lattice is the sum over its pieces of the log
probability that the classifier gives to what they are taken for, each counted
by the cuts it spans: so that one piece taken whole and the same piece cut in
two are compared on equal terms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.numbers.comb_digits import CombDigits
from scanner.types import Box, DigitReading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.recognition.cut_lattice import Hypothesis, Lattice
    from scanner.types import DigitReading

_NO_DIGIT_LOG_PENALTY = -1.0
"""Score added for taking a piece for no digit: it must be no digit beyond much doubt, or any two digits that touch
would be one scribble."""
MIN_DIGIT_HEIGHT_SHARE = 0.38
"""A piece lower than this many heights of its run is a point, a comma or a dash ..."""
_PUNCTUATION_SCORE = -0.1
"""... and nearly free to leave out."""
_MIN_PROBABILITY = 1e-9
"""Probabilities below count as this."""


@dataclass(frozen=True, slots=True)
class ReadDigit:
    """One piece of a run and what it is taken for."""

    digit: int | None
    """0-9; None for what is no digit."""
    confidence: float
    """Probability of that, 0-1."""
    is_punctuation: bool
    """Whether it is a point, a comma or a dash: it then stands for nothing."""
    box: Box
    """In pixels of the straightened page."""


def best_path(
    lattice: Lattice, readings: Sequence[DigitReading], digit_log_odds: Sequence[float] = ()
) -> tuple[ReadDigit, ...]:
    """The most likely pieces of a run, from left to right.

    Args:
        lattice: of the run.
        readings: of its hypotheses, in the same order.
        digit_log_odds: log odds, in the same order, that each is of digits, by what the page says of its ink; even if none are
            given.
    """
    digit_log_odds = digit_log_odds or [0.0] * len(lattice.hypotheses)
    # score, and the hypothesis by which each cut is best reached.
    best: list[tuple[float, int | None]] = [(0.0, None), *((-math.inf, None) for _ in range(lattice.cut_count - 1))]
    by_end: dict[int, list[int]] = {}
    for index, hypothesis in enumerate(lattice.hypotheses):
        by_end.setdefault(hypothesis.end_cut, []).append(index)
    reached_from = list(range(-1, lattice.cut_count - 1))
    for cut in range(1, lattice.cut_count):
        # Between two cuts without ink there is nothing to read.
        best[cut] = (best[cut - 1][0], None)
        spans = [lattice.hypotheses[index] for index in by_end.get(cut, ())]
        if any(h.start_cut == cut - 1 for h in spans):
            best[cut] = (-math.inf, None)
        for index in by_end.get(cut, ()):
            hypothesis = lattice.hypotheses[index]
            score = best[hypothesis.start_cut][0] + _hypothesis_score(
                hypothesis, readings[index], digit_log_odds[index]
            )
            if score > best[cut][0]:
                best[cut] = (score, index)
                reached_from[cut] = hypothesis.start_cut
    pieces: list[ReadDigit] = []
    cut = lattice.cut_count - 1
    while cut > 0:
        taken = best[cut][1]
        if taken is not None:
            pieces.append(_to_read_digit(lattice.hypotheses[taken], readings[taken], digit_log_odds[taken]))
        cut = reached_from[cut]
    return tuple(reversed(pieces))


def _hypothesis_score(hypothesis: Hypothesis, reading: DigitReading, odds: float) -> float:
    span = hypothesis.end_cut - hypothesis.start_cut
    if hypothesis.relative_height < MIN_DIGIT_HEIGHT_SHARE:
        return _PUNCTUATION_SCORE * span
    return max(span * math.log(max(reading.confidence, _MIN_PROBABILITY)), _no_digit_score(hypothesis, reading, odds))


def _no_digit_score(hypothesis: Hypothesis, reading: DigitReading, odds: float) -> float:
    # By its components, not by its cuts: a plus sign cut in three is one sign, a sign and two digits are three.
    return hypothesis.component_count * (
        math.log(max(reading.probabilities[10], _MIN_PROBABILITY)) + _NO_DIGIT_LOG_PENALTY - odds
    )


def _to_read_digit(hypothesis: Hypothesis, reading: DigitReading, odds: float) -> ReadDigit:
    small = hypothesis.relative_height < MIN_DIGIT_HEIGHT_SHARE
    span = hypothesis.end_cut - hypothesis.start_cut
    is_digit = (
        span * math.log(max(reading.confidence, _MIN_PROBABILITY)) >= _no_digit_score(hypothesis, reading, odds)
        and not small
    )
    return ReadDigit(
        digit=reading.digit if is_digit else None,
        confidence=reading.confidence if is_digit else reading.probabilities[10],
        is_punctuation=small,
        box=hypothesis.glyph.box,
    )


_MIN_DIGIT_SHARE = 0.5
"""At least this part of the cells with ink must hold what can be a digit: else it is a word, or crosses."""


def read_comb_digits(comb_digits: CombDigits, readings: Sequence[DigitReading]) -> tuple[ReadDigit, ...]:
    """One digit per cell.

    Args:
        comb_digits: the ink.
        readings: of its glyphs, in the same order.

    Returns:
        One piece per glyph, the best digit even where "no digit" is more probable; none at all if
        most of them are no digits.
    """
    digits = sum(reading.is_digit for reading in readings)
    if digits < _MIN_DIGIT_SHARE * len(readings):
        return ()
    return tuple(
        ReadDigit(reading.digit, reading.confidence, is_punctuation=False, box=glyph.box)
        for reading, glyph in zip(readings, comb_digits.glyphs, strict=True)
    )
