from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.debug.canvas import BLUE, GREY, SKY, WHITE
from scanner.debug.page_network_picture import draw_page_network
from scanner.layout.ink_classes import InkClass, InkClassMap
from scanner.layout.number_finder import NumberRegion
from scanner.layout.page_network import NumberCoreMap
from scanner.types import Box
from tests.debug.test_page_pictures import colour_at, with_outputs

if TYPE_CHECKING:
    from scanner.pipeline import StageOutputs


def test_ink_has_the_colour_of_its_class_and_is_paler_where_that_is_uncertain(page: StageOutputs) -> None:
    count = len(InkClass)
    shares = np.zeros((1, 2, count), np.float32)
    shares[0, 0, InkClass.DIGIT] = 1
    shares[0, 1] = 0.9 / count
    shares[0, 1, InkClass.WRITING] += 0.1
    picture = draw_page_network(with_outputs(page, ink_class_map=InkClassMap(shares, (2 / 600, 1 / 400))))
    assert picture is not None
    # The upper rule of the table runs through both halves.
    assert colour_at(picture, 200, 160) == BLUE
    pale = colour_at(picture, 450, 160)
    assert pale[0] > pale[1] > pale[2] > 128
    assert colour_at(picture, 30, 30) == WHITE


def test_numbers_that_the_page_network_sees_have_their_core_and_a_box(page: StageOutputs) -> None:
    # Two halves of the page, the right one all core, and a number in it with one digit.
    cores = np.repeat(np.array([[0.0, 1.0]], np.float32), 2, axis=0)
    seen = NumberCoreMap(cores.repeat(2, axis=1), np.zeros((2, 4), np.float32), np.ones((1, 2, 2), np.float32), (1, 1))
    shares = np.full((1, 2, len(InkClass)), 1 / len(InkClass), np.float32)
    picture = draw_page_network(
        with_outputs(
            page,
            ink_class_map=InkClassMap(shares, (2 / 600, 1 / 400)),
            number_cores=seen,
            number_regions=(NumberRegion(Box(350, 200, 100, 50), 0.9, digit_columns=(400.0,)),),
        )
    )
    assert picture is not None
    assert colour_at(picture, 30, 30) == WHITE
    assert colour_at(picture, 500, 300) == (255, 225, 110)
    assert colour_at(picture, 350, 225) == SKY
    assert colour_at(picture, 400, 225) == GREY
