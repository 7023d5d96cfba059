import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.datasets.pen_samples import draw_pen_digits, draw_pen_signs
from scanner.errors import DataError
from scanner.recognition.digit_classifier import DigitCnn
from scanner.weights import DIGIT_CNN_WEIGHTS, PAGE_NETWORK_WEIGHTS, models_folder

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

import keras

from scanner.training.digit_cnn import build_network, load_network
from scanner.training.exported_keras_weights import load_exported_weights
from scanner.training.onnx_export import export_onnx

pytestmark = [
    # TensorFlow's arrays do not know NumPy 2's copy keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    # Keras looks whether NumPy still has the names that tf2onnx uses.
    pytest.mark.filterwarnings("ignore:In the future `np.object` will be defined:FutureWarning"),
]

SHIPPED = models_folder() / DIGIT_CNN_WEIGHTS


@pytest.fixture(scope="module")
def some_frames() -> NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (10, 28, 28)).astype(np.uint8)
    return np.concatenate([draw_pen_digits(rng, 80).frames, draw_pen_signs(rng, 40).frames, noise])


@pytest.fixture(scope="module")
def loaded() -> keras.Model:
    return load_network(SHIPPED)


def logits_of(network: keras.Model, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(network.predict(frames[..., None].astype(np.float32) / 255, verbose=0))


def test_the_network_computes_what_the_file_does(loaded: keras.Model, some_frames: NDArray[np.uint8]) -> None:
    expected = DigitCnn(SHIPPED.read_bytes(), 1.0).logits(some_frames)
    assert np.ptp(expected) > 5
    assert logits_of(loaded, some_frames) == pytest.approx(expected, abs=1e-4)


def test_exported_again_it_still_does(loaded: keras.Model, some_frames: NDArray[np.uint8]) -> None:
    before, after = (DigitCnn(weights, 1.0) for weights in (SHIPPED.read_bytes(), export_onnx(loaded)))
    assert after.logits(some_frames) == pytest.approx(before.logits(some_frames), abs=1e-4)


def test_batch_normalization_stays_as_it_is_in_training(loaded: keras.Model, some_frames: NDArray[np.uint8]) -> None:
    normalizations = [layer for layer in loaded.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(normalizations) == 6
    assert not any(layer.trainable for layer in normalizations)
    # Of the values in a batch, training would take mean and deviation.
    values = np.random.default_rng(0).normal(3, 5, (2, 28, 28, 16)).astype(np.float32)
    bias = normalizations[0].get_weights()[1]
    assert np.asarray(normalizations[0](values, training=True)) == pytest.approx(values + bias, abs=1e-4)


def test_the_weights_of_another_network_are_an_error() -> None:
    with pytest.raises(DataError, match=r"pages\.onnx: the weights to begin with are of a network with other layers"):
        load_exported_weights(build_network(), models_folder() / PAGE_NETWORK_WEIGHTS)


def test_a_file_that_is_no_network_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"no network")
    with pytest.raises(DataError, match="cannot read the weights"):
        load_network(tmp_path / "a.onnx")
