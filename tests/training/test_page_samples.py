from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.datasets import page_sources
from scanner.datasets.labelled_ink import OTHER_INK, UNKNOWN_INK
from scanner.layout.ink_classes import InkClass
from scanner.layout.page_network import CHARACTER_HEIGHT_PIXELS, INPUT_SIDE_MULTIPLE
from scanner.synthesis import fonts
from scanner.synthesis.page_content import PageNumber, PixelClass
from scanner.synthesis.scans import SyntheticPage
from scanner.training.page_samples import (
    NO_INK_LABEL,
    PIXEL_CLASS_OF_INK_CLASS,
    SAMPLE_SCALE,
    load_page_sample,
    make_page_sample,
    number_quad,
    save_page_sample,
)
from scanner.types import Box, Image


def test_every_class_of_ink_has_the_pixel_class_of_its_name() -> None:
    assert {each.name: pixel_class.name for each, pixel_class in PIXEL_CLASS_OF_INK_CLASS.items()} == {
        each.name: each.name for each in InkClass
    }
    assert set(PIXEL_CLASS_OF_INK_CLASS.values()) == set(PixelClass) - {PixelClass.PAPER}


def page_of_blocks(*blocks: tuple[Box, int], numbers: tuple[PageNumber, ...] = ()) -> SyntheticPage:
    """A page of 400 x 300 pixels with frames three pixels thick, each of a pixel class."""
    image = np.full((300, 400, 3), 240, np.uint8)
    classes = np.zeros((300, 400), np.uint8)
    for box, pixel_class in blocks:
        corners = (box.x + 1, box.y + 1), (box.right - 2, box.bottom - 2)
        cv2.rectangle(image, *corners, (20, 20, 20), 3)
        cv2.rectangle(classes, *corners, int(pixel_class), 3)
    return SyntheticPage(image, classes, numbers, 150.0)


def number_in(box: Box, kind: str = "handwritten") -> PageNumber:
    corners = [(box.x, box.y), (box.right - 1, box.y), (box.right - 1, box.bottom - 1), (box.x, box.bottom - 1)]
    return PageNumber("1", np.array(corners, np.float64), kind, digit_boxes=(box,))


def test_a_page_is_scaled_with_its_labels_and_boxes() -> None:
    digit, letter, unknown, other = (Box(60 * index, 60, 24, 36) for index in range(1, 5))
    page = page_of_blocks(
        (digit, PixelClass.DIGIT),
        (letter, PixelClass.PRINT),
        (unknown, UNKNOWN_INK),
        (other, OTHER_INK),
        numbers=(number_in(digit), number_in(letter, "printed")),
    )
    sample = make_page_sample(page)
    assert sample is not None
    rows, columns = sample.labels.shape
    assert rows % INPUT_SIDE_MULTIPLE == columns % INPUT_SIDE_MULTIPLE == 0
    scale = columns / 400
    assert scale == pytest.approx(SAMPLE_SCALE * CHARACTER_HEIGHT_PIXELS / 36, rel=0.06)
    assert len(sample.quads) == 1
    assert sample.quads[0, 0] == pytest.approx([60 * scale, 60 * rows / 300], abs=0.1)
    assert sample.quads[0, 2] == pytest.approx([84 * scale, 96 * rows / 300], abs=0.1)
    assert sample.digit_boxes[0, :2] == pytest.approx(sample.quads[0, 0])
    for box, label in ((digit, InkClass.DIGIT), (letter, InkClass.PRINT), (unknown, UNKNOWN_INK), (other, OTHER_INK)):
        left, right = round(box.x * scale), round(box.right * scale)
        assert set(np.unique(sample.labels[:, left - 2 : right + 2]).tolist()) == {label, NO_INK_LABEL}
    assert sample.is_wanted.tolist() == sample.has_digits.tolist() == [True]


def test_light_ink_on_dark_paper_is_seen_as_dark_ink() -> None:
    digits = [Box(40 * index, 60, 24, 36) for index in range(1, 9)]
    page = page_of_blocks(*((box, PixelClass.DIGIT) for box in digits))
    negative = replace(page, image=np.asarray(255 - page.image, np.uint8))
    positive, inverted = make_page_sample(page), make_page_sample(negative)
    assert positive is not None
    assert inverted is not None
    assert np.array_equal(positive.labels, inverted.labels)


def test_crossed_out_numbers_and_those_amid_words_are_not_wanted() -> None:
    first, second, third = (Box(60 * index, 60, 24, 36) for index in range(1, 4))
    numbers = (
        replace(number_in(first), crossed_out=True),
        replace(number_in(second), optional=True),
        number_in(third),
    )
    sample = make_page_sample(
        page_of_blocks(*((box, PixelClass.DIGIT) for box in (first, second, third)), numbers=numbers)
    )
    assert sample is not None
    assert sample.is_wanted.tolist() == [False, False, True]


def test_a_page_without_ink_has_nothing_to_learn() -> None:
    assert make_page_sample(page_of_blocks()) is None


def test_unlabelled_ink_away_from_all_strokes_is_a_mark() -> None:
    letter = Box(60, 60, 24, 36)
    page = page_of_blocks((letter, PixelClass.PRINT))
    page.image[200:236, 300:304] = 20
    sample = make_page_sample(page)
    assert sample is not None
    rows, columns = sample.labels.shape
    labels = sample.labels[round(210 * rows / 300), round(296 * columns / 400) : round(308 * columns / 400)]
    assert InkClass.MARK in labels.tolist()


@pytest.mark.parametrize("slope", [-0.08, 0.0, 0.08])
def test_a_long_number_has_a_box_along_its_baseline(slope: float) -> None:
    top_left, along, down = np.array([10.0, 40.0]), np.array([1, slope]), np.array([-slope, 1.0])
    outline = np.array([top_left, top_left + 99 * along, top_left + 99 * along + 9 * down, top_left + 9 * down])
    quad = number_quad(outline[[2, 0, 3, 1]], 1.0)
    assert quad[[0, 1, 3]] == pytest.approx(
        outline[[0, 1, 3]] + np.array([(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5)]), abs=0.1
    )


def test_a_short_number_has_an_upright_box() -> None:
    outline = np.array([(10, 12), (20, 10), (24, 20), (12, 22)], np.float64)
    assert number_quad(outline, 1.0).tolist() == [[9.5, 9.5], [24.5, 9.5], [24.5, 22.5], [9.5, 22.5]]


def test_a_sample_is_loaded_as_it_was_saved(tmp_path: Path, families: tuple[fonts.FontFamily, ...]) -> None:
    page = page_sources.synthesize_page_within_dpi(
        np.random.default_rng(4), families, page_sources.HandwritingSources(), (90.0, 90.1)
    )
    sample = make_page_sample(page)
    assert sample is not None
    save_page_sample(tmp_path / "page.npz", sample)
    assert [path.name for path in tmp_path.iterdir()] == ["page.npz"]
    loaded = load_page_sample(tmp_path / "page.npz")
    for name in ("strength", "tone", "labels", "quads", "is_wanted", "has_digits", "digit_boxes"):
        saved: Image = getattr(sample, name)
        assert np.array_equal(getattr(loaded, name), saved)
        assert getattr(loaded, name).dtype == saved.dtype


def test_fonts_held_aside_are_not_trained_with(families: tuple[fonts.FontFamily, ...]) -> None:
    held_out = page_sources.find_held_out_fonts()
    assert {family.name for family in held_out}.isdisjoint(family.name for family in families)
