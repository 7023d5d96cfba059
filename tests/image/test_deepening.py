from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.image.deepening import deepen


def page_with_ink(darkness: int, share: float = 0.02) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    page = np.full((50, 100), 3, np.uint8)
    page.ravel()[: round(share * page.size)] = darkness
    return page


def test_faint_ink_becomes_dark_and_the_paper_with_it() -> None:
    deep = deepen(page_with_ink(50))
    # 200 / 50 is 4.
    assert np.unique(deep).tolist() == [12, 200]


def test_dark_ink_stays_as_it_is() -> None:
    page = page_with_ink(220)
    assert deepen(page) is page


def test_less_ink_than_a_hundredth_is_dirt() -> None:
    assert deepen(page_with_ink(100, 0.005)).max() == 255
    assert deepen(page_with_ink(100, 0.01)).max() == 200


@pytest.mark.parametrize("shape", [(1, 1), (1, 7)])
def test_bare_paper_stays_bare(shape: tuple[int, int]) -> None:
    assert not deepen(np.zeros(shape, np.uint8)).any()


@given(st.integers(1, 255), st.integers(1, 255))
def test_what_is_darker_stays_darker(first: int, second: int) -> None:
    deep = deepen(np.array([[first, second]], np.uint8)).astype(int)
    assert np.sign(deep[0, 0] - deep[0, 1]) in (np.sign(first - second), 0)
