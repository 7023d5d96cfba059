"""Take up the weights of an exported digit CNN, to train it further."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from scanner.errors import DataError
from scanner.training.exported_layers import read_exported_layers

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def load_exported_weights(model: keras.Model, path: Path) -> None:
    """Load the weights of an ONNX file into the network it was exported from.

    An export folds each batch normalization into the convolution before it.  The convolution gets the folded weights,
    and the normalization, which adds the bias and does nothing else, is frozen: it would go on by the statistics of
    what is learned next, which are others than those of all that was learned before.

    Args:
        model: a chain of convolutions, each followed by a batch normalization or with a bias of its own, and of dense
            layers; changed in place.
        path: ONNX file that :func:`scanner.training.onnx_export.export_onnx` made of a network with the same layers.

    Raises:
        DataError: if the file cannot be read, or its layers are not those of the network.
    """
    exported = read_exported_layers(path)
    # ONNX has (outputs, inputs, height, width), Keras (height, width, inputs, outputs).
    convolutions = [(np.transpose(kernel, (2, 3, 1, 0)), bias) for kernel, bias in exported.convolutions]
    layers = _layers_of_type(model, keras.layers.Conv2D) + _layers_of_type(model, keras.layers.Dense)
    loaded = [*convolutions, *exported.dense]
    if [layer.kernel.shape for layer in layers] != [kernel.shape for kernel, _ in loaded]:
        raise DataError(f"{path}: the weights to begin with are of a network with other layers")
    normalizations = iter(_layers_of_type(model, keras.layers.BatchNormalization))
    for layer, (kernel, bias) in zip(layers, loaded, strict=True):
        if layer.use_bias:
            layer.set_weights([kernel, bias])
        else:
            layer.set_weights([kernel])
            _set_to_add_only(next(normalizations), bias)


def _layers_of_type(model: keras.Model, layer_type: type) -> list[Any]:
    return [layer for layer in model.layers if isinstance(layer, layer_type)]


def _set_to_add_only(normalization: keras.layers.BatchNormalization, bias: NDArray[np.float32]) -> None:
    scale, mean = np.ones_like(bias), np.zeros_like(bias)
    normalization.set_weights([scale, bias, mean, scale - normalization.epsilon])
    normalization.trainable = False
