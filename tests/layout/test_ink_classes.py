from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.errors import NotInstalledError
from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout import ink_classes
from scanner.layout.ink_classes import InkClass, InkClassMap, PageNetwork, load_page_network
from scanner.options import NumberKind
from scanner.types import Box, Ink


@pytest.fixture(scope="module")
def network() -> PageNetwork:
    return load_page_network()


def certain(*rows: tuple[InkClass, ...]) -> InkClassMap:
    """A map with one certain class per cell; cells of four pixels."""
    shares = np.zeros((len(rows), len(rows[0]), len(InkClass)), np.float32)
    for y, row in enumerate(rows):
        for x, ink_class in enumerate(row):
            shares[y, x, ink_class] = 1.0
    return InkClassMap(shares, (0.25, 0.25))


def test_characters_are_scaled_to_one_height() -> None:
    assert ink_classes.input_scale(2 * ink_classes.CHARACTER_HEIGHT_PIXELS, (1000, 800)) == pytest.approx(0.5)
    assert ink_classes.input_scale(ink_classes.CHARACTER_HEIGHT_PIXELS, (1000, 800)) == pytest.approx(1.0)
    # The scale of tiny characters is limited, and a page of 100 megapixels is scaled down further.
    assert ink_classes.input_scale(2.0, (100, 80)) == pytest.approx(1.6)
    assert ink_classes.input_scale(ink_classes.CHARACTER_HEIGHT_PIXELS, (10_000, 10_000)) == pytest.approx(0.06**0.5)
    assert ink_classes.input_scale(0.0, (1, 1)) == pytest.approx(1.6)


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (331, 17), (256, 256)])
def test_the_sides_of_the_input_are_multiples(shape: tuple[int, int]) -> None:
    shown = ink_classes.scale_to_input(np.full(shape, 200, np.uint8), 0.7)
    assert shown.shape[0] % ink_classes.INPUT_SIDE_MULTIPLE == shown.shape[1] % ink_classes.INPUT_SIDE_MULTIPLE == 0
    assert min(shown.shape) >= ink_classes.INPUT_SIDE_MULTIPLE
    assert (shown == 200).all()


def test_the_pixels_of_a_square_become_channels() -> None:
    shown = np.array([[0, 51, 102, 153], [204, 255, 0, 51]], np.uint8)
    # Upper left, upper right, lower left, lower right of both squares.
    assert ink_classes.space_to_depth(shown)[0, :, 0] == pytest.approx(
        np.array([[0, 0.4], [0.2, 0.6], [0.8, 0], [1, 0.2]])
    )


def ink_of(mask: NDArray[np.uint8], stroke_width: float) -> MeasuredInk:
    return MeasuredInk(mask, mask, stroke_width, label_components(mask), 20.0)


def test_the_classes_of_a_component_are_the_mean_over_its_ink() -> None:
    mask = np.zeros((8, 12), np.uint8)
    mask[1:3, 1:3] = 255
    # Six of its eight pixels lie in the second cell of the lower row, two in the third.
    mask[5:7, 5:9] = 255
    map_ = certain((InkClass.PRINT,) * 3, (InkClass.RULE, InkClass.DIGIT, InkClass.WRITING))
    shares = ink_classes.component_class_shares(ink_of(mask, 1.0), map_)
    assert shares[0] == pytest.approx(np.eye(6)[InkClass.PRINT])
    assert shares[1, [InkClass.DIGIT, InkClass.WRITING]] == pytest.approx([0.75, 0.25])


def test_a_component_between_the_samples_has_the_class_of_its_middle() -> None:
    mask = np.zeros((8, 8), np.uint8)
    mask[5, 5] = 255
    map_ = certain((InkClass.PRINT,) * 2, (InkClass.PRINT, InkClass.MARK))
    assert ink_classes.component_class_shares(ink_of(mask, 4.0), map_)[0, InkClass.MARK] == 1.0


def test_no_components_have_no_classes() -> None:
    map_ = certain((InkClass.PRINT,))
    assert ink_classes.component_class_shares(ink_of(np.zeros((4, 4), np.uint8), 1.0), map_).shape == (0, 6)


def test_a_number_is_of_the_kind_of_most_of_its_ink() -> None:
    written, printed = np.eye(6)[InkClass.DIGIT], np.eye(6)[InkClass.PRINTED_DIGIT]
    pair = np.stack([written, printed])
    areas = np.array([30, 10])
    assert ink_classes.classify_number_kind(pair, areas, NumberKind.HANDWRITTEN) == ("handwritten", 0.75)
    assert ink_classes.classify_number_kind(pair, areas[::-1], NumberKind.HANDWRITTEN) == ("", 0.25)
    assert ink_classes.classify_number_kind(pair, areas[::-1], NumberKind.PRINTED) == ("printed", 0.75)
    assert ink_classes.classify_number_kind(pair, areas, NumberKind.ANY) == ("handwritten", 1.0)
    assert ink_classes.classify_number_kind(np.eye(6)[[InkClass.WRITING]], areas[:1], NumberKind.ANY) == ("", 0.0)


