from dataclasses import replace

import numpy as np
import pytest

from scanner.synthesis import page_content, scans
from scanner.synthesis.page_content import InkElement, InkLayer, InkStyle, PageContent, PageNumber, PixelClass
from scanner.synthesis.scans import SyntheticPage
from scanner.types import Box


def number(text: str, left: int, top: int, width: int = 12, height: int = 20) -> tuple[InkElement, PageNumber]:
    coverage = np.full((height, width), 255, np.uint8)
    element = InkElement(coverage, left, top, PixelClass.DIGIT, InkLayer.DIGITS, InkStyle((40, 40, 40)))
    return element, PageNumber(text, page_content.find_outline(coverage, left, top), "handwritten")


def page() -> SyntheticPage:
    numbers = [number("1", 60, 40), number("2", 140, 44), number("3", 60, 120), number("4", 150, 180, 30, 12)]
    content = PageContent(tuple(element for element, _ in numbers), tuple(one for _, one in numbers))
    image, pixel_classes = page_content.lay_on_paper(
        np.full((260, 220, 3), 240, np.uint8), content, np.random.default_rng(0)
    )
    return SyntheticPage(image, pixel_classes, content.numbers, 100.0)


def ink_box(scanned: SyntheticPage, box: Box) -> Box:
    """Box of the digit with a pixel in the centre of ``box``."""
    import cv2

    _, parts = cv2.connectedComponents((scanned.pixel_classes == PixelClass.DIGIT).view(np.uint8))
    x, y = (int(n) for n in box.center)
    assert parts[y, x]
    return Box(*cv2.boundingRect((parts == parts[y, x]).view(np.uint8)))


@pytest.mark.parametrize("quarters", [0, 1, 2, 3, 4])
def test_turning_keeps_boxes_on_their_ink(quarters: int) -> None:
    turned = scans.turn_page(page(), quarters)
    assert len(turned.numbers) == 4
    for one in turned.numbers:
        assert ink_box(turned, one.box) == one.box
    assert np.array_equal(turned.pixel_classes == PixelClass.DIGIT, turned.image[:, :, 0] == 40)


def test_after_a_quarter_turn_clockwise_the_lower_left_number_is_first() -> None:
    assert [one.text for one in scans.turn_page(page(), 1).numbers] == ["3", "1", "2", "4"]


def test_four_quarter_turns_change_nothing() -> None:
    before, after = page(), scans.turn_page(scans.turn_page(page(), 3), 1)
    assert np.array_equal(before.image, after.image)
    assert [one.box for one in before.numbers] == [one.box for one in after.numbers]


@pytest.mark.parametrize("degrees", [-14.0, -3.0, 0.6, 9.0])
def test_tilting_shows_the_whole_page_and_keeps_boxes_on_their_ink(degrees: float) -> None:
    tilted = scans.tilt_page(page(), degrees, 255)
    assert len(tilted.numbers) == 4
    assert tilted.image.shape[0] > 260
    for one in tilted.numbers:
        for found, expected in zip(ink_box(tilted, one.box), one.box, strict=True):
            assert abs(found - expected) <= 2


def test_tilting_is_clockwise() -> None:
    one, two = scans.tilt_page(page(), 10.0, 255).numbers[:2]
    assert two.box.y - one.box.y > 10


def test_a_number_moved_off_the_page_is_removed() -> None:
    matrix = np.array([[1.0, 0.0, -100.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert [one.text for one in scans.warp_page(page(), matrix, (220, 260), 0).numbers] == ["2", "4"]


def test_photographs_keep_boxes_on_their_ink() -> None:
    for seed in range(4):
        taken = scans.simulate_photograph(page(), np.random.default_rng(seed))
        assert len(taken.numbers) == 4
        for one in taken.numbers:
            for found, expected in zip(ink_box(taken, one.box), one.box, strict=True):
                assert abs(found - expected) <= 2


def test_black_and_white_pages_keep_faint_digits() -> None:
    faint = page()
    image = np.where(faint.pixel_classes[:, :, None] == PixelClass.DIGIT, 205, 240).astype(np.uint8).repeat(3, axis=2)
    for seed in range(6):
        black = scans.make_bilevel(
            SyntheticPage(image, faint.pixel_classes, faint.numbers, 100.0), np.random.default_rng(seed)
        )
        assert set(np.unique(black.image)) <= {0, 255}
        assert (black.image[faint.pixel_classes == PixelClass.DIGIT] == 0).mean() > 0.6
        assert (black.image[faint.pixel_classes == 0] == 255).mean() > 0.95


def test_the_edge_of_the_scanner_glass_is_a_mark() -> None:
    edged = scans.add_scanner_edges(page(), np.random.default_rng(1))
    assert (edged.pixel_classes == PixelClass.MARK).any()
    changed = (edged.image != page().image).any(axis=2)
    assert (edged.pixel_classes[changed] == PixelClass.MARK).all()


def test_numbers_on_an_uneven_line_are_sorted_from_the_left() -> None:
    numbers = [number("c", 100, 12)[1], number("a", 10, 10)[1], number("d", 10, 40)[1], number("b", 50, 16)[1]]
    assert "".join(one.text for one in scans.sort_in_reading_order(numbers)) == "abcd"
    assert scans.sort_in_reading_order([]) == ()


def test_numbers_that_cannot_be_made_out_are_optional() -> None:
    faint = page()
    image = faint.image.copy()
    # The first number is as pale as the paper; the others stay dark.
    first = faint.numbers[0].box
    image[first.y : first.bottom, first.x : first.right] = 236
    marked = scans.mark_illegible_numbers(replace(faint, image=image))
    assert [one.optional for one in marked.numbers] == [True, False, False, False]


def test_motion_blurs_along_its_line_only() -> None:
    image = np.zeros((41, 41, 3), np.uint8)
    image[20, 20] = 255
    level = scans.blur_by_motion(image, 9.0, 0.0)
    # Nine pixels, and the soft ends of the line.
    assert np.flatnonzero(level[20, :, 0]).tolist() == list(range(15, 26))
    assert not level[:19].any()
    upright = scans.blur_by_motion(image, 9.0, np.pi / 2)
    assert np.flatnonzero(upright[:, 20, 0]).tolist() == list(range(15, 26))


def test_numbers_too_small_to_read_are_optional() -> None:
    small = page()
    numbers = [replace(one, digit_boxes=(Box(one.box.x, one.box.y, 4, height),)) for one, height in
               zip(small.numbers, (6, 7, 20, 12), strict=True)]  # fmt: skip  # in columns
    marked = scans.mark_illegible_numbers(replace(small, numbers=tuple(numbers)))
    assert [one.optional for one in marked.numbers] == [True, False, False, False]
