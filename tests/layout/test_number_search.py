from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from scanner.geometry.page_map import identity_map
from scanner.image.measured_ink import measure_ink
from scanner.layout.number_finder import NumberRegion
from scanner.layout.number_search import find_magnification, search_numbers
from scanner.layout.page_network import (
    CHARACTER_HEIGHT_PIXELS,
    CORE_CHANNELS,
    DISTANCE_CHANNELS,
    OUTPUT_CHANNELS,
    PageNetwork,
)
from scanner.types import Box, Ink


def regions_of_height(height: int, count: int = 6) -> list[NumberRegion]:
    return [NumberRegion(Box(10, 40 * index, 60, height), 0.9) for index in range(count)]


def test_numbers_of_the_height_of_characters_are_seen_well() -> None:
    assert find_magnification(regions_of_height(CHARACTER_HEIGHT_PIXELS), 1.0) == 1
    assert find_magnification(regions_of_height(4 * CHARACTER_HEIGHT_PIXELS), 1.0) == 1


def test_low_numbers_are_magnified_but_not_without_limit() -> None:
    assert find_magnification(regions_of_height(32), 0.25) == pytest.approx(CHARACTER_HEIGHT_PIXELS / 8)
    assert find_magnification(regions_of_height(2), 1.0) == 2


def test_a_few_numbers_do_not_tell() -> None:
    assert find_magnification(regions_of_height(4, count=4), 1.0) == 1
    assert find_magnification([], 1.0) == 1


class _Net:
    """Sees numbers one cell high, six of them, however large the page; and writes down how large that was."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def setInput(self, tensor: np.ndarray) -> None:  # noqa: N802 - OpenCV's name
        self.sizes.append((2 * tensor.shape[2], 2 * tensor.shape[3]))

    def forward(self) -> np.ndarray:
        rows, columns = (side // 4 for side in self.sizes[-1])
        output = np.zeros((1, OUTPUT_CHANNELS, rows, columns), np.float32)
        output[:, CORE_CHANNELS] = -9
        output[:, DISTANCE_CHANNELS] = np.log(0.5)
        output[:, CORE_CHANNELS, 2:14:2, 4:8] = 9
        return output


def test_a_page_of_low_numbers_is_seen_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    net = _Net()
    monkeypatch.setattr(cv2.dnn, "readNetFromONNX", lambda _: net)
    strength = np.full((160, 160), 255, np.uint8)
    ink = measure_ink(Ink(strength, strength, 2.0))
    ink = replace(ink, character_height=float(CHARACTER_HEIGHT_PIXELS))
    image = np.zeros((160, 160, 3), np.uint8)
    maps, regions = search_numbers(PageNetwork(b""), ink, strength, image, identity_map(160, 160))
    assert net.sizes == [(160, 160), (256, 256)]
    assert len(regions) == 6
    assert maps.ink_classes.cells_per_page_pixel == (0.25, 0.25)
    assert maps.number_cores.cells_per_page_pixel == (0.4, 0.4)
