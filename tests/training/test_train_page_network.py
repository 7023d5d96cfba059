import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from scanner.layout.ink_classes import InkClass
from scanner.layout.page_network import OUTPUT_CHANNELS, PageView, load_page_network

pytest.importorskip("torch", reason="the training extra is not installed")

from scanner.training import train_page_network
from scanner.training.page_plan import PageNetworkPlan


def test_training_the_page_network_writes_weights_and_card_and_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = partial(
        PageNetworkPlan,
        synthetic_pages=2,
        mosaics=0,
        validation_pages=1,
        test_pages=1,
        steps_per_epoch=1,
        batch_size=1,
        patch_shape=(64, 64),
        processes=1,
    )
    monkeypatch.setattr(train_page_network, "PageNetworkPlan", tiny)
    monkeypatch.setattr(train_page_network, "resolve_data_folder", lambda option: option)
    monkeypatch.chdir(tmp_path)
    models = tmp_path / "models"
    report: list[str] = []
    train_page_network.train_page_network(None, models, 1, 1, report.append)
    assert sorted(path.name for path in models.iterdir()) == ["pages.json", "pages.onnx"]
    card = json.loads((models / "pages.json").read_text("utf-8"))
    assert card["plan"]["epochs"] == 1
    assert card["classes"] == [ink_class.name.lower().replace("_", " ") for ink_class in InkClass]
    assert set(card["fonts"]["held-out families"]).isdisjoint(card["fonts"]["families"])
    assert all(0 <= score <= 1 for score in card["scores"].values())
    assert any("0 done" in line for line in report)
    view = PageView(np.full((64, 48), 255, np.uint8), np.zeros((32, 24, 3), np.uint8))
    assert load_page_network(models).output(view).shape == (OUTPUT_CHANNELS, 16, 12)

    pages = {path: path.stat().st_mtime_ns for path in (tmp_path / "checkpoints").rglob("*.npz")}
    # One page to begin with is made at once; the others may have been made or not.
    assert 3 <= len(pages) <= 4
    train_page_network.train_page_network(None, models, 1, 1, report.append)
    assert any("1 done" in line for line in report)
    assert {path: path.stat().st_mtime_ns for path in pages} == pages

    start = models / "pages.onnx"
    train_page_network.train_page_network(None, models, 1, 2, report.append, start=start)
    card = json.loads((models / "pages.json").read_text("utf-8"))
    assert card["began with"]["file"] == "pages.onnx"
