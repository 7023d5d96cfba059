from __future__ import annotations

from itertools import product

import numpy as np

from scanner.form_making.cell_grids import build_grids
from scanner.types import Box

HEIGHT = 16.0
SQUARES = tuple(Box(10 + 62 * c, 20 + 42 * r, 60, 40) for r, c in product(range(3), range(4)))
"""Three rows of four cells with lines two pixels wide between them."""


def test_cells_in_rows_and_columns() -> None:
    (grid,) = build_grids(SQUARES, HEIGHT)
    assert (grid.columns, grid.rows) == ((10, 71, 133, 195, 256), (20, 61, 103, 144))
    assert sorted(grid.owners.ravel().tolist()) == list(range(12))
    assert not grid.spanning.any()
    assert grid.box(1, 2) == Box(133, 61, 62, 42)


def test_no_cells_are_no_grid() -> None:
    assert build_grids((), HEIGHT) == ()


def test_cells_apart_are_grids_of_their_own() -> None:
    cells = (Box(10, 120, 60, 40), Box(10, 20, 60, 40))
    first, second = build_grids(cells, HEIGHT)
    assert (first.paper, second.paper) == ((cells[1],), (cells[0],))


def test_a_cell_that_spans_columns() -> None:
    wide = Box(10, 20, 246, 40)
    (grid,) = build_grids((wide, *SQUARES[4:]), HEIGHT)
    assert grid.spanning.tolist() == [[True] * 4, [False] * 4, [False] * 4]
    assert len(set(grid.owners[0].tolist())) == 1


def test_a_cell_that_was_not_found_leaves_its_square_without_one() -> None:
    (grid,) = build_grids(SQUARES[:5] + SQUARES[6:], HEIGHT)
    assert np.argwhere(grid.owners < 0).tolist() == [[1, 1]]


def test_a_stroke_in_one_cell_makes_no_column() -> None:
    cut = (Box(72, 62, 20, 40), Box(95, 62, 37, 40))
    (grid,) = build_grids((*SQUARES[:5], *cut, *SQUARES[6:]), HEIGHT)
    assert len(grid.columns) == 5
    assert not grid.spanning.any()
    assert len(grid.cells) == 12
    assert len(grid.paper) == 13


def test_rows_may_be_bent_a_little() -> None:
    bent = tuple(Box(box.x, box.y + 2 * (box.x // 62), box.width, box.height) for box in SQUARES)
    (grid,) = build_grids(bent, HEIGHT)
    assert len(grid.rows) == 4
