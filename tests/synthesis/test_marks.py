import numpy as np

from scanner.synthesis import ink, marks, writing
from scanner.synthesis.ink import Label
from scanner.types import Box

BOX = Box(100, 80, 60, 40)


def hand() -> writing.Hand:
    return writing.random_hand(np.random.default_rng(4), (), 40, 0.127)


def test_marks_are_marks_about_where_they_belong() -> None:
    for make in (marks.tick, marks.cross, marks.dash, marks.scribble, marks.ring):
        for seed in range(4):
            content = make(BOX, hand(), np.random.default_rng(seed))
            assert {piece.label for piece in content.pieces} == {Label.MARK}
            assert content.numbers == ()
            assert 40 < content.box.center[0] < 220
            assert 30 < content.box.center[1] < 170


def test_an_underline_lies_below() -> None:
    assert marks.underline(BOX, hand(), np.random.default_rng(0)).box.y > BOX.center[1]


def test_a_crossed_out_number_is_still_there_and_says_so() -> None:
    number = writing.text("481", (100, 120), hand(), np.random.default_rng(0))
    struck = marks.crossed_out(number, hand(), np.random.default_rng(1))
    assert [(one.text, one.crossed_out) for one in struck.numbers] == [("481", True)]
    assert not number.numbers[0].crossed_out
    _, labels = ink.laid(np.full((200, 400, 3), 255, np.uint8), struck, np.random.default_rng(0))
    box = struck.numbers[0].box
    assert (labels[box.y : box.bottom, box.x : box.right] == Label.MARK).any()
    assert (labels[box.y : box.bottom, box.x : box.right] == Label.DIGIT).any()


def test_a_tally_has_a_stroke_for_each() -> None:
    assert len(marks.tally(7, (50, 100), hand(), np.random.default_rng(0)).pieces) == 7
