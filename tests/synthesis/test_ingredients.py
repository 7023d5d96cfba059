import numpy as np

from scanner.synthesis.ingredients import crop_to_ink, draw_security_patterns


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
