"""Tell the cells that hold a digit from those with a mark that means nothing: a cross, or a dash."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.form_reading.field_writing import glyph_strength
from scanner.forms.form import BlankMark, FieldKind
from scanner.image.digit_frame import digit_frames
from scanner.recognition.blank_marks import CellInk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.form_reading.field_writing import FieldWriting
    from scanner.form_reading.placed_fields import PlacedField
    from scanner.image.measured_ink import MeasuredInk
    from scanner.recognition.blank_marks import BlankMarkModel
    from scanner.recognition.digit_classifier import Classifier
    from scanner.types import DigitReading

_INK_OF_MARK = {BlankMark.CROSS: CellInk.CROSS, BlankMark.DASH: CellInk.DASH}
_CLASSIFIER_WEIGHT = 0.5
"""Weight of the log odds of "no digit" by the digit classifier beside those of a mark.  A choice: it has learnt other
things than marks as no digits."""
_AFTER_DIGIT_LOG_ODDS = -3.0
"""Log odds of a mark behind a digit: empty cells are in front of a number.  A choice."""
_LEAST = 1e-3
"""Least probability whose logarithm is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class WrittenCell:
    """A cell in which something is written."""

    component_indices: NDArray[np.int64]
    reading: DigitReading
    """By the digit classifier."""
    mark_probability: float
    """Probability that it is a mark which means nothing, 0-1; 0 where the form allows none."""

    @property
    def is_mark(self) -> bool:
        """Whether it is more probably a mark than not."""
        return self.mark_probability >= 0.5


def read_cells(
    placed: Sequence[PlacedField],
    writing: Sequence[FieldWriting],
    ink: MeasuredInk,
    classifier: Classifier,
    marks: BlankMarkModel,
) -> tuple[tuple[WrittenCell | None, ...], ...]:
    """Classify the ink of each cell of the fields of numbers.

    A field that is no comb has one cell: its reading says nothing if it is a number of several digits, but that it is a
    mark can be seen.

    Args:
        placed: the fields.
        writing: what is written in each.
        ink: ink of the page without print.
        classifier: reads digits.
        marks: tells marks from digits.

    Returns:
        For each field the content of each of its cells; None for one with nothing in it.
    """
    written = [
        (field, cell)
        for field, (place, of_field) in enumerate(zip(placed, writing, strict=True))
        if place.field.kind.is_numeric
        for cell, members in enumerate(of_field.cells)
        if members.size
    ]
    frames = digit_frames(glyph_strength(writing[field].cells[cell], ink) for field, cell in written)
    readings, looks = classifier.read(frames), marks.read(frames)
    contents: list[list[WrittenCell | None]] = [[None] * len(place.cells) for place in placed]
    follows_digit = [False] * len(placed)
    for (field, cell), reading, look in zip(written, readings, looks, strict=True):
        probability = _mark_probability(placed[field], reading, look, follows_digit=follows_digit[field])
        content = WrittenCell(writing[field].cells[cell], reading, probability)
        contents[field][cell] = content
        follows_digit[field] |= not content.is_mark
    return tuple(map(tuple, contents))


def _mark_probability(
    place: PlacedField, reading: DigitReading, look: NDArray[np.float64], *, follows_digit: bool
) -> float:
    allowed = [_INK_OF_MARK[mark] for mark in place.field.blank_marks]
    if not allowed:
        return 0.0
    log_odds = _log(float(look[allowed].sum())) - _log(float(look[CellInk.DIGIT]))
    if place.field.kind is FieldKind.COMB:
        log_odds += _CLASSIFIER_WEIGHT * (_log(reading.no_digit_probability) - _log(reading.confidence))
    if follows_digit:
        log_odds += _AFTER_DIGIT_LOG_ODDS
    return 1 / (1 + math.exp(-log_odds))


def _log(probability: float) -> float:
    return math.log(max(probability, _LEAST))
