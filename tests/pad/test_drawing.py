from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.pad.drawing import PEN_WIDTH_PER_CANVAS_SIDE, Drawing, Stroke, read_drawing, render_ink
from scanner.recognition.digit_classifier import load_classifier
from scanner.types import DigitReading

if TYPE_CHECKING:
    from scanner.types import Image

CANVAS = Drawing(100, 80)
coordinates = st.floats(-200, 200)
strokes = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=8).map(tuple)
drawings = st.lists(strokes, max_size=5).map(lambda drawn: Drawing(60, 60, tuple(drawn)))


class Recorder:
    """A classifier that records the shapes of its input."""

    name = "test"

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def read(self, frames: Image) -> tuple[DigitReading, ...]:
        self.shapes.append(frames.shape)
        return tuple(DigitReading((0.0,) * 7 + (1.0,) + (0.0,) * 3) for _ in frames)


def test_strokes_are_kept_in_the_order_drawn() -> None:
    drawing = CANVAS.begin_stroke(1, 2).extend_stroke(3, 4).begin_stroke(5, 6)
    assert drawing.strokes == (((1, 2), (3, 4)), ((5, 6),))


def test_drawing_does_not_change_the_drawing_before() -> None:
    CANVAS.begin_stroke(1, 2)
    assert CANVAS.strokes == ()


def test_undo_removes_whole_strokes_until_there_are_none() -> None:
    drawing = CANVAS.begin_stroke(1, 1).extend_stroke(9, 9).begin_stroke(5, 5)
    assert drawing.without_last_stroke().strokes == (((1, 1), (9, 9)),)
    assert drawing.without_last_stroke().without_last_stroke().without_last_stroke() == CANVAS


@given(drawings, strokes)
@settings(deadline=None)
def test_undo_removes_exactly_the_last_stroke(drawing: Drawing, stroke: Stroke) -> None:
    longer = drawing.begin_stroke(*stroke[0])
    for point in stroke[1:]:
        longer = longer.extend_stroke(*point)
    assert longer.without_last_stroke() == drawing
    assert longer.cleared() == drawing.cleared()


def test_there_must_be_a_stroke_to_extend() -> None:
    with pytest.raises(ValueError, match="no stroke to extend"):
        CANVAS.extend_stroke(1, 1)


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (-1, 10)])
def test_a_canvas_has_a_size(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1 x 1"):
        Drawing(*size)


def test_an_empty_canvas_renders_as_paper() -> None:
    ink = render_ink(CANVAS)
    assert ink.shape == (80, 100)
    assert ink.dtype == np.uint8
    assert not ink.any()


def test_a_dot_is_a_disc_as_wide_as_the_pen() -> None:
    ink = render_ink(Drawing(100, 100).begin_stroke(50, 50))
    rows, columns = np.indices(ink.shape)
    assert (rows * ink).sum() / ink.sum() == pytest.approx(49.5, abs=0.2)
    assert (columns * ink).sum() / ink.sum() == pytest.approx(49.5, abs=0.2)
    assert ink.sum() / 255 == pytest.approx(np.pi * (100 * PEN_WIDTH_PER_CANVAS_SIDE / 2) ** 2, rel=0.1)


def test_a_line_lies_where_it_was_drawn() -> None:
    ink = render_ink(Drawing(100, 100).begin_stroke(20, 40).extend_stroke(80, 40))
    rows, columns = np.nonzero(ink > 127)
    assert rows.mean() == pytest.approx(39.5, abs=0.6)
    assert columns.min() == pytest.approx(20 - 3.5, abs=1)
    assert columns.max() == pytest.approx(79 + 3.5, abs=1)
    assert ink[:, 50].sum() / 255 == pytest.approx(100 * PEN_WIDTH_PER_CANVAS_SIDE, abs=0.5)


def test_the_pen_grows_with_the_canvas() -> None:
    small = render_ink(Drawing(100, 100).begin_stroke(20, 20).extend_stroke(80, 80)).mean()
    large = render_ink(Drawing(400, 400).begin_stroke(80, 80).extend_stroke(320, 320)).mean()
    assert small == pytest.approx(large, rel=0.1)


@given(drawings)
@settings(deadline=None)
def test_one_more_stroke_never_removes_ink(drawing: Drawing) -> None:
    longer = drawing.begin_stroke(30, 30)
    assert (render_ink(longer) >= render_ink(drawing)).all()


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
@settings(deadline=None)
def test_points_far_off_the_canvas_do_no_harm(x: float, y: float) -> None:
    assert render_ink(Drawing(20, 20).begin_stroke(x, y).extend_stroke(-x, y)).shape == (20, 20)


def test_a_drawing_is_read_as_one_frame() -> None:
    classifier = Recorder()
    reading = read_drawing(CANVAS.begin_stroke(30, 30).extend_stroke(60, 30), classifier)
    assert reading is not None
    assert reading.digit == 7
    assert classifier.shapes == [(1, 28, 28)]


@pytest.mark.parametrize("drawing", [CANVAS, CANVAS.begin_stroke(500, 500)], ids=["empty", "beside the canvas"])
def test_no_ink_is_not_read(drawing: Drawing) -> None:
    classifier = Recorder()
    assert read_drawing(drawing, classifier) is None
    assert classifier.shapes == []


@pytest.mark.parametrize("length", [0, 5, 10, 22])
@pytest.mark.parametrize("direction", [(0, 1), (1, 0), (1, 1)])
def test_a_dot_is_no_digit(length: int, direction: tuple[int, int]) -> None:
    end = (150 + direction[0] * length, 150 + direction[1] * length)
    reading = read_drawing(Drawing(320, 320).begin_stroke(150, 150).extend_stroke(*end), load_classifier("cnn"))
    assert reading is not None
    assert not reading.is_digit


def test_a_short_stroke_is_a_one() -> None:
    reading = read_drawing(Drawing(320, 320).begin_stroke(150, 150).extend_stroke(150, 190), load_classifier("cnn"))
    assert reading is not None
    assert (reading.digit, reading.is_digit) == (1, True)
