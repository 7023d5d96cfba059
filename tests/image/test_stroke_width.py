from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.image.stroke_width import measure_stroke_width, median_pixel_run
from scanner.synthesis.pen import draw_text, random_writer


def test_median_of_three_runs() -> None:
    lines = np.array([[1, 1, 0, 1, 0, 0], [0, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]], np.uint8) * 255
    # Runs of 2, 1 and 5.
    assert median_pixel_run(lines) == 2.0


def test_runs_at_the_edges_do_not_join_across_rows() -> None:
    lines = np.array([[0, 0, 255], [255, 0, 0]], np.uint8)
    assert median_pixel_run(lines) == 1.0


def test_all_ink_is_one_run_per_row() -> None:
    assert median_pixel_run(np.full((4, 9), 255, np.uint8)) == 9.0


def test_ink_between_the_sampled_rows_is_not_overlooked() -> None:
    lines = np.zeros((4000, 50), np.uint8)
    lines[7, 10:16] = 255
    assert median_pixel_run(lines) == 6.0


def test_rows_and_columns_are_sampled_alike() -> None:
    mask = np.zeros((30, 4000), np.uint8)
    mask[10:14, 1003:1008] = 255
    # Both miss the sampled columns: 1 / t^2 = 1 / 5^2 + 1 / 4^2, times 1.25.
    assert (
        measure_stroke_width(mask)
        == measure_stroke_width(np.ascontiguousarray(mask.T))
        == pytest.approx(1.25 * 20 / 41**0.5)
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (8, 8)])
def test_no_ink_has_no_width(shape: tuple[int, int]) -> None:
    assert measure_stroke_width(np.zeros(shape, np.uint8)) == 0.0


def test_one_pixel_has_about_the_width_of_a_pixel() -> None:
    mask = np.zeros((9, 9), np.uint8)
    mask[4, 4] = 255
    assert 0.5 < measure_stroke_width(mask) < 1.5


@pytest.mark.parametrize("thickness", [3, 5, 9, 15])
@pytest.mark.parametrize("ends", [((100, 20), (100, 380)), ((20, 200), (380, 200)), ((40, 360), (360, 40))])
def test_a_line_is_as_wide_as_its_ink_says(thickness: int, ends: tuple[tuple[int, int], tuple[int, int]]) -> None:
    mask = np.zeros((400, 400), np.uint8)
    cv2.line(mask, *ends, 255, thickness)
    width = np.count_nonzero(mask) / np.hypot(*np.subtract(*ends))
    assert 0.8 * width - 1 <= measure_stroke_width(mask) <= 1.4 * width + 1


@pytest.mark.parametrize("pen", [0.06, 0.1, 0.16])
def test_handwriting_is_as_wide_as_its_pen(pen: float) -> None:
    rng = np.random.default_rng(2)
    writer = replace(random_writer(rng), pen_width=pen, pressure_variation=0.05)
    ink, _ = draw_text("0123456789", writer, rng, 60)
    assert measure_stroke_width((ink > 127).astype(np.uint8)) == pytest.approx(60 * pen, rel=0.3)


@given(st.integers(2, 12), st.integers(40, 80))
def test_a_transposed_ring_has_the_same_width(width: int, radius: int) -> None:
    mask = np.zeros((300, 200), np.uint8)
    cv2.ellipse(mask, (100, 150), (radius, radius + 30), 0, 0, 360, 255, width)
    assert measure_stroke_width(mask) == measure_stroke_width(np.ascontiguousarray(mask.T))
