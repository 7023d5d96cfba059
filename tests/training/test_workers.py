import pytest

from scanner.training.workers import lots, mapped


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_made_comes_in_order(processes: int) -> None:
    assert list(mapped(abs, [-3, 1, -2], processes, at_once=2)) == [3, 1, 2]
    assert list(mapped(abs, [], processes, at_once=2)) == []


def test_lots_hold_every_number_once() -> None:
    assert lots(7, 3) == [range(3), range(3, 6), range(6, 7)]
    assert lots(0, 3) == []
