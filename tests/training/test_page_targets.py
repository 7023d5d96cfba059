import numpy as np
import pytest

from scanner.datasets.labelled_ink import UNKNOWN_INK
from scanner.layout.ink_classes import InkClass
from scanner.layout.number_finder import find_numbers
from scanner.layout.page_network import NumberCoreMap
from scanner.training.page_samples import NO_INK_LABEL, PageNetworkSample
from scanner.training.page_targets import page_targets
from scanner.types import Box


def box_quad(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def sample_of(
    quads: list[list[tuple[float, float]]],
    wanted: list[bool] | None = None,
    digits: list[tuple[float, float, float, float]] | None = None,
) -> PageNetworkSample:
    """A page of 64 x 96 pixels without ink."""
    return PageNetworkSample(
        strength=np.zeros((64, 96), np.uint8),
        tone=np.zeros((32, 48, 3), np.uint8),
        labels=np.full((64, 96), NO_INK_LABEL, np.uint8),
        quads=np.array(quads, np.float32).reshape(-1, 4, 2),
        is_wanted=np.array([True] * len(quads) if wanted is None else wanted, np.bool_),
        has_digits=np.full(len(quads), digits is not None, np.bool_),
        digit_boxes=np.array(digits or [], np.float32).reshape(-1, 4),
    )


def test_a_core_is_a_box_without_a_quarter_of_its_height_on_all_sides() -> None:
    targets = page_targets(sample_of([box_quad(16, 16, 48, 32)]))
    y, x = np.nonzero(targets.cores)
    assert (y.min(), y.max(), x.min(), x.max()) == (10, 13, 10, 21)
    assert targets.cores.sum() == 4 * 12
    # Distances from the middles of cells of four pixels, in cells.
    assert targets.distances[:, 5, 6].tolist() == pytest.approx([1.5, 2.5])
    assert targets.distances[:, 6, 6].tolist() == pytest.approx([2.5, 1.5])
    assert (targets.distance_weights > 0).sum() == 2 * 6


@pytest.mark.parametrize("quad", [box_quad(20, 20, 23, 32), box_quad(21, 21, 23, 23), box_quad(33, 20, 34, 40)])
def test_no_core_vanishes(quad: list[tuple[float, float]]) -> None:
    assert page_targets(sample_of([quad])).cores.any()


def test_touching_numbers_have_cores_apart_and_the_gap_weighs_more() -> None:
    targets = page_targets(sample_of([box_quad(8, 16, 40, 32), box_quad(40, 16, 72, 32)]))
    assert targets.cores[12].astype(int).tolist() == [0] * 6 + [1] * 12 + [0] * 4 + [1] * 12 + [0] * 14
    assert (targets.core_weights[12, 18:22] > 1).all()
    assert targets.core_weights[2, 2] < 1


def test_what_the_targets_say_is_found_as_it_was() -> None:
    quads = [box_quad(8, 8, 40, 24), box_quad(52, 8, 84, 24), box_quad(8, 36, 88, 52)]
    targets = page_targets(sample_of(quads))
    cores = NumberCoreMap(
        targets.cores.astype(np.float32),
        targets.digits.astype(np.float32),
        np.ascontiguousarray(targets.distances.transpose(1, 2, 0)),
        (0.25, 0.25),
    )
    assert [region.box for region in find_numbers(cores)] == [Box(8, 8, 32, 16), Box(52, 8, 32, 16), Box(8, 36, 80, 16)]


def test_a_sloping_box_has_a_sloping_core() -> None:
    targets = page_targets(sample_of([[(10, 10), (90, 18), (88.4, 34), (8.4, 26)]]))
    middles = [np.flatnonzero(targets.cores[:, x]).mean() for x in (10, 40)]
    assert middles[1] - middles[0] == pytest.approx(30 * 0.1, abs=0.6)


def test_numbers_that_are_not_wanted_are_neither_right_nor_wrong() -> None:
    targets = page_targets(sample_of([box_quad(16, 16, 48, 32)], wanted=[False]))
    assert not targets.cores.any()
    assert not targets.core_weights[8:16, 8:24].any()
    assert targets.core_weights[0, 0] > 0


def test_nothing_is_learnt_of_numbers_from_unknown_ink_and_from_stray_digits() -> None:
    sample = sample_of([box_quad(16, 16, 48, 32)])
    sample.labels[20:24, 20:24] = InkClass.DIGIT
    sample.labels[50:54, 20:24] = InkClass.DIGIT
    sample.labels[50:54, 60:64] = UNKNOWN_INK
    targets = page_targets(sample)
    assert (targets.core_weights[9:15, 9:15] > 0).all()
    assert not targets.core_weights[25:27, 10:12].any()
    assert not targets.core_weights[25:27, 30:32].any()
    assert targets.core_weights[25:27, 20:22].all()


def test_middles_of_digits_are_apart_and_unknown_ones_have_no_weight() -> None:
    quad = box_quad(16, 16, 40, 32)
    targets = page_targets(sample_of([quad], digits=[(16, 16, 24, 32), (24, 16, 32, 32), (32, 16, 40, 32)]))
    row = targets.digits[12].astype(int).tolist()
    assert row == [0] * 9 + [1, 1, 0, 0, 1, 1, 0, 0, 1, 1] + [0] * 29
    assert (targets.digit_weights[8:16, 8:20] > 0).all()
    assert not page_targets(sample_of([quad])).digit_weights[8:16, 8:20].any()


def test_the_amount_of_a_class_is_its_share_of_the_cell() -> None:
    sample = sample_of([])
    sample.labels[0:4, 0:2] = InkClass.RULE
    sample.labels[4:6, 4:6] = InkClass.DIGIT
    amounts = page_targets(sample).class_amounts
    assert amounts.shape == (len(InkClass), 16, 24)
    assert amounts[InkClass.RULE, 0, 0] == pytest.approx(0.5)
    assert amounts[InkClass.DIGIT, 1, 1] == pytest.approx(0.25)
    assert amounts.sum() == pytest.approx(0.75)
