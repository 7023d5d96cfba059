from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="needs the training extra")
import onnx
from onnx import TensorProto, helper, numpy_helper

from scanner.errors import DataError
from scanner.training.average_weights import average_weights, mean_of_networks


def write_network(path: Path, *weights: float, count: int = 3) -> Path:
    """A network that multiplies by its weights, and reshapes to ``count`` numbers."""
    values = numpy_helper.from_array(np.array(weights, np.float32), "weights")
    shape = numpy_helper.from_array(np.array([count], np.int64), "shape")
    nodes = [helper.make_node("Mul", ["x", "weights"], ["y"]), helper.make_node("Reshape", ["y", "shape"], ["z"])]
    sides = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [len(weights)]) for name in ("x", "z")]
    graph = helper.make_graph(nodes, "net", [sides[0]], [sides[1]], [values, shape])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(helper.make_model(graph).SerializeToString())
    card = {"file": path.name, "data": ["pen"], "scores": {"right": 0.5}, "seed": 3, "plan": {"epochs": 2}}
    path.with_suffix(".json").write_text(json.dumps(card))
    return path


def weights_of(data: bytes) -> dict[str, list[float]]:
    graph = onnx.load_from_string(data).graph
    return {each.name: numpy_helper.to_array(each).tolist() for each in graph.initializer}


def test_the_mean_of_each_weight_and_none_of_whole_numbers(tmp_path: Path) -> None:
    paths = [
        write_network(tmp_path / "a.onnx", 0, 2, 4),
        write_network(tmp_path / "b.onnx", 1, 2, 6),
        write_network(tmp_path / "c.onnx", 2, 5, 2),
    ]
    assert weights_of(mean_of_networks(paths)) == {"weights": [1, 3, 4], "shape": [3]}


def test_the_mean_of_one_is_that_one(tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", 0.25, 2, 4)
    assert weights_of(mean_of_networks([path])) == weights_of(path.read_bytes())


def test_the_card_says_what_it_is_the_mean_of(tmp_path: Path) -> None:
    paths = [write_network(tmp_path / str(weight) / "pages.onnx", weight, 2, 3) for weight in (1, 2)]
    lines: list[str] = []
    average_weights(paths, tmp_path / "mean", lines.append)
    card = json.loads((tmp_path / "mean" / "pages.json").read_text())
    assert card["data"] == ["pen"]
    assert "scores" not in card
    assert "plan" not in card
    assert [each["seed"] for each in card["mean of"]] == [3, 3]
    assert lines == [f"{tmp_path / 'mean' / 'pages.onnx'}: the mean of 2 networks"]


def test_networks_with_other_layers_have_no_mean(tmp_path: Path) -> None:
    paths = [write_network(tmp_path / "a.onnx", 1, 2, 3), write_network(tmp_path / "b.onnx", 1, 2, count=2)]
    with pytest.raises(DataError, match=r"b\.onnx: the network has other layers than .*a\.onnx"):
        mean_of_networks(paths)


def test_what_is_no_network_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(b"no network")
    with pytest.raises(DataError, match=r"a\.onnx"):
        mean_of_networks([path])


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    path = write_network(tmp_path / "a.onnx", 1, 2, 3)
    path.with_suffix(".json").unlink()
    with pytest.raises(DataError, match=r"a\.json: cannot read the card"):
        average_weights([path], tmp_path / "mean", lambda _: None)
