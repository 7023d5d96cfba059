import pytest

from scanner.datasets.parallel_map import parallel_map, split_into_ranges


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_order(processes: int) -> None:
    assert list(parallel_map(abs, [-3, 1, -2], processes, items_per_task=2)) == [3, 1, 2]
    assert list(parallel_map(abs, [], processes, items_per_task=2)) == []


def test_ranges_hold_every_number_once() -> None:
    assert split_into_ranges(7, 3) == [range(3), range(3, 6), range(6, 7)]
    assert split_into_ranges(0, 3) == []
