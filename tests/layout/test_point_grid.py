from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.layout.point_grid import MAX_OFF_CENTER_PITCHES, fit_grid

Points = NDArray[np.float64]


def _grid_points(columns: int = 12, rows: int = 10, across: float = 20.0, down: float = 20.0) -> Points:
    """Points in reading order, shape (rows * columns, 2)."""
    y, x = np.mgrid[:rows, :columns]
    return np.stack([x.ravel() * across, y.ravel() * down], axis=1)


def test_columns_and_rows_are_counted() -> None:
    grid = fit_grid(_grid_points() + np.array([100.0, 50.0]), size=15)
    assert grid is not None
    assert grid.pitch == pytest.approx(20)
    cells = grid.locate(np.array([[100.0, 50.0], [120.0, 50.0], [100.0, 70.0], [130.0, 50.0]]))
    np.testing.assert_allclose(cells - cells[0], np.array([[0, 0], [1, 0], [0, 1], [1.5, 0]]), atol=1e-6)


@given(
    st.floats(-5, 5),
    st.floats(16, 60),
    st.floats(-1000, 1000),
    st.integers(0, 2**32 - 1),
)
def test_a_skewed_grid_keeps_its_cells_whatever_the_jitter(
    degrees: float, pitch: float, offset: float, seed: int
) -> None:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    points = _grid_points(30, 20) / 20
    jitter = np.random.default_rng(seed).uniform(-0.1, 0.1, points.shape)
    grid = fit_grid((points + jitter) @ np.array([[cos, sin], [-sin, cos]]) * pitch + offset, size=0.75 * pitch)
    assert grid is not None
    cells = np.rint(grid.locate((points @ np.array([[cos, sin], [-sin, cos]])) * pitch + offset))
    np.testing.assert_array_equal(cells - cells[0], points)


def test_a_bent_grid_keeps_its_cells_to_its_ends() -> None:
    points = _grid_points(100, 50)
    # The lower right corner is 1.5 cells off, as in a photograph at an angle.
    bent = points + 30 * (points / points.max(axis=0)).prod(axis=1, keepdims=True)
    grid = fit_grid(bent, size=15)
    assert grid is not None
    cells = grid.locate(bent)
    np.testing.assert_allclose(np.rint(cells - cells[0]) * 20, points)
    assert np.abs(cells - np.rint(cells)).max() < MAX_OFF_CENTER_PITCHES


def test_a_gap_of_a_column_is_no_step() -> None:
    points = _grid_points()
    grid = fit_grid(points[points[:, 0] != 100], size=15)
    assert grid is not None
    assert grid.pitch == pytest.approx(20)


def test_numbers_of_two_digits_are_no_grid() -> None:
    points = _grid_points(20, 10, across=30)
    # Every second digit stands close to the one before it.
    points[1::2, 0] -= 12
    assert fit_grid(points, size=15) is None


def test_numbers_of_three_digits_are_no_grid() -> None:
    points = _grid_points(21, 10, across=20)
    points[:, 0] += np.tile(np.repeat(np.arange(7) * 15.0, 3), 10)
    assert fit_grid(points, size=15) is None


def test_lines_of_print_are_no_grid() -> None:
    assert fit_grid(_grid_points(40, 20, across=12, down=24), size=12) is None


def test_scattered_points_are_no_grid() -> None:
    assert fit_grid(np.random.default_rng(0).uniform(0, 400, (400, 2)), size=15) is None


def test_points_too_far_apart_are_no_grid() -> None:
    assert fit_grid(_grid_points(), size=6) is None


@pytest.mark.parametrize("count", [0, 1, 11])
def test_few_points_are_no_grid(count: int) -> None:
    assert fit_grid(_grid_points()[:count], size=15) is None


def test_a_single_row_is_no_grid() -> None:
    assert fit_grid(_grid_points(200, 1), size=15) is None


def test_the_same_point_many_times_is_no_grid() -> None:
    assert fit_grid(np.zeros((200, 2)), size=15) is None
