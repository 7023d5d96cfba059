from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the training extra is not installed")

import onnx

from scanner.errors import DataError
from scanner.training.exported_layers import read_exported_layers


def test_layers_are_read_in_the_order_in_which_they_are_computed(tmp_path: Path) -> None:
    arrays = {
        "second": np.full((5, 4, 3, 3), 2, np.float32),
        "second bias": np.full(5, 20, np.float32),
        "first": np.full((4, 1, 3, 3), 1, np.float32),
        "first bias": np.full(4, 10, np.float32),
        "product": np.full((5, 2), 3, np.float32),
        "sum": np.full(2, 30, np.float32),
    }
    nodes = [
        onnx.helper.make_node("Conv", ["frame", "first", "first bias"], ["a"]),
        onnx.helper.make_node("Conv", ["a", "second", "second bias"], ["b"]),
        onnx.helper.make_node("Flatten", ["b"], ["c"]),
        onnx.helper.make_node("MatMul", ["c", "product"], ["d"]),
        onnx.helper.make_node("Add", ["d", "sum"], ["logits"]),
        # Sums and products of two things that are computed are no layers.
        onnx.helper.make_node("Add", ["logits", "logits"], ["e"]),
        onnx.helper.make_node("MatMul", ["e", "e"], ["f"]),
    ]
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "network",
        [value("frame", onnx.TensorProto.FLOAT, [1, 1, 5, 5])],
        [value("f", onnx.TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    path = tmp_path / "a.onnx"
    path.write_bytes(onnx.helper.make_model(graph).SerializeToString())
    layers = read_exported_layers(path)
    assert [(kernel.shape, float(kernel.max()), bias.tolist()) for kernel, bias in layers.convolutions] == [
        ((4, 1, 3, 3), 1, [10] * 4),
        ((5, 4, 3, 3), 2, [20] * 5),
    ]
    assert [(kernel.shape, float(kernel.max()), bias.tolist()) for kernel, bias in layers.dense] == [
        ((5, 2), 3, [30, 30])
    ]


def test_a_file_that_is_no_network_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(b"no network")
    with pytest.raises(DataError, match=r"a\.onnx: cannot read the weights"):
        read_exported_layers(path)
    with pytest.raises(DataError, match="cannot read the weights"):
        read_exported_layers(tmp_path / "none.onnx")
