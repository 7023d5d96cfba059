from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.debug.contact_sheet_tiles import lay_out_tiles

if TYPE_CHECKING:
    from scanner.types import Image


def tile(width: int, height: int, grey: int) -> Image:
    return np.full((height, width, 3), grey, np.uint8)


def columns_of(sheet: Image, grey: int) -> list[int]:
    return np.flatnonzero((sheet == grey).all(axis=2).any(axis=0)).tolist()


def rows_of(sheet: Image, grey: int) -> list[int]:
    return np.flatnonzero((sheet == grey).all(axis=2).any(axis=1)).tolist()


def test_tiles_flow_into_rows() -> None:
    sheet = lay_out_tiles([tile(800, 30, 10), tile(800, 50, 20), tile(200, 30, 30), tile(10, 10, 40)])
    assert [len(columns_of(sheet, grey)) for grey in (10, 20, 30, 40)] == [800, 800, 200, 10]
    assert columns_of(sheet, 10)[-1] < columns_of(sheet, 20)[0]
    assert rows_of(sheet, 10)[0] == rows_of(sheet, 20)[0]
    assert rows_of(sheet, 20)[-1] < rows_of(sheet, 30)[0]
    assert columns_of(sheet, 30)[0] == columns_of(sheet, 10)[0]
    assert columns_of(sheet, 30)[-1] < columns_of(sheet, 40)[0]


def test_a_sheet_has_a_maximum_height_and_says_so() -> None:
    few = lay_out_tiles(tile(1700, 300, 10) for _ in range(3))
    many = lay_out_tiles(tile(1700, 300, 10) for _ in range(500))
    assert few.shape[0] < many.shape[0] < 9_000
    assert (many[-30:] < 100).any()
