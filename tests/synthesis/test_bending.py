import cv2
import numpy as np
import pytest

from scanner.synthesis import bending, page_content
from scanner.synthesis.page_content import InkElement, InkLayer, InkStyle, PageContent, PageNumber, PixelClass
from scanner.synthesis.scans import SyntheticPage
from scanner.types import Box


def page_with_number(left: int = 150, top: int = 100) -> SyntheticPage:
    coverage = np.full((20, 12), 255, np.uint8)
    element = InkElement(coverage, left, top, PixelClass.DIGIT, InkLayer.DIGITS, InkStyle((40, 40, 40)))
    number = PageNumber(
        "1", page_content.find_outline(coverage, left, top), "handwritten", digit_boxes=(Box(left, top, 12, 20),)
    )
    image, classes = page_content.lay_on_paper(
        np.full((260, 320, 3), 240, np.uint8), PageContent((element,)), np.random.default_rng(0)
    )
    return SyntheticPage(image, classes, (number,), 100.0)


def ink_box(page: SyntheticPage) -> Box:
    return Box(*cv2.boundingRect((page.pixel_classes == PixelClass.DIGIT).view(np.uint8)))


@pytest.mark.parametrize("seed", range(8))
def test_numbers_stay_on_their_ink(seed: int) -> None:
    bent = bending.bend_page(page_with_number(), np.random.default_rng(seed))
    assert len(bent.numbers) == 1
    for box in (bent.numbers[0].box, bent.numbers[0].digit_boxes[0]):
        for found, expected in zip(ink_box(bent), box, strict=True):
            assert abs(found - expected) <= 2


def test_a_constant_displacement_moves_the_page() -> None:
    page = page_with_number()
    shift = np.zeros((18, 21, 2)) + np.array([10.0, -4.0])
    moved = bending.displace_page(page, shift, np.ones((18, 21)))
    # What is seen at a point lies 10 pixels to its right and 4 above it: the ink moves left and down.
    assert moved.numbers[0].box == Box(140, 104, 12, 20)
    assert ink_box(moved) == Box(140, 104, 12, 20)


def test_shading_darkens_the_picture() -> None:
    page = page_with_number()
    dark = bending.displace_page(page, np.zeros((18, 21, 2)), np.full((18, 21), 0.5))
    assert abs(float(dark.image[5, 5, 0]) - 120) <= 1
    assert np.array_equal(dark.pixel_classes, page.pixel_classes)
