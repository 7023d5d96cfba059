import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout import ink_classes
from scanner.layout.ink_classes import InkClass, InkClassMap
from scanner.options import NumberKind
from scanner.types import Box


def certain(*rows: tuple[InkClass, ...]) -> InkClassMap:
    """A map with one certain class per cell; cells of four pixels."""
    shares = np.zeros((len(rows), len(rows[0]), len(InkClass)), np.float32)
    for y, row in enumerate(rows):
        for x, ink_class in enumerate(row):
            shares[y, x, ink_class] = 1.0
    return InkClassMap(shares, (0.25, 0.25))


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
