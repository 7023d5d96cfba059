from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from scanner.datasets import isolated_digits, labelled_crops, non_digits, pen_samples
from scanner.datasets.data_folder import DataSplit, DigitSamples
from scanner.training import digit_samples
from scanner.training.digit_samples import TrainingSet, build_training_set, load_validation_samples
from scanner.types import NO_DIGIT_LABEL


def source(name: str, *labels: int) -> DigitSamples:
    frames = np.stack([np.full((28, 28), 10 * label, np.uint8) for label in labels])
    return DigitSamples(name, frames, np.array(labels, np.int64))


def test_an_epoch_repeats_each_source_as_often_as_given() -> None:
    frames, labels = TrainingSet((source("a", 1, 2), source("b", 3)), (2, 3)).epoch_arrays()
    assert labels.tolist() == [1, 2, 1, 2, 3, 3, 3]
    assert frames[:, 0, 0].tolist() == [10, 20, 10, 20, 30, 30, 30]
    assert frames.shape == (7, 28, 28)


@pytest.fixture
def splits_loaded(monkeypatch: pytest.MonkeyPatch) -> set[DataSplit]:
    """Sources of one sample of each digit instead of files; the splits that were loaded."""
    loaded: set[DataSplit] = set()

    def stub(module: ModuleType, name: str, *labels: int) -> None:
        def load(folder: Path | None, split: DataSplit) -> DigitSamples:
            loaded.add(split)
            return source(f"{name} {split.value}", *labels)

        monkeypatch.setattr(module, name, load)

    for name in ("load_mnist", "load_usps", "load_ardis", "load_exam_boxes"):
        stub(isolated_digits, name, *range(1, 10))
    monkeypatch.setattr(digit_samples, "load_own_digits", lambda folder: source("own digits", 1))
    stub(non_digits, "load_non_digits", NO_DIGIT_LABEL)
    for module in (isolated_digits, labelled_crops):
        stub(module, "load_cheques", 1)
    for name in ("cut_cheque_digits", "cut_cheque_digits_loosely", "cut_cheques_wrongly"):
        cut = partial(lambda crops, *_, name, **__: source(f"{name} {crops.name}", 1, 2), name=name)
        monkeypatch.setattr(labelled_crops, name, cut)
        if name == "cut_cheque_digits":
            monkeypatch.setattr(isolated_digits, name, cut)
    monkeypatch.setattr(digit_samples, "draw_pen_digits", lambda rng, count: pen_samples.draw_pen_digits(rng, 40))
    monkeypatch.setattr(digit_samples, "draw_pen_signs", lambda rng, count: pen_samples.draw_pen_signs(rng, 40))
    return loaded


@pytest.mark.usefixtures("splits_loaded")
@pytest.mark.parametrize("folder", [None, Path("data")])
def test_the_same_seed_makes_the_same_set(folder: Path | None) -> None:
    one, two, other = (build_training_set(folder, seed).epoch_arrays() for seed in (3, 3, 4))
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1])
    assert not np.array_equal(one[0], other[0])


@pytest.mark.parametrize("folder", [None, Path("data")])
def test_the_training_set_has_digits_and_non_digits(folder: Path | None, splits_loaded: set[DataSplit]) -> None:
    training = build_training_set(folder, 1)
    assert set(training.epoch_arrays()[1]) == {*range(10), NO_DIGIT_LABEL}
    assert all(repeat >= 1 for repeat in training.repeats)
    assert len({samples.name for samples in training.sources}) == len(training.sources)
    assert splits_loaded == {DataSplit.TRAIN}


@pytest.mark.parametrize("folder", [None, Path("data")])
def test_validation_samples_are_of_the_validation_split(folder: Path | None, splits_loaded: set[DataSplit]) -> None:
    names = [samples.name for samples in load_validation_samples(folder)]
    assert "load_mnist validation" in names
    assert ("load_non_digits validation" in names) == (folder is not None)
    assert splits_loaded == {DataSplit.VALIDATION}
