from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.layout.component_splitting import split_by_ink_class
from scanner.layout.ink_classes import InkClass, InkClassMap, component_class_shares
from scanner.options import NumberKind

STROKE = 4.0


def map_of(kinds: NDArray[np.intp]) -> InkClassMap:
    """Cells of four pixels, each surely of its kind."""
    return InkClassMap(np.eye(len(InkClass), dtype=np.float32)[kinds], (0.25, 0.25))


def underlined() -> tuple[NDArray[np.uint8], InkClassMap]:
    """Two 1s, rows 8-39, that run down into a line, rows 40-43; the map calls rows 40-47 a mark."""
    mask = np.zeros((60, 80), np.uint8)
    mask[8:44, 20:24] = mask[8:44, 40:44] = 255
    mask[40:44, 8:60] = 255
    kinds = np.full((15, 20), InkClass.DIGIT, np.intp)
    kinds[10:12] = InkClass.MARK
    return mask, map_of(kinds)


def test_digits_on_a_line_part_from_it() -> None:
    mask, kind_map = underlined()
    whole = label_components(mask)
    found = split_by_ink_class(
        whole, component_class_shares(whole, kind_map, STROKE), kind_map, NumberKind.HANDWRITTEN, STROKE
    )
    assert len(whole) == 1
    assert sorted(map(tuple, found.boxes.tolist())) == [(8, 40, 52, 4), (20, 8, 4, 32), (40, 8, 4, 32)]
    assert found.areas.sum() == np.count_nonzero(mask)
    assert [int(np.count_nonzero(found.labels == i + 1)) for i in range(3)] == found.areas.tolist()
    assert np.array_equal(found.labels > 0, mask > 0)


def test_what_is_all_of_a_kind_stays_whole() -> None:
    mask, _ = underlined()
    whole = label_components(mask)
    for kind in (InkClass.DIGIT, InkClass.WRITING):
        kind_map = map_of(np.full((15, 20), kind, np.intp))
        assert (
            split_by_ink_class(
                whole, component_class_shares(whole, kind_map, STROKE), kind_map, NumberKind.HANDWRITTEN, STROKE
            )
            is whole
        )


def test_what_is_not_wanted_may_stay_what_it_is() -> None:
    mask, kind_map = underlined()
    whole = label_components(mask)
    shares = component_class_shares(whole, kind_map, STROKE)
    assert split_by_ink_class(whole, shares, kind_map, NumberKind.PRINTED, STROKE) is whole


def test_a_piece_smaller_than_a_speck_stays_on_what_it_is_on() -> None:
    mask, _ = underlined()
    kinds = np.full((15, 20), InkClass.MARK, np.intp)
    # Four rows of one 1 only: sixteen pixels, where a speck has up to thirty-two.
    kinds[5, 5] = InkClass.DIGIT
    whole = label_components(mask)
    shares = np.eye(len(InkClass))[[InkClass.DIGIT]] * 0.5
    assert split_by_ink_class(whole, shares, map_of(kinds), NumberKind.HANDWRITTEN, STROKE) is whole


def test_a_page_without_ink_has_nothing_to_part() -> None:
    nothing = label_components(np.zeros((60, 80), np.uint8))
    kind_map = map_of(np.zeros((15, 20), np.intp))
    assert (
        split_by_ink_class(
            nothing, component_class_shares(nothing, kind_map, STROKE), kind_map, NumberKind.HANDWRITTEN, STROKE
        )
        is nothing
    )


@given(st.integers(0, 2**32 - 1))
def test_parting_moves_no_ink(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = np.where(np.kron(rng.random((12, 16)) < 0.5, np.ones((5, 5))) > 0, np.uint8(255), np.uint8(0))
    kind_map = map_of(rng.integers(0, len(InkClass), (15, 20)))
    whole = label_components(mask)
    found = split_by_ink_class(whole, component_class_shares(whole, kind_map, 2.0), kind_map, NumberKind.ANY, 2.0)
    assert np.array_equal(found.labels > 0, mask > 0)
    assert len(found) >= len(whole)
    counts = np.bincount(found.labels.ravel(), minlength=len(found) + 1)[1:]
    assert counts.tolist() == found.areas.tolist()
    for index, (x, y, width, height) in enumerate(found.boxes.tolist(), 1):
        ys, xs = np.nonzero(found.labels == index)
        assert (xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1) == (x, y, width, height)
