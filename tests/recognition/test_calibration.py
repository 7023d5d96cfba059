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
from scanner.recognition.calibration import UNCALIBRATED, Calibration

READINGS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


def test_the_curve_is_straight_between_its_knots_and_level_beyond() -> None:
    curve = Calibration((0.2, 0.6, 0.8), (0.1, 0.5, 0.9))
    assert curve.apply([0.0, 0.2, 0.4, 0.7, 1.0]) == pytest.approx([0.1, 0.1, 0.3, 0.7, 0.9])
    assert curve.apply(0.4) == pytest.approx(0.3)


@given(st.floats(0, 1))
def test_uncalibrated_changes_nothing(raw: float) -> None:
    assert UNCALIBRATED.apply(raw) == pytest.approx(raw)


def test_a_card_gives_back_what_it_took() -> None:
    curve = Calibration((0.2, 0.6), (0.1, 0.5))
    assert Calibration.from_card(curve.to_card()) == curve
    assert Calibration.from_card(None) is UNCALIBRATED


@pytest.mark.parametrize(
    "entry",
    [
        {},
        [0.1],
        {"raw": [0.1, 0.2], "right": [0.5]},
        {"raw": [], "right": []},
        {"raw": [0.2, 0.1], "right": [0.1, 0.2]},
        {"raw": [0.1, 0.2], "right": [0.2, 0.1]},
        {"raw": [0.1, 0.2], "right": [0.2, 1.1]},
        {"raw": [0.1, "x"], "right": [0.2, 0.3]},
        {"raw": [0.1, float("nan")], "right": [0.2, 0.3]},
    ],
)
def test_a_malformed_calibration_is_refused(entry: object) -> None:
    with pytest.raises(ValueError, match=r"calibration|float"):
        Calibration.from_card(entry)


def test_table_by_hand() -> None:
    # Two in each tenth: of the least sure pair one is wrong, where 1.5 errors are expected.
    sure = [0.2, 0.3, *np.linspace(0.5, 0.95, 18).tolist()]
    table = calibration_table(sure, [False, True, *[True] * 18])
    assert len(table) == 10
    assert (table[0].count, table[0].lowest_confidence, table[0].highest_confidence) == (2, 0.2, 0.3)
    assert (table[0].expected_error, table[0].observed_error) == pytest.approx((0.75, 0.5))
    assert table[0].gap == pytest.approx(-25)
    assert max_calibration_error(table) == pytest.approx(max(25, 100 * (1 - (sure[2] + sure[3]) / 2)))


def test_of_nothing_there_is_no_table() -> None:
    assert calibration_table([], []) == ()
    assert max_calibration_error(()) == expected_calibration_error(()) == 0


@given(READINGS)
def test_a_table_holds_every_reading_once_in_any_order(readings: list[tuple[float, bool]]) -> None:
    table, again = (
        calibration_table([sure for sure, _ in part], [hit for _, hit in part]) for part in (readings, readings[::-1])
    )
    assert sum(tenth.count for tenth in table) == len(readings)
    assert [t.expected_error for t in table] == pytest.approx([t.expected_error for t in again])
    assert [t.observed_error for t in table] == [t.observed_error for t in again]
    assert expected_calibration_error(table) <= max_calibration_error(table) + 1e-9


def test_gaps_by_chance_are_narrower_for_more_readings_and_none_for_the_certain() -> None:
    assert max_calibration_error_by_chance([1.0] * 50) == 0.0
    few, many = (
        max_calibration_error_by_chance(np.linspace(0.79, 0.81, 100)),
        max_calibration_error_by_chance(np.linspace(0.79, 0.81, 10_000)),
    )
    # A tenth of ten readings is out by 13 points at one standard deviation, one of a thousand by 1.3.
    assert 13 < few < 40
    assert 1.3 < many < 4


def test_readings_of_one_confidence_share_their_errors() -> None:
    for right in ([True, False, False, True], [False, True, True, False]):
        assert [tenth.observed_error for tenth in calibration_table([0.9] * 4, right)] == [0.5] * 4
