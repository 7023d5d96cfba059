import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.registration.page_warp import fit_displacement

SIZE = (300.0, 400.0)
TOLERANCES = (8.0, 4.0, 2.0, 1.0)


def places(count: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform((0, 0), SIZE, (count, 2))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_tilted_page_is_followed_exactly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    slope, start = rng.uniform(-0.01, 0.01, (2, 2)), rng.uniform(-2, 2, 2)
    points = places(60, seed)
    displacement, errors = fit_displacement(points, points @ slope + start, np.ones((60, 2)), SIZE, TOLERANCES, 8)
    # Far beyond the points as well: what is straight costs nothing.
    everywhere = rng.uniform((-30, -30), (330, 430), (20, 2))
    assert np.abs(displacement.at(everywhere) - (everywhere @ slope + start)).max() < 0.02
    assert errors.max() < 0.02


def test_a_wave_is_followed() -> None:
    points = places(400)
    wave = np.stack([np.zeros(400), 3 * np.sin(points[:, 0] / 40)], axis=1)
    displacement, errors = fit_displacement(points, wave, np.ones((400, 2)), SIZE, TOLERANCES, 16)
    assert np.percentile(errors, 95) < 0.2
    inside = np.random.default_rng(1).uniform((20, 20), (280, 380), (50, 2))
    assert np.abs(displacement.at(inside)[:, 1] - 3 * np.sin(inside[:, 0] / 40)).max() < 0.4


def test_patches_that_disagree_with_all_around_them_lose() -> None:
    points = places(200)
    offsets = np.full((200, 2), (1.0, -2.0))
    offsets[::5] = (7, 6)
    displacement, errors = fit_displacement(points, offsets, np.ones((200, 2)), SIZE, TOLERANCES, 8)
    assert np.abs(displacement.at(points) - (1, -2)).max() < 0.2
    assert errors[::5].min() > 5
    assert np.delete(errors, np.arange(0, 200, 5)).max() < 0.2


def test_a_rule_tells_nothing_along_itself() -> None:
    points = places(100)
    offsets = np.full((100, 2), (0.5, 0.5))
    weights = np.ones((100, 2))
    # Every other patch is a level rule, found anywhere along itself.
    offsets[::2, 0] = 4
    weights[::2, 0] = 0
    displacement, errors = fit_displacement(points, offsets, weights, SIZE, TOLERANCES, 8)
    assert np.abs(displacement.at(points) - 0.5).max() < 0.05
    assert errors.max() < 0.05


def test_without_patches_nothing_is_displaced() -> None:
    none = np.zeros((0, 2))
    displacement, errors = fit_displacement(none, none, none, SIZE, TOLERANCES, 8)
    assert errors.shape == (0,)
    assert displacement.at(places(3)) == pytest.approx(np.zeros((3, 2)))


def test_patches_that_are_worth_nothing_count_nothing() -> None:
    points = places(30)
    displacement, _ = fit_displacement(points, np.full((30, 2), 5.0), np.zeros((30, 2)), SIZE, TOLERANCES, 8)
    assert displacement.at(points) == pytest.approx(np.zeros((30, 2)))
