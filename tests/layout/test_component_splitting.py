from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.component_splitting import split_by_ink_class
from scanner.layout.ink_classes import InkClass, InkClassMap, component_class_shares
from scanner.options import NumberKind

STROKE = 4.0


def ink_of(mask: NDArray[np.uint8], stroke_width: float = STROKE) -> MeasuredInk:
    return MeasuredInk(mask, mask, stroke_width, label_components(mask), 40.0)


def map_of(classes: NDArray[np.intp]) -> InkClassMap:
    """A map with one certain class per cell; cells of four pixels."""
    return InkClassMap(np.eye(len(InkClass), dtype=np.float32)[classes], (0.25, 0.25))


def underlined() -> tuple[NDArray[np.uint8], InkClassMap]:
    """Two 1s, rows 8-39, that run down into a line, rows 40-43; the map calls rows 40-47 a mark."""
    mask = np.zeros((60, 80), np.uint8)
    mask[8:44, 20:24] = mask[8:44, 40:44] = 255
    mask[40:44, 8:60] = 255
    classes = np.full((15, 20), InkClass.DIGIT, np.intp)
    classes[10:12] = InkClass.MARK
    return mask, map_of(classes)


def test_digits_on_an_underline_are_split_from_it() -> None:
    mask, class_map = underlined()
    whole = ink_of(mask)
    shares = component_class_shares(whole, class_map)
    found = split_by_ink_class(whole, shares, class_map, NumberKind.HANDWRITTEN).components
    assert len(whole.components) == 1
    assert sorted(map(tuple, found.boxes.tolist())) == [(8, 40, 52, 4), (20, 8, 4, 32), (40, 8, 4, 32)]
    assert found.areas.sum() == np.count_nonzero(mask)
    assert [int(np.count_nonzero(found.labels == i + 1)) for i in range(3)] == found.areas.tolist()
    assert np.array_equal(found.labels > 0, mask > 0)


def test_components_of_one_class_stay_whole() -> None:
    mask, _ = underlined()
    whole = ink_of(mask)
    for ink_class in (InkClass.DIGIT, InkClass.WRITING):
        class_map = map_of(np.full((15, 20), ink_class, np.intp))
        assert (
            split_by_ink_class(whole, component_class_shares(whole, class_map), class_map, NumberKind.HANDWRITTEN)
            is whole
        )


def test_components_without_digits_of_the_requested_kind_stay_whole() -> None:
    mask, class_map = underlined()
    whole = ink_of(mask)
    shares = component_class_shares(whole, class_map)
    assert split_by_ink_class(whole, shares, class_map, NumberKind.PRINTED) is whole


def test_a_part_with_too_little_ink_is_not_split_off() -> None:
    mask, _ = underlined()
    classes = np.full((15, 20), InkClass.MARK, np.intp)
    # Four rows of one 1: sixteen pixels, where a part needs thirty-two.
    classes[5, 5] = InkClass.DIGIT
    whole = ink_of(mask)
    shares = np.eye(len(InkClass))[[InkClass.DIGIT]] * 0.5
    assert split_by_ink_class(whole, shares, map_of(classes), NumberKind.HANDWRITTEN) is whole


def test_a_page_without_ink_has_nothing_to_split() -> None:
    nothing = ink_of(np.zeros((60, 80), np.uint8))
    class_map = map_of(np.zeros((15, 20), np.intp))
    assert (
        split_by_ink_class(nothing, component_class_shares(nothing, class_map), class_map, NumberKind.HANDWRITTEN)
        is nothing
    )


@given(st.integers(0, 2**32 - 1))
def test_splitting_changes_no_pixel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = np.where(np.kron(rng.random((12, 16)) < 0.5, np.ones((5, 5))) > 0, np.uint8(255), np.uint8(0))
    class_map = map_of(rng.integers(0, len(InkClass), (15, 20)))
    whole = ink_of(mask, stroke_width=2.0)
    shares = component_class_shares(whole, class_map)
    found = split_by_ink_class(whole, shares, class_map, NumberKind.ANY).components
    assert np.array_equal(found.labels > 0, mask > 0)
    assert len(found) >= len(whole.components)
    counts = np.bincount(found.labels.ravel(), minlength=len(found) + 1)[1:]
    assert counts.tolist() == found.areas.tolist()
    for index, (x, y, width, height) in enumerate(found.boxes.tolist(), 1):
        ys, xs = np.nonzero(found.labels == index)
        assert (xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1) == (x, y, width, height)
