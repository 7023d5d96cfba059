from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.image.digit_frame import digit_frames
from scanner.synthesis.pen import random_writer, render_character
from scanner.training.digit_augmentation import AugmentationStrength, augment_frames

NONE = AugmentationStrength(
    **{field.name: 5 if field.name == "elastic_grid" else 0 for field in fields(AugmentationStrength)}
)
"""No distortion at all; the strength of the ink alone still varies."""


@pytest.fixture(scope="module")
def digits() -> NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    return digit_frames(render_character(str(place % 10), random_writer(rng), rng, 40) for place in range(60))


def test_the_same_seed_distorts_the_same(digits: NDArray[np.uint8]) -> None:
    one, two = (augment_frames(digits, np.random.default_rng(7), AugmentationStrength()) for _ in range(2))
    assert np.array_equal(one, two)


def test_another_seed_distorts_otherwise(digits: NDArray[np.uint8]) -> None:
    one, two = (augment_frames(digits, np.random.default_rng(seed), AugmentationStrength()) for seed in (1, 2))
    assert all(np.abs(a - b).mean() > 0.005 for a, b in zip(one, two, strict=True))


def test_alike_frames_are_distorted_each_in_its_own_way(digits: NDArray[np.uint8]) -> None:
    alike = np.repeat(digits[:1], 8, axis=0)
    distorted = augment_frames(alike, np.random.default_rng(0), AugmentationStrength())
    assert len(np.unique(distorted.reshape(8, -1), axis=0)) == 8


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_range_shape_and_type(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    batch = augment_frames(rng.integers(0, 256, (count, 28, 28)).astype(np.uint8), rng, AugmentationStrength())
    assert batch.shape == (count, 28, 28)
    assert batch.dtype == np.float32
    assert 0 <= batch.min() <= batch.max() <= 1


def test_the_frames_given_are_left_as_they_were(digits: NDArray[np.uint8]) -> None:
    before = digits.copy()
    augment_frames(digits, np.random.default_rng(0), AugmentationStrength(neighbour_share=1, rule_share=1))
    assert np.array_equal(digits, before)


def test_no_distortion_changes_but_the_ink(digits: NDArray[np.uint8]) -> None:
    batch = augment_frames(digits, np.random.default_rng(0), NONE)
    original = digits.astype(np.float32) / 255
    for plain, inked in zip(original, batch, strict=True):
        soft = (plain > 0.2) & (inked < 1)
        ratio = inked[soft] / plain[soft]
        assert np.ptp(ratio) < 0.01
        assert 0.7 < ratio.mean() < 1.15


def test_no_frame_reaches_into_the_next(digits: NDArray[np.uint8]) -> None:
    alternating = digits.copy()
    alternating[1::2] = 0
    for seed in range(5):
        batch = augment_frames(
            alternating,
            np.random.default_rng(seed),
            replace(AugmentationStrength(), neighbour_share=0, rule_share=0, max_noise=0),
        )
        assert not batch[1::2].any()
        assert batch[::2].any(axis=(1, 2)).all()


def test_digits_stay_recognisable(digits: NDArray[np.uint8]) -> None:
    batch = augment_frames(digits, np.random.default_rng(3), replace(AugmentationStrength(), max_noise=0))
    ink = batch.sum(axis=(1, 2)) / (digits / 255.0).sum(axis=(1, 2))
    assert (ink > 0.4).all()
    assert np.median(ink) == pytest.approx(1.0, abs=0.25)


def test_a_neighbour_reaches_in_from_a_side(digits: NDArray[np.uint8]) -> None:
    batch = augment_frames(digits, np.random.default_rng(0), replace(NONE, neighbour_share=1.0))
    added = np.maximum(batch - 1.1 * digits / 255.0, 0).sum(axis=(1, 2))
    assert np.mean(added > 0.5) > 0.2


def test_a_rule_is_left_in_above_or_below(digits: NDArray[np.uint8]) -> None:
    blank = np.zeros((40, 28, 28), np.uint8)
    batch = augment_frames(blank, np.random.default_rng(0), replace(NONE, rule_share=1.0))
    rows = batch.max(axis=2) > 0.1
    assert (rows.sum(axis=1) == 1).all()
    assert not rows[:, 8:20].any()


def test_a_single_frame_and_none(digits: NDArray[np.uint8]) -> None:
    assert augment_frames(digits[:1], np.random.default_rng(0), AugmentationStrength()).shape == (1, 28, 28)
