"""The layers of an exported network, to train it further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scanner.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    KernelAndBias = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class ExportedLayers:
    """Kernels and biases of a network, in the order in which they are computed."""

    convolutions: tuple[KernelAndBias, ...]
    """Kernels of shape (outputs, inputs, height, width), with any batch normalization folded in."""
    dense: tuple[KernelAndBias, ...]
    """Kernels of shape (inputs, outputs)."""


def read_exported_layers(path: Path) -> ExportedLayers:
    """Read the layers of an ONNX file.

    Raises:
        DataError: if the file cannot be read, or is no ONNX file.
    """
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import numpy_helper

    try:
        graph = onnx.load_model_from_string(path.read_bytes()).graph
        arrays = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    except (OSError, DecodeError, ValueError) as error:
        raise DataError(f"{path}: cannot read the weights to begin with ({error})") from error
    return ExportedLayers(_convolutions(graph, arrays), _dense_layers(graph, arrays))


def _convolutions(graph: Any, arrays: dict[str, NDArray[Any]]) -> tuple[KernelAndBias, ...]:
    return tuple(
        (arrays[node.input[1]], arrays[node.input[2]])
        for node in graph.node
        if node.op_type == "Conv" and len(node.input) == 3 and node.input[1] in arrays and node.input[2] in arrays
    )


def _dense_layers(graph: Any, arrays: dict[str, NDArray[Any]]) -> tuple[KernelAndBias, ...]:
    """A dense layer is exported as a product and a sum."""
    biases = {
        node.input[0]: arrays[node.input[1]] for node in graph.node if node.op_type == "Add" and node.input[1] in arrays
    }
    return tuple(
        (arrays[node.input[1]], biases[node.output[0]])
        for node in graph.node
        if node.op_type == "MatMul" and node.input[1] in arrays and node.output[0] in biases
    )
