from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from scanner.geometry.orientation import CHARACTER_IMAGE_SIDE
from scanner.geometry.orientation_network import load_orientation_network
from scanner.training import train_orientation

pytest.importorskip("torch", reason="the training extra is not installed")

from scanner.training import orientation_network


def test_training_the_orientation_network_writes_weights_and_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = partial(orientation_network.OrientationNetworkPlan, pages=2, validation_pages=1, batch_size=8, processes=1)
    monkeypatch.setattr(orientation_network, "OrientationNetworkPlan", tiny)
    monkeypatch.setattr(train_orientation, "resolve_data_folder", lambda option: option)
    report: list[str] = []
    train_orientation.train_orientation_network(None, tmp_path, 1, 2, report.append)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["orientation.json", "orientation.onnx"]
    card = json.loads((tmp_path / "orientation.json").read_text("utf-8"))
    assert card["plan"]["steps"] == 2
    assert 0 <= card["scores"]["characters set upright"] <= 1
    assert any(line.startswith("batch 2/2") for line in report)
    blank = np.zeros((3, CHARACTER_IMAGE_SIDE, CHARACTER_IMAGE_SIDE), np.uint8)
    assert load_orientation_network(tmp_path).character_turns(blank).shape == (3, 4)
