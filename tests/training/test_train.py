import json
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.datasets import labelled, pen_samples
from scanner.errors import DataError
from scanner.layout.ink_classes import load_page_network
from scanner.options import Charset
from scanner.recognition.calibration import UNCALIBRATED, Calibration
from scanner.recognition.digit_classifier import DigitCnn, load_classifier
from scanner.recognition.line_reader import CROP_READER_NAME, TEXT_LINE_READER_NAME, load_line_reader
from scanner.training import train
from scanner.training.calibration import CalibrationReading
from scanner.training.digit_samples import TrainingSet
from scanner.training.line_samples import LabelledLines
from scanner.training.page_samples import PageNetworkSample

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

import keras

from scanner.training import checkpoints, line_reader, page_network
from scanner.training.digit_cnn import build_network
from scanner.training.onnx_export import export_onnx

pytestmark = [
    # TensorFlow's arrays do not know NumPy 2's copy keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    # Keras looks whether NumPy still has the names that tf2onnx uses.
    pytest.mark.filterwarnings("ignore:In the future `np.object` will be defined:FutureWarning"),
]


@pytest.fixture(scope="module")
def network() -> keras.Model:
    """The network with weights and running averages as far from their start as training takes them."""
    keras.utils.set_random_seed(3)
    rng = np.random.default_rng(3)
    model = build_network()
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            scale, offset, mean, variance = layer.get_weights()
            layer.set_weights(
                [
                    rng.uniform(0.5, 1.5, scale.shape),
                    rng.normal(0, 0.3, offset.shape),
                    rng.normal(0, 0.3, mean.shape),
                    rng.uniform(0.5, 2.0, variance.shape),
                ]
            )
    return model


@pytest.fixture(scope="module")
def exported(network: keras.Model) -> bytes:
    return export_onnx(network)


@pytest.fixture(scope="module")
def some_frames() -> NDArray[np.uint8]:
    written = pen_samples.draw_pen_digits(np.random.default_rng(0), 290).frames
    noise = np.random.default_rng(1).integers(0, 256, (10, 28, 28)).astype(np.uint8)
    return np.concatenate([written, noise])


def test_what_is_exported_computes_what_was_trained(
    network: keras.Model, exported: bytes, some_frames: NDArray[np.uint8]
) -> None:
    expected = network.predict(some_frames[..., None].astype(np.float32) / 255, verbose=0)
    assert np.ptp(expected) > 0.5
    assert DigitCnn(exported, 1.0).logits(some_frames) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_probabilities_are_the_softmax_of_the_networks_logits(
    network: keras.Model, exported: bytes, some_frames: NDArray[np.uint8], temperature: float
) -> None:
    logits = network.predict(some_frames[..., None].astype(np.float32) / 255, verbose=0)
    expected = np.asarray(keras.ops.softmax(logits / temperature, axis=-1))
    read = np.array([reading.probabilities for reading in DigitCnn(exported, temperature).read(some_frames)])
    assert read == pytest.approx(expected, abs=1e-4)


def test_a_model_that_was_saved_and_loaded_exports_the_same(
    network: keras.Model, exported: bytes, some_frames: NDArray[np.uint8], tmp_path: Path
) -> None:
    network.save(tmp_path / "digits.keras")
    loaded = export_onnx(keras.saving.load_model(tmp_path / "digits.keras", compile=False))
    one, other = (DigitCnn(weights, 1.0).logits(some_frames) for weights in (exported, loaded))
    assert one == pytest.approx(other, abs=1e-5)


