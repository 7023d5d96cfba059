from __future__ import annotations

import numpy as np

from scanner.form_making.pictured_places import PicturedPlaces
from scanner.types import Box

BOX = Box(100, 100, 20, 20)


def places(*dark: Box, codes: tuple[tuple[int, int, int], ...] = ()) -> PicturedPlaces:
    """A page with dark rectangles, and codes given by left, top and side."""
    mask = np.zeros((300, 400), np.uint8)
    for box in dark:
        mask[box.y : box.bottom, box.x : box.right] = 255
    corners = tuple(
        np.array([(x, y), (x + side, y), (x + side, y + side), (x, y + side)], np.float32) for x, y, side in codes
    )
    return PicturedPlaces(mask, corners, small_side=60.0, line_width=3)


def test_a_box_on_paper_is_in_no_picture() -> None:
    line = Box(97, 97, 26, 26)
    assert not places(line).include(BOX)


def test_a_box_with_much_ink_around_it_is() -> None:
    assert places(Box(80, 80, 60, 60)).include(BOX)


def test_the_inside_of_a_bold_letter_is_though_paper_is_near() -> None:
    assert places(Box(90, 90, 40, 40)).include(BOX)


def test_a_large_box_is_not_looked_at() -> None:
    assert not places(Box(0, 0, 400, 300)).include(Box(100, 100, 90, 20))


def test_whatever_is_in_a_code_is() -> None:
    found = places(codes=((50, 50, 100),))
    assert found.include(BOX)
    assert not found.include(Box(200, 200, 20, 20))


def test_a_box_at_the_edge_of_the_page() -> None:
    assert not places().include(Box(0, 0, 20, 20))
