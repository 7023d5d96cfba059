import os

import cv2
import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

import keras
import onnx

from scanner.layout.ink_classes import space_to_depth
from scanner.training.onnx_export import convert_input_to_space_to_depth, export_onnx

pytestmark = [
    # TensorFlow's arrays do not know NumPy 2's copy keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    # Keras looks whether NumPy still has the names that tf2onnx uses.
    pytest.mark.filterwarnings("ignore:In the future `np.object` will be defined:FutureWarning"),
]


def enlarging() -> keras.Model:
    page = keras.Input((None, None, 1))
    half = keras.layers.Conv2D(3, 2, strides=2)(page)
    return keras.Model(page, keras.layers.Conv2D(2, 1)(keras.layers.UpSampling2D(2)(half)))


def test_enlarging_takes_no_computation_of_sizes() -> None:
    # Where it did, OpenCV 4 could not read the file.
    graph = onnx.load_model_from_string(export_onnx(enlarging())).graph
    operations = {node.op_type for node in graph.node}
    assert "Resize" in operations
    assert operations <= {"Constant", "Conv", "Resize", "Transpose", "Reshape", "Unsqueeze", "Add"}
    used = {name for node in graph.node for name in node.input}
    assert {weight.name for weight in graph.initializer} <= used


def test_enlarging_computes_what_it_did() -> None:
    model = enlarging()
    network = cv2.dnn.readNetFromONNX(np.frombuffer(export_onnx(model), np.uint8))
    for shape in ((4, 4), (6, 2), (8, 14)):
        shown = np.random.default_rng(0).random((1, *shape, 1)).astype(np.float32)
        network.setInput(shown)
        assert network.forward() == pytest.approx(np.asarray(model(shown)), abs=1e-5)


def test_a_network_that_takes_fours_computes_what_it_did() -> None:
    page = keras.Input((None, None, 1))
    layer = keras.layers.Conv2D(2, 3, strides=2, bias_initializer="uniform")
    model = keras.Model(page, layer(keras.layers.ZeroPadding2D(1)(page)))
    shown = np.random.default_rng(0).integers(0, 256, (6, 8)).astype(np.uint8)
    network = cv2.dnn.readNetFromONNX(np.frombuffer(convert_input_to_space_to_depth(export_onnx(model)), np.uint8))
    network.setInput(space_to_depth(shown))
    assert network.forward() == pytest.approx(np.asarray(model(shown[None, ..., None] / np.float32(255))), abs=1e-5)


def test_another_first_layer_takes_no_fours() -> None:
    with pytest.raises(ValueError, match="first layer"):
        convert_input_to_space_to_depth(export_onnx(enlarging()))
