from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.form_reading.known_print import remove_known_print, scale_print

if TYPE_CHECKING:
    from scanner.types import Image
    from tests.form_reading.conftest import InkOf

LINE = (20, 48, 160, 4)
"""A printed line, four pixels thick."""
STROKE = (98, 20, 4, 60)
"""A stroke across it."""


def test_a_lone_line_goes(ink_of: InkOf) -> None:
    left = remove_known_print(ink_of(LINE), ink_of(LINE).mask)
    assert not left.mask.any()
    assert not left.strength.any()
    assert len(left.components) == 0


def test_a_stroke_across_a_line_stays_whole(ink_of: InkOf) -> None:
    left = remove_known_print(ink_of(LINE, STROKE), ink_of(LINE).mask)
    assert [tuple(box) for box in left.components.boxes.tolist()] == [STROKE]
    assert left.components.areas[0] >= 0.95 * 4 * 60
    # No ink appears where there was none.
    assert not (left.mask & ~ink_of(STROKE).mask).any()


def test_a_stroke_that_ends_at_a_line_is_cut_off_there(ink_of: InkOf) -> None:
    left = remove_known_print(ink_of(LINE, (98, 20, 4, 30)), ink_of(LINE).mask)
    assert [tuple(box) for box in left.components.boxes.tolist()] == [(98, 20, 4, 28)]


def test_ink_elsewhere_is_as_it_was(ink_of: InkOf) -> None:
    ink = ink_of(LINE, (30, 10, 4, 20))
    left = remove_known_print(ink, ink_of(LINE).mask)
    assert np.array_equal(left.mask, ink_of((30, 10, 4, 20)).mask)
    assert np.array_equal(left.strength, left.mask)
    assert left.stroke_width == pytest.approx(4, abs=1)
    assert left.character_height == ink.character_height


def test_the_soft_edge_of_print_goes_with_it(ink_of: InkOf) -> None:
    ink = ink_of(LINE, STROKE)
    ink.strength[47, 20:90] = 60
    left = remove_known_print(ink, ink_of(LINE).mask)
    assert not left.strength[:, 20:90].any()


def test_without_known_print_the_ink_is_the_same(ink_of: InkOf) -> None:
    ink = ink_of(STROKE)
    assert remove_known_print(ink, np.zeros_like(ink.mask)) is ink


def one_pixel(side: int = 40) -> Image:
    known = np.zeros((side, side), np.uint8)
    known[10, 20] = 255
    return known


def test_print_is_widened_by_what_may_lie_beside_it() -> None:
    # 0.6 strokes of five pixels are three.
    known = scale_print(one_pixel(), (40, 40), 5.0)
    rows, columns = np.nonzero(known)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (7, 13, 17, 23)
    assert set(np.unique(known)) == {0, 255}


def test_print_is_widened_by_a_pixel_at_least() -> None:
    assert np.count_nonzero(scale_print(one_pixel(), (40, 40), 0.0)) == 5


def test_print_is_scaled_to_the_page() -> None:
    known = np.zeros((40, 60), np.uint8)
    known[10:20, 30:45] = 255
    scaled = scale_print(known, (120, 80), 1.0)
    rows, columns = np.nonzero(scaled)
    assert scaled.shape == (80, 120)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == pytest.approx((20, 40, 60, 90), abs=2)
