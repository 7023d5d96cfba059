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
    _enlarge_at_once(exported.graph)
    onnx.checker.check_model(exported)
    return bytes(exported.SerializeToString())


_REPEATING = frozenset({"Reshape", "Tile", "Transpose", "Unsqueeze"})


def _enlarge_at_once(graph: onnx.GraphProto) -> None:
    """Put one operation where each picture is enlarged by repeating its pixels.

    TensorFlow repeats rows and columns in steps, and the exporter computes the
    sizes in between from the page's: which takes OpenCV 5 a tenth of the
    network's time, and OpenCV 4 cannot read it.
    """
    from onnx import helper, numpy_helper

    made_by = {output: node for node in graph.node for output in node.output}
    factors = helper.make_node("Constant", [], ["twice"], value=numpy_helper.from_array(_TWICE))
    enlarged: dict[str, onnx.NodeProto] = {}
    for node in graph.node:
        for place, name in enumerate(node.input):
            source, tiles = name, 0
            while (before := made_by.get(source)) is not None and before.op_type in _REPEATING:
                tiles += before.op_type == "Tile"
                source = before.input[0]
            if tiles != len(_TWICE) // 2 or node.op_type in _REPEATING:
                continue
            enlarged[source] = helper.make_node(
                "Resize",
                [source, "", "twice"],
                [f"{source}:twice"],
                mode="nearest",
                coordinate_transformation_mode="asymmetric",
                nearest_mode="floor",
            )
            node.input[place] = f"{source}:twice"
    if not enlarged:
        return
    nodes = [factors]
    for node in graph.node:
        nodes.append(node)
        nodes.extend(enlarged[name] for name in node.output if name in enlarged)
    _keep_what_is_needed(graph, nodes)


_TWICE = np.array([1, 1, 2, 2], np.float32)
"""Batch, channels, rows, columns."""


def _keep_what_is_needed(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    needed = {value.name for value in graph.output}
    kept = []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    weights = [weight for weight in graph.initializer if weight.name in needed]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(weights)
