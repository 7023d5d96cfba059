from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.debug.canvas import BLUE, GREEN, MAX_PAGE_PICTURE_SIDE, ORANGE, Canvas, View, add_heading, fade_ink
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.types import Image


def white(width: int, height: int) -> Image:
    return np.full((height, width), 255, np.uint8)


def paper(width: int, height: int) -> Image:
    return np.full((height, width, 3), 255, np.uint8)


def count(image: Image, colour: tuple[int, int, int]) -> int:
    """Pixels of an RGB colour in a BGR image."""
    return int(np.all(np.equal(image, colour[::-1]), axis=2).sum())


@pytest.mark.parametrize(
    ("page", "scale", "size"),
    [
        ((1200, 1700), 1, (1200, 1700)),
        ((2400, 100), 1, (2400, 100)),
        ((4800, 3000), 0.5, (2400, 1500)),
        ((300, 200), 3, (900, 600)),
        ((20, 20), 8, (160, 160)),
        ((9600, 1), 0.25, (2400, 1)),
    ],
)
def test_large_pages_are_reduced_and_small_ones_enlarged(
    page: tuple[int, int], scale: float, size: tuple[int, int]
) -> None:
    assert View.of(*page) == View(scale, size)


@given(st.integers(1, 12_000), st.integers(1, 12_000))
def test_no_picture_is_too_large(width: int, height: int) -> None:
    view = View.of(width, height)
    assert 1 <= min(view.size) <= max(view.size) <= MAX_PAGE_PICTURE_SIDE


def test_enlarged_pixels_stay_sharp() -> None:
    shown = View.of(500, 1).scale_image(np.array([[0, 200] * 250], np.uint8))
    assert shown.shape == (2, 1000, 3)
    assert shown[0, :, 1].tolist() == [0, 0, 200, 200] * 250


def test_boxes_are_scaled_with_the_page() -> None:
    view = View(0.5, (100, 100))
    assert view.to_picture_span(Box(20, 40, 10, 6)) == (10, 20, 15, 23)
    assert view.to_picture_span(Box(20, 40, 1, 1)) == (10, 20, 11, 21)


def test_a_box_is_drawn_around_its_ink() -> None:
    canvas = Canvas(paper(1000, 1000), View.of(1000, 1000))
    canvas.box(Box(100, 200, 30, 40), BLUE)
    drawn = canvas.image()
    assert tuple(drawn[199, 110]) == BLUE[::-1]
    assert (drawn[200:240, 100:130] == 255).all()
    assert count(drawn, BLUE) == 32 * 42 - 30 * 40


def test_labels_stay_on_the_picture() -> None:
    for corner in ((0.0, 0.0), (999.0, 999.0)):
        canvas = Canvas(paper(1000, 1000), View.of(1000, 1000))
        canvas.label("run 12", corner, ORANGE)
        rows, columns = np.nonzero((canvas.image() != 255).any(axis=2))
        assert np.ptp(columns) > 2 * np.ptp(rows) > 20


def test_a_note_is_left_out_where_there_is_no_room() -> None:
    for side, written in ((8, False), (100, True)):
        canvas = Canvas(paper(1000, 1000), View.of(1000, 1000))
        canvas.note("12,3", Box(100, 100, side, side), BLUE)
        inked = (canvas.image() != 255).any(axis=2)
        assert inked.any() == written
        assert not inked[:, : 100 - 3].any()


def test_faded_ink_is_light_and_paper_white() -> None:
    assert fade_ink(np.array([[0, 255]], np.uint8)).tolist() == [[255, 191]]


def test_a_heading_stands_above_the_whole_picture() -> None:
    picture = np.full((50, 1200, 3), 77, np.uint8)
    made = add_heading(picture, "07 Structure", ["What it is."], [(BLUE, "tables"), (GREEN, "frames")])
    assert made.shape[1] == 1200
    assert (made[-50:] == 77).all()
    assert count(made[:-50], BLUE) > 100
    assert count(made[:-50], GREEN) > 100


def test_a_narrow_picture_has_a_legible_heading() -> None:
    made = add_heading(np.full((50, 60, 3), 77, np.uint8), "01 Gray", ["word " * 100])
    assert made.shape[1] == 900
    assert (made[-50:, :60] == 77).all()
    assert (made[-50:, 60:] == 255).all()
    assert made.shape[0] > add_heading(np.full((50, 60, 3), 77, np.uint8), "01 Gray", ["word"]).shape[0]
