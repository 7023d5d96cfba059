import numpy as np
import pytest

from scanner.synthesis import page_content
from scanner.synthesis.page_content import InkElement, InkLayer, InkStyle, PageContent, PageNumber, PixelClass
from scanner.types import Box

BLACK = InkStyle((0, 0, 0))


def block(
    left: int, top: int, label: PixelClass, layer: InkLayer, colour: page_content.Colour = (0, 0, 0)
) -> InkElement:
    return InkElement(np.full((4, 4), 255, np.uint8), left, top, label, layer, InkStyle(colour))


def white(height: int = 20, width: int = 30) -> np.ndarray:
    return np.full((height, width, 3), 255, np.uint8)


def test_pixel_classes_are_where_the_ink_is() -> None:
    page, labels = page_content.lay_on_paper(
        white(), PageContent((block(5, 3, PixelClass.DIGIT, InkLayer.DIGITS),)), np.random.default_rng(0)
    )
    assert np.array_equal(labels == PixelClass.DIGIT, page[:, :, 0] == 0)
    assert (labels > 0).sum() == 16


def test_digits_are_laid_over_rules_in_any_order() -> None:
    pieces = (
        block(5, 5, PixelClass.DIGIT, InkLayer.DIGITS, (9, 9, 9)),
        block(7, 5, PixelClass.RULE, InkLayer.PRINT, (90, 90, 90)),
    )
    for order in (pieces, pieces[::-1]):
        page, labels = page_content.lay_on_paper(white(), PageContent(order), np.random.default_rng(0))
        assert labels[6, 7] == PixelClass.DIGIT
        assert page[6, 7, 0] == 9
        assert labels[6, 10] == PixelClass.RULE


def test_content_is_cut_off_at_the_edges_of_the_paper() -> None:
    pieces = (
        block(-2, -2, PixelClass.PRINT, InkLayer.PRINT),
        block(28, 18, PixelClass.MARK, InkLayer.STAMP),
        block(90, 0, PixelClass.MARK, InkLayer.STAMP),
    )
    _, labels = page_content.lay_on_paper(white(), PageContent(pieces), np.random.default_rng(0))
    assert (labels == PixelClass.PRINT).sum() == 4
    assert (labels == PixelClass.MARK).sum() == 4


def test_half_opaque_ink_is_half_as_dark() -> None:
    piece = InkElement(
        np.full((4, 4), 255, np.uint8), 2, 2, PixelClass.WRITING, InkLayer.WORDS, InkStyle((0, 0, 0), opacity=0.5)
    )
    page, _ = page_content.lay_on_paper(white(), PageContent((piece,)), np.random.default_rng(0))
    assert abs(int(page[3, 3, 0]) - 127) <= 1


def test_the_blank_paper_is_not_changed() -> None:
    paper = white()
    page_content.lay_on_paper(
        paper, PageContent((block(0, 0, PixelClass.PRINT, InkLayer.PRINT),)), np.random.default_rng(0)
    )
    assert paper.min() == 255


def test_a_fine_pale_rule_has_its_pixel_class() -> None:
    _, labels = page_content.lay_on_paper(
        white(), page_content.draw_rule((3, 10), (25, 10), 0.4, BLACK), np.random.default_rng(0)
    )
    assert (labels[10, 4:25] == PixelClass.RULE).all()


def test_a_frame_has_paper_inside() -> None:
    _, labels = page_content.lay_on_paper(
        white(), page_content.draw_form_frame(Box(4, 4, 20, 10), 1, BLACK), np.random.default_rng(0)
    )
    assert labels[4, 12] == labels[14, 12] == labels[9, 4] == labels[9, 24] == PixelClass.RULE
    assert (labels[6:13, 6:23] == 0).all()


def test_the_outline_is_tight_around_the_ink() -> None:
    coverage = np.zeros((10, 10), np.uint8)
    coverage[2:5, 3:9] = 255
    coverage[9, 9] = 20
    number = PageNumber("1", page_content.find_outline(coverage, 100, 200), "printed")
    assert number.box == Box(103, 202, 6, 3)


def test_there_is_no_outline_without_ink() -> None:
    with pytest.raises(ValueError, match="no ink"):
        page_content.find_outline(np.zeros((3, 3), np.uint8), 0, 0)


def test_numbers_move_with_the_content() -> None:
    piece = block(0, 0, PixelClass.DIGIT, InkLayer.DIGITS)
    content = PageContent((piece,), (PageNumber("7", page_content.find_outline(piece.coverage, 0, 0), "handwritten"),))
    there = page_content.move_content(content, 11, 5)
    assert there.box == there.numbers[0].box == Box(11, 5, 4, 4)
    assert page_content.merge_contents([content, there]).numbers[1].box.x == 11


def test_a_dashed_frame_has_the_dashes_of_its_pattern() -> None:
    # Two sides of 20 and two of 10 pixels: 20 / 4 + 10 / 4 + 20 / 4 + 10 / 4 dashes, begun ones included.
    content = page_content.draw_dashed_form_frame(Box(4, 4, 20, 10), 1, BLACK, (2, 2))
    assert len(content.elements) == 5 + 3 + 5 + 3
    assert {piece.pixel_class for piece in content.elements} == {PixelClass.RULE}


def test_mapping_a_number_maps_its_digit_boxes_too() -> None:
    outline = np.array([[10.0, 20.0], [30.0, 40.0]])
    number = PageNumber("12", outline, "handwritten", digit_boxes=(Box(10, 20, 8, 21), Box(22, 20, 9, 21)))
    mapped = page_content.map_number(number, lambda points: points[:, ::-1] * 2)
    assert mapped.box == Box(40, 20, 41, 41)
    assert mapped.digit_boxes == (Box(40, 20, 41, 15), Box(40, 44, 41, 17))
    moved = page_content.move_content(PageContent((), (number,)), 3, -4).numbers[0]
    assert moved.digit_boxes == (Box(13, 16, 8, 21), Box(25, 16, 9, 21))
