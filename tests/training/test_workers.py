import pytest

from scanner.training.workers import mapped


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_made_comes_in_order(processes: int) -> None:
    assert list(mapped(abs, [-3, 1, -2], processes, at_once=2)) == [3, 1, 2]
    assert list(mapped(abs, [], processes, at_once=2)) == []
