import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.evaluation.calibration_error import (
    calibration_table,
    expected_calibration_error,
    max_calibration_error,
    max_calibration_error_by_chance,
)

READINGS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


def test_table_by_hand() -> None:
    # Two in each tenth: of the least confident pair one is wrong, where 1.5 errors are expected.
    confidences = [0.2, 0.3, *np.linspace(0.5, 0.95, 18).tolist()]
    table = calibration_table(confidences, [False, True, *[True] * 18])
    assert len(table) == 10
    assert (table[0].count, table[0].lowest_confidence, table[0].highest_confidence) == (2, 0.2, 0.3)
    assert (table[0].expected_error, table[0].observed_error) == pytest.approx((0.75, 0.5))
    assert table[0].gap == pytest.approx(-25)
    assert max_calibration_error(table) == pytest.approx(max(25, 100 * (1 - (confidences[2] + confidences[3]) / 2)))


def test_without_readings_there_is_no_table() -> None:
    assert calibration_table([], []) == ()
    assert max_calibration_error(()) == expected_calibration_error(()) == 0


@given(READINGS)
def test_a_table_holds_every_reading_once_in_any_order(readings: list[tuple[float, bool]]) -> None:
    table, again = (
        calibration_table([confidence for confidence, _ in part], [correct for _, correct in part])
        for part in (readings, readings[::-1])
    )
    assert sum(tenth.count for tenth in table) == len(readings)
    assert [t.expected_error for t in table] == pytest.approx([t.expected_error for t in again])
    assert [t.observed_error for t in table] == [t.observed_error for t in again]
    assert expected_calibration_error(table) <= max_calibration_error(table) + 1e-9


def test_errors_by_chance_shrink_with_more_readings_and_vanish_at_full_confidence() -> None:
    assert max_calibration_error_by_chance([1.0] * 50) == 0.0
    few, many = (
        max_calibration_error_by_chance(np.linspace(0.79, 0.81, 100)),
        max_calibration_error_by_chance(np.linspace(0.79, 0.81, 10_000)),
    )
    # A tenth of ten readings is out by 13 points at one standard deviation, one of a thousand by 1.3.
    assert 13 < few < 40
    assert 1.3 < many < 4


def test_readings_of_equal_confidence_share_their_errors() -> None:
    for correct in ([True, False, False, True], [False, True, True, False]):
        assert [tenth.observed_error for tenth in calibration_table([0.9] * 4, correct)] == [0.5] * 4
