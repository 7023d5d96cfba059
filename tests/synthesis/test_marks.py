import numpy as np

from scanner.synthesis import marks, page_content, writing
from scanner.synthesis.page_content import PixelClass
from scanner.types import Box

BOX = Box(100, 80, 60, 40)


def hand() -> writing.Hand:
    return writing.random_hand(np.random.default_rng(4), (), 40, 0.127)


def test_marks_are_near_their_box() -> None:
    for make in (marks.draw_tick, marks.draw_cross, marks.draw_dash, marks.draw_scribble, marks.draw_ring):
        for seed in range(4):
            content = make(BOX, hand(), np.random.default_rng(seed))
            assert {element.pixel_class for element in content.elements} == {PixelClass.MARK}
            assert content.numbers == ()
            assert 40 < content.box.center[0] < 220
            assert 30 < content.box.center[1] < 170


def test_an_underline_is_below_its_box() -> None:
    assert marks.draw_underline(BOX, hand(), np.random.default_rng(0)).box.y > BOX.center[1]


def test_a_crossed_out_number_is_kept_and_marked() -> None:
    number = writing.write_characters("481", (100, 120), hand(), np.random.default_rng(0))
    struck = marks.cross_out(number, hand(), np.random.default_rng(1))
    assert [(one.text, one.crossed_out) for one in struck.numbers] == [("481", True)]
    assert not number.numbers[0].crossed_out
    _, labels = page_content.lay_on_paper(np.full((200, 400, 3), 255, np.uint8), struck, np.random.default_rng(0))
    box = struck.numbers[0].box
    assert (labels[box.y : box.bottom, box.x : box.right] == PixelClass.MARK).any()
    assert (labels[box.y : box.bottom, box.x : box.right] == PixelClass.DIGIT).any()


def test_a_tally_has_one_stroke_per_count() -> None:
    assert len(marks.draw_tally_marks(7, (50, 100), hand(), np.random.default_rng(0)).elements) == 7
