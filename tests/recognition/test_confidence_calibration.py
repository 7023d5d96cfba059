import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.recognition.confidence_calibration import UNCALIBRATED, Calibration


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
