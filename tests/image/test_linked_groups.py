import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scanner.image.linked_groups import group_roots


def roots(count: int, *pairs: tuple[int, int]) -> list[int]:
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    return [int(root) for root in group_roots(count, first, second)]


def test_items_linked_through_others_are_one_group() -> None:
    assert roots(6, (5, 3), (1, 4), (3, 1)) == [0, 1, 2, 1, 1, 1]


def test_items_without_links_are_groups_of_one() -> None:
    assert roots(3) == [0, 1, 2]
    assert roots(0) == []
    assert roots(2, (1, 1)) == [0, 1]


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=15))
def test_the_groups_are_those_that_merging_pair_by_pair_makes(pairs: list[tuple[int, int]]) -> None:
    groups = {item: {item} for item in range(12)}
    for one, other in pairs:
        merged = groups[one] | groups[other]
        groups.update(dict.fromkeys(merged, merged))
    assert roots(12, *pairs) == [min(groups[item]) for item in range(12)]
