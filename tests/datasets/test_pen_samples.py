import numpy as np
import pytest

from scanner.datasets.pen_samples import PEN_BODY_SIDE, draw_pen_digits, draw_pen_hand, draw_pen_signs
from scanner.types import NO_DIGIT_LABEL


@pytest.mark.parametrize("count", [1, 19, 45])
def test_as_many_as_asked_for(count: int) -> None:
    for samples in (draw_pen_digits(np.random.default_rng(0), count), draw_pen_signs(np.random.default_rng(0), count)):
        assert samples.frames.shape == (count, 28, 28)
        assert samples.frames.any(axis=(1, 2)).all()
        assert samples.labels.shape == (count,)


def test_digits_are_labelled_and_signs_are_none() -> None:
    assert set(draw_pen_digits(np.random.default_rng(0), 200).labels) == set(range(10))
    assert set(draw_pen_signs(np.random.default_rng(0), 50).labels) == {NO_DIGIT_LABEL}


def test_the_same_seed_writes_the_same() -> None:
    one, two = (draw_pen_digits(np.random.default_rng(5), 30) for _ in range(2))
    assert np.array_equal(one.frames, two.frames)
    assert np.array_equal(one.labels, two.labels)


def test_a_hand_has_every_digit_and_is_not_framed() -> None:
    hand = draw_pen_hand(np.random.default_rng(0))
    assert [len(crops) for crops in hand] == [2] * 10
    heights = [crop.shape[0] for crops in hand for crop in crops]
    assert np.median(heights) == pytest.approx(PEN_BODY_SIDE, rel=0.2)
