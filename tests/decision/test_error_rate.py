from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decision.error_rate import error_interval, numbers_to_show, surprise


@pytest.mark.parametrize(
    ("errors", "total", "low", "high"),
    [
        # Without an error, and with nothing else, the bounds are roots: 1 - 0.025 ** (1 / n).
        (0, 1, 0.0, 0.975),
        (0, 200, 0.0, 1 - 0.025 ** (1 / 200)),
        (200, 200, 0.025 ** (1 / 200), 1.0),
        # From tables of the beta distribution.
        (3, 200, 0.003104, 0.043208),
        (13, 200, 0.035061, 0.108587),
    ],
)
def test_the_interval_is_that_of_the_tables(errors: int, total: int, low: float, high: float) -> None:
    found = error_interval(errors, total)
    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-6)
    assert found.share == errors / total


def test_of_no_number_nothing_is_known() -> None:
    assert (error_interval(0, 0).low, error_interval(0, 0).high) == (0, 1)
    with pytest.raises(ValueError, match="more errors than numbers"):
        error_interval(2, 1)


@given(total=st.integers(1, 40), share=st.floats(0.001, 0.999))
def test_at_least_95_of_100_intervals_hold_the_true_share(total: int, share: float) -> None:
    intervals = [error_interval(errors, total) for errors in range(total + 1)]
    held = sum(
        comb(total, errors) * share**errors * (1 - share) ** (total - errors)
        for errors, interval in enumerate(intervals)
        if interval.low <= share <= interval.high
    )
    assert held >= 0.95 - 1e-9


def test_how_often_chance_gives_as_many_errors() -> None:
    # Two numbers that are wrong with 1/2 and 1/4: none 3/8, one 1/2, both 1/8.
    for errors, at_most, at_least in ((0, 3 / 8, 1.0), (1, 7 / 8, 5 / 8), (2, 1.0, 1 / 8)):
        found = surprise([0.5, 0.25], errors)
        assert [found.at_most, found.at_least] == pytest.approx([at_most, at_least])
    assert surprise([], 0).at_least == 1


def test_how_many_numbers_without_an_error_show_a_share() -> None:
    count = numbers_to_show(0.01)
    assert error_interval(0, count).high <= 0.01 < error_interval(0, count - 1).high
