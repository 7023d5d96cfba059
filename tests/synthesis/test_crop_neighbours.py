import numpy as np
import pytest

from scanner.synthesis.crop_neighbours import draw_neighbours
from scanner.synthesis.ingredients import DigitPool, NumberMaterial


@pytest.fixture
def material() -> NumberMaterial:
    digit = np.full((20, 12), 255, np.uint8)
    return NumberMaterial(
        (DigitPool(((digit,),) * 10, 1.0),), (), (), (), word_crops=(np.full((40, 90), 255, np.uint8),)
    )


def test_neighbours_stay_at_the_edge_and_leave_the_number(material: NumberMaterial) -> None:
    number = np.zeros((90, 240), np.uint8)
    number[30:60, 90:150] = 200
    touched = 0
    for seed in range(80):
        ink, darkness = number.copy(), np.zeros(number.shape, np.float32)
        draw_neighbours(ink, darkness, material, 30.0, np.random.default_rng(seed))
        touched += not np.array_equal(ink, number)
        assert np.array_equal(ink[30:60, 85:155], number[30:60, 85:155])
    assert 10 < touched < 50


def test_where_there_is_no_room_beside_the_number_nothing_is_drawn_there(material: NumberMaterial) -> None:
    number = np.full((40, 60), 255, np.uint8)
    for seed in range(40):
        ink, darkness = number.copy(), np.zeros(number.shape, np.float32)
        draw_neighbours(ink, darkness, material, 30.0, np.random.default_rng(seed))
        assert np.array_equal(ink, number)
