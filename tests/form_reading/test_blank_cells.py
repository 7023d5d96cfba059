from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.form_reading.blank_cells import WrittenCell, read_cells
from scanner.form_reading.field_writing import FieldWriting, find_field_writing
from scanner.forms.form import BlankMark
from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.recognition.blank_marks import BlankMarkModel, CellInk, load_blank_mark_model
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.hog import HOG_FEATURE_COUNT
from scanner.synthesis.blank_marks import draw_cross_ink, draw_dash_ink
from scanner.synthesis.pen import random_writer, render_character
from scanner.types import DigitReading

if TYPE_CHECKING:
    from scanner.types import Image
    from tests.form_reading.conftest import Assign, InkOf, Place

CROSS, DASH = frozenset({BlankMark.CROSS}), frozenset({BlankMark.DASH})
COMB_BOX = (10, 20, 120, 50)
"""A comb of three cells, forty pixels wide."""


class Always:
    """Reads every frame as the digit 7 with one probability, and as no digit with another."""

    name = "always"

    def __init__(self, digit: float = 1.0, no_digit: float = 0.0) -> None:
        self._reading = DigitReading((0.0,) * 7 + (digit, 0.0, 0.0, no_digit))

    def read(self, frames: Image) -> tuple[DigitReading, ...]:
        return (self._reading,) * len(frames)


def looks(digit: float, cross: float, dash: float) -> BlankMarkModel:
    """A model to which all ink looks alike, with these probabilities."""
    bias = np.log(np.array([digit, cross, dash], np.float32))
    return BlankMarkModel(np.zeros((len(CellInk), HOG_FEATURE_COUNT), np.float32), bias)


class _Comb:
    """What is read in a field with strokes in some of its cells."""

    def __init__(self, ink_of: InkOf, place: Place, assign: Assign) -> None:
        self._ink_of, self._place, self._assign = ink_of, place, assign

    def read(
        self,
        columns: tuple[int, ...],
        model: BlankMarkModel,
        marks: frozenset[BlankMark] = CROSS,
        classifier: Always | None = None,
    ) -> tuple[WrittenCell | None, ...]:
        placed = [self._place(COMB_BOX, "comb", cells=3, blank_marks=marks)]
        inked = self._assign(self._ink_of(*((28 + 40 * column, 32, 4, 24) for column in columns)), placed)
        writing = find_field_writing(placed, inked)
        return read_cells(placed, writing, inked.ink, classifier or Always(), model)[0]


@pytest.fixture
def comb(ink_of: InkOf, place: Place, assign: Assign) -> _Comb:
    return _Comb(ink_of, place, assign)


def odds(probability: float) -> float:
    return probability / (1 - probability)


def test_cells_with_ink_are_read_and_others_are_none(comb: _Comb) -> None:
    first, second, third = comb.read((0, 2), looks(0.9, 0.05, 0.05))
    assert second is None
    assert first is not None
    assert third is not None
    assert (first.reading.digit, first.component_indices.tolist()) == (7, [0])
    assert third.component_indices.tolist() == [1]


def test_without_marks_that_mean_nothing_there_are_none(comb: _Comb) -> None:
    (cell, *_) = comb.read((0,), looks(0.01, 0.98, 0.01), marks=frozenset())
    assert cell is not None
    assert (cell.mark_probability, cell.is_mark) == (0.0, False)


@pytest.mark.parametrize(
    ("marks", "classifier", "expected"),
    [
        # The digit classifier is as sure of a digit as of none.
        (CROSS, Always(0.5, 0.5), 0.6 / 0.2),
        (DASH, Always(0.5, 0.5), 0.2 / 0.2),
        (CROSS | DASH, Always(0.5, 0.5), 0.8 / 0.2),
        # Its odds count half as much.
        (CROSS, Always(0.2, 0.8), 0.6 / 0.2 * math.sqrt(0.8 / 0.2)),
        (CROSS, Always(0.8, 0.2), 0.6 / 0.2 * math.sqrt(0.2 / 0.8)),
    ],
)
def test_marks_are_weighed(comb: _Comb, marks: frozenset[BlankMark], classifier: Always, expected: float) -> None:
    (cell, *_) = comb.read((0,), looks(0.2, 0.6, 0.2), marks, classifier)
    assert cell is not None
    assert odds(cell.mark_probability) == pytest.approx(expected, rel=1e-5)
    assert cell.is_mark == (expected >= 1 - 1e-5)


