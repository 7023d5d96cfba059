from pathlib import Path

import numpy as np
import pytest

from scanner.training import data, penned, sets
from scanner.training.data import NO_DIGIT, Part, Samples
from scanner.training.sets import TrainingSet, training_set, validation_set


def source(name: str, *labels: int) -> Samples:
    frames = np.stack([np.full((28, 28), 10 * label, np.uint8) for label in labels])
    return Samples(name, frames, np.array(labels, np.int64))


def test_an_epoch_repeats_each_source_as_often_as_said() -> None:
    frames, labels = TrainingSet((source("a", 1, 2), source("b", 3)), (2, 3)).epoch()
    assert labels.tolist() == [1, 2, 1, 2, 3, 3, 3]
    assert frames[:, 0, 0].tolist() == [10, 20, 10, 20, 30, 30, 30]
    assert frames.shape == (7, 28, 28)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write some dozens instead of thousands, and frame a few of MNIST."""
    monkeypatch.setattr(sets, "pen_digits", lambda rng, count: penned.pen_digits(rng, 40))
    monkeypatch.setattr(sets, "pen_signs", lambda rng, count: penned.pen_signs(rng, 40))
    mnist = data.mnist
    # The training part is 55,000 frames.
    monkeypatch.setattr(data, "mnist", lambda folder, part: mnist(folder, Part.TEST))


@pytest.mark.usefixtures("few")
def test_the_same_seed_makes_the_same_set(data_home: Path) -> None:
    one, two = (training_set(data_home, 3).epoch() for _ in range(2))
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1])
    other = training_set(data_home, 4).epoch()
    assert one[0].shape != other[0].shape or not np.array_equal(one[0], other[0])


@pytest.mark.usefixtures("few")
def test_every_class_is_there_and_every_source_has_samples(data_home: Path) -> None:
    training = training_set(data_home, 1)
    assert set(training.epoch()[1]) == {*range(10), NO_DIGIT}
    assert all(len(samples.labels) for samples in training.sources)
    assert all(repeat >= 1 for repeat in training.repeats)
    assert len({samples.name for samples in training.sources}) == len(training.sources)


def test_what_is_watched_is_not_trained_on(data_home: Path) -> None:
    held = validation_set(data_home)
    assert set(np.concatenate([samples.labels for samples in held])) == {*range(10), NO_DIGIT}
    for samples in held:
        assert len(samples.labels)
