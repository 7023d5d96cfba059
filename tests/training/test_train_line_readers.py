import json
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from scanner.options import Charset
from scanner.recognition.confidence_calibration import UNCALIBRATED, Calibration
from scanner.recognition.line_reader import load_line_reader
from scanner.training import train_line_readers
from scanner.training.fit_calibration import CalibrationReading
from scanner.training.number_line_samples import LabelledLines
from scanner.weights import CROP_READER_WEIGHTS, TEXT_LINE_READER_WEIGHTS

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

from scanner.training import line_reader

pytestmark = [
    # TensorFlow's arrays do not know NumPy 2's copy keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    # Keras looks whether NumPy still has the names that tf2onnx uses.
    pytest.mark.filterwarnings("ignore:In the future `np.object` will be defined:FutureWarning"),
]


def test_training_the_crop_reader_writes_weights_and_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    made = tuple(rng.integers(0, 256, (32, 64)).astype(np.uint8) for _ in range(8))
    few = LabelledLines("synthetic", made, ("12",) * 8, separators_omitted=False, source_ids=np.arange(8))
    monkeypatch.setattr(
        line_reader, "build_training_lines", lambda folder, seed, plan: line_reader.TrainingLines((few,) * 3, 2, ())
    )
    monkeypatch.setattr(
        line_reader, "LineReaderPlan", partial(line_reader.LineReaderPlan, steps_per_epoch=2, batch_size=4, processes=1)
    )
    monkeypatch.setattr(train_line_readers, "resolve_data_folder", lambda option: option)
    monkeypatch.chdir(tmp_path)
    report: list[str] = []
    train_line_readers.train_crop_reader(None, tmp_path / "models", 1, 1, report.append)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["numbers.json", "numbers.onnx"]
    assert not [path for path in (tmp_path / "checkpoints").rglob("*") if path.is_file()]
    card = json.loads((tmp_path / "models" / "numbers.json").read_text("utf-8"))
    assert card["plan"]["epochs"] == 1
    assert Calibration.from_card(card["calibration"]) == UNCALIBRATED
    (reading,) = load_line_reader(CROP_READER_WEIGHTS, tmp_path / "models").read_numbers([made[0]], Charset.DECIMAL)
    assert 0 <= reading.probability <= 1
    assert any("epoch 1/1" in line for line in report)


def test_training_the_text_line_reader_writes_weights_and_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = (np.full((32, 64), 9, np.uint8),) * 4
    few = LabelledLines("page", made, ("1 2", "3", "", "4"), separators_omitted=False, source_ids=np.arange(4))
    monkeypatch.setattr(
        line_reader, "build_training_lines", lambda folder, seed, plan: line_reader.TrainingLines((few,) * 3, 2, ())
    )
    monkeypatch.setattr(
        line_reader,
        "TEXT_LINE_READER_PLAN",
        replace(line_reader.TEXT_LINE_READER_PLAN, steps_per_epoch=2, batch_size=4, processes=1),
    )
    monkeypatch.setattr(
        train_line_readers,
        "read_calibration_lines",
        lambda weights, folder, processes: [CalibrationReading(0.9, True, True)] * 3,
    )
    monkeypatch.setattr(train_line_readers, "resolve_data_folder", lambda option: option)
    monkeypatch.chdir(tmp_path)
    train_line_readers.train_text_line_reader(None, tmp_path / "models", 1, 1, lambda line: None)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["text_lines.json", "text_lines.onnx"]
    card = json.loads((tmp_path / "models" / "text_lines.json").read_text("utf-8"))
    assert card["plan"]["pages"] == line_reader.TEXT_LINE_READER_PLAN.pages
    reader = load_line_reader(TEXT_LINE_READER_WEIGHTS, tmp_path / "models")
    (parts,) = reader.read_text_lines([made[0]], Charset.DECIMAL)
    assert all(0 <= part.probability <= 1 for part in parts)


def test_lines_from_pages_have_their_share() -> None:
    image = (np.zeros((32, 64), np.uint8),)
    text_lines, comb_fields, synthetic, real = (
        LabelledLines("", image * count, ("1",) * count, separators_omitted=False, source_ids=np.arange(count))
        for count in (30, 10, 5, 4)
    )
    plan = line_reader.LineReaderPlan(page_line_share=0.8, first_real_share=0.5, last_real_share=0.5)

    def shares(sets: tuple[LabelledLines, ...], page_set_count: int) -> list[float]:
        lines = line_reader.TrainingLines(sets, page_set_count, ())
        return [float(share) for share in line_reader._line_set_shares(lines, plan, 0.0)]

    assert shares((text_lines, comb_fields, synthetic, real), 2) == pytest.approx([0.6, 0.2, 0.1, 0.1])
    assert shares((synthetic, real), 0) == pytest.approx([0.5, 0.5])
    assert shares((synthetic,), 0) == pytest.approx([1.0])


def test_interrupted_training_of_a_line_reader_is_resumed(tmp_path: Path) -> None:
    plan = line_reader.LineReaderPlan(epochs=2, steps_per_epoch=1, batch_size=2, processes=1)
    made = (np.full((32, 64), 9, np.uint8),) * 2
    few = LabelledLines("synthetic", made, ("1", "2"), separators_omitted=False, source_ids=np.arange(2))
    lines = line_reader.TrainingLines((few,) * 3, 2, ())
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    line_reader.train(lines, 1, plan, whole, lambda line: None)
    broken.mkdir()
    (broken / "0001.keras").write_bytes((whole / "0001.keras").read_bytes())
    report: list[str] = []
    line_reader.train(lines, 1, plan, broken, report.append)
    assert "1 done" in report[0]
    assert not any("epoch 1/2" in line for line in report)
