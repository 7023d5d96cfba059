import numpy as np
import pytest

from scanner.synthesis import ink
from scanner.synthesis.ink import Content, Ink, Label, Layer, PageNumber, Piece
from scanner.types import Box

BLACK = Ink((0, 0, 0))


def block(left: int, top: int, label: Label, layer: Layer, colour: ink.Colour = (0, 0, 0)) -> Piece:
    return Piece(np.full((4, 4), 255, np.uint8), left, top, label, layer, Ink(colour))


def white(height: int = 20, width: int = 30) -> np.ndarray:
    return np.full((height, width, 3), 255, np.uint8)


def test_labels_are_where_the_ink_is() -> None:
    page, labels = ink.laid(white(), Content((block(5, 3, Label.DIGIT, Layer.DIGITS),)), np.random.default_rng(0))
    assert np.array_equal(labels == Label.DIGIT, page[:, :, 0] == 0)
    assert (labels > 0).sum() == 16


def test_digits_lie_over_rules_in_whatever_order_they_come() -> None:
    pieces = (block(5, 5, Label.DIGIT, Layer.DIGITS, (9, 9, 9)), block(7, 5, Label.RULE, Layer.PRESS, (90, 90, 90)))
    for order in (pieces, pieces[::-1]):
        page, labels = ink.laid(white(), Content(order), np.random.default_rng(0))
        assert labels[6, 7] == Label.DIGIT
        assert page[6, 7, 0] == 9
        assert labels[6, 10] == Label.RULE


def test_what_lies_beyond_the_paper_is_cut_off() -> None:
    pieces = (
        block(-2, -2, Label.PRINT, Layer.PRESS),
        block(28, 18, Label.MARK, Layer.STAMP),
        block(90, 0, Label.MARK, Layer.STAMP),
    )
    _, labels = ink.laid(white(), Content(pieces), np.random.default_rng(0))
    assert (labels == Label.PRINT).sum() == 4
    assert (labels == Label.MARK).sum() == 4


def test_half_opaque_ink_is_half_as_dark() -> None:
    piece = Piece(np.full((4, 4), 255, np.uint8), 2, 2, Label.WRITING, Layer.WORDS, Ink((0, 0, 0), opacity=0.5))
    page, _ = ink.laid(white(), Content((piece,)), np.random.default_rng(0))
    assert abs(int(page[3, 3, 0]) - 127) <= 1


def test_the_paper_laid_on_is_another_paper() -> None:
    paper = white()
    ink.laid(paper, Content((block(0, 0, Label.PRINT, Layer.PRESS),)), np.random.default_rng(0))
    assert paper.min() == 255


def test_a_fine_rule_is_labelled_though_it_is_pale() -> None:
    _, labels = ink.laid(white(), ink.line((3, 10), (25, 10), 0.4, BLACK), np.random.default_rng(0))
    assert (labels[10, 4:25] == Label.RULE).all()


def test_a_frame_has_paper_inside() -> None:
    _, labels = ink.laid(white(), ink.frame(Box(4, 4, 20, 10), 1, BLACK), np.random.default_rng(0))
    assert labels[4, 12] == labels[14, 12] == labels[9, 4] == labels[9, 24] == Label.RULE
    assert (labels[6:13, 6:23] == 0).all()


def test_the_outline_holds_the_ink_and_no_more() -> None:
    cover = np.zeros((10, 10), np.uint8)
    cover[2:5, 3:9] = 255
    cover[9, 9] = 20
    number = PageNumber("1", ink.outline(cover, 100, 200), "printed")
    assert number.box == Box(103, 202, 6, 3)


def test_there_is_no_outline_without_ink() -> None:
    with pytest.raises(ValueError, match="no ink"):
        ink.outline(np.zeros((3, 3), np.uint8), 0, 0)


def test_moving_takes_the_numbers_along() -> None:
    piece = block(0, 0, Label.DIGIT, Layer.DIGITS)
    content = Content((piece,), (PageNumber("7", ink.outline(piece.cover, 0, 0), "handwritten"),))
    there = ink.moved(content, 11, 5)
    assert there.box == there.numbers[0].box == Box(11, 5, 4, 4)
    assert ink.together([content, there]).numbers[1].box.x == 11


def test_a_broken_frame_has_as_many_dashes_as_its_pattern_says() -> None:
    # Two sides of 20 and two of 10 pixels: 20 / 4 + 10 / 4 + 20 / 4 + 10 / 4 dashes, begun ones included.
    content = ink.broken_frame(Box(4, 4, 20, 10), 1, BLACK, (2, 2))
    assert len(content.pieces) == 5 + 3 + 5 + 3
    assert {piece.label for piece in content.pieces} == {Label.RULE}
