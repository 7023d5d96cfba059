"""Read a comb field: each cell by two readers, and the number as a whole."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.types import DigitReading

_READER_WEIGHT = 0.45
"""Weight of the log probability by each of the three readings: they read the same ink, and err together."""
_MIN_PROBABILITY = 1e-3
"""Least probability of a digit: no reader is surer than that."""
_MIN_TEXT_PROBABILITY = 1e-4
"""Least probability of a text by the line reader."""
_MAX_DIGITS_PER_CELL = 4
"""Most digits that are considered in a cell.  A choice."""
_MAX_TEXTS = 60
"""Most texts that are considered.  A choice: the line reader weighs each."""


@dataclass(frozen=True, slots=True)
class CellReading:
    """What two readers say of a cell with a digit in it."""

    by_classifier: DigitReading
    by_line_reader: tuple[float, ...]
    """Probability of each digit, 0-9, by the line reader, which saw the cell alone."""

    def log_probability(self, digit: int) -> float:
        """Sum of the log probabilities of a digit by both, given that there is one."""
        classifier = self.by_classifier
        given = classifier.probabilities[digit] / max(1 - classifier.no_digit_probability, _MIN_PROBABILITY)
        return _log(given, _MIN_PROBABILITY) + _log(self.by_line_reader[digit], _MIN_PROBABILITY)


@dataclass(frozen=True, slots=True)
class RankedText:
    """A text and how probable it is."""

    text: str
    probability: float
    """0-1; those of all texts of a field sum to 1."""


def texts_by_cells(cells: Sequence[CellReading]) -> tuple[str, ...]:
    """The texts that are most probable cell by cell, a digit for each."""
    beams: list[tuple[float, str]] = [(0.0, "")]
    for cell in cells:
        scores = {digit: cell.log_probability(digit) for digit in range(10)}
        digits = sorted(scores, key=lambda digit: -scores[digit])[:_MAX_DIGITS_PER_CELL]
        beams = [(score + scores[digit], f"{text}{digit}") for (score, text), digit in itertools.product(beams, digits)]
        beams = sorted(beams, key=lambda beam: -beam[0])[:_MAX_TEXTS]
    return tuple(text for _, text in beams)


def rank_comb_texts(cells: Sequence[CellReading], line_probabilities: Mapping[str, float]) -> tuple[RankedText, ...]:
    """Weigh what is read cell by cell and what the line reader says of the whole.

    Args:
        cells: readings of the cells with a digit in them, at least one.
        line_probabilities: probability of each text by the line reader, at least of those of :func:`texts_by_cells`.

    Returns:
        The texts with a digit for each cell, most probable first.
    """
    scores = {
        text: _READER_WEIGHT
        * (
            sum(cell.log_probability(int(digit)) for cell, digit in zip(cells, text, strict=True))
            + _log(probability, _MIN_TEXT_PROBABILITY)
        )
        for text, probability in line_probabilities.items()
        if len(text) == len(cells) and text.isdecimal()
    }
    best = max(scores.values())
    total = sum(math.exp(score - best) for score in scores.values())
    ranked = [RankedText(text, math.exp(score - best) / total) for text, score in scores.items()]
    return tuple(sorted(ranked, key=lambda each: -each.probability))


def _log(probability: float, least: float) -> float:
    return math.log(max(probability, least))
