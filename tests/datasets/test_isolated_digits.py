from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scanner.datasets.data_folder import DataSplit, DigitSamples
from scanner.datasets.isolated_digits import load_ardis, load_digit_sources, load_exam_boxes, load_mnist, load_usps
from scanner.errors import DataError


def test_mnist_is_split_as_published(data_home: Path, assert_framed: Callable[[DigitSamples], None]) -> None:
    with np.load(data_home / "mnist.npz") as arrays:
        labels, test_labels = arrays["y_train"], arrays["y_test"]
    held, test = load_mnist(data_home, DataSplit.VALIDATION), load_mnist(data_home, DataSplit.TEST)
    for samples in (held, test):
        assert_framed(samples)
    assert len(held.labels) == 40
    assert np.array_equal(held.labels, labels[55_000:])
    assert np.array_equal(test.labels, test_labels)


@pytest.mark.parametrize("source", [load_usps, load_ardis, load_exam_boxes])
def test_most_samples_of_a_source_are_to_train_on_and_each_part_has_some(
    source: object, data_home: Path, assert_framed: Callable[[DigitSamples], None]
) -> None:
    assert callable(source)
    parts = [source(data_home, part) for part in DataSplit]
    for samples in parts:
        assert_framed(samples)
        assert len(samples.labels) > 0
    assert len(parts[0].labels) > sum(len(samples.labels) for samples in parts[1:])


def test_digits_keep_their_labels(data_home: Path) -> None:
    # Blocks of twenty, labels from 0 to 9 in turn.
    assert load_usps(data_home, DataSplit.TEST).labels.tolist() == list(range(10)) * 4
    assert sum(len(load_usps(data_home, part).labels) for part in DataSplit) == 220
    assert sum(len(load_exam_boxes(data_home, part).labels) for part in DataSplit) == 60


def test_a_source_without_samples_of_a_part_is_empty(tmp_path: Path) -> None:
    (tmp_path / "isolated").mkdir()
    np.savez(tmp_path / "isolated" / "usps.npz", x=np.full((3, 16, 16), 255, np.uint8), y=np.arange(3))
    assert len(load_usps(tmp_path, DataSplit.TRAIN).labels) == 3
    assert load_usps(tmp_path, DataSplit.TEST).frames.shape == (0, 28, 28)


@pytest.mark.parametrize("source", [load_usps, load_ardis, load_exam_boxes])
def test_missing_files_are_named(source: object, tmp_path: Path) -> None:
    assert callable(source)
    with pytest.raises(DataError, match="not readable"):
        source(tmp_path, DataSplit.TRAIN)


def test_all_digit_sources_come_one_after_the_other(data_home: Path) -> None:
    names = [samples.name for samples in load_digit_sources(data_home, DataSplit.TEST)]
    assert names == ["usps", "ardis", "exam_boxes", "cheques"]
