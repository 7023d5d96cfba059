import csv
import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.datasets import labelled
from scanner.datasets.labelled import (
    DATA_FOLDER_VARIABLE,
    NO_DIGIT_LABEL,
    DataSplit,
    DigitSamples,
    LabelledCrop,
    split_of_group,
)
from scanner.errors import DataError
from scanner.synthesis.pen import draw_text, random_writer, render_character
from scanner.types import Box

PIXELS = NDArray[np.uint8]

DIGITS_OF_EACH_SOURCE = 220
"""Enough for every part of a split in blocks of twenty to hold some."""


@cache
def _thumbnails(count: int, side: int, seed: int) -> tuple[PIXELS, NDArray[np.int64]]:
    """Written digits on black squares, one after the other from 0 to 9."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 10
    inks = [render_character(str(label), random_writer(rng), rng, 30) for label in labels]
    squares = [cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA) for ink in inks]
    return np.asarray(np.stack(squares), np.uint8), labels


def _strip(path: Path, text: str, seed: int) -> list[list[int]]:
    """Write the picture of a number; the boxes of its digits."""
    rng = np.random.default_rng(seed)
    ink, boxes = draw_text(text, random_writer(rng), rng, 40)
    cv2.imwrite(str(path), 255 - np.pad(ink, 12))
    return [[box.x + 12, box.y + 12, box.width, box.height] for box in boxes if box]


@pytest.fixture(scope="module")
def data_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as CONTRIBUTING describes it, with few and small samples of the project's own pen."""
    home = tmp_path_factory.mktemp("data")
    for folder in ("isolated", "cheques/images", "clinic/images", "not_digits"):
        (home / folder).mkdir(parents=True)
    count = DIGITS_OF_EACH_SOURCE
    digits, labels = _thumbnails(count, 28, 1)
    np.savez(
        home / "mnist.npz",
        # As many as are cut off for validation, and a few before them.
        x_train=digits[np.arange(55_040) % count],
        y_train=labels[np.arange(55_040) % count].astype(np.uint8),
        x_test=digits[:30],
        y_test=labels[:30].astype(np.uint8),
    )
    for name, side in (("usps", 16), ("ardis", 28)):
        digits, labels = _thumbnails(count, side, 2)
        np.savez(home / "isolated" / name, x=digits, y=labels)
    digits, labels = _thumbnails(60, 40, 3)
    boxed = np.pad(255 - digits, ((0, 0), (8, 8), (8, 8)), constant_values=255)
    sittings = np.array([f"sitting {index // 6:02d}" for index in range(60)])
    np.savez(home / "isolated" / "exam_boxes", x=boxed, y=labels, batch=sittings)
    entries = []
    for index in range(100):
        text = f"{(index * 7919) % 10_000:04d}"
        name = f"{index:03d}.png"
        entries.append({"image": name, "text": text, "boxes": _strip(home / "cheques" / "images" / name, text, index)})
    (home / "cheques" / "truth.json").write_text(json.dumps(entries), "utf-8")
    with (home / "clinic" / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "text"])
        writer.writerows([f"{index}.png", str(index)] for index in range(500))
    letters = np.pad(_thumbnails(200, 24, 4)[0], ((0, 0), (4, 4), (4, 4)))
    np.savez(home / "not_digits" / "letters_printed", x=letters, y=np.array(list("ABCE") * 50))
    np.savez(home / "not_digits" / "letters_drawn", x=255 - letters, y=np.tile([1, 2, 3, 26], 50))
    np.savez(home / "not_digits" / "symbols", x=letters, y=np.array(["plus", "slash"] * 100))
    return home


def assert_framed(samples: DigitSamples) -> None:
    assert samples.frames.shape == (len(samples.labels), 28, 28)
    assert samples.frames.dtype == np.uint8
    assert samples.labels.dtype == np.int64
    assert all(frame.any() for frame in samples.frames)


def test_parts_of_groups_by_hand() -> None:
    parts = [split_of_group(group) for group in range(10)]
    assert [place for place, part in enumerate(parts) if part is DataSplit.TEST] == [4, 9]
    assert [place for place, part in enumerate(parts) if part is DataSplit.VALIDATION] == [3]
    assert [split_of_group(group + 10) for group in range(10)] == parts


def test_mnist_is_split_as_published(data_home: Path) -> None:
    with np.load(data_home / "mnist.npz") as arrays:
        labels, test_labels = arrays["y_train"], arrays["y_test"]
    held, test = labelled.load_mnist(data_home, DataSplit.VALIDATION), labelled.load_mnist(data_home, DataSplit.TEST)
    for samples in (held, test):
        assert_framed(samples)
    assert len(held.labels) == 40
    assert np.array_equal(held.labels, labels[55_000:])
    assert np.array_equal(test.labels, test_labels)


@pytest.mark.parametrize(
    "source", [labelled.load_usps, labelled.load_ardis, labelled.load_exam_boxes, labelled.load_non_digits]
)
def test_most_samples_of_a_source_are_to_train_on_and_each_part_has_some(source: object, data_home: Path) -> None:
    assert callable(source)
    parts = [source(data_home, part) for part in DataSplit]
    for samples in parts:
        assert_framed(samples)
        assert len(samples.labels) > 0
    assert len(parts[0].labels) > sum(len(samples.labels) for samples in parts[1:])


def test_digits_keep_their_labels(data_home: Path) -> None:
    # Blocks of twenty, labels from 0 to 9 in turn.
    assert labelled.load_usps(data_home, DataSplit.TEST).labels.tolist() == list(range(10)) * 4
    assert sum(len(labelled.load_usps(data_home, part).labels) for part in DataSplit) == 220
    assert sum(len(labelled.load_exam_boxes(data_home, part).labels) for part in DataSplit) == 60


