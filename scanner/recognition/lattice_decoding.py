"""Find the most probable digits of a text line: the best path through its lattice of cuts, by dynamic programming.

A path goes from the left end of the line to the right end in hypotheses, each from one cut to a later one.  Each
hypothesis is taken for a digit, for punctuation, or for no digit, whichever scores best:

* a digit scores the classifier's log probability of it, multiplied by the number of cut intervals it spans, so that a
  hypothesis taken whole and the same ink cut in two compete on equal terms;
* anything too low for a digit is punctuation, and nearly free;
* no digit scores the log probability of that minus a penalty, multiplied by the number of connected components, so that
  a plus sign cut in three is still one sign.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.types import Box, DigitReading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.recognition.cut_lattice import Hypothesis, Lattice
    from scanner.types import DigitReading

_NO_DIGIT_LOG_PENALTY = -1.0
"""Added to the score of a hypothesis that is taken for no digit, per component.  Without it, any two digits that touch
would pass for one scribble."""
MIN_DIGIT_HEIGHT_SHARE = 0.38
"""Minimum height of a digit, in character heights of its text line.  Anything lower is a point, a comma or a dash."""
_PUNCTUATION_SCORE = -0.1
"""Score of punctuation per cut interval."""
_MIN_PROBABILITY = 1e-9
"""Minimum probability before its logarithm is taken."""


@dataclass(frozen=True, slots=True)
class ReadDigit:
    """A part of a text line, and what it was read as."""

    digit: int | None
    """0-9; None for what is no digit."""
    confidence: float
    """Probability of that, 0-1."""
    is_punctuation: bool
    """Whether it is a point, a comma or a dash; ``digit`` is then None."""
    box: Box
    """Pixels of the rectified page."""


def best_path(
    lattice: Lattice, readings: Sequence[DigitReading], digit_log_odds: Sequence[float] = ()
) -> tuple[ReadDigit, ...]:
    """Find the best path through the lattice of a text line.

    Args:
        lattice: lattice of the text line.
        readings: readings of its hypotheses, in the same order.
        digit_log_odds: log odds that the ink of each hypothesis is of digits, in the same order, as the page network
            classified it; empty if unknown.

    Returns:
        What was read, from left to right.
    """
    log_odds = digit_log_odds or [0.0] * len(lattice.hypotheses)
    ending_at: dict[int, list[int]] = {}
    for index, hypothesis in enumerate(lattice.hypotheses):
        ending_at.setdefault(hypothesis.end_cut, []).append(index)
    # For each cut: the score of the best path that ends there, its last hypothesis, and the cut before that.
    scores = [0.0] * lattice.cut_count
    last_hypotheses: list[int | None] = [None] * lattice.cut_count
    previous_cuts = list(range(-1, lattice.cut_count - 1))
    for cut in range(1, lattice.cut_count):
        candidates = ending_at.get(cut, ())
        # Between two cuts without ink there is no hypothesis, and a path passes for free.
        has_ink = any(lattice.hypotheses[index].start_cut == cut - 1 for index in candidates)
        scores[cut] = -math.inf if has_ink else scores[cut - 1]
        for index in candidates:
            hypothesis = lattice.hypotheses[index]
            score = scores[hypothesis.start_cut] + _hypothesis_score(hypothesis, readings[index], log_odds[index])
            if score > scores[cut]:
                scores[cut], last_hypotheses[cut], previous_cuts[cut] = score, index, hypothesis.start_cut
    path: list[ReadDigit] = []
    cut = lattice.cut_count - 1
    while cut > 0:
        last = last_hypotheses[cut]
        if last is not None:
            path.append(_to_read_digit(lattice.hypotheses[last], readings[last], log_odds[last]))
        cut = previous_cuts[cut]
    return tuple(reversed(path))


def _hypothesis_score(hypothesis: Hypothesis, reading: DigitReading, log_odds: float) -> float:
    if hypothesis.relative_height < MIN_DIGIT_HEIGHT_SHARE:
        return _PUNCTUATION_SCORE * (hypothesis.end_cut - hypothesis.start_cut)
    return max(_digit_score(hypothesis, reading), _no_digit_score(hypothesis, reading, log_odds))


def _digit_score(hypothesis: Hypothesis, reading: DigitReading) -> float:
    return (hypothesis.end_cut - hypothesis.start_cut) * math.log(max(reading.confidence, _MIN_PROBABILITY))


def _no_digit_score(hypothesis: Hypothesis, reading: DigitReading, log_odds: float) -> float:
    return hypothesis.component_count * (
        math.log(max(reading.no_digit_probability, _MIN_PROBABILITY)) + _NO_DIGIT_LOG_PENALTY - log_odds
    )


def _to_read_digit(hypothesis: Hypothesis, reading: DigitReading, log_odds: float) -> ReadDigit:
    is_punctuation = hypothesis.relative_height < MIN_DIGIT_HEIGHT_SHARE
    is_digit = not is_punctuation and (
        _digit_score(hypothesis, reading) >= _no_digit_score(hypothesis, reading, log_odds)
    )
    return ReadDigit(
        digit=reading.digit if is_digit else None,
        confidence=reading.confidence if is_digit else reading.no_digit_probability,
        is_punctuation=is_punctuation,
        box=hypothesis.glyph.box,
    )
