import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from scanner.errors import NotInstalledError
from scanner.image.digit_frame import digit_frame, digit_frames
from scanner.recognition.blank_marks import BlankMarkModel, CellInk, from_bytes, load_blank_mark_model, to_bytes
from scanner.recognition.hog import HOG_FEATURE_COUNT
from scanner.synthesis.letterforms import WORLD_FORMS
from scanner.synthesis.pen import random_writer, render_character
from scanner.weights import BLANK_MARK_WEIGHTS, card_path

PIXELS = NDArray[np.uint8]


@pytest.fixture(scope="module")
def model() -> BlankMarkModel:
    return load_blank_mark_model()


def strokes(*ends: tuple[int, int, int, int], pen: int = 6) -> PIXELS:
    """Straight strokes (x0, y0, x1, y1) on a square of 80 pixels."""
    ink = np.zeros((80, 80), np.uint8)
    for x0, y0, x1, y1 in ends:
        cv2.line(ink, (x0, y0), (x1, y1), 255, pen, cv2.LINE_AA)
    return ink


def look(model: BlankMarkModel, ink: PIXELS) -> CellInk:
    return CellInk(int(model.read(digit_frame(ink)[None]).argmax()))


def test_the_scores_are_made_probabilities() -> None:
    weights = np.zeros((3, HOG_FEATURE_COUNT), np.float32)
    blank = np.zeros((2, 28, 28), np.uint8)
    read = BlankMarkModel(weights, np.log(np.array([1, 2, 5], np.float32))).read(blank)
    assert read.dtype == np.float64
    assert read == pytest.approx(np.array([[0.125, 0.25, 0.625]] * 2))


def test_without_frames_there_is_nothing_to_tell(model: BlankMarkModel) -> None:
    assert model.read(np.empty((0, 28, 28), np.uint8)).shape == (0, 3)


@given(frames=arrays(np.uint8, (2, 28, 28)))
def test_any_frame_has_probabilities(frames: PIXELS) -> None:
    probabilities = load_blank_mark_model().read(frames)
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert (probabilities >= 0).all()


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 20, 20), np.uint8), np.zeros((28, 28), np.uint8), np.zeros((1, 28, 28), np.float32)]
)
def test_frames_of_another_shape_or_dtype_are_refused(model: BlankMarkModel, wrong: PIXELS) -> None:
    with pytest.raises(ValueError, match="frames must be uint8"):
        model.read(wrong)


def test_a_frame_looks_the_same_alone_and_among_others(model: BlankMarkModel) -> None:
    # More than are computed at once.
    many = np.random.default_rng(0).integers(0, 256, (510, 28, 28)).astype(np.uint8)
    together = model.read(many)
    for index in (0, 499, 500, 509):
        assert model.read(many[index : index + 1])[0] == pytest.approx(together[index], abs=1e-5)


@pytest.mark.parametrize("pen", [2, 6, 12, 18])
def test_two_crossing_strokes_are_a_cross(model: BlankMarkModel, pen: int) -> None:
    assert look(model, strokes((15, 12, 65, 68), (65, 12, 15, 68), pen=pen)) is CellInk.CROSS
    # Wide and narrow ones, and one with a short arm.
    assert look(model, strokes((8, 25, 72, 55), (72, 25, 8, 55), pen=min(pen, 12))) is CellInk.CROSS
    assert look(model, strokes((25, 12, 55, 68), (55, 12, 25, 68), pen=min(pen, 12))) is CellInk.CROSS
    assert look(model, strokes((15, 12, 65, 68), (65, 20, 28, 60), pen=pen)) is CellInk.CROSS


@pytest.mark.parametrize("rise", [-10, 0, 10])
@pytest.mark.parametrize("pen", [2, 6, 10])
def test_a_lying_stroke_is_a_dash(model: BlankMarkModel, rise: int, pen: int) -> None:
    assert look(model, strokes((12, 40, 68, 40 - rise), pen=pen)) is CellInk.DASH


@pytest.mark.parametrize("shift", [-50, -25, 0, 25, 50])
@pytest.mark.parametrize("pen", [2, 6, 10])
def test_an_upright_or_slanted_stroke_is_a_digit(model: BlankMarkModel, shift: int, pen: int) -> None:
    assert look(model, strokes((40 - shift // 2, 12, 40 + shift // 2, 68), pen=pen)) is CellInk.DIGIT


def test_written_digits_are_no_marks(model: BlankMarkModel) -> None:
    rng = np.random.default_rng(11)
    # Sevens with bars, open fours and twos with loops are among the hands of all schools.
    inks = [render_character(each, random_writer(rng, WORLD_FORMS), rng, 40) for each in "0123456789" * 20]
    assert (model.read(digit_frames(inks))[:, CellInk.DIGIT] < 0.5).sum() <= 2


def test_a_model_is_as_it_was_written() -> None:
    rng = np.random.default_rng(0)
    model = BlankMarkModel(
        rng.normal(size=(3, HOG_FEATURE_COUNT)).astype(np.float32), rng.normal(size=3).astype(np.float32)
    )
    again = from_bytes(to_bytes(model))
    assert np.array_equal(again.weights, model.weights)
    assert np.array_equal(again.bias, model.bias)
    assert again.weights.dtype == np.float32


def write_with_card(folder: Path, data: bytes) -> None:
    path = folder / BLANK_MARK_WEIGHTS
    path.write_bytes(data)
    card_path(path).write_text(json.dumps({"file": path.name, "sha256": hashlib.sha256(data).hexdigest()}), "utf-8")


def test_missing_weights_are_reported(tmp_path: Path) -> None:
    with pytest.raises(NotInstalledError, match="copy the weights there again"):
        load_blank_mark_model(tmp_path)


@pytest.mark.parametrize("data", [b"", b"no model", b"PK\x03\x04 cut off"])
def test_a_file_that_holds_no_weights_is_refused_even_with_its_card(tmp_path: Path, data: bytes) -> None:
    write_with_card(tmp_path, data)
    with pytest.raises(NotInstalledError, match="not the weights of a model"):
        load_blank_mark_model(tmp_path)


def test_weights_of_other_shapes_are_refused(tmp_path: Path) -> None:
    write_with_card(tmp_path, to_bytes(BlankMarkModel(np.zeros((2, 5), np.float32), np.zeros(2, np.float32))))
    with pytest.raises(NotInstalledError, match=r"\(2, 5\)"):
        load_blank_mark_model(tmp_path)
