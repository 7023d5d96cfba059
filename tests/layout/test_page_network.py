from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import NotInstalledError
from scanner.geometry.page_map import identity_map, quarter_turn_map
from scanner.image.measured_ink import MeasuredInk, measure_ink
from scanner.layout import page_network
from scanner.layout.ink_classes import InkClass
from scanner.layout.page_network import (
    CORE_CHANNELS,
    DISTANCE_CHANNELS,
    INPUT_CHANNELS,
    INPUT_SIDE_MULTIPLE,
    NEUTRAL_COLOUR,
    OUTPUT_CHANNELS,
    PageView,
    input_tensor,
    load_page_network,
    maps_of_output,
    view_page,
)
from scanner.types import Ink

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.types import Image


def ink_of(strength: Image) -> MeasuredInk:
    return measure_ink(Ink(strength, np.where(strength > 127, np.uint8(255), np.uint8(0)), 2.0))


def test_characters_are_scaled_to_one_height() -> None:
    height = page_network.CHARACTER_HEIGHT_PIXELS
    assert page_network.input_scale(2 * height, (1000, 800)) == pytest.approx(0.5)
    # Small characters are enlarged only so far, and large pages have small ones.
    assert page_network.input_scale(2.0, (100, 80)) == pytest.approx(1.6)
    assert page_network.input_scale(height, (10_000, 10_000)) == pytest.approx(0.06**0.5)
    assert page_network.input_scale(0.0, (1, 1)) == pytest.approx(1.6)


@settings(deadline=None)
@given(st.tuples(st.integers(1, 90), st.integers(1, 90)), st.floats(0.2, 1.5))
def test_the_sides_of_the_input_are_multiples(shape: tuple[int, int], scale: float) -> None:
    strength = np.full(shape, 200, np.uint8)
    image = np.full((*shape, 3), 200, np.uint8)
    view = view_page(ink_of(strength), strength, image, identity_map(shape[1], shape[0]), scale)
    rows, columns = view.strength.shape
    assert rows % INPUT_SIDE_MULTIPLE == columns % INPUT_SIDE_MULTIPLE == 0
    assert view.tone.shape == (rows // 2, columns // 2, 3)
    assert view.strength.min() == view.tone[..., 0].min() == 200
    assert (view.tone[..., 1:] == NEUTRAL_COLOUR).all()


def test_ink_of_the_colour_of_paper_is_neutral_and_a_blue_pen_is_not() -> None:
    image = np.full((128, 128, 3), (200, 230, 240), np.uint8)
    image[20:60, 60:62] = (100, 115, 120)
    image[70:110, 60:62] = (200, 60, 40)
    strength = np.where(image[..., 2] < 200, np.uint8(255), np.uint8(0))
    colour = view_page(ink_of(strength), strength, image, identity_map(128, 128), 1.0).tone[..., 1:].astype(int)
    assert np.abs(colour[12:28, 30] - NEUTRAL_COLOUR).max() < 30
    # Blue has a low b*.
    assert colour[37:53, 30, 1].max() < NEUTRAL_COLOUR - 60
    assert np.abs(colour[:, :20] - NEUTRAL_COLOUR).max() <= 4


def test_a_page_in_grey_has_no_colour() -> None:
    image = np.repeat(np.tile(np.arange(128, dtype=np.uint8), (128, 1))[:, :, None], 3, axis=2)
    strength = np.zeros((128, 128), np.uint8)
    assert (view_page(ink_of(strength), strength, image, identity_map(128, 128), 1.0).tone[..., 1:] == 128).all()
    image[64, 64, 0] += 40
    assert (view_page(ink_of(strength), strength, image, identity_map(128, 128), 1.0).tone[..., 1:] != 128).any()


def test_colour_is_taken_from_where_the_page_map_says() -> None:
    image = np.full((64, 96, 3), 230, np.uint8)
    image[4:8, 4:30] = (230, 40, 40)
    page_map = quarter_turn_map(96, 64, 2)
    strength = np.zeros((64, 96), np.uint8)
    colour = view_page(ink_of(strength), strength, image, page_map, 1.0).tone[..., 1:].astype(int)
    y, x = np.nonzero(np.abs(colour - NEUTRAL_COLOUR).max(axis=2) > 40)
    assert (y.min(), y.max()) == (28, 29)
    assert (x.min(), x.max()) == (33, 45)


def test_the_pixels_of_a_square_become_channels() -> None:
    strength = np.array([[0, 51, 255, 255], [102, 153, 0, 0]], np.uint8)
    tone = np.array([[[51, NEUTRAL_COLOUR, NEUTRAL_COLOUR], [255, NEUTRAL_COLOUR + 64, NEUTRAL_COLOUR - 64]]], np.uint8)
    tensor = input_tensor(PageView(strength, tone))
    assert tensor.shape == (1, INPUT_CHANNELS, 1, 2)
    assert tensor[0, :, 0, 0] == pytest.approx([0, 0.2, 0.4, 0.6, 0.2, 0, 0])
    assert tensor[0, :, 0, 1] == pytest.approx([1, 1, 0, 0, 1, 1, -1])


def test_channels_become_the_pixels_of_a_cell() -> None:
    output = np.zeros((OUTPUT_CHANNELS, 1, 2), np.float32)
    output[InkClass.DIGIT, 0, 0] = 20
    output[CORE_CHANNELS, 0, 1] = [-20, 20, 20, -20]
    output[DISTANCE_CHANNELS, 0, 1] = np.log([2, 3])
    maps = maps_of_output(output, (0.5, 0.25))
    assert maps.ink_classes.probabilities[0, 0, InkClass.DIGIT] == pytest.approx(1)
    assert maps.ink_classes.probabilities[0, 1] == pytest.approx(np.full(len(InkClass), 1 / len(InkClass)))
    assert maps.number_cores.probabilities == pytest.approx(np.array([[0.5, 0.5, 0, 1], [0.5, 0.5, 1, 0]]), abs=1e-6)
    assert maps.number_cores.distances[0, 1] == pytest.approx([2, 3])
    assert maps.number_cores.cells_per_page_pixel == maps.ink_classes.cells_per_page_pixel == (0.5, 0.25)


def test_a_missing_network_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotInstalledError, match=r"pages\.onnx"):
        load_page_network(tmp_path)


class _Net:
    """Answers with the size of its input."""

    def setInput(self, tensor: np.ndarray) -> None:  # noqa: N802 - OpenCV's name
        self.shape = tensor.shape

    def forward(self) -> np.ndarray:
        return np.ones((1, OUTPUT_CHANNELS, self.shape[2] // 2, self.shape[3] // 2), np.float32)


def test_only_the_inked_part_of_a_page_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2.dnn, "readNetFromONNX", lambda _: _Net())
    network = page_network.PageNetwork(b"")
    strength = np.zeros((320, 320), np.uint8)
    strength[160:168, 80:100] = 255
    ink = replace(ink_of(strength), character_height=float(page_network.CHARACTER_HEIGHT_PIXELS))
    image = np.full((320, 320, 3), 255, np.uint8)
    maps = network.see_page(ink, strength, image, identity_map(320, 320))
    y, x = np.nonzero(maps.number_cores.probabilities > 0.5)
    # The margin of 16 pixels around the ink, in pixels of the cores, up to the next multiple.
    assert (y.min(), y.max()) == (72, 95)
    assert (x.min(), x.max()) == (32, 63)
    assert maps.number_cores.cells_per_page_pixel == (0.25, 0.25)
