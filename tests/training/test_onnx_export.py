import os

import cv2
import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

import keras

from scanner.training.onnx_export import export_onnx

pytestmark = [
    # TensorFlow's arrays do not know NumPy 2's copy keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    # Keras looks whether NumPy still has the names that tf2onnx uses.
    pytest.mark.filterwarnings("ignore:In the future `np.object` will be defined:FutureWarning"),
]


def test_an_exported_network_computes_what_it_did() -> None:
    picture = keras.Input((None, None, 1))
    model = keras.Model(picture, keras.layers.Conv2D(2, 3, activation="relu")(picture))
    network = cv2.dnn.readNetFromONNX(np.frombuffer(export_onnx(model), np.uint8))
    for shape in ((4, 4), (6, 3), (8, 14)):
        shown = np.random.default_rng(0).random((1, *shape, 1)).astype(np.float32)
        network.setInput(shown)
        assert network.forward() == pytest.approx(np.asarray(model(shown)), abs=1e-5)
