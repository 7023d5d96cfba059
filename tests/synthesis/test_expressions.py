from __future__ import annotations

import numpy as np

from scanner.synthesis import expressions
from scanner.synthesis.page_content import PixelClass
from scanner.synthesis.page_style import PageStyle
from scanner.types import Box

ROOM = Box(60, 60, 1000, 1300)


def test_numbers_have_a_box_for_each_digit_and_stand_within_the_room(page_style: PageStyle) -> None:
    found = 0
    for seed in range(8):
        made = expressions.expressions_block(np.random.default_rng(seed), page_style, ROOM)
        assert ROOM.y < made.bottom
        for number in made.content.numbers:
            found += 1
            assert number.kind == "handwritten"
            assert number.text.isdigit()
            assert len(number.digit_boxes) == len(number.text)
            assert number.box.right <= ROOM.right
    assert found > 20


def test_signs_are_no_digits_and_stand_beside_their_middle(page_style: PageStyle) -> None:
    found = 0
    for seed in range(8):
        content = expressions.expressions_block(np.random.default_rng(seed), page_style, ROOM).content
        highest = max(number.box.height for number in content.numbers)
        # Powers stand higher.
        terms = [number.box for number in content.numbers if number.box.height > 0.75 * highest]
        signs = [element.box for element in content.elements if element.pixel_class is PixelClass.WRITING]
        for sign in signs:
            near = min(terms, key=lambda box: float(np.hypot(*np.subtract(box.center, sign.center))))
            if np.hypot(*np.subtract(near.center, sign.center)) < 1.2 * highest:
                found += 1
                assert near.y < sign.center[1] < near.bottom
    assert found > 20


def test_ones_stand_at_the_ends_more_often_than_by_chance() -> None:
    rng = np.random.default_rng(0)
    texts = [expressions.digits_with_outer_ones(rng, 4) for _ in range(500)]
    assert all(len(text) == 4 for text in texts)
    assert sum(text[0] == "1" for text in texts) > 125
    assert sum(text[-1] == "1" for text in texts) > 125
    assert sum(text[1] == "1" for text in texts) < 90