def test_behind_a_digit_marks_are_improbable(comb: _Comb) -> None:
    # The first is a digit for sure, since no classifier doubts it.
    first, second, _ = comb.read((0, 1), looks(0.5, 0.25, 0.25), CROSS, Always(0.5, 0.5))
    assert first is not None
    assert second is not None
    assert not first.is_mark
    assert odds(second.mark_probability) == pytest.approx(odds(first.mark_probability) * math.exp(-3), rel=1e-5)


def test_behind_a_mark_nothing_changes(comb: _Comb) -> None:
    first, second, _ = comb.read((0, 1), looks(0.2, 0.6, 0.2), CROSS, Always(0.5, 0.5))
    assert first is not None
    assert second is not None
    assert first.is_mark
    assert second.mark_probability == pytest.approx(first.mark_probability)


def test_ticks_and_pictures_are_not_read(ink_of: InkOf, place: Place, assign: Assign) -> None:
    placed = [place((10, 20, 40, 40), "tick"), place((60, 20, 40, 40), "text_image"), place((110, 20, 40, 40))]
    inked = assign(ink_of((28, 28, 4, 24), (78, 28, 4, 24), (128, 28, 4, 24)), placed)
    contents = read_cells(placed, find_field_writing(placed, inked), inked.ink, Always(), looks(0.9, 0.05, 0.05))
    assert [[cell is not None for cell in cells] for cells in contents] == [[False], [False], [True]]


def test_in_a_number_only_the_look_of_marks_counts(ink_of: InkOf, place: Place, assign: Assign) -> None:
    placed = [place((10, 20, 60, 50), blank_marks=CROSS)]
    inked = assign(ink_of((28, 32, 4, 24)), placed)
    model = looks(0.2, 0.6, 0.2)
    ((cell,),) = read_cells(placed, find_field_writing(placed, inked), inked.ink, Always(0.01, 0.9), model)
    assert cell is not None
    assert odds(cell.mark_probability) == pytest.approx(3, rel=1e-5)


def test_nothing_written_is_read_without_models_that_see_anything(ink_of: InkOf, place: Place, assign: Assign) -> None:
    placed = [place((10, 20, 60, 50), "comb", cells=2)]
    inked = assign(ink_of(), placed)
    assert read_cells(placed, find_field_writing(placed, inked), inked.ink, Always(), looks(0.4, 0.3, 0.3)) == (
        (None, None),
    )
    assert read_cells([], [], inked.ink, Always(), looks(0.4, 0.3, 0.3)) == ()


def drawn(*glyphs: Image) -> MeasuredInk:
    """Ink of glyphs in cells of 60 pixels from (10, 10), as they stand in a comb; each one component."""
    mask = np.zeros((80, 20 + 60 * len(glyphs)), np.uint8)
    for index, glyph in enumerate(glyphs):
        mask[15 : 15 + glyph.shape[0], 20 + 60 * index : 20 + 60 * index + glyph.shape[1]] = glyph
    strength = mask.copy()
    mask = np.where(mask > 100, np.uint8(255), np.uint8(0))
    return MeasuredInk(strength, mask, 4.0, label_components(mask), 40.0)


def cropped(ink: Image, height: int = 40) -> Image:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    step = max(part.shape[0] // height, part.shape[1] // 45) + 1
    return np.ascontiguousarray(part[::step, ::step])


def test_the_models_tell_crosses_and_dashes_from_digits(place: Place) -> None:
    rng = np.random.default_rng(5)
    classifier, model = load_classifier("cnn"), load_blank_mark_model()
    right = 0
    for _ in range(10):
        writer = random_writer(rng)
        digits = [render_character(text, writer, rng, 40) for text in "27"]
        glyphs = [cropped(draw_cross_ink(rng)), cropped(draw_dash_ink(rng)), *digits]
        ink = drawn(*glyphs)
        cells = tuple(
            np.flatnonzero((ink.components.boxes[:, 0] - 15) // 60 == index).astype(np.int64) for index in range(4)
        )
        placed = [place((10, 10, 240, 60), "comb", cells=4, blank_marks=CROSS | DASH)]
        (contents,) = read_cells(placed, [FieldWriting(cells)], ink, classifier, model)
        right += [cell is not None and cell.is_mark for cell in contents] == [True, True, False, False]
    assert right >= 9
