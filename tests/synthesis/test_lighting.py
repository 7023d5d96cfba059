import numpy as np

from scanner.synthesis import lighting

WHITE = np.full((120, 90, 3), 250, np.uint8)


def test_a_lamp_only_darkens_and_no_depth_changes_nothing() -> None:
    for seed in range(10):
        assert lighting.light_by_lamp(WHITE, 0.0, np.random.default_rng(seed)).min() >= 249
    dark = [lighting.light_by_lamp(WHITE, 1.0, np.random.default_rng(seed)) for seed in range(10)]
    assert all(image.min() < 245 for image in dark)


def test_exposure_makes_the_paper_bright_whatever_the_light() -> None:
    for level in (60, 120, 250):
        image = np.full((90, 90, 3), level, np.uint8)
        assert 145 <= np.median(lighting.expose(image, np.random.default_rng(1))) <= 253


def test_fading_leaves_ink_darker_than_paper_by_less() -> None:
    image = WHITE.copy()
    image[40:60] = 20
    faded = lighting.fade(image, 230.0, np.random.default_rng(2)).astype(int)
    assert 30 < faded[0, 0, 0] - faded[50, 0, 0] < 0.8 * 230


def test_faint_ink_is_not_faded_away() -> None:
    image = WHITE.copy()
    image[40:60] = 215
    for seed in range(10):
        faded = lighting.fade(image, 35.0, np.random.default_rng(seed)).astype(int)
        assert faded[0, 0, 0] - faded[50, 0, 0] >= 26


def test_moire_is_a_regular_pattern_about_the_same_level() -> None:
    grey = np.full((120, 90, 3), 128, np.uint8)
    banded = lighting.add_moire(grey, np.random.default_rng(3)).astype(float)
    assert banded.std() > 1
    assert abs(banded.mean() - 128) < 2
