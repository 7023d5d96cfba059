from dataclasses import replace

import numpy as np
import pytest

from scanner.synthesis.number_hand import NumberHand


@pytest.fixture
def hand() -> NumberHand:
    """A hand that writes digits 40 pixels high, without variation."""
    drawn = NumberHand.random(40.0, 0.1, np.random.default_rng(0))
    return replace(
        drawn,
        size_jitter=0.0,
        aspect=1.0,
        zero_scale=1.0,
        tail_factor=1.0,
        tail_drop=0.0,
        slashes_zeros=False,
    )


@pytest.fixture
def digit() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.full((20, 10), 255, np.uint8)


def test_a_digit_gets_the_height_of_the_hand_and_stands_on_the_baseline(
    hand: NumberHand, digit: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
) -> None:
    drawn, drop = hand.shape_digit(digit, "2", 20.0, np.random.default_rng(0))
    assert drawn.shape == (40, 20)
    assert drop == 0.0


def test_what_is_higher_than_the_body_hangs_below_the_baseline_or_rises_above_it(
    hand: NumberHand, digit: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
) -> None:
    for character, expected in (("9", 20.0), ("6", 0.0)):
        drawn, drop = hand.shape_digit(np.vstack([digit, digit[:10]]), character, 20.0, np.random.default_rng(0))
        assert drawn.shape == (60, 20)
        assert drop == pytest.approx(expected)


def test_long_tails_leave_the_heads_level(
    hand: NumberHand, digit: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
) -> None:
    drawn, drop = replace(hand, tail_factor=2.0).shape_digit(digit, "4", 20.0, np.random.default_rng(0))
    assert drawn.shape[0] - drop == pytest.approx(40, abs=1)
    assert drop == pytest.approx(20, rel=0.3)


def test_a_slash_makes_a_zero_darker_in_the_middle_and_no_other_digit(hand: NumberHand) -> None:
    ring = np.full((20, 14), 255, np.uint8)
    ring[3:17, 3:11] = 0
    slashing = replace(hand, slashes_zeros=True)
    for character, is_slashed in (("0", True), ("8", False)):
        drawn, _ = slashing.shape_digit(ring, character, 20.0, np.random.default_rng(1))
        middle = drawn[
            drawn.shape[0] // 2 - 3 : drawn.shape[0] // 2 + 3, drawn.shape[1] // 2 - 4 : drawn.shape[1] // 2 + 4
        ]
        assert (middle.max() > 127) == is_slashed


def test_hands_space_their_digits_from_overlapping_to_two_heights_apart() -> None:
    rng = np.random.default_rng(0)
    gaps = np.array([NumberHand.random(30.0, 0.1, rng).gap for _ in range(600)])
    assert gaps.min() < -0.05
    assert gaps.max() > 1.6
    assert 0.08 < np.mean(gaps > 0.35) < 0.35


def test_some_hands_raise_their_points() -> None:
    rng = np.random.default_rng(0)
    heights = np.array([NumberHand.random(30.0, 0.1, rng).point_height for _ in range(300)])
    assert 0.2 < np.mean(heights > 0.2) < 0.4
    assert heights.min() == 0.0
