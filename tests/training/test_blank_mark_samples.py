from pathlib import Path

import numpy as np
import pytest

from scanner.datasets.data_folder import DataSplit, DigitSamples
from scanner.errors import DataError
from scanner.recognition.blank_marks import CellInk
from scanner.synthesis.pen import random_writer, render_character
from scanner.training import blank_mark_samples
from scanner.training.blank_mark_samples import SamplePlan, load_letters_x, scan_samples

SMALL = SamplePlan(
    mnist=5, pen_digits=3, ones=2, crosses=4, dashes=3, pen_marks=2, copies=(("cheques", 2), ("exam_boxes", 3))
)


def digits(name: str, count: int) -> DigitSamples:
    frames = np.zeros((count, 28, 28), np.uint8)
    frames[:, 4:24, 12:15] = 255
    return DigitSamples(name, frames, np.arange(count) % 10)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with signs, and digits that need no files."""
    sources = digits("usps", 6), digits("exam_boxes", 2), digits("cheques", 4)
    monkeypatch.setattr(blank_mark_samples, "load_mnist", lambda folder, split: digits("mnist", 50))
    monkeypatch.setattr(blank_mark_samples, "load_digit_sources", lambda folder, split: iter(sources))
    rng = np.random.default_rng(0)
    writer = random_writer(rng)
    inks = np.zeros((4, 32, 32), np.uint8)
    names = ("multiplication_cross", "subtraction_minus", "addition_plus", "division_slash")
    for ink, character in zip(inks, "x-+(", strict=True):
        drawn = render_character(character, writer, rng, 24)[:32, :32]
        ink[: drawn.shape[0], : drawn.shape[1]] = drawn
    (tmp_path / "not_digits").mkdir()
    np.savez(tmp_path / "not_digits" / "symbols", x=np.tile(inks, (100, 1, 1)), y=np.array(names * 100))
    np.savez(tmp_path / "not_digits" / "letters_drawn", x=255 - np.tile(inks, (2, 1, 1)), y=np.array([24, 1, 2, 3] * 2))
    (tmp_path / "signs").mkdir()
    signs = 255 - np.repeat(inks[1:2], 100, axis=0)
    np.savez(tmp_path / "signs" / "unipen", comma=signs, minus=signs, point=signs)
    return tmp_path


def test_each_source_has_as_many_as_planned(folder: Path) -> None:
    samples = scan_samples(folder, DataSplit.TRAIN, 1, SMALL)
    counts = {each.name: (each.kind, len(each.frames)) for each in samples}
    # Of five blocks of twenty one is for validation, one for testing.
    signs = 60
    assert counts == {
        "mnist": (CellInk.DIGIT, 5),
        "usps": (CellInk.DIGIT, 6),
        "exam_boxes": (CellInk.DIGIT, 6),
        "cheques": (CellInk.DIGIT, 8),
        "pen digits": (CellInk.DIGIT, 3),
        "drawn ones": (CellInk.DIGIT, 2),
        "drawn crosses": (CellInk.CROSS, 4),
        "drawn dashes": (CellInk.DASH, 3),
        "pen crosses": (CellInk.CROSS, 2),
        "pen dashes": (CellInk.DASH, 2),
        "multiplication_cross": (CellInk.CROSS, signs),
        "subtraction_minus": (CellInk.DASH, signs),
        "addition_plus": (CellInk.DIGIT, signs),
        "signs, minus": (CellInk.DASH, signs),
    }
    for each in samples:
        assert each.frames.shape[1:] == (28, 28)
        assert each.frames.any(axis=(1, 2)).all()
        assert len(each.digits) in (0, len(each.frames))


def test_copies_have_the_digits_of_what_they_are_copies_of(folder: Path) -> None:
    by_name = {each.name: each for each in scan_samples(folder, DataSplit.TRAIN, 1, SMALL)}
    assert by_name["cheques"].digits == (0, 1, 2, 3, 0, 1, 2, 3)
    assert not np.array_equal(by_name["cheques"].frames[:4], by_name["cheques"].frames[4:])


def test_the_same_seed_makes_the_same_samples_and_a_split_its_own(folder: Path) -> None:
    one, same, other, split = (
        np.concatenate([each.frames for each in scan_samples(folder, split, seed, SMALL)][:10])
        for seed, split in ((1, DataSplit.TRAIN), (1, DataSplit.TRAIN), (2, DataSplit.TRAIN), (1, DataSplit.TEST))
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, split)


def test_of_the_letters_only_x_is_a_cross(folder: Path) -> None:
    letters = load_letters_x(folder)
    assert (letters.kind, letters.frames.shape) == (CellInk.CROSS, (2, 28, 28))


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"letters_drawn\.npz"):
        load_letters_x(tmp_path)
