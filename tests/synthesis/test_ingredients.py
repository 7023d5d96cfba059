import numpy as np

from scanner.synthesis.ingredients import (
    crop_image_to_ink,
    crop_to_ink,
    draw_security_patterns,
    pool_hands,
    tail_length,
)


def test_frames_are_cropped_to_their_ink() -> None:
    frames = np.zeros((2, 28, 28), np.uint8)
    frames[0, 5:25, 10:14] = 200
    (cut,) = crop_to_ink(frames)
    assert cut.shape == (20, 4)


def test_patterns_are_fine_lines_and_the_same_for_the_same_seed() -> None:
    first, again = (draw_security_patterns(np.random.default_rng(3)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    for pattern in first:
        assert pattern.shape == (160, 640)
        assert pattern.max() > 128
        assert 0 < pattern.mean() < 240


def test_only_digits_with_tails_reach_below_the_baseline() -> None:
    high, plain = np.full((30, 10), 255, np.uint8), np.full((21, 10), 255, np.uint8)
    assert tail_length(high, "9", 20.0) == 10.0
    assert tail_length(high, "6", 20.0) == 0.0
    assert tail_length(plain, "9", 20.0) == 0.0


def test_a_pool_of_hands_has_the_digits_of_all_of_them() -> None:
    hands = [tuple((np.full((4, 4), hand * 10 + digit, np.uint8),) for digit in range(10)) for hand in range(2)]
    pool = pool_hands(hands, 2.0, 40.0)
    assert [crop[0, 0] for crop in pool.digit_crops[3]] == [3, 13]
    assert pool.hands == tuple(hands)


def test_a_blank_image_is_cropped_to_a_pixel() -> None:
    assert crop_image_to_ink(np.zeros((5, 5), np.uint8)).shape == (1, 1)
