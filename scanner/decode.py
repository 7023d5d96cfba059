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

from scanner.types import Box, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.segment import Hypothesis, Lattice

_JUNK = -1.0
"""Score added for taking a piece for no digit: it must be no digit beyond much doubt, or any two digits that touch
would be one scribble."""
SMALL = 0.38
"""A piece lower than this many heights of its run is a point, a comma or a dash ..."""
_SMALL_SCORE = -0.1
"""... and nearly free to leave out."""
_LEAST = 1e-9
"""Probabilities below count as this."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a run and what it is taken for."""

    digit: int | None
    """0-9; None for what is no digit."""
    confidence: float
    """Probability of that, 0-1."""
    small: bool
    """Whether it is a point, a comma or a dash: it then stands for nothing."""
    box: Box
    """In pixels of the straightened page."""


def best_path(lattice: Lattice, readings: Sequence[Reading], odds: Sequence[float] = ()) -> tuple[Piece, ...]:
    """The most likely pieces of a run, from left to right.

    Args:
        lattice: of the run.
        readings: of its hypotheses, in the same order.
        odds: log odds, in the same order, that each is of digits, by what the page says of its ink; even if none are
            given.
    """
    odds = odds or [0.0] * len(lattice.hypotheses)
    # score, and the hypothesis by which each cut is best reached.
    best: list[tuple[float, int | None]] = [(0.0, None), *((-math.inf, None) for _ in range(lattice.cuts - 1))]
    by_end: dict[int, list[int]] = {}
    for index, hypothesis in enumerate(lattice.hypotheses):
        by_end.setdefault(hypothesis.end, []).append(index)
    reached_from = list(range(-1, lattice.cuts - 1))
    for cut in range(1, lattice.cuts):
        # Between two cuts without ink there is nothing to read.
        best[cut] = (best[cut - 1][0], None)
        spans = [lattice.hypotheses[index] for index in by_end.get(cut, ())]
        if any(h.start == cut - 1 for h in spans):
            best[cut] = (-math.inf, None)
        for index in by_end.get(cut, ()):
            hypothesis = lattice.hypotheses[index]
            score = best[hypothesis.start][0] + _score(hypothesis, readings[index], odds[index])
            if score > best[cut][0]:
                best[cut] = (score, index)
                reached_from[cut] = hypothesis.start
    pieces: list[Piece] = []
    cut = lattice.cuts - 1
    while cut > 0:
        taken = best[cut][1]
        if taken is not None:
            pieces.append(_piece(lattice.hypotheses[taken], readings[taken], odds[taken]))
        cut = reached_from[cut]
    return tuple(reversed(pieces))


def _score(hypothesis: Hypothesis, reading: Reading, odds: float) -> float:
    span = hypothesis.end - hypothesis.start
    if hypothesis.height < SMALL:
        return _SMALL_SCORE * span
    return max(span * math.log(max(reading.confidence, _LEAST)), _junk(hypothesis, reading, odds))


def _junk(hypothesis: Hypothesis, reading: Reading, odds: float) -> float:
    # By its components, not by its cuts: a plus sign cut in three is one sign, a sign and two digits are three.
    return hypothesis.parts * (math.log(max(reading.scores[10], _LEAST)) + _JUNK - odds)


def _piece(hypothesis: Hypothesis, reading: Reading, odds: float) -> Piece:
    small = hypothesis.height < SMALL
    span = hypothesis.end - hypothesis.start
    is_digit = span * math.log(max(reading.confidence, _LEAST)) >= _junk(hypothesis, reading, odds) and not small
    return Piece(
        digit=reading.digit if is_digit else None,
        confidence=reading.confidence if is_digit else reading.scores[10],
        small=small,
        box=hypothesis.glyph.box,
    )