def test_marks_and_rules_are_no_characters() -> None:
    assert ink_classes.is_mark(np.eye(6)).tolist() == [each in {InkClass.RULE, InkClass.MARK} for each in InkClass]


def test_the_network_classifies_pages_of_any_size(network: PageNetwork) -> None:
    for shape in ((1, 1), (40, 9), (300, 500)):
        strength = np.zeros(shape, np.uint8)
        found = network.classify_ink(ink_of(strength, 0.0))
        assert found.probabilities.shape[2] == len(InkClass)
        assert found.cells_per_page_pixel == (
            found.probabilities.shape[1] / shape[1],
            found.probabilities.shape[0] / shape[0],
        )


def test_only_the_inked_part_of_a_page_is_classified(network: PageNetwork) -> None:
    strength = np.zeros((600, 400), np.uint8)
    strength[300:340, 200:204] = 255
    ink = replace(ink_of(strength, 4.0), character_height=float(ink_classes.CHARACTER_HEIGHT_PIXELS))
    shares = network.classify_ink(ink).probabilities
    classified = shares.sum(axis=2) > 0.5
    ys, xs = np.nonzero(classified)
    assert classified[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1].all()
    # Cells of four pixels; a margin of sixteen pixels around the ink, and up to eight more to a multiple.
    assert 300 // 4 - 6 <= ys.min() <= 300 // 4 - 4
    assert 340 // 4 + 3 <= ys.max() <= 340 // 4 + 6
    assert 200 // 4 - 6 <= xs.min() <= 200 // 4 - 4


def test_log_odds_of_digits_follow_the_ink_in_each_box() -> None:
    mask = np.zeros((20, 60), np.uint8)
    mask[2:18, 2:12] = mask[2:18, 22:32] = mask[2:18, 42:52] = 255
    shares = np.zeros((3, 6))
    shares[0, [InkClass.DIGIT, InkClass.WRITING]] = 0.8, 0.2
    shares[1, InkClass.PRINTED_DIGIT] = 1.0
    shares[2, InkClass.WRITING] = 1.0
    boxes = [Box(0, 0, 12, 20), Box(20, 0, 12, 20), Box(40, 0, 20, 20), Box(0, 0, 60, 20), Box(14, 0, 4, 20)]
    odds = ink_classes.digit_log_odds(boxes, (0, 1, 2), shares, label_components(mask))
    # 0.8 : 0.2; certain; certainly not; 1.8 of 3; no ink, which shows nothing.
    assert odds == pytest.approx([np.log(4), np.inf, -12.0, np.log(1.5), 0.0])


def test_a_missing_network_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotInstalledError, match=r"pages\.onnx"):
        load_page_network(tmp_path)


def test_digits_alone_on_a_page_are_handwritten() -> None:
    strength = np.zeros((8, 16), np.uint8)
    strength[2:6, 2:6] = strength[2:6, 10:14] = 255
    ink = Ink(strength, strength, 4.0)

    def map_of(left: InkClass, right: InkClass) -> InkClassMap:
        shares = np.zeros((2, 4, len(InkClass)), np.float32)
        shares[:, :2, left] = shares[:, 2:, right] = 1
        return InkClassMap(shares, (0.25, 0.25))

    digits = ink_classes.assume_handwritten_without_print(map_of(InkClass.PRINTED_DIGIT, InkClass.PRINTED_DIGIT), ink)
    assert digits.probabilities[..., InkClass.DIGIT].min() == 1
    assert digits.probabilities[..., InkClass.PRINTED_DIGIT].max() == 0
    for beside in (InkClass.PRINT, InkClass.WRITING, InkClass.DIGIT):
        page = map_of(InkClass.PRINTED_DIGIT, beside)
        assert ink_classes.assume_handwritten_without_print(page, ink) is page
    empty = InkClassMap(np.zeros((2, 4, len(InkClass)), np.float32), (0.25, 0.25))
    assert (
        ink_classes.assume_handwritten_without_print(empty, Ink(np.zeros_like(strength), np.zeros_like(strength), 0.0))
        is empty
    )


def test_on_a_sheet_of_digits_handwriting_is_digits() -> None:
    shares = np.zeros((1, 2, len(InkClass)), np.float32)
    shares[0, 0, [InkClass.DIGIT, InkClass.WRITING, InkClass.PRINT]] = (0.25, 0.5, 0.25)
    shares[0, 1, InkClass.MARK] = 1
    page = InkClassMap(shares, (0.25, 0.25))
    probabilities = ink_classes.assume_writing_is_digits(page).probabilities
    np.testing.assert_array_equal(probabilities[0, 0, [InkClass.DIGIT, InkClass.WRITING]], (0.75, 0))
    np.testing.assert_array_equal(probabilities[0, 0, InkClass.PRINT], 0.25)
    np.testing.assert_array_equal(probabilities[0, 1], shares[0, 1])
    assert page.probabilities[0, 0, InkClass.WRITING] == 0.5
