import numpy as np
import pytest

from scanner.synthesis import documents, scans
from scanner.synthesis.fonts import FontFamily
from scanner.synthesis.page_content import PixelClass
from scanner.synthesis.scans import SyntheticPage

DPI = 75.0


def synthesize(families: tuple[FontFamily, ...], seed: int, page_type: str | None = None) -> SyntheticPage:
    return documents.synthesize_page(np.random.default_rng(seed), families, (), DPI, page_type)


def test_the_same_seed_gives_the_same_page(families: tuple[FontFamily, ...]) -> None:
    first, second, other = synthesize(families, 5), synthesize(families, 5), synthesize(families, 6)
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.pixel_classes, second.pixel_classes)
    assert [(one.text, one.box) for one in first.numbers] == [(one.text, one.box) for one in second.numbers]
    assert first.image.shape != other.image.shape or not np.array_equal(first.image, other.image)


@pytest.mark.parametrize("page_type", documents.PAGE_TYPES)
def test_truth_lies_on_the_ink(families: tuple[FontFamily, ...], page_type: str) -> None:
    for seed in range(2):
        page = synthesize(families, seed, page_type)
        height, width = page.pixel_classes.shape
        assert page.image.shape == (height, width, 3)
        assert page.page_type == page_type
        assert page.pixel_classes.max() <= max(PixelClass)
        for one in page.numbers:
            box = one.box
            assert box.x >= 0
            assert box.y >= 0
            assert box.right <= width
            assert box.bottom <= height
            part = page.pixel_classes[box.y : box.bottom, box.x : box.right]
            # Of the smallest print no pixel may be full ink.
            assert (part > 0).any() or (one.kind == "printed" and min(box.width, box.height) < 6), one
            if one.kind == "handwritten" and not one.crossed_out:
                assert (part == PixelClass.DIGIT).any(), one


def test_ink_is_darker_than_the_paper_around_it(families: tuple[FontFamily, ...]) -> None:
    for seed in range(8):
        page = synthesize(families, seed, "log")
        grey = page.image.min(axis=2)
        ink = grey[page.pixel_classes == PixelClass.DIGIT]
        paper = grey[page.pixel_classes == PixelClass.PAPER]
        assert np.median(ink) < np.percentile(paper, 75) - 15


def test_all_handwritten_digits_belong_to_numbers(families: tuple[FontFamily, ...]) -> None:
    page = synthesize(families, 3, "mark sheet")
    outside = page.pixel_classes == PixelClass.DIGIT
    # The edge of the picture may cut through a number, which is then none.
    rim = 2 * max(one.box.width for one in page.numbers)
    outside[:rim], outside[-rim:], outside[:, :rim], outside[:, -rim:] = False, False, False, False
    assert outside.any()
    for one in page.numbers:
        box = one.box
        outside[max(box.y - 2, 0) : box.bottom + 2, max(box.x - 2, 0) : box.right + 2] = False
    assert outside.mean() < 1e-5


def test_pages_of_print_have_no_handwriting(families: tuple[FontFamily, ...]) -> None:
    for seed in range(4):
        page = synthesize(families, seed, "print")
        assert PixelClass.DIGIT not in page.pixel_classes
        assert all(one.kind == "printed" for one in page.numbers)


def test_pages_are_as_large_as_paper_at_their_resolution(families: tuple[FontFamily, ...]) -> None:
    for seed in range(6):
        page = documents.synthesize_page(np.random.default_rng(seed), families, (), 60.0, "form")
        assert page.dpi <= 60.0 * 2.7
        assert 2.0 < page.image.shape[0] / page.dpi < 17.0


def test_turned_pages_are_read_in_another_order(families: tuple[FontFamily, ...]) -> None:
    page = synthesize(families, 1, "log")
    turned = scans.turn_page(page, 1)
    assert sorted(one.text for one in page.numbers) == sorted(one.text for one in turned.numbers)
    assert [one.text for one in page.numbers] != [one.text for one in turned.numbers]


def test_an_unknown_page_type_is_an_error(families: tuple[FontFamily, ...]) -> None:
    with pytest.raises(KeyError):
        synthesize(families, 0, "novel")
