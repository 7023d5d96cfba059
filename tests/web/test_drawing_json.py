from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.pad.drawing import Drawing
from scanner.web.drawing_json import MAX_CANVAS_SIDE, MAX_POINTS, MAX_STROKES, parse_drawing

coordinates = st.floats(-MAX_CANVAS_SIDE, 2 * MAX_CANVAS_SIDE) | st.integers(-MAX_CANVAS_SIDE, 2 * MAX_CANVAS_SIDE)


def sent(strokes: object, width: object = 320, height: object = 200) -> bytes:
    return json.dumps({"width": width, "height": height, "strokes": strokes}).encode()


def test_strokes_become_the_same_drawing() -> None:
    drawing = parse_drawing(sent([[[1, 2], [3.5, 4]], [[-5, 330]]]))
    assert drawing == Drawing(320, 200).begin_stroke(1, 2).extend_stroke(3.5, 4).begin_stroke(-5, 330)


def test_a_drawing_may_have_no_strokes() -> None:
    assert parse_drawing(sent([])) == Drawing(320, 200)


@given(st.lists(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=5), max_size=5))
@settings(deadline=None)
def test_points_are_parsed_exactly(strokes: list[list[tuple[float, float]]]) -> None:
    assert [list(stroke) for stroke in parse_drawing(sent(strokes)).strokes] == strokes


@given(st.binary(max_size=40))
@settings(deadline=None)
def test_any_bytes_are_a_drawing_or_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="drawing"):
        parse_drawing(data)


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"width": 1' + b"0" * 5000 + b"}"])
def test_not_json(data: bytes) -> None:
    with pytest.raises(ValueError, match="not valid JSON"):
        parse_drawing(data)


@pytest.mark.parametrize("data", [b"null", b"[]", b"7", b'"x"'])
def test_not_an_object(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        parse_drawing(data)


@pytest.mark.parametrize("side", [0, -1, MAX_CANVAS_SIDE + 1, 1.5, "320", None, True])
def test_a_canvas_has_a_sensible_size(side: object) -> None:
    with pytest.raises(ValueError, match="width must be"):
        parse_drawing(sent([], width=side))
    with pytest.raises(ValueError, match="height must be"):
        parse_drawing(sent([], height=side))


@pytest.mark.parametrize("strokes", [None, "x", {}, [[]], [1], [[[1, 2]], "x"]])
def test_strokes_are_lists_of_points(strokes: object) -> None:
    with pytest.raises(ValueError, match="list of non-empty lists"):
        parse_drawing(sent(strokes))


@pytest.mark.parametrize(
    "point",
    [
        1,
        [],
        [1],
        [1, 2, 3],
        ["1", 2],
        [None, 2],
        [True, 2],
        [float("nan"), 2],
        [float("inf"), 2],
        [10**400, 2],
        [-1001, 2],
    ],
)
def test_points_are_two_sensible_numbers(point: object) -> None:
    with pytest.raises(ValueError, match="a point must be"):
        parse_drawing(sent([[[1, 2], point]]))


def test_too_many_strokes_or_points_are_refused() -> None:
    assert len(parse_drawing(sent([[[1, 1]]] * MAX_STROKES)).strokes) == MAX_STROKES
    assert len(parse_drawing(sent([[[1, 1]] * MAX_POINTS])).strokes[0]) == MAX_POINTS
    for strokes in ([[[1, 1]]] * (MAX_STROKES + 1), [[[1, 1]] * (MAX_POINTS + 1)]):
        with pytest.raises(ValueError, match="more than 100 strokes"):
            parse_drawing(sent(strokes))
