"""Export Keras models as ONNX files that OpenCV 4 and 5 can read."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras
    import onnx

_PLACEHOLDER_SIDE_PIXELS = 64
"""Length given to an input dimension of variable size when the model is called once before its export; any will do."""


def export_onnx(model: keras.Model) -> bytes:
    """Export a Keras model as the bytes of an ONNX file."""
    import onnx

    # A model that was loaded from a file has no graph to export until it has been called once.
    model(np.zeros((1, *(size or _PLACEHOLDER_SIDE_PIXELS for size in model.input_shape[1:])), np.float32))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        model.export(str(path), format="onnx", verbose=False)
        exported = onnx.load(path)
    _replace_repeats_by_resize(exported.graph)
    onnx.checker.check_model(exported)
    return bytes(exported.SerializeToString())


def convert_input_to_space_to_depth(weights: bytes) -> bytes:
    """Replace the single-channel input of a network by four channels, one per pixel of each 2 x 2 square.

    The network computes the same: a 3 x 3 convolution with stride 2 becomes a 2 x 2 convolution of such squares with
    stride 1.  For the reason see ``scanner.layout.ink_classes.space_to_depth``.

    Args:
        weights: ONNX file of a network whose first layer is a 3 x 3 convolution with stride 2 and padding 1.

    Returns:
        The ONNX file of the converted network.

    Raises:
        ValueError: if the first layer is a different one.
    """
    import onnx
    from onnx import helper, numpy_helper

    exported = onnx.load_model_from_string(weights)
    graph = exported.graph
    first = next(node for node in graph.node if node.op_type == "Conv")
    settings = {attribute.name: list(attribute.ints) for attribute in first.attribute}
    (kernel,) = (weight for weight in graph.initializer if weight.name == first.input[1])
    pixels = numpy_helper.to_array(kernel)
    if pixels.shape[1:] != (1, 3, 3) or settings["strides"] != [2, 2] or settings["pads"] != [1] * 4:
        raise ValueError(f"a first layer of shape {pixels.shape} with {settings} cannot take 2 x 2 squares of pixels")
    squares = np.zeros((len(pixels), 2, 2, 2, 2), np.float32)
    for y, x in np.ndindex(3, 3):
        # The pixel at -1, just before the square at 0, is the second pixel of the square before it.
        (above, down), (left, across) = divmod(y - 1, 2), divmod(x - 1, 2)
        squares[:, down, across, above + 1, left + 1] = pixels[:, 0, y, x]
    kernel.CopyFrom(numpy_helper.from_array(squares.reshape(len(pixels), 4, 2, 2), kernel.name))
    first.input[0] = graph.input[0].name
    del first.attribute[:]
    first.attribute.extend(
        helper.make_attribute(name, value)
        for name, value in (("kernel_shape", [2, 2]), ("strides", [1, 1]), ("pads", [1, 1, 0, 0]))
    )
    sizes = (None, 4, None, None)
    graph.input[0].CopyFrom(helper.make_tensor_value_info(graph.input[0].name, onnx.TensorProto.FLOAT, sizes))
    _prune_unused_nodes(graph, list(graph.node))
    onnx.checker.check_model(exported)
    return bytes(exported.SerializeToString())


_REPEATING_OPS = frozenset({"Reshape", "Tile", "Transpose", "Unsqueeze"})
"""ONNX operations that the exporter builds an upsampling layer of."""


def _replace_repeats_by_resize(graph: onnx.GraphProto) -> None:
    """Replace each chain of operations that repeats pixels to upsample by one ``Resize``.

    TensorFlow repeats rows and columns one after the other, and the exporter adds operations that compute the shapes
    in between.  They take OpenCV 5 a tenth of the network's time, and OpenCV 4 cannot read them.
    """
    from onnx import helper, numpy_helper

    producers = {output: node for node in graph.node for output in node.output}
    factors = helper.make_node("Constant", [], ["twice"], value=numpy_helper.from_array(_DOUBLING_SCALES))
    resizes: dict[str, onnx.NodeProto] = {}
    for node in graph.node:
        for position, name in enumerate(node.input):
            source, tiles = name, 0
            while (producer := producers.get(source)) is not None and producer.op_type in _REPEATING_OPS:
                tiles += producer.op_type == "Tile"
                source = producer.input[0]
            if tiles != len(_DOUBLING_SCALES) // 2 or node.op_type in _REPEATING_OPS:
                continue
            resizes[source] = helper.make_node(
                "Resize",
                [source, "", "twice"],
                [f"{source}:twice"],
                mode="nearest",
                coordinate_transformation_mode="asymmetric",
                nearest_mode="floor",
            )
            node.input[position] = f"{source}:twice"
    if not resizes:
        return
    nodes = [factors]
    for node in graph.node:
        nodes.append(node)
        nodes.extend(resizes[name] for name in node.output if name in resizes)
    _prune_unused_nodes(graph, nodes)


_DOUBLING_SCALES = np.array([1, 1, 2, 2], np.float32)
"""Scale factors of batch, channels, rows and columns."""


def _prune_unused_nodes(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
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
