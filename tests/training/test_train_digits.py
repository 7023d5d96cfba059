import json
import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.datasets import isolated_digits, pen_samples
from scanner.errors import DataError
from scanner.recognition.digit_classifier import DigitCnn, load_classifier
from scanner.training import train_digits
from scanner.training.digit_samples import TrainingSet
from scanner.weights import DIGIT_CNN_WEIGHTS, PAGE_NETWORK_WEIGHTS, models_folder

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

import keras

from scanner.training.digit_cnn import build_network
from scanner.training.onnx_export import export_onnx

pytestmark = [
    # TensorFlow's arrays do not know NumPy 2's copy keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    # Keras looks whether NumPy still has the names that tf2onnx uses.
    pytest.mark.filterwarnings("ignore:In the future `np.object` will be defined:FutureWarning"),
]


@pytest.fixture(scope="module")
def network() -> keras.Model:
    """The network with weights and running averages as far from their start as training takes them."""
    keras.utils.set_random_seed(3)
    rng = np.random.default_rng(3)
    model = build_network()
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            scale, offset, mean, variance = layer.get_weights()
            layer.set_weights(
                [
                    rng.uniform(0.5, 1.5, scale.shape),
                    rng.normal(0, 0.3, offset.shape),
                    rng.normal(0, 0.3, mean.shape),
                    rng.uniform(0.5, 2.0, variance.shape),
                ]
            )
    return model


@pytest.fixture(scope="module")
def exported(network: keras.Model) -> bytes:
    return export_onnx(network)


@pytest.fixture(scope="module")
def some_frames() -> NDArray[np.uint8]:
    written = pen_samples.draw_pen_digits(np.random.default_rng(0), 290).frames
    noise = np.random.default_rng(1).integers(0, 256, (10, 28, 28)).astype(np.uint8)
    return np.concatenate([written, noise])


def test_the_exported_network_computes_what_was_trained(
    network: keras.Model, exported: bytes, some_frames: NDArray[np.uint8]
) -> None:
    expected = network.predict(some_frames[..., None].astype(np.float32) / 255, verbose=0)
    assert np.ptp(expected) > 0.5
    assert DigitCnn(exported, 1.0).logits(some_frames) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_probabilities_are_the_softmax_of_the_networks_logits(
    network: keras.Model, exported: bytes, some_frames: NDArray[np.uint8], temperature: float
) -> None:
    logits = network.predict(some_frames[..., None].astype(np.float32) / 255, verbose=0)
    expected = np.asarray(keras.ops.softmax(logits / temperature, axis=-1))
    read = np.array([reading.probabilities for reading in DigitCnn(exported, temperature).read(some_frames)])
    assert read == pytest.approx(expected, abs=1e-4)


def test_a_model_that_was_saved_and_loaded_exports_the_same(
    network: keras.Model, exported: bytes, some_frames: NDArray[np.uint8], tmp_path: Path
) -> None:
    network.save(tmp_path / "digits.keras")
    loaded = export_onnx(keras.saving.load_model(tmp_path / "digits.keras", compile=False))
    one, other = (DigitCnn(weights, 1.0).logits(some_frames) for weights in (exported, loaded))
    assert one == pytest.approx(other, abs=1e-5)


def digits_and_signs(seed: int, count: int) -> TrainingSet:
    rng = np.random.default_rng(seed)
    return TrainingSet((pen_samples.draw_pen_digits(rng, count), pen_samples.draw_pen_signs(rng, count // 4)), (1, 1))


SHIPPED = models_folder() / DIGIT_CNN_WEIGHTS


@pytest.mark.parametrize("start", [None, SHIPPED])
def test_training_writes_weights_and_card_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Path | None
) -> None:
    training, held = digits_and_signs(0, 200), digits_and_signs(1, 80)
    monkeypatch.setattr(train_digits, "build_training_set", lambda folder, seed: training)
    monkeypatch.setattr(train_digits, "load_validation_samples", lambda folder: held.sources)
    monkeypatch.setattr(isolated_digits, "load_mnist", lambda folder, part: replace(held.sources[0], name="mnist"))
    monkeypatch.setattr(
        isolated_digits, "load_digit_sources", lambda folder, part: [replace(held.sources[0], name="usps")]
    )
    monkeypatch.chdir(tmp_path)
    data_home = tmp_path / "data"
    data_home.mkdir()
    report: list[str] = []
    (tmp_path / "models").mkdir()
    train_digits.train_digit_cnn(data_home, tmp_path / "models", 1, 1, report.append, start)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["digits.json", "digits.onnx"]
    assert not [path for path in (tmp_path / "checkpoints").rglob("*") if path.is_file()]
    card = json.loads((tmp_path / "models" / "digits.json").read_text("utf-8"))
    assert card["plan"]["epochs"] == 1
    assert card["plan"]["peak_learning_rate"] == (0.002 if start is None else 0.001)
    assert ("began with" in card) == (start is not None)
    # A handful of digits teaches a new network next to nothing in one epoch.
    assert (card["scores"]["usps"] > 0.9) == (start is not None)
    assert 150_000 <= card["parameters"] <= 300_000
    assert set(card["scores"]) == {"mnist", "usps"}
    assert all(0 <= score <= 1 for score in card["scores"].values())
    assert [source["frames"] for source in card["data"]] == [200, 50]
    assert str(data_home) not in json.dumps(card)
    classifier = load_classifier("cnn", tmp_path / "models")
    (reading,) = classifier.read(np.zeros((1, 28, 28), np.uint8))
    assert sum(reading.probabilities) == pytest.approx(1.0)
    assert cv2.dnn.readNetFromONNX(str(tmp_path / "models" / "digits.onnx")) is not None


def test_weights_of_another_network_to_begin_with_are_refused(tmp_path: Path) -> None:
    start = models_folder() / PAGE_NETWORK_WEIGHTS
    with pytest.raises(DataError, match="of a network with other layers"):
        train_digits.train_digit_cnn(tmp_path, tmp_path, 1, 1, lambda line: None, start)


def test_training_without_its_data_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such data folder"):
        train_digits.train_digit_cnn(tmp_path / "nowhere", tmp_path, 1, 1, lambda line: None)
