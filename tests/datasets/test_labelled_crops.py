from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.datasets.data_folder import DataSplit, DigitSamples
from scanner.datasets.labelled_crops import (
    LabelledCrop,
    cut_cheque_digits,
    cut_cheque_digits_loosely,
    cut_cheques_wrongly,
    load_cheques,
    load_clinic_cells,
)
from scanner.errors import DataError
from scanner.types import NO_DIGIT_LABEL, Box


def test_cheques_are_split_by_block(data_home: Path) -> None:
    crops = {part: load_cheques(data_home, part) for part in DataSplit}
    numbers = {part: [int(crop.path.stem) for crop in crops[part]] for part in DataSplit}
    assert numbers[DataSplit.TEST] == list(range(80, 100))
    assert numbers[DataSplit.VALIDATION] == list(range(60, 80))
    assert numbers[DataSplit.TRAIN] == list(range(60))
    assert all(len(crop.boxes) == len(crop.text) for part in DataSplit for crop in crops[part])


def test_clinic_cells_are_in_order_and_without_boxes(data_home: Path) -> None:
    crops = load_clinic_cells(data_home, DataSplit.TEST)
    assert [crop.text for crop in crops] == [str(number) for number in range(400, 500)]
    assert all(crop.boxes == () for crop in crops)


def test_cheque_digits_are_cut_at_their_boxes(data_home: Path, assert_framed: Callable[[DigitSamples], None]) -> None:
    crops = load_cheques(data_home, DataSplit.TEST)[:5]
    samples = cut_cheque_digits(crops)
    assert_framed(samples)
    assert "".join(map(str, samples.labels)) == "".join(crop.text for crop in crops)


def test_loose_cuts_come_in_copies_with_the_same_labels(
    data_home: Path, assert_framed: Callable[[DigitSamples], None]
) -> None:
    crops = load_cheques(data_home, DataSplit.TEST)[:5]
    samples = cut_cheque_digits_loosely(crops, np.random.default_rng(0), copies=3)
    assert_framed(samples)
    assert samples.labels.tolist() == [int(digit) for crop in crops for digit in crop.text for _ in range(3)]
    again = cut_cheque_digits_loosely(crops, np.random.default_rng(0), copies=3)
    assert np.array_equal(samples.frames, again.frames)


def test_wrong_cuts_are_no_digits(data_home: Path, assert_framed: Callable[[DigitSamples], None]) -> None:
    crops = load_cheques(data_home, DataSplit.TEST)[:10]
    samples = cut_cheques_wrongly(crops, np.random.default_rng(0))
    assert_framed(samples)
    # At least each pair of neighbours taken for one.
    assert len(samples.labels) >= 30
    assert set(samples.labels) == {NO_DIGIT_LABEL}


def test_boxes_that_reach_out_of_the_picture_are_cut_off(tmp_path: Path) -> None:
    picture = np.full((40, 60), 255, np.uint8)
    picture[10:30, 20:24] = 0
    cv2.imwrite(str(tmp_path / "1.png"), picture)
    boxes = (Box(-5, -5, 200, 200), Box(100, 100, 5, 5))
    samples = cut_cheque_digits([LabelledCrop(tmp_path / "1.png", "17", boxes)])
    assert samples.labels.tolist() == [1]


def test_no_crops_no_samples() -> None:
    samples = cut_cheque_digits([])
    assert samples.frames.shape == (0, 28, 28)
    assert samples.labels.shape == (0,)


@pytest.mark.parametrize("source", [load_cheques, load_clinic_cells])
def test_missing_files_are_named(source: object, tmp_path: Path) -> None:
    assert callable(source)
    with pytest.raises(DataError, match="not readable"):
        source(tmp_path, DataSplit.TRAIN)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[1]", "{}x", '[{"image": "1.png"}]', '[{"image": "1", "text": "1", "boxes": [3]}]'),
        '[{"image": "1", "text": "12", "boxes": [[0, 0, 9, 9]]}]',
    ],
)
def test_broken_cheque_truth_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "cheques").mkdir()
    (tmp_path / "cheques" / "truth.json").write_text(text, "utf-8")
    with pytest.raises(DataError, match=r"truth\.json: not readable as cheque truth"):
        load_cheques(tmp_path, DataSplit.TRAIN)
