from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the training extra is not installed")

import torch
from torch import nn

from scanner.errors import DataError
from scanner.training.folded_weights import load_folded_weights
from scanner.training.torch_training import export_onnx


def small_network(seed: int, channels: int = 4) -> nn.Module:
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(1, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, 2, 1)
    )
    network.train()
    for _ in range(50):
        network(3 * torch.rand(8, 1, 8, 8) + 1)
    return network.eval()


def exported(network: nn.Module, path: Path) -> Path:
    path.write_bytes(export_onnx(network, (1, 1, 8, 8), {}, "picture"))
    return path


def test_a_network_computes_what_the_exported_one_does(tmp_path: Path) -> None:
    before, after = small_network(1), small_network(2)
    pictures = 3 * torch.rand(8, 1, 8, 8) + 1
    load_folded_weights(after, exported(before, tmp_path / "a.onnx"), pictures)
    with torch.no_grad():
        assert after.eval()(pictures) == pytest.approx(before(pictures), abs=1e-4)
        # In training, batch normalization divides by what it sees; on the examples it is what the weights undo.
        assert after.train()(pictures) == pytest.approx(before(pictures), abs=1e-3)


def test_the_weights_of_another_network_are_an_error(tmp_path: Path) -> None:
    path = exported(small_network(1, channels=6), tmp_path / "a.onnx")
    with pytest.raises(DataError, match="other layers"):
        load_folded_weights(small_network(2), path, torch.rand(2, 1, 8, 8))


def test_a_file_that_is_no_network_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(b"no network")
    with pytest.raises(DataError, match="cannot read the weights"):
        load_folded_weights(small_network(1), path, torch.rand(2, 1, 8, 8))
    with pytest.raises(DataError, match="cannot read the weights"):
        load_folded_weights(small_network(1), tmp_path / "none.onnx", torch.rand(2, 1, 8, 8))
