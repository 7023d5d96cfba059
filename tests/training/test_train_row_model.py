from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scanner.decision.row_evidence import EVIDENCE_NAMES
from scanner.decision.row_model import load_row_model
from scanner.errors import DataError
from scanner.training import train_row_model
from scanner.training.row_samples import RowSamples


def rows_of(kind: str, seed: int) -> RowSamples:
    rng = np.random.default_rng(seed)
    evidence = rng.normal(0, 1, (200, len(EVIDENCE_NAMES)))
    right = evidence[:, 0] + rng.normal(0, 1, 200) > 0
    return RowSamples(kind, evidence, right | (rng.random(200) < 0.5), right)


def test_each_kind_is_left_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_row_model, "gather_real_rows", lambda *_: [rows_of("tally", 1), rows_of("logs", 2)])
    monkeypatch.setattr(train_row_model, "gather_synthetic_rows", lambda *_: [rows_of("drawn: log", 3)])
    lines: list[str] = []
    train_row_model.train_row_model(tmp_path, tmp_path / "models", tmp_path / "left-out", 1, lines.append)
    card = json.loads((tmp_path / "models" / "rows.json").read_text())
    assert card["rows"] == {"tally": 200, "logs": 200, "drawn: log": 200}
    card = json.loads((tmp_path / "left-out" / "tally" / "rows.json").read_text())
    assert card["rows"] == {"logs": 200, "drawn: log": 200}
    evidence = np.zeros((1, len(EVIDENCE_NAMES)))
    whole, without = (load_row_model(tmp_path / name).judge(evidence) for name in ("models", "left-out/tally"))
    assert whole != without
    assert any("left-out" in line for line in lines)


def test_there_must_be_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DIGITSCAN_DATA", raising=False)
    with pytest.raises(DataError, match="--data"):
        train_row_model.train_row_model(None, tmp_path, None, 1, lambda _: None)
