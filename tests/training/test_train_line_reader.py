import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the training extra is not installed")

from scanner.options import Charset
from scanner.recognition.confidence_calibration import UNCALIBRATED, Calibration
from scanner.recognition.line_reader import load_line_reader
from scanner.training import line_reader_training, train_line_reader
from scanner.training.line_reader import LineReaderNetwork
from scanner.training.torch_training import NetworkTraining
from scanner.weights import CROP_READER_WEIGHTS


def test_training_the_line_reader_writes_weights_and_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []

    def train(
        folder: Path | None,
        seed: int,
        plan: line_reader_training.LineReaderPlan,
        where: line_reader_training.ReaderFolders,
        report: object,
        start: Path | None,
    ) -> NetworkTraining:
        folders.append(where.state.parent)
        where.state.parent.mkdir(parents=True)
        training = NetworkTraining(LineReaderNetwork(), plan.schedule())
        training.seconds_done = 5400.0
        return training

    monkeypatch.setattr(line_reader_training, "train_line_reader", train)
    monkeypatch.setattr(train_line_reader, "resolve_data_folder", lambda option: option)
    monkeypatch.chdir(tmp_path)
    train_line_reader.train_line_reader(None, tmp_path / "models", 1, 2, lambda line: None, ("logbooks", "clinic"))
    assert [folder.name for folder in folders] == ["numbers-1-2-without-clinic-without-logbooks"]
    assert not folders[0].exists()
    card = json.loads((tmp_path / "models" / "numbers.json").read_text("utf-8"))
    assert card["plan"]["epochs"] == 2
    assert card["plan"]["without"] == ["clinic", "logbooks"]
    assert card["hours of training"] == 1.5
    assert Calibration.from_card(card["calibration"]) == UNCALIBRATED
    reader = load_line_reader(CROP_READER_WEIGHTS, tmp_path / "models")
    (reading,) = reader.read_numbers([np.zeros((32, 64), np.uint8)], Charset.DECIMAL)
    assert 0 <= reading.probability <= 1
