import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skops.io import dumps

from scanner.errors import NotInstalledError
from scanner.image.digit_frame import digit_frames
from scanner.options import CLASSIFIER_NAMES
from scanner.recognition.digit_classifier import Classifier, classifier_weights, load_classifier
from scanner.synthesis.pen import random_writer, render_character
from scanner.weights import card_path


@pytest.fixture(scope="module", params=CLASSIFIER_NAMES)
def classifier(request: pytest.FixtureRequest) -> Classifier:
    return load_classifier(request.param)


def test_without_frames_there_are_no_readings(classifier: Classifier) -> None:
    assert classifier.read(np.empty((0, 28, 28), np.uint8)) == ()


def test_probabilities_sum_to_one(classifier: Classifier) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (5, 28, 28)).astype(np.uint8)
    extremes = np.stack([np.zeros((28, 28), np.uint8), np.full((28, 28), 255, np.uint8)])
    for reading in classifier.read(np.concatenate([noise, extremes])):
        assert len(reading.probabilities) == 11
        assert sum(reading.probabilities) == pytest.approx(1.0)
        assert min(reading.probabilities) >= 0.0


def test_handwritten_digits_are_read_in_order(classifier: Classifier) -> None:
    rng = np.random.default_rng(4)
    truth = "0123456789" * 4
    written = digit_frames(render_character(character, random_writer(rng), rng, 40) for character in truth)
    read = "".join(str(reading.digit) for reading in classifier.read(written))
    assert sum(a == b for a, b in zip(read, truth, strict=True)) >= 36


def test_a_frame_reads_the_same_alone_and_among_others(classifier: Classifier) -> None:
    rng = np.random.default_rng(1)
    # More than one forward pass takes.
    many = rng.integers(0, 256, (300, 28, 28)).astype(np.uint8)
    together = classifier.read(many)
    for index in (0, 255, 256, 299):
        (alone,) = classifier.read(many[index : index + 1])
        assert alone.probabilities == pytest.approx(together[index].probabilities, abs=1e-4)


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 20, 20), np.uint8), np.zeros((28, 28), np.uint8), np.zeros((1, 28, 28), np.float32)]
)
def test_frames_of_another_shape_or_dtype_are_refused(classifier: Classifier, wrong: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="frames must be uint8"):
        classifier.read(wrong)


def test_a_classifier_has_the_name_it_is_loaded_by() -> None:
    assert [load_classifier(name).name for name in CLASSIFIER_NAMES] == list(CLASSIFIER_NAMES)


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(ValueError, match="no classifier 'tree'"):
        load_classifier("tree")


@pytest.mark.parametrize("name", CLASSIFIER_NAMES)
def test_missing_weights_are_reported(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotInstalledError, match="copy the weights there again"):
        load_classifier(name, tmp_path)


@pytest.mark.parametrize("name", CLASSIFIER_NAMES)
def test_weights_that_do_not_match_their_card_are_refused(name: str, tmp_path: Path) -> None:
    weights = tmp_path / classifier_weights(name)
    weights.write_bytes(b"damaged")
    card_path(weights).write_text(json.dumps({"temperature": 1.0, "sha256": "0"}), "utf-8")
    with pytest.raises(NotInstalledError, match="do not match the card"):
        load_classifier(name, tmp_path)


@pytest.mark.parametrize(("name", "file"), [("cnn", "digits.onnx"), ("svm", "svm.skops")])
def test_a_file_that_holds_no_weights_is_refused_even_with_its_card(name: str, file: str, tmp_path: Path) -> None:
    (tmp_path / file).write_bytes(b"no model")
    card = {"file": file, "temperature": 1.0, "sha256": hashlib.sha256(b"no model").hexdigest()}
    card_path(tmp_path / file).write_text(json.dumps(card), "utf-8")
    with pytest.raises(NotInstalledError, match="copy the weights there again"):
        load_classifier(name, tmp_path)


def test_a_file_of_other_types_than_a_model_is_refused(tmp_path: Path) -> None:
    weights = dumps({"handler": Path})
    (tmp_path / "svm.skops").write_bytes(weights)
    card = {"file": "svm.skops", "sha256": hashlib.sha256(weights).hexdigest()}
    card_path(tmp_path / "svm.skops").write_text(json.dumps(card), "utf-8")
    with pytest.raises(NotInstalledError, match="holds more than a model"):
        load_classifier("svm", tmp_path)
