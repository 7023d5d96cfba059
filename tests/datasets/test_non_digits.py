from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.datasets.data_folder import DataSplit, DigitSamples
from scanner.datasets.non_digits import load_drawn_alphabets, load_non_digits
from scanner.errors import DataError
from scanner.types import NO_DIGIT_LABEL


def test_most_samples_are_to_train_on_and_each_split_has_some(
    data_home: Path, assert_framed: Callable[[DigitSamples], None]
) -> None:
    splits = [load_non_digits(data_home, split) for split in DataSplit]
    for samples in splits:
        assert_framed(samples)
        assert set(samples.labels) == {NO_DIGIT_LABEL}
    assert len(splits[0].labels) > sum(len(samples.labels) for samples in splits[1:])


def test_letters_like_digits_are_no_samples_of_no_digit(data_home: Path) -> None:
    # Of the 200 printed letters a quarter are a B, of the drawn ones half are a b or a z, of the symbols half a slash.
    assert sum(len(load_non_digits(data_home, split).labels) for split in DataSplit) == 150 + 100 + 100


def test_missing_files_are_named(tmp_path: Path) -> None:
    for load in (load_non_digits, load_drawn_alphabets):
        with pytest.raises(DataError, match="not readable"):
            load(tmp_path, DataSplit.TRAIN)
