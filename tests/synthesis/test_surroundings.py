import numpy as np
import pytest

from scanner.synthesis import surroundings
from scanner.synthesis.page_content import PixelClass
from tests.synthesis.test_bending import ink_box, page_with_number


@pytest.mark.parametrize("seed", range(8))
def test_a_page_on_a_desk_keeps_its_number(seed: int) -> None:
    laid = surroundings.surround_page(page_with_number(), np.random.default_rng(seed))
    assert laid.image.shape[:2] == laid.pixel_classes.shape
    assert laid.image.shape[0] >= 260
    assert [number.text for number in laid.numbers] == ["1"]
    assert ink_box(laid) == laid.numbers[0].box == laid.numbers[0].digit_boxes[0]


def test_the_facing_page_shows_numbers_too() -> None:
    texts = {
        len(surroundings.surround_page(page_with_number(left=300), np.random.default_rng(seed)).numbers)
        for seed in range(40)
    }
    assert texts == {1, 2}


def test_covered_numbers_are_left_out() -> None:
    found = set()
    for seed in range(30):
        covered = surroundings.cover_page(page_with_number(left=150, top=20), np.random.default_rng(seed))
        found.add(len(covered.numbers))
        if covered.numbers:
            assert (covered.pixel_classes == PixelClass.DIGIT).sum() > 0.5 * 12 * 20
    assert found == {0, 1}


def test_desks_differ() -> None:
    desks = [surroundings.draw_desk(40, 30, np.random.default_rng(seed)) for seed in range(6)]
    assert all(desk.shape == (30, 40, 3) for desk in desks)
    assert len({desk.tobytes() for desk in desks}) == 6
