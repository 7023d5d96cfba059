import numpy as np

from scanner.synthesis.crop_capture import photograph_crop


def _photograph(seed: int, scale: float = 1.0) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    ink = np.zeros((60, 120), np.uint8)
    ink[10:50, 40:60] = 255
    return photograph_crop(ink, np.zeros(ink.shape, np.float32), 40.0, scale, np.random.default_rng(seed))


def test_the_same_seed_takes_the_same_picture() -> None:
    assert np.array_equal(_photograph(3), _photograph(3))


def test_ink_is_darker_than_paper_on_every_device() -> None:
    for seed in range(80):
        picture = _photograph(seed).astype(float)
        height, width = picture.shape
        middle = picture[height // 3 : 2 * height // 3]
        ink = middle[:, round(0.37 * width) : round(0.46 * width)].mean()
        beside = middle[:, round(0.2 * width) : round(0.3 * width)], middle[:, round(0.53 * width) : round(0.6 * width)]
        assert ink < max(part.mean() for part in beside), seed


def test_the_picture_has_the_size_asked_for_or_is_enlarged() -> None:
    shapes = [_photograph(seed, 0.5).shape for seed in range(40)]
    assert shapes.count((30, 60)) > 20
    assert all(height >= 30 and abs(width - 2 * height) <= 2 for height, width in shapes)


def test_some_pictures_have_two_levels() -> None:
    counts = [len(np.unique(_photograph(seed))) for seed in range(120)]
    assert min(counts) == 2
    assert np.median(counts) > 50