def digits_and_signs(seed: int, count: int) -> TrainingSet:
    rng = np.random.default_rng(seed)
    return TrainingSet((pen_samples.draw_pen_digits(rng, count), pen_samples.draw_pen_signs(rng, count // 4)), (1, 1))


def test_a_run_leaves_weights_with_their_card_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training, held = digits_and_signs(0, 200), digits_and_signs(1, 80)
    monkeypatch.setattr(train, "training_set", lambda folder, seed: training)
    monkeypatch.setattr(train, "validation_set", lambda folder: held.sources)
    monkeypatch.setattr(labelled, "load_mnist", lambda folder, part: replace(held.sources[0], name="mnist"))
    monkeypatch.setattr(labelled, "load_digit_sources", lambda folder, part: [replace(held.sources[0], name="usps")])
    monkeypatch.chdir(tmp_path)
    data_home = tmp_path / "data"
    data_home.mkdir()
    said: list[str] = []
    (tmp_path / "models").mkdir()
    train.train_digit_cnn(data_home, tmp_path / "models", 1, 1, said.append)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["digits.json", "digits.onnx"]
    assert not [path for path in (tmp_path / "checkpoints").rglob("*") if path.is_file()]
    card = json.loads((tmp_path / "models" / "digits.json").read_text("utf-8"))
    assert card["plan"]["epochs"] == 1
    assert 150_000 <= card["parameters"] <= 300_000
    assert set(card["scores"]) == {"mnist", "usps"}
    assert all(0 <= score <= 1 for score in card["scores"].values())
    assert [source["frames"] for source in card["data"]] == [200, 50]
    assert str(data_home) not in json.dumps(card)
    classifier = load_classifier("cnn", tmp_path / "models")
    (reading,) = classifier.read(np.zeros((1, 28, 28), np.uint8))
    assert sum(reading.probabilities) == pytest.approx(1.0)
    assert cv2.dnn.readNetFromONNX(str(tmp_path / "models" / "digits.onnx")) is not None


def test_a_run_of_the_number_reader_leaves_weights_and_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    made = tuple(rng.integers(0, 256, (32, 64)).astype(np.uint8) for _ in range(8))
    few = LabelledLines("synthetic", made, ("12",) * 8, separators_omitted=False, source_ids=np.arange(8))
    monkeypatch.setattr(
        line_reader, "build_training_lines", lambda folder, seed, plan: line_reader.TrainingLines((few,) * 3, 2, ())
    )
    monkeypatch.setattr(
        line_reader, "LineReaderPlan", partial(line_reader.LineReaderPlan, steps=2, batch=4, processes=1)
    )
    monkeypatch.setattr(labelled, "resolve_data_folder", lambda option: option)
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    train.train_crop_reader(None, tmp_path / "models", 1, 1, said.append)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["numbers.json", "numbers.onnx"]
    assert not [path for path in (tmp_path / "checkpoints").rglob("*") if path.is_file()]
    card = json.loads((tmp_path / "models" / "numbers.json").read_text("utf-8"))
    assert card["plan"]["epochs"] == 1
    assert Calibration.from_card(card["calibration"]) == UNCALIBRATED
    (reading,) = load_line_reader(CROP_READER_NAME, tmp_path / "models").read_numbers([made[0]], Charset.DECIMAL)
    assert 0 <= reading.probability <= 1
    assert any("epoch 1/1" in line for line in said)


def test_a_run_of_the_reader_of_runs_leaves_weights_and_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = (np.full((32, 64), 9, np.uint8),) * 4
    few = LabelledLines("runs", made, ("1 2", "3", "", "4"), separators_omitted=False, source_ids=np.arange(4))
    monkeypatch.setattr(
        line_reader, "build_training_lines", lambda folder, seed, plan: line_reader.TrainingLines((few,) * 3, 2, ())
    )
    monkeypatch.setattr(
        line_reader, "TEXT_LINE_READER_PLAN", replace(line_reader.TEXT_LINE_READER_PLAN, steps=2, batch=4, processes=1)
    )
    monkeypatch.setattr(
        train, "read_runs_aside", lambda weights, folder, processes: [CalibrationReading(0.9, True, True)] * 3
    )
    monkeypatch.setattr(labelled, "resolve_data_folder", lambda option: option)
    monkeypatch.chdir(tmp_path)
    train.train_text_line_reader(None, tmp_path / "models", 1, 1, lambda line: None)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["text_lines.json", "text_lines.onnx"]
    card = json.loads((tmp_path / "models" / "text_lines.json").read_text("utf-8"))
    assert card["plan"]["pages"] == line_reader.TEXT_LINE_READER_PLAN.pages
    (parts,) = load_line_reader(TEXT_LINE_READER_NAME, tmp_path / "models").read_text_lines([made[0]], Charset.DECIMAL)
    assert all(0 <= part.probability <= 1 for part in parts)


def test_lines_of_pages_have_their_share() -> None:
    image = (np.zeros((32, 64), np.uint8),)
    runs, cells, drawn, real = (
        LabelledLines("", image * count, ("1",) * count, separators_omitted=False, source_ids=np.arange(count))
        for count in (30, 10, 5, 4)
    )
    plan = line_reader.LineReaderPlan(runs=0.8, real_first=0.5, real_last=0.5)
    of_pages = line_reader._line_set_shares(line_reader.TrainingLines((runs, cells, drawn, real), 2, ()), plan, 0.0)
    assert of_pages == pytest.approx([0.6, 0.2, 0.1, 0.1])
    assert line_reader._line_set_shares(line_reader.TrainingLines((drawn, real), 0, ()), plan, 0.0) == pytest.approx(
        [0.5, 0.5]
    )
    assert line_reader._line_set_shares(line_reader.TrainingLines((drawn,), 0, ()), plan, 0.0) == pytest.approx([1.0])


def test_a_run_of_the_number_reader_goes_on_where_it_was(tmp_path: Path) -> None:
    plan = line_reader.LineReaderPlan(epochs=2, steps=1, batch=2, processes=1)
    made = (np.full((32, 64), 9, np.uint8),) * 2
    few = LabelledLines("synthetic", made, ("1", "2"), separators_omitted=False, source_ids=np.arange(2))
    lines = line_reader.TrainingLines((few,) * 3, 2, ())
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    line_reader.train(lines, 1, plan, whole, lambda line: None)
    broken.mkdir()
    (broken / "0001.keras").write_bytes((whole / "0001.keras").read_bytes())
    said: list[str] = []
    line_reader.train(lines, 1, plan, broken, said.append)
    assert "1 done" in said[0]
    assert not any("epoch 1/2" in line for line in said)


def test_a_run_of_the_page_network_leaves_weights_and_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = partial(
        page_network.PageNetworkPlan, pages=2, watched=1, scored=1, steps=1, batch=1, crop=(64, 64), processes=1
    )
    monkeypatch.setattr(page_network, "PageNetworkPlan", tiny)
    monkeypatch.setattr(labelled, "resolve_data_folder", lambda option: option)
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    train.train_page_network(None, tmp_path / "models", 1, 1, said.append)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["pages.json", "pages.onnx"]
    assert not [path for path in (tmp_path / "checkpoints").rglob("*") if path.is_file()]
    card = json.loads((tmp_path / "models" / "pages.json").read_text("utf-8"))
    assert card["plan"]["epochs"] == 1
    assert card["classes"][:2] == ["digit", "print"]
    assert set(card["fonts"]["families held aside"]).isdisjoint(card["fonts"]["families"])
    assert all(0 <= score <= 1 for score in card["scores"].values())
    assert any("epoch 1/1" in line for line in said)
    shown = np.zeros((64, 48), np.uint8)
    assert load_page_network(tmp_path / "models").logits(shown).shape == (16, 12, len(card["classes"]))


def test_a_run_of_the_page_network_goes_on_where_it_was(tmp_path: Path) -> None:
    plan = page_network.PageNetworkPlan(epochs=2, processes=1)
    some = PageNetworkSample(np.full((16, 16), 255, np.uint8), np.full((4, 4, 6), 40, np.uint8))
    broken = page_network._compile_network(plan)
    broken.optimizer.build(broken.trainable_variables)
    checkpoints.save_checkpoint(broken, tmp_path, 2)
    said: list[str] = []
    page_network.train([some], (), 1, plan, tmp_path, said.append)
    assert len(said) == 1
    assert "2 done" in said[0]


def test_a_run_without_its_data_says_so_before_it_starts(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such data folder"):
        train.train_digit_cnn(tmp_path / "nowhere", tmp_path, 1, 1, lambda line: None)
