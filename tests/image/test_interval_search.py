import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.image import interval_search
from scanner.image.interval_search import points_within


def pairs(points: list[int], low: list[int], high: list[int]) -> list[tuple[int, int]]:
    found = points_within(points, low, high)
    return [(int(i), int(p)) for block in found for i, p in zip(*block, strict=True)]


def test_both_ends_belong_to_the_interval() -> None:
    assert sorted(pairs([5, 1, 3, 7], [1, 6], [5, 6])) == [(0, 0), (0, 1), (0, 2)]


def test_nothing_lies_in_an_interval_that_ends_before_it_begins() -> None:
    assert pairs([1, 2, 3], [3], [1]) == []


@pytest.mark.parametrize("block", [1, 4, 1_000_000])
@given(
    points=st.lists(st.integers(0, 9), max_size=8),
    ends=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6),
)
def test_the_pairs_are_those_that_a_comparison_of_every_pair_finds(
    block: int, points: list[int], ends: list[tuple[int, int]]
) -> None:
    low, high = [a for a, _ in ends], [b for _, b in ends]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interval_search, "_MAX_PAIRS_PER_BLOCK", block)
        found = pairs(points, low, high)
    assert sorted(found) == [(i, p) for i, (a, b) in enumerate(ends) for p, x in enumerate(points) if a <= x <= b]


def test_an_interval_is_never_split_between_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interval_search, "_MAX_PAIRS_PER_BLOCK", 2)
    blocks = [set(i.tolist()) for i, _ in points_within(np.arange(5), [0, 1, 2], [4, 3, 2])]
    assert blocks == [{0}, {1}, {2}]
