import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.components import find_sparse_components
from scanner.layout.line_segments import Direction, Rule, fit_segments, sort_by_begin


def mask_with(*boxes: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    mask = np.zeros((100, 400), np.uint8)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = 255
    return mask


def test_a_bar_is_a_rule_along_its_middle() -> None:
    (segment,) = fit_segments(find_sparse_components(mask_with((10, 40, 200, 3))), Direction.HORIZONTAL)
    assert segment.rule == Rule(Direction.HORIZONTAL, 10, 210, 41, 41, 3)
    assert segment.component_indices == (0,)


def test_a_vertical_bar_runs_along_y() -> None:
    (segment,) = fit_segments(find_sparse_components(mask_with((30, 10, 2, 80))), Direction.VERTICAL)
    assert segment.rule == Rule(Direction.VERTICAL, 10, 90, 30.5, 30.5, 2)
    assert segment.rule.endpoints == ((30.5, 10), (30.5, 90))


def test_a_slanting_line_has_its_slope() -> None:
    mask = np.zeros((100, 400), np.uint8)
    cv2.line(mask, (20, 30), (380, 48), 255, 2)
    (segment,) = fit_segments(find_sparse_components(mask), Direction.HORIZONTAL)
    assert segment.rule.slope == pytest.approx(0.05, abs=0.003)
    assert segment.rule.across_at(200) == pytest.approx(39, abs=1)


def test_a_stroke_that_runs_into_a_line_does_not_bend_it() -> None:
    mask = mask_with((10, 40, 300, 2), (200, 42, 40, 4))
    (segment,) = fit_segments(find_sparse_components(mask), Direction.HORIZONTAL)
    assert segment.rule.across_at_begin == pytest.approx(40.5, abs=0.2)
    assert segment.rule.across_at_end == pytest.approx(40.5, abs=0.3)


def test_a_bow_is_no_line() -> None:
    mask = np.zeros((100, 400), np.uint8)
    cv2.ellipse(mask, (200, 60), (60, 20), 0, 180, 360, 255, 2)
    assert fit_segments(find_sparse_components(mask), Direction.HORIZONTAL) == ()


def test_no_components_are_no_segments() -> None:
    assert fit_segments(find_sparse_components(np.zeros((5, 5), np.uint8)), Direction.HORIZONTAL) == ()


def test_segments_of_two_masks_have_distinct_indices_and_are_sorted() -> None:
    left, right = (
        find_sparse_components(mask_with((10, 40, 200, 3))),
        find_sparse_components(mask_with((300, 40, 80, 3))),
    )
    first = fit_segments(right, Direction.HORIZONTAL)
    both = sort_by_begin((*first, *fit_segments(left, Direction.HORIZONTAL, len(right))))
    assert [(segment.rule.begin, segment.component_indices) for segment in both] == [(10, (1,)), (300, (0,))]
