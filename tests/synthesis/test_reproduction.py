from dataclasses import replace

import numpy as np
import pytest

from scanner.synthesis import reproduction
from scanner.synthesis.page_content import PixelClass
from tests.synthesis.test_bending import ink_box, page_with_number


@pytest.mark.parametrize("seed", range(6))
def test_microfilm_keeps_numbers_on_their_ink_and_has_dark_margins(seed: int) -> None:
    copied = reproduction.copy_to_microfilm(page_with_number(), np.random.default_rng(seed))
    assert ink_box(copied) == copied.numbers[0].box
    assert (copied.image[:, :, 0] == copied.image[:, :, 2]).all()


def test_a_part_cut_out_keeps_what_lies_in_it() -> None:
    sizes = set()
    for seed in range(12):
        part = reproduction.cut_out(page_with_number(), np.random.default_rng(seed))
        sizes.add(part.pixel_classes.shape)
        for number in part.numbers:
            assert ink_box(part) == number.box
    assert len(sizes) > 6


@pytest.mark.parametrize("seed", range(6))
def test_reduced_pages_have_digits_of_nine_pixels_or_more(seed: int) -> None:
    page = page_with_number()
    small = reproduction.reduce_resolution(page, np.random.default_rng(seed))
    box = small.numbers[0].box
    assert box.height >= 8
    for found, expected in zip(ink_box(small), box, strict=True):
        assert abs(found - expected) <= 2
    assert small.dpi == pytest.approx(page.dpi * small.pixel_classes.shape[0] / 260, rel=0.02)


def test_a_page_without_numbers_is_not_reduced() -> None:
    page = replace(page_with_number(), numbers=())
    assert reproduction.reduce_resolution(page, np.random.default_rng(0)) is page


def test_photocopies_are_grey_and_keep_the_ink_dark() -> None:
    copied = reproduction.photocopy(page_with_number(), np.random.default_rng(3))
    ink = copied.image[copied.pixel_classes == PixelClass.DIGIT]
    assert np.median(ink) < 100
    assert (copied.image[:, :, 0] == copied.image[:, :, 1]).all()


def test_streaks_run_along_the_page_and_are_marks() -> None:
    streaked = reproduction.add_streaks(page_with_number(), np.random.default_rng(1))
    columns = (streaked.pixel_classes == PixelClass.MARK).all(axis=0)
    assert columns.any()
