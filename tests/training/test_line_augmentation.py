import numpy as np

from scanner.training.line_augmentation import augment_lines


def test_augmentation_keeps_lines_apart_and_in_range() -> None:
    images = np.zeros((3, 32, 64), np.uint8)
    images[1, 8:24, 20:40] = 255
    out = augment_lines(images, np.random.default_rng(2))
    assert out.shape == (3, 32, 64)
    assert out.dtype == np.float32
    assert out.min() >= 0
    assert out.max() <= 1
    assert out[1].max() > 0.5
    assert out[0].mean() < 0.1


def test_the_same_state_gives_the_same_lines() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 64)).astype(np.uint8)
    one, same, other = (augment_lines(images, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
