from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from scanner.geometry.page_map import identity_map
from scanner.image.measured_ink import measure_ink
from scanner.layout.number_finder import NumberRegion
from scanner.layout.number_search import average_cores, find_magnification, search_numbers
from scanner.layout.page_network import (
    CHARACTER_HEIGHT_PIXELS,
    CORE_CHANNELS,
    DISTANCE_CHANNELS,
    OUTPUT_CHANNELS,
    NumberCoreMap,
    PageMaps,
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
    """Sees six numbers, so many cells high however large the page; and writes down how large that was."""

    def __init__(self, cells_high: float, logit: float = 9.0) -> None:
        self.sizes: list[tuple[int, int]] = []
        self._cells_high, self._logit = cells_high, logit

    def setInput(self, tensor: np.ndarray) -> None:  # noqa: N802 - OpenCV's name
        self.sizes.append((2 * tensor.shape[2], 2 * tensor.shape[3]))

    def forward(self) -> np.ndarray:
        rows, columns = (side // 4 for side in self.sizes[-1])
        output = np.zeros((1, OUTPUT_CHANNELS, rows, columns), np.float32)
        output[:, CORE_CHANNELS] = -9
        output[:, DISTANCE_CHANNELS] = np.log(self._cells_high / 2)
        output[:, CORE_CHANNELS, 2:14:2, 4:8] = self._logit
        return output


def _search(
    monkeypatch: pytest.MonkeyPatch, net: _Net, character_height: float
) -> tuple[PageMaps, tuple[NumberRegion, ...]]:
    monkeypatch.setattr(cv2.dnn, "readNetFromONNX", lambda _: net)
    strength = np.full((320, 320), 255, np.uint8)
    ink = replace(measure_ink(Ink(strength, strength, 2.0)), character_height=character_height)
    image = np.zeros((320, 320, 3), np.uint8)
    return search_numbers(PageNetwork(b""), ink, strength, image, identity_map(320, 320))


def test_a_page_is_seen_at_two_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    net = _Net(cells_high=3.0)
    maps, regions = _search(monkeypatch, net, float(CHARACTER_HEIGHT_PIXELS))
    # 0.85 times 320, as a multiple of 16; then 1.2 times what is within eight character heights of the numbers.
    assert net.sizes == [(272, 272), (208, 176)]
    assert regions
    assert maps.ink_classes.probabilities.shape[:2] == (68, 68)
    assert maps.number_cores.probabilities.shape == (192, 192)


def test_a_page_of_low_numbers_is_seen_closer(monkeypatch: pytest.MonkeyPatch) -> None:
    net = _Net(cells_high=1.0)
    maps, _ = _search(monkeypatch, net, 2.0 * CHARACTER_HEIGHT_PIXELS)
    # Numbers of a cell, five pixels of eleven: they are magnified twice, which is the most.
    assert net.sizes == [(128, 128), (272, 240), (384, 336)]
    assert maps.ink_classes.probabilities.shape[:2] == (32, 32)
    assert maps.number_cores.probabilities.shape == (192, 192)


def test_a_page_without_numbers_is_seen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    net = _Net(cells_high=1.0, logit=-9.0)
    _, regions = _search(monkeypatch, net, float(CHARACTER_HEIGHT_PIXELS))
    assert net.sizes == [(272, 272)]
    assert regions == ()


def test_average_of_two_looks_is_that_of_their_log_odds() -> None:
    coarse, fine = _cores(0.9, 2.0, cells=4, scale=0.25), _cores(0.5, 8.0, cells=8, scale=0.5)
    average = average_cores(coarse, fine)
    # Odds 9 and 1: their geometric mean is 3.  Two cells of the coarse look are four of the fine one.
    assert average.probabilities == pytest.approx(np.full((16, 16), 0.75))
    assert average.digit_probabilities == pytest.approx(np.full((16, 16), 0.75))
    assert average.distances == pytest.approx(np.full((8, 8, 2), 32**0.5))
    assert average.cells_per_page_pixel == (0.5, 0.5)


def test_a_look_that_is_certain_does_not_outvote_the_other_by_any_amount() -> None:
    average = average_cores(_cores(0.0, 1.0, cells=4, scale=0.25), _cores(0.9999, 1.0, cells=4, scale=0.25))
    assert average.probabilities == pytest.approx(np.full((8, 8), 0.5), abs=1e-3)


def _cores(probability: float, distance: float, cells: int, scale: float) -> NumberCoreMap:
    pixels = np.full((2 * cells, 2 * cells), probability, np.float32)
    return NumberCoreMap(pixels, pixels.copy(), np.full((cells, cells, 2), distance, np.float32), (scale, scale))
