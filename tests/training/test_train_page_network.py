import json
import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from scanner.layout.ink_classes import load_page_network
from scanner.training import train_page_network
from scanner.training.page_samples import PageNetworkSample

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

from scanner.training import checkpoints, page_network

pytestmark = [
    # TensorFlow's arrays do not know NumPy 2's copy keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    # Keras looks whether NumPy still has the names that tf2onnx uses.
    pytest.mark.filterwarnings("ignore:In the future `np.object` will be defined:FutureWarning"),
]


def test_training_the_page_network_writes_weights_and_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = partial(
        page_network.PageNetworkPlan,
        pages=2,
        validation_pages=1,
        test_pages=1,
        steps_per_epoch=1,
        batch_size=1,
        patch_shape=(64, 64),
        processes=1,
    )
    monkeypatch.setattr(page_network, "PageNetworkPlan", tiny)
    monkeypatch.setattr(train_page_network, "resolve_data_folder", lambda option: option)
    monkeypatch.chdir(tmp_path)
    report: list[str] = []
    train_page_network.train_page_network(None, tmp_path / "models", 1, 1, report.append)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["pages.json", "pages.onnx"]
    assert not [path for path in (tmp_path / "checkpoints").rglob("*") if path.is_file()]
    card = json.loads((tmp_path / "models" / "pages.json").read_text("utf-8"))
    assert card["plan"]["epochs"] == 1
    assert card["classes"][:2] == ["digit", "print"]
    assert set(card["fonts"]["held-out families"]).isdisjoint(card["fonts"]["families"])
    assert all(0 <= score <= 1 for score in card["scores"].values())
    assert any("epoch 1/1" in line for line in report)
    shown = np.zeros((64, 48), np.uint8)
    assert load_page_network(tmp_path / "models").logits(shown).shape == (16, 12, len(card["classes"]))


def test_interrupted_training_of_the_page_network_is_resumed(tmp_path: Path) -> None:
    plan = page_network.PageNetworkPlan(epochs=2, processes=1)
    some = PageNetworkSample(np.full((16, 16), 255, np.uint8), np.full((4, 4, 6), 40, np.uint8))
    broken = page_network._compile_network(plan)
    broken.optimizer.build(broken.trainable_variables)
    checkpoints.save_checkpoint(broken, tmp_path, 2)
    report: list[str] = []
    page_network.train([some], (), 1, plan, tmp_path, report.append)
    assert len(report) == 1
    assert "2 done" in report[0]