def test_cheques_are_split_by_block(data_home: Path) -> None:
    strips = {part: labelled.load_cheques(data_home, part) for part in DataSplit}
    numbers = {part: [int(strip.path.stem) for strip in strips[part]] for part in DataSplit}
    assert numbers[DataSplit.TEST] == list(range(80, 100))
    assert numbers[DataSplit.VALIDATION] == list(range(60, 80))
    assert numbers[DataSplit.TRAIN] == list(range(60))
    assert all(len(strip.boxes) == len(strip.text) for part in DataSplit for strip in strips[part])


def test_clinic_cells_are_in_order_and_without_boxes(data_home: Path) -> None:
    strips = labelled.load_clinic_cells(data_home, DataSplit.TEST)
    assert [strip.text for strip in strips] == [str(number) for number in range(400, 500)]
    assert all(strip.boxes == () for strip in strips)


def test_cheque_digits_are_cut_at_their_boxes(data_home: Path) -> None:
    strips = labelled.load_cheques(data_home, DataSplit.TEST)[:5]
    samples = labelled.cut_cheque_digits(strips)
    assert_framed(samples)
    assert "".join(map(str, samples.labels)) == "".join(strip.text for strip in strips)


def test_loose_cuts_come_in_copies_with_the_same_labels(data_home: Path) -> None:
    strips = labelled.load_cheques(data_home, DataSplit.TEST)[:5]
    samples = labelled.cut_cheque_digits_loosely(strips, np.random.default_rng(0), copies=3)
    assert_framed(samples)
    assert samples.labels.tolist() == [int(digit) for strip in strips for digit in strip.text for _ in range(3)]
    again = labelled.cut_cheque_digits_loosely(strips, np.random.default_rng(0), copies=3)
    assert np.array_equal(samples.frames, again.frames)


def test_wrong_cuts_are_no_digits(data_home: Path) -> None:
    strips = labelled.load_cheques(data_home, DataSplit.TEST)[:10]
    samples = labelled.cut_cheques_wrongly(strips, np.random.default_rng(0))
    assert_framed(samples)
    # At least each pair of neighbours taken for one.
    assert len(samples.labels) >= 30
    assert set(samples.labels) == {NO_DIGIT_LABEL}


def test_boxes_that_reach_out_of_the_picture_are_cut_off(tmp_path: Path) -> None:
    picture = np.full((40, 60), 255, np.uint8)
    picture[10:30, 20:24] = 0
    cv2.imwrite(str(tmp_path / "1.png"), picture)
    boxes = (Box(-5, -5, 200, 200), Box(100, 100, 5, 5))
    samples = labelled.cut_cheque_digits([LabelledCrop(tmp_path / "1.png", "17", boxes)])
    assert samples.labels.tolist() == [1]


def test_no_strips_no_samples() -> None:
    samples = labelled.cut_cheque_digits([])
    assert samples.frames.shape == (0, 28, 28)
    assert samples.labels.shape == (0,)


def test_a_source_without_samples_of_a_part_is_empty(tmp_path: Path) -> None:
    (tmp_path / "isolated").mkdir()
    np.savez(tmp_path / "isolated" / "usps.npz", x=np.full((3, 16, 16), 255, np.uint8), y=np.arange(3))
    assert len(labelled.load_usps(tmp_path, DataSplit.TRAIN).labels) == 3
    assert labelled.load_usps(tmp_path, DataSplit.TEST).frames.shape == (0, 28, 28)


def test_the_option_comes_before_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    monkeypatch.delenv(DATA_FOLDER_VARIABLE, raising=False)
    assert labelled.resolve_data_folder(None) is None
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path / "a"))
    assert labelled.resolve_data_folder(None) == tmp_path / "a"
    assert labelled.resolve_data_folder(tmp_path / "b") == tmp_path / "b"
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, "")
    assert labelled.resolve_data_folder(None) is None


def test_a_data_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: there is no such data folder"):
        labelled.resolve_data_folder(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "source",
    [
        labelled.load_usps,
        labelled.load_ardis,
        labelled.load_exam_boxes,
        labelled.load_cheques,
        labelled.load_clinic_cells,
        labelled.load_non_digits,
    ],
)
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
        labelled.load_cheques(tmp_path, DataSplit.TRAIN)


def test_a_file_that_holds_no_arrays_is_named(tmp_path: Path) -> None:
    (tmp_path / "isolated").mkdir()
    (tmp_path / "isolated" / "usps.npz").write_bytes(b"no arrays")
    with pytest.raises(DataError, match=r"usps\.npz: not readable as arrays"):
        labelled.load_usps(tmp_path, DataSplit.TRAIN)


def test_an_array_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "isolated").mkdir()
    np.savez(tmp_path / "isolated" / "usps.npz", x=np.zeros((1, 16, 16), np.uint8))
    with pytest.raises(DataError, match=r"usps\.npz: not readable as arrays x, y"):
        labelled.load_usps(tmp_path, DataSplit.TRAIN)


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"1\.png: not readable as a picture"):
        labelled.read_gray(tmp_path / "1.png")


def test_all_digit_sources_come_one_after_the_other(data_home: Path) -> None:
    names = [samples.name for samples in labelled.load_digit_sources(data_home, DataSplit.TEST)]
    assert names == ["usps", "ardis", "exam_boxes", "cheques"]
