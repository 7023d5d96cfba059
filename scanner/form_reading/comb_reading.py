"""Read a comb field cell by cell and as a whole, and weigh both."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.types import DigitReading

_CELL_WEIGHT = 0.6
"""Weight of the log probability of the digits by the digit classifier."""
_LINE_WEIGHT = 0.6
"""Weight of the log probability of the text by the line reader."""
_MIN_PROBABILITY = 1e-4
"""Least probability of a digit, and of a text: no reader is surer than that."""
_MAX_DIGITS_PER_CELL = 4
"""Most digits that are considered in a cell: a fifth one was never right.  A choice."""
_MAX_TEXTS = 60
"""Most texts that are considered.  A choice: the line reader weighs each."""


@dataclass(frozen=True, slots=True)
class RankedText:
    """A text and how probable it is."""

    text: str
    probability: float
    """0-1; those of all texts of a field sum to 1."""


def texts_by_cells(cells: Sequence[DigitReading]) -> tuple[str, ...]:
    """The most probable texts by the digit classifier, a digit to each cell with writing in it, at least one cell."""
    beams: list[tuple[float, str]] = [(0.0, "")]
    for cell in cells:
        digits = sorted(range(10), key=lambda digit: -cell.probabilities[digit])[:_MAX_DIGITS_PER_CELL]
        beams = [
            (score + _log(_digit_probability(cell, digit)), f"{text}{digit}")
            for (score, text), digit in itertools.product(beams, digits)
        ]
        beams = sorted(beams, key=lambda beam: -beam[0])[:_MAX_TEXTS]
    return tuple(text for _, text in beams)


def rank_comb_texts(cells: Sequence[DigitReading], line_probabilities: Mapping[str, float]) -> tuple[RankedText, ...]:
    """Weigh what the digit classifier says of each cell and what the line reader says of the whole.

    Args:
        cells: readings of the cells with writing in them, at least one.
        line_probabilities: probability of each text by the line reader, of those of :func:`texts_by_cells` at least.

    Returns:
        The texts with a digit for each cell, most probable first.
    """
    scores = {
        text: _CELL_WEIGHT * sum(_log(_digit_probability(cell, int(digit))) for cell, digit in zip(cells, text, strict=True))
        + _LINE_WEIGHT * _log(probability)
        for text, probability in line_probabilities.items()
        if len(text) == len(cells) and text.isdecimal()
    }
    best = max(scores.values())
    total = sum(math.exp(score - best) for score in scores.values())
    ranked = [RankedText(text, math.exp(score - best) / total) for text, score in scores.items()]
    return tuple(sorted(ranked, key=lambda each: -each.probability))


def _digit_probability(cell: DigitReading, digit: int) -> float:
    """Probability of a digit, given that there is one."""
    return cell.probabilities[digit] / max(1 - cell.no_digit_probability, _MIN_PROBABILITY)


def _log(probability: float) -> float:
    return math.log(max(probability, _MIN_PROBABILITY))
