from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.pad.drawing import PEN_WIDTH, Drawing, Stroke, read_drawing, render
from scanner.types import Reading

if TYPE_CHECKING:
    from scanner.types import Image

CANVAS = Drawing(100, 80)
coordinates = st.floats(-200, 200)
strokes = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=8).map(tuple)
drawings = st.lists(strokes, max_size=5).map(lambda drawn: Drawing(60, 60, tuple(drawn)))


class Recorder:
    """Classifier that remembers what it was shown."""

    name = "test"

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def read(self, frames: Image) -> tuple[Reading, ...]:
        self.shapes.append(frames.shape)
        return tuple(Reading((0.0,) * 7 + (1.0,) + (0.0,) * 3) for _ in frames)


def test_strokes_are_kept_in_the_order_drawn() -> None:
    drawing = CANVAS.pen_down(1, 2).pen_move(3, 4).pen_down(5, 6)
    assert drawing.strokes == (((1, 2), (3, 4)), ((5, 6),))


def test_drawing_does_not_change_the_drawing_before() -> None:
    CANVAS.pen_down(1, 2)
    assert CANVAS.strokes == ()


def test_undo_takes_whole_strokes_and_stops_at_none() -> None:
    drawing = CANVAS.pen_down(1, 1).pen_move(9, 9).pen_down(5, 5)
    assert drawing.undo().strokes == (((1, 1), (9, 9)),)
    assert drawing.undo().undo().undo() == CANVAS


@given(drawings, strokes)
@settings(deadline=None)
def test_undo_takes_back_exactly_the_last_stroke(drawing: Drawing, stroke: Stroke) -> None:
    longer = drawing.pen_down(*stroke[0])
    for point in stroke[1:]:
        longer = longer.pen_move(*point)
    assert longer.undo() == drawing
    assert longer.clear() == drawing.clear()


def test_a_move_needs_a_stroke() -> None:
    with pytest.raises(ValueError, match="no stroke"):
        CANVAS.pen_move(1, 1)


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (-1, 10)])
def test_a_canvas_has_a_size(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1 x 1"):
        Drawing(*size)


def test_bare_canvas_renders_as_paper() -> None:
    ink = render(CANVAS)
    assert ink.shape == (80, 100)
    assert ink.dtype == np.uint8
    assert not ink.any()


def test_a_dot_is_a_disc_as_wide_as_the_pen() -> None:
    ink = render(Drawing(100, 100).pen_down(50, 50))
    rows, columns = np.indices(ink.shape)
    assert (rows * ink).sum() / ink.sum() == pytest.approx(49.5, abs=0.2)
    assert (columns * ink).sum() / ink.sum() == pytest.approx(49.5, abs=0.2)
    assert ink.sum() / 255 == pytest.approx(np.pi * (100 * PEN_WIDTH / 2) ** 2, rel=0.1)


def test_a_line_lies_where_it_was_drawn() -> None:
    ink = render(Drawing(100, 100).pen_down(20, 40).pen_move(80, 40))
    rows, columns = np.nonzero(ink > 127)
    assert rows.mean() == pytest.approx(39.5, abs=0.6)
    assert columns.min() == pytest.approx(20 - 3.5, abs=1)
    assert columns.max() == pytest.approx(79 + 3.5, abs=1)
    assert ink[:, 50].sum() / 255 == pytest.approx(100 * PEN_WIDTH, abs=0.5)


def test_the_pen_grows_with_the_canvas() -> None:
    small = render(Drawing(100, 100).pen_down(20, 20).pen_move(80, 80)).mean()
    large = render(Drawing(400, 400).pen_down(80, 80).pen_move(320, 320)).mean()
    assert small == pytest.approx(large, rel=0.1)


@given(drawings)
@settings(deadline=None)
def test_one_more_stroke_never_takes_ink_away(drawing: Drawing) -> None:
    longer = drawing.pen_down(30, 30)
    assert (render(longer) >= render(drawing)).all()


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
@settings(deadline=None)
def test_points_far_off_the_canvas_do_no_harm(x: float, y: float) -> None:
    assert render(Drawing(20, 20).pen_down(x, y).pen_move(-x, y)).shape == (20, 20)


def test_a_drawing_is_read_as_one_frame() -> None:
    classifier = Recorder()
    reading = read_drawing(CANVAS.pen_down(30, 30).pen_move(60, 30), classifier)
    assert reading is not None
    assert reading.digit == 7
    assert classifier.shapes == [(1, 28, 28)]


@pytest.mark.parametrize("drawing", [CANVAS, CANVAS.pen_down(500, 500)], ids=["empty", "beside the canvas"])
def test_no_ink_is_not_read(drawing: Drawing) -> None:
    classifier = Recorder()
    assert read_drawing(drawing, classifier) is None
    assert classifier.shapes == []
