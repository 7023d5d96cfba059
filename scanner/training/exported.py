"""Keras models as ONNX files that every OpenCV reads."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras
    import onnx

_ANY_SIZE = 64


def export_onnx(model: keras.Model) -> bytes:
    """The ONNX file of a Keras model."""
    import onnx

    # A model that was loaded has no graph to export until it has been called; what may vary in size takes any.
    model(np.zeros((1, *(size or _ANY_SIZE for size in model.input_shape[1:])), np.float32))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        model.export(str(path), format="onnx", verbose=False)
        exported = onnx.load(path)
    _leave_out_sizes(exported.graph)
    onnx.checker.check_model(exported)
    return bytes(exported.SerializeToString())


def _leave_out_sizes(graph: onnx.GraphProto) -> None:
    """Take out what cuts and pads the output of a transposed convolution to the size that it has.

    TensorFlow asks for that size, and the exporter computes it from the page's.
    Where the stride is the kernel's size nothing is ever cut or padded, and
    OpenCV 4 cannot read those computations.
    """
    # From the name of a value to that of the value that it equals.
    same: dict[str, str] = {}
    for node in graph.node:
        settings = {attribute.name: list(attribute.ints) for attribute in node.attribute}
        if node.op_type == "ConvTranspose" and settings["strides"] == settings["kernel_shape"]:
            same[node.output[0]] = node.output[0]
        elif node.op_type in {"Slice", "Pad"} and node.input[0] in same:
            same[node.output[0]] = same[node.input[0]]
    needed = {value.name for value in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            node.input[:] = [same.get(name, name) for name in node.input]
            needed.update(node.input)
            kept.append(node)
    weights = [weight for weight in graph.initializer if weight.name in needed]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(weights)
