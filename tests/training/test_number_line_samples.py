from pathlib import Path

import cv2
import numpy as np

from scanner.datasets.labelled_crops import LabelledCrop
from scanner.recognition import ctc
from scanner.training.number_line_samples import (
    MAX_LABELS,
    LabelledLines,
    LineBatches,
    augment_lines,
    ctc_target,
    cut_real_lines,
    splice_lines,
)
from scanner.types import Box


def lines(name: str, value: int, widths: list[int], text: str = "12") -> LabelledLines:
    images = tuple(np.full((32, width), value, np.uint8) for width in widths)
    return LabelledLines(
        name, images, (text,) * len(widths), separators_omitted=name == "real", source_ids=np.arange(len(widths))
    )


def test_target_holds_labels_length_and_whether_separators_are_known() -> None:
    row = ctc_target([1, 2, 10], separators_omitted=True)
    assert row.shape == (MAX_LABELS + 2,)
    assert row[:4].tolist() == [1, 2, 10, 0]
    assert row[MAX_LABELS:].tolist() == [3, 1]


def test_batches_are_the_same_for_the_same_seed_and_mix_by_share() -> None:
    batches = LineBatches((lines("drawn", 255, [64] * 5), lines("real", 255, [64, 64])), ctc.encode, 64)
    shares = np.array([0.25, 0.75])
    images, targets = batches.make_batch(np.random.default_rng(1), shares)
    again, _ = batches.make_batch(np.random.default_rng(1), shares)
    assert np.array_equal(images, again)
    assert images.shape == (64, 32, 88, 1)
    assert 0.5 < targets[:, MAX_LABELS + 1].mean() < 0.95


def test_left_out_images_are_not_drawn() -> None:
    batches = LineBatches((lines("drawn", 255, [64], "1"), lines("real", 255, [64], "2")), ctc.encode, 32)
    batches.leave_out(0, np.array([], np.int64))
    batches.leave_out(1, np.array([7]))
    both = batches.make_batch(np.random.default_rng(0), np.array([0.5, 0.5]))[1]
    assert set(both[:, 0]) == {1.0, 2.0}


def test_a_text_too_long_for_its_line_is_left_out() -> None:
    narrow = LabelledLines(
        "drawn",
        (np.full((32, 16), 255, np.uint8),) * 2,
        ("1" * 9, "5"),
        separators_omitted=False,
        source_ids=np.arange(2),
    )
    _, targets = LineBatches((narrow,), ctc.encode, 16).make_batch(np.random.default_rng(0), np.ones(1))
    assert set(targets[:, MAX_LABELS]) == {1.0}


def test_augmentation_keeps_lines_apart_and_in_range() -> None:
    images = np.zeros((3, 32, 64), np.uint8)
    images[1, 8:24, 20:40] = 255
    out = augment_lines(images, np.random.default_rng(2))
    assert out.shape == (3, 32, 64)
    assert out.dtype == np.float32
    assert out.min() >= 0
    assert out.max() <= 1
    assert out[1].max() > 0.5
    assert out[0].mean() < 0.1


def bars(folder: Path, text: str) -> LabelledCrop:
    """A picture with a vertical bar for every digit."""
    gray = np.full((60, 40 + 30 * len(text)), 235, np.uint8)
    boxes = tuple(Box(30 + 30 * place, 12, 6, 36) for place in range(len(text)))
    for box in boxes:
        gray[box.y : box.bottom, box.x : box.right] = 30
    path = folder / f"{text}.png"
    cv2.imwrite(str(path), gray)
    return LabelledCrop(path, text, boxes)


def test_spliced_lines_show_as_many_digits_as_their_texts_have(tmp_path: Path) -> None:
    crops = [bars(tmp_path, text) for text in ("123", "45", "6789")]
    made = splice_lines("spliced", crops, seed=1, count=30)
    assert len(made.images) == len(made.texts) == 30
    assert made.separators_omitted
    for image, text in zip(made.images, made.texts, strict=True):
        assert cv2.connectedComponents((image > 127).astype(np.uint8))[0] - 1 == len(text)
        assert image.shape[1] % 8 == 0
    # The beginning of one and the end of another: no digit comes before the first of its own picture.
    assert {text[0] for text in made.texts} == {"1", "4", "6"}
    assert {text[-1] for text in made.texts} == {"3", "5", "9"}
    assert len(set(made.texts)) > 5


def test_what_cannot_be_cut_between_its_digits_is_not_spliced(tmp_path: Path) -> None:
    one, overlapping = bars(tmp_path, "7"), bars(tmp_path, "345")
    crossed = LabelledCrop(overlapping.path, "345", tuple(reversed(overlapping.boxes)))
    assert splice_lines("spliced", [one, crossed], seed=1, count=5).texts == ()


def test_real_lines_are_the_same_in_one_process_and_in_two(tmp_path: Path) -> None:
    crops = [bars(tmp_path, "123"), bars(tmp_path, "45")]
    alone = cut_real_lines("cheques", crops, 1, 2, separators_omitted=True)
    assert alone.texts == ("123",) * 3 + ("45",) * 3
    assert alone.source_ids.tolist() == [0, 0, 0, 1, 1, 1]
    together = cut_real_lines("cheques", crops, 1, 2, separators_omitted=True, processes=2)
    assert all(np.array_equal(a, b) for a, b in zip(alone.images, together.images, strict=True))
